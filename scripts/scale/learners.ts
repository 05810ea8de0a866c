/** The data of many learners who are not there: what a start costs with it, and what one of them waits for. */
import { writeTicket } from '../../server/accounts/tickets.ts'
import { loadCatalogOrThrow } from '../../server/catalog/load.ts'
import type { KnownAct } from '../../server/journal/acts/registry.ts'
import { createJournals } from '../../server/journal/journals.ts'
import { takeSeat } from '../../server/practice/take-seat.ts'
import { practiceSeat } from '../../server/seat.ts'
import { createStorage } from '../../server/storage/aggregates.ts'
import { createPostgresStore } from '../../server/storage/postgres/store.ts'
import { throwAwayDatabase } from '../measured-site/database.ts'
import { percentile, web } from './webs.ts'

const secret = 'a secret of at least thirty-two characters'
/** Of each learner, over some weeks. */
const answersOfEach = 40
const dayMs = 24 * 3_600_000
/** Written at a time. */
const together = 40
const asked = 300
const rounds = 2

const learnerOf = (n: number): string => n.toString(16).padStart(30, '0')

/** @param count of learners */
export async function learners(count: number): Promise<void> {
  const { url, end } = await throwAwayDatabase()
  await fill(url, count)
  const startedMs = performance.now()
  const { site } = await web(url, 0)
  const startMs = Math.round(performance.now() - startedMs)
  const { rssMb: rssAtStartMb } = await site.usage(true)
  const pages: Record<string, number[]> = { '/progress': [], '/study': [], '/': [] }
  for (let n = 0; n < asked * rounds; n++)
    for (const [path, took] of Object.entries(pages)) {
      const cookie = `podium=${writeTicket({ learnerId: learnerOf((n * 37) % count), token: undefined }, secret)}`
      const atMs = performance.now()
      const answer = await fetch(site.url + path, { headers: { cookie, 'accept-language': 'en' } })
      await answer.text()
      if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`)
      took.push(performance.now() - atMs)
    }
  const { rssMb } = await site.usage(true)
  const p95Ms = Object.fromEntries(Object.entries(pages).map(([path, took]) => [path, percentile(took, 0.95)]))
  const aim = { startMs: 2000, rssAtStartMb: 400, p95Ms: { '/progress': 100 } }
  console.log(
    JSON.stringify({
      case: 'scale-learners',
      learners: count,
      answersOfEach,
      startMs,
      rssAtStartMb,
      rssMb,
      p95Ms,
      aim,
    }),
  )
  await site.stop()
  end()
}

async function fill(url: string, count: number): Promise<void> {
  const store = await createPostgresStore({ url })
  const storage = createStorage(store)
  const journals = createJournals({ storage, now: Date.now })
  const questions = [...(await loadCatalogOrThrow('content')).questions.values()]
  const one = async (n: number): Promise<void> => {
    const seat = practiceSeat(learnerOf(n))
    await takeSeat({ storage, now: Date.now }, seat)
    const acts = Array.from({ length: answersOfEach }, (_, k) => {
      const { id, hash, topics } = questions[(n * 31 + k * 7) % questions.length]!
      const score = (n + k) % 3 === 0 ? 0 : 1
      return {
        ...{ id: `a${k}`, act: 'answered', atMs: Date.now() - (answersOfEach - k) * dayMs },
        ...{ item: `question:${id}`, contentHash: hash },
        data: {
          ...{ answer: `n${k}`, seed: 'seed', given: ['a'], confidence: 'sure', tookMs: 20_000, score },
          ...{ verdict: score === 1 ? 'right' : 'wrong', topics: [...topics] },
        },
      } as KnownAct
    })
    await journals.add(seat, acts)
  }
  let next = 0
  await Promise.all(
    Array.from({ length: together }, async () => {
      while (next < count) await one(next++)
    }),
  )
  await store.close()
}
