/**
 * Hostile one-request inputs against the real site: `npm run hostile -- [COUNT] [SEED]`. Progress and findings go to stderr; the last line, and
 * the only one on stdout, is the result as JSON. Ends with 1 when an input did harm. `--only ID` sends one input: a name of the corpus, or
 * `SEED:NUMBER` of the grammar; with `--minimise` it is made smaller as long as it does harm. `--confirm N` is how often one that took too long,
 * or beside which others waited, is tried again alone before it counts (3), `--out FILE` gets a line of JSON for each finding. `--after N` leaves out the first N of the
 * COUNT, so that a long run can be made in parts.
 */
import { appendFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { corpus, sizeOf } from './hostile/corpus.ts'
import { drawInput } from './hostile/grammar.ts'
import type { HostileInput } from './hostile/input.ts'
import { smallerInputs } from './hostile/minimise.ts'
import { runHostile } from './hostile/runner.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    minimise: { type: 'boolean', default: false },
    confirm: { type: 'string', default: '3' },
    out: { type: 'string' },
    after: { type: 'string', default: '0' },
  },
})
const count = Number(positionals[0] ?? 300)
const seed = positionals[1] ?? '1'
const isNumber = (text: string | undefined): boolean => /^\d+$/.test(text ?? '')
const after = Number(values.after)
if (!Number.isInteger(count) || count < 1 || !isNumber(values.confirm) || !isNumber(values.after) || after >= count) {
  console.error(
    'usage: npm run hostile -- [COUNT] [SEED] [--only ID [--minimise]] [--confirm N] [--after N] [--out FILE]; N of --after is less than COUNT',
  )
  process.exit(2)
}
let findings = 0

function* inputs(): Generator<HostileInput> {
  const { only, minimise } = values
  if (only === undefined) {
    yield* corpus.slice(after, count)
    for (let number = 1 + Math.max(0, after - corpus.length); number <= count - corpus.length; number++)
      yield drawInput(seed, number)
    return
  }
  const one = namedInput(only)
  if (!minimise) return void (yield one)
  let before = 0
  const smallest = yield* smallerInputs(one, () => {
    const didHarm = findings > before
    before = findings
    return didHarm
  })
  console.error(`the smallest: ${JSON.stringify(smallest.steps)}`)
}

function namedInput(id: string): HostileInput {
  const known = corpus.find((input) => input.id === id)
  const [, ofSeed, number] = /^(.*):(\d+)$/.exec(id) ?? []
  if (known) return known
  if (ofSeed !== undefined) return drawInput(ofSeed, Number(number))
  console.error(
    `no input ${id}: give SEED:NUMBER, or a name of the corpus: ${corpus.map((input) => input.id).join(', ')}`,
  )
  process.exit(2)
}

console.error(`seed ${seed}`)
const report = await runHostile({
  inputs: inputs(),
  confirmations: Number(values.confirm),
  // What the next input is hangs on what the last one did.
  ...(values.minimise ? { windowSize: 1 } : {}),
  say: (line) => console.error(line),
  found: ({ input, verdicts, cpuMs, notes }) => {
    findings++
    const { id, defect, about, steps } = input
    const whole = JSON.stringify({ id, defect, verdicts, cpuMs, about, notes, characters: sizeOf(input), steps })
    console.error(`\n${verdicts.join(', ')}: npm run hostile -- --only '${id}'\n  ${whole.slice(0, 3000)}\n`)
    if (values.out !== undefined) appendFileSync(values.out, `${whole}\n`)
  },
})
console.log(JSON.stringify(report))
process.exit(report.slow + report.slowed + report.ended + report.broken > 0 ? 1 : 0)
