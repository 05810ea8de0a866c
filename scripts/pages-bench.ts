/** What pages cost: time to the last byte and bytes as they are sent, compressed; and all that a first visit transfers. */
import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { loadCatalogOrThrow } from '../server/catalog/load.ts'
import { parseConfig } from '../server/config.ts'
import { fonts } from '../server/render/fonts.ts'
import { createSite } from '../server/site.ts'
import { createMemoryStore } from '../server/storage/memory.ts'

const pages: Record<string, string> = {
  home: '/',
  lessons: '/lessons',
  lesson: '/lessons/pod/life-of-a-pod',
  questions: '/questions',
  question: '/questions/pod/which-probe',
  challenges: '/challenges',
  workspace: '/challenges/crash-loop',
  study: '/study',
  search: '/search?q=probe',
}
const rounds = 40

export async function benchPages(): Promise<Record<string, number>> {
  const config = parseConfig({ LOG_LEVEL: 'silent', RATE_LIMIT: '1000000', WORKERS: '1', SANDBOX_THREADS: '1' })
  const catalog = await loadCatalogOrThrow('content')
  const site = await createSite({
    config,
    secret: 'a secret of at least thirty-two characters',
    store: createMemoryStore(),
    catalog: () => catalog,
    logger: pino({ level: 'silent' }),
  })
  site.server.listen(0, '127.0.0.1')
  await once(site.server, 'listening')
  const { port } = site.server.address() as AddressInfo
  const agent = new Agent({ keepAlive: true })
  const fetchPage = async (path: string): Promise<{ bytes: number; ms: number }> => {
    const startMs = performance.now()
    const req = request({ port, host: '127.0.0.1', path, agent, headers: { 'accept-encoding': 'gzip' } })
    req.end()
    const [answer] = (await once(req, 'response')) as [IncomingMessage]
    let bytes = 0
    for await (const part of answer) bytes += (part as Buffer).length
    if (answer.statusCode !== 200) throw new Error(`${path}: ${answer.statusCode}`)
    return { bytes, ms: performance.now() - startMs }
  }
  try {
    const figures: Record<string, number> = {}
    for (const [name, path] of Object.entries(pages)) {
      const taken: number[] = []
      let bytes = 0
      await fetchPage(path)
      for (let n = 0; n < rounds; n++) {
        const one = await fetchPage(path)
        taken.push(one.ms)
        bytes = one.bytes
      }
      figures[`${name}P95Ms`] = taken.toSorted((a, b) => a - b)[Math.floor(rounds * 0.95)]!
      figures[`${name}KB`] = bytes / 1024
    }
    let first = (figures.homeKB ?? 0) * 1024
    for (const path of ['/static/app.css', '/static/vendor/htmx.js', '/static/js/app.js', '/static/icon.svg'])
      first += (await fetchPage(path)).bytes
    for (const { path } of fonts) first += (await fetchPage(path)).bytes
    return { ...figures, firstVisitKB: first / 1024 }
  } finally {
    agent.destroy()
    await site.close()
  }
}
