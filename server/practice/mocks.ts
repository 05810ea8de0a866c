/** Mock exams, hands-on exams and interviews of a learner: begun, looked at, answered, judged, and taken away. */
import { isDeepStrictEqual } from 'node:util'
import { draw, drawWithin } from '../exams/draw.ts'
import { isClosed, newItems, newTasks, partsOf, type Said, withSaid, withSeen } from '../exams/mock.ts'
import type { Group } from '../exams/pools.ts'
import { keepContent } from '../grading/content-in-force.ts'
import { keepQuestion } from '../grading/question-in-force.ts'
import { msg, t } from '../i18n/translate.ts'
import type { NewAct } from '../journal/act.ts'
import type { KnownAct } from '../journal/acts/registry.ts'
import type { Work } from '../journal/journals.ts'
import { HttpProblem } from '../render/problem.ts'
import type { Seat } from '../seat.ts'
import type { Attempt, Mock, MockItem, MockResult, MockTask } from '../storage/types.ts'
import type { PracticeDeps } from './deps.ts'
import { itemsOf, locksOf } from './locks.ts'
import { takeSeat } from './take-seat.ts'

/** Exams and interviews that a learner keeps. */
const maxMocks = 200

const idForm = /^[a-f0-9]{18}$/

const missing: Record<Mock['kind'], string> = {
  exam: msg('This exam does not exist.'),
  'hands-on': msg('This exam does not exist.'),
  interview: msg('This interview does not exist.'),
}

/** That there is none of that kind and name, or not any more. */
export const missingMock = (kind: Mock['kind']): HttpProblem => new HttpProblem(404, t(missing[kind]))

/** As it is now, with its time kept as it has come so far: an end that was seen once stays the end. */
export async function seen(deps: PracticeDeps, seat: Seat, mock: Mock): Promise<Mock> {
  const nowMs = deps.now()
  if (withSeen(mock, nowMs) === mock) return mock
  return actOnMock(deps, seat, mock, (m) => seenAt(m, nowMs))
}

/** Keeps how far the time of an exam has come. */
export function seenAt(mock: Mock, nowMs: number): NewAct<KnownAct>[] {
  const { clock } = withSeen(mock, nowMs)
  if (!clock || isDeepStrictEqual(clock, mock.clock)) return []
  return [{ act: 'mock-seen', atMs: clock.seenAtMs, data: { mock: mock.id, usedMs: clock.usedMs } }]
}

/** What is sent from the page of a question or task, and where it leads; nothing when all of it is as it was. */
export function saidOf(mock: Mock, place: number, said: Said, current = mock.current): NewAct<KnownAct>[] {
  if (isDeepStrictEqual({ ...withSaid(mock, place, said), current }, mock)) return []
  const item = itemsOf(mock)[place]!
  return [{ act: 'mock-said', item, data: { mock: mock.id, place, ...said, current } }]
}

/** What was judged of it. */
export function judgedOf(
  mock: Mock,
  place: number,
  { given, confidence }: Pick<MockItem, 'given' | 'confidence'>,
  result: MockResult,
): NewAct<KnownAct>[] {
  const { questionId, contentHash, result: known } = mock.items[place]!
  if (known) return []
  return [
    {
      ...{ act: 'mock-judged', item: `question:${questionId}`, contentHash },
      data: { mock: mock.id, place, given, confidence, result },
    },
  ]
}

/**
 * Does to a mock exam or interview what is decided on it as it stands.
 * @returns as it is afterwards @throws HttpProblem 404 when it is not there any more
 */
export async function actOnMock(
  { journals }: PracticeDeps,
  seat: Seat,
  { id, kind }: Pick<Mock, 'id' | 'kind'>,
  decide: (mock: Mock) => readonly NewAct<KnownAct>[],
): Promise<Mock> {
  const find = ({ mocks }: Work): Mock => {
    const mock = mocks.find((one) => one.id === id)
    if (!mock) throw missingMock(kind)
    return mock
  }
  return find(await journals.write(seat, (work) => decide(find(work))))
}

/** Takes one out of the list. */
export async function removeMock({ journals }: PracticeDeps, seat: Seat, { id }: Mock): Promise<void> {
  await journals.write(seat, ({ mocks }) =>
    mocks.some((one) => one.id === id) ? [{ act: 'mock-removed', data: { mock: id } }] : [],
  )
}

export interface Wanted extends Pick<Mock, 'kind' | 'pool' | 'mode'> {
  groups: readonly Group[]
  count: number
  /** Null without a clock. */
  minutes: number | null
  /** So many minutes the tasks take together at most, with a clock or without. */
  within?: number
  /** Empty for a new one. */
  seed: string
}

/**
 * Draws and stores a new one. A form that is sent twice makes one; a form that somebody went back to, with other choices or after the
 * first was begun, makes another.
 * @param once names what the form makes
 * @returns undefined when there is nothing to be drawn. @throws HttpProblem 422 when the learner has as many as are kept
 */
export async function startMock(
  deps: PracticeDeps,
  visitor: Seat,
  once: string,
  wanted: Wanted,
): Promise<Mock | undefined> {
  const catalog = deps.catalog()
  const seed = wanted.seed || deps.newId().slice(-8)
  // What another exam of one's own asks may be drawn: it is told when that one is over.
  const locks = await locksOf(deps, visitor.learnerId)
  const isTasks = wanted.kind === 'hands-on'
  const kindOf = isTasks ? 'challenge' : 'question'
  const groups = wanted.groups.map((group) => ({
    ...group,
    ids: group.ids.filter((id) => locks.get(`${kindOf}:${id}`) !== 'sitting'),
  }))
  const minutesOf = (id: string): number => catalog.challenges.get(id)?.spec.minutes ?? 0
  const drawn = isTasks
    ? drawWithin(groups, wanted.count, seed, { minutesOf, most: wanted.within ?? Number.POSITIVE_INFINITY })
    : draw(groups, wanted.count, seed)
  if (drawn.length === 0) return undefined
  const seat = await takeSeat(deps, visitor)
  const { participantId } = seat
  const { kind, pool, mode, minutes } = wanted
  const startedAtMs = deps.now()
  const mock: Mock = {
    id: once,
    participantId,
    kind,
    pool,
    mode,
    seed,
    startedAtMs,
    endsAtMs: minutes === null ? null : startedAtMs + minutes * 60_000,
    handedInAtMs: null,
    current: 0,
    items: isTasks ? [] : newItems(drawn, catalog, seed),
    ...(isTasks ? { tasks: newTasks(drawn, catalog, seed) } : {}),
  }
  const { mocks: all, answers, attempts } = await deps.journals.work(seat)
  const sent = all.find(({ id }) => id === mock.id)
  if (sent && isUntouched(sent, attempts, startedAtMs) && isAlike(sent, mock, wanted.seed === '')) return sent
  if (all.length >= maxMocks)
    throw new HttpProblem(422, t('You have {n} mock exams and interviews. Remove one of them first.', { n: maxMocks }))
  // Answers and attempts carry the id of their exam, also when it was removed.
  const isUsed = answers.some(({ id }) => id.startsWith(`${mock.id}-`)) || attempts.some((one) => one.mock === mock.id)
  const isFree = idForm.test(mock.id) && !sent && !isUsed
  const made = isFree ? mock : { ...mock, id: deps.newId() }
  // What is changed of them in the meantime changes nothing for who has begun.
  for (const { challengeId } of made.tasks ?? []) await keepContent(deps, catalog.challenges.get(challengeId)!)
  const items = await Promise.all(
    made.items.map(async (item) => ({
      ...item,
      contentHash: (await keepQuestion(deps, item.questionId)) ?? item.contentHash,
    })),
  )
  const { participantId: _, ...content } = { ...made, items }
  await deps.journals.write(seat, ({ mocks }) =>
    mocks.some(({ id }) => id === made.id) ? [] : [{ act: 'mock-began', atMs: startedAtMs, data: { mock: content } }],
  )
  return made
}

function isUntouched(mock: Mock, attempts: readonly Attempt[], nowMs: number): boolean {
  const isUntouchedPart = (part: MockItem | MockTask) =>
    !part.isFlagged && !part.result && (!('given' in part) || part.given.length === 0)
  const isBegun = attempts.some((attempt) => attempt.mock === mock.id)
  return !isClosed(mock, nowMs) && !isBegun && mock.current === 0 && partsOf(mock).every(isUntouchedPart)
}

function isAlike(a: Mock, b: Mock, isSeedDrawn: boolean): boolean {
  const chosenOf = (mock: Mock) => {
    const { kind, pool, mode, seed, startedAtMs, endsAtMs } = mock
    return [kind, pool, mode, isSeedDrawn || seed, endsAtMs && endsAtMs - startedAtMs, partsOf(mock).length].join(' ')
  }
  return chosenOf(a) === chosenOf(b)
}
