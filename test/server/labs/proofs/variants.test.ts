/** The variants that a solution is proven on: every value of every parameter, and a report that says where it falls short. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Challenge } from '../../../../server/catalog/types.ts'
import { proveChallenge } from '../../../../server/labs/proofs/challenge-proofs.ts'
import { coveringSeeds, nameOfVariant } from '../../../../server/labs/proofs/variants.ts'
import { type ChallengeSpec, prepareChallenge } from '../../../../sim/index.ts'
import { aSpec } from '../a-spec.ts'

const withParams = (params: ChallengeSpec['params'], rest: Partial<ChallengeSpec> = {}): ChallengeSpec => ({
  ...aSpec(),
  params,
  ...rest,
})

const drawnOf = (spec: ChallengeSpec, most: number) =>
  coveringSeeds(spec, most).map((seed) => prepareChallenge(spec, seed).params)

const colours = ['red', 'green', 'blue', 'grey']

test('few variants have every value of every parameter', () => {
  const params = drawnOf(
    withParams({
      colour: { oneOf: colours },
      node: { oneOf: ['a', 'b'], hidden: true },
      count: { int: { min: 2, max: 4 } },
    }),
    6,
  )
  assert.ok(params.length <= 6)
  assert.deepEqual([...new Set(params.map(({ colour }) => colour))].sort(), [...colours].sort())
  assert.deepEqual([...new Set(params.map(({ node }) => node))].sort(), ['a', 'b'])
  assert.deepEqual([...new Set(params.map(({ count }) => count))].sort(), [2, 3, 4])
})

test('of a wide range each third is shown', () => {
  const params = drawnOf(withParams({ port: { int: { min: 8000, max: 8900, step: 10 } } }), 6)
  const thirds = params.map(({ port }) => Math.floor((Number(port) - 8000) / 300.1))
  assert.deepEqual(thirds.sort(), [0, 1, 2])
})

test('where there is nothing to draw, one seed is enough', () => {
  assert.deepEqual(coveringSeeds(aSpec(), 6), ['proof-1'])
})

test('no more seeds are chosen than asked for, and each has a value that those before it have not', () => {
  const spec = withParams({ colour: { oneOf: colours } })
  assert.equal(coveringSeeds(spec, 2).length, 2)
  assert.deepEqual(coveringSeeds(spec, 0), [])
  assert.equal(new Set(drawnOf(spec, 6).map(({ colour }) => colour)).size, coveringSeeds(spec, 6).length)
})

test('a value that reject leaves out is not waited for', () => {
  const spec = withParams({ colour: { oneOf: colours } }, { reject: ["colour == 'grey'"] })
  assert.equal(coveringSeeds(spec, 6).length, 3)
})

test('a variant is named by its seed and what it draws', () => {
  assert.equal(nameOfVariant('proof-4', { node: 'a', count: 3 }), 'seed proof-4 (node a, count 3)')
  assert.equal(nameOfVariant('proof-4', {}), 'seed proof-4')
})

/** Three Pods are asked for, and the solution asks for as many as the variant says. */
const unfair: Challenge = {
  kind: 'challenge',
  id: 'three-of-web',
  hash: 'hash',
  statement: '',
  debrief: '',
  spec: withParams({ count: { oneOf: [3, 2, 1] } }, { observeSeconds: 20 }),
  texts: { mistakes: [] },
} as unknown as Challenge

test('each variant that the first solution does not solve is a problem, with what it draws and what is lost', async () => {
  const content = mkdtempSync(join(tmpdir(), 'content-'))
  const solution = join(content, 'challenges', unfair.id, 'solutions', 'as-asked')
  mkdirSync(solution, { recursive: true })
  mkdirSync(join(content, 'challenges', unfair.id, 'wrong'))
  writeFileSync(
    join(solution, 'run.yaml'),
    "steps:\n  - { at: 1, run: 'kubectl create deployment web --image=nginx:1.27 --replicas={{count}}' }\n",
  )
  const shortOf = async (covering: number) => {
    const { problems } = await proveChallenge(content, unfair, { seeds: 1, covering, mutants: 0, overMutants: 0 })
    return problems.filter((problem) => problem.includes('solutions/as-asked: scores'))
  }
  assert.deepEqual(await shortOf(0), [])
  const short = await shortOf(6)
  assert.equal(short.length, 2)
  for (const count of [1, 2])
    assert.ok(
      short.some((problem) => problem.includes(`(count ${count}): ready: `)),
      short.join('\n'),
    )
})
