/** Runs the tests with Node's own runner: `npm test`, or `npm test -- test/sim` for those whose path begins so. They are bundled first. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, homedir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { bundleTests } from './build/bundle-tests.mjs'
import { isTurn } from './turn.mjs'

/**
 * What takes as much of the processor as all else: a run takes each so many of their files, others with each commit. `env` names the variable
 * that chooses the part, or all of them. Whoever names tests gets all of those.
 */
const inTurns = [
  { kind: 'tests in a browser', of: /^test\/browser\//, parts: 6, env: 'BROWSER' },
  {
    kind: 'tests of whole servers and programs',
    of: /^test\/(?:scripts\/|deploy\/|clients\/|server\/(?:backup|drain|index|migrate|index-postgres|supervisor|upgrade|peers\/[^/]+)\.test|server\/(?:storage\/kill|storage\/postgres|doors\/))/,
    parts: 3,
    env: 'PROGRAMS',
  },
]
const wanted = process.argv.slice(2)
const found = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .map((path) => `test/${path.replaceAll('\\', '/')}`)
  .filter((path) => path.endsWith('.test.ts'))
  .filter((path) => wanted.length === 0 || wanted.some((start) => path.startsWith(start)))
  .sort()
const left = new Set()
for (const { kind, of, parts, env } of inTurns) {
  const those = found.filter((path) => of.test(path))
  const others = those.filter((_, n) => wanted.length === 0 && !isTurn(n, parts, process.env[env]))
  for (const path of others) left.add(path)
  if (others.length > 0)
    console.log(`${those.length - others.length} of ${those.length} files of ${kind} run (${env}=all for all of them)`)
}
const files = found.filter((path) => !left.has(path))
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
/** Of one process, above what any test gives itself. What hangs is a failure, and no run without an end. */
const mostMs = 25 * 60_000
/** To begin a process and to load what is tested takes longer than most files of tests: so many share one. */
const filesOfProcess = 12
/** Those that start browsers, servers and programs of their own, whose work may not be taken for another's. */
const alone =
  /^test\/(?:browser|clients|deploy|scripts|swarm)\/|^test\/kubectl\/parity\/|\/(?:processes|child-processes|supervisor)\.test/
/** What takes a minute or more begins first: at the end of a run it would keep one core busy, and leave the others idle. */
const longest = [
  /^test\/(?:scenarios|swarm|kubectl\/parity|server\/storage)\//,
  /^test\/scripts\/(?:hostile|manifests|sandbox|storage)/,
  /^test\/browser\/(?:hiring-whole|learning)/,
  /^test\/server\/(?:labs\/tasks\/model-solutions|[^/]+\.test)/,
]
/** Such a hook, outside of any suite, is for all tests of its process; and one that comes when the first of them has begun fails. */
const hooksOfAll = /^(?:before|after)(?:Each)?\(/m
/** Whoever waits for a run is told what took so long: that many processes. */
const shownProcesses = 20
const reporters = process.env.CI ? ['--test-reporter=spec', '--test-reporter-destination=stdout'] : []
try {
  const built = await bundleTests(files, folder)
  const processes = inProcesses(files, built)
  const runner = [
    '--enable-source-maps',
    '--test',
    `--test-timeout=${mostMs}`,
    `--test-concurrency=${concurrency}`,
    ...reporters,
    '--import',
    new URL('./processor-time.mjs', import.meta.url).href,
    ...processes.map(({ path }) => path),
  ]
  const times = resolve(folder, 'times')
  mkdirSync(times)
  const env = {
    ...process.env,
    PODIUM_PROCESSOR_TIME: times,
    PODIUM_TEST_CATALOG: `${folder}/catalog`,
    PODIUM_TEST_PROGRAMS: resolve(folder, 'children'),
  }
  process.exitCode = spawnSync(process.execPath, runner, { stdio: 'inherit', env }).status ?? 1
  if (process.env.CI) tellProcessorTime(processes, times)
  else tellSkipped()
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** What is run by a process each, in this order: a file that loads one built file, or several of a folder; and whose tests they are. */
function inProcesses(files, built) {
  const entries = []
  const open = new Map()
  const add = (file, entry) => entries[longest.some((one) => one.test(file)) ? 'unshift' : 'push'](entry)
  for (const [n, file] of files.entries()) {
    const one = { file, built: resolve(built[n]) }
    if (alone.test(file) || hooksOfAll.test(readFileSync(file, 'utf8'))) {
      add(file, [one])
      continue
    }
    const folderOfTests = dirname(file).split('/').slice(0, 3).join('/')
    let group = open.get(folderOfTests)
    if (!group || group.length >= filesOfProcess) {
      group = []
      open.set(folderOfTests, group)
      add(file, group)
    }
    group.push(one)
  }
  mkdirSync(`${folder}/groups`, { recursive: true })
  return entries.map((entry, n) => {
    // The runner takes files in the order of their names.
    const path = `${folder}/groups/${String(n).padStart(4, '0')}.js`
    writeFileSync(path, entry.map(({ built }) => `import ${JSON.stringify(built)}\n`).join(''))
    return { path, files: entry.map(({ file }) => file) }
  })
}

/** Of the processor, not by the clock: what else runs on the machine does not count. */
function tellProcessorTime(processes, times) {
  const taken = processes.flatMap(({ path, files }) => {
    const told = join(times, `${basename(path, '.js')}.ms`)
    return existsSync(told) ? [{ files, seconds: Number(readFileSync(told, 'utf8')) / 1000 }] : []
  })
  const all = taken.reduce((sum, { seconds }) => sum + seconds, 0)
  console.log(`${all.toFixed(0)} s of the processor in ${taken.length} processes; most of it in:`)
  for (const { files, seconds } of taken.sort((a, b) => b.seconds - a.seconds).slice(0, shownProcesses)) {
    const others = files.length > 1 ? ` and ${files.length - 1} more` : ''
    console.log(`${seconds.toFixed(0).padStart(6)} s  ${files[0].replace('test/', '')}${others}`)
  }
}

/** What tests skip on a machine without those programs, and how it gets them. */
function tellSkipped() {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'podium/kubectl-1.36/kubectl')
  const runs = (program, ...args) => spawnSync(program, args, { encoding: 'utf8' }).stdout ?? ''
  const isWanted = (path) => runs(path, 'version', '--client').includes('Client Version: v1.36.')
  const postgres = '/usr/lib/postgresql'
  const browsers = [process.env.CHROMIUM, '/usr/bin/chromium-headless-shell', '/usr/bin/chromium']
  const programs = [
    {
      is: [process.env.KUBECTL, 'kubectl', cache].some((path) => path && isWanted(path)),
      name: 'kubectl v1.36',
      without: 'that the built-in kubectl prints what the real one prints, and that the real one works on the cluster',
      get: 'KUBECTL=PATH, or on a Debian-like system `.ci/kubectl`, which installs nothing',
    },
    {
      is: browsers.some((path) => path && existsSync(path)),
      name: 'Chromium',
      without: 'what a person does in a browser',
      get: 'CHROMIUM=PATH, or `apt-get install chromium-headless-shell`',
    },
    {
      is: existsSync(postgres) && readdirSync(postgres).some((one) => existsSync(`${postgres}/${one}/bin/initdb`)),
      name: 'PostgreSQL',
      without: 'storage on PostgreSQL, and several servers on one database',
      get: '`apt-get install postgresql`',
    },
  ]
  for (const { is, name, without, get } of programs)
    if (!is) console.log(`skipped, since there is no ${name}: ${without}. To prove it: ${get}`)
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
