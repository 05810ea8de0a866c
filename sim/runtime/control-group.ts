/** What the containers of a Pod may use together, whatever each of them may. */

/** A container as its group sees it. */
interface Member {
  /** Computing at this moment. */
  readonly busyWaits: number
  readonly oomScoreAdjust: number
  /** Held by its processes. */
  processMemoryBytes(): number
  /** What its processes want, as far as its own limit lets them have it. */
  ownMillis(): number
  oomKill(): void
}

export interface GroupLimits {
  memoryBytes?: number
  cpuMillis?: number
}

/** Of a container: what it may use, and its part of the processor where others want it as well. */
export interface Limits extends GroupLimits {
  /** 1024 a core; 2, the least, for one that asks for none. */
  cpuShares?: number
}

export class ControlGroup {
  readonly limits: GroupLimits
  readonly members = new Set<Member>()
  /** Memory that nobody's process holds: volumes in memory, each of them once. */
  private readonly sharedMemoryBytes: () => number

  constructor(limits: GroupLimits, sharedMemoryBytes: () => number) {
    this.limits = limits
    this.sharedMemoryBytes = sharedMemoryBytes
  }

  /** While they hold too much the kernel kills one, the greatest first. Source: oom_badness, with memory.oom.group */
  enforceMemory(): void {
    const { memoryBytes } = this.limits
    if (memoryBytes === undefined) return
    while (this.members.size > 0 && this.memoryBytes() > memoryBytes) {
      const badness = (member: Member): number =>
        member.processMemoryBytes() + (member.oomScoreAdjust * memoryBytes) / 1000
      const [victim] = [...this.members].sort((a, b) => badness(b) - badness(a))
      victim.oomKill()
    }
  }

  /** How much longer work takes because others of the group work as well. */
  stretch(): number {
    const { cpuMillis } = this.limits
    if (!cpuMillis) return 1
    let busy = 0
    for (const member of this.members) busy += member.busyWaits
    return (1000 * Math.max(1, busy)) / cpuMillis
  }

  /** The part of what a member wants that the group lets it have. */
  grantedMillis(ownMillis: number): number {
    const { cpuMillis } = this.limits
    if (!cpuMillis) return ownMillis
    let sum = 0
    for (const member of this.members) sum += member.ownMillis()
    return sum > cpuMillis ? (ownMillis * cpuMillis) / sum : ownMillis
  }

  private memoryBytes(): number {
    let sum = this.sharedMemoryBytes()
    for (const member of this.members) sum += member.processMemoryBytes()
    return sum
  }
}
