/** A node takes no more volumes of a driver than the driver can attach there. Source: nodevolumelimits/csi.go */
import { persistentVolumes } from '../../api/core/persistent-volume.ts'
import { persistentVolumeClaims } from '../../api/core/persistent-volume-claim.ts'
import { keyText, type ObjectKey } from '../../api/meta/object.ts'
import { csiNodes } from '../../api/storage/csi-node.ts'
import { storageClasses } from '../../api/storage/storage-class.ts'
import { volumeAttachments } from '../../api/storage/volume-attachment.ts'
import type { InformerFactory } from '../../client/machinery.ts'
import { claimKeys, usesClaim } from '../claims.ts'
import { type SchedulerPlugin, StateKey, unschedulable } from '../framework.ts'
import type { NodeInfo } from '../node-info.ts'
import type { PodInfo } from '../pod-info.ts'

const NAME = 'NodeVolumeLimits'
const TOO_MANY = unschedulable(NAME, 'node(s) exceed max volume count')
const BY_NODE = 'spec.nodeName'

/** Volumes, each with its driver. */
type Volumes = ReadonlyMap<string, string>
const STATE = new StateKey<Volumes>(NAME)

export function nodeVolumeLimits(informers: InformerFactory): SchedulerPlugin {
  const claims = informers.informer(persistentVolumeClaims)
  const volumes = informers.informer(persistentVolumes)
  const classes = informers.informer(storageClasses)
  const drivers = informers.informer(csiNodes)
  const attachments = informers.informer(volumeAttachments)
  attachments.addIndex(BY_NODE, ({ spec }) => [spec.nodeName])

  /** The volume of a claim, or the one it will get, with its driver; undefined when no driver is known. */
  function volumeOf(key: ObjectKey): readonly [volume: string, driver: string] | undefined {
    const claim = claims.get(key)
    if (!claim) return undefined
    const { volumeName, storageClassName } = claim.spec
    const bound = volumeName ? volumes.get({ namespace: '', name: volumeName }) : undefined
    if (bound)
      return bound.spec.csi && [`${bound.spec.csi.driver}/${bound.spec.csi.volumeHandle}`, bound.spec.csi.driver]
    const driver = storageClassName && classes.get({ namespace: '', name: storageClassName })?.provisioner
    return driver ? [`${driver}/claim ${keyText(key)}`, driver] : undefined
  }

  function volumesOf(info: PodInfo): Volumes {
    const found = new Map<string, string>()
    for (const key of claimKeys(info)) {
      const volume = volumeOf(key)
      if (volume) found.set(...volume)
    }
    return found
  }

  /** What the node's Pods use, and what is attached to it all the same. */
  function inUse(node: NodeInfo): Volumes {
    const used = new Map<string, string>()
    for (const info of node.pods.values()) for (const [volume, driver] of volumesOf(info)) used.set(volume, driver)
    for (const { spec } of attachments.byIndex(BY_NODE, node.name)) {
      const csi = volumes.get({ namespace: '', name: spec.source.persistentVolumeName ?? '' })?.spec.csi
      if (csi) used.set(`${csi.driver}/${csi.volumeHandle}`, csi.driver)
    }
    return used
  }

  return {
    name: NAME,
    preFilter(cycle) {
      if (claimKeys(cycle.info).length === 0) return 'skip'
      cycle.write(STATE, volumesOf(cycle.info))
      return undefined
    },
    filter(cycle, node) {
      const wanted = cycle.read(STATE)
      if (!wanted || wanted.size === 0) return undefined
      const limits = new Map(
        (drivers.get({ namespace: '', name: node.name })?.spec.drivers ?? []).flatMap(({ name, allocatable }) =>
          allocatable?.count === undefined ? [] : [[name, allocatable.count] as const],
        ),
      )
      if (limits.size === 0) return undefined
      const used = inUse(node)
      const counts = new Map<string, number>()
      const count = (driver: string): void => void counts.set(driver, (counts.get(driver) ?? 0) + 1)
      for (const driver of used.values()) count(driver)
      const added = new Set<string>()
      for (const [volume, driver] of wanted) {
        if (used.has(volume)) continue
        count(driver)
        added.add(driver)
      }
      for (const driver of added)
        if ((counts.get(driver) ?? 0) > (limits.get(driver) ?? Number.POSITIVE_INFINITY)) return TOO_MANY
      return undefined
    },
    wakes(info, event) {
      if (event.on === 'claim') return event.change === 'add' && usesClaim(info, event.claim)
      if (event.on === 'volume') return event.change === 'attachment' || event.change === 'csi-node'
      return event.on === 'assigned-pod' && event.change === 'delete' && claimKeys(event.info).length > 0
    },
  }
}
