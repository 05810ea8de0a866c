/** A node with what its Pods take of it, kept up to date as they come and go. */
import type { Node, Taint } from '../api/core/types.ts'
import { charge } from '../engine/work.ts'
import type { PodInfo } from './pod-info.ts'
import type { ResourceReader, Resources } from './resources.ts'
import { UsedPorts } from './used-ports.ts'

/** Something to count a node's Pods by; the same object each time, for its count to be kept. */
export interface PodQuestion {
  isTrueOf(info: PodInfo): boolean
}

const MAX_TALLIES = 100

/** What plugins would otherwise have to look for on every node. */
export class ClusterIndex {
  /** Nodes with a Pod that has affinity or anti-affinity of any sort, and those with required anti-affinity. */
  readonly withAffinity = new Set<NodeInfo>()
  readonly withAntiAffinity = new Set<NodeInfo>()
  /** How many nodes have an image. */
  readonly imageHolders = new Map<string, number>()
}

export class NodeInfo {
  readonly name: string
  /** Undefined when only Pods of the node are known, not the node itself. */
  node: Node | undefined
  isCordoned = false
  taints: readonly Taint[] = []
  allocatable: Resources
  allowedPods = 0
  /** By uid. */
  readonly pods = new Map<string, PodInfo>()
  cpuMillis = 0
  memoryBytes = 0
  ephemeralBytes = 0
  readonly scalars = new Map<string, number>()
  /** Requests counted with defaults, for scoring. */
  nonZeroCpuMillis = 0
  nonZeroMemoryBytes = 0
  /** Pods with required anti-affinity, which keep others away. */
  readonly withAntiAffinity = new Set<PodInfo>()
  /** Pods with any affinity or anti-affinity, which draw others or keep them away. */
  readonly withAffinity = new Set<PodInfo>()
  readonly ports = new UsedPorts()
  /** Size of the images the node has, by name. */
  images: ReadonlyMap<string, number> = new Map()
  private readonly reader: ResourceReader
  private readonly index: ClusterIndex
  private readonly tallies = new Map<PodQuestion, { question: PodQuestion; count: number }>()

  constructor(name: string, reader: ResourceReader, index: ClusterIndex) {
    this.name = name
    this.reader = reader
    this.index = index
    this.allocatable = reader.list(undefined)
  }

  setNode(node: Node | undefined): void {
    const before = this.node?.status
    this.node = node
    this.isCordoned = node?.spec.unschedulable === true
    this.taints = node?.spec.taints ?? []
    if (before && node?.status?.allocatable === before.allocatable && node?.status?.images === before.images) return
    this.allocatable = this.reader.list(node?.status?.allocatable)
    this.allowedPods = this.reader.allowedPods(node?.status?.allocatable)
    const { imageHolders } = this.index
    for (const name of this.images.keys()) imageHolders.set(name, (imageHolders.get(name) ?? 0) - 1)
    this.images = new Map(
      (node?.status?.images ?? []).flatMap((image) => (image.names ?? []).map((name) => [name, image.sizeBytes])),
    )
    for (const name of this.images.keys()) imageHolders.set(name, (imageHolders.get(name) ?? 0) + 1)
  }

  addPod(info: PodInfo): void {
    this.pods.set(info.uid, info)
    this.count(info, 1)
    this.ports.add(info.hostPorts)
    if (!info.hasAffinity) return
    this.withAffinity.add(info)
    this.index.withAffinity.add(this)
    if (info.requiredAntiAffinity.length === 0) return
    this.withAntiAffinity.add(info)
    this.index.withAntiAffinity.add(this)
  }

  /** Takes the Pod away again; one that is not there is ignored. */
  removePod(uid: string): void {
    const info = this.pods.get(uid)
    if (!info) return
    this.pods.delete(uid)
    this.count(info, -1)
    this.ports.remove(info.hostPorts)
    if (!info.hasAffinity) return
    this.withAffinity.delete(info)
    this.withAntiAffinity.delete(info)
    if (this.withAffinity.size === 0) this.index.withAffinity.delete(this)
    if (this.withAntiAffinity.size === 0) this.index.withAntiAffinity.delete(this)
  }

  /** How many Pods of the node the question is true of; kept up to date from the first asking on. */
  countPods(question: PodQuestion): number {
    let tally = this.tallies.get(question)
    if (!tally) {
      if (this.tallies.size >= MAX_TALLIES) this.tallies.clear()
      tally = { question, count: 0 }
      charge(this.pods.size)
      for (const info of this.pods.values()) if (question.isTrueOf(info)) tally.count++
      this.tallies.set(question, tally)
    }
    return tally.count
  }

  private count(info: PodInfo, sign: 1 | -1): void {
    const { requests, nonZeroRequests } = info
    charge(this.tallies.size + requests.scalars.size)
    for (const tally of this.tallies.values()) if (tally.question.isTrueOf(info)) tally.count += sign
    this.cpuMillis += sign * requests.cpuMillis
    this.memoryBytes += sign * requests.memoryBytes
    this.ephemeralBytes += sign * requests.ephemeralBytes
    for (const [name, amount] of requests.scalars) this.scalars.set(name, (this.scalars.get(name) ?? 0) + sign * amount)
    this.nonZeroCpuMillis += sign * nonZeroRequests.cpuMillis
    this.nonZeroMemoryBytes += sign * nonZeroRequests.memoryBytes
  }
}
