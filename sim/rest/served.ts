/** Which versions of which kinds the API serves: what discovery lists, and what a path may name. */
import { compareVersions } from '../api/apiextensions/kube-version.ts'
import type { Kind } from '../api/meta/kind.ts'

export interface GroupVersion {
  group: string
  version: string
  kinds: readonly Kind[]
  /** Others serve it, and do not answer: nobody knows its kinds. */
  isStale?: boolean
}

/** `v1`, `apps/v1` */
export const apiVersionOf = ({ group, version }: { group: string; version: string }): string =>
  group ? `${group}/${version}` : version

/** Groups in the order that discovery gives them in. Source: kube-apiserver's group priorities */
const GROUP_ORDER = [
  '',
  'apiregistration.k8s.io',
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'discovery.k8s.io',
  'resource.k8s.io',
  'flowcontrol.apiserver.k8s.io',
  'metrics.k8s.io',
]

/** The kinds by the group and version they are served in, each by name. */
export function groupVersions(kinds: readonly Kind[]): readonly GroupVersion[] {
  const byName = new Map<string, Kind[]>()
  for (const kind of kinds) byName.set(kind.apiVersion, [...(byName.get(kind.apiVersion) ?? []), kind])
  const rank = ({ group }: GroupVersion): number => {
    const at = GROUP_ORDER.indexOf(group)
    return at < 0 ? GROUP_ORDER.length : at
  }
  return [...byName.values()]
    .map((members) => ({
      group: members[0].group,
      version: members[0].version,
      kinds: members.toSorted((a, b) => (a.plural < b.plural ? -1 : 1)),
    }))
    .toSorted(
      (a, b) =>
        rank(a) - rank(b) || (a.group < b.group ? -1 : a.group > b.group ? 1 : compareVersions(a.version, b.version)),
    )
}
