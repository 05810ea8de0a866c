/**
 * Whom a proxied request is for, by its name: `name`, `name:port` or `scheme:name:port`.
 * Sources: kubernetes/pkg/registry/core/pod/strategy.go and service/storage/storage.go (ResourceLocation);
 * k8s.io/apimachinery/pkg/util/net/port_split.go
 */
import { endpoints } from '../../api/core/endpoints.ts'
import { nodes } from '../../api/core/node.ts'
import { pods } from '../../api/core/pod.ts'
import { services } from '../../api/core/service.ts'
import { badRequest, notFound, StatusError } from '../../api/meta/status-error.ts'
import type { ApiServer } from '../../apiserver/api-server.ts'

export interface Target {
  scheme: 'http' | 'https'
  host: string
  port: number
}

export interface NodeTarget {
  name: string
  address: string
}

interface Parts {
  scheme: '' | 'http' | 'https'
  name: string
  port: string
}

function partsOf(id: string): Parts | undefined {
  const words = id.split(':')
  if (words.length > 3) return undefined
  const [scheme, name, port] = words.length === 3 ? words : ['', words[0], words[1] ?? '']
  if (name === '' || (scheme !== '' && scheme !== 'http' && scheme !== 'https')) return undefined
  return { scheme, name, port }
}

const unavailable = (why: string): StatusError => new StatusError(503, 'ServiceUnavailable', why)

/** Nobody answers there. */
export const unreachable = (why: string): StatusError => unavailable(`error trying to reach service: ${why}`)

/** @throws StatusError */
export function podTarget(server: ApiServer, namespace: string, id: string): Target {
  const parts = partsOf(id)
  if (!parts) throw badRequest(`invalid pod request "${id}"`)
  const { scheme, name, port } = parts
  const pod = server.stored(pods, { namespace, name })
  if (!pod) throw notFound('pods', name)
  const declared = pod.spec.containers.flatMap((container) => container.ports ?? [])[0]?.containerPort
  const host = pod.status.podIP
  if (!host) throw badRequest('address not allowed')
  const standard = scheme === 'https' ? 443 : 80
  return { scheme: scheme || 'http', host, port: Number(port) || declared || standard }
}

/** One of the Service's endpoints, by chance. @throws StatusError */
export function serviceTarget(server: ApiServer, namespace: string, id: string): Target {
  const parts = partsOf(id)
  if (!parts) throw badRequest(`invalid service request "${id}"`)
  const { scheme, name } = parts
  let { port } = parts
  const key = { namespace, name }
  const service = server.stored(services, key)
  if (!service) throw notFound('services', name)
  if (/^\d+$/.test(port)) {
    const declared = service.spec.ports?.find((candidate) => String(candidate.port) === port)
    if (!declared) throw unavailable(`no service port ${port} found for service "${name}"`)
    port = declared.name ?? ''
  }
  const found = server.stored(endpoints, key)
  if (!found) throw notFound('endpoints', name)
  const places = (found.subsets ?? []).flatMap(({ addresses = [], ports = [] }) =>
    ports
      .filter((candidate) => (candidate.name ?? '') === port)
      .flatMap((candidate) => addresses.map(({ ip }) => ({ host: ip, port: candidate.port }))),
  )
  if (places.length === 0) throw unavailable(`no endpoints available for service "${name}"`)
  return { scheme: scheme || 'http', ...server.engine.random('apiserver/proxy').pick(places) }
}

/** @throws StatusError */
export function nodeTarget(server: ApiServer, id: string): NodeTarget {
  const parts = partsOf(id)
  if (!parts) throw badRequest(`invalid node request "${id}"`)
  const node = server.stored(nodes, { namespace: '', name: parts.name })
  if (!node) throw notFound('nodes', parts.name)
  const address = node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? ''
  return { name: parts.name, address }
}
