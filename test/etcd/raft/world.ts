/**
 * A world that is hostile to a group of members: messages are late, lost and doubled, ways are cut, disks are slow, and a crash loses
 * what was not on the disk yet. After every event the five safety properties of Raft are looked at, over all that ever happened.
 * Source: Ongaro & Ousterhout, In Search of an Understandable Consensus Algorithm (2014), figure 3
 */
import { createRandom, type Random } from '../../../sim/engine/random.ts'
import { lastOf, termAt } from '../../../sim/etcd/raft/log.ts'
import { compactMember, durableOf, firstDurable, startMember, step } from '../../../sim/etcd/raft/step.ts'
import type {
  Durable,
  Entry,
  Input,
  MemberId,
  Membership,
  Message,
  Outcome,
  Payload,
  Raft,
} from '../../../sim/etcd/raft/types.ts'
import type { Operation } from './linearizable.ts'

export class Unsafe extends Error {
  override readonly name = 'Unsafe'
}

export interface Weather {
  /** Of messages, 0 to 1. */
  loss: number
  doubling: number
  mostDelayMs: number
  fsyncMs: number
}

export type Happening =
  | { act: 'crash' | 'start'; member: number }
  /** Who is on the one side; the others are on the other. */
  | { act: 'cut'; side: number }
  | { act: 'heal' }
  | { act: 'slow'; member: number; fsyncMs: number }
  | { act: 'write' | 'read'; member: number }
  | { act: 'transfer' | 'compact'; member: number; to: number }
  | { act: 'add' | 'learn' | 'remove'; member: number }

interface Host {
  id: MemberId
  state: Raft
  durable: Durable
  isUp: boolean
  /** Grows with each crash: what was under way before is nothing any more. */
  life: number
  fsyncMs: number
  writing: boolean
  inbox: Input[]
  random: Random
  /** What its state machine holds: the register, as of an entry. */
  applied: { index: number; value: unknown }
  waiting: { id: string; index: number; operation: Operation }[]
}

interface Due {
  atMs: number
  order: number
  run: () => void
}

const TICK_MS = 100

export class World {
  readonly hosts: Host[] = []
  readonly history: Operation[] = []
  nowMs = 0
  events = 0
  readonly counts = { elections: 0, committed: 0, snapshots: 0 }
  private readonly random: Random
  private readonly weather: Weather
  private readonly queue: Due[] = []
  private order = 0
  private cut: Set<number> | undefined
  private readonly leaders = new Map<number, MemberId>()
  private readonly entries = new Map<string, string>()
  private readonly committed: Entry[] = []
  private readonly values: unknown[] = [undefined]
  private readonly operations = new Map<string, Operation>()
  private asked = 0

  constructor(seed: string, members: number, weather: Weather, spare = 1) {
    this.weather = weather
    this.random = createRandom(seed, 'world')
    const ids = Array.from({ length: members + spare }, (_, i) => `m${i}`)
    const membership: Membership = { voters: ids.slice(0, members), learners: [] }
    for (const [i, id] of ids.entries()) {
      const random = createRandom(seed, id)
      const durable = firstDurable(membership)
      const host: Host = {
        id,
        state: startMember(id, durable, random).state,
        durable,
        isUp: true,
        life: 0,
        fsyncMs: weather.fsyncMs,
        writing: false,
        inbox: [],
        random,
        applied: { index: 0, value: undefined },
        waiting: [],
      }
      this.hosts.push(host)
      this.tickLater(host, 1 + ((i * 37) % TICK_MS))
    }
  }

  at(atMs: number, happening: Happening): void {
    this.push(atMs, () => this.happen(happening))
  }

  runUntil(untilMs: number): void {
    for (;;) {
      let next = -1
      for (let i = 0; i < this.queue.length; i++) {
        const due = this.queue[i]
        const best = this.queue[next]
        if (next < 0 || due.atMs < best.atMs || (due.atMs === best.atMs && due.order < best.order)) next = i
      }
      if (next < 0 || this.queue[next].atMs > untilMs) break
      const [due] = this.queue.splice(next, 1)
      this.nowMs = due.atMs
      this.events++
      due.run()
    }
    this.nowMs = untilMs
  }

  /** Everything is well again: what was begun must come to an end. */
  heal(): void {
    this.cut = undefined
    Object.assign(this.weather, { loss: 0, doubling: 0, mostDelayMs: 2 })
    for (const host of this.hosts) {
      host.fsyncMs = 1
      this.start(host)
    }
  }

  leader(): Host | undefined {
    return this.hosts
      .filter(({ isUp, state }) => isUp && state.role === 'leader')
      .sort((a, b) => b.state.term - a.state.term)[0]
  }

  get committedCount(): number {
    return this.committed.length
  }

  happen(happening: Happening): void {
    const { hosts } = this
    const hostOf = (n: number): Host => hosts[n % hosts.length]
    switch (happening.act) {
      case 'crash': {
        const host = hostOf(happening.member)
        host.isUp = false
        host.life++
        host.inbox = []
        host.writing = false
        host.waiting = []
        break
      }
      case 'start':
        this.start(hostOf(happening.member))
        break
      case 'cut':
        this.cut = new Set(hosts.flatMap((_, i) => ((happening.side >> i) & 1 ? [i] : [])))
        break
      case 'heal':
        this.cut = undefined
        break
      case 'slow':
        hostOf(happening.member).fsyncMs = happening.fsyncMs
        break
      case 'write':
        this.ask(hostOf(happening.member), 'write')
        break
      case 'read':
        this.ask(hostOf(happening.member), 'read')
        break
      case 'transfer':
        this.hand(hostOf(happening.member), { type: 'transfer', to: hostOf(happening.to).id })
        break
      case 'compact': {
        const host = hostOf(happening.member)
        if (!host.isUp || host.writing) break
        host.state = compactMember(host.state, happening.to % 3)
        host.durable = durableOf(host.state)
        break
      }
      case 'add':
      case 'learn':
      case 'remove': {
        const act = ({ add: 'add-voter', learn: 'add-learner', remove: 'remove' } as const)[happening.act]
        const leader = this.leader()
        const payload: Payload = { kind: 'membership', change: { act, member: hostOf(happening.member).id } }
        if (leader) this.hand(leader, { type: 'propose', payload })
        break
      }
    }
  }

  /** Asks that member, or the leader when it is none: clients are passed on. */
  private ask(asked: Host, type: 'write' | 'read'): void {
    const host = asked.isUp && asked.state.role === 'leader' ? asked : this.leader()
    if (!host) return
    const id = `${type}-${++this.asked}`
    const operation: Operation = {
      type,
      value: type === 'write' ? id : undefined,
      beginMs: this.stamp(),
      endMs: undefined,
    }
    this.history.push(operation)
    this.operations.set(id, operation)
    this.hand(host, type === 'write' ? { type: 'propose', payload: { kind: 'data', data: id } } : { type: 'read', id })
  }

  /** Moments of the history in the order of what happened, not of the clock: much happens in one millisecond. */
  private stamp(): number {
    return ++this.order
  }

  private start(host: Host): void {
    if (host.isUp) return
    host.isUp = true
    const { snapshot } = host.durable
    host.applied = { index: snapshot.index, value: this.values[snapshot.index] }
    const outcome = startMember(host.id, host.durable, host.random)
    // What it had learned and not written is forgotten, also how far the others had come.
    host.state = outcome.state
    this.take(host, outcome)
    this.tickLater(host, TICK_MS)
  }

  private tickLater(host: Host, delayMs: number): void {
    const { life } = host
    this.push(this.nowMs + delayMs, () => {
      if (host.life !== life) return
      // While the disk is written no tick is counted.
      if (!host.writing) this.hand(host, { type: 'tick' })
      this.tickLater(host, TICK_MS)
    })
  }

  private push(atMs: number, run: () => void): void {
    this.queue.push({ atMs, order: ++this.order, run })
  }

  private hand(host: Host, input: Input): void {
    if (!host.isUp) return
    if (host.writing) host.inbox.push(input)
    else this.take(host, step(host.state, input, host.random))
  }

  private take(host: Host, outcome: Outcome): void {
    const before = host.state
    host.state = outcome.state
    if (outcome.restored) {
      const { index } = outcome.restored
      this.counts.snapshots++
      if (index > this.committed.length) throw new Unsafe(`${host.id} was given a snapshot of what nobody committed`)
      host.applied = { index, value: this.values[index] }
    }
    for (const entry of outcome.committed) this.apply(host, entry)
    for (const { id, index } of outcome.reads) this.awaitRead(host, id, index)
    this.check(host, before)
    for (const message of outcome.messages) this.send(message)
    // How far the commit went may be forgotten.
    if (!outcome.mustSync) {
      this.sendAfterSync(host, outcome.messagesAfterSync)
      return
    }
    const { life } = host
    const durable = outcome.durable!
    host.writing = true
    this.push(this.nowMs + this.random.int(0, host.fsyncMs), () => {
      if (host.life !== life) return
      host.durable = durable
      host.writing = false
      this.sendAfterSync(host, outcome.messagesAfterSync)
      while (!host.writing && host.inbox.length > 0) this.hand(host, host.inbox.shift()!)
    })
  }

  private sendAfterSync(host: Host, messages: readonly Message[]): void {
    const own = messages.filter(({ to }) => to === host.id)
    for (const message of messages) if (message.to !== host.id) this.send(message)
    host.inbox.unshift(...own.map((message): Input => ({ type: 'message', message })))
    while (!host.writing && host.inbox.length > 0) this.hand(host, host.inbox.shift()!)
  }

  private send(message: Message): void {
    const from = this.hosts.findIndex(({ id }) => id === message.from)
    const to = this.hosts.findIndex(({ id }) => id === message.to)
    const copies = this.random.next() < this.weather.loss ? 0 : this.random.next() < this.weather.doubling ? 2 : 1
    for (let i = 0; i < copies; i++)
      this.push(this.nowMs + this.random.int(0, this.weather.mostDelayMs), () => {
        if (this.cut && this.cut.has(from) !== this.cut.has(to)) return
        this.hand(this.hosts[to], { type: 'message', message })
      })
  }

  private apply(host: Host, entry: Entry): void {
    const { index, payload } = entry
    if (index !== host.applied.index + 1) throw new Unsafe(`${host.id} applies ${index} after ${host.applied.index}`)
    const known = this.committed[index - 1]
    if (!known) {
      if (index !== this.committed.length + 1)
        throw new Unsafe(`${host.id} commits ${index} of ${this.committed.length}`)
      this.committed.push(entry)
      this.counts.committed++
      const data = payload.kind === 'data' ? payload.data : undefined
      this.values.push(data ?? this.values[index - 1])
    } else if (known.term !== entry.term || textOf(known) !== textOf(entry))
      throw new Unsafe(`state machine safety: ${host.id} applies ${textOf(entry)} as ${index}, others ${textOf(known)}`)
    host.applied = { index, value: this.values[index] }
    if (payload.kind === 'data') {
      const operation = this.operations.get(payload.data as string)
      // Whoever leads answers the client; a member that only follows may be the first to apply it.
      if (operation && operation.endMs === undefined && host.state.role === 'leader') operation.endMs = this.stamp()
    }
    this.answerReads(host)
  }

  private awaitRead(host: Host, id: string, index: number): void {
    const operation = this.operations.get(id)
    if (operation && operation.endMs === undefined) host.waiting.push({ id, index, operation })
    this.answerReads(host)
  }

  private answerReads(host: Host): void {
    host.waiting = host.waiting.filter(({ index, operation }) => {
      if (host.applied.index < index) return true
      operation.value = host.applied.value
      operation.endMs = this.stamp()
      return false
    })
  }

  private check(host: Host, before: Raft): void {
    const { state } = host
    if (state.term < before.term) throw new Unsafe(`the term of ${host.id} goes back`)
    if (state.commit < before.commit) throw new Unsafe(`what ${host.id} committed goes back`)
    this.checkLogMatching(state, before)
    if (state.role !== 'leader') return
    const known = this.leaders.get(state.term)
    if (known !== undefined && known !== host.id)
      throw new Unsafe(`election safety: ${known} and ${host.id} lead in term ${state.term}`)
    if (known === undefined) {
      this.leaders.set(state.term, host.id)
      this.counts.elections++
      for (const { index, term } of this.committed)
        if (index > state.log.base.index && termAt(state.log, index) !== term)
          throw new Unsafe(
            `leader completeness: ${host.id} leads term ${state.term} without the committed entry ${index}`,
          )
    }
    if (before.role === 'leader' && before.term === state.term)
      for (const { index, term } of before.log.entries)
        if (index > state.log.base.index && termAt(state.log, index) !== term)
          throw new Unsafe(`leader append-only: ${host.id} lost its entry ${index}`)
  }

  /** An entry's index and term tell what it says, and which entry goes before it: so logs that agree in one agree in all before it. */
  private checkLogMatching({ log }: Raft, before: Raft): void {
    if (log === before.log) return
    let { term } = log.base
    for (const entry of log.entries) {
      const key = `${entry.index}/${entry.term}`
      const said = `${term} ${textOf(entry)}`
      const known = this.entries.get(key)
      if (known === undefined) this.entries.set(key, said)
      else if (known !== said) throw new Unsafe(`log matching: entry ${key} is "${said}" and "${known}"`)
      ;({ term } = entry)
    }
    if (lastOf(log).index < before.commit) throw new Unsafe('a log is shorter than what was committed')
  }
}

const textOf = ({ payload }: Entry): string => JSON.stringify(payload)
