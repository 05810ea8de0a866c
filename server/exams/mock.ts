/** The life of a mock exam or interview: made, answered, closed, judged. Pure. */
import { createHash } from 'node:crypto'
import type { Catalog, Question } from '../catalog/types.ts'
import { questionType } from '../questions/registry.ts'
import type { ScoringRules } from '../questions/types.ts'
import { newWatch, usedMs, type Watch } from '../sittings/watch.ts'
import type { Confidence, Mock, MockItem, MockResult } from '../storage/types.ts'
import type { Drawn } from './draw.ts'

/** The items of questions that were drawn. Their variants come from the same seed, so that whoever types it gets the same. */
export function newItems(drawn: readonly Drawn[], { questions }: Catalog, seed: string): MockItem[] {
  return drawn.map(({ questionId, group }) => ({
    questionId,
    contentHash: questions.get(questionId)!.hash,
    seed: `${seed}/${questionId}/1`,
    group,
    given: [],
    confidence: null,
    isFlagged: false,
    spentMs: 0,
    result: null,
  }))
}

/** How strictly its answers are scored. */
export function rulesOf({ mode }: Pick<Mock, 'mode'>): ScoringRules {
  return { wrongPicksCancel: mode === 'exam' }
}

/** When it ended: handed in, or out of time, whichever came first. Null while it is open. */
export function closedAtMs(mock: Mock, nowMs: number): number | null {
  const { endsAtMs, handedInAtMs } = mock
  if (handedInAtMs !== null) return endsAtMs === null ? handedInAtMs : Math.min(handedInAtMs, endsAtMs)
  return endsAtMs !== null && leftMs(mock, nowMs) <= 0 ? endsAtMs : null
}

/**
 * How much time is left; infinite without a clock. A clock that is set forward takes what it takes; set back, it gives nothing back:
 * what was used stays used, and goes on from there. Each look at an exam counts as far as its clock had come (`withSeen`).
 */
export function leftMs(mock: Mock, nowMs: number): number {
  const { startedAtMs, endsAtMs } = mock
  if (endsAtMs === null) return Number.POSITIVE_INFINITY
  return Math.min(endsAtMs - nowMs, endsAtMs - startedAtMs - usedMs(watchOf(mock), nowMs))
}

/** It runs from the start to the end. */
const watchOf = ({ startedAtMs, clock }: Mock): Watch => ({
  ...newWatch(startedAtMs),
  ...clock,
})

/** Keeps how far its time has come. What is over, or has no clock, stays as it is. */
export function withSeen(mock: Mock, nowMs: number): Mock {
  if (mock.endsAtMs === null || mock.handedInAtMs !== null || isOverFor(mock)) return mock
  // Beyond the end there is nothing to count, and so nothing to write again.
  const all = mock.endsAtMs - mock.startedAtMs
  const used = usedMs(watchOf(mock), nowMs)
  return { ...mock, clock: { seenAtMs: nowMs, usedMs: isClosed(mock, nowMs) ? Math.max(all, used) : used } }
}

/** Its end has been seen: whatever the clock says now, it is over. */
const isOverFor = ({ startedAtMs, endsAtMs, clock }: Mock): boolean =>
  endsAtMs !== null && clock !== undefined && clock.usedMs >= endsAtMs - startedAtMs

/** Handed in or out of time: nothing is saved any more. */
export const isClosed = (mock: Mock, nowMs: number): boolean => closedAtMs(mock, nowMs) !== null

/** True when its result can be shown. */
export const isJudged = ({ items }: Mock): boolean => items.every(({ result }) => result !== null)

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

/** @param mark what the page showed. @returns true when no answer was saved by then; undefined when the page does not say */
export function showedNothing(mark: string): boolean | undefined {
  return mark === '' ? undefined : mark.split('.')[0] === digestOf([])
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

/** What was judged stays as it is. */
export function withSaid(mock: Mock, place: number, { given, confidence, flag, spentMs }: Said): Mock {
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
