/** The subresources of each kind: what discovery says of them. Source: the API reference of v1.36 */
import type { Kind } from '../api/meta/kind.ts'

export interface SubresourceInfo {
  name: string
  /** The kind of what is read and written there, and where that is defined; the resource's own unless told. */
  kind: string
  group: string
  version: string
  verbs: readonly string[]
}

const OBJECT_VERBS = ['get', 'patch', 'update']
/** What may be asked of a process or a server behind the API, whatever the method. */
const CONNECT_VERBS = ['create', 'get']
const PROXY_VERBS = ['create', 'delete', 'get', 'patch', 'update']

const core = (name: string, kind: string, verbs: readonly string[]): SubresourceInfo => ({
  name,
  kind,
  group: '',
  version: 'v1',
  verbs,
})

const OWN: Readonly<Record<string, readonly SubresourceInfo[]>> = {
  Pod: [
    core('attach', 'PodAttachOptions', CONNECT_VERBS),
    core('binding', 'Binding', ['create']),
    { ...core('eviction', 'Eviction', ['create']), group: 'policy' },
    core('exec', 'PodExecOptions', CONNECT_VERBS),
    core('log', 'Pod', ['get']),
    core('portforward', 'PodPortForwardOptions', CONNECT_VERBS),
    core('proxy', 'PodProxyOptions', PROXY_VERBS),
  ],
  Service: [core('proxy', 'ServiceProxyOptions', PROXY_VERBS)],
  Node: [core('proxy', 'NodeProxyOptions', PROXY_VERBS)],
  Namespace: [core('finalize', 'Namespace', ['update'])],
  ServiceAccount: [
    { name: 'token', kind: 'TokenRequest', group: 'authentication.k8s.io', version: 'v1', verbs: ['create'] },
  ],
}

/** Sorted by name. */
export function subresourcesOf(kind: Kind): readonly SubresourceInfo[] {
  const own = { kind: kind.kind, group: kind.group, version: kind.version, verbs: OBJECT_VERBS }
  return [
    ...(kind.group === '' ? (OWN[kind.kind] ?? []) : []),
    ...Object.keys(kind.updates ?? {}).map((name) => ({ ...own, name })),
    ...(kind.hasStatus ? [{ ...own, name: 'status' }] : []),
    ...(kind.scale ? [{ name: 'scale', kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: OBJECT_VERBS }] : []),
  ].toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
