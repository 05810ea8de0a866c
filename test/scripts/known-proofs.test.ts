/** What is known to be proven, and what is proven all the same. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  isDue,
  type KnownProofs,
  readKnownProofs,
  withProven,
  writeKnownProofs,
} from '../../scripts/content-check/known-proofs.ts'

const task = { kind: 'challenge', id: 'crash-loop' } as const
const proof = (over: Partial<KnownProofs[string]> = {}): KnownProofs => ({
  'challenge:crash-loop': { content: 'c1', engine: '1', by: 'all', ...over },
})
const turns = Array.from({ length: 600 }, (_, n) => `commit-${n}`)

test('what changed, or was proven by another engine, is due in every turn; what is the same in one of 24', () => {
  const due = (known: KnownProofs) => turns.filter((turn) => isDue(task, 'c1', '1', known, turn)).length
  assert.equal(due({}), 600)
  assert.equal(due(proof({ content: 'c0' })), 600)
  assert.equal(due(proof({ engine: '0' })), 600)
  assert.ok(due(proof()) > 12 && due(proof()) < 42, String(due(proof())))
})

test('every piece has its turn', () => {
  const names = Array.from({ length: 45 }, (_, n) => `challenge-${n}`)
  for (const id of names) {
    const known: KnownProofs = { [`challenge:${id}`]: { content: 'c', engine: '1', by: 'some' } }
    assert.ok(
      turns.some((turn) => isDue({ kind: 'challenge', id }, 'c', '1', known, turn)),
      id,
    )
  }
})

test('a proof by all variants is not replaced by one of some, unless it is of something else', () => {
  assert.deepEqual(withProven(proof(), proof({ by: 'some' })), proof())
  assert.deepEqual(withProven(proof(), proof({ by: 'some', content: 'c2' })), proof({ by: 'some', content: 'c2' }))
  assert.deepEqual(withProven(proof({ by: 'some' }), proof()), proof())
})

test('the file is read as it was written; without one nothing is known, and a damaged one is named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'podium-proofs-'))
  const path = join(folder, 'proofs.json')
  try {
    assert.deepEqual(readKnownProofs(path), {})
    writeKnownProofs(path, proof())
    assert.deepEqual(readKnownProofs(path), proof())
    writeFileSync(path, '{"challenge:crash-loop": 1}')
    assert.throws(
      () => readKnownProofs(path),
      /proofs\.json cannot be read: [\s\S]*Delete it, and run npm run content:check -- --keep/,
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})
