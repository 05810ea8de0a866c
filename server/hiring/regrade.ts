/**
 * Grading stored work again when a check was wrong: who would move and why, as a table that two people approve before anything is written. Nobody
 * is lowered without a written reason: without one they keep what they have. Pure, but for the computing, which is handed in.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { GradeResult, LoggedCommand } from '../../sim/index.ts'
import { msg } from '../i18n/translate.ts'
import { canonical } from '../storage/canonical.ts'
import { type CheckMove, checkMoves } from '../storage/check-moves.ts'
import { hashLog } from '../storage/evidence.ts'

/** A grading that counts, and what it was made of. */
export interface StoredWork {
  /** Of the candidate. */
  seat: string
  attempt: string
  seed: string
  /** Of the further variants that it was graded on. */
  hiddenSeeds: readonly string[]
  log: readonly LoggedCommand[]
  result: GradeResult
}

interface Points {
  score: number
  maxScore: number
  passed: boolean
}

export interface Move {
  seat: string
  attempt: string
  /** Of the commands that were handed in. */
  logSha256: string
  /** By the share of the points, or whether it is passed. `not computed`: it stays as it was. */
  goes: 'up' | 'down' | 'nowhere' | 'not computed'
  before: Points
  after: Points | null
  /** Of those that are not computed: a text for `t`, and its values. */
  why: { text: string; values?: Record<string, string | number> } | null
  checks: readonly CheckMove[]
}

export const regradeProblems = {
  otherEngine: msg(
    'It was graded by engine {said}, and this server has {own}, with which the same commands may behave differently.',
  ),
  otherRun: msg('The same commands made a different run, so the effect of the check alone is unknown.'),
  refused: msg('It could not be graded: {why}'),
}

/**
 * The table of one piece of work: what the fixed content makes of it.
 * @param result by the fixed content, or why there is none
 */
export function moveOf(
  { seat, attempt, log, result: was }: StoredWork,
  result: GradeResult | { refused: string },
): Move {
  const before = pointsOf(was)
  const about = { seat, attempt, logSha256: hashLog(log) }
  const stays = (text: string, values?: Record<string, string | number>): Move => ({
    ...{ ...about, goes: 'not computed', before, after: null, checks: [] },
    why: { text, ...(values ? { values } : {}) },
  })
  if ('refused' in result) return stays(regradeProblems.refused, { why: result.refused })
  if (!result.gradable) return stays(regradeProblems.refused, { why: result.problem ?? '' })
  if (result.engineVersion !== was.engineVersion)
    return stays(regradeProblems.otherEngine, { said: was.engineVersion, own: result.engineVersion })
  // A fixed check looks at the same run. A world that was changed is another task.
  if (isSameLength(was, result) && result.stateHash !== was.stateHash) return stays(regradeProblems.otherRun)
  const after = pointsOf(result)
  return { ...about, goes: directionOf(before, after), before, after, why: null, checks: checkMoves(was, result) }
}

const isSameLength = (a: GradeResult, b: GradeResult): boolean => a.virtualMs === b.virtualMs

const pointsOf = ({ score, maxScore, passed }: GradeResult): Points => ({ score, maxScore, passed })
const shareOf = ({ score, maxScore }: Points): number => (maxScore === 0 ? 0 : score / maxScore)

function directionOf(before: Points, after: Points): 'up' | 'down' | 'nowhere' {
  const [one, other] = [shareOf(before), shareOf(after)]
  // Who passed and does not any more is lowered, whatever the points say.
  if (before.passed !== after.passed) return after.passed && other >= one ? 'up' : 'down'
  return other > one ? 'up' : other < one ? 'down' : 'nowhere'
}

/**
 * All of the table, a few at a time, in the order of the works.
 * @param compute by the fixed content, on the same variants
 * @param onProgress told after each how many are done
 */
export async function regradeTable(
  works: readonly StoredWork[],
  compute: (work: StoredWork) => Promise<GradeResult | { refused: string }>,
  onProgress: (done: number) => void = () => undefined,
): Promise<Move[]> {
  const moves: Move[] = []
  let [next, done] = [0, 0]
  const workers = Array.from({ length: Math.min(atOnce, works.length) }, async () => {
    for (let at = next++; at < works.length; at = next++) {
      moves[at] = moveOf(works[at]!, await compute(works[at]!))
      onProgress(++done)
    }
  })
  await Promise.all(workers)
  return moves
}

/** As many as keep the processes busy; whoever works meanwhile goes first all the same. */
const atOnce = 4

/** Names a table: whoever approves it approves exactly these rows. */
export const hashOfTable = (moves: readonly Move[]): string =>
  createHash('sha256').update(canonical(moves)).digest('hex')

// ---------- approval ----------

const proposal = { id: z.string().regex(/^[0-9a-f]{6,40}$/), table: z.string().regex(/^[0-9a-f]{64}$/) }
/** What is said with each act of a regrading, in the stream of the exercise. */
export const regradeForms = {
  'regrade-proposed': z.object({
    ...proposal,
    item: z.string().min(1),
    from: z.string().min(1),
    to: z.string().min(1),
    /** Why those are lowered who are; empty where nobody is to be. */
    reason: z.string().trim().max(2000),
  }),
  'regrade-approved': z.object(proposal),
  'regrade-withdrawn': z.object({ id: proposal.id }),
  'regrade-applied': z.object({ id: proposal.id }),
  /** All its grades are in the journals of those whom they are of: so many now. */
  'regrade-entered': z.object({ id: proposal.id, grades: z.number().int().min(0) }),
} as const

/** `by` is a learner's id. */
export type RegradeAct = {
  [Name in keyof typeof regradeForms]: {
    act: Name
    by: string
    atMs: number
    data: z.infer<(typeof regradeForms)[Name]>
  }
}[keyof typeof regradeForms]
export type NewRegradeAct = RegradeAct extends infer One
  ? One extends RegradeAct
    ? Pick<One, 'act' | 'data'>
    : never
  : never

export interface Regrading {
  id: string
  item: string
  /** Content hashes. */
  from: string
  to: string
  table: string
  reason: string
  proposedBy: string
  /** Different people, the first one first. */
  approvedBy: readonly string[]
  state: 'proposed' | 'withdrawn' | 'applied'
  /** Its grades are in the journals. */
  isEntered?: true
}

/** By id, in the order in which they were proposed. */
export type Regradings = ReadonlyMap<string, Regrading>
export const noRegradings: Regradings = new Map()

/** The regradings after one more act. What cannot follow leaves them as they are. */
export function afterRegradeAct(all: Regradings, { act, by, data }: RegradeAct): Regradings {
  if (act === 'regrade-proposed')
    return all.has(data.id)
      ? all
      : new Map(all).set(data.id, { ...data, proposedBy: by, approvedBy: [], state: 'proposed' })
  const one = all.get(data.id)
  if (!one) return all
  const change = (changed: Partial<Regrading>): Regradings => new Map(all).set(one.id, { ...one, ...changed })
  if (act === 'regrade-entered') return one.state === 'applied' ? change({ isEntered: true }) : all
  if (one.state !== 'proposed') return all
  switch (act) {
    case 'regrade-approved':
      return data.table !== one.table || one.approvedBy.includes(by)
        ? all
        : change({ approvedBy: [...one.approvedBy, by] })
    case 'regrade-withdrawn':
      return change({ state: 'withdrawn' })
    case 'regrade-applied':
      return isApproved(one) ? change({ state: 'applied' }) : all
  }
}

const approvalsNeeded = 2
export const isApproved = ({ approvedBy }: Regrading): boolean => approvedBy.length >= approvalsNeeded

export const regradeRefusals = {
  noSuch: msg('There is no such regrading.'),
  over: msg('This regrading has already been applied or withdrawn.'),
  twice: msg('You have approved it. Somebody else has to approve it as well.'),
  otherTable: msg('The table has changed since you looked at it. Look at it again.'),
  notApproved: msg('Two people have to approve it first.'),
  nobodyMoves: msg('It changes nobody’s grade: there is nothing to approve.'),
}

type Decided = NewRegradeAct | { refused: string }

/** @param reason why those are lowered who are; without one they keep what they have */
export function proposeRegrade(
  moves: readonly Move[],
  about: { id: string; item: string; from: string; to: string; reason: string },
): Decided {
  if (changesOf(moves, about.reason).length === 0) return { refused: regradeRefusals.nobodyMoves }
  return { act: 'regrade-proposed', data: { ...about, table: hashOfTable(moves) } }
}

/** @param table that was looked at */
export function approveRegrade(all: Regradings, id: string, by: string, table: string): Decided {
  const one = all.get(id)
  if (!one) return { refused: regradeRefusals.noSuch }
  if (one.state !== 'proposed') return { refused: regradeRefusals.over }
  if (one.table !== table) return { refused: regradeRefusals.otherTable }
  if (one.approvedBy.includes(by)) return { refused: regradeRefusals.twice }
  return { act: 'regrade-approved', data: { id, table } }
}

/** @param moves computed again: what is written is what was approved */
export function applyRegrade(all: Regradings, id: string, moves: readonly Move[]): Decided {
  const one = all.get(id)
  if (!one) return { refused: regradeRefusals.noSuch }
  if (one.state !== 'proposed') return { refused: regradeRefusals.over }
  if (!isApproved(one)) return { refused: regradeRefusals.notApproved }
  if (hashOfTable(moves) !== one.table) return { refused: regradeRefusals.otherTable }
  return { act: 'regrade-applied', data: { id } }
}

/** Whose grade is written anew: those who are raised, and with a written reason also those who are lowered. */
export const changesOf = (moves: readonly Move[], reason: string): Move[] =>
  moves.filter(({ goes }) => goes === 'up' || (goes === 'down' && reason.trim() !== ''))
