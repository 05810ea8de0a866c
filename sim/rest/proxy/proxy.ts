/**
 * The API server as a proxy: requests to Pods, Services and kubelets behind it. Simplified: pages come as they are, links in them are
 * not rewritten, and no connection is upgraded.
 * Sources: https://kubernetes.io/docs/tasks/access-application-cluster/access-cluster-services/; k8s.io/apimachinery/pkg/util/proxy
 */
import type { Kind } from '../../api/meta/kind.ts'
import { methodNotAllowed, StatusError } from '../../api/meta/status-error.ts'
import type { ApiServer } from '../../apiserver/api-server.ts'
import type { UserInfo } from '../../client/client.ts'
import type { Network } from '../../network/network.ts'
import type { ConnectFailure, HttpResponse, HttpResult } from '../../network/types.ts'
import type { DialKubelet } from '../../nodes.ts'
import { decodeBytes } from '../../runtime/text-bytes.ts'
import { parseAddress, type ResourcePath } from '../paths.ts'
import type { HttpAnswer, HttpRequest } from '../types.ts'
import { askKubelet } from './kubelet-api.ts'
import { nodeTarget, podTarget, serviceTarget, type Target, unreachable } from './target.ts'

export interface ProxyParts {
  server: ApiServer
  network: Network
  kubeletOf: DialKubelet
  /** Lets virtual time pass until it is so, at most that long. */
  wait(isDone: () => boolean, limitMs: number): void
}

const verbOf: Readonly<Record<string, string>> = {
  GET: 'get',
  HEAD: 'get',
  OPTIONS: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}
const patienceMs = 30_000

/** What of a request reaches the other side. Simplified: the others are not in the log of commands, so that they have no effect. */
const passedOn = ['content-type', 'user-agent']

/** Whether a request is for somebody behind the API server, however its path is written: then even a GET may change something. */
export function isProxied(url: string): boolean {
  try {
    return parseAddress(url).resource?.subresource === 'proxy'
  } catch (error) {
    if (error instanceof StatusError) return false
    throw error
  }
}

/** @throws StatusError */
export function proxy(
  parts: ProxyParts,
  kind: Kind,
  path: ResourcePath,
  user: UserInfo,
  request: HttpRequest,
): HttpAnswer {
  const { server } = parts
  const verb = verbOf[request.method]
  if (!verb) throw methodNotAllowed()
  const { namespace, name } = path
  server.check({ user }, verb, kind, { namespace, name }, 'proxy')
  const [ownPath, query] = split(request.url)
  // Source: k8s.io/apimachinery/pkg/util/proxy/upgradeaware.go, which sends those alone
  if (path.rest === '' && (request.method === 'GET' || request.method === 'HEAD'))
    return { kind: 'answer', status: 301, headers: { location: `${ownPath}/${query}` }, body: '' }
  if (kind.kind === 'Node') return asAnswer(askKubelet(parts.kubeletOf, nodeTarget(server, name), path.rest))
  const target = kind.kind === 'Pod' ? podTarget(server, namespace, name) : serviceTarget(server, namespace, name)
  const below = path.rest === '' ? ownPath : ownPath.slice(0, -path.rest.length)
  return asAnswer(withLinksBelow(send(parts, target, `${path.rest || '/'}${query}`, ownPath, request), below))
}

function split(url: string): [path: string, query: string] {
  const mark = url.indexOf('?')
  return mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark)]
}

function send(
  { network, wait }: ProxyParts,
  { scheme, host, port }: Target,
  path: string,
  ownPath: string,
  { method, headers, body }: HttpRequest,
): HttpResponse {
  let result: HttpResult | undefined
  const text = decodeBytes(body)
  const passed = Object.fromEntries(passedOn.flatMap((name) => (headers[name] ? [[titled(name), headers[name]]] : [])))
  const cancel = network.controlPlane.http(
    { host, port },
    {
      method,
      path,
      host: `${host}:${port}`,
      headers: { ...passed, 'X-Forwarded-Uri': ownPath },
      ...(text ? { body: text } : {}),
      scheme,
    },
    patienceMs,
    (given) => {
      result = given
    },
  )
  wait(() => result !== undefined, patienceMs)
  if (result?.ok) return result.response
  cancel()
  throw unreachable(result ? whyNot(result, `${host}:${port}`) : `dial tcp ${host}:${port}: i/o timeout`)
}

function whyNot({ error }: ConnectFailure, address: string): string {
  switch (error) {
    case 'refused':
      return `dial tcp ${address}: connect: connection refused`
    case 'no-route':
      return `dial tcp ${address}: connect: no route to host`
    case 'not-tls':
      return 'http: server gave HTTP response to HTTPS client'
    case 'reset':
      return 'EOF'
    default:
      return `dial tcp ${address}: i/o timeout`
  }
}

/** Tags whose attribute is an address. Source: k8s.io/apimachinery/pkg/util/proxy/transport.go atomsToAttrs */
const link =
  /(<(?:a|area|link|base|img|script|iframe|frame|form|embed|audio|video|source|track|input|object)\b[^>]*?\s(?:href|src|action|data|longdesc|usemap|formaction|poster)=)(["']?)(\/(?!\/)[^"'\s>]*)\2/gi

/** Addresses in pages, and where a redirect leads to, stay below the path by which they were asked for. Source: the same file, rewriteURL */
function withLinksBelow(response: HttpResponse, below: string): HttpResponse {
  const rewritten = (path: string): string => (path.startsWith(below) ? path : `${below}${path}`)
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [
      name,
      name.toLowerCase() === 'location' && /^\/(?!\/)/.test(value) ? rewritten(value) : value,
    ]),
  )
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''
  if (!type.startsWith('text/html')) return { ...response, headers }
  const body = response.body.replaceAll(
    link,
    (_, before: string, quote: string, path: string) => `${before}${quote}${rewritten(path)}${quote}`,
  )
  return { ...response, headers, body }
}

const titled = (name: string): string => name.replace(/(?:^|-)[a-z]/g, (letter) => letter.toUpperCase())

/** Of the connection between the two, not of the answer. */
const hopHeaders = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding'])

function asAnswer({ status, headers, body }: HttpResponse): HttpAnswer {
  const kept = Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), value])
    .filter(([name]) => !hopHeaders.has(name))
  return { kind: 'answer', status, headers: Object.fromEntries(kept), body }
}
