import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

const supervisor = new URL('../../server/supervisor.ts', import.meta.url).href

/**
 * Supervises a server that is made of `lives`: what it does the first time, the second time and so on. Each writes a line of its own.
 * @returns what was printed, and how to tell it to stop
 */
async function supervised(lives: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'podium-supervisor-'))
  const counter = join(folder, 'lives')
  const entry = join(folder, 'server.mjs')
  await writeFile(
    entry,
    `import { existsSync, readFileSync, writeFileSync } from 'node:fs'
     const life = existsSync('${counter}') ? Number(readFileSync('${counter}', 'utf8')) : 0
     writeFileSync('${counter}', String(life + 1))
     process.on('SIGTERM', () => { console.log('told to stop'); process.exit(0) })
     console.log('life ' + life + ' pid ' + process.pid)
     await [${lives.map((body) => `async () => { ${body} }`).join(', ')}][life]()`,
  )
  const child = spawn(
    process.execPath,
    [
      ...['--import', 'tsx', '--input-type=module', '-e'],
      `import { supervise } from '${supervisor}'
       const waits = { firstMs: 10, longestMs: 40, steadyMs: 1e9 }
       process.exit(await supervise({ entry: '${entry}', args: [], say: (text) => console.log(text), waits }))`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  const closed = once(child, 'close')
  return {
    child,
    text: () => text,
    async saw(pattern: RegExp) {
      while (!pattern.test(text)) await once(child.stdout, 'data')
    },
    async code() {
      const [code] = await closed
      await rm(folder, { recursive: true })
      return code as number
    },
    lives: () => readFile(counter, 'utf8').then(Number),
  }
}

const listens = "process.send('listening'); await new Promise((go) => setTimeout(go, 20));"
const staysUp = 'setInterval(() => {}, 1000);'

test('a server that ends by accident is started again, however it ended, and SIGTERM ends both', async () => {
  const run = await supervised([
    `${listens} process.exit(7)`,
    `${listens} process.kill(process.pid, 'SIGKILL')`,
    `${listens} throw new Error('by accident')`,
    `${listens} ${staysUp}`,
  ])
  await run.saw(/life 3/)
  assert.match(run.text(), /the server ended \(code 7\); it starts again in 0\.01 s/)
  assert.match(run.text(), /the server ended \(SIGKILL\); it starts again in 0\.02 s/)
  assert.match(run.text(), /the server ended \(code 1\); it starts again in 0\.04 s/)
  run.child.kill('SIGTERM')
  assert.equal(await run.code(), 0)
  assert.match(run.text(), /told to stop/)
})

test('a server that cannot begin is not tried again, and its code is passed on', async () => {
  const run = await supervised(['process.exit(3)', staysUp])
  assert.equal(await run.code(), 3)
  assert.doesNotMatch(run.text(), /life 1/)
})

test('one that listened once is tried again also when a later start fails', async () => {
  const run = await supervised([`${listens} process.exit(1)`, 'process.exit(1)', `${listens} ${staysUp}`])
  await run.saw(/life 2/)
  run.child.kill('SIGTERM')
  assert.equal(await run.code(), 0)
})

test('a server that ends by itself with code 0 stays ended', async () => {
  const run = await supervised([`${listens} process.exit(0)`, staysUp])
  assert.equal(await run.code(), 0)
  assert.doesNotMatch(run.text(), /life 1/)
})
