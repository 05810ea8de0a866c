/**
 * The consensus of a group of members that may be slow, cut off from each other, and gone: Raft, as etcd's library does it, with
 * pre-votes, leaders that step down when they hear of no majority, learners, changes of one member at a time, transfer of leadership
 * and linearizable reads. A member is a value; a step makes the next one of it and what it has to say. Nothing here knows of time,
 * disks or networks: who runs a member ticks it, writes what must last, carries its messages, and may lose them.
 * Simplified: no flow control by messages in flight, and proposals are made to the leader itself.
 * Sources: go.etcd.io/raft/v3 (raft.go); Ongaro & Ousterhout, In Search of an Understandable Consensus Algorithm (2014)
 */
import type { Random } from '../../engine/random.ts'
import { Draft, ELECTION_TICKS, HEARTBEAT_TICKS } from './draft.ts'
import {
  beginRead,
  broadcastEntries,
  broadcastHeartbeat,
  commitUpTo,
  freshProgress,
  onAppendReply,
  onHeartbeatReply,
  onUnreachable,
  sendEntries,
} from './leading.ts'
import { compacted, conflictHint, isUpToDate, lastOf, merged, termAt } from './log.ts'
import { isMajority, membersOf, quorumOf } from './membership.ts'
import type { Durable, Input, MemberId, Membership, Message, Outcome, Payload, Raft, Role } from './types.ts'

/** What lies on the disk of a member that has not run yet. */
export const firstDurable = (membership: Membership): Durable => ({
  term: 0,
  vote: undefined,
  commit: 0,
  snapshot: { index: 0, term: 0, membership },
  log: { base: { index: 0, term: 0 }, entries: [] },
})

/** A member as it starts from its disk. What was committed comes out of it again, from its snapshot on. */
export function startMember(id: MemberId, durable: Durable, random: Random): Outcome {
  const { term, vote, snapshot, log, commit } = durable
  const draft = new Draft(
    {
      id,
      role: 'follower',
      term,
      vote,
      leader: undefined,
      log,
      snapshot,
      commit: snapshot.index,
      membership: snapshot.membership,
      electionElapsed: 0,
      electionTimeout: ELECTION_TICKS,
      votes: {},
      progress: {},
      transferTo: undefined,
      membershipIndex: 0,
      reads: [],
    },
    random,
  )
  draft.drawTimeout()
  commitUpTo(draft, commit)
  return { ...draft.finish(), durable: undefined, mustSync: false }
}

/** Replaces what is committed by a snapshot, and drops entries but for the last `keep`, for members that are a little behind. */
export function compactMember(state: Raft, keep: number): Raft {
  const term = termAt(state.log, state.commit)
  if (term === undefined || state.commit <= state.snapshot.index) return state
  return {
    ...state,
    snapshot: { index: state.commit, term, membership: state.membership },
    log: compacted(state.log, state.commit - keep),
  }
}

/** What has to lie on the disk for a member to be as it is. */
export const durableOf = ({ term, vote, commit, snapshot, log }: Raft): Durable => ({
  term,
  vote,
  commit,
  snapshot,
  log,
})

export function step(state: Raft, input: Input, random: Random): Outcome {
  const draft = new Draft(state, random)
  switch (input.type) {
    case 'tick':
      tick(draft)
      break
    case 'message':
      receive(draft, input.message)
      break
    case 'propose':
      propose(draft, input.payload)
      break
    case 'read':
      if (state.role === 'leader') beginRead(draft, input.id)
      else draft.refusal = 'not-leader'
      break
    case 'transfer':
      transfer(draft, input.to)
      break
    case 'unreachable':
      if (state.role === 'leader') onUnreachable(draft, input.member)
      break
  }
  return draft.finish()
}

// ---------- time ----------

function tick(draft: Draft): void {
  const { state } = draft
  state.electionElapsed++
  if (state.role !== 'leader') {
    // Who cannot stand goes on counting: it has not heard of a leader for long, and may vote for whoever asks.
    if (state.electionElapsed < state.electionTimeout || !isPromotable(state)) return
    draft.drawTimeout()
    campaign(draft, 'pre-candidate')
    return
  }
  if (state.electionElapsed >= ELECTION_TICKS) {
    state.electionElapsed = 0
    state.transferTo = undefined
    const isHeard = (id: MemberId): boolean => id === state.id || state.progress[id]?.isActive === true
    // One that was removed steps down in the same way.
    if (!isPromotable(state) || !isMajority(state.membership, isHeard)) {
      become(draft, 'follower', state.term, undefined)
      return
    }
    for (const id of Object.keys(state.progress)) draft.setProgress(id, { isActive: false })
  }
  if (state.electionElapsed % HEARTBEAT_TICKS === 0) broadcastHeartbeat(draft, state.reads.at(-1)?.id)
}

/** A learner, or one that was removed, never stands for election. */
const isPromotable = ({ id, membership }: Raft): boolean => membership.voters.includes(id)

// ---------- elections ----------

function become(draft: Draft, role: Role, term: number, leader: MemberId | undefined): void {
  const { state } = draft
  if (term !== state.term) {
    state.term = term
    state.vote = undefined
  }
  Object.assign(state, {
    role,
    leader,
    votes: {},
    progress: {},
    transferTo: undefined,
    reads: [],
  } satisfies Partial<Raft>)
  draft.drawTimeout()
}

/** @param isTransfer the leader asked for it: its members need not have missed it first */
function campaign(draft: Draft, role: 'pre-candidate' | 'candidate', isTransfer = false): void {
  const { state } = draft
  const last = lastOf(state.log)
  if (role === 'pre-candidate') become(draft, role, state.term, undefined)
  else {
    become(draft, role, state.term + 1, undefined)
    state.vote = state.id
  }
  const others = state.membership.voters.filter((id) => id !== state.id)
  const term = role === 'pre-candidate' ? state.term + 1 : state.term
  // Its own vote counts once it is on its disk.
  const reply = role === 'pre-candidate' ? 'pre-vote-reply' : 'vote-reply'
  draft.send(state.id, { type: reply, isGranted: true }, term)
  for (const id of others)
    if (role === 'pre-candidate') draft.send(id, { type: 'pre-vote', last }, term)
    else draft.send(id, { type: 'vote', last, isTransfer }, term)
}

function onVoteReply(
  draft: Draft,
  { from, type, isGranted }: Message & { type: 'vote-reply' | 'pre-vote-reply' },
): void {
  const { state } = draft
  const isPre = type === 'pre-vote-reply'
  if (state.role !== (isPre ? 'pre-candidate' : 'candidate')) return
  if (state.votes[from] === undefined) state.votes = { ...state.votes, [from]: isGranted }
  const votes = state.votes
  if (isMajority(state.membership, (id) => votes[id] === true)) {
    if (isPre) campaign(draft, 'candidate')
    else lead(draft)
  } else if (state.membership.voters.filter((id) => votes[id] === false).length >= quorumOf(state.membership))
    become(draft, 'follower', state.term, undefined)
}

function lead(draft: Draft): void {
  const { state } = draft
  become(draft, 'leader', state.term, state.id)
  const last = lastOf(state.log).index
  const members = membersOf(state.membership).map((id) => [id, { ...freshProgress(last + 1), isActive: true }] as const)
  state.progress = Object.fromEntries(members)
  draft.setProgress(state.id, { match: last, mode: 'replicate' })
  // There may be a change of the members among them.
  state.membershipIndex = last
  draft.append({ kind: 'nothing' })
  broadcastEntries(draft)
}

function onVoteAsked(draft: Draft, message: Message & { type: 'vote' | 'pre-vote' }): void {
  const { state } = draft
  const { from, term, type, last } = message
  const isPre = type === 'pre-vote'
  const isFree =
    state.vote === from || (state.vote === undefined && state.leader === undefined) || (isPre && term > state.term)
  const isGranted = isFree && isUpToDate(last, state.log)
  if (isGranted && !isPre) {
    state.electionElapsed = 0
    state.vote = from
  }
  // A pre-vote is granted for the term that it asks for, which nobody has yet.
  draft.send(from, { type: isPre ? 'pre-vote-reply' : 'vote-reply', isGranted }, isGranted ? term : state.term)
}

// ---------- messages ----------

function receive(draft: Draft, message: Message): void {
  const { state } = draft
  const { type, from, term } = message
  if (term > state.term) {
    const isVote = type === 'vote' || type === 'pre-vote'
    // Who hears of its leader lets nobody unseat it: one that comes back from a partition disturbs nothing.
    const isHeld = state.leader !== undefined && state.electionElapsed < ELECTION_TICKS
    if (isVote && isHeld && !(type === 'vote' && message.isTransfer)) return
    const isAhead = type === 'pre-vote' || (type === 'pre-vote-reply' && message.isGranted)
    if (!isAhead) become(draft, 'follower', term, isFromLeader(type) ? from : undefined)
  } else if (term < state.term) {
    // A leader of a former term learns of the present one; a pre-candidate that is behind, too.
    if (isFromLeader(type))
      draft.send(from, { type: 'append-reply', index: 0, rejected: { hint: { index: 0, term: 0 } } })
    else if (type === 'pre-vote') draft.send(from, { type: 'pre-vote-reply', isGranted: false })
    return
  }
  switch (type) {
    case 'vote':
    case 'pre-vote':
      onVoteAsked(draft, message)
      break
    case 'vote-reply':
    case 'pre-vote-reply':
      onVoteReply(draft, message)
      break
    case 'append':
      follow(draft, from)
      onEntries(draft, message)
      break
    case 'heartbeat':
      follow(draft, from)
      commitUpTo(draft, message.commit)
      draft.send(from, { type: 'heartbeat-reply', ...(message.read === undefined ? {} : { read: message.read }) })
      break
    case 'snapshot':
      follow(draft, from)
      onSnapshot(draft, message)
      break
    case 'append-reply':
      if (state.role === 'leader') onAppendReply(draft, message)
      break
    case 'heartbeat-reply':
      if (state.role === 'leader') onHeartbeatReply(draft, message)
      break
    case 'timeout-now':
      if (isPromotable(state)) campaign(draft, 'candidate', true)
      break
  }
}

const isFromLeader = (type: Message['type']): boolean =>
  type === 'append' || type === 'heartbeat' || type === 'snapshot'

function follow(draft: Draft, leader: MemberId): void {
  const { state } = draft
  if (state.role !== 'follower') become(draft, 'follower', state.term, leader)
  state.leader = leader
  state.electionElapsed = 0
}

function onEntries(draft: Draft, { from, previous, entries, commit }: Message & { type: 'append' }): void {
  const { state } = draft
  if (previous.index < state.commit) {
    draft.send(from, { type: 'append-reply', index: state.commit })
    return
  }
  if (termAt(state.log, previous.index) !== previous.term) {
    const hint = conflictHint(state.log, previous.index, previous.term)
    draft.send(from, { type: 'append-reply', index: previous.index, rejected: { hint } })
    return
  }
  state.log = merged(state.log, entries)
  const last = previous.index + entries.length
  commitUpTo(draft, Math.min(commit, last))
  draft.send(from, { type: 'append-reply', index: last })
}

function onSnapshot(draft: Draft, { from, snapshot }: Message & { type: 'snapshot' }): void {
  const { state } = draft
  const { index, term, membership } = snapshot
  if (index <= state.commit) {
    draft.send(from, { type: 'append-reply', index: state.commit })
    return
  }
  if (termAt(state.log, index) === term) commitUpTo(draft, index)
  else {
    state.log = { base: { index, term }, entries: [] }
    state.snapshot = snapshot
    state.commit = index
    state.membership = membership
    draft.restored = snapshot
  }
  draft.send(from, { type: 'append-reply', index })
}

// ---------- what is asked of a leader ----------

function propose(draft: Draft, payload: Payload): void {
  const { state } = draft
  if (state.role !== 'leader' || !state.progress[state.id]) draft.refusal = 'not-leader'
  else if (state.transferTo !== undefined) draft.refusal = 'transferring'
  else if (payload.kind === 'membership' && state.membershipIndex > state.commit) draft.refusal = 'membership-pending'
  else {
    const index = draft.append(payload)
    if (payload.kind === 'membership') state.membershipIndex = index
    broadcastEntries(draft)
  }
}

/** It takes no proposals until the other one leads, or an election timeout is over. */
function transfer(draft: Draft, to: MemberId): void {
  const { state } = draft
  if (state.role !== 'leader') draft.refusal = 'not-leader'
  else if (to !== state.id && state.membership.voters.includes(to)) {
    state.electionElapsed = 0
    state.transferTo = to
    if (state.progress[to]?.match === lastOf(state.log).index) draft.send(to, { type: 'timeout-now' })
    else sendEntries(draft, to)
  }
}
