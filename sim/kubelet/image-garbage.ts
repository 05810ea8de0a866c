/**
 * Deletes images that no container uses: the longest unused first when the disk is nearly full, and those unused for
 * longer than the kubelet is told to keep them.
 * Sources: pkg/kubelet/images/image_gc_manager.go, pkg/kubelet/kubelet.go (StartGarbageCollection),
 * https://kubernetes.io/docs/concepts/architecture/garbage-collection/#containers-images
 */
import type { Node } from '../api/core/types.ts'
import type { EventRecorder } from '../client/machinery.ts'
import type { Engine, Timer } from '../engine/engine.ts'
import type { ContainerRuntime, RuntimeContainer } from './container-runtime.ts'

/** imageMinimumGCAge: an image that has just come may be about to be used. */
const MIN_AGE_MS = 120_000
/** How often it looks: which images are new, which are used, and whether the disk is full. */
const PERIOD_MS = 300_000

export interface ImageGarbagePolicy {
  /** 85 unless told; from that share of the disk on images go, and with 100 never because it is full. */
  imageGCHighThresholdPercent?: number
  /** 80 unless told; at that share enough have gone. */
  imageGCLowThresholdPercent?: number
  /** Seconds that an image may be unused; 0 unless told, for as long as there is room. */
  imageMaximumGCAgeSeconds?: number
}

export interface ImageGarbageOptions {
  engine: Engine
  runtime: Pick<ContainerRuntime, 'disk' | 'images' | 'imagesInUse' | 'onDiscard'>
  recorder: EventRecorder
  /** When the kubelet started: it looks then and each period after. */
  startedMs: number
  policy: ImageGarbagePolicy
  node(): Node | undefined
  /** The node has fewer images. */
  onRemoved(): void
}

interface UnusedImage {
  name: string
  sizeBytes: number
  detectedMs: number
  usedMs: number
}

export class ImageGarbageCollector {
  private readonly options: ImageGarbageOptions
  private readonly highPercent: number
  private readonly lowPercent: number
  private readonly maxAgeMs: number
  /** When a look found an image first, of those that were pulled. */
  private readonly detectedMs = new Map<string, number>()
  /** When a look found an image in use last. */
  private readonly usedMs = new Map<string, number>()
  private readonly onGrow = (): void => this.watch()
  private timer: Timer | undefined
  private hasFailed = false

  constructor(options: ImageGarbageOptions) {
    this.options = options
    const { runtime, startedMs, policy } = options
    this.highPercent = policy.imageGCHighThresholdPercent ?? 85
    this.lowPercent = policy.imageGCLowThresholdPercent ?? 80
    this.maxAgeMs = (policy.imageMaximumGCAgeSeconds ?? 0) * 1000
    runtime.disk.watchers.add(this.onGrow)
    runtime.onDiscard = (container) => this.noteUse(container)
    if (this.mayHaveToCollect()) this.lookAt(startedMs)
  }

  stop(): void {
    const { engine, runtime } = this.options
    engine.cancel(this.timer)
    runtime.disk.watchers.delete(this.onGrow)
    runtime.onDiscard = undefined
  }

  /** Deletes all images that no container uses, but for those that came a moment ago. */
  removeUnused(): void {
    const unused = this.unused().filter((image) => this.isOldEnough(image))
    for (const { name } of unused) this.remove(name)
    if (unused.length > 0) this.options.onRemoved()
  }

  // A look is an event only when it may do something: what the others would have seen follows from the times.
  private watch(): void {
    const { engine } = this.options
    if (!this.timer && this.mayHaveToCollect()) this.lookAt(this.lookBefore(engine.nowMs) + PERIOD_MS)
  }

  private mayHaveToCollect(): boolean {
    return this.isDiskFull() || this.hasFailed || this.maxAgeMs > 0
  }

  private lookAt(atMs: number): void {
    const look = (): void => {
      this.timer = undefined
      this.collect()
      this.watch()
    }
    this.timer = this.options.engine.at(atMs, 'image garbage collection', look, { background: true })
  }

  private collect(): void {
    this.removeAged()
    const { engine, recorder, node, runtime, onRemoved } = this.options
    const hadFailed = this.hasFailed
    this.hasFailed = false
    if (!this.isDiskFull()) return
    const { capacityBytes, availableBytes } = runtime.disk
    const wantedBytes = Math.floor((capacityBytes * (100 - this.lowPercent)) / 100) - availableBytes
    engine.trace.record('image garbage collector', 'free bytes of the disk', undefined, { bytes: wantedBytes })
    const freedBytes = this.free(wantedBytes)
    if (freedBytes > 0) onRemoved()
    if (freedBytes >= wantedBytes) return
    this.hasFailed = true
    const self = node()
    if (!self) return
    const message = `Failed to garbage collect required amount of images. Attempted to free ${wantedBytes} bytes, but only found ${freedBytes} bytes eligible to free.`
    recorder.event(self, 'Warning', 'FreeDiskSpaceFailed', message)
    // Told only of what fails again.
    if (hadFailed) recorder.event(self, 'Warning', 'ImageGCFailed', message)
  }

  /**
   * Deletes images until their sizes add up to that much; gives the sum. As in a real kubelet layers count that other
   * images keep. Simplified: images of the node's start take no room, so they stay.
   */
  private free(bytes: number): number {
    const { images } = this.options.runtime
    let freed = 0
    for (const image of this.unused()) {
      if (images.pulledMs(image.name) === undefined || !this.isOldEnough(image)) continue
      this.remove(image.name)
      freed += image.sizeBytes
      if (freed >= bytes) break
    }
    return freed
  }

  /** As in a real kubelet an image that no look has found in use counts as unused since ever. */
  private removeAged(): void {
    const { engine, startedMs, onRemoved } = this.options
    if (this.maxAgeMs === 0 || engine.nowMs - startedMs <= this.maxAgeMs) return
    const aged = this.unused().filter(({ usedMs }) => engine.nowMs - usedMs > this.maxAgeMs)
    for (const { name } of aged) this.remove(name)
    if (aged.length > 0) onRemoved()
  }

  private isOldEnough({ detectedMs }: UnusedImage): boolean {
    return this.options.engine.nowMs - detectedMs >= MIN_AGE_MS
  }

  private remove(name: string): void {
    this.options.runtime.images.remove(name)
    this.detectedMs.delete(name)
    this.usedMs.delete(name)
  }

  /** The images that no container uses, the longest unused first. A look, whatever called for it. */
  private unused(): UnusedImage[] {
    const { engine, runtime } = this.options
    const { nowMs } = engine
    const used = runtime.imagesInUse()
    for (const name of used) this.usedMs.set(name, nowMs)
    const unused: UnusedImage[] = []
    for (const { reference, sizeBytes } of runtime.images.all()) {
      const name = reference.canonical
      const detectedMs = this.detect(name, nowMs)
      if (used.has(name)) continue
      unused.push({ name, sizeBytes, detectedMs, usedMs: this.usedMs.get(name) ?? Number.NEGATIVE_INFINITY })
    }
    return unused.sort(
      (a, b) => compare(a.usedMs, b.usedMs) || a.detectedMs - b.detectedMs || (a.name < b.name ? -1 : 1),
    )
  }

  /** When the image was seen first: by a look of the past, or by this one. */
  private detect(name: string, nowMs: number): number {
    const known = this.detectedMs.get(name)
    if (known !== undefined) return known
    const { startedMs, runtime } = this.options
    const pulledMs = runtime.images.pulledMs(name)
    if (pulledMs === undefined || pulledMs <= startedMs) return startedMs
    const before = this.lookBefore(pulledMs)
    const detectedMs = Math.min(nowMs, before === pulledMs ? before : before + PERIOD_MS)
    this.detectedMs.set(name, detectedMs)
    return detectedMs
  }

  /** A container that is forgotten had its image in use until now; a look may have seen that. */
  private noteUse({ spec, status }: RuntimeContainer): void {
    const seenMs = this.lookBefore(this.options.engine.nowMs)
    const name = spec.reference.canonical
    if (seenMs >= status.createdMs) this.usedMs.set(name, Math.max(seenMs, this.usedMs.get(name) ?? seenMs))
  }

  /** The last look of those held each period, at that time or before. */
  private lookBefore(atMs: number): number {
    const { startedMs } = this.options
    return startedMs + Math.floor((atMs - startedMs) / PERIOD_MS) * PERIOD_MS
  }

  private isDiskFull(): boolean {
    const { availableBytes, capacityBytes } = this.options.runtime.disk
    if (this.highPercent === 100 && this.maxAgeMs === 0) return false
    return 100 - Math.floor((availableBytes * 100) / capacityBytes) >= this.highPercent
  }
}

const compare = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1)
