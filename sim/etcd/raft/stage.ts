/**
 * A group of members on a stage: whoever looks decides what happens next, one act after the other. Time passes when they say so, and each
 * message waits on its way until it is delivered or lost. The same acts always lead to the same scene.
 * Simplified: disks are written at once, so a member that stops has lost nothing but what it had in memory.
 */
import { createRandom, type Random } from '../../engine/random.ts'
import { ELECTION_TICKS } from './draft.ts'
import { durableOf, firstDurable, startMember, step } from './step.ts'
import type { Durable, Entry, Input, MemberId, Message, Outcome, Payload, Raft, Refusal, Role } from './types.ts'

export type StageAct =
  /** The oldest message is delivered; where none is on its way, time passes until something is said. */
  | { act: 'next' }
  /** 100 ms pass. */
  | { act: 'tick' }
  /** A second passes, in which everything is delivered. */
  | { act: 'second' }
  /** All that is on its way is delivered, and what is said in return, while no time passes. */
  | { act: 'all' }
  | { act: 'deliver' | 'lose'; message: number }
  /** `cut` takes a member to the other side of a partition, or back; `hasten` has it wait no longer for a leader. Members count from 1. */
  | { act: 'write' | 'stop' | 'start' | 'cut' | 'hasten' | 'transfer'; member: number }

export interface StageOptions {
  members: 3 | 5
  seed: string
}

export interface StageEntry {
  index: number
  term: number
  /** `x=2`; '' for the entry by which a leader begins its term. */
  text: string
}

export interface StageMember {
  /** From 1. */
  number: number
  isUp: boolean
  /** On the other side of a partition. */
  isCut: boolean
  role: Role
  term: number
  /** Numbers of members; 0 for none. */
  vote: number
  leader: number
  commit: number
  /** Ticks waited for a leader, of how many; of a leader, since it counted its members. */
  elapsed: number
  timeout: number
  log: StageEntry[]
  /** What its state machine holds: the last write that is committed. */
  value: string
}

export interface StageMessage {
  number: number
  from: number
  to: number
  /** `propose` is a client's write that a follower passes on to its leader. */
  type: Message['type'] | 'propose'
  term: number
  /** Its way is cut, or nobody is there to hear it. */
  isLost: boolean
  /** Of a reply to a vote. */
  isGranted?: boolean
  /** Of an append. */
  entries?: StageEntry[]
  /** The index of the entry before those, of a reply the last one that is the leader's. */
  index?: number
  isRejected?: boolean
}

export type Happening =
  | { what: 'delivered' | 'lost'; message: StageMessage }
  /** Of an act that delivers many at once: of how many messages, and how many did not arrive. */
  | { what: 'deliveries'; count: number; lost: number }
  | { what: 'waited'; ticks: number }
  | { what: 'role'; member: number; role: Role; term: number }
  | { what: 'term'; member: number; term: number }
  | { what: 'voted'; member: number; for: number; term: number }
  | { what: 'appended' | 'overwritten' | 'committed'; member: number; entry: StageEntry }
  | { what: 'refused'; member: number; why: Refusal | 'stopped' | 'no-leader' }
  | { what: 'stopped' | 'started' | 'cut' | 'joined'; member: number }
  | { what: 'nothing' }

export interface StageScene {
  members: StageMember[]
  messages: StageMessage[]
  /** What the last act led to. */
  happened: Happening[]
  /** 100 ms each. */
  ticks: number
  /** Who led in which term, as far as anybody did. */
  leaders: { term: number; member: number }[]
}

interface Host {
  number: number
  id: MemberId
  state: Raft
  durable: Durable
  isUp: boolean
  isCut: boolean
  random: Random
  value: string
}

interface Proposal {
  type: 'propose'
  from: MemberId
  to: MemberId
  term: number
  payload: Payload
}

interface Sent {
  number: number
  message: Message | Proposal
}

/** A tick that waits for a leader longer than any member does leads nowhere. */
const mostTicks = 3 * ELECTION_TICKS
const ticksOfSecond = 10
/** Of one act; a group that is left alone falls silent long before. */
const mostDeliveries = 400

/** @throws RangeError for an act about a member that there is not; one about a message that is not on its way is no act */
export function playStage({ members, seed }: StageOptions, acts: readonly StageAct[]): StageScene {
  const stage = new Stage(members, seed)
  for (const act of acts) stage.perform(act)
  return stage.scene()
}

class Stage {
  private readonly hosts: Host[]
  private sent: Sent[] = []
  private lastNumber = 0
  private writes = 0
  private ticks = 0
  private readonly leaders = new Map<number, number>()
  private happened: Happening[] = []

  constructor(members: number, seed: string) {
    const ids = Array.from({ length: members }, (_, i) => String(i + 1))
    const membership = { voters: ids, learners: [] }
    this.hosts = ids.map((id) => {
      const random = createRandom(seed, `raft ${id}`)
      const durable = firstDurable(membership)
      const { state } = startMember(id, durable, random)
      return { number: Number(id), id, state, durable, random, isUp: true, isCut: false, value: '' }
    })
  }

  perform(act: StageAct): void {
    this.happened = []
    switch (act.act) {
      case 'next':
        this.next()
        break
      case 'tick':
        this.tick()
        this.happened.unshift({ what: 'waited', ticks: 1 })
        break
      case 'second':
        for (let n = 0; n < ticksOfSecond; n++) {
          this.tick()
          this.deliverAll()
        }
        this.sumUp()
        this.happened.unshift({ what: 'waited', ticks: ticksOfSecond })
        break
      case 'all':
        this.deliverAll()
        this.sumUp()
        break
      case 'deliver':
      case 'lose': {
        const found = this.sent.find(({ number }) => number === act.message)
        if (found) this.settle(found, act.act === 'lose')
        break
      }
      default:
        this.performOn(this.hostOf(act.member), act.act)
    }
    if (this.happened.length === 0) this.happened.push({ what: 'nothing' })
  }

  private performOn(host: Host, act: 'write' | 'stop' | 'start' | 'cut' | 'hasten' | 'transfer'): void {
    const { number: member, isUp } = host
    const refuse = (): void => void this.happened.push({ what: 'refused', member, why: 'stopped' })
    switch (act) {
      case 'write': {
        const payload: Payload = { kind: 'data', data: `x=${++this.writes}` }
        const { role, leader, term } = host.state
        if (!isUp) refuse()
        else if (role === 'leader' || leader === undefined) this.input(host, { type: 'propose', payload })
        else this.send({ type: 'propose', from: host.id, to: leader, term, payload })
        break
      }
      case 'stop':
        if (!isUp) return
        host.isUp = false
        this.happened.push({ what: 'stopped', member })
        break
      case 'start': {
        if (isUp) return
        const { state, committed } = startMember(host.id, host.durable, host.random)
        Object.assign(host, { state, isUp: true, value: '' })
        for (const entry of committed) host.value = textOf(entry.payload) || host.value
        this.happened.push({ what: 'started', member })
        break
      }
      case 'cut':
        host.isCut = !host.isCut
        this.happened.push({ what: host.isCut ? 'cut' : 'joined', member })
        break
      case 'hasten':
        if (!isUp) refuse()
        else if (host.state.role === 'leader') this.happened.push({ what: 'nothing' })
        else {
          const { lastNumber } = this
          for (let n = 0; n < mostTicks && this.lastNumber === lastNumber; n++) this.input(host, { type: 'tick' })
        }
        break
      case 'transfer': {
        const leader = this.hosts.find((one) => one.isUp && one.state.role === 'leader' && one !== host)
        if (leader) this.input(leader, { type: 'transfer', to: host.id })
        else this.happened.push({ what: 'refused', member, why: 'no-leader' })
        break
      }
    }
  }

  private next(): void {
    const [oldest] = this.sent
    if (oldest) {
      this.settle(oldest, false)
      return
    }
    let ticks = 0
    while (ticks < mostTicks && this.sent.length === 0) {
      this.tick()
      ticks++
    }
    this.happened.unshift({ what: 'waited', ticks })
  }

  private tick(): void {
    this.ticks++
    for (const host of this.hosts) if (host.isUp) this.input(host, { type: 'tick' })
  }

  private deliverAll(): void {
    for (let n = 0; n < mostDeliveries && this.sent.length > 0; n++) this.settle(this.sent[0], false)
  }

  private sumUp(): void {
    const countOf = (what: Happening['what']): number => this.happened.filter((one) => one.what === what).length
    const [delivered, lost] = [countOf('delivered'), countOf('lost')]
    const others = this.happened.filter(({ what }) => what !== 'delivered' && what !== 'lost')
    this.happened = delivered + lost > 0 ? [{ what: 'deliveries', count: delivered + lost, lost }, ...others] : others
  }

  /** The message arrives, or does not. */
  private settle(sent: Sent, isLost: boolean): void {
    this.sent = this.sent.filter((one) => one !== sent)
    const { message } = sent
    const shown = this.shown(sent)
    if (!isLost && !shown.isLost) {
      this.happened.push({ what: 'delivered', message: shown })
      const { type } = message
      this.input(
        this.hostOf(shown.to),
        type === 'propose' ? { type, payload: message.payload } : { type: 'message', message },
      )
      return
    }
    this.happened.push({ what: 'lost', message: { ...shown, isLost: true } })
    const sender = this.hostOf(shown.from)
    // Who sends entries learns that they did not arrive, as of a connection that broke.
    if (message.type === 'append' && sender.isUp) this.input(sender, { type: 'unreachable', member: message.to })
  }

  private input(host: Host, input: Input): void {
    const before = host.state
    const outcome = step(before, input, host.random)
    host.state = outcome.state
    if (outcome.durable) host.durable = durableOf(outcome.state)
    this.tell(host, before, outcome)
    const own: Message[] = []
    for (const message of [...outcome.messages, ...outcome.messagesAfterSync])
      if (message.to === host.id) own.push(message)
      else this.send(message)
    for (const message of own) this.input(host, { type: 'message', message })
  }

  private send(message: Message | Proposal): void {
    this.sent.push({ number: ++this.lastNumber, message })
  }

  private tell({ number: member, ...host }: Host, before: Raft, { state, committed, refusal }: Outcome): void {
    const { role, term, vote } = state
    const tell = (happening: Happening): void => void this.happened.push(happening)
    if (role !== before.role) tell({ what: 'role', member, role, term })
    else if (term !== before.term) tell({ what: 'term', member, term })
    if (role === 'leader') this.leaders.set(term, member)
    if (vote !== undefined && (vote !== before.vote || term !== before.term) && vote !== host.id)
      tell({ what: 'voted', member, for: Number(vote), term })
    const kept = new Map(state.log.entries.map((entry) => [entry.index, entry.term]))
    for (const entry of before.log.entries)
      if (kept.get(entry.index) !== entry.term) tell({ what: 'overwritten', member, entry: entryOf(entry) })
    const known = new Map(before.log.entries.map((entry) => [entry.index, entry.term]))
    for (const entry of state.log.entries)
      if (known.get(entry.index) !== entry.term) tell({ what: 'appended', member, entry: entryOf(entry) })
    for (const entry of committed) {
      this.hosts[member - 1].value = textOf(entry.payload) || this.hosts[member - 1].value
      tell({ what: 'committed', member, entry: entryOf(entry) })
    }
    if (refusal) tell({ what: 'refused', member, why: refusal })
  }

  scene(): StageScene {
    return {
      members: this.hosts.map(({ number, isUp, isCut, state, value }) => ({
        ...{ number, isUp, isCut, value },
        ...{ role: state.role, term: state.term, commit: state.commit },
        vote: Number(state.vote ?? 0),
        leader: Number(state.leader ?? 0),
        elapsed: state.electionElapsed,
        timeout: state.role === 'leader' ? ELECTION_TICKS : state.electionTimeout,
        log: state.log.entries.map(entryOf),
      })),
      messages: this.sent.map((sent) => this.shown(sent)),
      happened: this.happened,
      ticks: this.ticks,
      leaders: [...this.leaders].map(([term, member]) => ({ term, member })).sort((a, b) => a.term - b.term),
    }
  }

  private shown({ number, message }: Sent): StageMessage {
    const [from, to] = [this.hostOf(Number(message.from)), this.hostOf(Number(message.to))]
    const { type, term } = message
    const common = { number, from: from.number, to: to.number, type, term, isLost: from.isCut !== to.isCut || !to.isUp }
    switch (message.type) {
      case 'vote-reply':
      case 'pre-vote-reply':
        return { ...common, isGranted: message.isGranted }
      case 'append':
        return { ...common, entries: message.entries.map(entryOf), index: message.previous.index }
      case 'append-reply':
        return { ...common, index: message.index, isRejected: message.rejected !== undefined }
      case 'vote':
      case 'pre-vote':
        return { ...common, index: message.last.index }
      case 'propose':
        return { ...common, entries: [{ index: 0, term, text: textOf(message.payload) }] }
      default:
        return common
    }
  }

  private hostOf(member: number): Host {
    const host = this.hosts[member - 1]
    if (!host) throw new RangeError(`there is no member ${member}`)
    return host
  }
}

const textOf = (payload: Payload): string => (payload.kind === 'data' ? String(payload.data) : '')

const entryOf = ({ index, term, payload }: Entry): StageEntry => ({ index, term, text: textOf(payload) })
