// Journals united: by what they come to, whatever is united first, and however often.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { actsToAdd, mergeNotes } from '../../../server/belongings/union.ts'
import type { KnownAct } from '../../../server/journal/acts/registry.ts'
import { mergeAttempts } from '../../../server/journal/merge-attempts.ts'
import { actsOfWork, type FoldedWork, workOfActs } from '../../../server/journal/work.ts'
import { practiceSeat } from '../../../server/seat.ts'
import { gradedLog } from '../../../server/storage/evidence.ts'
import { anAnswer, anAttempt } from '../storage/contract.ts'
import { someWork } from './some.ts'

const owner = practiceSeat('ann')
const nothing: FoldedWork = { answers: [], studyBook: { read: [], bookmarks: [], notes: [] }, attempts: [], mocks: [] }

/** In an order that does not tell what came in first. */
function sorted({ answers, studyBook, attempts, mocks }: FoldedWork): FoldedWork {
  const by = <T>(list: readonly T[], keyOf: (one: T) => string): T[] =>
    list.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  return {
    answers: by(answers, ({ id }) => id),
    studyBook: {
      read: by(studyBook.read, ({ item }) => item),
      bookmarks: by(studyBook.bookmarks, ({ item }) => item),
      notes: by(studyBook.notes, ({ item }) => item),
    },
    attempts: by(attempts, ({ id }) => id),
    mocks: by(mocks, ({ id }) => id),
  }
}

let drawn = 0
const unite = (known: readonly KnownAct[], given: readonly KnownAct[], isFile = false): KnownAct[] => {
  const ids = new Set(known.map(({ id }) => id))
  const present = { owner, work: workOfActs(owner, known), isKnown: (id: string) => ids.has(id) }
  const added = actsToAdd({ ...present, newId: () => `new-${drawn++}` }, { acts: given, isFile })
  return [...known, ...added.filter(({ id }) => !ids.has(id))]
}
const merge = (a: FoldedWork, b: FoldedWork): FoldedWork =>
  sorted(workOfActs(owner, unite(actsOfWork(a), actsOfWork(b))))

/** Of the owner's. */
const ofOwner = someWork.map((work) => sorted(workOfActs(owner, actsOfWork(work))))
const holds = (law: (a: FoldedWork, b: FoldedWork, c: FoldedWork) => void) =>
  fc.assert(fc.property(ofOwner, ofOwner, ofOwner, law), { numRuns: 120 })

test('it does not matter which comes first', () => holds((a, b) => assert.deepEqual(merge(a, b), merge(b, a))))

test('it does not matter which two are merged first', () =>
  holds((a, b, c) => assert.deepEqual(merge(merge(a, b), c), merge(a, merge(b, c)))))

test('merging again changes nothing', () =>
  holds((a, b) => {
    const both = merge(a, b)
    assert.deepEqual(merge(both, b), both)
    assert.deepEqual(merge(a, both), both)
    assert.deepEqual(merge(both, both), both)
  }))

test('nothing beside something changes nothing of it', () =>
  holds((a) => {
    const own = merge(a, nothing)
    assert.deepEqual(new Set(own.answers), new Set(a.answers))
    assert.deepEqual(merge(own, nothing), own)
  }))

const keysOf = ({ answers, studyBook, attempts, mocks }: FoldedWork) => [
  ...answers.map(({ id }) => id),
  ...[...studyBook.read, ...studyBook.bookmarks, ...studyBook.notes].map(({ item }) => item),
  ...attempts.map(({ id }) => id),
  ...attempts.flatMap(({ id, gradings }) => gradings.map(({ atMs, commands }) => `${id} ${atMs} ${commands}`)),
  ...attempts.flatMap(({ id, hintsOpened }) => hintsOpened.map((hint) => `${id} ${hint}`)),
  ...mocks.map(({ id }) => id),
]

test('no answer, attempt, grading, hint, exam or mark is lost, and none is made up', () =>
  holds((a, b) => {
    assert.deepEqual(new Set(keysOf(merge(a, b))), new Set([...keysOf(a), ...keysOf(b)]))
  }))

test('every grading has commands of one of the two, and none of both', () =>
  holds((a, b) => {
    const runs = ({ attempts }: FoldedWork) =>
      attempts.flatMap((attempt) =>
        attempt.gradings.map((one) =>
          JSON.stringify([attempt.id, one.atMs, one.commands, gradedLog(attempt, one), one.proof]),
        ),
      )
    const known = new Set([...runs(a), ...runs(b)])
    for (const run of runs(merge(a, b))) assert.ok(known.has(run), run)
  }))

test('no answer of an exam and no result is lost, and what was handed in stays so', () =>
  holds((a, b) => {
    const both = merge(a, b)
    for (const from of [a, b])
      for (const mock of from.mocks) {
        const merged = both.mocks.find(({ id }) => id === mock.id)!
        // One from a file gives way to one that was sat here.
        if (mock.origin && !merged.origin) continue
        assert.ok(merged.endsAtMs! <= mock.endsAtMs!)
        if (mock.handedInAtMs !== null) assert.ok(merged.handedInAtMs! <= mock.handedInAtMs)
        for (const [place, item] of mock.items.entries()) {
          if (item.result !== null) assert.notEqual(merged.items[place]!.result, null)
          else if (item.given.length > 0 && merged.items[place]!.result === null)
            assert.notEqual(merged.items[place]!.given.length, 0)
        }
      }
  }))

test('what is one’s own is not changed by what comes from a file', () =>
  holds((a, b) => {
    const both = merge(a, b)
    for (const [place, list] of [
      ['answers', a.answers],
      ['mocks', a.mocks],
    ] as const)
      for (const own of list) {
        const other = b[place].find(({ id }) => id === own.id)
        if (!own.origin && (!other || other.origin))
          assert.deepEqual(
            both[place].find(({ id }) => id === own.id),
            own,
          )
      }
    const proven = ({ attempts }: FoldedWork) =>
      attempts.flatMap(({ id, gradings }) =>
        gradings.filter(({ origin }) => !origin).map(({ atMs, commands }) => `${id} ${atMs} ${commands}`),
      )
    assert.deepEqual(new Set(proven(both)), new Set([...proven(a), ...proven(b)]))
  }))

test('no line of a note is lost', () =>
  holds((a, b) => {
    const both = merge(a, b)
    for (const { item, text } of [...a.studyBook.notes, ...b.studyBook.notes]) {
      const merged = both.studyBook.notes.find((note) => note.item === item)!
      for (const part of text.split('\n\n---\n\n')) assert.ok(merged.text.split('\n\n---\n\n').includes(part))
    }
  }))

test('notes on one item that say the same stay one, others stand below each other', () => {
  const note = (text: string, atMs: number) => ({ item: 'lesson:pod/x', text, atMs })
  assert.deepEqual(mergeNotes(note('same', 1), note('same', 2)), note('same', 2))
  assert.equal(mergeNotes(note('wide', 1), note('a line', 2)).text, 'a line\n\n---\n\nwide')
})

test('of an attempt that went on, the later work and all gradings stay', () => {
  const at = (atMs: number) => ({ atMs, commands: 1, hintsOpened: [], proof: null, result: { tests: [] } as never })
  const early = anAttempt('ann', 'x', {
    updatedAtMs: 1,
    drafts: { f: 'early' },
    gradings: [at(1)],
    hintsOpened: ['one'],
  })
  const late = anAttempt('ann', 'x', {
    updatedAtMs: 5,
    drafts: { f: 'late' },
    gradings: [at(1), at(5)],
    state: 'closed',
  })
  const merged = mergeAttempts(late, early)
  assert.deepEqual(
    [merged.drafts, merged.gradings.map(({ atMs }) => atMs), merged.state, merged.hintsOpened],
    [{ f: 'late' }, [1, 5], 'closed', ['one']],
  )
})

test('a grading keeps its own commands when another log is the later one', () => {
  const line = (text: string) => ({ atMs: 0, command: { op: 'kubectl' as const, line: text } })
  const early = anAttempt('ann', 'x', {
    updatedAtMs: 1,
    log: [line('get pods'), line('get nodes')],
    gradings: [{ atMs: 1, commands: 2, hintsOpened: [], proof: null, result: { tests: [] } as never }],
  })
  const late = anAttempt('ann', 'x', { updatedAtMs: 5, log: [line('get pods'), line('delete pod web')] })
  const merged = mergeAttempts(late, early)
  assert.deepEqual(merged.log, late.log)
  assert.deepEqual(gradedLog(merged, merged.gradings[0]!), early.log)
})

test('a grading whose hidden tests were left out of an export stays the full one', () => {
  const grading = (tests: object[]) => ({
    ...{ atMs: 1, commands: 1, hintsOpened: [], proof: null },
    result: { tests } as never,
  })
  const full = anAttempt('ann', 'x', { gradings: [grading([{ id: 'seen' }, { id: 'hidden', hidden: true }])] })
  const exported = anAttempt('ann', 'x', { gradings: [grading([{ id: 'seen' }])] })
  assert.deepEqual(mergeAttempts(exported, full), full)
})

test('an answer that is read in again keeps the moment at which it came', () => {
  const readAt = (atMs: number) => ({ ...nothing, answers: [anAnswer('a', { origin: { from: 'elsewhere', atMs } })] })
  assert.deepEqual(merge(readAt(5), readAt(90)).answers, readAt(5).answers)
  assert.deepEqual(merge(readAt(90), readAt(5)).answers, readAt(5).answers)
})

const opened = (id: string, attempt: string): KnownAct => ({
  ...{ id, act: 'opened', atMs: 1, item: 'challenge:three-pods', contentHash: 'abc', engineVersion: '1' },
  data: { attempt, seed: 's', drafts: {}, earlierDrafts: [], hintsOpened: [] },
})
const ran = (id: string, attempt: string, atMs: number): KnownAct => ({
  ...{ id, act: 'ran', atMs, item: 'challenge:three-pods', virtualMs: atMs },
  data: { attempt, logged: { atMs, command: { op: 'kubectl', line: `kubectl get pods ${id}` } } },
})
const commandsOf = (acts: readonly KnownAct[]) =>
  workOfActs(owner, acts).attempts.flatMap(({ log }) => log.map(({ command }) => 'line' in command && command.line))

test('an attempt that is not here comes with all that was done in it', () => {
  const theirs = [
    opened('a', 'x'),
    ran('b', 'x', 2),
    { id: 'c', act: 'undid', atMs: 3, data: { attempt: 'x' } } as const,
  ]
  assert.deepEqual(unite([], theirs), theirs)
  assert.deepEqual(unite(theirs, theirs), theirs)
})

test('an attempt that went on at two places goes on from the later one, and what is done then comes on top', () => {
  const before = [opened('a', 'x'), ran('b', 'x', 2)]
  const there = unite([], [...before, ran('c', 'x', 5)])
  const here = unite([...before, ran('d', 'x', 3)], there)
  assert.deepEqual(commandsOf(here), ['kubectl get pods b', 'kubectl get pods c'])
  assert.deepEqual(commandsOf([...here, ran('e', 'x', 9)]), [...commandsOf(here), 'kubectl get pods e'])
  assert.deepEqual(unite(here, there), here)
})

test('acts of a file on an attempt that is here do nothing to it by themselves', () => {
  const own = [opened('a', 'x'), ran('b', 'x', 2)]
  const stray: KnownAct = { id: 'z', act: 'closed', atMs: 9, data: { attempt: 'x', why: 'gave-up' } }
  assert.deepEqual(unite(own, [stray], true), own)
  assert.deepEqual(unite(own, [{ ...stray, act: 'undid', data: { attempt: 'x' } }], true), own)
})

test('acts on an attempt that is here are not let in by an answer that has its id', () => {
  const own = [opened('a', 'x'), ran('b', 'x', 2)]
  const [answered] = actsOfWork({ ...nothing, answers: [anAnswer('x')] })
  const stray: KnownAct = { id: 'z', act: 'closed', atMs: 9, data: { attempt: 'x', why: 'gave-up' } }
  assert.deepEqual(unite(own, [answered!, stray], true), [...own, answered])
})
