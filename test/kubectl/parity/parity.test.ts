/** The built-in kubectl prints what the real one prints: every line of the tables, byte for byte. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { needsRealKubectl } from '../../support/real-kubectl.ts'
import { newCluster, runBuiltIn, runReal } from './run-group.ts'
import { readTable } from './table.ts'

const folder = 'test/kubectl/parity/tables'

for (const name of readdirSync(folder).sort()) {
  const cluster = newCluster()
  for (const group of readTable(`${folder}/${name}`)) {
    const where = `${name}:${group[0].number}`
    test(`${where}: ${group[0].text}`, needsRealKubectl, async () => {
      const real = await runReal(group)
      const builtIn = runBuiltIn(group, cluster)
      for (const [at, lines] of real.lines.entries()) assert.equal(builtIn.lines[at], lines, where)
      assert.deepEqual(builtIn.files, real.files, where)
    })
  }
}
