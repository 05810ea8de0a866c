import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { countAll, gather, gatherWork, isNothing, nothing } from '../../../server/belongings/belongings.ts'
import { readFile, writeFile } from '../../../server/belongings/file.ts'
import { keep, moveAll, planOf, removeAll, restoreSandboxes } from '../../../server/belongings/keep.ts'
import { actOfAnswer } from '../../../server/journal/folds/answers.ts'
import { createJournals } from '../../../server/journal/journals.ts'
import { actsOfWork, type FoldedWork, workOfActs } from '../../../server/journal/work.ts'
import { practiceSeat } from '../../../server/seat.ts'
import { createStorage } from '../../../server/storage/aggregates.ts'
import { createMemoryStore } from '../../../server/storage/memory.ts'
import { someSandboxes, someShape } from '../labs/sandboxes/support.ts'
import { aMock, anAnswer } from '../storage/contract.ts'
import { someWork } from './some.ts'

const [ann, bob] = [practiceSeat('ann'), practiceSeat('bob')]

async function start() {
  const storage = createStorage(createMemoryStore())
  const { sandboxes } = await someSandboxes({ storage })
  return { storage, journals: createJournals({ storage, now: () => 1 }), sandboxes, now: () => 1 }
}

const given = (work: FoldedWork) => ({ acts: actsOfWork(work), isFile: false })

test('what is kept is what the acts come to, and once', async () => {
  await fc.assert(
    fc.asyncProperty(someWork, someWork, async (a, b) => {
      const places = await start()
      for (const one of [a, b]) await keep(places, given(one), ann)
      const stored = await places.journals.acts(ann)
      for (const one of [a, b]) await keep(places, given(one), ann)
      assert.deepEqual(await places.journals.acts(ann), stored)
      assert.deepEqual(await gatherWork(places, ann), workOfActs(ann, stored))
    }),
    { numRuns: 40 },
  )
})

test('a plan says what would be added and what brought up to date, and nothing once it is done', async () => {
  await fc.assert(
    fc.asyncProperty(someWork, someWork, async (a, b) => {
      const places = await start()
      await keep(places, given(a), ann)
      const before = await countAll(places, ann)
      const file = { acts: actsOfWork(b), sandboxes: [] }
      const plan = await planOf(places, file, ann, 5)
      await keep(places, { acts: file.acts, isFile: true }, ann)
      const after = await countAll(places, ann)
      assert.deepEqual(
        Object.entries(after).map(([what, count]) => [what, count - before[what as keyof typeof before]]),
        Object.entries(plan.adds),
      )
      const again = await planOf(places, file, ann, 5)
      assert.ok(isNothing(again.adds))
      assert.deepEqual(new Set(Object.values(again.updates)), new Set([0]))
    }),
    { numRuns: 40 },
  )
})

test('an exam that was taken out of the list comes back from a file', async () => {
  const places = await start()
  const [exam] = [aMock('ann', 'm1', { startedAtMs: 1 })]
  const acts = actsOfWork({ ...(await gatherWork(places, ann)), mocks: [exam!] })
  await keep(places, { acts, isFile: true }, ann)
  await places.journals.write(ann, () => [{ act: 'mock-removed', data: { mock: 'm1' } }])
  assert.deepEqual((await gatherWork(places, ann)).mocks, [])
  const plan = await planOf(places, { acts, sandboxes: [] }, ann, 5)
  assert.equal(plan.adds.exams + plan.adds.interviews, 1)
  await keep(places, { acts, isFile: true }, ann)
  assert.deepEqual(
    (await gatherWork(places, ann)).mocks.map(({ id }) => id),
    ['m1'],
  )
})

test('what is moved is the other one’s, sandboxes with their terminals too, and nothing is left behind', async () => {
  const places = await start()
  await places.journals.add(ann, [actOfAnswer(anAnswer('one'))])
  await places.journals.add(bob, [actOfAnswer(anAnswer('two', { atMs: 6 }))])
  const { id } = await places.sandboxes.create('ann', { name: 'web', shape: someShape })
  await places.storage.terminals.save(id, { files: { '/home/a': 'x' }, history: ['ls'] })
  await moveAll(places, ann, bob)
  assert.ok(isNothing(await countAll(places, ann)))
  const [{ answers }, { sandboxes }] = [await gatherWork(places, bob), await gather(places, bob)]
  assert.deepEqual(
    [answers.map((answer) => answer.id), sandboxes.map((box) => [box.id, box.terminal?.history])],
    [['one', 'two'], [[id, ['ls']]]],
  )
  await moveAll(places, ann, bob)
  assert.equal((await countAll(places, bob)).answers, 2)
})

test('a sandbox goes into a file and comes back after everything was removed', async () => {
  const places = await start()
  const { id } = await places.sandboxes.create('ann', { name: 'web', shape: someShape })
  await places.sandboxes.run(id, { op: 'kubectl', line: 'kubectl create deployment web --image=nginx:1.27' })
  await places.storage.terminals.save(id, { files: { '/home/a': 'x' }, history: ['ls'] })
  const before = await gather(places, ann)
  const file = writeFile(before, {})
  await removeAll(places, ann)
  assert.ok(isNothing(await countAll(places, ann)))
  const read = readFile(file, bob, Date.UTC(2026, 2, 3), 'key')
  assert.ok('belongings' in read, JSON.stringify(read))
  assert.deepEqual(await restoreSandboxes(places, read.belongings.sandboxes, bob), [])
  const [box] = (await gather(places, bob)).sandboxes
  const { lastUsedAtMs, virtualMs, ...rest } = before.sandboxes[0]!
  assert.deepEqual(box && { ...box, lastUsedAtMs: 0, virtualMs: 0 }, { ...rest, lastUsedAtMs: 0, virtualMs: 0 })
  assert.ok(box!.virtualMs >= virtualMs)
  assert.deepEqual((await places.sandboxes.look(id)).view.tables[0]?.rows[0]?.[0], 'web')
})

test('a file that names somebody’s sandbox gives another one, always the same, and nothing of theirs', async () => {
  const places = await start()
  const { id } = await places.sandboxes.create('ann', { name: 'secret', shape: someShape })
  await places.storage.terminals.save(id, { files: { '/home/a': 'secret' }, history: [] })
  const [copy] = (await gather(places, ann)).sandboxes
  const forged = { ...copy!, name: 'mine', terminal: { files: { '/home/a': 'mine' }, history: [] } }
  for (const times of [1, 2]) {
    const plan = await planOf(places, { ...nothing, sandboxes: [forged] }, bob, 3)
    assert.equal(plan.sandboxes.add.length, times === 1 ? 1 : 0)
    assert.deepEqual(await restoreSandboxes(places, plan.sandboxes.add, bob), [])
  }
  const [own] = await places.sandboxes.list('bob')
  assert.deepEqual([own!.name, (await places.sandboxes.list('bob')).length], ['mine', 1])
  assert.notEqual(own!.id, id)
  assert.equal(await places.sandboxes.find('bob', id), undefined)
  assert.equal((await places.sandboxes.find('ann', id))?.name, 'secret')
  assert.deepEqual((await places.storage.terminals.find(id))?.files, { '/home/a': 'secret' })
})

test('more sandboxes than there is room for are told of, those used last come first', async () => {
  const boxes = [1, 2, 3].map((n) => ({
    ...{
      id: `s${n}`,
      name: `box ${n}`,
      createdAtMs: 1,
      lastUsedAtMs: n,
      engineVersion: '',
      virtualMs: 0,
      terminal: null,
    },
    ...{ options: { seed: 's', shape: someShape, startEpochMs: 1 }, log: [] },
  }))
  const { sandboxes, adds } = await planOf(await start(), { ...nothing, sandboxes: boxes }, ann, 2)
  assert.deepEqual(
    sandboxes.add.map(({ id }) => id),
    ['s3', 's2'],
  )
  assert.deepEqual(
    sandboxes.noRoom.map(({ id }) => id),
    ['s1'],
  )
  assert.equal(adds.sandboxes, 2)
})

test('a sandbox that cannot be is told of by its name, and the others are made', async () => {
  const places = await start()
  const { id } = await places.sandboxes.create('ann', { name: 'web', shape: someShape })
  const [copy] = (await gather(places, ann)).sandboxes
  await places.sandboxes.remove(id)
  const bad = { ...copy!, id: 'other', name: 'bad', options: { ...copy!.options, shape: { nodes: [] } } }
  const failed = await restoreSandboxes(places, [bad, copy!], bob)
  assert.deepEqual(
    failed.map(({ name }) => name),
    ['bad'],
  )
  assert.match(failed[0]!.why, /1 to 10 nodes/)
  assert.equal((await places.sandboxes.list('bob')).length, 1)
})
