/**
 * What the built site bears: `npm run bench -- load [--seconds N] [--one-address] [--steps 25,50]` with classes of growing size, and
 * `npm run bench -- soak [--minutes N]` with one class for long. The server is a process of its own, of which figures are told; one JSON line
 * a step.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import autocannon from 'autocannon'
import { Learner, Learners, pause, type Route, routes } from './load/learners.ts'
import { slope } from './load/slope.ts'
import { type MeasuredSite, startSite, type Usage } from './measured-site/site.ts'
import { Visitor } from './measured-site/visitor.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '45' },
    steps: { type: 'string', default: '25,50,100,200' },
    minutes: { type: 'string', default: '20' },
    'one-address': { type: 'boolean', default: false },
  },
})

/** Pages whose cost is measured each for itself, with so many connections. */
const pages: Readonly<Record<string, string>> = {
  lesson: '/lessons/pod/images-and-commands',
  question: '/questions/pod/which-probe',
  questions: '/questions',
  challenges: '/challenges',
  script: '/static/vendor/htmx.js',
}
const connections = 20
/** So many requests are sent of each page, the first of which warm up: a busy machine changes how long that takes, not what it costs. */
const pageRequests = 1500
const warmingRequests = 500
/** Requests of a kind that is no page, one after the other, for what one costs. */
const requestsEach = 30

/** The built server on a folder of its own. */
async function onSite<T>(env: Record<string, string>, act: (site: MeasuredSite) => Promise<T>): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), 'podium-load-'))
  const site = await startSite({
    dataDir,
    env: { TRUST_PROXY: '1', ...env },
    onEnd: (how) => console.error(`the server ended: ${how}`),
  })
  try {
    return await act(site)
  } finally {
    await site.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

const print = (line: object): void => console.log(JSON.stringify(line))
const round = (value: number): number => Math.round(value * 10) / 10

/** Milliseconds of the server's processor that one request costs: pages under load, the others one after the other. */
async function costs(): Promise<Record<string, number>> {
  return onSite({ RATE_LIMIT: '1000000' }, async (site) => {
    const cpuMs: Record<string, number> = {}
    const requestsPerSecond: Record<string, number> = {}
    const p97: Record<string, number> = {}
    const per = async (count: () => Promise<number>): Promise<number> => {
      const before = (await site.usage()).cpuMs
      const requests = await count()
      return round(((await site.usage()).cpuMs - before) / requests)
    }
    for (const [name, path] of Object.entries(pages)) {
      const shoot = (amount: number) => autocannon({ url: `${site.url}${path}`, connections, amount })
      await shoot(warmingRequests)
      cpuMs[name] = await per(async () => {
        const startMs = performance.now()
        const { requests, latency } = await shoot(pageRequests)
        requestsPerSecond[name] = round(requests.total / ((performance.now() - startMs) / 1000))
        p97[name] = latency.p97_5
        return requests.total
      })
    }
    print({ case: 'load-pages', connections, cpuPerRequest: { ...cpuMs }, requestsPerSecond, p97 })
    const learner = new Learner(await new Visitor(site.url, '10.0.0.1').enter(), 0)
    await learner.openSandbox(false)
    for (const route of routes) {
      if (route in cpuMs) continue
      for (let n = 0; n < 10; n++) await learner.request(route)
      cpuMs[route] = await per(async () => {
        for (let n = 0; n < requestsEach; n++) await learner.request(route)
        return requestsEach
      })
    }
    learner.visitor.close()
    return cpuMs
  })
}

async function load(): Promise<void> {
  const seconds = Number(values.seconds)
  const isOneAddress = values['one-address']
  const cpuOf = await costs()
  for (const learners of values.steps.split(',').map(Number))
    await onSite({}, async (site) => {
      const people = new Learners({ learners, isOneAddress })
      await people.enter(site.url)
      const before = await site.usage()
      const startMs = performance.now()
      await people.work(seconds * 1000)
      const after = await site.usage()
      const tookSeconds = (performance.now() - startMs) / 1000
      people.close()
      const requests = [...people.taken.values()].reduce((sum, { length }) => sum + length, 0)
      print({
        case: `load-${learners}${isOneAddress ? '-one-address' : ''}`,
        p50: shares(people.taken, 0.5),
        p95: shares(people.taken, 0.95),
        p99: shares(people.taken, 0.99),
        cpuPerRequest: { ...cpuOf, all: round((after.cpuMs - before.cpuMs) / requests) },
        loopDelayP50: after.loopDelayP50Ms,
        loopDelayP99: after.loopDelayP99Ms,
        rssMb: after.rssMb,
        refusals: people.refusals,
        requestsPerSecond: round(requests / tookSeconds),
      })
    })
}

const shares = (taken: ReadonlyMap<Route, readonly number[]>, part: number): Record<string, number> =>
  Object.fromEntries(
    [...taken].map(([route, ms]) => [
      route,
      Math.round(ms.toSorted((a, b) => a - b)[Math.min(ms.length - 1, Math.floor(ms.length * part))]!),
    ]),
  )

const sampleMs = 10_000

async function soak(): Promise<void> {
  const minutes = Number(values.minutes)
  // Small caches are full before the second half: what grows then is no cache.
  await onSite({ CACHE_MB: '6' }, async (site) => {
    const people = new Learners({ learners: 24, sandboxes: 6, isWatching: true })
    await people.enter(site.url)
    const samples: (Usage & { minute: number })[] = []
    const startMs = performance.now()
    let isOver = false
    const sampling = (async () => {
      while (!isOver) {
        samples.push({ ...(await site.usage(true)), minute: (performance.now() - startMs) / 60_000 })
        await pause(Math.min(sampleMs, minutes * 1000))
      }
    })()
    await people.work(minutes * 60_000)
    isOver = true
    await sampling
    people.close()
    const secondHalf = samples.filter(({ minute }) => minute >= minutes / 2)
    const perMinute = (name: keyof Usage): number =>
      Math.round(slope(secondHalf.map((sample) => [sample.minute, sample[name]])) * 100) / 100
    const last = samples.at(-1)!
    print({
      case: 'soak',
      minutes,
      rssMb: last.rssMb,
      rssMbPerMinute: perMinute('rssMb'),
      heapMb: last.heapMb,
      heapMbPerMinute: perMinute('heapMb'),
      descriptors: last.descriptors,
      descriptorsPerMinute: perMinute('descriptors'),
      threads: last.threads,
      threadsPerMinute: perMinute('threads'),
      requests: [...people.taken.values()].reduce((sum, { length }) => sum + length, 0),
      refusals: people.refusals,
    })
  })
}

await (positionals[0] === 'soak' ? soak() : load())
