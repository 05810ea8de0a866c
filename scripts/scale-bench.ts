/**
 * Several servers on one PostgreSQL: `npm run bench -- scale [--minutes 5] [--sandboxes 50] [--seats 200] [--only kills,pause,outage,seats]`. One JSON
 * line a row:
 * - `scale-seats`: a class of 200 on two servers, with a wall at each (`workshop-bench.ts`);
 * - `scale-kills`: one of two servers is killed each 20 s and started again, while commands go to the sandboxes; what was acknowledged and is not
 *   there, how soon a sandbox of a killed server answers, and how many come back otherwise than they stood;
 * - `scale-pause`: a server stands still (SIGSTOP) until its leases are over, and wakes up;
 * - `scale-outage`: the database is away for 30 s.
 */
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { pause } from './load/learners.ts'
import { throwAwayDatabase } from './measured-site/database.ts'
import { type LogLine, type MeasuredSite, startSite } from './measured-site/site.ts'
import { Visitor } from './measured-site/visitor.ts'

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '5' },
    sandboxes: { type: 'string', default: '50' },
    seats: { type: 'string', default: '200' },
    'seat-minutes': { type: 'string', default: '10' },
    only: { type: 'string', default: 'seats,kills,pause,outage' },
  },
})
const rows = values.only.split(',')
const [minutes, count] = [Number(values.minutes), Number(values.sandboxes)]
const killEachMs = 20_000
/** Commands a second, of all together. */
const perSecond = 34
const configMaps = '/api/v1/namespaces/default/configmaps'
const firstPeerPort = 21_700

const percentile = (all: readonly number[], part: number): number =>
  Math.round(all.toSorted((a, b) => a - b)[Math.min(all.length - 1, Math.floor(all.length * part))] ?? 0)

interface Web {
  site: MeasuredSite
  peerUrl: string
}

const problems: string[] = []

async function web(databaseUrl: string, n: number): Promise<Web> {
  const peerUrl = `http://127.0.0.1:${firstPeerPort + n}`
  const site = await startSite({
    dataDir: tmpdir(),
    env: {
      ...{ STORAGE: 'postgres', DATABASE_URL: databaseUrl, PEER_URL: peerUrl, TRUST_PROXY: '1', WORKERS: '1' },
      ...{ SANDBOXES_LIVE: '200', SANDBOX_COMMANDS: '5000', SANDBOX_RATE_LIMIT: '100000', RATE_LIMIT: '100000' },
    },
    onLog: ({ level, msg = '' }: LogLine) => {
      if (level >= 50) problems.push(msg)
    },
  })
  return { site, peerUrl }
}

interface Box {
  api: string
  id: string
  acknowledged: string[]
  /** Since when it does not answer. */
  awayAtMs: number | undefined
}

const backMs: number[] = []
let refused = 0

async function makeBoxes(webs: readonly Web[]): Promise<Box[]> {
  const boxes: Box[] = []
  for (let n = 0; n < count; n++) {
    const me = await new Visitor(webs[n % webs.length]!.site.url, `10.1.0.${n + 1}`).enter()
    const shape = { from: 'shape', name: 'Mine', nodes: '2', size: 'small', zones: '1', taint: '', tainted: '0' }
    const made = await me.post('/sandboxes', { ...shape, proxy: 'iptables' })
    const id = /\/sandboxes\/([a-f0-9]{18})/.exec(String(made.headers.location))?.[1]
    if (id === undefined) throw new Error(`no sandbox: ${made.status} ${made.text.slice(0, 300)}`)
    await me.post(`/sandboxes/${id}`, { do: 'address', show: 'kubectl' })
    const api = /server: \S+?(\/k8s\/\S+)/.exec((await me.get(`/sandboxes/${id}/kubeconfig`)).text)![1]!
    boxes.push({ api, id, acknowledged: [], awayAtMs: undefined })
    me.close()
  }
  return boxes
}

/** As a load balancer does: to the one that is there. */
const living = (webs: readonly Web[]): string[] => webs.filter(({ site }) => !site.isOver()).map(({ site }) => site.url)

let names = 0
/** One command to a sandbox, by whatever server. */
async function command(box: Box, url: string, timeoutMs = 60_000): Promise<void> {
  const name = `n${names++}`
  const status = await fetch(`${url}${box.api}${configMaps}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } }),
    signal: AbortSignal.timeout(timeoutMs),
  }).then(
    async (answer) => {
      await answer.arrayBuffer()
      return answer.status
    },
    () => 0,
  )
  if (status === 201) {
    box.acknowledged.push(name)
    if (box.awayAtMs !== undefined) backMs.push(performance.now() - box.awayAtMs)
    box.awayAtMs = undefined
  } else refused++
}

/** Commands at their pace until it is over. */
async function drive(boxes: readonly Box[], webs: readonly Web[], isOver: () => boolean): Promise<void> {
  const under = new Set<Promise<void>>()
  for (let n = 0; !isOver(); n++) {
    const urls = living(webs)
    const box = boxes[n % boxes.length]!
    if (urls.length > 0) {
      const one = command(box, urls[n % urls.length]!).finally(() => under.delete(one))
      under.add(one)
    }
    await pause(1000 / perSecond)
  }
  await Promise.all(under)
}

/** Of what was acknowledged, how much is not there; and how many logs hold the same twice. */
async function lostOf(boxes: readonly Box[], url: string): Promise<{ lost: number; twice: number }> {
  let [lost, twice] = [0, 0]
  for (const { api, acknowledged } of boxes) {
    const { items } = (await (await fetch(`${url}${api}${configMaps}`)).json()) as {
      items: { metadata: { name: string } }[]
    }
    const found = items.map(({ metadata }) => metadata.name)
    const there = new Set(found)
    lost += acknowledged.filter((name) => !there.has(name)).length
    twice += found.length - there.size
  }
  return { lost, twice }
}

const mismatches = (): number => problems.filter((text) => text.includes('stands otherwise than it stood')).length
const acknowledgedOf = (boxes: readonly Box[]): number =>
  boxes.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0)

async function kills(): Promise<void> {
  const { url, end } = await throwAwayDatabase()
  const webs = [await web(url, 0), await web(url, 1)]
  const boxes = await makeBoxes(webs)
  let isOver = false
  const driving = drive(boxes, webs, () => isOver)
  const untilMs = performance.now() + minutes * 60_000
  let killed = 0
  while (performance.now() < untilMs) {
    await pause(killEachMs)
    const n = killed++ % 2
    const atMs = performance.now()
    // Which of them it keeps nobody asks: whatever does not answer at once was its own.
    for (const box of boxes) box.awayAtMs = atMs
    process.kill(webs[n]!.site.pid, 'SIGKILL')
    while (!webs[n]!.site.isOver()) await pause(10)
    webs[n] = await web(url, n)
  }
  isOver = true
  await driving
  const acknowledged = acknowledgedOf(boxes)
  // Once more in order, so that each that is rebuilt is compared with how it was left.
  for (const n of [0, 1]) {
    await webs[n]!.site.stop()
    for (const box of boxes) await command(box, webs[1 - n]!.site.url)
    webs[n] = await web(url, n)
  }
  const { lost, twice } = await lostOf(boxes, webs[0]!.site.url)
  const row = { kills: killed, sandboxes: count, acknowledged, lost, twice, refused, hashMismatches: mismatches() }
  const back = {
    backP50Ms: percentile(backMs, 0.5),
    backP95Ms: percentile(backMs, 0.95),
    backMaxMs: percentile(backMs, 1),
  }
  const aim = { acknowledged: 10_000, lost: 0, hashMismatches: 0, backP95Ms: 3000 }
  console.log(JSON.stringify({ case: 'scale-kills', minutes, ...row, ...back, aim }))
  await Promise.all(webs.map(({ site }) => site.stop()))
  end()
}

async function paused(): Promise<void> {
  const { url, end } = await throwAwayDatabase()
  const webs = [await web(url, 0), await web(url, 1)]
  const boxes = await makeBoxes(webs)
  for (const box of boxes) await command(box, webs[0]!.site.url)
  const before = acknowledgedOf(boxes)
  const refusedBefore = refused
  process.kill(webs[0]!.site.pid, 'SIGSTOP')
  const atMs = performance.now()
  // To the one that stands still: it wakes up with them under way.
  const late = boxes.map((box) => command(box, webs[0]!.site.url))
  for (const box of boxes) box.awayAtMs = atMs
  backMs.length = 0
  await Promise.all(
    boxes.map(async (box) => {
      while (box.awayAtMs !== undefined) {
        await command(box, webs[1]!.site.url)
        await pause(200)
      }
    }),
  )
  process.kill(webs[0]!.site.pid, 'SIGCONT')
  await Promise.all(late)
  for (const box of boxes) for (const { site } of webs) await command(box, site.url)
  const { lost, twice } = await lostOf(boxes, webs[0]!.site.url)
  const row = { sandboxes: count, acknowledged: acknowledgedOf(boxes), lost, twice, refused: refused - refusedBefore }
  const back = { backP95Ms: percentile(backMs, 0.95), hashMismatches: mismatches() }
  console.log(
    JSON.stringify({
      case: 'scale-pause',
      before,
      ...row,
      ...back,
      aim: { lost: 0, twice: 0, hashMismatches: 0, backP95Ms: 15_000 },
    }),
  )
  await Promise.all(webs.map(({ site }) => site.stop()))
  end()
}

async function outage(): Promise<void> {
  const { url, stop, start, end } = await throwAwayDatabase()
  const webs = [await web(url, 0), await web(url, 1)]
  const boxes = await makeBoxes(webs)
  let isOver = false
  const driving = drive(boxes, webs, () => isOver)
  await pause(10_000)
  const [before, refusedBefore] = [acknowledgedOf(boxes), refused]
  await stop()
  await pause(30_000)
  const [during, refusedDuring] = [acknowledgedOf(boxes) - before, refused - refusedBefore]
  const ends = webs.filter(({ site }) => site.isOver()).length
  await start()
  const startedAtMs = performance.now()
  backMs.length = 0
  for (const box of boxes) box.awayAtMs = startedAtMs
  await pause(20_000)
  isOver = true
  await driving
  const { lost, twice } = await lostOf(boxes, webs[0]!.site.url)
  const row = { acknowledged: acknowledgedOf(boxes), during, refusedDuring, lost, twice, serversEnded: ends }
  console.log(
    JSON.stringify({
      ...{
        case: 'scale-outage',
        seconds: 30,
        ...row,
        backP95Ms: percentile(backMs, 0.95),
        hashMismatches: mismatches(),
      },
      aim: { lost: 0, twice: 0, serversEnded: 0, hashMismatches: 0 },
    }),
  )
  await Promise.all(webs.map(({ site }) => site.stop()))
  end()
}

function seats(): void {
  const args = ['--learners', values.seats, '--minutes', values['seat-minutes'], '--speed', '1', '--servers', '2']
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/workshop-bench.ts', ...args], {
    stdio: 'inherit',
  })
  if (status !== 0) process.exitCode = 1
}

if (rows.includes('seats')) seats()
if (rows.includes('kills')) await kills()
if (rows.includes('pause')) await paused()
if (rows.includes('outage')) await outage()
process.exit()
