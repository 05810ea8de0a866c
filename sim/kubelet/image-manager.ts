/** Makes sure that an image is on the node. Source: pkg/kubelet/images/image_manager.go */
import type { Container, Pod } from '../api/core/pod-types.ts'
import { createTokenBucket } from '../client/token-bucket.ts'
import type { Engine } from '../engine/engine.ts'
import { parseImageReference } from '../text/image-reference.ts'
import { Backoff, durationText } from './backoff.ts'
import { type ContainerRuntime, mayPull } from './container-runtime.ts'
import type { PulledImage } from './image-store.ts'
import { credentialsFor, type PullSecrets } from './pull-secrets.ts'
import type { Routine } from './routine.ts'

// Runtimes may name more special reasons (RegistryUnavailable, SignatureValidationFailed); containerd has none.
export type ImageFailure = 'InvalidImageName' | 'ErrImageNeverPull' | 'ErrImagePull' | 'ImagePullBackOff'

export type ImageOutcome = { image: PulledImage } | { reason: ImageFailure; message: string }

/** Records an event about the container. */
export type ContainerEvent = (type: 'Normal' | 'Warning', reason: string, message: string) => void

const INITIAL_BACKOFF_MS = 10_000
const MAX_BACKOFF_MS = 300_000
// registryPullQPS and registryBurst: what is asked beyond that fails at once.
const PULLS_PER_SECOND = 5
const PULL_BURST = 10

export class ImageManager {
  private readonly engine: Engine
  private readonly runtime: ContainerRuntime
  private readonly backoff: Backoff
  private readonly rate = createTokenBucket(PULLS_PER_SECOND, PULL_BURST)
  private readonly queue: (() => void)[] = []
  /** Of each image of a Pod, why it could not be pulled the last time. */
  private readonly lastErrors = new Map<string, string>()
  private running = 0
  private readonly maxPulls: number

  private readonly onPulled: () => void

  /**
   * @param onPulled told when the node has got an image
   * @param maxPulls pulls at a time: 1 as with serializeImagePulls, or maxParallelImagePulls
   */
  constructor(engine: Engine, runtime: ContainerRuntime, onPulled: () => void, maxPulls = 1) {
    this.maxPulls = maxPulls
    this.engine = engine
    this.runtime = runtime
    this.onPulled = onPulled
    this.backoff = new Backoff(INITIAL_BACKOFF_MS, MAX_BACKOFF_MS, () => engine.nowMs)
  }

  /** @param wanted what a container, or a volume, asks for */
  *ensureImage(
    pod: Pod,
    wanted: Pick<Container, 'image' | 'imagePullPolicy'>,
    event: ContainerEvent,
    secrets: PullSecrets,
  ): Routine<ImageOutcome> {
    const name = wanted.image
    const reference = parseImageReference(name)
    if (typeof reference === 'string') {
      const message = `Failed to apply default image tag "${name}": couldn't parse image name "${name}": ${reference}`
      event('Warning', 'InspectFailed', message)
      return { reason: 'InvalidImageName', message }
    }
    const credentials = credentialsFor(secrets, reference)
    const found = this.runtime.images.find(reference.canonical)
    // What others had to show a secret for is not there for who has none (KubeletEnsureSecretPulledImages).
    const present = found && mayPull(found.image, credentials) ? found : undefined
    if (present && wanted.imagePullPolicy !== 'Always') {
      event('Normal', 'Pulled', `Container image "${name}" already present on machine and can be accessed by the pod`)
      return { image: present }
    }
    if (wanted.imagePullPolicy === 'Never') {
      const message = `Container image "${name}" is not present with pull policy of Never`
      event('Warning', 'ErrImageNeverPull', message)
      return { reason: 'ErrImageNeverPull', message }
    }
    const key = `${pod.metadata.uid}_${name}`
    if (this.backoff.isWithinDelaySinceFailure(key, this.engine.nowMs)) {
      const message = `Back-off pulling image "${name}"`
      event('Normal', 'BackOff', message)
      const before = this.lastErrors.get(key)
      return { reason: 'ImagePullBackOff', message: before === undefined ? message : `${message}: ${before}` }
    }
    this.lastErrors.delete(key)
    event('Normal', 'Pulling', `Pulling image "${name}"`)
    const startedMs = this.engine.nowMs
    const turn = this.waitForTurn()
    if (turn) yield turn
    this.running++
    const pullMs = this.engine.nowMs
    let pulled: PulledImage | { error: string }
    try {
      pulled = this.rate.tryTake(this.engine.nowMs)
        ? yield* this.runtime.pullImage(reference, credentials)
        : { error: 'pull QPS exceeded' }
    } finally {
      this.running--
      this.queue.shift()?.()
    }
    if ('error' in pulled) {
      event('Warning', 'Failed', `Failed to pull image "${name}": ${pulled.error}`)
      this.logFailure(name, pulled.error)
      this.backoff.next(key, this.engine.nowMs)
      this.lastErrors.set(key, `ErrImagePull: ${pulled.error}`)
      return { reason: 'ErrImagePull', message: pulled.error }
    }
    this.onPulled()
    const took = durationText(Math.floor(this.engine.nowMs - pullMs))
    const waited = durationText(Math.floor(this.engine.nowMs - startedMs))
    event(
      'Normal',
      'Pulled',
      `Successfully pulled image "${name}" in ${took} (${waited} including waiting). Image size: ${pulled.sizeBytes} bytes.`,
    )
    return { image: pulled }
  }

  /** Sources: pkg/kubelet/kuberuntime/kuberuntime_image.go, k8s.io/cri-client */
  private logFailure(image: string, error: string): void {
    const { journal } = this.runtime
    const isAnswer = error !== 'pull QPS exceeded'
    const told = isAnswer && !error.startsWith('rpc error') ? `rpc error: code = Unknown desc = ${error}` : error
    if (isAnswer) journal.error('log.go:32', 'PullImage from image service failed', told, { image })
    journal.error('kuberuntime_image.go:45', 'Failed to pull image', told, { image })
  }

  /** Forgets the failures of a Pod that is gone. */
  forget(podUid: string): void {
    const isOfPod = (key: string): boolean => key.startsWith(`${podUid}_`)
    this.backoff.forget(isOfPod)
    for (const key of [...this.lastErrors.keys()].filter(isOfPod)) this.lastErrors.delete(key)
  }

  private waitForTurn() {
    if (this.running < this.maxPulls) return undefined
    return {
      start: (resume: (value: unknown) => void) => {
        const go = (): void => resume(undefined)
        this.queue.push(go)
        return () => {
          const index = this.queue.indexOf(go)
          if (index >= 0) this.queue.splice(index, 1)
        }
      },
    }
  }
}
