/**
 * Hostile one-request inputs against the real site: `npm run hostile -- [COUNT] [SEED] [--only ID] [--confirm N] [--out FILE]`. Progress and
 * findings go to stderr; the last line, and the only one on stdout, is the result as JSON. Ends with 1 when an input did harm.
 */
import { appendFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { corpus, sizeOf } from './hostile/corpus.ts'
import { drawInput } from './hostile/grammar.ts'
import type { HostileInput } from './hostile/input.ts'
import { runHostile } from './hostile/runner.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** One input: a name of the corpus, or `seed:number` of the grammar. */
    only: { type: 'string' },
    /** Only what of the corpus has such a defect, or only what is drawn. */
    skip: { type: 'string' },
    confirm: { type: 'string', default: '3' },
    out: { type: 'string' },
  },
})
const count = Number(positionals[0] ?? 300)
const seed = positionals[1] ?? '1'

function* inputs(): Generator<HostileInput> {
  const { only } = values
  if (only !== undefined) {
    const known = corpus.find(({ id }) => id === only)
    const [, ofSeed, number] = /^(.*):(\d+)$/.exec(only) ?? []
    if (!known && ofSeed === undefined) {
      console.error(
        `no input ${only}: give a name of the corpus, ${corpus.map(({ id }) => id).join(', ')}, or SEED:NUMBER`,
      )
      process.exit(2)
    }
    yield known ?? drawInput(ofSeed!, Number(number))
    return
  }
  const first = values.skip === 'corpus' ? [] : corpus.slice(0, count)
  yield* first
  for (let number = 1; number <= count - first.length; number++) yield drawInput(seed, number)
}

console.error(`seed ${seed}`)
const report = await runHostile({
  inputs: inputs(),
  confirmations: Number(values.confirm),
  say: (line) => console.error(line),
  found: ({ input, verdicts, cpuMs, notes }) => {
    const { id, defect, about, steps } = input
    const whole = JSON.stringify({
      id,
      ...(defect ? { defect } : {}),
      verdicts,
      cpuMs,
      about,
      notes,
      steps,
      characters: sizeOf(input),
    })
    console.error(`\n${verdicts.join(', ')}: npm run hostile -- --only '${id}'\n  ${whole.slice(0, 3000)}\n`)
    if (values.out !== undefined) appendFileSync(values.out, `${whole}\n`)
  },
})
console.log(JSON.stringify(report))
process.exit(report.slow + report.slowed + report.ended + report.broken > 0 ? 1 : 0)
