/** The real kubectl against sandboxes: everyday lines, and what each does to the cluster. A run takes a third of them, others with each commit. */
import { readdirSync } from 'node:fs'
import { describe, test } from 'node:test'
import { isTurn } from '../../../scripts/turn.mjs'
import { needsRealKubectl } from '../../support/real-kubectl.ts'
import { runCase } from './run-case.ts'
import { readTable } from './table.ts'

const folder = 'test/clients/kubectl/tables'

const cases = readdirSync(folder)
  .sort()
  .flatMap((area) => readTable(`${folder}/${area}`).map((one) => ({ area, one })))
const drawn = cases.filter((_, place) => isTurn(place, 4, process.env.CLIENTS))

describe(`kubectl: ${drawn.length} of ${cases.length} cases`, { concurrency: 3 }, () => {
  for (const { area, one } of drawn)
    test(`${area}:${one.number}: ${one.title}`, needsRealKubectl, () => runCase(one, `${folder}/${area}`))
})
