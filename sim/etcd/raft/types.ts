/** What a Raft member is, hears, says and keeps. Sources: go.etcd.io/raft/v3; Ongaro, Consensus: Bridging Theory and Practice (2014) */

export type MemberId = string

/** Who votes, and who only listens. */
export interface Membership {
  readonly voters: readonly MemberId[]
  readonly learners: readonly MemberId[]
}

export type MembershipChange =
  | { readonly act: 'add-voter'; readonly member: MemberId }
  | { readonly act: 'add-learner'; readonly member: MemberId }
  | { readonly act: 'remove'; readonly member: MemberId }

/** What a proposal carries: a leader begins its term with nothing. */
export type Payload =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'data'; readonly data: unknown }
  | { readonly kind: 'membership'; readonly change: MembershipChange }

export interface Entry {
  readonly term: number
  readonly index: number
  readonly payload: Payload
}

export interface Position {
  readonly index: number
  readonly term: number
}

/** The state as of an entry, which stands for all entries up to there. */
export interface Snapshot extends Position {
  readonly membership: Membership
}

export interface Log {
  /** The last entry that is no longer kept. */
  readonly base: Position
  readonly entries: readonly Entry[]
}

/** What lies on the disk, and what a member begins with. */
export interface Durable {
  readonly term: number
  readonly vote: MemberId | undefined
  readonly commit: number
  readonly snapshot: Snapshot
  readonly log: Log
}

interface Sent {
  readonly from: MemberId
  readonly to: MemberId
  readonly term: number
}

export type Message = Sent &
  (
    | { readonly type: 'pre-vote'; readonly last: Position }
    | { readonly type: 'pre-vote-reply'; readonly isGranted: boolean }
    /** A transfer of leadership is not held up by the leader that there is. */
    | { readonly type: 'vote'; readonly last: Position; readonly isTransfer: boolean }
    | { readonly type: 'vote-reply'; readonly isGranted: boolean }
    | {
        readonly type: 'append'
        readonly previous: Position
        readonly entries: readonly Entry[]
        readonly commit: number
      }
    /** `index` is the last entry that is the leader's; of a rejection, the previous one that was not there, and where to try next. */
    | { readonly type: 'append-reply'; readonly index: number; readonly rejected?: { readonly hint: Position } }
    | { readonly type: 'heartbeat'; readonly commit: number; readonly read?: string }
    | { readonly type: 'heartbeat-reply'; readonly read?: string }
    | { readonly type: 'snapshot'; readonly snapshot: Snapshot }
    | { readonly type: 'timeout-now' }
  )

export type Input =
  | { readonly type: 'tick' }
  | { readonly type: 'message'; readonly message: Message }
  | { readonly type: 'propose'; readonly payload: Payload }
  /** Asks from which entry on a read is linearizable. */
  | { readonly type: 'read'; readonly id: string }
  | { readonly type: 'transfer'; readonly to: MemberId }
  /** What was sent to that member did not arrive. */
  | { readonly type: 'unreachable'; readonly member: MemberId }

export type Refusal = 'not-leader' | 'transferring' | 'membership-pending'

/** What the leader knows of another member. */
export interface Progress {
  /** The last entry that it is known to have. */
  readonly match: number
  /** The next entry to send. */
  readonly next: number
  /** `probe`: one message until it answers; `replicate`: as they come; `snapshot`: it is given one, and nothing meanwhile. */
  readonly mode: 'probe' | 'replicate' | 'snapshot'
  readonly isPaused: boolean
  /** Heard from since the leader counted last. */
  readonly isActive: boolean
}

export interface PendingRead {
  readonly id: string
  /** Undefined until the leader has committed an entry of its own term. */
  readonly index: number | undefined
  readonly acknowledged: readonly MemberId[]
}

export type Role = 'follower' | 'pre-candidate' | 'candidate' | 'leader'

/** A member in memory. Never changed: a step gives a new one. */
export interface Raft {
  readonly id: MemberId
  readonly role: Role
  readonly term: number
  readonly vote: MemberId | undefined
  readonly leader: MemberId | undefined
  readonly log: Log
  readonly snapshot: Snapshot
  readonly commit: number
  readonly membership: Membership
  /** Ticks since the leader was heard of, or since the leader counted its members. */
  readonly electionElapsed: number
  /** Of ticks; drawn anew for each wait. */
  readonly electionTimeout: number
  readonly votes: Readonly<Record<MemberId, boolean>>
  readonly progress: Readonly<Record<MemberId, Progress>>
  readonly transferTo: MemberId | undefined
  /** No other change of the membership is taken until this entry is committed. */
  readonly membershipIndex: number
  readonly reads: readonly PendingRead[]
}

export interface Outcome {
  readonly state: Raft
  /** May go at once, also while the disk is written: a leader's entries and heartbeats. */
  readonly messages: readonly Message[]
  /** Must not go before `durable` is on the disk. Those to the member itself are handed to it then. */
  readonly messagesAfterSync: readonly Message[]
  /** What the disk is to hold; undefined when that has not changed. */
  readonly durable: Durable | undefined
  /** It has to be there before the next input is handed over. False when only the commit went on, which others know as well. */
  readonly mustSync: boolean
  /** In their order, each once for as long as the member runs. */
  readonly committed: readonly Entry[]
  /** Reads that may be answered once the entry of that index is applied. */
  readonly reads: readonly { readonly id: string; readonly index: number }[]
  /** State up to here came as a snapshot: what is applied is replaced by it. */
  readonly restored: Snapshot | undefined
  readonly refusal: Refusal | undefined
}
