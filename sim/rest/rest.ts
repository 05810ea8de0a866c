/**
 * The Kubernetes HTTP API of a cluster: a request in, an answer or a stream out. Authentication, then the path, then the verb; the
 * rest of the chain is the API server's. Source: https://kubernetes.io/docs/reference/using-api/api-concepts/
 */
import { type Kind, resourceName } from '../api/meta/kind.ts'
import { methodNotAllowed, noSuchPath, notFound, StatusError } from '../api/meta/status-error.ts'
import type { ApiServer } from '../apiserver/api-server.ts'
import { isElsewhere } from '../apiserver/api-services.ts'
import type { UserInfo } from '../client/client.ts'
import { BudgetError } from '../engine/engine.ts'
import { budgeted, stepsPerSecond } from '../engine/work.ts'
import { printYaml } from '../kubectl/printers/yaml.ts'
import { wantsPrettyJson } from '../text/pretty-json.ts'
import { authenticate, type Sender } from './authentication.ts'
import { isProtobuf } from './bodies.ts'
import { verbsOf } from './discovery.ts'
import { type CountedRequest, RequestCounts } from './metrics.ts'
import { PROTOBUF, prefersYaml, speaksProtobufAlone } from './negotiation.ts'
import { answerPath, pageNotFound, serviceUnavailable } from './non-resource.ts'
import { readOptions } from './options.ts'
import { type Address, parseAddress, type ResourcePath } from './paths.ts'
import { decodeProtobuf, type ExpectedKind } from './protobuf/decode.ts'
import { encodeProtobuf } from './protobuf/encode.ts'
import { isProxied, type ProxyParts, proxy } from './proxy/proxy.ts'
import { callerOf, create, get, list, patch, type ResourceRequest, remove, update, watch } from './resources.ts'
import { apiVersionOf } from './served.ts'
import type { StreamingDeps } from './streaming/sessions.ts'
import { findStream } from './streaming/streams.ts'
import { subresourcesOf } from './subresource-table.ts'
import type { HttpAnswer, HttpOutcome, HttpRequest } from './types.ts'
import { otherVersions } from './versions/registry.ts'
import type { OtherVersion } from './versions/version.ts'

export interface RestOptions {
  server: ApiServer
  /** All that are served. */
  kinds: readonly Kind[]
  streaming: StreamingDeps
  proxying: ProxyParts
}

export interface Rest {
  /** The same request with a body of text: what was sent as protobuf is JSON from here on. One that cannot be read stays as it is. */
  readable(request: HttpRequest): HttpRequest
  /**
   * @param sender whom the connection names
   * @param isLogged it happens again in a replay: who asks for metrics so is told of such requests alone
   */
  handle(request: HttpRequest, sender: Sender, isLogged: boolean): HttpOutcome
}

/** What may be done with a part of an object, by method. */
const VERB_OF: Readonly<Record<string, string>> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

export function createRest({ server, kinds, streaming, proxying }: RestOptions): Rest {
  /** Of all requests, and of those that a replay has. */
  const counts = { all: new RequestCounts(), logged: new RequestCounts() }
  const byPath = new Map<string, { kind: Kind; version: OtherVersion | undefined }>()
  for (const kind of kinds) byPath.set(pathKey(kind), { kind, version: undefined })
  for (const version of otherVersions) byPath.set(pathKey(version.kind), { kind: version.stored, version })
  const own = [...kinds, ...otherVersions.map(({ kind }) => kind)]
  const verbs = (kind: Kind): readonly string[] => verbsOf(kind, kind.isVirtual ? server.virtualVerbs(kind) : [])

  const findServed = (path: ResourcePath | undefined) => {
    if (!path) return undefined
    const key = `${path.group}/${path.version}/${path.resource}`
    const custom = byPath.has(key) ? undefined : server.customResources.kinds.find((kind) => pathKey(kind) === key)
    return custom ? { kind: custom, version: undefined } : byPath.get(key)
  }

  /** Below a version of the server's own, what there is not is told as everything there is. */
  const isOfServedVersion = (path: string): boolean => {
    const [, root, ...parts] = path.split('/')
    if (root === 'api') return parts[0] !== undefined && parts[0] !== ''
    return root === 'apis' && own.some(({ apiVersion }) => apiVersion === `${parts[0]}/${parts[1]}`)
  }

  function respond(
    request: HttpRequest,
    user: UserInfo,
    address: Address,
    warnings: Set<string>,
    seen: RequestCounts,
    spend: (ms: number) => void,
  ): HttpOutcome {
    const { path, query, resource } = address
    // Simplified: nothing is handed on to others who serve a version.
    const [, root, group, ownVersion] = path.split('/')
    if (root === 'apis' && ownVersion && isElsewhere(server, group, ownVersion)) return serviceUnavailable()
    const found = findServed(resource)
    if (!resource || !found) {
      const verb = request.method.toLowerCase()
      const { allowed } = server.authorization.authorizePath(user, verb, path)
      if (!allowed)
        throw new StatusError(
          403,
          'Forbidden',
          `forbidden: User ${JSON.stringify(user.name)} cannot ${verb} path ${JSON.stringify(path)}`,
          {},
        )
      const isRead = request.method === 'GET' || request.method === 'HEAD'
      const served = [...own, ...server.customResources.kinds]
      const answer = isRead && answerPath({ path, query, headers: request.headers }, server, served, verbs, seen)
      if (answer) return root === 'api' || root === 'apis' ? laidOut(answer, request) : answer
      if (isOfServedVersion(path)) throw noSuchPath()
      return pageNotFound()
    }
    const { kind, version } = found
    const { subresource } = resource
    const isElsewhereThan =
      (resource.namespace && !kind.isNamespaced) || (resource.name && kind.isNamespaced && !resource.namespace)
    const isPartUnknown = subresource && !subresourcesOf(kind).some(({ name }) => name === subresource)
    // Source: k8s.io/apiextensions-apiserver/pkg/apiserver/customresource_handler.go
    if (isElsewhereThan && kind.custom) return pageNotFound()
    if (isPartUnknown && kind.custom) throw notFound(resourceName(kind), resource.name)
    if (isElsewhereThan || isPartUnknown) throw noSuchPath()
    const stream = findStream(kind, subresource)
    if (stream) {
      const { method, headers } = request
      const { namespace, name } = resource
      return stream(streaming, { user, method, headers, key: { namespace, name }, query })
    }
    if (subresource === 'proxy') return proxy(proxying, kind, resource, user, request)
    const part = subresourcesOf(kind).find(({ name }) => name === subresource)
    if (part && !part.verbs.includes(VERB_OF[request.method])) throw methodNotAllowed()
    const asked: ResourceRequest = {
      server,
      kind,
      version,
      path: resource,
      query,
      headers: request.headers,
      body: request.body,
      caller: { ...callerOf(user, request.headers['user-agent'], warnings, spend), group: version?.kind.group },
      answer: (value, status = 200) => objectAnswer(value, status, warnings, request.headers.accept, isPretty(request)),
    }
    return perform(request.method, asked)
  }

  /** Whether the names of the path are some of the server's own, of which there are only so many. */
  function isServed({ path, resource }: Address): boolean {
    if (!resource) return ROOTS.has(path.split('/')[1])
    const { kind } = findServed(resource) ?? {}
    const { subresource } = resource
    return kind !== undefined && (subresource === '' || subresourcesOf(kind).some(({ name }) => name === subresource))
  }

  /** What the body of a request to that path holds. */
  function expectedIn({ method, url }: HttpRequest): ExpectedKind {
    const { resource } = parseAddress(url)
    const found = findServed(resource)
    if (!resource || !found || method === 'DELETE') return { apiVersion: 'v1', kind: 'DeleteOptions' }
    const kind = found.version?.kind ?? found.kind
    const part = subresourcesOf(kind).find(({ name }) => name === resource.subresource)
    return part ? { apiVersion: apiVersionOf(part), kind: part.kind } : kind
  }

  return {
    readable(request) {
      if (!isProtobuf(request.headers['content-type'])) return request
      const read = (): HttpRequest => {
        const object = request.body.length > 0 ? decodeProtobuf(request.body, expectedIn(request)) : undefined
        const body = new TextEncoder().encode(object ? JSON.stringify(object) : '')
        return { ...request, headers: { ...request.headers, 'content-type': 'application/json' }, body }
      }
      try {
        return budgeted(requestSteps, read, () => request)
      } catch (error) {
        // Whoever handles it finds the same, and answers it.
        if (error instanceof StatusError) return request
        throw error
      }
    },
    handle: (request, sender, isLogged) =>
      budgeted(
        requestSteps,
        () => handle(request, sender, isLogged),
        () => failureAnswer(tookTooLong(), new Set(), request),
      ),
  }

  function handle(request: HttpRequest, sender: Sender, isLogged: boolean): HttpOutcome {
    // Whoever comes here has found a way, and has trusted it or did not ask.
    const { failure } = server.process
    if (failure !== undefined) return { kind: 'no-answer', why: failure }
    const warnings = new Set<string>()
    let address: Address | undefined
    let user: UserInfo | undefined
    let outcome: HttpOutcome
    let afterMs = 0
    try {
      address = parseAddress(request.url)
      user = authenticate(server, request.headers, sender, pathOf(request.url))
      outcome = respond(request, user, address, warnings, isLogged ? counts.logged : counts.all, (ms) => {
        afterMs += ms
      })
    } catch (error) {
      outcome = failureAnswer(error, warnings, request)
    }
    if (afterMs > 0 && outcome.kind === 'answer') outcome.afterMs = afterMs
    if ('status' in outcome && address) {
      const counted = countedAs(request.method, isServed(address) ? address : unserved, outcome.status)
      counts.all.note(counted)
      if (isLogged) counts.logged.note(counted)
      if (user && !isLongRunning(address))
        Object.assign(outcome.headers, flowHeaders(server, user, request.method, address))
    }
    return outcome
  }
}

/** Of computing that one request may take: half a second, where a real server gives it a minute. */
const requestSteps = stepsPerSecond / 2

/** Source: k8s.io/apiserver/pkg/server/filters/timeout.go */
const tookTooLong = (): StatusError =>
  new StatusError(504, 'Timeout', 'Timeout: request did not complete within the allotted timeout')

const pathKey = ({ group, version, plural }: Kind): string => `${group}/${version}/${plural}`

/** Whether the request changes nothing, whatever comes of it. */
export const isRead = ({ method, url }: HttpRequest): boolean => READS.has(method) && !isProxied(url)

const READS = new Set(['GET', 'HEAD', 'OPTIONS'])

function perform(method: string, request: ResourceRequest): HttpOutcome {
  const { path } = request
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (path.name === '') return list(request)
      return path.isWatch ? watch(request, readOptions(request.query, true)) : get(request)
    case 'POST':
      return create(request)
    case 'PUT':
      if (path.name === '') throw methodNotAllowed()
      return update(request)
    case 'PATCH':
      if (path.name === '') throw methodNotAllowed()
      return patch(request)
    case 'DELETE':
      return remove(request)
    default:
      throw methodNotAllowed()
  }
}

const isPretty = ({ headers, url }: HttpRequest): boolean => wantsPrettyJson(url, headers)

/** What is told of what there is, for a person where one asks. */
function laidOut(answer: HttpAnswer, request: HttpRequest): HttpAnswer {
  const isJson = answer.headers['content-type']?.startsWith('application/json')
  if (!isJson || typeof answer.body !== 'string' || !isPretty(request)) return answer
  return { ...answer, body: `${JSON.stringify(JSON.parse(answer.body), null, 2)}\n` }
}

/** Others cannot stand in a header, and are left out. Source: k8s.io/apimachinery/pkg/util/net/http.go NewWarningHeader */
const isOneLine = (text: string): boolean => !/[\p{Cc}\p{Surrogate}]/u.test(text)

const warningHeader = (text: string): string => `299 - "${text.replaceAll(/["\\]/g, '\\$&')}"`

/** Of the texts of all warnings, and of one where together they are longer, in runes. */
const mostOfWarnings = 4096
const mostOfOneWarning = 256

/**
 * What stands in the header: all that was warned of, or, where that is too long, the beginning of each until it is enough.
 * Source: k8s.io/apiserver/pkg/endpoints/filters/warning.go AddWarning
 */
function warningsThatFit(warnings: ReadonlySet<string>): string[] {
  const whole: string[] = []
  const begun: string[] = []
  let lengthOfWhole = 0
  let lengthOfBegun = 0
  for (const text of warnings) {
    if (!isOneLine(text)) continue
    const runes = [...text]
    if (lengthOfWhole > mostOfWarnings && lengthOfBegun >= mostOfWarnings) break
    const begin = runes.slice(0, mostOfOneWarning)
    lengthOfWhole += runes.length
    lengthOfBegun += begin.length
    whole.push(text)
    begun.push(begin.join(''))
  }
  return lengthOfWhole > mostOfWarnings ? begun : whole
}

function objectAnswer(
  value: unknown,
  status: number,
  warnings: ReadonlySet<string>,
  accept: string | undefined,
  pretty = false,
): HttpAnswer {
  const warning = warningsThatFit(warnings).map(warningHeader).join(', ')
  const { type, body } = contentOf(value, accept, pretty)
  const headers = { 'cache-control': 'no-cache, private', 'content-type': type, ...(warning ? { warning } : {}) }
  return { kind: 'answer', status, headers, body }
}

function contentOf(
  value: unknown,
  accept: string | undefined,
  pretty: boolean,
): { type: string; body: HttpAnswer['body'] } {
  // What has no message is told in JSON, as nothing better can be done.
  const encoded = speaksProtobufAlone(accept) ? encodeProtobuf(value as Record<string, unknown>) : undefined
  if (encoded) return { type: PROTOBUF, body: encoded }
  if (prefersYaml(accept)) return { type: 'application/yaml', body: printYaml(value) }
  return { type: 'application/json', body: `${JSON.stringify(value, null, pretty ? 2 : undefined)}\n` }
}

/** What is thrown as the `Status` that a client gets. Bugs are not turned into answers. */
function failureAnswer(error: unknown, warnings: ReadonlySet<string>, request: HttpRequest): HttpAnswer {
  const status = statusOf(error)
  const answer = objectAnswer(status.toStatus(), status.code, warnings, request.headers.accept, isPretty(request))
  const seconds = status.details?.retryAfterSeconds
  if (seconds !== undefined) answer.headers['retry-after'] = String(seconds)
  return answer
}

function statusOf(error: unknown): StatusError {
  if (error instanceof StatusError) return error
  if (error instanceof BudgetError)
    return new StatusError(403, 'Forbidden', `the sandbox's budget is used up: ${error.message}`)
  if (error instanceof RangeError && /call stack/i.test(error.message))
    return new StatusError(400, 'BadRequest', 'the body of the request is nested too deeply')
  // A text or a number that is longer than the language lets one be.
  if (error instanceof RangeError)
    return new StatusError(
      413,
      'RequestEntityTooLarge',
      'Request entity too large: what it asks for does not fit into memory',
    )
  throw error
}

/** The first parts of the paths that are no resources. */
const pathOf = (url: string): string => url.split('?', 1)[0]!

const ROOTS = new Set(['', 'api', 'apis', 'healthz', 'livez', 'metrics', 'openapi', 'readyz', 'version'])
/** As what a path is counted that names nothing. */
const unserved: Address = { path: '/', query: new URLSearchParams(), resource: undefined }

const LONG_RUNNING = new Set(['attach', 'exec', 'log', 'portforward', 'proxy'])

/** Nothing limits them. Source: k8s.io/apiserver/pkg/server/filters/priority-and-fairness.go */
const isLongRunning = ({ resource }: Address): boolean => LONG_RUNNING.has(resource?.subresource ?? '')

/** Which FlowSchema the request belongs to, and which level. Source: flowcontrol.ResponseHeader… of k8s.io/api/flowcontrol */
function flowHeaders(
  { flowControl }: ApiServer,
  user: UserInfo,
  method: string,
  address: Address,
): Record<string, string> {
  const { resource, path } = address
  const found = flowControl.classify(
    resource
      ? { user, resource: { ...resource, verb: countedAs(method, address, 0).verb.toLowerCase() } }
      : { user, verb: method.toLowerCase(), path },
  )
  if (!found) return {}
  return {
    'x-kubernetes-pf-flowschema-uid': found.schema.metadata.uid,
    'x-kubernetes-pf-prioritylevel-uid': found.level.metadata.uid,
  }
}

const VERBS: Readonly<Record<string, string>> = { POST: 'POST', PUT: 'PUT', PATCH: 'PATCH', DELETE: 'DELETE' }

function countedAs(method: string, { query, resource, path }: Address, code: number): CountedRequest {
  const named: Partial<ResourcePath> = resource ?? {}
  const isWatch = named.isWatch || (query.has('watch') && query.get('watch') !== 'false')
  const read = isWatch ? 'WATCH' : named.resource && !named.name ? 'LIST' : 'GET'
  const verb = VERBS[method] ?? read
  return {
    verb: verb === 'DELETE' && named.resource && !named.name ? 'DELETECOLLECTION' : verb,
    group: named.group ?? '',
    version: named.version ?? '',
    resource: named.resource ?? '',
    subresource: resource ? resource.subresource : path.split('/')[1],
    scope: !resource ? '' : named.name ? 'resource' : named.namespace ? 'namespace' : 'cluster',
    code,
  }
}
