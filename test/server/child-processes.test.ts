import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { getPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startProcess } from '../../server/child-processes.ts'

const module = new URL('../../server/child-processes.ts', import.meta.url).href
const register = import.meta.resolve('tsx/esm/api')

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'podium-children-'))
})
after(() => rm(folder, { recursive: true }))

/** A child that does `act` with each message. */
async function start(act: string, { memoryMb = 64, niceness = 0 } = {}) {
  const entry = join(folder, `${Math.random()}.mjs`)
  await writeFile(
    entry,
    `import { register } from ${JSON.stringify(register)}
register()
const { connectToParent } = await import(${JSON.stringify(module)})
connectToParent((data, say) => (message) => { ${act} })
`,
  )
  const heard: unknown[] = []
  const problems: unknown[] = []
  let hear: () => void = () => undefined
  let lost: (why: { text: string; isOutOfMemory: boolean }) => void = () => undefined
  const ended = new Promise<{ text: string; isOutOfMemory: boolean }>((done) => {
    lost = done
  })
  const child = startProcess<unknown, unknown>({
    entry,
    memoryMb,
    niceness,
    message: (said) => {
      heard.push(said)
      hear()
    },
    problem: (error) => problems.push(error),
    lost,
  })
  const next = () =>
    new Promise<unknown>((done) => {
      hear = () => done(heard.shift())
      if (heard.length > 0) hear()
    })
  return { child, next, ended, problems }
}

test('messages go both ways as they are: bytes, undefined members, maps', async () => {
  const { child, next } = await start('say(message)')
  const message = { bytes: new Uint8Array([0, 255]), nothing: undefined, map: new Map([['a', 1]]) }
  child.post(message)
  assert.deepEqual(await next(), message)
  await child.end()
})

test('what the server knows by its environment a child is not told', async () => {
  process.env.PODIUM_TEST_SECRET = 'secret'
  const { child, next } = await start("say(Object.keys(process.env).filter((name) => name.startsWith('PODIUM')))")
  child.post('')
  assert.deepEqual(await next(), [])
  await child.end()
})

for (const [name, act] of [
  ['of many texts', "const all = []; for (;;) all.push('x'.repeat(1000) + all.length)"],
  ['of one list', "say([...'x'.repeat(500_000_000)].length)"],
] as const)
  test(`a child that runs out of memory because ${name} ends by itself, and that is told`, async () => {
    const { child, ended } = await start(act)
    child.post('')
    assert.equal((await ended).isOutOfMemory, true)
    await child.end()
  })

test('a child that gives way does so with all its threads, and one that is not told to does not', {
  skip: process.platform !== 'linux' && 'this system has no /proc',
}, async () => {
  const own = getPriority()
  for (const niceness of [0, 7]) {
    const { child, next } = await start('say(process.pid)', { niceness })
    child.post('where are you')
    assert.equal(await next(), child.pid)
    const threads = await readdir(`/proc/${child.pid}/task`)
    assert.ok(threads.length > 1)
    for (const thread of threads) assert.equal(getPriority(Number(thread)), Math.min(19, own + niceness))
    await child.end()
  }
})

test('an error that a child does not catch ends it, with its words', async () => {
  const { child, ended } = await start("throw new TypeError('that is none')")
  child.post('')
  assert.deepEqual(await ended, { text: 'TypeError: that is none', isOutOfMemory: false })
})

test('a child that computes for ever is ended, and nothing more is heard of it', async () => {
  const { child, ended, problems } = await start('for (;;);')
  child.post('')
  await child.end()
  assert.equal(await Promise.race([ended, new Promise((done) => setTimeout(() => done('nothing'), 200))]), 'nothing')
  child.post('more')
  assert.deepEqual(problems, [])
})

test('what cannot be sent is told to who sends it', async () => {
  const { child } = await start('say(message)')
  assert.throws(() => child.post({ act: () => undefined }), /could not be cloned/)
  await child.end()
})

/** What a server prints that does `act` with `startProcess` and an entry of children that compute for ever. */
async function server(act: string, before = '') {
  const entry = join(folder, 'computes-for-ever.mjs')
  const start = `import { register } from ${JSON.stringify(register)}
register()
`
  await writeFile(
    entry,
    `${start}const { connectToParent } = await import(${JSON.stringify(module)})
connectToParent((_, say) => () => { say(process.pid); for (;;); }, { mayComputeForever: true })
`,
  )
  const program = join(folder, `${Math.random()}.mjs`)
  await writeFile(
    program,
    `${start}const { startProcess } = await import(${JSON.stringify(module)})
const entry = ${JSON.stringify(entry)}
${act}
`,
  )
  const run = spawn('sh', ['-c', `${before}exec "$0" "$1"`, process.execPath, program], {
    stdio: ['ignore', 'pipe', 2],
  })
  const [said] = (await once(run.stdout!.setEncoding('utf8'), 'data')) as [string]
  return { run, said: said.trim() }
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('a child that computes for ever ends soon after its server, even if nobody told it to', async (t) => {
  const { run, said } = await server(
    `startProcess({ entry, memoryMb: 64, message: (pid) => console.log(pid), problem: console.error, lost: console.error }).post('')`,
  )
  const pid = Number(said)
  t.after(() => isAlive(pid) && process.kill(pid, 'SIGKILL'))
  assert.ok(isAlive(pid))
  run.kill('SIGKILL')
  for (let tries = 0; tries < 200 && isAlive(pid); tries++) await new Promise((go) => setTimeout(go, 100))
  assert.equal(isAlive(pid), false)
})

test('a child for which no file can be opened is told as lost, and can be ended', async () => {
  const { run, said } = await server(
    `import { openSync } from 'node:fs'
const opened = []
try { for (;;) opened.push(openSync('/dev/null')) } catch {}
let why
const lost = new Promise((done) => { why = done })
const child = startProcess({ entry, memoryMb: 64, message: console.log, problem: console.error, lost: why })
child.post('')
child.keepAlive(false)
const { text } = await lost
await child.end()
process.stdout.write(child.pid + ' ' + text)`,
    'ulimit -n 200; ',
  )
  assert.match(said, /^0 .*EMFILE/)
  await once(run, 'exit')
  assert.equal(run.exitCode, 0)
})
