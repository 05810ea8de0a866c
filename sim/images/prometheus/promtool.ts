/** promtool: checks files, and asks a server. Source: cmd/promtool/main.go of Prometheus. Simplified: of its commands these */
import { FileError } from '../../runtime/files.ts'
import type { Process, Program, Wait } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import type { Run } from '../programs/support.ts'
import { pathOf } from '../programs/support.ts'
import { ConfigurationError, parseConfiguration, parseRules } from './configuration.ts'
import { ask, plainClient, reasonOf } from './http-client.ts'
import { printLabels } from './promql/evaluate.ts'
import type { Labels } from './promql/types.ts'
import { filesOf } from './rule-files.ts'

const TIMEOUT_MS = 30_000
const commands =
  'check config FILE..., check rules FILE..., query instant URL EXPR, query range URL EXPR --start --end --step, query labels URL NAME, --version'

export const promtool = (version: string): Program =>
  function* (process): Run {
    const words = process.argv.slice(1)
    const [group, act, ...rest] = words.filter((word) => !word.startsWith('-'))
    if (words.includes('--version')) {
      process.stdout.write(`promtool, version ${version} (branch: HEAD)\n`)
      return 0
    }
    if (group === 'check' && act === 'config' && rest.length > 0)
      return rest.map((path) => checkConfig(process, path)).every(Boolean) ? 0 : 1
    if (group === 'check' && act === 'rules' && rest.length > 0)
      return rest.map((path) => checkRules(process, pathOf(process, path), path)).every(Boolean) ? 0 : 1
    if (group === 'query' && act !== undefined && rest.length >= 2) return yield* query(process, act, rest)
    process.stderr.write(`promtool: podium has: ${commands}\n`)
    return 1
  }

function checkConfig(process: Process, path: string): boolean {
  process.stdout.write(`Checking ${path}\n`)
  const text = readOrComplain(process, pathOf(process, path))
  if (text === undefined) return false
  try {
    const { ruleFiles } = parseConfiguration(text)
    const folder = pathOf(process, path).replace(/\/[^/]*$/, '')
    const files = ruleFiles.flatMap((pattern) =>
      filesOf(process, pattern.startsWith('/') ? pattern : `${folder}/${pattern}`),
    )
    const found = files.length > 0 ? `  SUCCESS: ${files.length} rule files found\n` : ''
    process.stdout.write(`${found} SUCCESS: ${path} is valid prometheus config file syntax\n\n`)
    return files.map((file) => checkRules(process, file, file)).every(Boolean)
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    process.stderr.write(`  FAILED: parsing YAML file ${path}: ${error.message}\n\n`)
    return false
  }
}

function checkRules(process: Process, file: string, shown: string): boolean {
  process.stdout.write(`Checking ${shown}\n`)
  const text = readOrComplain(process, file)
  if (text === undefined) return false
  try {
    const count = parseRules(text, file).reduce((sum, { rules }) => sum + rules.length, 0)
    process.stdout.write(`  SUCCESS: ${count} rules found\n\n`)
    return true
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    process.stderr.write(`  FAILED:\n${shown}: ${error.message}\n\n`)
    return false
  }
}

function readOrComplain(process: Process, path: string): string | undefined {
  try {
    return process.files.read(path)
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    process.stderr.write(`  FAILED: open ${path}: ${error.message.toLowerCase()}\n`)
    return undefined
  }
}

interface Series {
  metric: Labels
  value?: [number, string]
  values?: [number, string][]
}

/** What the API answers, and what is wrong when it does not. */
interface Answer {
  status: string
  error?: string
  /** Of a query a result, of a question for a label its values. */
  data?: { resultType: string; result: readonly Series[] | [number, string] } | readonly string[]
}

const get = (process: Process, url: string): Wait<Answer> => ({
  start(resume) {
    const asked = ask(process, plainClient, url, { agent: 'promtool' })
    if ('error' in asked) resume({ status: 'error', error: asked.error })
    else
      asked.start(TIMEOUT_MS, (result) => {
        if (!result.ok) resume({ status: 'error', error: `Get ${JSON.stringify(url)}: ${reasonOf(result.error)}` })
        else
          try {
            resume(JSON.parse(result.response.body) as Answer)
          } catch {
            resume({ status: 'error', error: `bad response status ${result.response.status}` })
          }
      })
    return () => undefined
  },
})

const flag = ({ argv }: Process, name: string): string | undefined =>
  argv.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3)

function* query(process: Process, act: string, [url, text]: readonly string[]): Run {
  const server = url.replace(/\/$/, '').replace(/^(?!https?:)/, 'http://')
  const asked = encodeURIComponent(text)
  const nowSeconds = Math.floor(process.nowEpochMs() / 1000)
  const range = `start=${flag(process, 'start') ?? nowSeconds - 300}&end=${flag(process, 'end') ?? nowSeconds}&step=${flag(process, 'step') ?? 60}`
  const path =
    act === 'instant'
      ? `query?query=${asked}${flag(process, 'time') === undefined ? '' : `&time=${flag(process, 'time')}`}`
      : act === 'range'
        ? `query_range?query=${asked}&${range}`
        : `label/${asked}/values`
  const { status, error = '', data } = yield* waitFor(get(process, `${server}/api/v1/${path}`))
  if (status !== 'success' || !data) {
    process.stderr.write(`query error: ${error}\n`)
    return 1
  }
  if (!('result' in data)) {
    process.stdout.write(data.map((value) => `${value}\n`).join(''))
    return 0
  }
  const { resultType, result } = data
  if (resultType === 'scalar' || resultType === 'string') {
    const [at, value] = result as [number, string]
    process.stdout.write(`${resultType}: ${value} @[${at}]\n`)
    return 0
  }
  for (const { metric, value, values = [] } of result as readonly Series[])
    process.stdout.write(
      value
        ? `${printLabels(metric)} => ${value[1]} @[${value[0]}]\n`
        : `${printLabels(metric)} =>\n${values.map(([at, one]) => `${one} @[${at}]\n`).join('')}`,
    )
  return 0
}
