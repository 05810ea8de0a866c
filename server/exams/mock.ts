/** The life of a mock exam, hands-on exam or interview: made, answered, closed, judged. Pure. */
import { createHash } from 'node:crypto'
import type { Catalog, Question } from '../catalog/types.ts'
import { questionType } from '../questions/registry.ts'
import { takesWork, timeLeftMs } from '../seats/life.ts'
import { type Rules, rulesOfPractice, type Standing } from '../seats/standing.ts'
import { newSitting } from '../sittings/life.ts'
import { allowedMs, newWatch, usedMs, type Watch } from '../sittings/watch.ts'
import type { Confidence, Mock, MockItem, MockResult, MockTask, TaskResult } from '../storage/types.ts'
import type { Drawn } from './draw.ts'

/** The items of questions that were drawn. Their variants come from the same seed, so that whoever types it gets the same. */
export function newItems(drawn: readonly Drawn[], { questions }: Catalog, seed: string): MockItem[] {
  return drawn.map(({ id, group }) => ({
    questionId: id,
    contentHash: questions.get(id)!.hash,
    seed: `${seed}/${id}/1`,
    group,
    given: [],
    confidence: null,
    isFlagged: false,
    spentMs: 0,
    result: null,
  }))
}

/** The tasks of challenges that were drawn. */
export function newTasks(drawn: readonly Drawn[], { challenges }: Catalog, seed: string): MockTask[] {
  return drawn.map(({ id, group }) => ({
    challengeId: id,
    contentHash: challenges.get(id)!.hash,
    seed: `${seed}/${id}/1`,
    group,
    isFlagged: false,
    result: null,
  }))
}

/** A mock exam or interview is a sitting of one: open from its start on, with the exam's time for its person, and by rules of its own. */
export function standingOfMock({ startedAtMs, endsAtMs, handedInAtMs, clock, mode }: Mock): Standing {
  const watch: Watch = { ...newWatch(startedAtMs), ...clock, isRunning: handedInAtMs === null }
  const allowance = endsAtMs === null ? null : { baseMs: endsAtMs - startedAtMs, multiplier: 1, creditsMs: 0 }
  // An end that was seen once stays the end, whatever the clock says now.
  const isOutOfTime = allowance !== null && watch.usedMs >= allowedMs(allowance)
  return {
    sitting: { ...newSitting, state: 'open', closesAtMs: endsAtMs },
    seat: {
      state: handedInAtMs !== null ? 'submitted' : isOutOfTime ? 'timed-out' : 'started',
      ...{ allowance, watch, endedAtMs: handedInAtMs ?? (isOutOfTime ? endsAtMs : null) },
    },
    rules: rulesOf({ mode }),
  }
}

/** Training tells at once what is right, and helps; an exam is scored more strictly as well. */
export function rulesOf({ mode }: Pick<Mock, 'mode'>): Rules {
  return {
    ...rulesOfPractice,
    hints: mode === 'training',
    wrongPicksCancel: mode === 'exam',
    showSolutions: mode === 'training' ? 'at once' : 'after close',
  }
}

/** When it ended: handed in, or out of time, whichever came first. Null while it is open. */
export function closedAtMs(mock: Mock, nowMs: number): number | null {
  const { endsAtMs, handedInAtMs } = mock
  if (handedInAtMs !== null) return endsAtMs === null ? handedInAtMs : Math.min(handedInAtMs, endsAtMs)
  return isClosed(mock, nowMs) ? endsAtMs : null
}

/**
 * How much time is left; infinite without a clock, 0 when it is closed. A clock that is set forward takes what it takes; set back, it gives
 * nothing back: what was used stays used, and goes on from there. Each look at an exam counts as far as its clock had come (`withSeen`).
 */
export function leftMs(mock: Mock, nowMs: number): number {
  const { sitting, seat } = standingOfMock(mock)
  return timeLeftMs(sitting, seat, nowMs) ?? 0
}

/** Keeps how far its time has come. What is over, or has no clock, stays as it is. */
export function withSeen(mock: Mock, nowMs: number): Mock {
  const { seat } = standingOfMock(mock)
  if (!seat.allowance || !seat.watch || seat.state !== 'started') return mock
  // Beyond the end there is nothing to count, and so nothing to write again.
  const all = allowedMs(seat.allowance)
  const used = usedMs(seat.watch, nowMs)
  return { ...mock, clock: { seenAtMs: nowMs, usedMs: isClosed(mock, nowMs) ? Math.max(all, used) : used } }
}

/** Handed in or out of time: nothing is saved any more. */
export function isClosed(mock: Mock, nowMs: number): boolean {
  const { sitting, seat } = standingOfMock(mock)
  return !takesWork(sitting, seat, nowMs)
}

/** What it consists of, questions or tasks. */
export const partsOf = ({ items, tasks }: Mock): readonly (MockItem | MockTask)[] => tasks ?? items

/** True when its result can be shown. */
export const isJudged = (mock: Mock): boolean => partsOf(mock).every(({ result }) => result !== null)

/** True when something was saved that can be judged, be it right or wrong. */
export function isAnswered({ given }: Pick<MockItem, 'given'>, question: Question | undefined): boolean {
  return question !== undefined && given.length > 0 && !questionType(question.type).isBlank(question.data, given)
}

/** What is sent from the page of a question. */
export interface Said {
  given?: string[]
  confidence?: Confidence | null
  flag?: boolean
  spentMs?: number
}

/** What is saved of an item, in a word: the form of its page says it again, and so what its page showed. */
export function markOf({ given, confidence }: Pick<MockItem, 'given' | 'confidence'>): string {
  return `${digestOf(given)}.${confidence ?? ''}`
}

/** Of what a page sends, that which was changed on it: the rest may be older than what another tab has saved. */
export function changedSince(mark: string, said: Pick<MockItem, 'given' | 'confidence'>): Said {
  if (mark === '') return said
  const [given, confidence] = mark.split('.')
  return {
    given: digestOf(said.given) === given ? undefined : said.given,
    confidence: (said.confidence ?? '') === confidence ? undefined : said.confidence,
  }
}

/** Sixteen hexadecimal digits; line ends come in two ways. */
function digestOf(given: readonly string[]): string {
  const texts = given.map((text) => text.replaceAll('\r\n', '\n'))
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, 16)
}

/** What was judged stays as it is. Of a task nothing is said but whether it is flagged. */
export function withSaid(mock: Mock, place: number, { given, confidence, flag, spentMs }: Said): Mock {
  if (mock.tasks) return withTask(mock, place, (task) => ({ ...task, isFlagged: flag ?? task.isFlagged }))
  return withItem(mock, place, (item) =>
    item.result
      ? { ...item, isFlagged: flag ?? item.isFlagged }
      : {
          ...item,
          given: given ?? item.given,
          confidence: confidence === undefined ? item.confidence : confidence,
          isFlagged: flag ?? item.isFlagged,
          spentMs: Math.max(item.spentMs, spentMs ?? 0),
        },
  )
}

/**
 * The first result stays: an item is judged once.
 * @param judged what the result is of: another tab may have saved something else while it was judged
 */
export function withResult(
  mock: Mock,
  place: number,
  { given, confidence }: Pick<MockItem, 'given' | 'confidence'>,
  result: MockResult,
): Mock {
  return withItem(mock, place, (item) => (item.result ? item : { ...item, given, confidence, result }))
}

function withItem(mock: Mock, place: number, change: (item: MockItem) => MockItem): Mock {
  return { ...mock, items: mock.items.map((item, n) => (n === place ? change(item) : item)) }
}

/** The first result stays: a task is graded once, as it was left. */
export function withTaskResult(mock: Mock, place: number, result: TaskResult): Mock {
  return withTask(mock, place, (task) => (task.result ? task : { ...task, result }))
}

function withTask(mock: Mock, place: number, change: (task: MockTask) => MockTask): Mock {
  return { ...mock, tasks: (mock.tasks ?? []).map((task, n) => (n === place ? change(task) : task)) }
}
