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
import { DiskQueue } from './disk-queue.ts'
import { lastOf } from './raft/log.ts'
import { isMajority, membersOf } from './raft/membership.ts'
import { compactMember, durableOf, firstDurable, startMember, step } from './raft/step.ts'
import type { Durable, Entry, Input, MembershipChange, Message, Outcome, Payload, Raft } from './raft/types.ts'
import { type KnownMember, Roster, readCluster } from './roster.ts'

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

/** Peers are well that have been connected so long. Source: etcd server/etcdserver/server.go (HealthInterval) */
const HEALTHY_MS = 5000
/** After it has learned that it was removed, until it ends. */
const REMOVED_MS = 1000
/** Of what its leader has, a learner must have as much to be promoted. */
const IN_SYNC = 0.9

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
  /** How often it has seen another leader since its process began. Source: server/etcdserver/server.go, updateLeadership */
  readonly leaderChanges: number
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

/** What a change of who belongs to them came to. */
export interface Reconfigured extends Agreement {
  /** Of the member that was added, or whose part was changed. */
  readonly id: string
}

/** How a member begins whose disk is empty. */
export interface Joining {
  /** As which it was added. */
  readonly id: string
  /** What it calls itself. */
  readonly name: string
}

interface Member extends MemberPlace {
  /** That of the one whose data its disk holds. */
  id: string
  /** Told when it has to end since it was removed; without it, it ends by itself. */
  onRemoved: (() => void) | undefined
  /** What it will be called once it has found itself among the members. */
  joinsAs: string | undefined
  /** It has heard that it was removed. */
  isLeaving: boolean
  /** Since when it is up, and reached by others as it is. */
  sinceMs: number
  readonly random: Random
  raft: Raft
  /** What is on the disk, and what is being written, in order of when it will be there. */
  durable: Durable
  readonly writing: DiskQueue<Durable>
  /** The write of the disk that began last, and when it ends. */
  syncBeganMs: number
  freeMs: number
  fsyncMs: number
  isUp: boolean
  /** Grows when it stops: what it was about to say is not said any more. */
  life: number
  cut: Cut
  tick: Timer | undefined
  /** Whom it last knew as leader, and how often that was somebody else, since its process began. */
  knownLeader: string | undefined
  leaderChanges: number
}

export class EtcdMembers {
  readonly clusterId: string
  private readonly engine: Engine
  private readonly members: Member[]
  private readonly roster: Roster
  /** What a disk holds before the first entry: who came first. */
  private readonly first: Durable
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
    this.first = first
    this.roster = new Roster(
      places.map(({ name, ip }, i) => ({ id: ids[i], name, peerUrls: [peerUrlOf(ip)], isLearner: false })),
    )
    this.members = places.map((place, i) => {
      const random = engine.random(`etcd/${place.name}`)
      return {
        ...place,
        id: ids[i],
        onRemoved: undefined,
        joinsAs: undefined,
        isLeaving: false,
        sinceMs: Number.NEGATIVE_INFINITY,
        random,
        raft: startMember(ids[i], first, random).state,
        durable: first,
        writing: new DiskQueue(),
        syncBeganMs: Number.NEGATIVE_INFINITY,
        freeMs: Number.NEGATIVE_INFINITY,
        fsyncMs: FSYNC_MS,
        isUp: true,
        life: 0,
        cut: 'healed',
        tick: undefined,
        knownLeader: undefined,
        leaderChanges: 0,
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
    return this.agree({ kind: 'data', data: write })
  }

  private agree(payload: Payload): Agreement {
    const leader = this.findServing()
    if (!leader) return { tookMs: REQUEST_TIMEOUT_MS, error: this.whyRefused }
    const { engine } = this
    const agenda = new Agenda(engine.nowMs)
    const before = this.members.map((member) => ({ ...member }))
    const undoWriting = this.members.map(({ writing }) => writing.mark())
    this.agenda = agenda
    const index = lastOf(leader.raft.log).index + 1
    const { term } = leader.raft
    this.hand(leader, { type: 'propose', payload })
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
      for (const [i, member] of this.members.entries()) {
        Object.assign(member, before[i])
        undoWriting[i]()
      }
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

  // ---------- who belongs to them ----------

  /** As they have agreed on it, in the order of their ids. */
  list(): readonly KnownMember[] {
    return this.roster.list()
  }

  /** @param from the node of the member that is asked */
  add(from: string, peerUrls: readonly string[], isLearner: boolean): Reconfigured {
    const voters = this.roster.list().filter((one) => !one.isLearner)
    const isHealthy = voters.every(({ id }) => this.isConnectedFor(from, id, HEALTHY_MS))
    const drawn = `${peerUrls.join()} at ${this.engine.nowMs}`
    const id = idOf(this.engine.seed, drawn)
    const error = this.roster.whyNotAdded(peerUrls, isLearner, isHealthy)
    if (error !== undefined) return { id, tookMs: 0, error }
    return this.reconfigure({ act: isLearner ? 'add-learner' : 'add-voter', member: id }, () =>
      this.roster.put({ id, name: '', peerUrls, isLearner }),
    )
  }

  /** @param from the node of the member that is asked */
  remove(from: string, id: string): Reconfigured {
    const voters = this.roster.list().filter((one) => !one.isLearner)
    const self = this.members.find(({ name }) => name === from)?.id
    const active = voters.filter((one) => this.isConnectedFor(from, one.id, HEALTHY_MS)).length
    // One that is down is no part of what decides now.
    const isDown = id !== self && !this.isConnectedFor(from, id, 0)
    const isHealthy = isDown || active - 1 >= 1 + Math.floor((voters.length - 1) / 2)
    const error = this.roster.whyNotRemoved(id, isHealthy)
    if (error !== undefined) return { id, tookMs: 0, error }
    return this.reconfigure({ act: 'remove', member: id }, () => this.roster.remove(id))
  }

  /** Has a learner vote. */
  promote(id: string): Reconfigured {
    const progress = this.findServing()?.raft.progress ?? {}
    const leads = Math.max(...Object.values(progress).map(({ match }) => match))
    const isInSync = (progress[id]?.match ?? 0) >= IN_SYNC * leads
    const error = this.roster.whyNotPromoted(id, isInSync)
    if (error !== undefined) return { id, tookMs: 0, error }
    return this.reconfigure({ act: 'add-voter', member: id }, () =>
      this.roster.put({ ...this.roster.find(id)!, isLearner: false }),
    )
  }

  /** Has others look for it elsewhere. Simplified: they find it where its node is. */
  update(id: string, peerUrls: readonly string[]): Reconfigured {
    const error = this.roster.whyNotUpdated(id, peerUrls)
    if (error !== undefined) return { id, tookMs: 0, error }
    const agreement = this.agree({ kind: 'nothing' })
    if (agreement.error === undefined) this.roster.put({ ...this.roster.find(id)!, peerUrls })
    return { ...agreement, id }
  }

  private reconfigure(change: MembershipChange, note: () => void): Reconfigured {
    const agreement = this.agree({ kind: 'membership', change })
    if (agreement.error === undefined) {
      note()
      this.wake()
    }
    return { ...agreement, id: change.member }
  }

  /**
   * As which a member begins that finds no data on its node's disk: what it is told by those whose addresses it was given.
   * @param initialCluster as in its flag
   * @returns why it cannot, as etcd words it; or that it belongs to them already, and has lost what it said that it had
   */
  invitation(
    node: string,
    name: string,
    initialCluster: string,
  ): { joining: Joining } | { error: string } | { lostIndex: number } {
    const own = this.members.find((one) => one.name === node)!
    const given = readCluster(initialCluster)
    const mine = given.find((one) => one.name === name)
    if (!mine) return { error: `couldn't find local name ${JSON.stringify(name)} in the initial cluster configuration` }
    const isReached = (other: Member): boolean =>
      other !== own &&
      other.isUp &&
      !this.roster.isRemoved(other.id) &&
      ![own.cut, other.cut].includes('from-all') &&
      given.some(({ url }) => url === peerUrlOf(other.ip))
    if (!this.members.some(isReached))
      return {
        error: 'cannot fetch cluster info from peer urls: could not retrieve cluster information from the given URLs',
      }
    const known = this.roster.list()
    const unknown = known.find(({ peerUrls }) => !given.some(({ url }) => peerUrls.includes(url)))
    const invalid = (why: string) => ({ error: `error validating peerURLs ${this.told()}: ${why}` })
    if (known.length !== given.length) return invalid('member count is unequal')
    if (unknown)
      return invalid(
        `PeerURLs: no match found for existing member (${unknown.id}, [${unknown.peerUrls.join(' ')}]), last resolver error (<nil>)`,
      )
    const { id } = known.find(({ peerUrls }) => peerUrls.includes(mine.url))!
    return id === own.id ? { lostIndex: own.durable.commit } : { joining: { id, name } }
  }

  /** The id of that node's member, where others say that it has started; undefined where nobody does. */
  bootstrappedId(node: string): string | undefined {
    const own = this.members.find((one) => one.name === node)!
    const isTold = this.members.some((other) => other !== own && other.isUp && other.cut !== 'from-all')
    const known = this.roster.list().find(({ peerUrls }) => peerUrls.includes(peerUrlOf(own.ip)))
    return isTold && own.cut !== 'from-all' && known?.name ? known.id : undefined
  }

  /** As etcd prints it in its errors. Source: etcd server/etcdserver/api/membership/cluster.go (String) */
  private told(): string {
    const members = this.roster.list().map(({ id, name, peerUrls, isLearner }) => {
      const clients = name === '' ? [] : peerUrls.map((url) => url.replace(/:2380$/, ':2379'))
      const raft = `{PeerURLs:[${peerUrls.join(' ')}] IsLearner:${isLearner}}`
      return `&{ID:${id} RaftAttributes:${raft} Attributes:{Name:${name} ClientURLs:[${clients.join(' ')}]}}`
    })
    const removed = this.roster.removedIds().join(' ')
    return `{ClusterID:${this.clusterId} Members:[${members.join(' ')}] RemovedMemberIDs:[${removed}]}`
  }

  /** Whether the member of that node has been connected with the one of that id for so long. */
  private isConnectedFor(from: string, id: string, forMs: number): boolean {
    const [own, other] = [
      this.members.find(({ name }) => name === from),
      this.members.find((member) => member.id === id),
    ]
    if (!own || !other) return false
    if (own === other) return own.isUp
    const sinceMs = Math.max(own.sinceMs, other.sinceMs)
    return this.isWayOpen(own, other) && this.engine.nowMs - sinceMs >= forMs
  }

  /** Each that was removed, and has heard of it, ends a moment later. */
  private tellRemoved(): void {
    if (this.roster.removedIds().length === 0) return
    const others = this.members.filter((one) => !this.roster.isRemoved(one.id))
    for (const member of this.members) {
      const { life } = member
      const hasHeard =
        !membersOf(member.raft.membership).includes(member.id) || others.some((one) => this.isWayOpen(member, one))
      if (!member.isUp || member.isLeaving || !this.roster.isRemoved(member.id) || !hasHeard) continue
      member.isLeaving = true
      this.engine.after(
        REMOVED_MS,
        `etcd on ${member.name} was removed`,
        () => {
          if (member.life !== life) return
          if (member.onRemoved) member.onRemoved()
          else this.stop(member.name)
        },
        { background: true },
      )
    }
  }

  // ---------- whether they can be asked ----------

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
      const { name, ip, id, isUp, raft, leaderChanges } = member
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
        leaderChanges,
      }
    })
  }

  /** Whether a client on the one node gets to the member on the other one: it needs no member beside it. */
  isConnected(from: string, to: string): boolean {
    const [a, b] = [from, to].map((name) => this.members.find((member) => member.name === name))
    return b?.isUp === true && (a === b || (a?.cut !== 'from-all' && b.cut !== 'from-all'))
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
    member.durable = member.writing.takeDone(writtenMs) ?? member.durable
    member.writing.clear()
    this.engine.cancel(member.tick)
    this.wake()
  }

  /**
   * @param as a member that begins with nothing; without it, it goes on from its disk
   * @param onRemoved told when it has to end since it was removed
   */
  start(name: string, as?: Joining, onRemoved?: () => void): void {
    const member = this.members.find((one) => one.name === name)
    if (!member) return
    member.onRemoved = onRemoved
    // Those of a cluster that is set up agree on things before their processes are there.
    if (member.isUp) return
    if (as) {
      member.id = as.id
      member.durable = this.first
      member.joinsAs = as.name
    }
    member.isLeaving = false
    member.isUp = true
    member.sinceMs = this.engine.nowMs
    member.syncBeganMs = Number.NEGATIVE_INFINITY
    member.freeMs = this.engine.nowMs
    member.tick = undefined
    member.knownLeader = undefined
    member.leaderChanges = 0
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
    member.sinceMs = this.engine.nowMs
    this.wake()
  }

  private noteStanding(): void {
    for (const member of this.members) {
      const { leader } = member.raft
      if (!member.isUp || leader === member.knownLeader) continue
      member.knownLeader = leader
      if (leader !== undefined) member.leaderChanges++
    }
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
    const leads = ({ id, isUp, raft }: Member): boolean =>
      isUp && raft.role === 'leader' && raft.transferTo === undefined && raft.membership.voters.includes(id)
    return this.members
      .filter(leads)
      .sort((a, b) => b.raft.term - a.raft.term)
      .find((leader) => {
        // One that has heard of a later term follows no former leader.
        const isReached = (member: Member): boolean =>
          member === leader || (this.isWayOpen(leader, member) && member.raft.term <= leader.raft.term)
        const isAsked = this.members.some((member) => member.isUp && mayBeAsked(member) && isReached(member))
        return (
          isAsked &&
          isMajority(leader.raft.membership, (id) => {
            const member = this.members.find((one) => one.id === id)
            return member !== undefined && isReached(member)
          })
        )
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
    const known = member.joinsAs === undefined ? undefined : this.roster.find(member.id)
    if (known && membersOf(state.membership).includes(member.id)) {
      this.roster.put({ ...known, name: member.joinsAs! })
      member.joinsAs = undefined
    }
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
    member.durable = member.writing.takeDone(nowMs) ?? member.durable
    member.writing.add(Math.max(member.freeMs, member.writing.lastMs ?? nowMs), durable)
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
      // Who was removed is not listened to.
      if (this.roster.isRemoved(message.from)) return
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
    this.tellRemoved()
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

const peerUrlOf = (ip: string): string => `https://${ip}:2380`

/** Sixteen digits, as etcd makes them of the addresses of a member. */
const idOf = (seed: string, name: string): string => {
  const random = createRandom(seed, `etcd id ${name}`)
  return Array.from({ length: 16 }, (_, i) => random.int(i === 0 ? 1 : 0, 15).toString(16)).join('')
}
