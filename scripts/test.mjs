/** Runs the tests with Node's own runner: `npm test`, or `npm test -- test/sim` for those whose path begins so. */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'

const wanted = process.argv.slice(2)
const files = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .map((path) => `test/${path.replaceAll('\\', '/')}`)
  .filter((path) => path.endsWith('.test.ts'))
  .filter((path) => wanted.length === 0 || wanted.some((start) => path.startsWith(start)))
  .sort()
if (files.length === 0) {
  console.error(`no test file begins with ${wanted.join(', ')}`)
  process.exit(2)
}
const reporter = process.env.CI ? ['--test-reporter=spec'] : []
const run = spawnSync(process.execPath, ['--import', 'tsx', '--test', '--test-concurrency=2', ...reporter, ...files], {
  stdio: 'inherit',
})
process.exit(run.status ?? 1)
