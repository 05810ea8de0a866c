/** To which release an object belongs, as its labels and annotations say. Source: helm.sh/helm/v3/pkg/action/validate.go */
import type { JsonMap } from '../../api/meta/go-json.ts'
import type { ManifestObject } from '../../kubectl/manifests.ts'
import { HelmError } from '../errors.ts'
import type { Cluster } from './cluster.ts'

const managedBy = 'app.kubernetes.io/managed-by'
const releaseName = 'meta.helm.sh/release-name'
const releaseNamespace = 'meta.helm.sh/release-namespace'

export interface Owner {
  name: string
  namespace: string
}

/** The objects with what says whose they are. */
export const owned = (objects: readonly ManifestObject[], { name, namespace }: Owner): ManifestObject[] =>
  objects.map((one) => {
    const metadata = (one.object.metadata ?? {}) as { labels?: JsonMap; annotations?: JsonMap }
    const annotations = { ...metadata.annotations, [releaseName]: name, [releaseNamespace]: namespace }
    const marked = { ...metadata, labels: { ...metadata.labels, [managedBy]: 'Helm' }, annotations }
    return { ...one, object: { ...one.object, metadata: marked } }
  })

/**
 * Those that are there already and belong to the release: they are updated, and not created.
 * @param takes whether others' are taken over
 * @throws HelmError for one that belongs to nobody or somebody else
 */
export function existing(
  cluster: Cluster,
  objects: readonly ManifestObject[],
  owner: Owner,
  takes: boolean,
): ManifestObject[] {
  return objects.filter((object) => {
    const live = cluster.find(object)
    if (!live) return false
    const problems = takes ? [] : problemsOf(live.metadata, owner)
    if (problems.length > 0)
      throw new HelmError(
        `${object.kind.kind} ${JSON.stringify(object.name)} in namespace ${JSON.stringify(object.namespace)} exists and cannot be imported into the current release: invalid ownership metadata; ${problems.join('; ')}`,
      )
    return true
  })
}

function problemsOf(
  { labels = {}, annotations = {} }: { labels?: Record<string, string>; annotations?: Record<string, string> },
  { name, namespace }: Owner,
): string[] {
  const check = (what: string, map: Record<string, string>, key: string, wanted: string): string[] => {
    const value = map[key]
    const [shownKey, shown] = [JSON.stringify(key), JSON.stringify(wanted)]
    if (value === undefined) return [`${what} validation error: missing key ${shownKey}: must be set to ${shown}`]
    return value === wanted
      ? []
      : [`${what} validation error: key ${shownKey} must equal ${shown}: current value is ${JSON.stringify(value)}`]
  }
  return [
    ...check('label', labels, managedBy, 'Helm'),
    ...check('annotation', annotations, releaseName, name),
    ...check('annotation', annotations, releaseNamespace, namespace),
  ]
}
