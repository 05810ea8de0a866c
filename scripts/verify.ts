/**
 * Computes the grades of a receipt again, without a server or its data: `npm run --silent verify -- receipt.json [--content PATH] [--key DIGITS]`.
 * One JSON line a task, and an exit code of 1 when one differs.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { compareAnswers, compareGrades, type Problem, type Receipt, readReceipt } from '../server/hiring/receipts.ts'
import { t } from '../server/i18n/translate.ts'
import { type Content, computeAgain, judgeAgain, readContent } from './verify/compute-again.ts'

const usage = `usage: npm run --silent verify -- RECEIPT [--content PATH] [--key DIGITS]
  RECEIPT    a file, or - for standard input
  --content  a folder of content, or a JSON file of one version of a challenge or of several; the content of this program unless told.
             What stands in the receipt itself comes first.
  --key      the public key of the server, 64 hexadecimal digits: whether it gave the receipt`

interface Line {
  task: string | null
  graded: number | null
  recomputed: number | null
  same: boolean
  why: string
}

const inWords = ({ text, values }: Problem): string => t(text, values)
const print = (line: Line): void => console.log(JSON.stringify(line))

async function verifyTask(task: Receipt['tasks'][number], content: Content): Promise<Line> {
  if ('given' in task) {
    const told = { task: task.task, graded: task.judged?.score ?? null }
    const again = await judgeAgain(task, content)
    if ('problem' in again) return { ...told, recomputed: null, same: false, why: again.problem }
    const { isSame, why } = compareAnswers(task, again.judged)
    return { ...told, recomputed: again.judged.score, same: isSame, why: why ? inWords(why) : '' }
  }
  const told = { task: task.task, graded: task.grade.points?.score ?? null }
  const again = await computeAgain(task, content)
  if ('problem' in again) return { ...told, recomputed: null, same: false, why: again.problem }
  const { isSame, why } = compareGrades(task, again.result)
  return { ...told, recomputed: again.result.score, same: isSame, why: why ? inWords(why) : '' }
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { content: { type: 'string' }, key: { type: 'string' } },
  })
  const [file] = positionals
  if (
    file === undefined ||
    positionals.length > 1 ||
    (values.key !== undefined && !/^[0-9a-f]{64}$/i.test(values.key))
  ) {
    console.error(usage)
    return 2
  }
  const text = readFileSync(file === '-' ? 0 : file, 'utf8')
  const content = readContent(values.content ?? fileURLToPath(new URL('../content', import.meta.url)))
  const read = readReceipt(text, values.key)
  if ('problem' in read) {
    print({ task: null, graded: null, recomputed: null, same: false, why: inWords(read.problem) })
    return 1
  }
  const { tasks, signature } = read.receipt
  if (values.key === undefined)
    console.error(`Signed by the key ${signature.publicKey}. With --key it is compared with one that you know.`)
  let differing = 0
  for (const task of tasks) {
    const line = await verifyTask(task, content)
    if (!line.same) differing++
    print(line)
  }
  return differing > 0 ? 1 : 0
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const isUsage = code.startsWith('ERR_PARSE_ARGS')
    // A file that is not there, or cannot be read.
    const isExpected = isUsage || /^E[A-Z]+$/.test(code)
    console.error(isExpected ? (error as Error).message : error)
    if (isUsage) console.error(usage)
    process.exitCode = 2
  },
)
