/**
 * Proves that a clean clone runs without what is for development: `npm run check:install`. Copies the tracked files into a folder of
 * its own, does there what the README says, asks for pages, and starts once more with nothing to build. Prints what it did.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const folder = mkdtempSync(join(tmpdir(), 'podium-install-'))
const patienceMs = 180_000

function say(what, sinceMs) {
  const seconds = ((performance.now() - sinceMs) / 1000).toFixed(1)
  console.log(`check:install: ${what} (${seconds} s)`)
}

/** @throws with its last lines when it fails */
function run(command, args, cwd) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 2 ** 28 })
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')} ended with ${status}:\n${stdout}${stderr}`)
  return stdout
}

/** The address of the first file that the pattern knows. */
function firstOf(paths, pattern) {
  return `/${paths.map((path) => pattern.exec(path)?.[1]).find((found) => found !== undefined)}`
}

/** `npm start` until the server listens; gives what it printed, asks for each page, and stops it. */
async function start(pages) {
  const sinceMs = performance.now()
  const child = spawn('npm', ['start'], {
    cwd: folder,
    env: { ...process.env, PORT: '0', HOST: '127.0.0.1', WORKERS: '1', NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that nothing is left of it if it does not end when it is told.
    detached: true,
  })
  let printed = ''
  try {
    const ended = once(child, 'close')
    const listening = new Promise((done) => {
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (part) => {
          printed += part
          const port = /Podium is at http:\/\/localhost:(\d+)/.exec(printed)?.[1]
          if (port) done(port)
        })
    })
    const patience = new Promise((_, fail) => setTimeout(() => fail(new Error('it took too long')), patienceMs).unref())
    const port = await Promise.race([listening, patience, ended.then(() => Promise.reject(new Error('it ended')))])
    const cpuMs = /"cpuMs":(\d+)/.exec(printed)?.[1]
    say(`npm start: listens, after ${cpuMs} ms of processor time of its own`, sinceMs)
    for (const path of pages) {
      const askedMs = performance.now()
      const answer = await fetch(`http://127.0.0.1:${port}${path}`)
      const text = await answer.text()
      if (answer.status !== 200 || text.length === 0)
        throw new Error(`${path} answers ${answer.status}: ${text.slice(0, 500)}`)
      say(`GET ${path}: ${answer.status}, ${text.length} characters`, askedMs)
    }
    // As Ctrl-C does: npm and its shell pass a signal on to nobody.
    process.kill(-child.pid, 'SIGTERM')
    const [code] = await Promise.race([ended, patience])
    if (!printed.includes('SIGTERM: stopping')) throw new Error(`it ended with ${code} and was not stopped cleanly`)
    return printed
  } catch (error) {
    throw new Error(`npm start: ${error.message}\n${printed}`)
  } finally {
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // Nothing is left of it.
    }
  }
}

try {
  let sinceMs = performance.now()
  const files = run('git', ['ls-files', '-z'], root).split('\0')
  const tracked = files.filter((path) => path !== '' && existsSync(join(root, path)))
  for (const path of tracked) cpSync(join(root, path), join(folder, path))
  say(`${tracked.length} files copied to ${folder}`, sinceMs)

  sinceMs = performance.now()
  run('npm', ['ci', '--omit=dev', '--prefer-offline', '--no-audit', '--no-fund'], folder)
  const development = ['typescript', 'tsx', '@biomejs/biome'].filter((name) =>
    existsSync(join(folder, 'node_modules', name)),
  )
  if (development.length > 0) throw new Error(`npm ci --omit=dev installed ${development.join(', ')}`)
  say(`npm ci --omit=dev: ${readdirSync(join(folder, 'node_modules')).length} folders in node_modules`, sinceMs)

  const lesson = firstOf(tracked, /^content\/(lessons\/[^/]+\/[^/.]+)\.md$/)
  const challenge = firstOf(tracked, /^content\/(challenges\/[^/]+)\/challenge\.md$/)
  await start(['/healthz', lesson, challenge, '/static/generated/editor.js'])
  const again = await start(['/healthz'])
  if (!again.includes('build: nothing has changed')) throw new Error(`the second start built something:\n${again}`)
  if (again.includes('The content was read')) throw new Error(`the second start read the content:\n${again}`)
  console.log('check:install: a second start builds and reads nothing. All is well.')
} catch (error) {
  console.error(`check:install: ${error.message}`)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
