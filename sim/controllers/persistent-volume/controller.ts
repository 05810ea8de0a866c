/**
 * Binds claims to volumes, has volumes made for them, and reclaims volumes whose claims are gone.
 * Source: https://kubernetes.io/docs/concepts/storage/persistent-volumes/, kubernetes/pkg/controller/volume/persistentvolume/pv_controller.go
 */
import { classOf, namesClass } from '../../api/core/persistent-volume/access-modes.ts'
import {
  BETA_STORAGE_PROVISIONER,
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  bindVolume,
  findBestMatch,
  isBoundTo,
  mismatch,
  PROVISIONED_BY,
  provisionedName,
  STORAGE_PROVISIONER,
  waitsForConsumer,
} from '../../api/core/persistent-volume/match.ts'
import { persistentVolumes } from '../../api/core/persistent-volume.ts'
import { persistentVolumeClaims } from '../../api/core/persistent-volume-claim.ts'
import { pods } from '../../api/core/pod.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/core/storage-types.ts'
import { equalJson } from '../../api/meta/json.ts'
import { keyOf, keyText, parseKeyText } from '../../api/meta/object.ts'
import { findDefaultClass, storageClasses } from '../../api/storage/storage-class.ts'
import type { StorageClass } from '../../api/storage/types.ts'
import type { ComponentContext, ControllerSpec, RunningComponent } from '../../client/machinery.ts'
import type { Timer } from '../../engine/engine.ts'
import { randomUuid } from '../../engine/random.ts'
import { indexByClaim, podsUsing } from '../claim-users.ts'
import { createListening } from '../handlers.ts'
import { HOST_PATH, IN_TREE_FINALIZER, planHostPath } from './host-path.ts'

/** Claims that have no volume yet are looked at again this often; nothing else tells them of a volume that has become free. */
const RESYNC_MS = 15_000

export const persistentVolumeController: ControllerSpec = {
  name: 'persistentvolume-binder-controller',
  serviceAccount: 'persistent-volume-binder',
  watches: [persistentVolumes, persistentVolumeClaims, storageClasses, pods],
  start: startPersistentVolumeController,
}

function startPersistentVolumeController(context: ComponentContext): RunningComponent {
  const { engine, client, informers } = context
  const volumeInformer = informers.informer(persistentVolumes)
  const claimInformer = informers.informer(persistentVolumeClaims)
  const classInformer = informers.informer(storageClasses)
  const podInformer = informers.informer(pods)
  indexByClaim(podInformer)
  const events = context.recorder('persistentvolume-controller')
  const claimQueue = context.queue({ name: 'claims', reconcile: syncClaim })
  const volumeQueue = context.queue({ name: 'volumes', reconcile: syncVolume })
  const random = engine.random('persistentvolume-controller')
  const startMs = engine.nowMs
  /** Claims that wait, by key: as long as there are any, there is a next pass. */
  const unbound = new Set<string>()
  let resync: Timer | undefined
  // What the controller has written and not seen in its cache yet.
  const freshVolumes = new Map<string, PersistentVolume>()
  const freshClaims = new Map<string, PersistentVolumeClaim>()

  const newest = <T extends PersistentVolume | PersistentVolumeClaim>(cached: T | undefined, written: T | undefined) =>
    cached && written?.metadata.uid === cached.metadata.uid && revisionOf(written) > revisionOf(cached)
      ? written
      : cached
  const findVolume = (name: string): PersistentVolume | undefined =>
    newest(volumeInformer.get({ namespace: '', name }), freshVolumes.get(name))
  const findClaim = (key: string): PersistentVolumeClaim | undefined =>
    newest(claimInformer.get(parseKeyText(key)), freshClaims.get(key))

  // ---------- claims ----------

  function syncClaim(key: string): void {
    const claim = findClaim(key)
    if (!claim) {
      unbound.delete(key)
      return
    }
    if (claim.metadata.annotations?.[BIND_COMPLETED] === undefined) syncUnbound(claim)
    else syncBound(claim)
    const state = findClaim(key)
    if (state?.status?.phase === 'Bound') unbound.delete(key)
    else {
      unbound.add(key)
      armResync()
    }
  }

  function syncUnbound(claim: PersistentVolumeClaim): void {
    if (claim.metadata.deletionTimestamp !== undefined) return
    if (claim.spec.volumeName) {
      syncNamed(claim, claim.spec.volumeName)
      return
    }
    const className = classOf(claim)
    const isDelayed = waitsForConsumer(claim, classInformer.get({ namespace: '', name: className }))
    const candidates = volumeInformer.list().map((volume) => newest(volume, freshVolumes.get(volume.metadata.name))!)
    const volume = findBestMatch(claim, candidates, { isDelayed })
    if (volume) {
      bind(volume, claim)
      return
    }
    if (assignDefaultClass(claim)) return
    if (isDelayed) tellWhatItWaitsFor(claim)
    else if (className !== '') provision(claim, className)
    else
      events.event(
        claim,
        'Normal',
        'FailedBinding',
        'no persistent volumes available for this claim and no storage class is set',
      )
    writeClaimStatus(claim, { ...claim.status, phase: 'Pending' })
  }

  /** A claim that said nothing of its class gets the default one as soon as there is one. */
  function assignDefaultClass(claim: PersistentVolumeClaim): boolean {
    if (namesClass(claim)) return false
    const found = findDefaultClass(classInformer.list())
    if (!found) return false
    noteClaim(
      client.update(persistentVolumeClaims, {
        ...claim,
        spec: { ...claim.spec, storageClassName: found.metadata.name },
      }),
    )
    return true
  }

  function tellWhatItWaitsFor(claim: PersistentVolumeClaim): void {
    const waiting = podsUsing(podInformer, claim).filter((pod) => !pod.spec.nodeName)
    if (waiting.length === 0) {
      const message = 'waiting for first consumer to be created before binding'
      events.event(claim, 'Normal', 'WaitForFirstConsumer', message)
      return
    }
    const names = waiting.map((pod) => pod.metadata.name)
    const message =
      names.length === 1
        ? `waiting for pod ${names[0]} to be scheduled`
        : `waiting for pods ${names.join(',')} to be scheduled`
    events.event(claim, 'Normal', 'WaitForPodScheduled', message)
  }

  /** The claim asks for one volume by name. */
  function syncNamed(claim: PersistentVolumeClaim, name: string): void {
    const volume = findVolume(name)
    const pending = (): void => writeClaimStatus(claim, { ...claim.status, phase: 'Pending' })
    if (!volume) {
      pending()
      return
    }
    if (volume.spec.claimRef && !isBoundTo(volume, claim)) {
      if (claim.metadata.annotations?.[BOUND_BY_CONTROLLER] === undefined) {
        const message = `volume "${name}" already bound to a different claim.`
        events.event(claim, 'Warning', 'FailedBinding', message)
      }
      pending()
      return
    }
    const problem = volume.spec.claimRef ? undefined : mismatch(volume, claim)
    if (problem) {
      events.event(claim, 'Warning', 'VolumeMismatch', `Cannot bind to requested volume "${name}": ${problem}`)
      pending()
      return
    }
    bind(volume, claim)
  }

  function syncBound(claim: PersistentVolumeClaim): void {
    const lose = (reason: string, message: string): void => {
      if (claim.status?.phase !== 'Lost') events.event(claim, 'Warning', reason, message)
      const { accessModes: _, capacity: __, ...status } = claim.status ?? {}
      writeClaimStatus(claim, { ...status, phase: 'Lost' })
    }
    const { volumeName } = claim.spec
    if (!volumeName) {
      lose('ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!')
      return
    }
    const volume = findVolume(volumeName)
    if (!volume) lose('ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!')
    else if (!volume.spec.claimRef || volume.spec.claimRef.uid === claim.metadata.uid) bind(volume, claim)
    else lose('ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly')
  }

  // ---------- binding ----------

  /** Volume first, then claim: whatever fails in between is taken up again from what is there. */
  function bind(volume: PersistentVolume, claim: PersistentVolumeClaim): void {
    const given = bindVolume(volume, claim)
    let bound = given === volume ? volume : noteVolume(client.update(persistentVolumes, given))
    bound = writeVolumePhase(bound, 'Bound')
    const { name } = bound.metadata
    const annotations = { ...claim.metadata.annotations }
    if (claim.spec.volumeName !== name) annotations[BOUND_BY_CONTROLLER] = 'yes'
    annotations[BIND_COMPLETED] = 'yes'
    let taken = claim
    if (claim.spec.volumeName !== name || !equalJson(annotations, claim.metadata.annotations))
      taken = noteClaim(
        client.update(persistentVolumeClaims, {
          ...claim,
          metadata: { ...claim.metadata, annotations },
          spec: { ...claim.spec, volumeName: name },
        }),
      )
    if (taken.status?.phase === 'Bound') return
    const { accessModes, capacity } = bound.spec
    writeClaimStatus(taken, { ...taken.status, phase: 'Bound', accessModes, capacity })
  }

  const noteVolume = (volume: PersistentVolume): PersistentVolume => {
    freshVolumes.set(volume.metadata.name, volume)
    return volume
  }
  const noteClaim = (claim: PersistentVolumeClaim): PersistentVolumeClaim => {
    freshClaims.set(keyText(keyOf(claim)), claim)
    return claim
  }

  function writeClaimStatus(claim: PersistentVolumeClaim, status: PersistentVolumeClaim['status']): void {
    if (!equalJson(status, claim.status)) noteClaim(client.updateStatus(persistentVolumeClaims, { ...claim, status }))
  }

  function writeVolumePhase(
    volume: PersistentVolume,
    phase: PersistentVolume['status']['phase'],
    message?: string,
  ): PersistentVolume {
    if (volume.status?.phase === phase && volume.status?.message === message) return volume
    const status = {
      phase,
      ...(message ? { message } : {}),
      lastPhaseTransitionTime:
        volume.status?.phase === phase ? volume.status?.lastPhaseTransitionTime : engine.timestamp(),
    }
    return noteVolume(client.updateStatus(persistentVolumes, { ...volume, status }))
  }

  // ---------- provisioning ----------

  /** Hands the claim to the provisioner that its class names. */
  function provision(claim: PersistentVolumeClaim, className: string): void {
    const storageClass = classInformer.get({ namespace: '', name: className })
    if (!storageClass) {
      const message = `storageclass.storage.k8s.io "${className}" not found`
      events.event(claim, 'Warning', 'ProvisioningFailed', message)
      return
    }
    const { provisioner } = storageClass
    if (provisioner === HOST_PATH && context.makesHostPaths) {
      makeHostPath(assignProvisioner(claim, provisioner), storageClass)
      return
    }
    // What came with Kubernetes itself has moved out of it; of those names only the one that makes nothing is left.
    if (provisioner.startsWith('kubernetes.io/')) {
      events.event(claim, 'Warning', 'ProvisioningFailed', `no volume plugin matched name: ${provisioner}`)
      return
    }
    assignProvisioner(claim, provisioner)
    events.event(
      claim,
      'Normal',
      'ExternalProvisioning',
      `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`,
    )
  }

  function assignProvisioner(claim: PersistentVolumeClaim, provisioner: string): PersistentVolumeClaim {
    const { metadata } = claim
    const annotations = {
      ...metadata.annotations,
      [BETA_STORAGE_PROVISIONER]: provisioner,
      [STORAGE_PROVISIONER]: provisioner,
    }
    if (equalJson(annotations, metadata.annotations)) return claim
    return noteClaim(client.update(persistentVolumeClaims, { ...claim, metadata: { ...metadata, annotations } }))
  }

  /** The one provisioner that is left in the controller itself, for tests. Source: provisionClaimOperation, pkg/volume/hostpath */
  function makeHostPath(claim: PersistentVolumeClaim, storageClass: StorageClass): void {
    if (findVolume(provisionedName(claim))) return
    const plan = planHostPath(claim, storageClass, randomUuid(random))
    if ('problem' in plan) {
      events.event(claim, 'Warning', 'ProvisioningFailed', plan.problem)
      return
    }
    const { metadata } = noteVolume(client.create(persistentVolumes, plan.volume))
    const message = `Successfully provisioned volume ${metadata.name} using ${HOST_PATH}`
    events.event(claim, 'Normal', 'ProvisioningSucceeded', message)
  }

  // ---------- volumes ----------

  function syncVolume(name: string): void {
    const volume = findVolume(name)
    if (!volume) {
      freshVolumes.delete(name)
      return
    }
    const { claimRef } = volume.spec
    if (!claimRef?.uid) {
      writeVolumePhase(volume, 'Available')
      return
    }
    const key = keyText({ namespace: claimRef.namespace ?? '', name: claimRef.name ?? '' })
    const found = findClaim(key)
    const claim = found?.metadata.uid === claimRef.uid ? found : undefined
    if (!claim) {
      // The cache may not have it yet: whoever lets a volume go makes sure.
      const live = client.find(persistentVolumeClaims, parseKeyText(key))
      if (live?.metadata.uid === claimRef.uid) return
      reclaim(volume.status?.phase === 'Failed' ? volume : writeVolumePhase(volume, 'Released'))
    } else if (!claim.spec.volumeName) claimQueue.add(key)
    else if (claim.spec.volumeName === name) writeVolumePhase(volume, 'Bound')
    else release(volume)
  }

  /** The claim has got another volume in the meantime. */
  function release(volume: PersistentVolume): void {
    if (volume.metadata.annotations?.[PROVISIONED_BY] && volume.spec.persistentVolumeReclaimPolicy === 'Delete') {
      reclaim(writeVolumePhase(volume, 'Released'))
      return
    }
    const { [BOUND_BY_CONTROLLER]: byController, ...annotations } = volume.metadata.annotations ?? {}
    const { claimRef, ...spec } = volume.spec
    const kept = byController === undefined && claimRef ? { claimRef: { ...claimRef, uid: undefined } } : {}
    const free = { ...volume, metadata: { ...volume.metadata, annotations }, spec: { ...spec, ...kept } }
    writeVolumePhase(noteVolume(client.update(persistentVolumes, free as PersistentVolume)), 'Available')
  }

  /** What the policy says of a volume whose claim is gone. Volumes that a provisioner made are that one's to delete. */
  function reclaim(volume: PersistentVolume): void {
    const { persistentVolumeReclaimPolicy: policy, hostPath, nfs } = volume.spec
    const maker = volume.metadata.annotations?.[PROVISIONED_BY]
    if (policy === 'Retain' || (maker !== undefined && maker !== HOST_PATH)) return
    if (policy === 'Recycle') {
      events.event(volume, 'Warning', 'VolumeFailedRecycle', 'No recycler plugin found for the volume!')
      writeVolumePhase(volume, 'Failed', 'No recycler plugin found for the volume!')
      return
    }
    const problem = hostPath
      ? /^\/tmp\/.+/.test(hostPath.path)
        ? undefined
        : `host_path deleter only supports /tmp/.+ but received provided ${hostPath.path}`
      : `error getting deleter volume plugin for volume "${volume.metadata.name}": no ${nfs ? 'deletable ' : ''}volume plugin matched`
    if (problem === undefined) {
      client.delete(persistentVolumes, keyOf(unprotected(volume)))
      return
    }
    if (volume.status?.phase !== 'Failed') events.event(volume, 'Warning', 'VolumeFailedDelete', problem)
    writeVolumePhase(volume, 'Failed', problem)
  }

  /** Its storage is gone: nothing holds the object any more. */
  function unprotected(volume: PersistentVolume): PersistentVolume {
    const { finalizers = [] } = volume.metadata
    if (!finalizers.includes(IN_TREE_FINALIZER)) return volume
    const left = finalizers.filter((finalizer) => finalizer !== IN_TREE_FINALIZER)
    const metadata = { ...volume.metadata, finalizers: left }
    return noteVolume(client.update(persistentVolumes, { ...volume, metadata }))
  }

  // ---------- what sets it off ----------

  function armResync(): void {
    if (resync?.action || unbound.size === 0) return
    const passes = Math.floor((engine.nowMs - startMs) / RESYNC_MS) + 1
    const pass = (): void => {
      resync = undefined
      for (const key of [...unbound].sort()) claimQueue.add(key)
      for (const volume of volumeInformer.list()) volumeQueue.add(volume.metadata.name)
    }
    resync = engine.at(startMs + passes * RESYNC_MS, 'claim resync', pass, { background: true })
  }

  const listening = createListening(() => {
    claimQueue.stop()
    volumeQueue.stop()
    engine.cancel(resync)
  })
  listening.on(claimInformer, {
    onAdd: (claim) => claimQueue.add(keyText(keyOf(claim))),
    onUpdate(claim) {
      const key = keyText(keyOf(claim))
      // Only what the controller has not written itself is news.
      if (freshClaims.get(key)?.metadata.resourceVersion !== claim.metadata.resourceVersion) claimQueue.add(key)
    },
    onDelete(claim) {
      const key = keyText(keyOf(claim))
      freshClaims.delete(key)
      unbound.delete(key)
      if (claim.spec.volumeName) volumeQueue.add(claim.spec.volumeName)
    },
  })
  listening.on(volumeInformer, {
    onAdd: (volume) => volumeQueue.add(volume.metadata.name),
    onUpdate(volume) {
      const { name, resourceVersion } = volume.metadata
      if (freshVolumes.get(name)?.metadata.resourceVersion !== resourceVersion) volumeQueue.add(name)
    },
    onDelete(volume) {
      freshVolumes.delete(volume.metadata.name)
      const { claimRef } = volume.spec
      if (claimRef?.uid) claimQueue.add(keyText({ namespace: claimRef.namespace ?? '', name: claimRef.name ?? '' }))
    },
  })
  return listening
}

const revisionOf = ({ metadata }: { metadata: { resourceVersion: string } }): number => Number(metadata.resourceVersion)
