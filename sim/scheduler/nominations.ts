/** Pods that room was made for: until they are placed, the room is kept from Pods that matter less. */
import type { PodInfo } from './pod-info.ts'

export class Nominations {
  private readonly byUid = new Map<string, { info: PodInfo; node: string }>()
  private readonly byNode = new Map<string, Map<string, PodInfo>>()

  set(info: PodInfo, node: string): void {
    this.delete(info.uid)
    this.byUid.set(info.uid, { info, node })
    const onNode = this.byNode.get(node) ?? new Map<string, PodInfo>()
    this.byNode.set(node, onNode.set(info.uid, info))
  }

  delete(uid: string): void {
    const known = this.byUid.get(uid)
    if (!known) return
    this.byUid.delete(uid)
    this.byNode.get(known.node)?.delete(uid)
  }

  nodeOf(uid: string): string | undefined {
    return this.byUid.get(uid)?.node
  }

  /** Pods that are to come to the node and matter as much as this one, or more. */
  rivalsOf(info: PodInfo, node: string): readonly PodInfo[] {
    const onNode = this.byNode.get(node)
    if (!onNode || onNode.size === 0) return NONE
    return [...onNode.values()].filter((other) => other.uid !== info.uid && other.priority >= info.priority)
  }
}

const NONE: readonly PodInfo[] = []
