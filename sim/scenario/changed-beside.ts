/** Two runs of one scenario in which one manifest was another: what they differ in besides what it was to be changed in. */
import { resourceName } from '../api/meta/kind.ts'
import type { KubeObject } from '../api/meta/object.ts'
import { kinds } from '../api/registry.ts'
import type { LiveCluster } from '../cluster.ts'
import { said } from '../engine/said.ts'
import { escaped, fieldsOf } from './checks/unchanged.ts'

/** What nobody decides, or what follows from the rest. */
const left: readonly string[] = [
  ...['status', 'metadata.uid', 'metadata.resourceVersion', 'metadata.generation', 'metadata.creationTimestamp'],
  ...['metadata.managedFields', 'metadata.annotations', 'spec.clusterIP', 'spec.clusterIPs'],
]
/** Kinds whose objects the cluster makes and keeps. */
const ownLife: ReadonlySet<string> = new Set(['Event', 'Lease', 'Endpoints'])

/**
 * @param meant the run with a manifest as it should be, at the moment at which that was applied @param now the other one, at the same moment
 * @param work what may be others: `KIND/NAME`, or `KIND/NAME FIELD` for a part of it, with `*` for any name or place
 * @returns the first difference in words; undefined for none
 */
export function changedBeside(meant: LiveCluster, now: LiveCluster, work: readonly string[]): string | undefined {
  const patterns = work.map(readPattern)
  for (const kind of kinds) {
    const isFree = (name: string): boolean =>
      patterns.some(({ called, field }) => field === undefined && called.test(`${kind.kind}/${name}`))
    const listOf = (cluster: LiveCluster): ReadonlyMap<string, KubeObject> =>
      new Map(
        cluster
          .objects(resourceName(kind))
          .filter((object) => isDecided(kind.kind, object) && !isFree(object.metadata.name))
          .map((object) => [`${object.metadata.namespace ?? ''}/${object.metadata.name}`, object]),
      )
    const [then, own] = [listOf(meant), listOf(now)]
    for (const [key, object] of own) {
      const called = `${kind.kind}/${object.metadata.name}`
      const before = then.get(key)
      if (!before) return said`${called} was added`
      const free = patterns.flatMap(({ called: pattern, field }) => (field && pattern.test(called) ? [field] : []))
      const [a, b] = [before, object].map((one) => fieldsOf(one, [...left, ...free]))
      const path = [...a!.keys(), ...b!.keys()].find((one) => a!.get(one) !== b!.get(one))
      if (path !== undefined) return said`${called} was changed: ${path}`
    }
    for (const [key, { metadata }] of then) if (!own.has(key)) return said`${kind.kind}/${metadata.name} is missing`
  }
  return undefined
}

/** Nothing that a controller made for something else: a slice of its own has a label, and no owner while its Service is away. */
const isDecided = (kind: string, { metadata: { labels, ownerReferences = [] } }: KubeObject): boolean =>
  !ownLife.has(kind) &&
  ownerReferences.length === 0 &&
  !labels?.['endpointslice.kubernetes.io/managed-by']?.includes('k8s.io')

function readPattern(text: string): { called: RegExp; field: string | undefined } {
  const [, called, field] = /^([A-Z]\w*\/[^/ ]+)(?: ([a-z][\w.*-]*))?$/.exec(text) ?? []
  if (called === undefined) throw new Error(`what may be changed is KIND/NAME or KIND/NAME FIELD; not: ${text}`)
  return { called: new RegExp(`^${called.split('*').map(escaped).join('[^/]*')}$`), field }
}
