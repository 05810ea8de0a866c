/** This process among those of the site: it tells that it lives, and keeps what it took a lease on for as long as nobody else has it. */
import { randomBytes } from 'node:crypto'
import { engineOf } from '../sittings/program.ts'
import type { Bus } from '../storage/bus.ts'
import type { Fence, Leases, LivingPeer, Peer } from '../storage/leases.ts'

export interface MembershipOptions {
  leases: Leases
  bus: Bus
  /** Where the others reach this process; empty when they cannot. */
  url?: string
  /** The mark of this process's simulator and grader. */
  engine?: string
  /** Of a store that only this process has: there is nobody to tell. */
  isAlone: boolean
  onProblem(message: string): void
  beatMs?: number
  livesMs?: number
}

export interface Membership {
  /** @throws what storage throws */
  take(name: string, above: number, byForce?: boolean): Promise<Fence | { heldBy: Peer }>
  release(fence: Fence): Promise<void>
  /** Who keeps it; undefined for nobody that lives. */
  whereIs(name: string): Promise<'here' | Peer | undefined>
  /** Told the name of each lease that another process has got. @returns stops it */
  whenLost(told: (name: string) => void): () => void
  /** Those that live, this one among them, as of the last beat. */
  peers(): readonly LivingPeer[]
  /** This process, as the others know it. */
  self(): Peer
  /** Says that another process has ended, for who found its door shut: what it kept is free. It is not believed of one that was heard of just now. */
  declareEnded(peer: Peer): Promise<boolean>
  /** Gives back all that it holds. */
  close(): Promise<void>
}

const usualBeatMs = 500
const usualLivesMs = 10_000
/** Of one that nobody can ask: whoever starts anew after a crash, perhaps the only one, waits for no more. */
const unreachableLivesMs = 3000
/** Told to all when something is taken from who held it. */
const takenTopic = 'leases-taken'

export async function joinPeers(options: MembershipOptions): Promise<Membership> {
  const { leases, bus, url = '', engine = '', isAlone, onProblem } = options
  const { beatMs = usualBeatMs, livesMs = url === '' ? unreachableLivesMs : usualLivesMs } = options
  const held = new Map<string, Fence>()
  const listeners = new Set<(name: string) => void>()
  let self: Peer = { id: newId(), url, engine }
  let peers: readonly LivingPeer[] = []
  let keptUntilMs = Number.POSITIVE_INFINITY
  let timer: NodeJS.Timeout | undefined
  let isClosed = false

  const lose = (fences: Iterable<Fence>): void => {
    for (const fence of [...fences]) {
      if (held.get(fence.name) !== fence) continue
      held.delete(fence.name)
      for (const told of [...listeners]) told(fence.name)
    }
  }

  const join = async (): Promise<void> => {
    const joined = { id: newId(), url, engine }
    await leases.join(joined, isAlone ? Number.MAX_SAFE_INTEGER : livesMs)
    self = joined
  }

  const beat = async (): Promise<void> => {
    // What is taken while it is asked is not in the answer.
    const before = [...held.values()]
    const sinceMs = performance.now()
    const names = await leases.beat(self.id, livesMs)
    if (!names) {
      onProblem('this process was taken for dead by another one, and begins its sandboxes again. Is PEER_URL right?')
      lose(before)
      await join()
    } else {
      const mine = new Set(names)
      lose(before.filter(({ name }) => !mine.has(name)))
    }
    keptUntilMs = sinceMs + livesMs
    peers = await leases.peers()
  }

  const goOn = (): void => {
    if (isClosed) return
    timer = setTimeout(async () => {
      try {
        await beat()
      } catch (error) {
        // Nobody knows whose it is by now.
        if (performance.now() > keptUntilMs) lose(held.values())
        onProblem(`it could not be told that this process lives: ${String(error)}`)
      }
      goOn()
    }, beatMs)
    timer.unref()
  }

  await join()
  const stopListening = bus.subscribe(takenTopic, (text) => {
    const { name, holder, epoch } = JSON.parse(text) as Fence
    const mine = held.get(name)
    if (mine && (mine.holder !== holder || mine.epoch < epoch)) lose([mine])
  })
  if (!isAlone) {
    keptUntilMs = performance.now() + livesMs
    peers = await leases.peers()
    goOn()
  }

  return {
    async take(name, above, byForce) {
      const taken = await leases.take(name, self.id, above, byForce)
      if ('heldBy' in taken) return taken
      held.set(name, taken)
      if (byForce) await bus.publish(takenTopic, JSON.stringify(taken))
      return taken
    },
    async release(fence) {
      if (held.get(fence.name) === fence) held.delete(fence.name)
      await leases.release(fence)
    },
    async whereIs(name) {
      if (held.has(name)) return 'here'
      const holder = isAlone ? undefined : await leases.holder(name)
      return holder?.id === self.id ? undefined : holder
    },
    whenLost(told) {
      listeners.add(told)
      return () => listeners.delete(told)
    },
    peers: () => peers,
    self: () => self,
    async declareEnded({ id }) {
      const found = (await leases.peers()).find((peer) => peer.id === id)
      if (found && found.silentMs < 2 * beatMs) return false
      await leases.end(id)
      peers = peers.filter((peer) => peer.id !== id)
      return true
    },
    async close() {
      isClosed = true
      clearTimeout(timer)
      stopListening()
      held.clear()
      await leases.end(self.id)
    },
  }
}

/** The marks of simulators and graders that other processes have, and this one has not; each also as those name it who name no grader. */
export const otherEngines = (membership: Pick<Membership, 'peers' | 'self'>): string[] => {
  const marksOf = ({ engine }: Pick<Peer, 'engine'>): string[] => [engine, engineOf(engine)]
  const own = marksOf(membership.self())
  return [...new Set(membership.peers().flatMap(marksOf))].filter((one) => !own.includes(one) && one !== '')
}

const newId = (): string => randomBytes(9).toString('hex')
