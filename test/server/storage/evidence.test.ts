import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createStorage } from '../../../server/storage/aggregates.ts'
import { gradedLog, gradedRun, gradingOf, hashLog } from '../../../server/storage/evidence.ts'
import { createMemoryStore } from '../../../server/storage/memory.ts'
import type { Attempt } from '../../../server/storage/types.ts'
import type { LoggedCommand } from '../../../sim/index.ts'
import { aGrade } from '../fake-labs.ts'
import { anAttempt } from './contract.ts'

const line = (atMs: number, text: string): LoggedCommand => ({ atMs, command: { op: 'kubectl', line: text } })
const log = [line(0, 'get pods'), line(10, 'get nodes')]
const graded = { seed: 's', contentHash: 'abc', log, hintsOpened: ['h1'] }

test('the hash of a log does not depend on the order of fields, and changes with any character', () => {
  const turned = [{ command: { line: 'get pods', op: 'kubectl' }, atMs: 0 }, log[1]!] as LoggedCommand[]
  assert.equal(hashLog(turned), hashLog(log))
  assert.notEqual(hashLog([log[0]!, line(10, 'get node')]), hashLog(log))
  assert.notEqual(hashLog([log[0]!, line(11, 'get nodes')]), hashLog(log))
  assert.match(hashLog([]), /^[0-9a-f]{64}$/)
})

test('a grading is of what was graded, whatever the attempt has become meanwhile', () => {
  const grown = anAttempt('ann', 'x', {
    log: [...log, line(20, 'get events')],
    hintsOpened: ['h1', 'h2'],
    seed: 'other',
  })
  const grading = gradingOf(grown, graded, aGrade(), 5)
  assert.deepEqual(
    [grading.commands, grading.log, grading.hintsOpened, grading.proof?.seed],
    [2, undefined, ['h1'], 's'],
  )
  assert.deepEqual(gradedRun(grown, grading), { seed: 's', log, proof: 'holds' })
  const undone = anAttempt('ann', 'x', { log: [log[0]!, line(10, 'delete pod web')] })
  assert.deepEqual(gradedLog(undone, gradingOf(undone, graded, aGrade(), 5)), log)
})

test('other commands than those that were graded are known by their hash, one changed, added or taken away', () => {
  const attempt = anAttempt('ann', 'x', { log })
  const grading = gradingOf(attempt, graded, aGrade(), 5)
  for (const other of [[log[0]!, line(10, 'delete pod web')], [log[0]!], []]) {
    const changed: Attempt = { ...attempt, log: other }
    assert.equal(gradedRun(changed, grading).proof, 'differs')
    assert.equal(gradedRun(attempt, { ...grading, log: other }).proof, 'differs')
  }
  assert.equal(gradedRun(attempt, { ...grading, proof: null }).proof, 'none')
})

test('a document of before opens, its gradings without a proof', async () => {
  const store = createMemoryStore()
  const { proof: _proof, ...old } = gradingOf(anAttempt('ann', 'x', { log }), graded, aGrade(), 5)
  const read = store.documents<Attempt>({
    name: 'attempts',
    version: 1,
    upgrades: [],
    schema: { safeParse: (data: unknown) => ({ success: true, data }) } as never,
  })
  await read.update('ann/y', () => ({ ...anAttempt('ann', 'y', { log }), gradings: [old as never] }))
  const [attempt] = await createStorage(store).attempts.listOf('ann', assert.ifError)
  assert.equal(attempt?.gradings[0]?.proof, null)
  assert.deepEqual(gradedRun(attempt!, attempt!.gradings[0]!), { seed: 's', log, proof: 'none' })
})
