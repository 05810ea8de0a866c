import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limitsPassed, mostOf } from '../../../server/belongings/limits.ts'
import type { FoldedWork } from '../../../server/journal/work.ts'
import { anAnswer } from '../storage/contract.ts'

const nothing: FoldedWork = { answers: [], studyBook: { read: [], bookmarks: [], notes: [] }, attempts: [], mocks: [] }

const answers = (from: number, to: number) => ({
  ...nothing,
  answers: Array.from({ length: to - from }, (_, n) => anAnswer(String(from + n))),
})
const notes = (count: number) => ({
  ...nothing,
  studyBook: {
    ...nothing.studyBook,
    notes: Array.from({ length: count }, (_, n) => ({ item: String(n), text: 'x', atMs: 1 })),
  },
})
const most = mostOf.answers

const cases = [
  { name: 'as many as there may be', current: answers(0, most - 1), given: answers(most - 1, most), want: {} },
  { name: 'one more', current: answers(0, most), given: answers(most, most + 1), want: { answers: most } },
  { name: 'all of it here already', current: answers(0, most), given: answers(0, most), want: {} },
  { name: 'nothing added to what is too much', current: answers(0, most + 5), given: answers(0, 10), want: {} },
  { name: 'too many notes', current: nothing, given: notes(mostOf.notes + 1), want: { notes: mostOf.notes } },
]
for (const { name, current, given, want } of cases)
  test(`limits that two together pass: ${name}`, () => assert.deepEqual(limitsPassed(current, given), want))
