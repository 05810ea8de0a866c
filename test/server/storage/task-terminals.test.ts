import assert from 'node:assert/strict'
import { test } from 'node:test'
import { moveAll, removeAll } from '../../../server/belongings/keep.ts'
import { createJournals } from '../../../server/journal/journals.ts'
import { practiceSeat } from '../../../server/seat.ts'
import { createStorage } from '../../../server/storage/aggregates.ts'
import { createMemoryStore } from '../../../server/storage/memory.ts'
import { someSandboxes } from '../labs/sandboxes/support.ts'

const [ann, bob] = [practiceSeat('ann'), practiceSeat('bob')]
const recordOf = (text: string) => ({ files: { '/home/learner/notes.txt': text }, history: ['vi notes.txt'] })

async function start() {
  const storage = createStorage(createMemoryStore())
  const { sandboxes } = await someSandboxes({ storage })
  return { storage, journals: createJournals({ storage, now: () => 1 }), sandboxes, now: () => 1 }
}

test('each task of a seat has its own files and lines; what would be too much leaves what was kept', async () => {
  const { taskTerminals } = (await start()).storage
  assert.equal(await taskTerminals.find(ann, 'three-pods'), undefined)
  assert.ok(await taskTerminals.save(ann, 'three-pods', recordOf('one')))
  assert.ok(await taskTerminals.save(ann, 'three-pods/abc', recordOf('in an exam')))
  assert.equal(await taskTerminals.save(ann, 'three-pods', recordOf('#'.repeat(600_000))), false)
  assert.deepEqual(await taskTerminals.find(ann, 'three-pods'), recordOf('one'))
  assert.deepEqual(await taskTerminals.find(ann, 'three-pods/abc'), recordOf('in an exam'))
  assert.equal(await taskTerminals.find(ann, 'constructor'), undefined)
  assert.equal(await taskTerminals.find(bob, 'three-pods'), undefined)
})

test('they become those of the account that somebody signs in to, and go with what a learner has', async () => {
  const places = await start()
  const { taskTerminals } = places.storage
  await taskTerminals.save(ann, 'three-pods', recordOf('from before'))
  await taskTerminals.save(ann, 'hold-a-rollout', recordOf('new to bob'))
  await taskTerminals.save(bob, 'three-pods', recordOf('of bob'))
  await moveAll(places, ann, bob)
  assert.deepEqual(await taskTerminals.find(bob, 'three-pods'), recordOf('of bob'))
  assert.deepEqual(await taskTerminals.find(bob, 'hold-a-rollout'), recordOf('new to bob'))
  assert.equal(await taskTerminals.find(ann, 'three-pods'), undefined)
  await removeAll(places, bob)
  assert.equal(await taskTerminals.find(bob, 'three-pods'), undefined)
})

test('who gets the terminals of another seat keeps the own ones, and of the others those that there is room for', async () => {
  const { taskTerminals } = (await start()).storage
  const long = (letter: string) => recordOf(letter.repeat(200_000))
  await taskTerminals.save(ann, 'own', long('o'))
  await taskTerminals.save(bob, 'own', recordOf('of the other'))
  await taskTerminals.save(bob, 'too-much', long('t'))
  await taskTerminals.save(bob, 'also', long('a'))
  await taskTerminals.save(bob, 'short', recordOf('short'))
  await taskTerminals.give(bob, ann)
  assert.deepEqual(await taskTerminals.find(ann, 'own'), long('o'))
  assert.deepEqual(await taskTerminals.find(ann, 'short'), recordOf('short'))
  const given = await Promise.all(['too-much', 'also'].map((task) => taskTerminals.find(ann, task)))
  assert.equal(given.filter((one) => one !== undefined).length, 1)
})
