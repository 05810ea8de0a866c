/** What a leader does: sends its log, counts who has it, tells what is committed, hands its office over. */
import type { Draft } from './draft.ts'
import { entriesBetween, lastOf, termAt } from './log.ts'
import { changed, isMajority, majorityIndex, membersOf } from './membership.ts'
import type { Entry, MemberId, Message, Progress } from './types.ts'

/** Entries in one message: --max-size-per-msg counts bytes instead. */
const MOST_ENTRIES = 64

export const freshProgress = (next: number): Progress => ({
  match: 0,
  next,
  mode: 'probe',
  isPaused: false,
  isActive: false,
})

const othersOf = ({ state }: Draft): readonly MemberId[] => membersOf(state.membership).filter((id) => id !== state.id)

/** Sends what the member lacks. @param isEvenEmpty also when it lacks nothing: so it learns what is committed */
export function sendEntries(draft: Draft, to: MemberId, isEvenEmpty = true): void {
  const { state } = draft
  const progress = state.progress[to]
  if (!progress || progress.mode === 'snapshot' || progress.isPaused) return
  const previous = progress.next - 1
  const term = termAt(state.log, previous)
  if (term === undefined) {
    draft.send(to, { type: 'snapshot', snapshot: state.snapshot })
    draft.setProgress(to, { mode: 'snapshot', next: state.snapshot.index + 1 })
    return
  }
  const entries = entriesBetween(state.log, progress.next, previous + MOST_ENTRIES)
  if (entries.length === 0 && !isEvenEmpty) return
  draft.send(to, { type: 'append', previous: { index: previous, term }, entries, commit: state.commit })
  if (progress.mode === 'replicate') draft.setProgress(to, { next: progress.next + entries.length })
  else draft.setProgress(to, { isPaused: true })
}

export function broadcastEntries(draft: Draft): void {
  for (const member of othersOf(draft)) sendEntries(draft, member)
}

/** Tells no more to be committed than the member is known to have. @param read what a linearizable read waits for */
export function broadcastHeartbeat(draft: Draft, read: string | undefined): void {
  const { state } = draft
  for (const member of othersOf(draft)) {
    const commit = Math.min(state.progress[member]?.match ?? 0, state.commit)
    draft.send(member, { type: 'heartbeat', commit, ...(read === undefined ? {} : { read }) })
  }
}

/** Of entries of former terms none is counted: they are committed with the first one of the leader's own. */
function advanceCommit(draft: Draft): boolean {
  const { state } = draft
  const before = state.commit
  for (;;) {
    const index = majorityIndex(state.membership, (member) => state.progress[member]?.match ?? 0)
    if (index <= state.commit || termAt(state.log, index) !== state.term) return state.commit > before
    // Entries up to the first change of the members: behind it another majority counts.
    commitUpTo(draft, firstChange(draft, index))
  }
}

function firstChange({ state }: Draft, index: number): number {
  const entries = entriesBetween(state.log, state.commit + 1, index)
  return entries.find(({ payload }) => payload.kind === 'membership')?.index ?? index
}

/** The members change when the entry that says so is committed. */
export function commitUpTo(draft: Draft, index: number): void {
  const { state } = draft
  const entries = entriesBetween(state.log, state.commit + 1, index)
  if (entries.length === 0) return
  state.commit = entries[entries.length - 1].index
  for (const entry of entries) applyMembership(draft, entry)
  draft.noteCommitted(entries)
  if (state.role === 'leader') releaseReads(draft)
}

function applyMembership(draft: Draft, { payload }: Entry): void {
  const { state } = draft
  if (payload.kind !== 'membership') return
  state.membership = changed(state.membership, payload.change)
  if (state.role !== 'leader') return
  const next = lastOf(state.log).index + 1
  const own = Object.entries(state.progress).filter(([id]) => membersOf(state.membership).includes(id))
  state.progress = Object.fromEntries(own)
  for (const id of membersOf(state.membership))
    if (!state.progress[id]) state.progress = { ...state.progress, [id]: { ...freshProgress(next), isActive: true } }
  if (state.transferTo !== undefined && !state.membership.voters.includes(state.transferTo))
    state.transferTo = undefined
}

// ---------- answers ----------

export function onAppendReply(draft: Draft, message: Message & { type: 'append-reply' }): void {
  const { state } = draft
  const { from, index, rejected } = message
  const progress = state.progress[from]
  if (!progress) return
  draft.setProgress(from, { isActive: true })
  if (rejected) {
    onRejected(draft, from, progress, index, rejected.hint)
    return
  }
  const isNews = index > progress.match
  const isProbed = progress.mode !== 'replicate' && index >= progress.match
  // A member that was given a snapshot is sent entries again once it has what goes before the first that is kept.
  if (isProbed && index >= state.log.base.index)
    draft.setProgress(from, {
      mode: 'replicate',
      match: Math.max(index, progress.match),
      next: index + 1,
      isPaused: false,
    })
  else
    draft.setProgress(from, {
      match: Math.max(index, progress.match),
      next: Math.max(progress.next, index + 1),
      isPaused: false,
    })
  if (isNews && advanceCommit(draft)) broadcastEntries(draft)
  else if (from !== state.id) sendEntries(draft, from, false)
  if (from === state.transferTo && draft.state.progress[from]?.match === lastOf(state.log).index)
    draft.send(from, { type: 'timeout-now' })
}

function onRejected(
  draft: Draft,
  from: MemberId,
  progress: Progress,
  index: number,
  hint: { index: number; term: number },
): void {
  const { state } = draft
  // What is late tells nothing: the member has that entry by now, or it is not the one that is asked about.
  if (index <= progress.match && progress.mode === 'replicate') return
  if (progress.mode !== 'replicate' && index !== progress.next - 1 && progress.mode !== 'snapshot') {
    draft.setProgress(from, { isPaused: false })
    return
  }
  let next = progress.match + 1
  if (progress.mode !== 'replicate') {
    let at = Math.min(hint.index, lastOf(state.log).index)
    while (at > state.log.base.index && (termAt(state.log, at) ?? 0) > hint.term) at--
    next = Math.max(at + 1, progress.match + 1)
  }
  draft.setProgress(from, { mode: 'probe', next, isPaused: false })
  sendEntries(draft, from)
}

export function onHeartbeatReply(draft: Draft, { from, read }: Message & { type: 'heartbeat-reply' }): void {
  const { state } = draft
  const progress = state.progress[from]
  if (!progress) return
  // What it was sent may be lost: it is asked again from what it is known to have.
  const isBehind = progress.match < lastOf(state.log).index
  draft.setProgress(from, {
    isActive: true,
    isPaused: false,
    ...(progress.mode === 'snapshot' ? { mode: 'probe', next: progress.match + 1 } : {}),
  })
  if (isBehind) {
    if (progress.mode === 'replicate') draft.setProgress(from, { mode: 'probe', next: progress.match + 1 })
    sendEntries(draft, from)
  }
  if (read !== undefined) acknowledgeRead(draft, read, from)
}

export function onUnreachable(draft: Draft, member: MemberId): void {
  const progress = draft.state.progress[member]
  if (progress && progress.mode !== 'probe') draft.setProgress(member, { mode: 'probe', next: progress.match + 1 })
}

// ---------- linearizable reads ----------

/** Answered once a majority has said that this is the leader still: what was committed when it was asked is in it. */
export function beginRead(draft: Draft, id: string): void {
  const { state } = draft
  const isOwn = termAt(state.log, state.commit) === state.term
  state.reads = [...state.reads, { id, index: isOwn ? state.commit : undefined, acknowledged: [state.id] }]
  if (isOwn) askForReads(draft, id)
}

function askForReads(draft: Draft, id: string): void {
  const { membership } = draft.state
  if (isMajority(membership, (member) => member === draft.state.id)) acknowledgeRead(draft, id, draft.state.id)
  else broadcastHeartbeat(draft, id)
}

function releaseReads(draft: Draft): void {
  const { state } = draft
  if (termAt(state.log, state.commit) !== state.term) return
  for (const { id, index } of state.reads) {
    if (index !== undefined) continue
    state.reads = state.reads.map((read) => (read.id === id ? { ...read, index: state.commit } : read))
    askForReads(draft, id)
  }
}

function acknowledgeRead(draft: Draft, id: string, from: MemberId): void {
  const { state } = draft
  const at = state.reads.findIndex((read) => read.id === id)
  if (at < 0) return
  const acknowledged = [...new Set([...state.reads[at].acknowledged, from])]
  state.reads = state.reads.map((read, i) => (i === at ? { ...read, acknowledged } : read))
  if (!isMajority(state.membership, (member) => acknowledged.includes(member))) return
  // Who was asked before is answered as well.
  for (const read of state.reads.slice(0, at + 1))
    if (read.index !== undefined) draft.reads.push({ id: read.id, index: read.index })
  state.reads = state.reads.slice(at + 1)
}
