/** Where somebody in a workshop is, and whether they need help: told from their own work. Pure. */
import { msg } from '../../i18n/translate.ts'
import type { Work } from '../../journal/journals.ts'
import { isProven } from '../../practice/attempts.ts'
import type { Grading } from '../../storage/types.ts'
import { roundOf } from '../../workshops/polls.ts'
import type { Room } from '../../workshops/room.ts'
import type { Step } from '../../workshops/room-acts.ts'
import { type Reason, reasonsOf } from './reasons.ts'

/** How a step stands for one seat. */
export type StepState = 'none' | 'begun' | 'failing' | 'done'

export interface Cell {
  state: StepState
  /** When something was done there first and last; undefined where nothing was. */
  firstMs: number | undefined
  lastMs: number | undefined
  /** Tries at a question, gradings of a challenge. */
  tries: number
  /** Of the first try, 0 to 1; undefined without one. */
  firstScore: number | undefined
  /** Of a challenge: the checks that failed at its last grading. */
  failing: readonly string[]
  /** Why, as the simulator diagnosed it at that grading. */
  reasons: readonly Reason[]
  /** What was among the reasons of each of the last three gradings. */
  stuckOn: Reason | undefined
}

/** Of a step at which nobody has done anything. */
export const nothing: Cell = {
  ...{ state: 'none', firstMs: undefined, lastMs: undefined, tries: 0, firstScore: undefined },
  ...{ failing: [], reasons: [], stuckOn: undefined },
}

/** With the same reason so often somebody is stuck. */
const sameReasons = 3

export const stateWords: Readonly<Record<StepState, { symbol: string; word: string }>> = {
  none: { symbol: '·', word: msg('not begun') },
  begun: { symbol: '▸', word: msg('at work') },
  failing: { symbol: '✕', word: msg('fails') },
  done: { symbol: '✓', word: msg('done') },
}

/** How that step stands by what was done. */
export function cellOf(work: Work, { item }: Step): Cell {
  const [kind = '', id = ''] = (item ?? '').split(':')
  if (kind === 'lesson') {
    const read = work.studyBook.read.find((one) => one.item === item)
    return read ? { ...nothing, state: 'done', firstMs: read.atMs, lastMs: read.atMs, tries: 1 } : nothing
  }
  if (kind === 'question') {
    const own = work.answers.filter(({ questionId }) => questionId === id)
    const last = own.at(-1)
    if (!last) return nothing
    const state = own.some(({ verdict }) => verdict === 'right') ? 'done' : 'failing'
    const [first] = own
    return { ...nothing, state, firstMs: first!.atMs, lastMs: last.atMs, tries: own.length, firstScore: first!.score }
  }
  if (kind !== 'challenge') return nothing
  const own = work.attempts.filter(({ challengeId }) => challengeId === id)
  if (own.length === 0) return nothing
  const gradings = own.flatMap((attempt) => attempt.gradings).sort((a, b) => a.atMs - b.atMs)
  const last = gradings.at(-1)
  return {
    state: gradings.some((grading) => grading.result.passed && isProven(grading)) ? 'done' : last ? 'failing' : 'begun',
    firstMs: Math.min(...own.map(({ createdAtMs }) => createdAtMs)),
    lastMs: Math.max(...own.map(({ updatedAtMs }) => updatedAtMs)),
    tries: gradings.length,
    firstScore: gradings[0] && gradings[0].result.score / gradings[0].result.maxScore,
    failing: (last?.result.tests ?? []).filter(({ status }) => status !== 'pass').map(({ title }) => title),
    reasons: last ? reasonsOf(last) : [],
    stuckOn: sharedReason(gradings.slice(-sameReasons)),
  }
}

function sharedReason(gradings: readonly Grading[]): Reason | undefined {
  if (gradings.length < sameReasons) return undefined
  const [first = [], ...others] = gradings.map(reasonsOf)
  return first.find((reason) => others.every((reasons) => reasons.includes(reason)))
}

/** Of a step that the room votes on, its votes say how far somebody is. @param voter as which the seat votes */
export function withVote(cell: Cell, room: Room, step: Step, voter: string): Cell {
  const poll = step.poll && room.polls.get(step.id)
  if (!step.poll) return cell
  return poll && roundOf(poll).votes.has(voter) ? { ...nothing, state: 'done', tries: 1 } : nothing
}
