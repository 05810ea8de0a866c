/**
 * Which process keeps what. A name is held by one process at a time; whoever takes it over gets a greater epoch, and what is still written
 * under an older one is refused (a fencing token: Kleppmann, "How to do distributed locking").
 */

/** A process of the site. */
export interface Peer {
  /** Drawn at its start. */
  id: string
  /** Where other processes reach it; empty when they cannot. */
  url: string
  /** The versions of its simulator and its grader, `0.2.97/15`; empty of one that does not say. */
  engine: string
}

export interface LivingPeer extends Peer {
  /** How many names it holds. */
  held: number
  /** Since it last told that it lives. */
  silentMs: number
}

/** What who holds a name proves it by. */
export interface Fence {
  name: string
  holder: string
  epoch: number
}

export interface Leases {
  /**
   * A process has begun, and lives for `livesMs` at least: what it takes is nobody else's so long. Whoever was reached at its address before has
   * ended.
   */
  join(process: Peer, livesMs: number): Promise<void>
  /**
   * Tells that it lives, and goes on to for `livesMs`.
   * @returns the names that it holds; undefined when others took it for dead: it holds nothing any more, and has to join under another id
   */
  beat(process: string, livesMs: number): Promise<string[] | undefined>
  /** Those that live. */
  peers(): Promise<LivingPeer[]>
  /**
   * Takes a name that nobody living holds, or holds already.
   * @param above an epoch that was written under; the one that is given is greater
   * @param byForce from whoever holds it
   */
  take(name: string, holder: string, above: number, byForce?: boolean): Promise<Fence | { heldBy: Peer }>
  /** Who holds a name and lives. */
  holder(name: string): Promise<Peer | undefined>
  /** No error when it is another's by now. */
  release(fence: Fence): Promise<void>
  /** A process has ended: what it held is free. */
  end(process: string): Promise<void>
}

/** Another process keeps it now. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost'
  constructor(name: string) {
    super(`${name} is kept by another process now`)
  }
}

export interface LocalLeases extends Leases {
  /** @throws LeaseLost */
  check(fence: Fence): void
}

/** Of one process, or of several that share its memory in a test. */
export function localLeases(nowMs: () => number = () => performance.now()): LocalLeases {
  const processes = new Map<string, Omit<Peer, 'id'> & { beatAtMs: number; untilMs: number }>()
  const held = new Map<string, { holder: string; epoch: number }>()
  const livingPeer = (id: string): Peer | undefined => {
    const found = processes.get(id)
    return found && found.untilMs > nowMs() ? { id, url: found.url, engine: found.engine } : undefined
  }
  const namesOf = (id: string): string[] => [...held].flatMap(([name, { holder }]) => (holder === id ? [name] : []))
  const end = (process: string): void => {
    processes.delete(process)
    for (const name of namesOf(process)) held.delete(name)
  }
  return {
    async join({ id, url, engine }, livesMs) {
      for (const [other, known] of [...processes]) if (url !== '' && known.url === url) end(other)
      processes.set(id, { url, engine, beatAtMs: nowMs(), untilMs: nowMs() + livesMs })
    },
    async beat(process, livesMs) {
      const known = processes.get(process)
      if (!known) return undefined
      Object.assign(known, { beatAtMs: nowMs(), untilMs: nowMs() + livesMs })
      return namesOf(process).sort()
    },
    async peers() {
      return [...processes]
        .filter(([id]) => livingPeer(id))
        .map(([id, { url, engine, beatAtMs }]) => ({
          id,
          url,
          engine,
          held: namesOf(id).length,
          silentMs: nowMs() - beatAtMs,
        }))
    },
    async take(name, holder, above, byForce = false) {
      const now = held.get(name)
      const other = now && now.holder !== holder ? livingPeer(now.holder) : undefined
      if (other && !byForce) return { heldBy: other }
      const epoch = Math.max(now?.epoch ?? 0, above) + 1
      held.set(name, { holder, epoch })
      return { name, holder, epoch }
    },
    async holder(name) {
      const now = held.get(name)
      return now && livingPeer(now.holder)
    },
    async release({ name, holder, epoch }) {
      const now = held.get(name)
      if (now?.holder === holder && now.epoch === epoch) held.delete(name)
    },
    end: async (process) => end(process),
    check({ name, holder, epoch }) {
      const now = held.get(name)
      if (now?.holder !== holder || now.epoch !== epoch) throw new LeaseLost(name)
    },
  }
}
