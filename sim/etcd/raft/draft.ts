/** A step in the making: the member as it becomes, and what it says meanwhile. Lives no longer than the step. */
import type { Random } from '../../engine/random.ts'
import { appended, lastOf } from './log.ts'
import type { Entry, MemberId, Message, Outcome, Payload, Progress, Raft, Refusal, Snapshot } from './types.ts'

/** Ticks of 100 ms: --heartbeat-interval and --election-timeout as they are unless told. */
export const HEARTBEAT_TICKS = 1
export const ELECTION_TICKS = 10

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
type Unaddressed = Message extends infer M ? (M extends Message ? Omit<M, 'from' | 'to' | 'term'> : never) : never

export class Draft {
  readonly state: Mutable<Raft>
  refusal: Refusal | undefined
  restored: Snapshot | undefined
  readonly reads: { id: string; index: number }[] = []
  private readonly before: Raft
  private readonly random: Random
  private readonly atOnce: Message[] = []
  private readonly afterSync: Message[] = []
  private readonly committed: Entry[] = []

  constructor(before: Raft, random: Random) {
    this.before = before
    this.state = { ...before }
    this.random = random
  }

  /** @param term of the message, where it is not the member's own */
  send(to: MemberId, message: Unaddressed, term = this.state.term): void {
    const sent = { ...message, from: this.state.id, to, term } as Message
    const isLeaders = sent.type === 'append' || sent.type === 'heartbeat' || sent.type === 'snapshot'
    if (isLeaders && to !== this.state.id) this.atOnce.push(sent)
    else this.afterSync.push(sent)
  }

  /** Waits for a leader anew: between one and two election timeouts. */
  drawTimeout(): void {
    this.state.electionElapsed = 0
    this.state.electionTimeout = this.random.int(ELECTION_TICKS, 2 * ELECTION_TICKS - 1)
  }

  setProgress(member: MemberId, change: Partial<Progress>): void {
    const own = this.state.progress[member]
    if (own) this.state.progress = { ...this.state.progress, [member]: { ...own, ...change } }
  }

  /** A leader's new entry. It counts for the leader itself once it is on its disk. */
  append(payload: Payload): number {
    const { state } = this
    const entry: Entry = { term: state.term, index: lastOf(state.log).index + 1, payload }
    state.log = appended(state.log, [entry])
    this.send(state.id, { type: 'append-reply', index: entry.index })
    return entry.index
  }

  noteCommitted(entries: readonly Entry[]): void {
    this.committed.push(...entries)
  }

  finish(): Outcome {
    const { state, before } = this
    const { term, vote, log, snapshot, commit } = state
    const mustSync = term !== before.term || vote !== before.vote || log !== before.log || snapshot !== before.snapshot
    return {
      state,
      messages: this.atOnce,
      messagesAfterSync: this.afterSync,
      durable: mustSync || commit !== before.commit ? { term, vote, log, snapshot, commit } : undefined,
      mustSync,
      committed: this.committed,
      reads: this.reads,
      restored: this.restored,
      refusal: this.refusal,
    }
  }
}
