/** What a request is told as, in metrics and traces: the pattern that the site map has, never the path that was sent. */
import type { IncomingMessage } from 'node:http'

/** Of Express, once a route was found. */
interface Routed {
  route?: { path?: unknown }
}

const unrouted = ['/k8s', '/static'] as const
/** A page has no others; whatever else is sent there is refused. */
const pageMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST'])
const apiMethods: ReadonlySet<string> = new Set([...pageMethods, 'PUT', 'PATCH', 'DELETE'])

/** As it was sent: Express changes `url`. */
export const pathOf = (req: IncomingMessage & { originalUrl?: string }): string => req.originalUrl ?? req.url ?? ''

/** Known once the request was answered: `none` for what no route has. */
export function routeOf(req: IncomingMessage & Routed): string {
  const path = pathOf(req)
  const place = unrouted.find((prefix) => path.startsWith(`${prefix}/`))
  if (place) return place
  return typeof req.route?.path === 'string' ? req.route.path : 'none'
}

/** Undefined for one that nothing here is asked by. */
export function methodOf(req: IncomingMessage): string | undefined {
  const methods = routeOf(req) === '/k8s' ? apiMethods : pageMethods
  return methods.has(req.method ?? '') ? req.method : undefined
}
