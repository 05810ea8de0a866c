/** Runs the tests with Node's own runner: `npm test`, or `npm test -- test/sim` for those whose path begins so. They are bundled first. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { bundleTests } from './build/bundle-tests.mjs'

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
// Of its own: another run may be under way. What one left that was killed goes.
const folder = `dist/test/${process.pid}`
for (const left of existsSync('dist/test') ? readdirSync('dist/test') : [])
  if (!isAlive(Number(left))) rmSync(`dist/test/${left}`, { recursive: true, force: true })
// One more than cores: tests with a browser or a server wait some of their time.
const concurrency = availableParallelism() + 1
/** Of one file, above what any test gives itself. What hangs is a failure, and no run without an end. */
const mostMs = 25 * 60_000
const reporters = process.env.CI
  ? ['spec', './scripts/slowest-tests.mjs'].flatMap((name) => [
      `--test-reporter=${name}`,
      '--test-reporter-destination=stdout',
    ])
  : []
try {
  const built = await bundleTests(files, folder)
  const runner = [
    '--enable-source-maps',
    '--test',
    `--test-timeout=${mostMs}`,
    `--test-concurrency=${concurrency}`,
    ...reporters,
    ...built,
  ]
  const env = {
    ...process.env,
    PODIUM_TEST_CATALOG: `${folder}/catalog`,
    PODIUM_TEST_PROGRAMS: resolve(folder, 'children'),
  }
  process.exitCode = spawnSync(process.execPath, runner, { stdio: 'inherit', env }).status ?? 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
