/**
 * Kills the built server while learners work, again and again: `npm run kills -- COUNT SEED`. Each time it must start by itself and
 * still have all that it answered to. Prints a JSON line, and ends with 1 unless nothing is lost or damaged.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readFile } from '../server/belongings/file.ts'
import { workOfActs } from '../server/journal/work.ts'
import { practiceSeat } from '../server/seat.ts'
import { createRandom } from '../sim/engine/random.ts'

const count = Number(process.argv[2] ?? 20)
const seed = process.argv[3] ?? 'kills'
const random = createRandom(seed, 'kills')
const upTo = (most: number) => Math.floor(random.next() * most)

const folder = await mkdtemp(join(tmpdir(), 'podium-kills-'))

async function start() {
  const child = spawn(process.execPath, ['dist/server/index.js'], {
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      HOST: '127.0.0.1',
      DATA_DIR: folder,
      CONTENT_DIR: 'test/server/fixtures/content',
      LOG_LEVEL: 'info',
      WORKERS: '1',
      RATE_LIMIT: '1000000',
      SANDBOX_RATE_LIMIT: '1000000',
      // So that documents are written to their files, and segments deleted, while the server is killed.
      SETTLE_AFTER_MS: '100',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const port = new Promise<number>((resolve, reject) => {
    let text = ''
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${text}`)))
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part
      const found = /"port":(\d+)/.exec(text)
      if (found) resolve(Number(found[1]))
    })
  })
  return { child, ended, port }
}

/** What a learner was told is stored. Of notes and files the newest counts; of all else each. */
class Learner {
  cookie = ''
  token = ''
  origin = ''
  readonly kept = new Set<string>()
  note = -1
  draft = -1
  gradings = 0

  /** Makes a session, or a form's token for the one that there is. */
  async visit(origin: string): Promise<void> {
    this.origin = origin
    const help = await fetch(`${origin}/help`, { headers: this.cookie ? { cookie: this.cookie } : {} })
    this.cookie ||= help.headers.get('set-cookie')!.split(';')[0]!
    this.token = /name="_csrf" value="([^"]+)"/.exec(await help.text())![1]!
  }

  /** @returns where the answer leads when it was stored; a refusal is no promise */
  async post(path: string, fields: Record<string, string>): Promise<string | undefined> {
    const reply = await fetch(this.origin + path, {
      method: 'POST',
      body: new URLSearchParams({ _csrf: this.token, ...fields }),
      headers: { cookie: this.cookie },
      redirect: 'manual',
    })
    await reply.arrayBuffer()
    return reply.status === 303 || reply.status === 204 ? (reply.headers.get('location') ?? '') : undefined
  }

  /** What is not there any more, or was never written. */
  async lost(): Promise<string[]> {
    const reply = await fetch(`${this.origin}/progress/export`, { headers: { cookie: this.cookie } })
    const text = await reply.text()
    if (reply.status !== 200) return [`the export: ${reply.status} ${text.slice(0, 200)}`]
    const seat = practiceSeat('somebody')
    const read = readFile(text, seat, Date.now(), '')
    if ('problems' in read) return [`the export cannot be read: ${JSON.stringify(read.problems)}`]
    const { attempts, studyBook } = workOfActs(seat, read.belongings.acts)
    const lost = [...this.kept].filter((one) => !text.includes(one))
    const numberIn = (texts: string[]) =>
      Math.max(-1, ...texts.map((one) => Number(/number (\d+)/.exec(one)?.[1] ?? -1)))
    if (numberIn(studyBook.notes.map((note) => note.text)) < this.note) lost.push(`note ${this.note}`)
    if (numberIn(attempts.flatMap(({ drafts }) => Object.values(drafts))) < this.draft) lost.push(`draft ${this.draft}`)
    const gradings = attempts.reduce((sum, attempt) => sum + attempt.gradings.length, 0)
    if (gradings < this.gradings) lost.push(`${this.gradings - gradings} of ${this.gradings} gradings`)
    return lost
  }
}

let acknowledged = 0
const shape = {
  from: 'shape',
  name: 'Mine',
  nodes: '1',
  size: 'small',
  zones: '1',
  taint: '',
  tainted: '0',
  proxy: 'iptables',
}
const challenge = '/challenges/three-pods'

/** Works in every way at once until the server is gone. */
async function work(learner: Learner, round: number, others: Learner): Promise<void> {
  let sandbox = ''
  const forever = async (act: (n: number) => Promise<boolean>) => {
    for (let n = 0; ; n++) if (await act(n)) acknowledged++
  }
  const keep = async (who: Learner, name: string, done: Promise<string | undefined>) => {
    const isDone = (await done) !== undefined
    if (isDone) who.kept.add(name)
    return isDone
  }
  const answer = (who: Learner, line: string) => (n: number) => {
    const once = `${line}${round.toString(16).padStart(6, '0')}${n.toString(16).padStart(11, '0')}`
    return keep(who, once, who.post('/questions/pod/always/answer', { v: '1', answer: 'a', once }))
  }
  const live = async (): Promise<void> => {
    sandbox = (await learner.post('/sandboxes', shape)) ?? ''
    if (!sandbox) throw new Error('no sandbox was made')
    acknowledged++
    const config = await fetch(`${learner.origin}${sandbox}/kubeconfig`, { headers: { cookie: learner.cookie } })
    const path = /(\/k8s\/\S+)/.exec(await config.text())?.[1]
    if (!path) throw new Error('the sandbox has no address')
    await Promise.all([
      forever((n) => {
        const name = `page-${round}-${n}-end`
        return keep(learner, name, learner.post(sandbox, { do: 'kubectl', line: `kubectl create configmap ${name}` }))
      }),
      forever(async (n) => {
        const name = `api-${round}-${n}-end`
        const reply = await fetch(`${learner.origin}${path}/api/v1/namespaces/default/configmaps`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } }),
        })
        await reply.arrayBuffer()
        return keep(learner, name, Promise.resolve(reply.status === 201 ? '' : undefined))
      }),
    ])
  }
  await Promise.allSettled([
    live(),
    forever(answer(learner, 'a')),
    // A document that grows from kill to kill.
    forever(answer(others, 'b')),
    forever(async (n) => {
      const isDone =
        (await learner.post('/study/notes', { item: 'lesson:pod/restarts', text: `number ${n}` })) !== undefined
      if (isDone) learner.note = n
      return isDone
    }),
    forever(async (n) => {
      if (n % 4 === 3) {
        const isGraded = (await learner.post(challenge, { do: 'grade' })) !== undefined
        if (isGraded) learner.gradings++
        return isGraded
      }
      const name = `challenge-${round}-${n}-end`
      return keep(learner, name, learner.post(challenge, { do: 'kubectl', line: `create configmap ${name}` }))
    }),
    forever(async (n) => {
      const isDone =
        (await learner.post(`${challenge}/draft`, { file: 'web.yaml', content: `# number ${n}\n` })) !== undefined
      if (isDone) learner.draft = n
      return isDone
    }),
  ])
}

const lost: string[] = []
const everybody: Learner[] = []
const others = new Learner()
try {
  for (let kill = 0; kill < count; ) {
    const { child, ended, port } = await start()
    // Some are killed while they read what the last one left.
    if (kill > 0 && upTo(5) === 0) {
      port.catch(() => {})
      await sleep(upTo(2000))
    } else {
      const origin = `http://127.0.0.1:${await port}`
      const learner = new Learner()
      const before = everybody.at(-1)
      await Promise.all([learner, others, ...(before ? [before] : [])].map((who) => who.visit(origin)))
      lost.push(...(await others.lost()), ...((await before?.lost()) ?? []))
      everybody.push(learner)
      const working = work(learner, kill, others)
      await sleep(200 + upTo(2500))
      child.kill('SIGKILL')
      await ended
      await working
      kill++
      continue
    }
    child.kill('SIGKILL')
    await ended
    kill++
  }
  const { child, ended, port } = await start()
  const origin = `http://127.0.0.1:${await port}`
  for (const learner of [others, ...everybody]) {
    await learner.visit(origin)
    lost.push(...(await learner.lost()))
  }
  child.kill('SIGTERM')
  const [code] = await ended
  const names = await readdir(folder, { recursive: true })
  const corrupt = names.filter((name) => name.includes('.corrupt-'))
  for (const one of new Set(lost)) console.error(`lost: ${one}`)
  const left = names.filter((name) => name.startsWith('journal-'))
  if (code !== 0 || left.length > 0)
    console.error(`the last server ended with ${code} and left ${left.join(', ') || 'no write-ahead log'}`)
  console.log(JSON.stringify({ kills: count, acknowledged, lost: new Set(lost).size, corrupt: corrupt.length }))
  process.exitCode = lost.length + corrupt.length + left.length > 0 || code !== 0 ? 1 : 0
} finally {
  await rm(folder, { recursive: true, force: true })
}
