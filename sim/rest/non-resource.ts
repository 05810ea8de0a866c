/** Paths that are no resource: the version, the state of the server, discovery, the OpenAPI documents. */
import type { Kind } from '../api/meta/kind.ts'
import type { ApiServer } from '../apiserver/api-server.ts'
import { missingVersions } from '../apiserver/api-services.ts'
import { goVersion, serverVersion } from '../version.ts'
import { aggregatedDiscovery, coreVersions, groupList, oneGroup, resourceList, type VerbsOf } from './discovery.ts'
import type { RequestCounts } from './metrics.ts'
import { negotiate } from './negotiation.ts'
import { answerOpenApi } from './openapi.ts'
import { type GroupVersion, groupVersions } from './served.ts'
import type { HttpAnswer } from './types.ts'

/** The parts of the server that its health is made of. Source: k8s.io/apiserver/pkg/server/healthz */
const CHECKS = [
  'ping',
  'log',
  'etcd',
  'poststarthook/start-apiserver-admission-initializer',
  'poststarthook/priority-and-fairness-config-consumer',
  'poststarthook/rbac/bootstrap-roles',
  'poststarthook/scheduling/bootstrap-system-priority-classes',
]
/** Only while it starts, or is about to stop, do these say something else than the others. */
const READY_CHECKS = ['informer-sync', 'shutdown']

const text = (body: string, status = 200): HttpAnswer => ({
  kind: 'answer',
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
  body,
})

const json = (value: unknown, contentType = 'application/json'): HttpAnswer => ({
  kind: 'answer',
  status: 200,
  headers: { 'content-type': contentType },
  body: JSON.stringify(value),
})

/** As a person reads it. */
const indented = (value: unknown): HttpAnswer => ({ ...json(value), body: JSON.stringify(value, undefined, 2) })

export const pageNotFound = (): HttpAnswer => text('404 page not found\n', 404)

/** Of a version whose server is away. Source: k8s.io/kube-aggregator/pkg/apiserver/handler_proxy.go */
export const serviceUnavailable = (): HttpAnswer => text('service unavailable\n', 503)

const [, major, minor] = /^v(\d+)\.(\d+)/.exec(serverVersion) ?? []

/** `version.Info` */
const versionInfo = (gitVersion: string) => ({
  major,
  minor,
  emulationMajor: major,
  emulationMinor: minor,
  minCompatibilityMajor: major,
  minCompatibilityMinor: String(Number(minor) - 1),
  gitVersion,
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion,
  compiler: 'gc',
  platform: 'linux/amd64',
})

export interface NonResourceRequest {
  path: string
  query: URLSearchParams
  headers: Readonly<Record<string, string>>
}

/** The answer; undefined where there is no such path. */
export function answerPath(
  { path, query, headers }: NonResourceRequest,
  server: ApiServer,
  kinds: readonly Kind[],
  verbs: VerbsOf,
  counts: RequestCounts,
): HttpAnswer | undefined {
  const trimmed = path.length > 1 ? path.replace(/\/$/, '') : path
  const [root, ...rest] = trimmed.split('/').filter(Boolean)
  const versions = groupVersions(kinds)
  switch (root) {
    case undefined:
      return json({ paths: pathsOf(versions) })
    case 'version':
      return rest.length === 0 ? indented(versionInfo(server.release)) : undefined
    case 'healthz':
    case 'livez':
    case 'readyz':
      return health(server, root, rest.join('/'), query)
    case 'metrics':
      return rest.length === 0 ? text(counts.print(server, kinds)) : undefined
    case 'api':
    case 'apis':
      return discovery(
        root,
        rest,
        { accept: headers.accept, host: headers.host ?? '' },
        withMissing(versions, server),
        verbs,
      )
    case 'openapi':
      return answerOpenApi({ path: rest, query, headers }, versions, verbs)
    default:
      return undefined
  }
}

const pathsOf = (versions: ReturnType<typeof groupVersions>): string[] =>
  [
    '/api',
    '/api/v1',
    '/apis',
    ...versions
      .filter(({ group }) => group)
      .flatMap(({ group, version }) => [`/apis/${group}`, `/apis/${group}/${version}`]),
    ...['healthz', 'livez', 'readyz'].flatMap((root) => [`/${root}`, ...CHECKS.map((check) => `/${root}/${check}`)]),
    '/metrics',
    '/openapi/v2',
    '/openapi/v3',
    '/version',
  ].toSorted()

/** With the versions that others serve, who do not answer. */
function withMissing(versions: readonly GroupVersion[], server: ApiServer): readonly GroupVersion[] {
  const missing = missingVersions(server)
  if (missing.length === 0) return versions
  const isKnown = (one: { group: string; version: string }): boolean =>
    versions.some(({ group, version }) => group === one.group && version === one.version)
  return [...versions, ...missing.filter((one) => !isKnown(one)).map((one) => ({ ...one, kinds: [], isStale: true }))]
}

function discovery(
  root: string,
  rest: readonly string[],
  { accept, host }: { accept: string | undefined; host: string },
  versions: readonly GroupVersion[],
  verbs: VerbsOf,
): HttpAnswer | undefined {
  const isCore = root === 'api'
  if (rest.length === 0) {
    const form = negotiate(accept, ['APIGroupDiscoveryList'])
    if (form.as === 'APIGroupDiscoveryList') {
      const members = versions.filter(({ group }) => (group === '') === isCore)
      return json(
        aggregatedDiscovery(members, verbs, form.version),
        `application/json;g=apidiscovery.k8s.io;v=${form.version};as=APIGroupDiscoveryList`,
      )
    }
    return json(isCore ? coreVersions(host) : groupList(versions))
  }
  const [group, version, ...more] = isCore ? ['', ...rest] : rest
  if (more.length > 0) return undefined
  if (version === undefined) {
    const found = oneGroup(versions, group)
    return found && json(found)
  }
  const found = versions.find((one) => one.group === group && one.version === version)
  return found && json(resourceList(found, verbs))
}

/** Source: k8s.io/apiserver/pkg/server/healthz/healthz.go; a failure is told whole, and why it is one is left out. */
function health(server: ApiServer, root: string, check: string, query: URLSearchParams): HttpAnswer | undefined {
  const all = root === 'readyz' ? [...CHECKS, ...READY_CHECKS] : CHECKS
  const fails = (name: string): boolean => name === 'etcd' && server.members?.isServing === false
  if (check) {
    if (!all.includes(check)) return undefined
    return fails(check) ? text(`internal server error: ${server.members!.whyRefused}\n`, 500) : text('ok')
  }
  const excluded = new Set(query.getAll('exclude'))
  const isFailed = all.some((name) => fails(name) && !excluded.has(name))
  if (!isFailed && !query.has('verbose')) return text('ok')
  const lines = all.map((name) =>
    excluded.has(name)
      ? `[+]${name} excluded: ok`
      : fails(name)
        ? `[-]${name} failed: reason withheld`
        : `[+]${name} ok`,
  )
  const ending = isFailed ? `${root} check failed` : `${root} check passed`
  return text(`${lines.join('\n')}\n${ending}\n`, isFailed ? 500 : 200)
}
