/**
 * Deletes images that no container uses, the longest unused first, when the disk is nearly full. The defaults of a
 * kubelet: imageGCHighThresholdPercent 85, imageGCLowThresholdPercent 80, imageMinimumGCAge 2m, and imageMaximumGCAge 0,
 * by which no image goes because of its age alone.
 * Sources: pkg/kubelet/images/image_gc_manager.go, pkg/kubelet/kubelet.go (StartGarbageCollection),
 * https://kubernetes.io/docs/concepts/architecture/garbage-collection/#containers-images
 */
import type { Node } from '../api/core/types.ts'
import type { EventRecorder } from '../client/machinery.ts'
import type { Engine, Timer } from '../engine/engine.ts'
import type { ContainerRuntime, RuntimeContainer } from './container-runtime.ts'

const HIGH_THRESHOLD_PERCENT = 85
const LOW_THRESHOLD_PERCENT = 80
const MIN_AGE_MS = 120_000
/** How often it looks: which images are new, which are used, and whether the disk is full. */
const PERIOD_MS = 300_000

export interface ImageGarbageOptions {
  engine: Engine
  runtime: ContainerRuntime
  recorder: EventRecorder
  /** When the kubelet started: it looks then and each period after. */
  startedMs: number
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
  /** When a look found an image first, of those that were pulled. */
  private readonly detectedMs = new Map<string, number>()
  /** When a look found an image in use last. */
  private readonly usedMs = new Map<string, number>()
  private readonly onGrow = (): void => this.watch()
  private timer: Timer | undefined
  private hasFailed = false

  constructor(options: ImageGarbageOptions) {
    this.options = options
    const { runtime, startedMs } = options
    runtime.disk.watchers.add(this.onGrow)
    runtime.onDiscard = (container) => this.noteUse(container)
    if (this.isDiskFull()) this.lookAt(startedMs)
  }

  stop(): void {
    const { engine, runtime } = this.options
    engine.cancel(this.timer)
    runtime.disk.watchers.delete(this.onGrow)
    runtime.onDiscard = undefined
  }

  /** Deletes all images that no container uses, but for those that came a moment ago. */
  removeUnused(): void {
    const unused = this.unused()
    for (const { name } of unused) this.remove(name)
    if (unused.length > 0) this.options.onRemoved()
  }

  // A look is an event only when the disk asks for it: what the others would have seen follows from the times.
  private watch(): void {
    const { engine } = this.options
    if (!this.timer && (this.isDiskFull() || this.hasFailed)) this.lookAt(this.lookBefore(engine.nowMs) + PERIOD_MS)
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
    const { engine, recorder, node, runtime, onRemoved } = this.options
    const hadFailed = this.hasFailed
    this.hasFailed = false
    if (!this.isDiskFull()) return
    const { capacityBytes, availableBytes } = runtime.disk
    const wantedBytes = Math.floor((capacityBytes * (100 - LOW_THRESHOLD_PERCENT)) / 100) - availableBytes
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
    for (const { name, sizeBytes } of this.unused()) {
      if (images.pulledMs(name) === undefined) continue
      this.remove(name)
      freed += sizeBytes
      if (freed >= bytes) break
    }
    return freed
  }

  private remove(name: string): void {
    this.options.runtime.images.remove(name)
    this.detectedMs.delete(name)
    this.usedMs.delete(name)
  }

  /** Images that may go, in the order in which they do: the longest unused first. A look, whatever called for it. */
  private unused(): UnusedImage[] {
    const { engine, runtime } = this.options
    const { nowMs } = engine
    const used = runtime.imagesInUse()
    for (const name of used) this.usedMs.set(name, nowMs)
    const unused: UnusedImage[] = []
    for (const { reference, sizeBytes } of runtime.images.all()) {
      const name = reference.canonical
      const detectedMs = this.detect(name, nowMs)
      if (used.has(name) || nowMs - detectedMs < MIN_AGE_MS) continue
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
    return 100 - Math.floor((availableBytes * 100) / capacityBytes) >= HIGH_THRESHOLD_PERCENT
  }
}

const compare = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1)
