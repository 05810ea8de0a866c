/** Where Prometheus reads: a port of its own, on which nothing else is answered. */
import { createServer, type Server } from 'node:http'
import { surviveErrors } from '../live-response.ts'
import type { Metrics } from './metrics.ts'

/** It does not listen yet. */
export function metricsServer(
  metrics: Pick<Metrics, 'text' | 'contentType'>,
  onError: (error: unknown) => void,
): Server {
  return createServer((req, res) => {
    surviveErrors(res)
    const path = (req.url ?? '').split('?')[0]
    if (path !== '/metrics') return void res.writeHead(404).end()
    if (req.method !== 'GET' && req.method !== 'HEAD') return void res.writeHead(405, { Allow: 'GET, HEAD' }).end()
    // Prometheus is no browser: a page that somebody looks at on this machine asks for nothing here.
    if (req.headers['sec-fetch-site'] !== undefined && req.headers['sec-fetch-site'] !== 'none')
      return void res.writeHead(403).end()
    metrics.text().then(
      (text) => {
        res.writeHead(200, { 'Content-Type': metrics.contentType, 'Cache-Control': 'no-store' })
        res.end(req.method === 'HEAD' ? '' : text)
      },
      (error: unknown) => {
        onError(error)
        res.writeHead(500).end()
      },
    )
  })
}
