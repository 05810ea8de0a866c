/** Work for tests: few ids and moments, so that the same one comes often, in different states. */
import fc from 'fast-check'
import type { FoldedWork } from '../../../server/journal/work.ts'
import type { Answer, Attempt, Grading, Mock, MockItem } from '../../../server/storage/types.ts'
import { anAnswer, anAttempt } from '../storage/contract.ts'

const few = (name: string) => fc.constantFrom('1', '2', '3').map((n) => `${name}${n}`)
const moment = fc.integer({ min: 1, max: 4 })
const list = <T>(one: fc.Arbitrary<T>, keyOf: (value: T) => string, maxLength = 4) =>
  fc.uniqueArray(one, { selector: keyOf, maxLength })

/** Mostly of one's own. */
const origin = fc.option(fc.record({ from: fc.constantFrom('learner' as const, 'elsewhere' as const), atMs: moment }), {
  nil: undefined,
  freq: 1,
})

const answer: fc.Arbitrary<Answer> = fc
  .record({
    id: few('a'),
    atMs: moment,
    given: fc.constantFrom<string[]>(['a'], ['b'], []),
    score: fc.constantFrom(0, 0.5, 1),
    origin,
  })
  .map(({ id, ...over }) => anAnswer(id, over))

const line = (text: string) => ({ atMs: 1, command: { op: 'kubectl' as const, line: text } })

const grading: fc.Arbitrary<Grading> = fc
  .record({
    atMs: moment,
    commands: fc.integer({ min: 0, max: 2 }),
    tests: fc.constantFrom([], [{ id: 'hidden' }]),
    origin,
    proof: fc.constantFrom(null, { sha256: 'f', seed: 's', contentHash: 'abc', engineVersion: '1' }),
  })
  .map(({ tests, ...rest }) => ({
    ...rest,
    hintsOpened: [],
    result: { score: 1, tests } as unknown as Grading['result'],
  }))

const attempt: fc.Arbitrary<Attempt> = fc
  .record({
    id: few('t'),
    createdAtMs: moment,
    updatedAtMs: moment,
    clockMs: moment,
    log: fc.constantFrom<Attempt['log']>([], [line('get pods')], [line('get nodes'), line('get pods')]),
    origin,
    earlierDrafts: fc.array(
      fc.record({ file: fc.constantFrom('a', 'b'), text: fc.constantFrom('x', 'y', 'z'), atMs: moment }),
      { maxLength: 3 },
    ),
    state: fc.constantFrom('open' as const, 'closed' as const),
    hintsOpened: fc.uniqueArray(few('h')),
    gradings: list(grading, ({ atMs, commands }) => `${atMs}/${commands}`),
  })
  .map(({ id, ...over }) => anAttempt('ann', id, over))

const mockItem = (place: number): fc.Arbitrary<MockItem> =>
  fc.record({
    questionId: fc.constant(`pod/${place}`),
    contentHash: fc.constant('abc'),
    seed: fc.constant(`s${place}`),
    group: fc.constant('pod'),
    given: fc.constantFrom([], ['a'], ['b']),
    confidence: fc.constant(null),
    isFlagged: fc.boolean(),
    spentMs: moment,
    result: fc.constantFrom(null, { verdict: 'none' as const, key: null }, { verdict: 'void' as const, why: 'x' }),
  })

const mock: fc.Arbitrary<Mock> = fc.record({
  id: few('m'),
  participantId: fc.constant('ann'),
  kind: fc.constant('exam' as const),
  pool: fc.constant('all'),
  mode: fc.constant('timed' as const),
  seed: fc.constant('s'),
  startedAtMs: moment,
  origin,
  endsAtMs: fc.constantFrom(8, 9),
  clock: fc.option(fc.record({ seenAtMs: moment, usedMs: moment }), { nil: undefined }),
  handedInAtMs: fc.option(moment),
  current: fc.integer({ min: 0, max: 1 }),
  items: fc.tuple(mockItem(0), mockItem(1)),
})

const mark = fc.record({ item: few('lesson:pod/l'), atMs: moment })
const note = fc.record({
  item: few('lesson:pod/l'),
  text: fc.constantFrom('one', 'two', 'three\n\n---\n\none'),
  atMs: moment,
})

const made: fc.Arbitrary<FoldedWork> = fc.record({
  answers: list(answer, ({ id }) => id),
  studyBook: fc.record({
    read: list(mark, ({ item }) => item),
    bookmarks: list(mark, ({ item }) => item),
    notes: list(note, ({ item }) => item),
  }),
  attempts: list(attempt, ({ id }) => id),
  mocks: list(mock, ({ id }) => id),
})

/** As it comes from where it is stored. */
export const someWork = made.map((value): FoldedWork => JSON.parse(JSON.stringify(value)))
