/** What the streaming subresources of Pods have in common: who asks, of which Pod and container, by which query. */
import { pods } from '../../api/core/pod.ts'
import type { Pod } from '../../api/core/pod-types.ts'
import type { ObjectKey } from '../../api/meta/object.ts'
import { badRequest, notFound } from '../../api/meta/status-error.ts'
import type { ApiServer } from '../../apiserver/api-server.ts'
import type { UserInfo } from '../../client/client.ts'

export interface PodRequest {
  user: UserInfo
  /** `GET` for a WebSocket and for logs, `POST` for SPDY. */
  method: string
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>
  key: ObjectKey
  query: URLSearchParams
}

/** @throws StatusError 404 */
export function getPod(server: ApiServer, key: ObjectKey): Pod {
  const pod = server.stored(pods, key)
  if (!pod) throw notFound('pods', key.name)
  return pod
}

/**
 * The container that is meant: the only one unless it is named.
 * Source: kubernetes/pkg/registry/core/pod/strategy.go (validateContainer)
 * @throws StatusError 400 when there is no such container, or several
 */
export function chooseContainer({ metadata, spec }: Pod, name: string): string {
  const all = [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])]
  if (name !== '') {
    if (!all.some((container) => container.name === name))
      throw badRequest(`container ${name} is not valid for pod ${metadata.name}`)
    return name
  }
  if (spec.containers.length === 1) return spec.containers[0].name
  const names = all.map((container) => container.name).join(' ')
  throw badRequest(`a container name must be specified for pod ${metadata.name}, choose one of: [${names}]`)
}

/** @throws StatusError 400 for a Pod that is on no node yet */
export function demandNode(pod: Pod): void {
  if (!pod.spec.nodeName) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`)
}

/**
 * A session may do what a `create` may, whatever the method that opens it.
 * Source: kubernetes/pkg/registry/core/pod/rest/subresources.go (feature AuthorizePodWebsocketUpgradeCreatePermission, on since v1.35)
 * @throws StatusError 403
 */
export function demandSessionRight(
  server: ApiServer,
  { user, method, key }: Pick<PodRequest, 'user' | 'method' | 'key'>,
  subresource: string,
): void {
  if (method === 'GET') server.check({ user }, 'get', pods, key, subresource)
  server.check({ user }, 'create', pods, key, subresource)
}

/** @throws StatusError 400 for a request that does not ask for another protocol */
export function demandUpgrade({ headers }: PodRequest): void {
  if (!/(?:^|[\s,])upgrade(?:$|[\s,])/i.test(headers.connection ?? '')) throw badRequest('Upgrade request required')
}

/** As Go's query conversion reads a boolean. Source: k8s.io/apimachinery/pkg/runtime/converter.go (Convert_Slice_string_To_bool) */
export function flagOf(query: URLSearchParams, name: string): boolean {
  const text = query.get(name)
  return text !== null && text.toLowerCase() !== 'false' && text !== '0'
}

/** @throws StatusError 400 for what is no integer */
export function integerOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  if (!/^[-+]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  return Number(text)
}
