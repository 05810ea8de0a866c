import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createLowdbStore } from '../../server/storage/lowdb.ts'
import { program } from '../support/programs.ts'
import { fixtureFolder } from './support.ts'

const root = new URL('../../', import.meta.url).pathname

/** Starts the process and gives what it printed when it ended, or when it was up and was told to stop. */
async function runServer(env: Record<string, string>, stopWith?: NodeJS.Signals) {
  const child = spawn(process.execPath, [...program('server/index.ts')], {
    cwd: root,
    env: { ...process.env, PORT: '0', HOST: '127.0.0.1', WORKERS: '1', CONTENT_DIR: fixtureFolder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part
      const isUp = text.includes('Podium is at')
      if (isUp && stopWith) child.kill(stopWith)
      if (isUp) stopWith = undefined // a second signal would end it at once
    })
  const [code] = await once(child, 'close')
  return { code, text }
}

test('a bad configuration ends the start with a message and without a stack', async () => {
  const { code, text } = await runServer({ PORT: 'eighty' })
  assert.equal(code, 1)
  assert.match(text, /The configuration cannot be used:\n {2}PORT="eighty": must be a whole number/)
  assert.doesNotMatch(text, / at .*\.ts/)
})

test('content with problems ends the start with every one of them', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'podium-index-'))
  await writeFile(join(folder, 'topics.yaml'), '- {id: X, section: pod, title: ""}\n')
  const { code, text } = await runServer({ CONTENT_DIR: folder, STORAGE: 'memory' })
  await rm(folder, { recursive: true })
  assert.equal(code, 1)
  assert.match(text, /2 problem\(s\):\ncontent\/topics\.yaml:1: 0\.id: .*\ncontent\/topics\.yaml:1: 0\.title: /)
})

test('a second server on the same folder is told who has it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'podium-index-'))
  const holder = await createLowdbStore({ folder })
  const { code, text } = await runServer({ DATA_DIR: folder })
  await holder.close()
  await rm(folder, { recursive: true })
  assert.equal(code, 1)
  assert.match(text, new RegExp(`in use by process ${process.pid} .*another DATA_DIR`))
})

test('a data folder that cannot be used ends the start with a sentence and without a stack', async () => {
  const home = await mkdtemp(join(tmpdir(), 'podium-index-'))
  const file = join(home, 'data')
  await writeFile(file, '')
  const { code, text } = await runServer({ DATA_DIR: join(file, 'below') })
  await rm(home, { recursive: true })
  assert.equal(code, 1)
  assert.match(
    text,
    /^The data folder \S+ cannot be used: a file stands where .*or choose another folder with DATA_DIR\.$/m,
  )
  assert.doesNotMatch(text, /ENOTDIR|^\s+at /m)
})

test('a damaged secret ends the start with a sentence and without a stack, and is not replaced', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'podium-index-'))
  const path = join(folder, 'session-secret')
  await writeFile(path, 'abc')
  const { code, text } = await runServer({ DATA_DIR: folder })
  const kept = await readFile(path, 'utf8')
  await rm(folder, { recursive: true })
  assert.deepEqual([code, kept], [1, 'abc'])
  assert.match(text, /^The secret that signs cookies cannot be used: \S+session-secret is damaged\./m)
  assert.doesNotMatch(text, /^\s+at /m)
})

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  test(`${signal} ends the server cleanly, and the secret that it made is its owner's alone`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'podium-index-'))
    const { code, text } = await runServer({ DATA_DIR: folder }, signal)
    const { mode } = await stat(join(folder, 'session-secret'))
    await rm(folder, { recursive: true })
    assert.equal(code, 0, text)
    assert.equal(mode & 0o077, 0)
  })

for (const accident of ["throw new Error('by accident')", "Promise.reject(new Error('by accident'))"])
  test(`an error that nobody caught is logged, what was accepted is kept, and the process ends: ${accident}`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'podium-index-'))
    const fixture = join(folder, 'accident.mjs')
    // Once it listens, in the main thread only: the workers load it, too.
    await writeFile(
      fixture,
      `import { Server } from 'node:net'
       import { isMainThread } from 'node:worker_threads'
       const { listen } = Server.prototype
       if (isMainThread) Server.prototype.listen = function (...given) {
         this.once('listening', () => setTimeout(() => { ${accident} }, 50))
         return listen.apply(this, given)
       }`,
    )
    const { code, text } = await runServer({
      DATA_DIR: join(folder, 'data'),
      NODE_OPTIONS: `--import ${fixture}`,
    })
    const reopened = await createLowdbStore({ folder: join(folder, 'data') })
    await reopened.close()
    await rm(folder, { recursive: true })
    assert.equal(code, 1, text)
    assert.match(text, /"level":60,.*by accident.*"msg":"(uncaughtException|unhandledRejection): stopping"/)
  })
