/**
 * A workshop on the built server: `npm run bench -- workshop [--learners 200] [--minutes 40] [--speed 2] [--servers 1]`. All people sit behind one address,
 * join within ten seconds, and do something every 15 s of the workshop's time; two walls are watched. One JSON line with what was measured.
 */
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { pause } from './load/learners.ts'
import { type Awaited, cellOf, Wall } from './load/workshop-wall.ts'
import { throwAwayDatabase } from './measured-site/database.ts'
import { type MeasuredSite, startSite, type Usage } from './measured-site/site.ts'
import { type Answer, Visitor } from './measured-site/visitor.ts'

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    learners: { type: 'string', default: '200' },
    minutes: { type: 'string', default: '40' },
    speed: { type: 'string', default: '2' },
    /** More than one are on PostgreSQL. */
    servers: { type: 'string', default: '1' },
  },
})
const [learners, minutes, speed] = [Number(values.learners), Number(values.minutes), Number(values.speed)]
const servers = Number(values.servers)

/** In order; each opens when its share of the time has come. */
const items = [
  'lesson:pod/probes',
  'question:pod/which-probe',
  'challenge:up-and-reachable',
  'question:networking/closed-port',
  'challenge:crash-loop',
]
const everyMs = 15_000 / speed
/** Where servers reach each other. */
const firstPeerPort = 21_710
const joinMs = 10_000
const classroom = '198.51.100.1'
const day = 24 * 3_600_000
const passphrase = 'acorn river maple stone olive'
const grant = fileURLToPath(new URL('../dist/server/grant.js', import.meta.url))

const refusals: Record<string, number> = {}
const pagesMs: number[] = []
let acts = 0

const noted = async (name: string, asked: Promise<Answer>): Promise<Answer> => {
  const answer = await asked
  if (answer.status === 0 || answer.status >= 400) {
    const key = `${name} ${answer.status}${answer.problem ? ` ${answer.problem}` : ''}`
    refusals[key] = (refusals[key] ?? 0) + 1
  }
  return answer
}
const page = async (visitor: Visitor, path: string): Promise<Answer> => {
  const answer = await noted('page', visitor.get(path))
  pagesMs.push(answer.ms)
  return answer
}
const share = (values: readonly number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? 0
const round = (value: number): number => Math.round(value * 10) / 10

const dataDir = await mkdtemp(join(tmpdir(), 'podium-workshop-'))
const database = servers > 1 ? await throwAwayDatabase() : undefined
const storage = database ? { STORAGE: 'postgres', DATABASE_URL: database.url } : undefined
const settingsOf = (n: number) => ({
  dataDir,
  env: {
    TRUST_PROXY: '1',
    ...storage,
    ...(storage ? { PEER_URL: `http://127.0.0.1:${firstPeerPort + n}` } : {}),
  },
  onEnd: (how: string) => how.includes('SIGKILL') || console.error(how),
})

// An account with the role, which is given while the server is stopped.
const first = await startSite(settingsOf(0))
const account = await new Visitor(first.url, '10.0.0.1').enter()
const made = await account.post('/account', { name: 'ines', which: 'own', own: passphrase, again: passphrase })
await first.stop()
const { status: granted } = spawnSync(process.execPath, [grant, 'ines', 'instructor'], {
  env: { ...process.env, ...storage, DATA_DIR: dataDir, SESSION_SECRET: 'a secret of at least thirty-two characters' },
  stdio: ['ignore', 'ignore', 'inherit'],
})
if (made.status !== 303 || granted !== 0) throw new Error(`no instructor: ${made.status}, ${granted}`)
const sites = await Promise.all(Array.from({ length: servers }, (_, n) => startSite(settingsOf(n))))
const siteOf = (n: number): MeasuredSite => sites[n % servers]!

/** In a browser of their own, signed in with that account or unknown. */
async function instructor(address: string, n: number): Promise<Visitor> {
  const visitor = await new Visitor(siteOf(n).url, address).enter()
  const { headers, status } = await visitor.post('/account/sign-in', { name: 'ines', passphrase })
  if (status !== 303) throw new Error(`the instructor is not let in: ${status}`)
  const cookie = (headers['set-cookie'] ?? []).map((one) => one.split(';')[0]).join('; ')
  if (cookie) visitor.cookie = cookie
  visitor.token = /name="_csrf" value="([^"]+)"/.exec((await visitor.get('/help')).text)?.[1] ?? ''
  return visitor
}

const leads = await instructor('10.0.0.1', 0)
const plan = String((await leads.post('/workshops/new')).headers.location)
const id = plan.split('/').at(-1)!
await leads.post(plan, { title: 'A class of many', do: 'save' })
for (const item of items) {
  const { status } = await leads.post(plan, { title: 'A class of many', do: 'add', item })
  if (status !== 303) throw new Error(`the step ${item} is not taken: ${status}`)
}
const steps = [...(await leads.get(plan)).text.matchAll(/id="plan-step-([a-z0-9]+)"/g)].map(([, step]) => step!)
const wallPage = await leads.get(`/w/${id}/wall`)
const code = /join-code num">([A-Z0-9 ]+)</.exec(wallPage.text)![1]!.replaceAll(' ', '')

// Everybody comes in within ten seconds, from one address.
const people = await Promise.all(
  Array.from({ length: learners }, async (_, n) => {
    await pause((n / learners) * joinMs)
    const visitor = await new Visitor(siteOf(n).url, classroom).enter()
    const nickname = `Learner ${n}`
    const { status } = await noted('join', visitor.post(`/j/${code}`, { nickname, do: 'join' }))
    return { visitor, nickname, isIn: status === 200, seat: '', hand: false, tried: new Set<number>() }
  }),
)
const walls = [new Wall(leads, `/w/${id}/wall`), new Wall(await instructor('10.0.0.2', 1), `/w/${id}/wall`)]
for (const wall of walls) await wall.open()
const seats = walls[0]!.seats()
for (const person of people) person.seat = seats.get(person.nickname) ?? ''
const unseen = people.filter(({ seat }) => seat === '').length
// Each has a page open that follows the room.
for (const { visitor } of people) void visitor.get(`/w/${id}/pace?at=`, { listenMs: day, timeoutMs: day })

const awaited = (what: Awaited): void => {
  for (const wall of walls) wall.await(what)
}

type Person = (typeof people)[number]

/** One thing that somebody does, at a step that is open. */
async function act(person: Person, at: number): Promise<void> {
  const { visitor, seat, tried } = person
  acts++
  const isFirst = !tried.has(at)
  const under = `/w/${id}`
  const dice = Math.random()
  if (dice < 0.06) {
    person.hand = !person.hand
    const { hand } = person
    const { status } = await noted('hand', visitor.post(under, { do: hand ? 'hand' : 'lower', says: '' }))
    if (status === 303) awaited({ seat, isTold: (row) => row.includes('hand up') === hand })
    return
  }
  if (dice < 0.16) return void (await page(visitor, under))
  const [kind, path = ''] = items[at]!.split(':')
  if (kind === 'lesson') {
    await page(visitor, `${under}/lessons/${path}`)
    const { status } = await noted('read', visitor.post(`${under}/study/read`, { item: `lesson:${path}` }))
    if (status < 400 && isFirst) awaited({ seat, isTold: (row) => cellOf(row, at) === 'done' })
    tried.add(at)
    return
  }
  if (kind === 'question') {
    const { text } = await page(visitor, `${under}/questions/${path}`)
    const options = [...text.matchAll(/name="answer" value="([^"]+)"/g)].map(([, value]) => value!)
    const answer = options[Math.floor(Math.random() * options.length)] ?? 'a'
    const v = /name="v" value="([^"]+)"/.exec(text)?.[1] ?? '1'
    const { status } = await noted(
      'answer',
      visitor.post(`${under}/questions/${path}/answer`, { answer, v, shown: '0' }),
    )
    if (status < 400 && isFirst) awaited({ seat, isTold: (row) => /done|failing/.test(cellOf(row, at) ?? '') })
    tried.add(at)
    return
  }
  const challenge = `${under}/challenges/${path}`
  if (dice < 0.3) return void (await page(visitor, challenge))
  if (dice < 0.55) {
    const content = `apiVersion: v1\nkind: Pod\nmetadata: {name: web-${acts}}\nspec: {containers: [{name: web, image: "nginx:1.27"}]}\n`
    await noted('draft', visitor.post(`${challenge}/draft`, { file: 'deployment.yaml', content }))
    return
  }
  if (dice < 0.9 || isFirst) {
    const { status } = await noted('line', visitor.post(challenge, { do: 'kubectl', line: 'get pods' }))
    if (status < 400 && isFirst) awaited({ seat, isTold: (row) => !['none', undefined].includes(cellOf(row, at)) })
    tried.add(at)
    return
  }
  await noted('grade', visitor.post(challenge, { do: 'grade' }))
}

await leads.post(`/workshops/${id}/act`, { do: 'open' })
const usages = (): Promise<Usage[]> => Promise.all(sites.map((site) => site.usage()))
const sumOf = (all: readonly Usage[], figure: 'cpuMs' | 'rssMb'): number =>
  all.reduce((sum, one) => sum + one[figure], 0)
const before = await usages()
const startMs = performance.now()
const lengthMs = (minutes * 60_000) / speed
const passed = (): number => (performance.now() - startMs) / lengthMs
let opened = 1
const leading = (async () => {
  while (passed() < 1) {
    const due = Math.min(steps.length, 1 + Math.floor(passed() * steps.length))
    for (; opened < due; opened++) await leads.post(`/workshops/${id}/act`, { do: `open-step:${steps[opened]}` })
    await pause(500)
  }
})()
await Promise.all([
  leading,
  ...people.map(async (person) => {
    await pause(Math.random() * everyMs)
    while (passed() < 1) {
      // Most are where everybody is, some are one step behind.
      await act(person, Math.max(0, opened - 1 - (Math.random() < 0.2 ? 1 : 0)))
      await pause(everyMs * (0.5 + Math.random()))
    }
  }),
])
const after = await usages()
const tookMs = performance.now() - startMs
await pause(5000)
const differing = (await Promise.all(walls.map((wall) => wall.differing()))).reduce((sum, n) => sum + n, 0)
const lags = walls.flatMap(({ lagsMs }) => lagsMs)

// The first server is killed, and what the walls showed is there again.
const killed = siteOf(0)
process.kill(killed.pid, 'SIGKILL')
while (!killed.isOver()) await pause(50)
const again = await startSite(settingsOf(0))
leads.site = again.url
const coldMs = performance.now()
const gone = await walls[0]!.differing()
const coldWallMs = Math.round(performance.now() - coldMs)
console.log(
  JSON.stringify({
    case: servers > 1 ? 'scale-seats' : 'workshop',
    ...(servers > 1 ? { seats: learners, servers } : { learners }),
    walls: walls.length,
    acts,
    pageP95Ms: Math.round(share(pagesMs, 0.95)),
    wallLagP95Ms: Math.round(share(lags, 0.95)),
    wallLagMaxMs: Math.round(Math.max(0, ...lags)),
    wallNews: lags.length,
    lost: walls.reduce((sum, { lost }) => sum + lost, 0) + differing + gone + unseen,
    refused: Object.values(refusals).reduce((sum, n) => sum + n, 0),
    ...(Object.keys(refusals).length > 0 ? { refusals } : {}),
    cpuMsPerAct: round((sumOf(after, 'cpuMs') - sumOf(before, 'cpuMs')) / acts),
    cores: Math.round(((sumOf(after, 'cpuMs') - sumOf(before, 'cpuMs')) / tookMs) * 100) / 100,
    loopDelayP99Ms: round(Math.max(...after.map(({ loopDelayP99Ms }) => loopDelayP99Ms))),
    wallBytesPerSecond: Math.round(walls[0]!.bytes / (lengthMs / 1000)),
    rssMb: Math.round(sumOf(after, 'rssMb')),
    coldWallMs,
    aim: { pageP95Ms: 200, wallLagP95Ms: 1000, lost: 0, refused: 0, ...(servers > 1 ? { cores: 1.2 } : {}) },
  }),
)
for (const wall of walls) wall.close()
for (const { visitor } of people) visitor.close()
await again.stop()
await Promise.all(sites.slice(1).map((site) => site.stop()))
database?.end()
await rm(dataDir, { recursive: true, force: true })
process.exit(0)
