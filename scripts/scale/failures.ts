/** What is lost while servers are killed, stand still, or have no database. */
import { pause } from '../load/learners.ts'
import { throwAwayDatabase } from '../measured-site/database.ts'
import { acknowledgedOf, backMs, command, counts, drive, lostOf, makeBoxes, mismatches } from './boxes.ts'
import { percentile, web } from './webs.ts'

const killEachMs = 20_000

/** One of two servers is killed each 20 s and started again, while commands go to the sandboxes. */
export async function kills(minutes: number, count: number): Promise<void> {
  const { url, end } = await throwAwayDatabase()
  const webs = [await web(url, 0), await web(url, 1)]
  const boxes = await makeBoxes(webs, count)
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
  const row = {
    kills: killed,
    sandboxes: count,
    acknowledged,
    lost,
    twice,
    refused: counts.refused,
    hashMismatches: mismatches(),
  }
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

/** A server stands still (SIGSTOP) until its leases are over, and wakes up. */
export async function paused(count: number): Promise<void> {
  const { url, end } = await throwAwayDatabase()
  const webs = [await web(url, 0), await web(url, 1)]
  const boxes = await makeBoxes(webs, count)
  for (const box of boxes) await command(box, webs[0]!.site.url)
  const before = acknowledgedOf(boxes)
  const refusedBefore = counts.refused
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
  const row = {
    sandboxes: count,
    acknowledged: acknowledgedOf(boxes),
    lost,
    twice,
    refused: counts.refused - refusedBefore,
  }
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

/** The database is away for 30 s. */
export async function outage(count: number): Promise<void> {
  const { url, stop, start, end } = await throwAwayDatabase()
  const webs = [await web(url, 0), await web(url, 1)]
  const boxes = await makeBoxes(webs, count)
  let isOver = false
  const driving = drive(boxes, webs, () => isOver)
  await pause(10_000)
  const [before, refusedBefore] = [acknowledgedOf(boxes), counts.refused]
  await stop()
  await pause(30_000)
  const [during, refusedDuring] = [acknowledgedOf(boxes) - before, counts.refused - refusedBefore]
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
