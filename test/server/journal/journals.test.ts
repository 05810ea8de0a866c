import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Said } from '../../../server/exams/mock.ts'
import type { NewAct } from '../../../server/journal/act.ts'
import type { KnownAct } from '../../../server/journal/acts/registry.ts'
import { actOfAttempt } from '../../../server/journal/folds/attempts.ts'
import { createJournals, type JournalsOptions } from '../../../server/journal/journals.ts'
import { editOf } from '../../../server/practice/attempts.ts'
import { judgedOf, saidOf, seenAt } from '../../../server/practice/mocks.ts'
import type { SeatId } from '../../../server/seat.ts'
import { createStorage } from '../../../server/storage/aggregates.ts'
import { DocumentUnreadable } from '../../../server/storage/documents.ts'
import { gradedRun, gradingOf } from '../../../server/storage/evidence.ts'
import { createLowdbStore } from '../../../server/storage/lowdb.ts'
import { createMemoryStore } from '../../../server/storage/memory.ts'
import type { Mock, MockResult, StudyBook } from '../../../server/storage/types.ts'
import { aGrade } from '../fake-labs.ts'
import { aMock, anAttempt } from '../storage/contract.ts'

const ann: SeatId = { sittingId: 'practice-ann', participantId: 'ann' }
const bob: SeatId = { sittingId: 'practice-bob', participantId: 'bob' }
const now = () => 7

const start = (over: Partial<JournalsOptions> = {}) => {
  const store = createMemoryStore()
  const storage = createStorage(store)
  return { store, storage, journals: createJournals({ storage, now, ...over }) }
}

const noted = (item: string, text: string, atMs: number, id = `${item}${text}${atMs}`): KnownAct => ({
  ...{ id, act: 'noted', item, atMs },
  data: { text },
})
const textsOf = ({ notes }: StudyBook) => notes.map(({ item, text }) => `${item}=${text}`)

test('what is written is seen at once, by the next who opens the journal, and in no other seat', async () => {
  const { storage, journals } = start()
  const { studyBook } = await journals.write(ann, () => [{ act: 'noted', item: 'a', data: { text: 'x' } }])
  assert.deepEqual(studyBook.notes, [{ item: 'a', text: 'x', atMs: 7 }])
  assert.deepEqual((await journals.work(ann)).studyBook, studyBook)
  assert.deepEqual((await createJournals({ storage, now }).work(ann)).studyBook, studyBook)
  assert.deepEqual((await journals.work(bob)).studyBook.notes, [])
})

test('of many who decide at once each sees what the others did, also in two processes', async () => {
  const { storage, journals } = start()
  const other = createJournals({ storage, now })
  const count = (book: StudyBook) => Number(book.notes[0]?.text ?? 0)
  await Promise.all(
    Array.from({ length: 40 }, (_, n) =>
      (n % 2 ? journals : other).write(ann, ({ studyBook }) => [
        { act: 'noted', item: 'a', data: { text: String(count(studyBook) + 1) } },
      ]),
    ),
  )
  assert.deepEqual([count((await journals.work(ann)).studyBook), count((await other.work(ann)).studyBook)], [40, 40])
  assert.equal((await journals.acts(ann)).length, 40)
})

test('a decision that throws does nothing, and the next one is made', async () => {
  const { journals } = start()
  const refused = journals.write(ann, () => {
    throw new Error('no room')
  })
  const made = journals.write(ann, () => [{ act: 'read', item: 'a', data: {} }])
  await assert.rejects(refused, /no room/)
  assert.equal((await made).studyBook.read.length, 1)
  await journals.write(ann, () => [])
  assert.equal((await journals.acts(ann)).length, 1)
})

test('acts that are added twice are there once, and the order in which they come in changes nothing', () =>
  fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(
        fc.record({
          item: fc.constantFrom('a', 'b'),
          act: fc.constantFrom('read', 'noted', 'bookmarked'),
          text: fc.constantFrom('', 'x', 'y'),
          // Of acts of one moment on one item the last that came in holds.
          atMs: fc.nat(50),
        }),
        { maxLength: 12, selector: ({ item, act, atMs }) => `${item} ${act} ${atMs}` },
      ),
      fc.infiniteStream(fc.nat()),
      async (made, draws) => {
        const acts = made.map(({ item, act, text, atMs }, n): KnownAct => {
          const envelope = { id: `i${n}`, item, atMs }
          if (act === 'read') return { ...envelope, act, data: {} }
          if (act === 'noted') return { ...envelope, act, data: { text } }
          return { ...envelope, act: 'bookmarked', data: { isOn: text !== '' } }
        })
        const inOrder = start().journals
        await inOrder.add(ann, acts)
        const shuffled = start({ keptCharacters: 1 }).journals
        const drawn = acts.map((act) => ({ act, at: draws.next().value })).sort((a, b) => a.at - b.at)
        for (const { act } of drawn) await shuffled.add(ann, [act])
        assert.equal(await shuffled.add(ann, acts), 0)
        const [one, other] = [await inOrder.work(ann), await shuffled.work(ann)]
        const sorted = (book: StudyBook) =>
          [book.read, book.notes].map((list) => [...list].map((x) => JSON.stringify(x)).sort())
        assert.deepEqual(sorted(one.studyBook), sorted(other.studyBook))
      },
    ),
    { numRuns: 60 },
  ))

test('what is forgotten for lack of room is read again', async () => {
  const { journals } = start({ keptCharacters: 1 })
  for (const seat of [ann, bob, ann, bob])
    await journals.write(seat, ({ studyBook: { notes } }) => [
      { act: 'noted', item: `n${notes.length}`, data: { text: seat.participantId } },
    ])
  assert.deepEqual(textsOf((await journals.work(ann)).studyBook), ['n0=ann', 'n1=ann'])
  assert.deepEqual(textsOf((await journals.work(bob)).studyBook), ['n0=bob', 'n1=bob'])
})

test('a seat that is removed has done nothing, and begins anew', async () => {
  const { storage, journals } = start()
  const other = createJournals({ storage, now })
  await journals.add(ann, [noted('a', 'x', 1), noted('b', 'y', 2)])
  await other.work(ann)
  await journals.remove(ann)
  assert.deepEqual(textsOf((await other.work(ann)).studyBook), [])
  await journals.write(ann, () => [{ act: 'noted', item: 'c', data: { text: 'z' } }])
  for (const one of [journals, other]) assert.deepEqual(textsOf((await one.work(ann)).studyBook), ['c=z'])
})

test('a study book from before journals is taken over once, whoever asks first, and is gone then', async () => {
  const { store, storage, journals } = start()
  const former: StudyBook = {
    read: [{ item: 'lesson:a', atMs: 1 }],
    bookmarks: [{ item: 'lesson:b', atMs: 2 }],
    notes: [{ item: 'lesson:a', text: 'mine', atMs: 3 }],
  }
  const { documents } = store
  const { z } = await import('zod')
  const books = documents<StudyBook>({ name: 'study-books', version: 1, upgrades: [], schema: z.any() })
  await books.update('ann', () => former)
  const all = await Promise.all([journals.work(ann), journals.work(ann), createJournals({ storage, now }).work(ann)])
  for (const { studyBook } of all) assert.deepEqual(studyBook, former)
  assert.equal(await books.find('ann'), undefined)
  assert.equal((await journals.acts(ann)).length, 3)
  // Killed between the one and the other: it is still there at the next start.
  await books.update('ann', () => former)
  const later = createJournals({ storage, now })
  assert.deepEqual((await later.work(ann)).studyBook, former)
  assert.equal((await later.acts(ann)).length, 3)
})

test('what was done before journals is taken over however much it is, and only then is there a limit', async () => {
  const { storage } = start()
  const notes = Array.from({ length: 50 }, (_, n) => ({ item: `n${n}`, text: 'x'.repeat(100), atMs: n }))
  let book: StudyBook | undefined = { read: [], bookmarks: [], notes }
  const studyBooks: typeof storage.studyBooks = {
    find: async () => book,
    remove: async () => {
      book = undefined
    },
  }
  const journals = createJournals({ storage: { ...storage, studyBooks }, now, mostCharacters: 2000 })
  assert.equal((await journals.work(ann)).studyBook.notes.length, 50)
  assert.equal(book, undefined)
  const more = () => journals.write(ann, () => [{ act: 'noted', item: 'more', data: { text: 'x' } }])
  await assert.rejects(more(), { name: 'JournalFull' })
  assert.equal((await journals.work(ann)).studyBook.notes.length, 50)
})

test('a damaged study book from before journals is told, closes nothing, and is taken over when it is repaired', async () => {
  const { storage } = start()
  let isRepaired = false
  const book: StudyBook = { read: [], bookmarks: [], notes: [{ item: 'b', text: 'mine', atMs: 3 }] }
  const studyBooks: typeof storage.studyBooks = {
    ...storage.studyBooks,
    find: async () => {
      if (!isRepaired) throw new DocumentUnreadable('study-books', 'ann', 'cut off')
      return book
    },
  }
  const journals = createJournals({ storage: { ...storage, studyBooks }, now })
  await journals.write(ann, () => [{ act: 'noted', item: 'a', data: { text: 'new' } }])
  const damaged = await journals.work(ann)
  assert.deepEqual(
    [textsOf(damaged.studyBook), damaged.unreadable.map(({ kind }) => kind)],
    [['a=new'], ['study-books']],
  )
  isRepaired = true
  const whole = await journals.work(ann)
  assert.deepEqual([textsOf(whole.studyBook), whole.unreadable], [['b=mine', 'a=new'], []])
})

test('a damaged part of a journal is told, and is there again when it is repaired, without a restart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'podium-journals-'))
  const path = join(folder, 'journals', 'practice-ann', 'ann', '000000000.json')
  let nowMs = 0
  const open = async () => {
    const storage = createStorage(await createLowdbStore({ folder }))
    return { storage, journals: createJournals({ storage, now: () => nowMs }) }
  }
  const first = await open()
  // More than one part of the stream holds.
  for (const n of [1, 2])
    await first.journals.add(
      ann,
      Array.from({ length: 70 }, (_, m) => noted('a', 'x', n * 100 + m)),
    )
  await first.storage.close()
  const whole = await readFile(path, 'utf8')
  await writeFile(path, '{')
  const { storage, journals } = await open()
  const kinds = async () => (await journals.work(ann)).unreadable.map(({ kind }) => kind)
  assert.deepEqual(await kinds(), ['journals'])
  await rm(`${path}.corrupt-1`)
  await writeFile(path, whole)
  nowMs = 10_000
  assert.deepEqual(await kinds(), [])
  await storage.close()
  await rm(folder, { recursive: true })
})

test('an act of a newer program, or of another shape, is left out, told, and stays', async () => {
  const { storage, journals } = start()
  await journals.add(ann, [noted('a', 'x', 1)])
  await storage.journals.append('practice-ann/ann', 1, [
    { id: 'n', act: 'flew', v: 1, atMs: 2, data: {} },
    { id: 'o', act: 'noted', v: 9, atMs: 3, item: 'a', data: {} },
    { id: 'p', act: 'noted', v: 1, atMs: 4, item: 'a', data: { text: 5 } },
  ])
  const { studyBook, unreadable } = await journals.work(ann)
  assert.deepEqual(textsOf(studyBook), ['a=x'])
  assert.deepEqual(
    unreadable.map(({ message }) => message),
    [
      'act n is a "flew" of version 1, and this program knows none of that name: start the newer program',
      'act o is a "noted" of version 9, and this program knows 1 at most: start the newer program',
      'act p is no "noted": text: Invalid input: expected string, received number',
    ],
  )
  await journals.write(ann, () => [{ act: 'noted', item: 'b', data: { text: 'y' } }])
  assert.equal(await storage.journals.head('practice-ann/ann'), 5)
})

test('acts on an item that got another name are acts on the present one, also those from before', async () => {
  let moved = new Map<string, string>()
  const { journals } = start({ moved: () => moved })
  await journals.add(ann, [noted('old', 'x', 1)])
  assert.deepEqual(textsOf((await journals.work(ann)).studyBook), ['old=x'])
  moved = new Map([['old', 'new']])
  assert.deepEqual(textsOf((await journals.work(ann)).studyBook), ['new=x'])
  await journals.write(ann, () => [{ act: 'noted', item: 'new', data: { text: '' } }])
  assert.deepEqual(textsOf((await journals.work(ann)).studyBook), [])
})

const open = (id: string): KnownAct => ({
  ...{ id: `open-${id}`, act: 'opened', item: 'challenge:crash-loop', atMs: 1, contentHash: 'abc', engineVersion: '1' },
  data: { attempt: id, seed: 's', drafts: {}, earlierDrafts: [], hintsOpened: [] },
})

test('whatever is typed into a file, the acts of its saves make the text that was saved last, and are no larger than it', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '\n', '望', '\ud83d\ude00'), maxLength: 30 }), {
        maxLength: 8,
      }),
      async (texts) => {
        const { storage, journals } = start()
        await journals.add(ann, [open('x')])
        for (const text of texts) await journals.write(ann, ({ attempts }) => editOf(attempts[0]!, 'web.yaml', text))
        const again = createJournals({ storage, now })
        const [attempt] = (await again.work(ann)).attempts
        assert.equal(attempt!.drafts['web.yaml'], texts.at(-1))
        for (const act of await again.acts(ann))
          if (act.act === 'edited') {
            const written =
              act.data.text?.length ?? act.data.splices!.reduce((sum, [, , insert]) => sum + insert.length, 0)
            assert.ok(written <= 30)
          }
      },
    ),
    { numRuns: 60 },
  ))

test('a key that is typed into a file of 20 KB is an act of a few hundred bytes', async () => {
  const { storage, journals } = start()
  const text = '# a line of a manifest\n'.repeat(900)
  await journals.add(ann, [open('x')])
  await journals.write(ann, ({ attempts }) => editOf(attempts[0]!, 'web.yaml', text))
  await journals.write(ann, ({ attempts }) =>
    editOf(attempts[0]!, 'web.yaml', `${text.slice(0, 9000)}x${text.slice(9000)}`),
  )
  const [last] = await storage.journals.read('practice-ann/ann', 2)
  assert.ok(JSON.stringify(last!.entry).length < 300, JSON.stringify(last!.entry))
})

test('an undone command is gone from the attempt and stays in the journal, and what was graded with it keeps it', async () => {
  const { journals } = start()
  const item = 'challenge:crash-loop'
  const logged = (atMs: number) => ({ atMs, command: { op: 'kubectl' as const, line: `kubectl get pods ${atMs}` } })
  const ran = (atMs: number) => ({
    act: 'ran' as const,
    item,
    virtualMs: atMs + 80,
    data: { attempt: 'x', logged: logged(atMs) },
  })
  await journals.add(ann, [open('x')])
  await journals.write(ann, () => [ran(0), ran(100)])
  await journals.write(ann, ({ attempts: [attempt] }) => {
    const graded = { seed: 's', contentHash: 'abc', log: attempt!.log, hintsOpened: [] }
    const { atMs: _, ...grading } = gradingOf(attempt!, graded, aGrade(), 0)
    return [{ act: 'graded', item, data: { attempt: 'x', ...grading } }]
  })
  await journals.write(ann, () => [{ act: 'undid', item, data: { attempt: 'x' } }])
  const {
    attempts: [attempt],
  } = await journals.write(ann, () => [ran(200)])
  assert.deepEqual([attempt!.log.map(({ atMs }) => atMs), attempt!.clockMs], [[0, 200], 280])
  assert.deepEqual(
    attempt!.gradings[0]!.log?.map(({ atMs }) => atMs),
    [0, 100],
  )
  assert.equal(gradedRun(attempt!, attempt!.gradings[0]!).proof, 'holds')
  assert.equal((await journals.acts(ann)).filter(({ act }) => act === 'ran').length, 3)
})

test('an attempt that two journals have gone on with otherwise is one, with the gradings of both', async () => {
  const { journals } = start()
  const here = anAttempt('ann', 'x', { updatedAtMs: 5, drafts: { f: 'here' } })
  const there = anAttempt('ann', 'x', { updatedAtMs: 9, drafts: { f: 'there' } })
  assert.equal(await journals.add(ann, [actOfAttempt(here), actOfAttempt(there), actOfAttempt(here)]), 2)
  const { attempts } = await journals.work(ann)
  assert.deepEqual(
    attempts.map(({ id, drafts }) => [id, drafts]),
    [['x', { f: 'there' }]],
  )
})

test('what was done to an attempt whose beginning is damaged is passed over', async () => {
  const { journals } = start()
  await journals.write(ann, () => [{ act: 'undid', item: 'challenge:crash-loop', data: { attempt: 'x' } }])
  assert.deepEqual((await journals.work(ann)).attempts, [])
})

test('a mock exam is what was said, judged and looked at, with every kind of result, under its questions’ present names', async () => {
  let moved = new Map<string, string>()
  const { storage, journals } = start({ moved: () => moved })
  const item = {
    ...{ questionId: 'pod/old', contentHash: 'abc', seed: 's', group: 'storage', given: [], confidence: null },
    ...{ isFlagged: false, spentMs: 0, result: null },
  }
  const { participantId: _, ...mock } = aMock('ann', 'm1', { items: [item, item, item] })
  await journals.write(ann, () => [{ act: 'mock-began', atMs: 1, data: { mock } }])
  const decide = (act: (mock: Mock) => NewAct<KnownAct>[]) => journals.write(ann, ({ mocks: [one] }) => act(one!))
  const said: Said = { given: ['a'], confidence: 'sure', flag: true, spentMs: 5 }
  await decide((one) => saidOf(one, 0, said, 1))
  await decide((one) => saidOf(one, 0, said, 1))
  const results: MockResult[] = [
    { verdict: 'partly', score: 0.5, key: '3', judged: { held: [true, false], refused: '' } },
    { verdict: 'none', key: null },
    { verdict: 'void', why: 'The question has changed.' },
  ]
  for (const [place, result] of results.entries())
    for (const _times of [1, 2]) await decide((one) => judgedOf(one, place, one.items[place]!, result))
  await decide((one) => seenAt(one, 4))
  await decide((one) => seenAt(one, 4))
  await journals.write(ann, () => [{ act: 'mock-handed-in', atMs: 6, data: { mock: 'm1' } }])
  await journals.write(ann, () => [{ act: 'mock-handed-in', atMs: 8, data: { mock: 'm1' } }])
  moved = new Map([['question:pod/old', 'question:pod/new']])
  for (const one of [journals, createJournals({ storage, now, moved: () => moved })]) {
    const [exam] = (await one.work(ann)).mocks
    assert.deepEqual(exam, {
      ...{ ...mock, participantId: 'ann', current: 1, handedInAtMs: 6, clock: { seenAtMs: 4, usedMs: 3 } },
      items: [
        {
          ...item,
          questionId: 'pod/new',
          given: ['a'],
          confidence: 'sure',
          isFlagged: true,
          spentMs: 5,
          result: results[0],
        },
        { ...item, questionId: 'pod/new', result: results[1] },
        { ...item, questionId: 'pod/new', result: results[2] },
      ],
    })
  }
  // What changes nothing is no act.
  assert.equal((await journals.acts(ann)).length, 8)
})

test('each act tells what it was about: the item, its content as it was, the simulator, and where the clock stood then', async () => {
  const { journals } = start({ engineVersion: '9.9.9', hashOf: (item) => (item === 'lesson:a/b' ? 'abc' : undefined) })
  const data = { attempt: 'one', file: 'a.yaml', text: 'x', setsAside: false }
  await journals.write(ann, () => [
    { act: 'read', item: 'lesson:a/b', data: {} },
    { act: 'read', item: 'lesson:gone/away', data: {} },
  ])
  await journals.write(ann, () => [
    {
      ...{ act: 'opened' as const, item: 'challenge:c', contentHash: 'then', virtualMs: 0 },
      data: { attempt: 'one', seed: 's', drafts: {}, earlierDrafts: [], hintsOpened: [] },
    },
  ])
  await journals.write(ann, () => [{ act: 'ran', virtualMs: 7000, engineVersion: '1.1.1', data: { attempt: 'one' } }])
  await journals.write(ann, () => [{ act: 'edited', data }])
  const told = (await journals.acts(ann)).map(({ act, item, contentHash, engineVersion, virtualMs }) =>
    [act, item, contentHash, engineVersion, virtualMs].join(' '),
  )
  assert.deepEqual(told, [
    'read lesson:a/b abc 9.9.9 ',
    'read lesson:gone/away  9.9.9 ',
    'opened challenge:c then 9.9.9 0',
    'ran challenge:c then 1.1.1 7000',
    'edited challenge:c then 9.9.9 7000',
  ])
})
