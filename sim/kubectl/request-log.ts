/**
 * What -v says of the requests that a line makes, in the lines of client-go's log. Simplified: requests take no time, and bodies that
 * are sent in protobuf are told as JSON.
 * Source: k8s.io/client-go/transport/round_trippers.go and rest/request.go
 */
import type { Kind } from '../api/meta/kind.ts'
import { printSelector } from '../api/meta/label-selector.ts'
import { type KubeObject, keyOf, type ObjectKey } from '../api/meta/object.ts'
import { isStatus, StatusError } from '../api/meta/status-error.ts'
import type {
  ApplyOptions,
  Client,
  DeleteOptions,
  ListOptions,
  PatchType,
  Scale,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from '../client/client.ts'
import type { Link } from '../client/link.ts'
import type { Wait } from '../runtime/process.ts'
import { serverVersion } from '../version.ts'
import type { ExecOutcome, LogRequest, NodeAccess } from './context.ts'
import { pathOf, printQuery, type Query } from './paths.ts'

export interface RequestLog {
  /** The number of -v. */
  verbosity: number
  /** The address of the server. */
  server: string
  /** What answers are asked for as. */
  accept: string
  /** What a table's rows hold besides their cells, when that is asked for. */
  includeObject?: 'Object'
  /** Whether there is a connection already. */
  isConnected?: boolean
  nowEpochMs(): number
  /** A line of the log. */
  write(place: string, text: string): void
  /** The body of the answer to a GET; undefined when nobody answers. */
  read(path: string, accept: string): string | undefined
}

interface Request {
  verb: string
  /** With its query. */
  path: string
  body?: unknown
  contentType?: string
  /** Where in kubectl the body is told of. */
  place: string
  accept?: string
  /** Instead of those of a plain request. */
  headers?: Pairs
}

interface Answer {
  status: number
  body: string
  contentType?: string
}

const SESSION_LEVEL = 5
const REQUEST_LEVEL = 6
const HEADERS_LEVEL = 7
const BODY_LEVEL = 8
const CURL_LEVEL = 9

export const JSON_TYPE = 'application/json'
const patchTypes: Record<PatchType, string> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
}

const reasons: Readonly<Record<number, string>> = {
  101: 'Switching Protocols',
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  409: 'Conflict',
  410: 'Gone',
  413: 'Request Entity Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Entity',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
}

/** Tells of a request that is made, and of its answer or refusal. */
export function tellRequest<T>(log: RequestLog, request: Request, run: () => T, answerOf: (result: T) => Answer): T {
  tellBody(log, request.place, 'Request', request.body === undefined ? '' : JSON.stringify(request.body), request.body)
  tellHead(log, request)
  try {
    const result = run()
    tellAnswer(log, request, answerOf(result))
    return result
  } catch (error) {
    if (error instanceof StatusError) {
      if (error.reason === 'Unreachable') tellAnswer(log, request, { status: 0, body: '' })
      else tellAnswer(log, request, { status: error.code, body: `${JSON.stringify(error.toStatus())}\n` })
    }
    throw error
  }
}

function tellHead(log: RequestLog, { verb, path, contentType, accept = log.accept, headers: own }: Request): void {
  if (log.verbosity < HEADERS_LEVEL) return
  const headers: Pairs = [
    ...(own ?? [['Accept', accept]]),
    ...(contentType ? [['Content-Type', contentType] as const] : []),
    ['User-Agent', `kubectl/${serverVersion} (linux/amd64) kubernetes`],
  ]
  const url = log.server + path
  if (log.verbosity >= CURL_LEVEL) {
    const given = headers.map(([name, value]) => ` -H "${name}: ${value}"`).join('')
    log.write('round_trippers.go:527', `"Request" curlCommand=${quoted(`curl -v -X${verb} ${given} '${url}'\n`)}`)
    return
  }
  log.write('round_trippers.go:527', `"Request" verb="${verb}" url="${url}" headers=${quoted(linesOf(headers))}`)
}

function tellAnswer(log: RequestLog, { verb, path, place }: Request, { status, body, contentType }: Answer): void {
  const { verbosity } = log
  if (verbosity < REQUEST_LEVEL) return
  const isNamed = verbosity < HEADERS_LEVEL || verbosity >= CURL_LEVEL
  const shown = status === 0 ? '' : `${status} ${reasons[status] ?? ''}`
  const headers: [string, string][] = [
    ['Cache-Control', 'no-cache, private'],
    ['Content-Type', contentType ?? JSON_TYPE],
    ['Date', new Date(log.nowEpochMs()).toUTCString()],
  ]
  const parts = [
    '"Response"',
    ...(isNamed ? [`verb="${verb}" url="${log.server}${path}"`] : []),
    `status="${shown}"`,
    ...(verbosity >= BODY_LEVEL ? [`headers=${quoted(status === 0 ? '' : linesOf(headers))}`] : []),
    'milliseconds=0',
    ...(verbosity >= CURL_LEVEL ? ['getConnectionMilliseconds=0 serverProcessingMilliseconds=0'] : []),
  ]
  if (verbosity >= CURL_LEVEL && !log.isConnected) {
    const address = /^\w+:\/\/([^/]+)/.exec(log.server)?.[1] ?? ''
    log.write('round_trippers.go:562', `"HTTP Trace: Dial succeed" network="tcp" address="${address}"`)
  }
  log.isConnected = true
  log.write('round_trippers.go:632', parts.join(' '))
  if (status !== 0 && contentType !== 'text/plain') tellBody(log, place, 'Response', body)
}

/** @param value what the text was made of, when it is told with its line ended */
function tellBody(log: RequestLog, place: string, what: 'Request' | 'Response', text: string, value?: unknown): void {
  if (log.verbosity < BODY_LEVEL || place === '') return
  const isEncoded = what === 'Request' && value !== undefined && !isPatchPlace(place)
  log.write(place, `"${what} Body" body=${quoted(shortened(isEncoded ? `${text}\n` : text, log.verbosity))}`)
}

/** Objects are encoded with a newline behind them; a patch is bytes that somebody made. */
const isPatchPlace = (place: string): boolean => place === places.patch

/** Where kubectl's resource helper makes each kind of request. */
const places = {
  get: 'helper.go:105',
  list: 'helper.go:113',
  create: 'helper.go:246',
  delete: 'helper.go:202',
  patch: 'helper.go:269',
  replace: 'helper.go:292',
} as const

function shortened(text: string, verbosity: number): string {
  const most = verbosity >= 10 ? text.length : verbosity === 9 ? 10_240 : 1024
  return text.length <= most ? text : `${text.slice(0, most)} [truncated ${text.length - most} chars]`
}

const linesOf = (headers: readonly (readonly [string, string])[]): string =>
  headers.map(([name, value]) => `${name}: ${value}\n`).join('')

/** A value as klog prints it: over several lines when it has a newline. Source: k8s.io/klog/v2/internal/serialize */
function quoted(text: string): string {
  if (!text.includes('\n')) return JSON.stringify(text)
  const lines = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')
  return `<\n${lines.map((line) => `\t${line}\n`).join('')} >`
}

const jsonAnswer = (value: unknown, status = 200): Answer => ({ status, body: `${JSON.stringify(value)}\n` })

const listQuery = ({ labelSelector, fieldSelector, limit, ...rest }: ListOptions): Query => ({
  labelSelector: typeof labelSelector === 'object' ? printSelector(labelSelector) : labelSelector,
  fieldSelector,
  limit,
  continue: rest.continue,
  resourceVersion: rest.resourceVersion,
  resourceVersionMatch: rest.resourceVersionMatch,
})

const writeQuery = ({ dryRun, fieldManager, fieldValidation, force }: ApplyOptions): Query => ({
  dryRun: dryRun ? 'All' : undefined,
  fieldManager,
  fieldValidation,
  force,
})

/** A node's answers, told of as the requests that kubectl makes of the API server for them. */
export function loggedNode(node: NodeAccess, log: RequestLog): NodeAccess {
  const pathTo = ({ namespace, pod }: { namespace: string; pod: string }, part: string, query: Query | Pairs): string =>
    `/api/v1/namespaces/${namespace}/pods/${pod}/${part}${printQuery(query)}`
  const session = (path: string, open: () => Wait<ExecOutcome>): Wait<ExecOutcome> => {
    const headers = [['Sec-Websocket-Protocol', CHANNEL_PROTOCOL]] as const
    const run = () =>
      tellRequest(log, { verb: 'GET', path, place: '', headers }, open, () => ({ status: 101, body: '' }))
    return connected(run(), log)
  }
  return {
    logs(request, onText) {
      const path = pathTo(request, 'log', logQuery(request))
      const answer = { status: 200, body: '', contentType: 'text/plain' }
      return tellRequest(
        log,
        { verb: 'GET', path, place: 'logs.go:497', accept: `${JSON_TYPE}, */*` },
        () => node.logs(request, onText),
        () => answer,
      )
    },
    attach(request, onText) {
      const query = {
        container: request.container,
        stderr: true,
        stdin: request.stdin !== undefined || undefined,
        stdout: true,
      }
      return session(pathTo(request, 'attach', query), () => node.attach(request, onText))
    },
    exec(request, streams) {
      const { command, container, stdin, tty } = request
      const pairs: Pairs = [
        ...command.map((word) => ['command', word] as const),
        ['container', container],
        ...(tty ? [] : ([['stderr', 'true']] as const)),
        ...(stdin === undefined ? [] : ([['stdin', 'true']] as const)),
        ['stdout', 'true'],
        ...(tty ? ([['tty', 'true']] as const) : []),
      ]
      return session(pathTo(request, 'exec', pairs), () => node.exec(request, streams))
    },
  }
}

type Pairs = readonly (readonly [string, string])[]

const CHANNEL_PROTOCOL = 'v5.channel.k8s.io'

/** A session over a WebSocket, from its opening to its close. Source: k8s.io/client-go/tools/remotecommand/websocket.go */
function connected(session: Wait<ExecOutcome>, log: RequestLog): Wait<ExecOutcome> {
  log.write('websocket.go:134', `"Subprotocol negotiated" protocol="${CHANNEL_PROTOCOL}"`)
  if (log.verbosity >= SESSION_LEVEL) log.write('websocket.go:269', '"Websocket read starts" deadline="1m1s"')
  return {
    start(resume) {
      return session.start((outcome) => {
        if (log.verbosity >= SESSION_LEVEL) log.write('websocket.go:512', '"Closed channel -- returning"')
        resume(outcome)
      })
    },
  }
}

const logQuery = (request: LogRequest): Query => ({
  container: request.container,
  follow: request.follow || undefined,
  limitBytes: request.limitBytes,
  previous: request.previous || undefined,
  sinceSeconds: request.sinceSeconds,
  sinceTime: request.sinceTime,
  tailLines: request.tailLines,
  timestamps: request.timestamps || undefined,
})

/** A client that tells of each request. */
export class LoggedClient implements Client {
  readonly #client: Client
  readonly #log: RequestLog

  constructor(client: Client, log: RequestLog) {
    this.#client = client
    this.#log = log
  }

  get user() {
    return this.#client.user
  }

  get warnings(): readonly string[] {
    return this.#client.warnings
  }

  get link(): Link | undefined {
    return this.#client.link
  }

  takeChargedMs(): number {
    return this.#client.takeChargedMs?.() ?? 0
  }

  get<T extends KubeObject>(kind: Kind<T>, key: ObjectKey): T {
    const path = pathOf(kind, key)
    return this.#tell({ verb: 'GET', path, place: places.get }, () => this.#client.get(kind, key), this.#reading(path))
  }

  find<T extends KubeObject>(kind: Kind<T>, key: ObjectKey): T | undefined {
    try {
      return this.get(kind, key)
    } catch (error) {
      if (isStatus(error, 'NotFound')) return undefined
      throw error
    }
  }

  list<T extends KubeObject>(kind: Kind<T>, options: ListOptions = {}) {
    const { includeObject } = this.#log
    const path =
      pathOf(kind, { namespace: options.namespace ?? '' }) + printQuery({ ...listQuery(options), includeObject })
    const run = () => this.#client.list(kind, options)
    return this.#tell({ verb: 'GET', path, place: places.list }, run, this.#reading(path))
  }

  create<T extends KubeObject>(kind: Kind<T>, draft: Parameters<Client['create']>[1], options: WriteOptions = {}): T {
    const { namespace = '' } = draft.metadata
    const path = pathOf(kind, { namespace }) + printQuery(writeQuery(options))
    const run = () => this.#client.create(kind as Kind, draft, options) as T
    const request = { verb: 'POST', path, body: draft, contentType: JSON_TYPE, place: places.create }
    return this.#tell(request, run, (made) => this.#object(kind, made, 201))
  }

  update<T extends KubeObject>(kind: Kind<T>, changed: T, options: WriteOptions = {}): T {
    return this.#put(kind, changed, options, options.subresource, () => this.#client.update(kind, changed, options))
  }

  updateStatus<T extends KubeObject>(kind: Kind<T>, changed: T, options: WriteOptions = {}): T {
    return this.#put(kind, changed, options, 'status', () => this.#client.updateStatus(kind, changed, options))
  }

  #put<T extends KubeObject>(kind: Kind<T>, body: T, options: WriteOptions, part: string | undefined, run: () => T): T {
    const path = pathOf(kind, keyOf(body), part) + printQuery(writeQuery(options))
    const request = { verb: 'PUT', path, body, contentType: JSON_TYPE, place: places.replace }
    return this.#tell(request, run, (changed) => this.#object(kind, changed))
  }

  patch<T extends KubeObject>(
    kind: Kind<T>,
    key: ObjectKey,
    type: PatchType,
    body: unknown,
    options: WriteOptions = {},
  ): T {
    const run = () => this.#client.patch(kind, key, type, body, options)
    return this.#patch(kind, pathOf(kind, key, options.subresource), patchTypes[type], body, options, run)
  }

  patchStatus<T extends KubeObject>(
    kind: Kind<T>,
    key: ObjectKey,
    type: PatchType,
    body: unknown,
    options: WriteOptions = {},
  ): T {
    const run = () => this.#client.patchStatus(kind, key, type, body, options)
    return this.#patch(kind, pathOf(kind, key, 'status'), patchTypes[type], body, options, run)
  }

  apply<T extends KubeObject>(kind: Kind<T>, draft: Parameters<Client['apply']>[1], options: ApplyOptions = {}): T {
    const run = () => this.#client.apply(kind as Kind, draft, options) as T
    return this.#patch(
      kind,
      pathOf(kind, keyOf(draft as T), options.subresource),
      'application/apply-patch+yaml',
      draft,
      options,
      run,
    )
  }

  #patch<T extends KubeObject>(
    kind: Kind<T>,
    place: string,
    contentType: string,
    body: unknown,
    options: ApplyOptions,
    run: () => T,
  ): T {
    const path = place + printQuery(writeQuery(options))
    const request = { verb: 'PATCH', path, body, contentType, place: places.patch }
    return this.#tell(request, run, (changed) => this.#object(kind, changed))
  }

  delete<T extends KubeObject>(kind: Kind<T>, key: ObjectKey, options: DeleteOptions = {}): T {
    const { dryRun, ...body } = options
    const run = () => this.#client.delete(kind, key, options)
    const whole = { ...body, ...(dryRun ? { dryRun: ['All'] } : {}) }
    const request = {
      verb: 'DELETE',
      path: pathOf(kind, key),
      body: whole,
      contentType: JSON_TYPE,
      place: places.delete,
    }
    return this.#tell(request, run, (left) => {
      const { name, uid, deletionTimestamp } = left.metadata
      if (deletionTimestamp) return this.#object(kind, left)
      const details = { name, ...(kind.group ? { group: kind.group } : {}), kind: kind.plural, uid }
      return jsonAnswer({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details })
    })
  }

  /** No command asks for it: kubectl deletes objects one by one. */
  deleteCollection<T extends KubeObject>(kind: Kind<T>, selection: ListOptions): readonly T[] {
    return this.#client.deleteCollection(kind, selection)
  }

  getScale(kind: Kind, key: ObjectKey): Scale {
    const path = pathOf(kind, key, 'scale')
    const run = () => this.#client.getScale(kind, key)
    return this.#tell({ verb: 'GET', path, place: places.get }, run, this.#reading(path))
  }

  updateScale(kind: Kind, key: ObjectKey, replicas: number): Scale {
    const request = {
      verb: 'PUT',
      path: pathOf(kind, key, 'scale'),
      body: { spec: { replicas } },
      place: places.replace,
    }
    return this.#tell(request, () => this.#client.updateScale(kind, key, replicas), jsonAnswer)
  }

  createSubresource(kind: Kind, key: ObjectKey, part: string, body: unknown, options: WriteOptions = {}): unknown {
    const path = pathOf(kind, key, part) + printQuery(writeQuery(options))
    const run = () => this.#client.createSubresource(kind, key, part, body, options)
    const request = { verb: 'POST', path, body, contentType: JSON_TYPE, place: places.create }
    return this.#tell(request, run, (made) => jsonAnswer(made, 201))
  }

  watch<T extends KubeObject>(kind: Kind<T>, options: WatchOptions, onEvent: (event: WatchEvent<T>) => void) {
    this.#tellWatch(kind, options, {})
    return this.#client.watch(kind, options, onEvent)
  }

  /** A list and a watch that follows it, which client-go asks for as one stream. @returns what to ask both of */
  asWatchList(kind: Kind, options: ListOptions): Client {
    // Between five and ten minutes, so that not all clients come back at once.
    const timeoutSeconds = String(300 + (this.#log.nowEpochMs() % 300))
    this.#tellWatch(kind, options, {
      allowWatchBookmarks: 'true',
      resourceVersionMatch: 'NotOlderThan',
      sendInitialEvents: 'true',
      timeoutSeconds,
    })
    return this.#client
  }

  #tellWatch(kind: Kind, options: ListOptions, more: Query): void {
    const query = { ...listQuery(options), ...more, watch: true }
    const path = pathOf(kind, { namespace: options.namespace ?? '' }) + printQuery(query)
    const answer = { status: 200, body: '' }
    this.#tell(
      { verb: 'GET', path, place: '' },
      () => undefined,
      () => answer,
    )
  }

  managedFields<T extends KubeObject>(kind: Kind<T>, value: T) {
    return this.#client.managedFields(kind, value)
  }

  #tell<T>(request: Request, run: () => T, answerOf: (result: T) => Answer): T {
    return tellRequest(this.#log, request, run, answerOf)
  }

  /** An object that was written, as the answer has it. */
  #object<T extends KubeObject>(kind: Kind<T>, written: T, status = 200): Answer {
    if (this.#log.verbosity < BODY_LEVEL) return { status, body: '' }
    const { kind: _, apiVersion: __, metadata, ...fields } = written
    const managedFields = this.#client.managedFields(kind, written)
    return jsonAnswer(
      { kind: kind.kind, apiVersion: kind.apiVersion, metadata: { ...metadata, managedFields }, ...fields },
      status,
    )
  }

  /** The answer to a GET as it goes over the wire. */
  #reading(path: string): (result: unknown) => Answer {
    return (result) => {
      const { verbosity, read, accept } = this.#log
      if (verbosity < BODY_LEVEL) return { status: 200, body: '' }
      const body = read(path, accept)
      return body === undefined ? jsonAnswer(result) : { status: 200, body: body.endsWith('\n') ? body : `${body}\n` }
    }
  }
}
