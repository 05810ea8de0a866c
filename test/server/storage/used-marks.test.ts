/** A mark is used once, by whichever process is first, and forgotten when it is good for nothing. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMemoryStore } from '../../../server/storage/memory.ts'
import { createUsedMarks } from '../../../server/storage/used-marks.ts'

test('of many who use a mark at once one is the first, and nobody afterwards', async () => {
  const store = createMemoryStore()
  const processes = [createUsedMarks(store), createUsedMarks(store)]
  const uses = await Promise.all(Array.from({ length: 20 }, (_, n) => processes[n % 2]!.use('lti a/..b', 60_000, 1000)))
  assert.equal(uses.filter(Boolean).length, 1)
  assert.equal(await processes[0]!.use('lti a/..b', 60_000, 2000), false)
  assert.equal(await processes[1]!.use('lti other', 60_000, 2000), true)
})

test('marks that are good for nothing any more are swept out', async () => {
  const store = createMemoryStore()
  const marks = createUsedMarks(store)
  for (let n = 0; n < 50; n++) assert.equal(await marks.use(`mark ${n}`, 600_000, n), true)
  assert.equal(await marks.use('one of the day after', 86_500_000, 86_400_000), true)
  assert.equal(await marks.use('one of the day after', 86_500_000, 86_400_001), false)
  assert.equal(
    await marks.use('mark 7', 600_000, 86_400_002),
    true,
    'it is known no more; its flow is over by its time',
  )
})
