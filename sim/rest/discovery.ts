/**
 * Discovery: what the API serves, in the aggregated form and in the classic one.
 * Source: https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
 */
import type { Kind } from '../api/meta/kind.ts'
import { apiVersionOf, type GroupVersion } from './served.ts'
import { subresourcesOf } from './subresource-table.ts'

const STORED_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

/** What may be done with a resource. */
export type VerbsOf = (kind: Kind) => readonly string[]

/** @param answered the methods of a virtual resource */
export const verbsOf = (kind: Kind, answered: readonly string[]): readonly string[] => {
  if (kind.isVirtual) return answered.toSorted()
  // A Namespace goes with all that it holds: many at once are not deleted.
  return kind.liesInItself ? STORED_VERBS.filter((verb) => verb !== 'deletecollection') : STORED_VERBS
}

const scopeOf = ({ isNamespaced }: Kind): string => (isNamespaced ? 'Namespaced' : 'Cluster')
const noneIfEmpty = <T>(name: string, list: readonly T[]): Record<string, readonly T[]> =>
  list.length > 0 ? { [name]: list } : {}

/** `APIGroupDiscoveryList` of apidiscovery.k8s.io/v2: all groups at once, or those of `/api`. */
export function aggregatedDiscovery(versions: readonly GroupVersion[], verbs: VerbsOf, version = 'v2') {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: byGroup(versions).map(([group, members]) => ({
      metadata: { ...(group ? { name: group } : {}), creationTimestamp: null },
      versions: members.map((member) => ({
        version: member.version,
        resources: member.kinds.map((kind) => aggregatedResource(kind, verbs)),
        freshness: member.isStale ? 'Stale' : 'Current',
      })),
    })),
  }
}

function aggregatedResource(kind: Kind, verbs: VerbsOf) {
  const subresources = subresourcesOf(kind).map(({ name, kind, group, version, verbs }) => ({
    subresource: name,
    responseKind: { group, version, kind },
    verbs,
  }))
  return {
    resource: kind.plural,
    responseKind: { group: kind.group, version: kind.version, kind: kind.kind },
    scope: scopeOf(kind),
    singularResource: kind.singular,
    verbs: verbs(kind),
    ...noneIfEmpty('shortNames', kind.shortNames),
    ...noneIfEmpty('categories', kind.categories),
    ...noneIfEmpty('subresources', subresources),
  }
}

function byGroup(versions: readonly GroupVersion[]): [string, GroupVersion[]][] {
  const groups = new Map<string, GroupVersion[]>()
  for (const version of versions) groups.set(version.group, [...(groups.get(version.group) ?? []), version])
  return [...groups]
}

/** `APIVersions`: the answer of `/api`. */
export const coreVersions = (host: string) => ({
  kind: 'APIVersions',
  versions: ['v1'],
  serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: host }],
})

/** `APIGroupList`: the answer of `/apis`. */
export const groupList = (versions: readonly GroupVersion[]) => ({
  kind: 'APIGroupList',
  apiVersion: 'v1',
  groups: byGroup(versions)
    .filter(([group]) => group !== '')
    .map(([group, members]) => groupOf(group, members)),
})

function groupOf(group: string, members: readonly GroupVersion[]) {
  const versions = members.map(({ version }) => ({ groupVersion: `${group}/${version}`, version }))
  return { name: group, versions, preferredVersion: versions[0] }
}

/** `APIGroup`: the answer of `/apis/apps`; undefined for a group that is not served. */
export function oneGroup(versions: readonly GroupVersion[], group: string) {
  const members = versions.filter((version) => version.group === group)
  return members.length > 0 ? { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group, members) } : undefined
}

/** `APIResourceList`: the answer of `/api/v1` and of `/apis/apps/v1`. */
export function resourceList(version: GroupVersion, verbs: VerbsOf) {
  const resources = version.kinds.flatMap((kind) => [
    {
      name: kind.plural,
      singularName: kind.singular,
      namespaced: kind.isNamespaced,
      kind: kind.kind,
      verbs: verbs(kind),
      ...noneIfEmpty('shortNames', kind.shortNames),
      ...noneIfEmpty('categories', kind.categories),
    },
    ...subresourcesOf(kind).map((sub) => ({
      name: `${kind.plural}/${sub.name}`,
      singularName: '',
      namespaced: kind.isNamespaced,
      ...(sub.group !== kind.group ? { group: sub.group, version: sub.version } : {}),
      kind: sub.kind,
      verbs: sub.verbs,
    })),
  ])
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersionOf(version), resources }
}
