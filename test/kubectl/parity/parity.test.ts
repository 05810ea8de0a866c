/** The built-in kubectl prints what the real one prints: every line of the tables, byte for byte. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { after, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { needsRealKubectl } from '../../support/real-kubectl.ts'
import { newCluster, type Outcome, runBuiltIn, runOnClusters, runOnShared, runReal } from './run-group.ts'
import { type SharedCluster, startSharedCluster } from './shared-cluster.ts'
import { readSetup, readTable } from './table.ts'

const folder = 'test/kubectl/parity/tables'
const tablesIn = (path: string): string[] =>
  readdirSync(path)
    .filter((name) => name.endsWith('.txt'))
    .sort()

function checkSame(builtIn: Outcome, real: Outcome, where: string): void {
  for (const [at, lines] of real.lines.entries()) assert.equal(builtIn.lines[at], lines, where)
  assert.deepEqual(builtIn.files, real.files, where)
}

for (const name of tablesIn(folder)) {
  const cluster = newCluster()
  for (const group of readTable(`${folder}/${name}`)) {
    const where = `${name}:${group[0].number}`
    test(`${where}: ${group[0].text}`, needsRealKubectl, async () => {
      const real = await runReal(group)
      checkSame(runBuiltIn(group, cluster), real, where)
    })
  }
}

for (const name of tablesIn(`${folder}/cluster`)) {
  for (const group of readTable(`${folder}/cluster/${name}`)) {
    const where = `cluster/${name}:${group[0].number}`
    test(`${where}: ${group[0].text}`, needsRealKubectl, async () => {
      const { builtIn, real } = await runOnClusters(group)
      checkSame(builtIn, real, where)
    })
  }
}

/** Between the one and the other kubectl a minute may begin, and with it another age. */
const tries = 3

for (const name of tablesIn(`${folder}/shared`)) {
  let shared: SharedCluster | undefined
  after(() => shared?.close())
  for (const group of readTable(`${folder}/shared/${name}`)) {
    const where = `shared/${name}:${group[0].number}`
    test(`${where}: ${group[0].text}`, needsRealKubectl, async () => {
      shared ??= await startSharedCluster(readSetup(`${folder}/shared/${name}`))
      let outcome = await runOnShared(group, shared)
      for (let n = 1; n < tries && !isDeepStrictEqual(outcome.builtIn, outcome.real); n++)
        outcome = await runOnShared(group, shared)
      checkSame(outcome.builtIn, outcome.real, where)
    })
  }
}
