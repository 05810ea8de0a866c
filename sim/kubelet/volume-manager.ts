/** Mounts the volumes of a Pod before its containers start. Source: pkg/kubelet/volumemanager */
import type { Pod } from '../api/core/pod-types.ts'
import type { EventRecorder } from '../client/machinery.ts'
import type { Engine } from '../engine/engine.ts'
import { charge } from '../engine/work.ts'
import type { TreeNode } from '../runtime/file-tree.ts'
import type { Wait } from '../runtime/process.ts'
import type { MountedVolume, MountFailure, VolumeHost, VolumePlugin } from '../storage/types.ts'
import { durationText } from './backoff.ts'
import type { Journal } from './journal.ts'
import type { PodRecord } from './pod-record.ts'
import type { Routine } from './routine.ts'

export interface VolumeManagerContext {
  engine: Engine
  actor: string
  journal: Journal
  recorder: EventRecorder
  volumePlugins: readonly VolumePlugin[]
  volumeHost: VolumeHost
}

export type MountOutcome = 'mounted' | 'failed'

// The populator and the reconciler each look every 100 ms; the worker that waits looks every 300 ms, and gives up in the end.
const FIRST_TRY_MS = 100
const LOOK_MS = 300
const GIVE_UP_MS = 123_000
// Tries that failed are repeated with back-off: goroutinemap/exponentialbackoff.
const RETRY_MS = 500
const MAX_RETRY_MS = 122_000
// A volume that somebody has yet to attach is looked for again this often at least.
const MAX_WAIT_MS = 4000

/** Mounts what is not mounted yet; takes no time when nothing is missing. */
export function* mountVolumes(record: PodRecord, context: VolumeManagerContext): Routine<MountOutcome> {
  const { engine, recorder } = context
  const wanted = volumesInUse(record.pod)
  const isMissing = (): boolean => wanted.some((volume) => !record.volumes.has(volume.name))
  if (!isMissing()) return 'mounted'
  const startMs = engine.nowMs
  let tryMs = startMs + FIRST_TRY_MS
  let delayMs = RETRY_MS
  for (;;) {
    yield interruptible(record, context, tryMs)
    if (record.phase !== 'sync') return 'failed'
    charge(stepsOfVolume * wanted.length)
    let isFailing = false
    let isWaiting = true
    for (const volume of wanted) {
      if (record.volumes.has(volume.name)) continue
      const result = setUp(volume, record.pod, context)
      if ('error' in result) {
        isFailing = true
        if (result.isWaiting) continue
        isWaiting = false
        logFailure(context, record, volume, result.error, delayMs)
        recorder.event(
          record.pod,
          'Warning',
          'FailedMount',
          `MountVolume.SetUp failed for volume "${volume.name}" : ${result.error}`,
        )
      } else record.volumes.set(volume.name, result)
    }
    if (!isFailing) {
      const looks = Math.ceil((engine.nowMs - startMs) / LOOK_MS)
      yield interruptible(record, context, startMs + looks * LOOK_MS)
      const { namespace, name } = record.pod.metadata
      const volumes = wanted.map((volume) => volume.name)
      engine.trace.record(context.actor, 'mount volumes', { kind: 'Pod', namespace, name }, { volumes })
      return 'mounted'
    }
    tryMs = engine.nowMs + delayMs
    delayMs = Math.min(delayMs * 2, isWaiting ? MAX_WAIT_MS : MAX_RETRY_MS)
    if (tryMs - startMs > GIVE_UP_MS) {
      yield interruptible(record, context, startMs + GIVE_UP_MS)
      if (record.phase !== 'sync') return 'failed'
      const names = wanted.map((volume) => volume.name)
      const missing = names.filter((name) => !record.volumes.has(name))
      recorder.event(
        record.pod,
        'Warning',
        'FailedMount',
        `Unable to attach or mount volumes: unmounted volumes=[${missing.join(' ')}], unattached volumes=[], failed to process volumes=[]: context deadline exceeded`,
      )
      return 'failed'
    }
  }
}

/** Brings the files of mounted volumes up to date with their sources, as every sync does. */
export function refreshVolumes(record: PodRecord): void {
  charge(record.volumes.size / 4)
  for (const volume of record.volumes.values()) volume.refresh?.(record.pod)
}

/** Whether the Pod has volumes that follow objects that may change. */
export const followsObjects = ({ pod, volumes }: PodRecord): boolean =>
  (pod.spec.volumes ?? []).some(
    (volume) =>
      volume.configMap ||
      volume.secret ||
      volume.downwardAPI ||
      (volume.projected && !volume.name.startsWith('kube-api-access')) ||
      volumes.get(volume.name)?.mayGrow,
  )

/** Source: pkg/volume/util/nestedpendingoperations, and GenerateError in pkg/volume/util/types */
function logFailure(
  { engine, journal }: VolumeManagerContext,
  { uid, pod }: PodRecord,
  volume: NonNullable<Pod['spec']['volumes']>[number],
  error: string,
  delayMs: number,
): void {
  const plugin = pluginNames.find((source) => volume[source] !== undefined) ?? ''
  const unique = `kubernetes.io/${plugin.toLowerCase()}/${uid}-${volume.name}`
  const until = `${new Date(engine.epochMs + delayMs).toISOString().slice(0, 23).replace('T', ' ')} +0000 UTC`
  journal.error(
    'nestedpendingoperations.go:348',
    `Operation for "{volumeName:${unique} podName:${uid} nodeName:}" failed. No retries permitted until ${until} (durationBeforeRetry ${durationText(delayMs)}). Error: MountVolume.SetUp failed for volume "${volume.name}" (UniqueName: "${unique}") pod "${pod.metadata.name}" (UID: "${uid}") : ${error}`,
    undefined,
  )
}

const pluginNames = ['configMap', 'secret', 'projected', 'emptyDir', 'downwardAPI', 'hostPath', 'nfs', 'csi'] as const

const volumesInUse = (pod: Pod): NonNullable<Pod['spec']['volumes']> => {
  const volumes = pod.spec.volumes ?? []
  if (volumes.length === 0) return volumes
  const used = new Set(
    [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].flatMap((c) =>
      (c.volumeMounts ?? []).map((m) => m.name),
    ),
  )
  // An image is the runtime's to bring: see image-volumes.
  return volumes.filter((volume) => used.has(volume.name) && !volume.image)
}

function setUp(
  volume: NonNullable<Pod['spec']['volumes']>[number],
  pod: Pod,
  context: VolumeManagerContext,
): MountedVolume | MountFailure {
  const plugin = context.volumePlugins.find(({ source }) => volume[source] !== undefined)
  if (!plugin) return { error: 'no volume plugin matched' }
  const mounted = plugin.setUp(volume, pod, context.volumeHost)
  const group = pod.spec.securityContext?.fsGroup
  const isOwned = volume.emptyDir || volume.persistentVolumeClaim || volume.ephemeral
  if (group !== undefined && isOwned && !('error' in mounted) && !mounted.isReadOnly && !mounted.root)
    giveToGroup(mounted.tree.tree.root, group)
  return mounted
}

/** fsGroup: everything in the volume is the group's, and so is what comes. Source: pkg/volume/volume_linux.go */
function giveToGroup(node: TreeNode, group: number): void {
  if (node.kind !== 'file' && node.kind !== 'directory') return
  node.gid = group
  node.mode |= node.kind === 'directory' ? 0o2770 : 0o660
  if (node.kind === 'directory') for (const child of node.entries.values()) giveToGroup(child, group)
}

/** Of computing: to set up one volume, beside what its plugin reads and writes. */
const stepsOfVolume = 30

/** Of computing: what a Pod with its volumes mounted goes on to, such as its containers' files and environments. */
const stepsOfMount = 1000

/** A wait that ends early when the Pod is to be terminated. */
const interruptible = (record: PodRecord, context: VolumeManagerContext, untilMs: number): Wait<void> => ({
  start(resume) {
    const end = (): void => {
      charge(stepsOfMount)
      record.interrupt = undefined
      context.engine.cancel(timer)
      resume(undefined)
    }
    const timer = context.engine.at(untilMs, 'mount volumes', end)
    record.interrupt = end
    return () => {
      record.interrupt = undefined
      context.engine.cancel(timer)
    }
  },
})
