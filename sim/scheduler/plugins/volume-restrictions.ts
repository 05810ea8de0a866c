/** A claim that only one Pod may use is used by one Pod. Source: volumerestrictions/volume_restrictions.go */
import { persistentVolumeClaims } from '../../api/core/persistent-volume-claim.ts'
import type { InformerFactory } from '../../client/machinery.ts'
import { claimKeys, usesClaim } from '../claims.ts'
import { type SchedulerPlugin, StateKey, unschedulable } from '../framework.ts'

const NAME = 'VolumeRestrictions'
const IN_USE = unschedulable(
  NAME,
  'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode',
)
/** Names of the Pod's claims that are for one Pod only. */
const STATE = new StateKey<ReadonlySet<string>>(NAME)

export function volumeRestrictions(informers: InformerFactory): SchedulerPlugin {
  const claims = informers.informer(persistentVolumeClaims)
  return {
    name: NAME,
    preFilter(cycle) {
      const exclusive = claimKeys(cycle.info).filter((key) =>
        claims.get(key)?.spec.accessModes?.includes('ReadWriteOncePod'),
      )
      if (exclusive.length === 0) return 'skip'
      cycle.write(STATE, new Set(exclusive.map(({ name }) => name)))
      return undefined
    },
    filter(cycle) {
      const names = cycle.read(STATE)
      const { namespace } = cycle.info.pod.metadata
      const uses = (node: (typeof cycle.nodes)[number]): boolean =>
        [...node.pods.values()].some(
          (other) =>
            other.pod.metadata.namespace === namespace && claimKeys(other).some(({ name }) => names?.has(name)),
        )
      return cycle.nodes.some(uses) ? IN_USE : undefined
    },
    wakes: (info, event) =>
      event.on === 'claim'
        ? event.change === 'add' && usesClaim(info, event.claim)
        : event.on === 'assigned-pod' &&
          event.change === 'delete' &&
          claimKeys(info).some((key) => usesClaim(event.info, key)),
  }
}
