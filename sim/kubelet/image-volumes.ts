/**
 * Volumes that are images: pulled like the images of containers before any of these start, and mounted as they are.
 * Simplified: looked at when a container is to be started, and not at each sync. Source: kuberuntime_manager.go getImageVolumes,
 * https://kubernetes.io/docs/concepts/storage/volumes/#image
 */
import type { Container } from '../api/core/pod-types.ts'
import type { EventRecorder } from '../client/machinery.ts'
import type { Engine } from '../engine/engine.ts'
import { createVolumeTree } from '../runtime/file-system.ts'
import type { ImageManager } from './image-manager.ts'
import type { PodRecord, StartFailureReason } from './pod-record.ts'
import type { ImageRegistry } from './ports.ts'
import type { PullSecrets } from './pull-secrets.ts'
import type { Routine } from './routine.ts'

export interface ImageVolumeContext {
  engine: Engine
  images: ImageManager
  registry: ImageRegistry
  recorder: EventRecorder
}

/** Pulls what is missing. @returns for each volume whose image is not there why not */
export function* pullImageVolumes(
  record: PodRecord,
  { engine, images, registry, recorder }: ImageVolumeContext,
  secrets: PullSecrets,
): Routine<ReadonlyMap<string, StartFailureReason>> {
  const failures = new Map<string, StartFailureReason>()
  const { pod } = record
  for (const { name, image: source } of pod.spec.volumes ?? []) {
    if (!source) continue
    const wanted = { image: source.reference, imagePullPolicy: source.pullPolicy }
    const tell = (type: 'Normal' | 'Warning', reason: string, message: string): void =>
      recorder.event(pod, type, reason, message)
    const outcome = yield* images.ensureImage(pod, wanted, tell, secrets)
    if ('reason' in outcome) failures.set(name, outcome)
    else if (!record.volumes.has(name)) {
      const tree = createVolumeTree({ base: registry.layerOf(outcome.image.image), nowEpochMs: () => engine.epochMs })
      record.volumes.set(name, { tree, root: '', isReadOnly: true })
    }
  }
  return failures
}

/** The first volume of the container that is not there: why it cannot start. */
export const imageVolumeFailure = (
  container: Container,
  failures: ReadonlyMap<string, StartFailureReason> | undefined,
): StartFailureReason | undefined =>
  failures && container.volumeMounts?.map(({ name }) => failures.get(name)).find(Boolean)
