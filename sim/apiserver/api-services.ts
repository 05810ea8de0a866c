/**
 * Which versions the server serves itself, and which it leaves to others.
 * Sources: kubernetes/pkg/controlplane/apiserver/aggregator.go, k8s.io/kube-aggregator/pkg/{apiserver,controllers/status/remote}
 */
import { apiServices, isMissing, localCondition } from '../api/apiregistration/api-service.ts'
import type { ApiService } from '../api/apiregistration/types.ts'
import { decodeBase64Text } from '../api/meta/base64.ts'
import type { HttpRequest } from '../network/types.ts'
import type { ApiServer } from './api-server.ts'
import { type CallParts, resolveService, whyNot } from './webhooks/call.ts'

/** The priority of each group, and of each of its versions. */
const LOCAL: readonly [group: string, version: string, groupPriority: number, versionPriority: number][] = [
  ['', 'v1', 18_000, 1],
  ['admissionregistration.k8s.io', 'v1', 16_700, 15],
  ['apiextensions.k8s.io', 'v1', 16_700, 15],
  ['apps', 'v1', 17_800, 15],
  ['authentication.k8s.io', 'v1', 17_700, 15],
  ['authorization.k8s.io', 'v1', 17_600, 15],
  ['autoscaling', 'v1', 17_500, 15],
  ['autoscaling', 'v2', 17_500, 30],
  ['batch', 'v1', 17_400, 15],
  ['certificates.k8s.io', 'v1', 17_300, 15],
  ['coordination.k8s.io', 'v1', 16_500, 15],
  ['discovery.k8s.io', 'v1', 16_200, 15],
  ['events.k8s.io', 'v1', 17_750, 15],
  ['flowcontrol.apiserver.k8s.io', 'v1', 16_100, 21],
  ['networking.k8s.io', 'v1', 17_200, 15],
  ['node.k8s.io', 'v1', 16_300, 15],
  ['policy', 'v1', 17_100, 15],
  ['rbac.authorization.k8s.io', 'v1', 17_000, 15],
  ['resource.k8s.io', 'v1', 16_200, 21],
  ['scheduling.k8s.io', 'v1', 16_600, 15],
  ['storage.k8s.io', 'v1', 16_800, 15],
]

/** Puts there what the server registers of itself when it starts. */
export function bootstrapApiServices(server: ApiServer): void {
  const now = server.engine.timestamp()
  const labels = { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' }
  for (const [group, version, groupPriorityMinimum, versionPriority] of LOCAL)
    server.seed(apiServices, {
      metadata: { name: `${version}.${group}`, labels },
      spec: { ...(group ? { group } : {}), groupPriorityMinimum, version, versionPriority },
      status: { conditions: [localCondition(now)] },
    })
}

/** Whether an add-on answers in the place of who would serve the group in a real cluster. */
export const isAnswered = (server: ApiServer, group = ''): boolean =>
  [...server.virtualResources.keys()].some((resource) => resource.endsWith(`.${group}`))

/** Whether a version is for others to serve. */
export function isElsewhere(server: ApiServer, group: string, version: string): boolean {
  const registered = server.stored(apiServices, { namespace: '', name: `${version}.${group}` })
  return registered?.spec.service !== undefined && !isAnswered(server, group)
}

/** The versions that others serve, and do not, by the priority of their groups. */
export const missingVersions = (server: ApiServer): readonly { group: string; version: string }[] =>
  server
    .storedList(apiServices)
    .filter(isMissing)
    .map(({ spec: { group = '', version = '' } }) => ({ group, version }))

const DISCOVERY_TIMEOUT_MS = 5000

/** Asks for the discovery document of a version that others serve. @returns why it is not there; undefined when it is */
export function discoveryFailure(parts: CallParts, service: ApiService): string | undefined {
  const { group, version } = service.spec
  const path = group ? `/apis/${group}/${version}` : `/api/${version}`
  const { namespace = '', name = '', port } = service.spec.service!
  const target = resolveService(parts, { namespace, name, port })
  if ('why' in target) return target.why
  const url = `https://${target.shown}${path}`
  const asked = target.dial
    ? parts.outgoing.ask(target.dial, requestTo(service, path), DISCOVERY_TIMEOUT_MS)
    : ({ ok: false, error: 'refused' } as const)
  const missing = (why: string): string => `failing or missing response from ${url}: ${why}`
  if (!asked.ok) {
    const why =
      asked.error === 'timeout'
        ? 'net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)'
        : whyNot(asked, target.shown)
    return missing(`Get "${url}": ${why}`)
  }
  const { status } = asked.response
  return status < 200 || status >= 300 ? missing(`bad status from ${url}: ${status}`) : undefined
}

/** A request of the aggregator to who serves the version, as the user of the cluster's front proxy. */
function requestTo({ spec }: ApiService, path: string): HttpRequest {
  const { service, caBundle = '', insecureSkipTLSVerify = false } = spec
  return {
    method: 'GET',
    path,
    host: `${service?.name}.${service?.namespace}.svc:${service?.port}`,
    headers: { 'X-Remote-User': 'system:kube-aggregator', 'X-Remote-Group': 'system:masters' },
    scheme: 'https',
    verifies: !insecureSkipTLSVerify,
    authorities: decodeBase64Text(caBundle) ?? '',
  }
}
