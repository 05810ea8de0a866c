/**
 * The built-in kubectl prints what the real one prints, byte for byte. Every group of lines takes processes and often clusters of its
 * own: a run takes each thirtieth group, others with each commit; all of them with PARITY=all, a thirtieth with PARITY=0 to 29.
 */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { after, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { isTurn } from '../../../scripts/turn.mjs'
import { needsRealKubectl } from '../../support/real-kubectl.ts'
import { newCluster, type Outcome, runBuiltIn, runOnClusters, runOnShared, runReal } from './run-group.ts'
import { type SharedCluster, startSharedCluster } from './shared-cluster.ts'
import { readSetup, readTable } from './table.ts'

const folder = 'test/kubectl/parity/tables'
/** A run takes each thirtieth group. */
const parts = 30

/**
 * A minute that began between the one and the other kubectl makes them differ; and where each has a cluster of its own that lives by the wall
 * clock, how far they have come. Nothing else may, so nothing else is tried again.
 */
const minute = (): number => Math.floor(Date.now() / 60_000)

type Group = ReturnType<typeof readTable>[number]
type Pair = { builtIn: Outcome; real: Outcome }

const tablesIn = (path: string): string[] =>
  readdirSync(path)
    .filter((name) => name.endsWith('.txt'))
    .sort()

let count = 0

/** A test of the group, when it is its turn. */
function compare(place: string, group: Group, run: () => Promise<Pair>, { isLive = false } = {}): void {
  if (!isTurn(count++, parts, process.env.PARITY)) return
  const where = `${place}:${group[0].number}`
  test(`${where}: ${group[0].text}`, needsRealKubectl, async (t) => {
    const before = minute()
    let { builtIn, real } = await run()
    const isOfClock = () => isLive || minute() !== before
    for (let n = 0; n < 2 && !isDeepStrictEqual(builtIn, real) && isOfClock(); n++) {
      t.diagnostic(`${where} is compared once more, since clocks had gone on: ${differenceOf(builtIn, real)}`)
      ;({ builtIn, real } = await run())
    }
    for (const [at, lines] of real.lines.entries()) assert.equal(builtIn.lines[at], lines, where)
    assert.deepEqual(builtIn.files, real.files, where)
  })
}

/** The first line that differs, as each of them has it. */
function differenceOf(builtIn: Outcome, real: Outcome): string {
  const at = real.lines.findIndex((line, n) => line !== builtIn.lines[n])
  if (at < 0) return 'the files'
  const [ours, theirs] = [builtIn.lines[at] ?? '', real.lines[at]!].map((text) => text.split('\n'))
  const row = theirs!.findIndex((text, n) => text !== ours![n])
  return JSON.stringify({ builtIn: ours![row] ?? null, real: theirs![row] ?? null })
}

for (const name of tablesIn(folder)) {
  const cluster = newCluster()
  for (const group of readTable(`${folder}/${name}`))
    compare(name, group, async () => ({ real: await runReal(group), builtIn: runBuiltIn(group, cluster) }))
}

for (const name of tablesIn(`${folder}/cluster`))
  for (const group of readTable(`${folder}/cluster/${name}`))
    compare(`cluster/${name}`, group, () => runOnClusters(group), { isLive: true })

for (const name of tablesIn(`${folder}/shared`)) {
  let shared: SharedCluster | undefined
  after(() => shared?.close())
  for (const group of readTable(`${folder}/shared/${name}`))
    compare(`shared/${name}`, group, async () => {
      shared ??= await startSharedCluster(readSetup(`${folder}/shared/${name}`))
      return runOnShared(group, shared)
    })
}

test('the tables hold lines, and no table is passed over', () => {
  const places = [folder, `${folder}/cluster`, `${folder}/shared`].flatMap((path) =>
    tablesIn(path).map((name) => readTable(`${path}/${name}`).flat().length),
  )
  assert.ok(places.length > 30 && places.every((lines) => lines > 0))
})
