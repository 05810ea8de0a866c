/**
 * What the scheduler believes of nodes and of the Pods on them: what its informers told it, and the Pods it has placed
 * itself but not yet seen there. Source: pkg/scheduler/backend/cache.
 * A cycle takes no time inside the simulation, so the cache itself serves as its snapshot: nothing is copied.
 */
import { zoneKey } from '../api/core/node-topology.ts'
import type { Node } from '../api/core/types.ts'
import { ClusterIndex, NodeInfo } from './node-info.ts'
import type { PodInfo } from './pod-info.ts'
import type { ResourceReader } from './resources.ts'

interface Placed {
  node: NodeInfo
  isAssumed: boolean
}

export class SchedulerCache {
  private readonly reader: ResourceReader
  readonly index = new ClusterIndex()
  private readonly byName = new Map<string, NodeInfo>()
  private readonly placed = new Map<string, Placed>()
  private ordered: readonly NodeInfo[] | undefined

  constructor(reader: ResourceReader) {
    this.reader = reader
  }

  /** The nodes in the order they are tried: one of each zone in turn. */
  nodes(): readonly NodeInfo[] {
    this.ordered ??= interleaveZones([...this.byName.values()].filter((info) => info.node !== undefined))
    return this.ordered
  }

  node(name: string): NodeInfo | undefined {
    return this.byName.get(name)
  }

  setNode(node: Node): void {
    const info = this.infoOf(node.metadata.name)
    if (!info.node || zoneKey(info.node) !== zoneKey(node)) this.ordered = undefined
    info.setNode(node)
  }

  removeNode(name: string): void {
    const info = this.byName.get(name)
    if (!info) return
    info.setNode(undefined)
    this.ordered = undefined
    if (info.pods.size === 0) this.byName.delete(name)
  }

  /** A Pod that was chosen a node takes its room from now on. */
  assume(info: PodInfo, node: NodeInfo): void {
    node.addPod(info)
    this.placed.set(info.uid, { node, isAssumed: true })
  }

  /** Binding failed: the room is free again. */
  forget(uid: string): void {
    if (this.placed.get(uid)?.isAssumed) this.removePod(uid)
  }

  isAssumed(uid: string): boolean {
    return this.placed.get(uid)?.isAssumed ?? false
  }

  /** A Pod that an informer has seen on a node, new or changed. */
  setPod(info: PodInfo): void {
    const node = this.infoOf(info.pod.spec.nodeName ?? '')
    this.placed.get(info.uid)?.node.removePod(info.uid)
    node.addPod(info)
    this.placed.set(info.uid, { node, isAssumed: false })
  }

  pod(uid: string): PodInfo | undefined {
    return this.placed.get(uid)?.node.pods.get(uid)
  }

  removePod(uid: string): void {
    const node = this.placed.get(uid)?.node
    if (!node) return
    node.removePod(uid)
    this.placed.delete(uid)
    if (!node.node && node.pods.size === 0) this.byName.delete(node.name)
  }

  private infoOf(name: string): NodeInfo {
    let info = this.byName.get(name)
    if (!info) {
      info = new NodeInfo(name, this.reader, this.index)
      this.byName.set(name, info)
    }
    return info
  }
}

/** Zones in the order they came, nodes within a zone too: a1 b1 c1 a2 b2 a3. */
function interleaveZones(nodes: readonly NodeInfo[]): readonly NodeInfo[] {
  const zones = new Map<string, NodeInfo[]>()
  for (const info of nodes) {
    const zone = zoneKey(info.node!)
    const members = zones.get(zone)
    if (members) members.push(info)
    else zones.set(zone, [info])
  }
  if (zones.size <= 1) return nodes
  const ordered: NodeInfo[] = []
  for (let i = 0; ordered.length < nodes.length; i++) {
    for (const members of zones.values()) if (i < members.length) ordered.push(members[i])
  }
  return ordered
}
