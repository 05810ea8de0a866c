/**
 * The provisioners and resizers of the storage that is simulated: they make volumes for claims, delete them afterwards, and
 * make them larger. Simplified: on a real cluster each driver has Pods of its own that do this.
 * Source: https://kubernetes.io/docs/concepts/storage/dynamic-provisioning/, kubernetes-csi/external-provisioner, external-resizer
 */

import { nodes } from '../../api/core/node.ts'
import { classOf } from '../../api/core/persistent-volume/access-modes.ts'
import { needsNodeExpansion } from '../../api/core/persistent-volume/csi-drivers.ts'
import {
  PROVISIONED_BY,
  provisionedName,
  SELECTED_NODE,
  STORAGE_PROVISIONER,
} from '../../api/core/persistent-volume/match.ts'
import { persistentVolumes } from '../../api/core/persistent-volume.ts'
import { persistentVolumeClaims } from '../../api/core/persistent-volume-claim.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/core/storage-types.ts'
import type { Node } from '../../api/core/types.ts'
import { keyOf, keyText, parseKeyText } from '../../api/meta/object.ts'
import { compareQuantities, quantityValue } from '../../api/meta/quantity.ts'
import { isStatus } from '../../api/meta/status-error.ts'
import { allowsNode } from '../../api/storage/allowed-topologies.ts'
import { storageClasses } from '../../api/storage/storage-class.ts'
import type { StorageClass } from '../../api/storage/types.ts'
import type { ComponentContext, ControllerSpec, RunningComponent } from '../../client/machinery.ts'
import { csiDisksOf } from '../../storage/csi-disks.ts'
import { createListening } from '../handlers.ts'
import { PROVISIONER_FINALIZER, planVolume } from './plan.ts'
import { findProvisioner } from './provisioners.ts'

/** How long a driver takes to make, delete or enlarge a volume. */
const DRIVER_MS = 1000
/** --retry-interval-start and --retry-interval-max of external-provisioner */
const FIRST_RETRY_MS = 1000
const LAST_RETRY_MS = 300_000
const RESIZING = 'Resizing'
const RESIZE_PENDING = 'FileSystemResizePending'

export const volumeProvisioner: ControllerSpec = {
  name: 'volume-provisioner',
  serviceAccount: 'csi-provisioner',
  watches: [persistentVolumes, persistentVolumeClaims, storageClasses, nodes],
  start: startVolumeProvisioner,
}

function startVolumeProvisioner(context: ComponentContext): RunningComponent {
  const { engine, client, informers } = context
  const claimInformer = informers.informer(persistentVolumeClaims)
  const volumeInformer = informers.informer(persistentVolumes)
  const classInformer = informers.informer(storageClasses)
  const nodeInformer = informers.informer(nodes)
  const random = engine.random('volume-provisioner')
  const disks = csiDisksOf(engine)
  const claimQueue = context.queue({
    name: 'provision',
    metricName: null,
    reconcile: syncClaim,
    baseDelayMs: 1000,
    maxDelayMs: 300_000,
  })
  const volumeQueue = context.queue({ name: 'reclaim', metricName: null, reconcile: deleteVolume })
  /** What drivers are at work on: the key, and when they will be done. */
  const busyUntilMs = new Map<string, number>()
  /** How often no volume could be made for a claim. */
  const failures = new Map<string, number>()

  /** True once a driver has had its time for the work. */
  function hasWorked(work: string, wake: (delayMs: number) => void, begin?: () => void): boolean {
    const doneMs = busyUntilMs.get(work)
    if (doneMs === undefined) {
      begin?.()
      busyUntilMs.set(work, engine.nowMs + DRIVER_MS)
      wake(DRIVER_MS)
      return false
    }
    if (engine.nowMs < doneMs) {
      wake(doneMs - engine.nowMs)
      return false
    }
    busyUntilMs.delete(work)
    return true
  }

  function syncClaim(key: string): void {
    const claim = claimInformer.get(parseKeyText(key))
    const isLeaving = claim?.metadata.deletionTimestamp !== undefined
    if (!claim || isLeaving) failures.delete(key)
    if (claim?.spec.volumeName) {
      if (claim.status?.phase === 'Bound') expand(key, claim)
    } else if (claim && !isLeaving) provision(key, claim)
  }

  function provision(key: string, claim: PersistentVolumeClaim): void {
    const provisioner = findProvisioner(claim.metadata.annotations?.[STORAGE_PROVISIONER])
    const storageClass = classInformer.get({ namespace: '', name: classOf(claim) })
    if (!provisioner || !storageClass || volumeInformer.get({ namespace: '', name: provisionedName(claim) })) return
    const selected = claim.metadata.annotations?.[SELECTED_NODE]
    if (storageClass.volumeBindingMode === 'WaitForFirstConsumer' && selected === undefined) return
    const events = context.recorder(provisioner.name)
    const begin = (): void => {
      const message = `External provisioner is provisioning volume for claim "${key}"`
      events.event(claim, 'Normal', 'Provisioning', message)
      const name = provisionedName(claim)
      callDriver('CreateVolume', { name, spec: provisioner.source(name, claim) }, claim, 'external-provisioner')
    }
    const wake = (delayMs: number): void => claimQueue.addAfter(key, delayMs)
    if (!hasWorked(`provision ${key}`, wake, begin)) return
    const node =
      selected !== undefined
        ? nodeInformer.get({ namespace: '', name: selected })
        : provisioner.needsNode
          ? undefined
          : anyNode(storageClass)
    const plan = planVolume(provisioner, claim, storageClass, node)
    if ('problem' in plan) {
      const count = failures.get(key) ?? 0
      failures.set(key, count + 1)
      events.event(claim, 'Warning', 'ProvisioningFailed', plan.problem)
      wake(Math.min(FIRST_RETRY_MS * 2 ** count, LAST_RETRY_MS))
      return
    }
    failures.delete(key)
    try {
      const volume = client.create(persistentVolumes, plan.volume)
      disks.resize(volume, quantityValue(volume.spec.capacity?.storage ?? '0'))
      const message = `Successfully provisioned volume ${volume.metadata.name}`
      events.event(claim, 'Normal', 'ProvisioningSucceeded', message)
    } catch (error) {
      if (!isStatus(error, 'AlreadyExists')) throw error
    }
  }

  /** Where a volume is made when no Pod has asked for it yet: in any zone that the class allows. */
  const anyNode = (storageClass: StorageClass): Node | undefined => {
    const all = nodeInformer.list().filter((node) => allowsNode(storageClass, node))
    return all.length === 0 ? undefined : random.pick(all)
  }

  function deleteVolume(name: string): void {
    const volume = volumeInformer.get({ namespace: '', name })
    if (!volume || !isToBeDeleted(volume)) return
    const begin = (): void => callDriver('DeleteVolume', { name, spec: volume.spec }, undefined, 'external-provisioner')
    if (!hasWorked(`delete ${name}`, (delayMs) => volumeQueue.addAfter(name, delayMs), begin)) return
    const finalizers = (volume.metadata.finalizers ?? []).filter((one) => one !== PROVISIONER_FINALIZER)
    try {
      client.update(persistentVolumes, { ...volume, metadata: { ...volume.metadata, finalizers } })
      if (volume.metadata.deletionTimestamp === undefined) client.delete(persistentVolumes, keyOf(volume))
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error
    }
  }

  // ---------- expansion ----------

  function expand(key: string, claim: PersistentVolumeClaim): void {
    const volume = volumeInformer.get({ namespace: '', name: claim.spec.volumeName ?? '' })
    const wanted = claim.spec.resources?.requests?.storage
    const given = claim.status.capacity?.storage
    if (!volume || !wanted || !given || compareQuantities(wanted, given) <= 0) return
    // Whose it is tells its source, whatever is written on it. Source: external-resizer, pkg/resizer/csi_resizer.go CanSupport
    const provisioner = findProvisioner(volume.spec.csi?.driver)
    if (!provisioner?.canExpand) return
    const wake = (delayMs: number): void => claimQueue.addAfter(key, delayMs)
    // Once the volume has the size, the rest is the kubelet's.
    if (compareQuantities(volume.spec.capacity?.storage ?? '0', wanted) < 0)
      enlarge(claim, volume, wanted, provisioner.name, wake)
  }

  function enlarge(
    claim: PersistentVolumeClaim,
    volume: PersistentVolume,
    size: string,
    driver: string,
    wake: (delayMs: number) => void,
  ): void {
    const resizer = context.recorder(`external-resizer ${driver}`)
    const key = keyText(keyOf(claim))
    const begin = (): void => {
      resizer.event(claim, 'Normal', 'Resizing', `External resizer is resizing volume ${volume.metadata.name}`)
      callDriver('ControllerExpandVolume', { name: volume.metadata.name, spec: volume.spec }, claim, 'external-resizer')
      // Who has been asked does it, whatever becomes of the objects in the meantime.
      const bytes = quantityValue(size)
      engine.after(DRIVER_MS, 'driver enlarges', () => disks.resize(volume, Math.max(bytes, disks.sizeOf(volume) ?? 0)))
      writeResize(claim, size, { step: 'ControllerResizeInProgress', condition: 'Resizing' })
    }
    if (!hasWorked(`enlarge ${key}`, wake, begin)) return
    client.update(persistentVolumes, { ...volume, spec: { ...volume.spec, capacity: { storage: size } } })
    if (needsNodeExpansion(volume)) {
      writeResize(claim, size, { step: 'NodeResizePending', condition: RESIZE_PENDING })
      resizer.event(claim, 'Normal', 'FileSystemResizeRequired', 'Require file system resize of volume on node')
    } else {
      writeResize(claim, size, 'finished')
      resizer.event(claim, 'Normal', 'VolumeResizeSuccessful', 'Resize volume succeeded')
    }
  }

  /** How far the resize has come. Source: kubernetes-csi/external-resizer, pkg/controller/resize_status.go */
  function writeResize(
    { metadata }: PersistentVolumeClaim,
    size: string,
    state: { step: string; condition: typeof RESIZING | typeof RESIZE_PENDING } | 'finished',
  ): void {
    const claim = client.get(persistentVolumeClaims, { namespace: metadata.namespace ?? '', name: metadata.name })
    const { conditions = [], allocatedResourceStatuses = {}, ...rest } = claim.status
    const others = conditions.filter(({ type }) => type !== RESIZING && type !== RESIZE_PENDING)
    const { storage: _, ...steps } = allocatedResourceStatuses
    const isFinished = state === 'finished'
    const condition = isFinished
      ? []
      : [
          {
            type: state.condition,
            status: 'True' as const,
            lastProbeTime: null,
            lastTransitionTime: engine.timestamp(),
            ...(state.condition === RESIZE_PENDING
              ? { message: 'Waiting for user to (re-)start a pod to finish file system resize of volume on node.' }
              : {}),
          },
        ]
    const left = [...others, ...condition]
    client.updateStatus(persistentVolumeClaims, {
      ...claim,
      status: {
        ...rest,
        ...(isFinished ? { capacity: { ...rest.capacity, storage: size } } : {}),
        allocatedResources: { ...rest.allocatedResources, storage: size },
        ...(isFinished ? {} : { allocatedResourceStatuses: { ...steps, storage: state.step } }),
        ...(left.length > 0 ? { conditions: left } : {}),
      },
    })
  }

  /** The call of a driver's controller part, noted in the trace. */
  function callDriver(
    call: string,
    { name: volume, spec }: { name: string; spec: Pick<PersistentVolume['spec'], 'csi'> },
    claim: PersistentVolumeClaim | undefined,
    caller: string,
  ): void {
    if (!spec.csi) return
    const object = claim
      ? { kind: 'PersistentVolumeClaim', namespace: claim.metadata.namespace, name: claim.metadata.name }
      : { kind: 'PersistentVolume', name: volume }
    engine.trace.record(spec.csi.driver, `CSI ${call}`, object, { volume, caller })
  }

  const listening = createListening(() => {
    claimQueue.stop()
    volumeQueue.stop()
  })
  listening.on(claimInformer, {
    onAdd: (claim) => claimQueue.add(keyText(keyOf(claim))),
    onUpdate(claim, old) {
      if (hasGrown(claim, old)) {
        // No plugin of the controller manager itself enlarges a volume. Source: pkg/controller/volume/expand
        const waiting = 'waiting for an external controller to expand this PVC'
        context.recorder('volume_expand').event(claim, 'Normal', 'ExternalExpanding', waiting)
      }
      claimQueue.add(keyText(keyOf(claim)))
    },
    onDelete: (claim) => {
      for (const work of ['provision', 'enlarge']) busyUntilMs.delete(`${work} ${keyText(keyOf(claim))}`)
    },
  })
  listening.on(volumeInformer, {
    onAdd: (volume) => isToBeDeleted(volume) && volumeQueue.add(volume.metadata.name),
    onUpdate(volume, old) {
      if (isToBeDeleted(volume)) volumeQueue.add(volume.metadata.name)
      const { claimRef, capacity } = volume.spec
      if (claimRef?.uid && capacity !== old.spec.capacity)
        claimQueue.add(keyText({ namespace: claimRef.namespace ?? '', name: claimRef.name ?? '' }))
    },
  })
  return listening
}

/** A bound claim that asks for more than before, and than it has. */
function hasGrown({ spec, status }: PersistentVolumeClaim, old: PersistentVolumeClaim): boolean {
  const wanted = spec.resources?.requests?.storage
  const before = old.spec.resources?.requests?.storage
  const given = status?.capacity?.storage
  if (!spec.volumeName || !wanted || !before || !given) return false
  return compareQuantities(wanted, before) > 0 && compareQuantities(wanted, given) > 0
}

/** A volume that a simulated driver has made, and that nobody wants any more. */
const isToBeDeleted = ({ metadata, spec, status }: PersistentVolume): boolean => {
  if (!findProvisioner(metadata.annotations?.[PROVISIONED_BY])) return false
  if (!metadata.finalizers?.includes(PROVISIONER_FINALIZER)) return false
  if (metadata.deletionTimestamp !== undefined) return status?.phase !== 'Bound'
  return status?.phase === 'Released' && spec.persistentVolumeReclaimPolicy === 'Delete'
}
