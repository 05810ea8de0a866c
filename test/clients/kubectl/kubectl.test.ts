/** The real kubectl against sandboxes: everyday lines, and what each does to the cluster. */
import { readdirSync } from 'node:fs'
import { describe, test } from 'node:test'
import { needsRealKubectl } from '../../support/real-kubectl.ts'
import { runCase } from './run-case.ts'
import { readTable } from './table.ts'

const folder = 'test/clients/kubectl/tables'

describe('kubectl', { concurrency: 3 }, () => {
  for (const area of readdirSync(folder).sort())
    for (const one of readTable(`${folder}/${area}`))
      test(`${area}:${one.number}: ${one.title}`, needsRealKubectl, () => runCase(one, `${folder}/${area}`))
})
