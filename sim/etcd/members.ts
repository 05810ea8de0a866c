/**
 * The members of an etcd cluster: on each control-plane node one, with a log on that node's disk, that agrees with the others by Raft
 * on what is written. What they agree on lies in one multi-version store (`etcd.ts`): as every member applies the same entries in the
 * same order, a member that is behind has what that store had at an earlier revision.
 *
 * A write is answered at once, like every call of the API server, and takes its time by being charged for it: the messages and disk
 * writes that lead to its commit happen in one moment of the cluster, on clocks of their own, and so nothing else falls between them.
 * What follows later (a slow disk that is done, a follower that is behind) happens in events. Between events members are asleep: as
 * long as nothing changes, heartbeats only say that nothing has changed. A fault, or a change that comes of one, wakes them.
 *
 * Simplified: a write that finds no majority is gone, where the real one may come through after its client was told of the time-out,
 * and one that begins while there is no leader is refused, where the real one waits up to seven seconds for the next leader; the API
 * server asks whichever member leads; a member that starts again has its log whole as it was synced last.
 * Sources: etcd server/etcdserver/raft.go, v3_server.go; https://etcd.io/docs/v3.6/tuning/
 */
import type { Engine, Timer } from '../engine/engine.ts'
import { createRandom, hash32, type Random } from '../engine/random.ts'
import { Agenda } from './agenda.ts'
import { lastOf } from './raft/log.ts'
import { isMajority } from './raft/membership.ts'
import { compactMember, durableOf, firstDurable, startMember, step } from './raft/step.ts'
import type { Durable, Entry, Input, Message, Outcome, Raft } from './raft/types.ts'

/** A message between two nodes of one network, and a write of a good disk. */
const MESSAGE_MS = 1
const FSYNC_MS = 2
/** Of a disk that is much too slow for etcd, which wants less than ten. */
const SLOW_FSYNC_MS = 1500
const TICK_MS = 100
/** After this many ticks without a change the members sleep: longer than the longest election timeout. */
const QUIET_TICKS = 30
/** What happens so soon after a write belongs to its moment. */
const AFTERMATH_MS = 20
/** Heartbeats that a write waits for, when a follower does not answer at once. */
const MOST_BEATS = 4
/** Entries after which a snapshot is made, and those kept behind it. Simplified: the real ones are 10,000 and 5,000. */
const SNAPSHOT_ENTRIES = 200
const KEPT_ENTRIES = 100
/** Turns that are remembered: who makes the members vote for days sees the last ones. */
const MOST_STANDINGS = 4096
/** What a request waits for: five seconds, and two election timeouts. Source: etcd server/config/config.go (ReqTimeout) */
export const REQUEST_TIMEOUT_MS = 7000

const TIMED_OUT = 'etcdserver: request timed out'
const LEADER_FAILED = 'etcdserver: request timed out, possibly due to previous leader failure'

/** What an entry of the log says. */
export interface LoggedWrite {
  readonly revision: number
  /** `pods` and `default/web`; of a write by etcdctl the key alone. */
  readonly bucket: string
  readonly key: string
}

export interface MemberPlace {
  readonly name: string
  readonly ip: string
}

export type Cut = 'from-control-plane' | 'from-all' | 'healed'

/** A member as it is told about. */
export interface MemberStatus extends MemberPlace {
  /** `8e9e05c52164694d` */
  readonly id: string
  readonly isUp: boolean
  readonly isLearner: boolean
  readonly isLeader: boolean
  /** Whether it knows of a leader. */
  readonly leader: string | undefined
  readonly term: number
  readonly index: number
  readonly appliedIndex: number
  /** Of the store as it has applied it. */
  readonly revision: number
}

/** What somebody sees of a member who looks at it from outside. */
export interface MemberStanding {
  readonly name: string
  readonly is: 'stopped' | 'leader' | 'follower' | 'candidate'
  readonly term: number
  /** Whether it knows of a leader; one that is stopped knows of none. */
  readonly hasLeader: boolean
}

export interface Agreement {
  readonly tookMs: number
  /** As etcd words why it did not come about. */
  readonly error?: string
}

interface Member extends MemberPlace {
  readonly id: string
  readonly random: Random
  raft: Raft
  /** What is on the disk, and what is being written, in order of when it will be there. */
  durable: Durable
  writing: readonly { readonly doneMs: number; readonly durable: Durable }[]
  /** The write of the disk that began last, and when it ends. */
  syncBeganMs: number
  freeMs: number
  fsyncMs: number
  isUp: boolean
  /** Grows when it stops: what it was about to say is not said any more. */
  life: number
  cut: Cut
  tick: Timer | undefined
}

export class EtcdMembers {
  readonly clusterId: string
  private readonly engine: Engine
  private readonly members: Member[]
  /** The store's revision after each committed entry, by the entry's index. */
  private readonly revisions: number[] = [1]
  private readonly listeners = new Set<() => void>()
  /** While a write is agreed on, what follows of it is put there instead of into the engine's queue. */
  private agenda: Agenda | undefined
  /** How far the last agenda came: what was written by then was answered for, and is on the disks. */
  private settledMs = Number.NEGATIVE_INFINITY
  private quietTicks = 0
  private signature = ''
  /** Who led whom, whenever that has changed. */
  private readonly standings: { readonly atMs: number; readonly told: string; readonly members: MemberStanding[] }[] =
    []

  constructor(engine: Engine, places: readonly MemberPlace[]) {
    this.engine = engine
    this.clusterId = idOf(engine.seed, places.map(({ ip }) => ip).join())
    const ids = places.map(({ name }) => idOf(engine.seed, name))
    const first = firstDurable({ voters: ids, learners: [] })
    this.members = places.map((place, i) => {
      const random = engine.random(`etcd/${place.name}`)
      return {
        ...place,
        id: ids[i],
        random,
        raft: startMember(ids[i], first, random).state,
        durable: first,
        writing: [],
        syncBeganMs: Number.NEGATIVE_INFINITY,
        freeMs: Number.NEGATIVE_INFINITY,
        fsyncMs: FSYNC_MS,
        isUp: true,
        life: 0,
        cut: 'healed',
        tick: undefined,
      }
    })
    this.electFirst()
    this.noteStanding()
  }

  // ---------- what is asked of them ----------

  /** Whether the API server finds a leader that a majority follows. */
  get isServing(): boolean {
    return this.findServing() !== undefined
  }

  /** Whether those that the API server gets to know of no leader: requests wait for one. */
  get isElecting(): boolean {
    const asked = this.members.filter((member) => this.isAskable(member))
    return asked.length > 0 && asked.every(({ raft }) => raft.leader === undefined)
  }

  /** Has a majority write it down. */
  write(write: LoggedWrite): Agreement {
    const leader = this.findServing()
    if (!leader) return { tookMs: REQUEST_TIMEOUT_MS, error: this.whyRefused }
    const { engine } = this
    const agenda = new Agenda(engine.nowMs)
    const before = this.members.map((member) => ({ ...member }))
    this.agenda = agenda
    const index = lastOf(leader.raft.log).index + 1
    const { term } = leader.raft
    this.hand(leader, { type: 'propose', payload: { kind: 'data', data: write } })
    const isDone = (): boolean => leader.raft.commit >= index && leader.raft.term === term
    let doneMs: number | undefined
    let beats = 0
    while (!agenda.isEmpty || (doneMs === undefined && beats < MOST_BEATS)) {
      // What it sent before may be lost: its next heartbeat tells.
      if (agenda.isEmpty) agenda.add(agenda.nowMs + (beats++ ? TICK_MS : 0), () => this.hand(leader, { type: 'tick' }))
      if (doneMs !== undefined && agenda.nextMs > doneMs + AFTERMATH_MS) break
      agenda.runNext()
      if (doneMs === undefined && isDone()) doneMs = Math.max(agenda.nowMs, leader.freeMs)
    }
    this.agenda = undefined
    if (doneMs === undefined) {
      for (const [i, member] of this.members.entries()) Object.assign(member, before[i])
      return { tookMs: REQUEST_TIMEOUT_MS, error: LEADER_FAILED }
    }
    this.settledMs = agenda.nowMs
    for (const { atMs, run } of agenda.rest()) engine.at(atMs, 'etcd message', run, { background: true })
    // A member whose disk is slow hears nothing else meanwhile; whether its leader stays one is for the ticks to tell.
    if (this.members.some(({ isUp, freeMs }) => isUp && freeMs > engine.nowMs + TICK_MS)) this.wake()
    this.noteStanding()
    return { tookMs: doneMs - engine.nowMs }
  }

  /** Hands leadership to another member. @returns why not, as etcdctl tells it */
  transfer(from: string, to: string): string | undefined {
    const leader = this.members.find(({ name }) => name === from)
    if (leader?.raft.role !== 'leader') return 'no leader endpoint given at []'
    const target = this.members.find(({ id }) => id === to)
    if (!target || !leader.raft.membership.voters.includes(to)) return 'etcdserver: bad leader transferee'
    this.hand(leader, { type: 'transfer', to })
    this.wake()
    return undefined
  }

  /** What is said when nothing can be agreed on now. */
  get whyRefused(): string {
    const asked = this.members.filter((member) => this.isAskable(member))
    if (asked.length === 0) {
      const [{ ip }] = this.members
      return `rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp ${ip}:2379: connect: connection refused"`
    }
    return asked.some(({ raft }) => raft.leader !== undefined) ? LEADER_FAILED : TIMED_OUT
  }

  /** Calls when something happens that may keep writes from being agreed on. Returns how to leave. */
  onTrouble(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  /** Each member, as it was at that moment of the engine's clock. */
  standingAt(atMs: number): readonly MemberStanding[] {
    return this.standings.findLast((standing) => standing.atMs <= atMs)?.members ?? []
  }

  /** When that was no more as it was before. */
  standingTurns(): readonly number[] {
    return this.standings.map(({ atMs }) => atMs)
  }

  status(): readonly MemberStatus[] {
    return this.members.map((member) => {
      const { name, ip, id, isUp, raft } = member
      return {
        name,
        ip,
        id,
        isUp,
        isLearner: raft.membership.learners.includes(id),
        isLeader: raft.role === 'leader',
        leader: raft.leader,
        term: raft.term,
        index: lastOf(raft.log).index,
        appliedIndex: raft.commit,
        revision: this.revisions[raft.commit],
      }
    })
  }

  /** Whether a client on the one node gets to the other one. */
  isConnected(from: string, to: string): boolean {
    const [a, b] = [from, to].map((name) => this.members.find((member) => member.name === name))
    return a !== undefined && b !== undefined && (a === b || this.isWayOpen(a, b))
  }

  /** Whether the member itself could have a write agreed on, or a read that is linearizable. */
  isServingAt(name: string): boolean {
    const leader = this.findLeader((member) => member.name === name)
    return leader !== undefined
  }

  /** Each member with what it is made of, for those who look whether it is safe. */
  rafts(): readonly { readonly name: string; readonly isUp: boolean; readonly raft: Raft }[] {
    return this.members.map(({ name, isUp, raft }) => ({ name, isUp, raft }))
  }

  // ---------- what is done to them ----------

  has(name: string): boolean {
    return this.members.some((member) => member.name === name)
  }

  stop(name: string): void {
    const member = this.members.find((one) => one.name === name)
    if (!member?.isUp) return
    member.isUp = false
    member.life++
    const writtenMs = Math.max(this.engine.nowMs, this.settledMs)
    member.durable = member.writing.findLast(({ doneMs }) => doneMs <= writtenMs)?.durable ?? member.durable
    member.writing = []
    this.engine.cancel(member.tick)
    this.wake()
  }

  start(name: string): void {
    const member = this.members.find((one) => one.name === name)
    if (!member || member.isUp) return
    member.isUp = true
    member.syncBeganMs = Number.NEGATIVE_INFINITY
    member.freeMs = this.engine.nowMs
    member.tick = undefined
    member.raft = startMember(member.id, member.durable, member.random).state
    this.wake()
  }

  setDisk(name: string, state: 'slow' | 'normal'): void {
    const member = this.members.find((one) => one.name === name)
    if (member) member.fsyncMs = state === 'slow' ? SLOW_FSYNC_MS : FSYNC_MS
    this.wake()
  }

  setCut(name: string, cut: Cut): void {
    const member = this.members.find((one) => one.name === name)
    if (!member || member.cut === cut) return
    member.cut = cut
    this.wake()
  }

  private noteStanding(): void {
    const members = this.members.map(({ name, isUp, raft }): MemberStanding => {
      if (!isUp) return { name, is: 'stopped', term: raft.term, hasLeader: false }
      const is = raft.role === 'leader' || raft.role === 'follower' ? raft.role : 'candidate'
      return { name, is, term: raft.term, hasLeader: raft.leader !== undefined }
    })
    const told = members.map(({ is, term, hasLeader }) => `${is} ${term} ${hasLeader}`).join()
    if (told === this.standings.at(-1)?.told) return
    this.standings.push({ atMs: this.engine.nowMs, told, members })
    if (this.standings.length > MOST_STANDINGS) this.standings.splice(0, MOST_STANDINGS / 2)
  }

  // ---------- ways ----------

  private isWayOpen(a: Member, b: Member): boolean {
    return a.isUp && b.isUp && a.cut !== 'from-all' && b.cut !== 'from-all'
  }

  private isAskable({ isUp, cut }: Member): boolean {
    return isUp && cut === 'healed'
  }

  /** Of several that think they lead, the latest: that a majority follows, and that the API server gets to, or another member for it. */
  private findServing(): Member | undefined {
    return this.findLeader((member) => this.isAskable(member))
  }

  /** @param isAsked who may pass a request on to it */
  private findLeader(mayBeAsked: (member: Member) => boolean): Member | undefined {
    const leads = ({ isUp, raft }: Member): boolean => isUp && raft.role === 'leader' && raft.transferTo === undefined
    return this.members
      .filter(leads)
      .sort((a, b) => b.raft.term - a.raft.term)
      .find((leader) => {
        // One that has heard of a later term follows no former leader.
        const isReached = (member: Member): boolean =>
          member === leader || (this.isWayOpen(leader, member) && member.raft.term <= leader.raft.term)
        const isAsked = this.members.some((member) => member.isUp && mayBeAsked(member) && isReached(member))
        return isAsked && isMajority(leader.raft.membership, (id) => isReached(this.members.find((m) => m.id === id)!))
      })
  }

  // ---------- running ----------

  /** The cluster was there before the API server: somebody leads it already. */
  private electFirst(): void {
    const [first] = [...this.members].sort((a, b) => a.raft.electionTimeout - b.raft.electionTimeout)
    this.agenda = new Agenda(this.engine.nowMs)
    while (first.raft.role === 'follower') this.hand(first, { type: 'tick' })
    while (!this.agenda.isEmpty) this.agenda.runNext()
    this.settledMs = this.agenda.nowMs
    this.agenda = undefined
  }

  private get nowMs(): number {
    return this.agenda?.nowMs ?? this.engine.nowMs
  }

  private hand(member: Member, input: Input): void {
    this.take(member, step(member.raft, input, member.random))
  }

  /**
   * A member does one thing at a time: while its disk is written it takes up nothing. What comes before a write of the disk has begun
   * is part of that write.
   */
  private take(
    member: Member,
    { state, messages, messagesAfterSync, durable, mustSync, committed, restored }: Outcome,
  ): void {
    const { nowMs } = this
    const isJoining = nowMs <= member.syncBeganMs
    const beginMs = nowMs >= member.freeMs ? nowMs : isJoining ? member.syncBeganMs : member.freeMs
    member.raft = state
    if (mustSync && !isJoining) {
      member.syncBeganMs = beginMs
      member.freeMs = beginMs + member.fsyncMs
    }
    if (durable) this.keep(member, durable)
    for (const message of messages) this.send(member, message, beginMs)
    for (const message of messagesAfterSync) this.send(member, message, Math.max(beginMs, member.freeMs))
    if (!restored) for (const entry of committed) this.note(entry)
    if (committed.length > 0 && state.commit - state.snapshot.index >= SNAPSHOT_ENTRIES) {
      member.raft = compactMember(member.raft, KEPT_ENTRIES)
      this.keep(member, durableOf(member.raft))
    }
  }

  /** What will be on the member's disk once what is being written is. */
  private keep(member: Member, durable: Durable): void {
    const { nowMs } = this.engine
    const done = member.writing.findLast(({ doneMs }) => doneMs <= nowMs)
    if (done) member.durable = done.durable
    const writing = member.writing.filter(({ doneMs }) => doneMs > nowMs)
    const doneMs = Math.max(member.freeMs, writing.at(-1)?.doneMs ?? nowMs)
    member.writing = [...writing, { doneMs, durable }]
  }

  private note({ index, payload }: Entry): void {
    if (this.revisions.length > index) return
    const { revision } =
      payload.kind === 'data' ? (payload.data as LoggedWrite) : { revision: this.revisions[index - 1] }
    this.revisions.push(revision)
  }

  private send(from: Member, message: Message, sentMs: number): void {
    const to = this.members.find(({ id }) => id === message.to)
    if (!to) return
    const { life } = from
    const arrive = (): void => {
      // It stopped before it could say so.
      if (from.life !== life || !to.isUp) return
      if (from === to || this.isWayOpen(from, to)) this.hand(to, { type: 'message', message })
      if (!this.agenda) this.noteStanding()
    }
    const atMs = sentMs + (from === to ? 0 : MESSAGE_MS)
    if (this.agenda) this.agenda.add(atMs, arrive)
    else this.engine.at(atMs, 'etcd message', arrive, { background: true })
  }

  // ---------- time ----------

  /** Ticks until nothing has changed for a while. */
  private wake(): void {
    this.quietTicks = 0
    this.noteStanding()
    for (const listener of [...this.listeners]) listener()
    for (const member of this.members) {
      if (!member.isUp || member.tick) continue
      const phaseMs = 1 + (hash32(member.id) % TICK_MS)
      this.tickAt(member, this.engine.nowMs + phaseMs)
    }
  }

  private tickAt(member: Member, atMs: number): void {
    member.tick = this.engine.at(atMs, 'etcd tick', () => this.tick(member), { background: true })
  }

  private tick(member: Member): void {
    const { nowMs } = this.engine
    // A tick that comes while the disk is written is not counted.
    if (nowMs >= member.freeMs) this.hand(member, { type: 'tick' })
    this.noteStanding()
    const signature = this.members
      .map(({ isUp, raft }) => `${isUp} ${raft.role === 'leader'} ${raft.term} ${raft.leader} ${raft.commit}`)
      .join()
    if (signature !== this.signature || this.members.some(({ isUp, freeMs }) => isUp && freeMs > nowMs + TICK_MS)) {
      this.signature = signature
      this.quietTicks = 0
      for (const listener of [...this.listeners]) listener()
    } else this.quietTicks += 1 / this.members.length
    if (this.quietTicks < QUIET_TICKS) this.tickAt(member, nowMs + TICK_MS)
    else member.tick = undefined
  }
}

/** Sixteen digits, as etcd makes them of the addresses of a member. */
const idOf = (seed: string, name: string): string => {
  const random = createRandom(seed, `etcd id ${name}`)
  return Array.from({ length: 16 }, (_, i) => random.int(i === 0 ? 1 : 0, 15).toString(16)).join('')
}
