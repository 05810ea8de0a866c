/** Finds targets and asks them, each in its turn. Sources: scrape/{manager,scrape,target}.go of Prometheus */

import { hash32 } from '../../engine/random.ts'
import { charge } from '../../engine/work.ts'
import type { HttpResult } from '../../network/types.ts'
import type { Process } from '../../runtime/process.ts'
import { listObjects } from '../programs/in-cluster-client.ts'
import type { Discoveries, ScrapeJob } from './configuration.ts'
import { type Listings, pathOfResource, type Resource, resourcesOf, targetsOf } from './discovery.ts'
import { ExpositionError, parseExposition } from './exposition.ts'
import { ask, reasonOf } from './http-client.ts'
import { printPrometheusDuration } from './promql/duration.ts'
import { chargeLabels, keyOf } from './promql/evaluate.ts'
import type { Labels } from './promql/types.ts'
import { relabel } from './relabel.ts'
import type { SeriesStore } from './series-store.ts'

/** More targets of one job are not asked. */
const MOST_TARGETS = 1000
/** What a target may tell at once. Simplified: the real one takes what comes. */
const MOST_BODY = 10_000_000

export interface Target {
  readonly job: ScrapeJob
  readonly discovered: Labels
  readonly labels: Labels
  readonly url: string
  health: 'unknown' | 'up' | 'down'
  lastError: string
  lastMs: number | undefined
  tookMs: number
  /** What it told last: what it does not tell any more is gone. */
  series: Map<string, Labels>
}

/** Lists what discoveries need, once for each kind and namespace. @param done with what was found, and what went wrong */
export function listFor(
  process: Process,
  all: readonly Discoveries[],
  done: (found: ReadonlyMap<string, Listings>, errors: readonly string[]) => void,
): void {
  const wanted = new Map<string, { resource: Resource; namespace: string }>()
  for (const { kubernetes } of all)
    for (const { role, namespaces } of kubernetes)
      for (const resource of resourcesOf[role])
        for (const namespace of namespaces.length > 0 && resource !== 'nodes' ? namespaces : [''])
          wanted.set(`${resource} ${namespace}`, { resource, namespace })
  const found = new Map<string, Listings>()
  const errors: string[] = []
  let left = wanted.size
  if (left === 0) done(found, errors)
  for (const { resource, namespace } of wanted.values())
    listObjects(process, pathOfResource(resource, namespace)).start((listed) => {
      if ('items' in listed) found.set(namespace, { ...found.get(namespace), [resource]: listed.items })
      else errors.push(listed.error)
      if (--left === 0) done(found, errors)
    })
}

/** The groups of labels that discoveries give, before they are made anew. */
export function discovered({ fixed, kubernetes }: Discoveries, found: ReadonlyMap<string, Listings>): Labels[] {
  const nodes = found.get('')?.nodes
  return [
    ...fixed.flatMap(({ targets, labels }) => targets.map((target) => ({ ...labels, __address__: target }))),
    ...kubernetes.flatMap(({ role, namespaces }) =>
      (namespaces.length > 0 ? namespaces : ['']).flatMap((namespace) =>
        targetsOf(role, { ...found.get(namespace), ...(nodes ? { nodes } : {}) }),
      ),
    ),
  ]
}

/** @returns undefined for what is dropped */
function targetOf(job: ScrapeJob, from: Labels): Target | undefined {
  const given: Record<string, string> = {
    job: job.name,
    __scheme__: job.scheme,
    __metrics_path__: job.path,
    __scrape_interval__: printPrometheusDuration(job.intervalMs),
    __scrape_timeout__: printPrometheusDuration(job.timeoutMs),
    ...from,
  }
  for (const [name, [first]] of Object.entries(job.parameters)) given[`__param_${name}`] ??= first ?? ''
  const made = relabel(given, job.relabelings)
  if (!made?.__address__) return undefined
  const { __address__: address, __scheme__: scheme = 'http', __metrics_path__: path = '/metrics' } = made
  const query = new URLSearchParams(
    Object.entries(made).flatMap(([name, value]) =>
      name.startsWith('__param_') ? [[name.slice('__param_'.length), value]] : [],
    ),
  ).toString()
  const labels = Object.fromEntries(
    Object.entries({ instance: address, ...made }).filter(([name]) => !name.startsWith('__')),
  )
  const url = `${scheme}://${address}${path}${query && `?${query}`}`
  return {
    job,
    discovered: given,
    labels,
    url,
    health: 'unknown',
    lastError: '',
    lastMs: undefined,
    tookMs: 0,
    series: new Map(),
  }
}

export class Scraping {
  private readonly process: Process
  private readonly store: SeriesStore
  private readonly agent: string
  private readonly due = new Map<Target, number>()
  targets: Target[] = []
  dropped: { readonly job: ScrapeJob; readonly discovered: Labels }[] = []

  constructor(process: Process, store: SeriesStore, agent: string) {
    this.process = process
    this.agent = agent
    this.store = store
  }

  /** Takes the targets that there are now, and goes on with those that were there. */
  update(jobs: readonly ScrapeJob[], found: ReadonlyMap<string, Listings>): void {
    const before = new Map(this.targets.map((target) => [idOf(target), target]))
    const nowMs = Math.floor(this.process.nowEpochMs())
    this.targets = []
    this.dropped = []
    for (const job of jobs) {
      const seen = new Set<string>()
      for (const labels of discovered(job, found)) {
        const target = targetOf(job, labels)
        if (!target) {
          this.dropped.push({ job, discovered: labels })
          continue
        }
        const id = idOf(target)
        if (seen.has(id) || seen.size >= MOST_TARGETS) continue
        seen.add(id)
        const known = before.get(id)
        // The same target asked as it was before: what it told stays.
        const kept = known && known.job === job ? known : known ? { ...target, series: known.series } : target
        this.targets.push(kept)
        before.delete(id)
        if (kept !== known) {
          if (known) this.due.delete(known)
          // Not all at once: each has a place of its own in the interval.
          this.due.set(kept, nowMs + (hash32(id) % job.intervalMs))
        }
      }
    }
    for (const gone of before.values()) {
      this.due.delete(gone)
      for (const labels of gone.series.values()) this.store.append(labels, nowMs, undefined)
    }
  }

  /** When the next one is to be asked. */
  get nextMs(): number {
    charge(this.due.size)
    let nextMs = Number.POSITIVE_INFINITY
    for (const dueMs of this.due.values()) nextMs = Math.min(nextMs, dueMs)
    return nextMs
  }

  /** Asks those whose turn it is. */
  run(): void {
    const nowMs = Math.floor(this.process.nowEpochMs())
    for (const [target, dueMs] of this.due) {
      if (dueMs > nowMs) continue
      this.due.set(target, Math.max(nowMs, dueMs) + target.job.intervalMs)
      const asked = ask(this.process, target.job, target.url, { agent: this.agent })
      if ('error' in asked) this.note(target, nowMs, 0, asked)
      else asked.start(target.job.timeoutMs, (result) => this.note(target, nowMs, result.tookMs, read(result, target)))
    }
  }

  private note(target: Target, atMs: number, tookMs: number, told: { body: string } | { error: string }): void {
    // It is no target any more.
    if (!this.due.has(target)) return
    let samples: ReturnType<typeof parseExposition> = []
    let error = 'error' in told ? told.error : ''
    if ('body' in told)
      try {
        samples = parseExposition(told.body)
      } catch (problem) {
        if (!(problem instanceof ExpositionError)) throw problem
        error = problem.message
      }
    Object.assign(target, { health: error ? 'down' : 'up', lastError: error, lastMs: atMs, tookMs })
    const written = new Map<string, Labels>()
    const write = (labels: Labels, value: number): void => {
      if (this.store.append(labels, atMs, value)) written.set(keyOf(labels), labels)
    }
    let kept = 0
    for (const { labels, value } of samples) {
      const made = relabel(merged(labels, target), target.job.metricRelabelings)
      if (!made) continue
      kept++
      write(made, value)
    }
    const added = [...written.keys()].filter((key) => !target.series.has(key)).length
    for (const [name, value] of [
      ['up', error ? 0 : 1],
      ['scrape_duration_seconds', tookMs / 1000],
      ['scrape_samples_scraped', samples.length],
      ['scrape_samples_post_metric_relabeling', kept],
      ['scrape_series_added', added],
    ] as const)
      write({ ...target.labels, __name__: name }, value)
    for (const [key, labels] of target.series) if (!written.has(key)) this.store.append(labels, atMs, undefined)
    target.series = written
  }
}

const idOf = ({ job, labels, url }: Target): string => `${job.name} ${url} ${keyOf(labels)}`

/** The target's labels win, unless its own are to be honoured. */
function merged(labels: Labels, { labels: own, job }: Target): Labels {
  if (job.honorsLabels) return { ...own, ...labels }
  const found: Record<string, string> = {}
  chargeLabels(Object.keys(own).length)
  for (const [name, value] of Object.entries(labels)) found[name in own ? `exported_${name}` : name] = value
  return { ...found, ...own }
}

function read(result: HttpResult, { url }: Target): { body: string } | { error: string } {
  if (!result.ok) return { error: `Get ${JSON.stringify(url)}: ${reasonOf(result.error)}` }
  const { status, body } = result.response
  if (status !== 200) return { error: `server returned HTTP status ${status} ${statusTexts[status] ?? ''}`.trim() }
  return body.length > MOST_BODY ? { error: 'body size limit exceeded' } : { body }
}

const statusTexts: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
}
