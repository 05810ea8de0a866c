import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { build } from 'esbuild'
import { createJournals } from '../../../server/journal/journals.ts'
import { createStorage } from '../../../server/storage/aggregates.ts'
import { createLowdbStore } from '../../../server/storage/lowdb.ts'
import { createRandom } from '../../../sim/engine/random.ts'
import { program, root } from '../../support/programs.ts'
import { exported } from '../exported.ts'
import { fixtureFolder } from '../support.ts'

const kills = 50

/** The writer by itself, with what it uses and nothing else: it starts so many times. */
async function buildWriter(outfile: string): Promise<void> {
  await build({
    entryPoints: [join(root, 'test/server/storage/kill-writer.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
  })
}

/** Whole lines only: what a kill cut short was never said. */
const linesOf = (text: string) =>
  text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter(Boolean)

test(`a writer that is killed ${kills} times under load loses nothing that it acknowledged`, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'podium-kill-'))
  // Packages are found from there.
  const writer = join(root, 'node_modules/.cache', `podium-kill-${process.pid}.mjs`)
  try {
    await buildWriter(writer)
    const answers = new Map<string, Set<string>>()
    const clocks = new Map<string, number>()
    const random = createRandom('kills', 'moments')
    let commands = 0
    let terminal = ''
    let acknowledged = 0
    for (let round = 0; round < kills; round++) {
      const child = spawn(process.execPath, [writer, folder, String(round)], { stdio: ['ignore', 'pipe', 'inherit'] })
      let text = ''
      let isOver = false
      const most = random.int(3, 60)
      child.stdout.setEncoding('utf8').on('data', (part: string) => {
        text += part
        // Killed after a different number of writes each time, never waiting for a quiet moment.
        if (text.split('\n').length > most && !isOver) {
          isOver = true
          setTimeout(() => child.kill('SIGKILL'), random.int(0, 12))
        }
      })
      const [code, signal] = await once(child, 'close')
      assert.equal(signal, 'SIGKILL', `the writer ended by itself with ${code}`)
      for (const line of linesOf(text)) {
        const [kind, person, id, clock] = line.split(' ') as [string, string, string, string]
        acknowledged++
        if (kind === 'answer') answers.set(person, (answers.get(person) ?? new Set()).add(id))
        else if (kind === 'attempt') clocks.set(`${person}/${id}`, Number(clock))
        else if (kind === 'command') commands = Number(id) + 1
        else terminal = `${id} ${clock}`
      }
    }
    const storage = createStorage(await createLowdbStore({ folder }))
    const journals = createJournals({ storage, now: Date.now })
    for (const [person, ids] of answers) {
      const seat = { sittingId: `practice-${person}`, participantId: person }
      const kept = new Set((await journals.work(seat)).answers.map(({ id }) => id))
      assert.deepEqual(
        [...ids].filter((id) => !kept.has(id)),
        [],
      )
    }
    for (const [key, clock] of clocks) {
      const [person, id] = key.split('/') as [string, string]
      const seat = { sittingId: `practice-${person}`, participantId: person }
      const attempt = (await journals.work(seat)).attempts.find((one) => one.id === id)
      assert.ok(attempt && attempt.clockMs >= clock, `${key}: ${attempt?.clockMs} is before ${clock}`)
      assert.equal(attempt.drafts.file?.length, attempt.clockMs % 5000, 'of one write all is there or nothing')
    }
    const log = await storage.sandboxLogs.read('box.0')
    assert.ok(log.length >= commands, `${log.length} of ${commands} commands`)
    assert.deepEqual(
      log.map(({ atMs }) => atMs),
      log.map((_, n) => n),
    )
    // Removed and written again all the time: it may be gone, and is never an older one.
    const [wroteRound, wrote] = ((await storage.terminals.find('box'))?.history[0] ?? '99 0').split(' ').map(Number)
    const [lastRound, last] = terminal.split(' ').map(Number)
    assert.ok(wroteRound! > lastRound! || (wroteRound === lastRound && wrote! >= last!), `${wroteRound} ${wrote}`)
    await storage.close()
    assert.deepEqual(
      (await readdir(folder, { recursive: true })).filter((name) => /corrupt|journal-|tmp/.test(name)),
      [],
    )
    assert.ok(acknowledged > kills * 3, `only ${acknowledged} writes were acknowledged`)
  } finally {
    await rm(folder, { recursive: true, force: true })
    await rm(writer, { force: true })
  }
})

async function startServer(folder: string) {
  const child = spawn(process.execPath, [...program('server/index.ts')], {
    cwd: root,
    env: {
      ...process.env,
      PORT: '0',
      HOST: '127.0.0.1',
      DATA_DIR: folder,
      CONTENT_DIR: fixtureFolder,
      LOG_LEVEL: 'info',
      WORKERS: '1',
      RATE_LIMIT: '1000000',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const port = await new Promise<number>((resolve, reject) => {
    let text = ''
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${text}`)))
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part
      const found = /"port":(\d+)/.exec(text)
      if (found) resolve(Number(found[1]))
    })
  })
  return { child, url: `http://127.0.0.1:${port}` }
}

test('a whole server that is killed while learners answer has every answer that it accepted', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'podium-kill-server-'))
  try {
    const accepted: string[] = []
    let cookie = ''
    let token = ''
    for (let round = 0; round < 3; round++) {
      const { child, url } = await startServer(folder)
      const ended = once(child, 'exit')
      const help = await fetch(`${url}/help`, { headers: cookie ? { cookie } : {} })
      cookie ||= help.headers.get('set-cookie')!.split(';')[0]!
      token = /name="_csrf" value="([^"]+)"/.exec(await help.text())![1]!
      const answer = async (once: string) => {
        const body = new URLSearchParams({ _csrf: token, v: '1', answer: 'a', once })
        const reply = await fetch(`${url}/questions/pod/always/answer`, {
          method: 'POST',
          body,
          headers: { cookie },
          redirect: 'manual',
        })
        assert.equal(reply.status, 303)
        accepted.push(once)
      }
      const target = accepted.length + 20 + round * 10
      const load = Promise.allSettled(
        [0, 1, 2, 3].map(async (line) => {
          for (let n = 0; ; n++) {
            await answer(`${round}${line}${n.toString(16)}`.padEnd(18, '0'))
            if (accepted.length >= target) child.kill('SIGKILL')
          }
        }),
      )
      await ended
      await load
    }
    const { child, url } = await startServer(folder)
    const { answers } = exported(await (await fetch(`${url}/progress/export`, { headers: { cookie } })).text())
    const kept = new Set(answers.map(({ id }: { id: string }) => id))
    assert.deepEqual(
      accepted.filter((id) => !kept.has(id)),
      [],
    )
    assert.ok(accepted.length >= 60)
    child.kill('SIGTERM')
    const [code] = await once(child, 'exit')
    assert.equal(code, 0)
    assert.ok(!(await readdir(folder)).includes('lock.json'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
