/** Volumes that say by label in which zone they are want a node there. Source: volumezone/volume_zone.go */
import { REGION, ZONE } from '../../api/core/node-topology.ts'
import { persistentVolumes } from '../../api/core/persistent-volume.ts'
import { persistentVolumeClaims } from '../../api/core/persistent-volume-claim.ts'
import type { InformerFactory } from '../../client/machinery.ts'
import { claimKeys, usesClaim } from '../claims.ts'
import { type SchedulerPlugin, StateKey, unresolvable } from '../framework.ts'

const NAME = 'VolumeZone'
const CONFLICT = unresolvable(NAME, 'node(s) had no available volume zone')
const LABELS = [ZONE, REGION]
/** Label of a node, and the values that one volume allows. */
const STATE = new StateKey<readonly { key: string; values: readonly string[] }[]>(NAME)

export function volumeZone(informers: InformerFactory): SchedulerPlugin {
  const claims = informers.informer(persistentVolumeClaims)
  const volumes = informers.informer(persistentVolumes)
  return {
    name: NAME,
    preFilter(cycle) {
      const topologies: { key: string; values: readonly string[] }[] = []
      for (const claimKey of claimKeys(cycle.info)) {
        const name = claims.get(claimKey)?.spec.volumeName
        const labels = name ? (volumes.get({ namespace: '', name })?.metadata.labels ?? {}) : {}
        // Several zones stand in one label, with two underscores between them.
        for (const key of LABELS) if (labels[key]) topologies.push({ key, values: labels[key].split('__') })
      }
      if (topologies.length === 0) return 'skip'
      cycle.write(STATE, topologies)
      return undefined
    },
    filter(cycle, { node }) {
      const labels = node?.metadata.labels ?? {}
      // A node of a cluster without zones is as good as any.
      if (!LABELS.some((key) => labels[key])) return undefined
      const fits = (cycle.read(STATE) ?? []).every(({ key, values }) => values.includes(labels[key] ?? ''))
      return fits ? undefined : CONFLICT
    },
    wakes: (info, event) =>
      (event.on === 'claim' && usesClaim(info, event.claim)) ||
      (event.on === 'volume' && (event.change === 'volume' || event.change === 'class')) ||
      (event.on === 'node' && (event.change === 'add' || event.change === 'labels')),
  }
}
