/** The built-in kubectl prints what the real one prints: every line of the tables, byte for byte. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { needsRealKubectl } from '../../support/real-kubectl.ts'
import { newCluster, type Outcome, runBuiltIn, runOnClusters, runReal } from './run-group.ts'
import { readTable } from './table.ts'

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
