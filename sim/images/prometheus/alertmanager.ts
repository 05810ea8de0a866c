/**
 * Alertmanager: takes what Prometheus fires, groups it, holds back what is silenced or inhibited, and tells receivers. Source:
 * https://prometheus.io/docs/alerting/latest/configuration/. Simplified: of receivers, webhooks are called; others are noted in the log; no cluster.
 */

import { hash32 } from '../../engine/random.ts'
import { charge, chargeText } from '../../engine/work.ts'
import type { HttpRequest, HttpResponse } from '../../network/types.ts'
import { FileError } from '../../runtime/files.ts'
import type { Image, Process, Program, Signal } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import { linuxFiles } from '../base-files.ts'
import { linuxPrograms } from '../programs/busybox.ts'
import { signalWithin, stamp } from '../programs/daemon.ts'
import type { Run } from '../programs/support.ts'
import { listenAddress, listenOrComplain, response } from '../programs/web-server.ts'
import { eachRelease } from '../releases.ts'
import {
  type AlertmanagerConfiguration,
  type Fields,
  isMatched,
  listOf,
  mapOf,
  parseAlertmanager,
  type Route,
  routesFor,
} from './alertmanager-configuration.ts'
import { amtool } from './amtool.ts'
import { flagsOf } from './flags.ts'
import { ask, plainClient, reasonOf } from './http-client.ts'
import { ConfigurationRefused, parseMatcher, tellMatcher } from './matcher.ts'
import { chargeLabels, inOrder, keyOf } from './promql/evaluate.ts'
import type { Labels, Matcher } from './promql/types.ts'

const MEMORY_BYTES = 24 * 1024 * 1024
const TIMEOUT_MS = 10_000
const MOST_ALERTS = 10_000
const MOST_SILENCES = 1000
/** More groups are not begun. Simplified: the real one takes what comes. */
const MOST_GROUPS = 10_000

interface Held {
  readonly labels: Labels
  readonly annotations: Labels
  readonly startsMs: number
  endsMs: number
  updatedMs: number
  readonly generatorURL: string
}

interface Silence {
  readonly id: string
  readonly matchers: readonly Matcher[]
  readonly startsMs: number
  endsMs: number
  readonly createdBy: string
  readonly comment: string
}

/** Alerts that are told of together. */
interface Group {
  readonly route: Route
  readonly labels: Labels
  readonly alerts: Map<string, Held>
  nextMs: number
  /** What was told last, and when. */
  told:
    | { readonly firing: ReadonlySet<string>; readonly resolved: ReadonlySet<string>; readonly atMs: number }
    | undefined
}

const server = (version: string): Program =>
  function* (process): Run {
    if (process.argv.includes('--version')) {
      process.stdout.write(`alertmanager, version ${version} (branch: HEAD)\n`)
      return 0
    }
    const read = flagsOf('alertmanager', process)
    if ('error' in read) {
      process.stderr.write(`alertmanager: error: ${read.error}, try --help\n`)
      return 1
    }
    return yield* new Running(process, version, read.flags).run()
  }

class Running {
  private readonly process: Process
  private readonly version: string
  private readonly path: string
  private readonly address: string
  private configuration!: AlertmanagerConfiguration
  private readonly alerts = new Map<string, Held>()
  private readonly groups = new Map<string, Group>()
  private readonly silences = new Map<string, Silence>()
  private wake: () => void = () => undefined

  constructor(process: Process, version: string, flags: ReadonlyMap<string, string>) {
    this.process = process
    this.version = version
    this.path = flags.get('config.file') ?? 'alertmanager.yml'
    this.address = flags.get('web.listen-address') ?? ':9093'
  }

  private say(level: string, source: string, rest: string): void {
    this.process.stderr.write(
      `time=${stamp(this.process, '%Y-%m-%dT%H:%M:%S.%LZ')} level=${level} source=${source} ${rest}\n`,
    )
  }

  private get nowMs(): number {
    return Math.floor(this.process.nowEpochMs())
  }

  *run(): Run {
    const { process } = this
    this.say('INFO', 'main.go:191', `msg="Starting Alertmanager" version="(version=${this.version}, branch=HEAD)"`)
    if (this.load() !== undefined) return 1
    process.useMemory(MEMORY_BYTES)
    process.useCpu(3)
    const { port, isLocal } = listenAddress(this.address)
    const close = listenOrComplain(
      process,
      port,
      (request, reply) => {
        reply(this.answer(request))
        this.wake()
      },
      (why) => this.say('ERROR', 'main.go:544', `msg="Listen error" err="listen tcp ${this.address}: bind: ${why}"`),
      isLocal,
    )
    if (!close) return 1
    this.say('INFO', 'tls_config.go:347', `msg="Listening on" address=${isLocal ? '127.0.0.1' : '[::]'}:${port}`)
    process.onSignal('SIGHUP', () => void this.reload())
    let signal: Signal | undefined
    while (!signal) {
      this.turn()
      let nextMs = this.nowMs + 3_600_000
      charge(this.groups.size)
      for (const group of this.groups.values()) nextMs = Math.min(nextMs, group.nextMs)
      const wait = signalWithin(process, ['SIGTERM', 'SIGINT'], Math.max(1, nextMs - this.nowMs))
      signal = yield* waitFor<Signal | undefined>({
        start: (resume) => {
          let isOver = false
          const go = (given: Signal | undefined): void => {
            if (isOver) return
            isOver = true
            resume(given)
          }
          const cancel = wait.start(go)
          this.wake = () => {
            cancel()
            // Not while somebody is being answered.
            process.work(0, () => go(undefined))
          }
          return cancel
        },
      })
    }
    close()
    this.say('INFO', 'main.go:612', 'msg="Received SIGTERM, exiting gracefully..."')
    return 0
  }

  /** @returns why the file cannot be used; what it said before stays */
  private load(): string | undefined {
    const problem = this.read()
    const about = `component=configuration file=${this.path}`
    if (problem === undefined)
      this.say('INFO', 'coordinator.go:125', `msg="Completed loading of configuration file" ${about}`)
    else
      this.say(
        'ERROR',
        'coordinator.go:117',
        `msg="Loading configuration file failed" ${about} err=${JSON.stringify(problem)}`,
      )
    return problem
  }

  private read(): string | undefined {
    try {
      const path = this.path.startsWith('/') ? this.path : `${this.process.cwd}/${this.path}`
      this.configuration = parseAlertmanager(this.process.files.read(path))
      return undefined
    } catch (error) {
      if (error instanceof FileError) return `open ${this.path}: ${error.message.toLowerCase()}`
      if (error instanceof ConfigurationRefused) return error.message
      throw error
    }
  }

  private reload(): string | undefined {
    const problem = this.load()
    if (problem === undefined) {
      this.groups.clear()
      for (const alert of this.alerts.values()) this.group(alert)
    }
    return problem
  }

  // ---------- alerts ----------

  private take(given: unknown): string | undefined {
    if (!Array.isArray(given)) return 'parsing alerts body: expected a list'
    for (const one of given) {
      const fields = mapOf(one)
      const [labels, annotations] = [textsOf(fields.labels), textsOf(fields.annotations)]
      if (!labels || !annotations) return 'parsing alerts body: values of labels and annotations must be strings'
      if (Object.keys(labels).length === 0) return 'at least one label pair required'
      const { nowMs } = this
      const endsMs = fields.endsAt === undefined ? nowMs + 300_000 : Date.parse(String(fields.endsAt))
      const startsMs = fields.startsAt === undefined ? nowMs : Date.parse(String(fields.startsAt))
      if (Number.isNaN(endsMs) || Number.isNaN(startsMs))
        return 'parsing alerts body: startsAt and endsAt must be times as RFC 3339 has them'
      const key = keyOf(labels)
      const before = this.alerts.get(key)
      if (!before && this.alerts.size >= MOST_ALERTS) return 'too many alerts'
      const isGoingOn = before && before.endsMs > nowMs
      const held: Held = {
        labels,
        annotations,
        startsMs: isGoingOn ? Math.min(before.startsMs, startsMs) : startsMs,
        endsMs,
        updatedMs: nowMs,
        generatorURL: String(fields.generatorURL ?? ''),
      }
      this.alerts.set(key, held)
      this.group(held)
    }
    return undefined
  }

  private group(alert: Held): void {
    for (const route of routesFor(this.configuration.route, alert.labels)) {
      const by = route.groupBy.includes('...') ? Object.keys(alert.labels) : route.groupBy
      const labels = Object.fromEntries(
        by.flatMap((name) => (alert.labels[name] === undefined ? [] : [[name, alert.labels[name]]])),
      )
      const key = `${route.key}:${keyOf(labels)}`
      chargeText(key.length)
      const group = this.groups.get(key) ?? {
        route,
        labels,
        alerts: new Map(),
        nextMs: this.nowMs + route.waitMs,
        told: undefined,
      }
      // What is resolved begins no group.
      if (!this.groups.has(key) && (alert.endsMs <= this.nowMs || this.groups.size >= MOST_GROUPS)) continue
      this.groups.set(key, group)
      group.alerts.set(keyOf(alert.labels), alert)
    }
  }

  private held(): Held[] {
    charge(this.alerts.size)
    return [...this.alerts.values()]
  }

  /** Ids of silences that hold it back, and whether another alert does. */
  private suppressed({ labels }: Held): { readonly silenced: readonly string[]; readonly isInhibited: boolean } {
    const { nowMs } = this
    const silenced = [...this.silences.values()]
      .filter(({ matchers, startsMs, endsMs }) => startsMs <= nowMs && endsMs > nowMs && isMatched(matchers, labels))
      .map(({ id }) => id)
    const isInhibited = this.configuration.inhibitions.some(
      ({ source, target, equal }) =>
        isMatched(target, labels) &&
        this.held().some(
          (other) =>
            other.endsMs > nowMs &&
            isMatched(source, other.labels) &&
            equal.every((name) => (other.labels[name] ?? '') === (labels[name] ?? '')) &&
            // What is both holds nothing back that is both.
            !(isMatched(target, other.labels) && isMatched(source, labels)),
        ),
    )
    return { silenced, isInhibited }
  }

  private turn(): void {
    const { nowMs } = this
    for (const [key, group] of this.groups) {
      if (group.nextMs > nowMs) continue
      group.nextMs = nowMs + group.route.intervalMs
      const told = [...group.alerts.values()].filter((alert) => {
        const { silenced, isInhibited } = this.suppressed(alert)
        return silenced.length === 0 && !isInhibited
      })
      const firing = told.filter(({ endsMs }) => endsMs > nowMs)
      const resolved = told.filter(({ endsMs }) => endsMs <= nowMs)
      const [now, over] = [firing, resolved].map((alerts) => new Set(alerts.map(({ labels }) => keyOf(labels))))
      if (isDue(group, now, over, nowMs)) {
        this.notify(group, firing, resolved)
        group.told = { firing: now, resolved: over, atMs: nowMs }
      }
      for (const { labels } of resolved) group.alerts.delete(keyOf(labels))
      if (group.alerts.size === 0) this.groups.delete(key)
    }
    for (const [key, { endsMs }] of this.alerts) if (endsMs + 15 * 60_000 < nowMs) this.alerts.delete(key)
    for (const [id, { endsMs }] of this.silences) if (endsMs + 120 * 3_600_000 < nowMs) this.silences.delete(id)
  }

  private notify({ route, labels, alerts }: Group, firing: readonly Held[], resolved: readonly Held[]): void {
    const receiver = this.configuration.receivers.get(route.receiver)!
    for (const kind of receiver.others)
      this.say(
        'WARN',
        'notify.go:866',
        `msg="Notify for alerts failed" component=dispatcher receiver=${receiver.name} integration=${kind} err="podium calls webhooks alone"`,
      )
    for (const { url, sendsResolved } of receiver.webhooks) {
      const told = [...firing, ...(sendsResolved ? resolved : [])]
      if (told.length === 0) continue
      const isFiring = new Set(firing)
      const body = JSON.stringify({
        receiver: receiver.name,
        status: firing.length > 0 ? 'firing' : 'resolved',
        alerts: told.map((alert) => ({
          status: isFiring.has(alert) ? 'firing' : 'resolved',
          labels: inOrder(alert.labels),
          annotations: alert.annotations,
          startsAt: new Date(alert.startsMs).toISOString(),
          endsAt: isFiring.has(alert) ? '0001-01-01T00:00:00Z' : new Date(alert.endsMs).toISOString(),
          generatorURL: alert.generatorURL,
          fingerprint: fingerprintOf(alert.labels),
        })),
        groupLabels: inOrder(labels),
        commonLabels: inOrder(common(told.map((alert) => alert.labels))),
        commonAnnotations: common(told.map((alert) => alert.annotations)),
        externalURL: `http://${this.process.hostname}:${listenAddress(this.address).port}`,
        version: '4',
        groupKey: `${route.key}:{${Object.entries(inOrder(labels))
          .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
          .join(', ')}}`,
        truncatedAlerts: 0,
      })
      chargeText(4 * body.length)
      const fail = (why: string): void =>
        this.say(
          'WARN',
          'notify.go:866',
          `msg="Notify attempt failed, will retry later" component=dispatcher receiver=${receiver.name} integration=webhook[0] num_alerts=${alerts.size} err=${JSON.stringify(why)}`,
        )
      const asked = ask(this.process, plainClient, url, { agent: `Alertmanager/${this.version}`, body })
      if ('error' in asked) fail(asked.error)
      else
        asked.start(TIMEOUT_MS, (result) => {
          if (!result.ok) fail(`Post ${JSON.stringify(url)}: ${reasonOf(result.error)}`)
          else if (result.response.status >= 300) fail(`unexpected status code ${result.response.status}: ${url}`)
        })
    }
  }

  // ---------- HTTP ----------

  private answer(request: HttpRequest): HttpResponse {
    const [path, query = ''] = request.path.split('?')
    const isPost = request.method === 'POST'
    if (path === '/-/healthy' || path === '/-/ready') return response(200, 'OK')
    if (path === '/-/reload') {
      if (!isPost) return response(405, 'Method Not Allowed')
      const problem = this.reload()
      return problem === undefined ? response(200, '') : response(500, `failed to reload config: ${problem}\n`)
    }
    if (path === '/metrics')
      return response(
        200,
        `# TYPE alertmanager_alerts gauge\nalertmanager_alerts{state="active"} ${[...this.alerts.values()].filter(({ endsMs }) => endsMs > this.nowMs).length}\n`,
      )
    if (path === '/') return response(200, '<!DOCTYPE html><title>Alertmanager</title>\n')
    let body: unknown
    try {
      body = isPost ? JSON.parse(request.body ?? '') : undefined
    } catch {
      return json(400, 'parsing body failed: it is no JSON')
    }
    try {
      return this.api(path, request.method, body, new URLSearchParams(query))
    } catch (error) {
      if (error instanceof ConfigurationRefused) return json(400, error.message)
      throw error
    }
  }

  private api(path: string, method: string, body: unknown, query: URLSearchParams): HttpResponse {
    const { nowMs } = this
    if (path === '/api/v2/alerts' && method === 'POST') {
      const problem = this.take(body)
      return problem === undefined ? response(200, '') : json(400, problem)
    }
    if (path === '/api/v2/alerts')
      return json(
        200,
        this.asked(query).map((alert) => this.tellAlert(alert)),
      )
    if (path === '/api/v2/alerts/groups')
      return json(
        200,
        [...this.groups.values()].map(({ route, labels, alerts }) => ({
          alerts: [...alerts.values()].map((alert) => this.tellAlert(alert)),
          labels,
          receiver: { name: route.receiver },
        })),
      )
    if (path === '/api/v2/silences' && method === 'POST') return this.silence(mapOf(body))
    if (path === '/api/v2/silences')
      return json(
        200,
        [...this.silences.values()].map((silence) => this.tellSilence(silence)),
      )
    const id = /^\/api\/v2\/silence\/([\w-]+)$/.exec(path)?.[1]
    if (id !== undefined) {
      const found = this.silences.get(id)
      if (!found) return json(404, `silence ${id} not found`)
      if (method !== 'DELETE') return json(200, this.tellSilence(found))
      found.endsMs = Math.min(found.endsMs, nowMs)
      return response(200, '')
    }
    if (path === '/api/v2/receivers')
      return json(
        200,
        [...this.configuration.receivers.keys()].map((name) => ({ name })),
      )
    if (path === '/api/v2/status')
      return json(200, { versionInfo: { version: this.version }, cluster: { status: 'disabled' } })
    return response(404, '404 page not found\n')
  }

  /** @throws ConfigurationRefused for a filter that is none Source: alertmanager api/v2/openapi.yaml, getAlerts */
  private asked(query: URLSearchParams): Held[] {
    const filters = query.getAll('filter').map(parseMatcher)
    const [active, silenced, inhibited] = ['active', 'silenced', 'inhibited'].map((name) => query.get(name) !== 'false')
    const receiver = query.get('receiver')
      ? parseMatcher(`receiver=~${JSON.stringify(query.get('receiver'))}`)
      : undefined
    return [...this.alerts.values()].filter((alert) => {
      if (alert.endsMs <= this.nowMs || !isMatched(filters, alert.labels)) return false
      const by = this.suppressed(alert)
      const isActive = by.silenced.length === 0 && !by.isInhibited
      if ((isActive && !active) || (by.silenced.length > 0 && !silenced) || (by.isInhibited && !inhibited)) return false
      const routes = routesFor(this.configuration.route, alert.labels)
      return !receiver || routes.some((route) => isMatched([receiver], { receiver: route.receiver }))
    })
  }

  private silence(fields: Fields): HttpResponse {
    const matchers = listOf(fields.matchers).map((one): Matcher => {
      const { name, value, isRegex, isEqual = true } = mapOf(one)
      const op = isRegex ? (isEqual ? '=~' : '!~') : isEqual ? '=' : '!='
      return parseMatcher(`${String(name)}${op}${JSON.stringify(String(value ?? ''))}`)
    })
    const [startsMs, endsMs] = [
      Date.parse(String(fields.startsAt ?? '')) || this.nowMs,
      Date.parse(String(fields.endsAt ?? '')),
    ]
    if (matchers.length === 0) return json(400, 'invalid silence: at least one matcher required')
    if (this.silences.size >= MOST_SILENCES) return json(400, `exceeded maximum number of silences: ${MOST_SILENCES}`)
    if (Number.isNaN(endsMs) || endsMs <= startsMs)
      return json(400, 'invalid silence: end time must be after start time')
    if (endsMs <= this.nowMs) return json(400, "end time can't be in the past")
    const part = (length: number): string =>
      Array.from({ length }, () => Math.floor(this.process.random() * 16).toString(16)).join('')
    const id = `${part(8)}-${part(4)}-4${part(3)}-a${part(3)}-${part(12)}`
    this.silences.set(id, {
      id,
      matchers,
      startsMs,
      endsMs,
      createdBy: String(fields.createdBy ?? ''),
      comment: String(fields.comment ?? ''),
    })
    return json(200, { silenceID: id })
  }

  private tellSilence({ id, matchers, startsMs, endsMs, createdBy, comment }: Silence): object {
    const { nowMs } = this
    return {
      id,
      status: { state: endsMs <= nowMs ? 'expired' : startsMs > nowMs ? 'pending' : 'active' },
      matchers: matchers.map(tellMatcher),
      startsAt: new Date(startsMs).toISOString(),
      endsAt: new Date(endsMs).toISOString(),
      createdBy,
      comment,
    }
  }

  private tellAlert(alert: Held): object {
    const { silenced, isInhibited } = this.suppressed(alert)
    return {
      annotations: alert.annotations,
      endsAt: new Date(alert.endsMs).toISOString(),
      fingerprint: fingerprintOf(alert.labels),
      receivers: routesFor(this.configuration.route, alert.labels).map(({ receiver }) => ({ name: receiver })),
      startsAt: new Date(alert.startsMs).toISOString(),
      status: {
        inhibitedBy: isInhibited ? ['podium'] : [],
        silencedBy: silenced,
        state: silenced.length > 0 || isInhibited ? 'suppressed' : 'active',
      },
      updatedAt: new Date(alert.updatedMs).toISOString(),
      generatorURL: alert.generatorURL,
      labels: inOrder(alert.labels),
    }
  }
}

const json = (status: number, body: unknown): HttpResponse =>
  response(status, `${JSON.stringify(body)}\n`, { 'Content-Type': 'application/json' })

/** Undefined where one of them is no text. */
function textsOf(given: unknown): Labels | undefined {
  const fields = mapOf(given)
  return Object.values(fields).every((value) => typeof value === 'string') ? (fields as Labels) : undefined
}

/** Whether there is something to tell: not where less fires than was told of. Source: notify/notify.go, DedupStage.needsUpdate */
function isDue(
  { route, told }: Group,
  firing: ReadonlySet<string>,
  resolved: ReadonlySet<string>,
  nowMs: number,
): boolean {
  if (!told) return firing.size > 0
  if ([...firing].some((key) => !told.firing.has(key))) return true
  if (firing.size === 0) return told.firing.size > 0 && resolved.size > 0
  if ([...resolved].some((key) => !told.resolved.has(key))) return true
  return nowMs - told.atMs >= route.repeatMs
}

/** Sixteen digits, the same for the same labels. */
const fingerprintOf = (labels: Labels): string => {
  const key = keyOf(labels)
  return [key, `${key} `].map((text) => hash32(text).toString(16).padStart(8, '0')).join('')
}

/** What all of them have. */
function common(all: readonly Labels[]): Labels {
  const [first = {}, ...others] = all
  chargeLabels(Object.keys(first).length * all.length)
  return Object.fromEntries(Object.entries(first).filter(([name, value]) => others.every((one) => one[name] === value)))
}

const defaultConfiguration = `route:
  group_by: ['alertname']
  group_wait: 30s
  group_interval: 5m
  repeat_interval: 1h
  receiver: 'web.hook'
receivers:
  - name: 'web.hook'
    webhook_configs:
      - url: 'http://127.0.0.1:5001/'
`

export const alertmanagerImages: readonly Image[] = eachRelease(
  { '0.28.1': ['latest', 'v0.28.1'], '0.27.0': ['v0.27.0'], '0.25.0': ['v0.25.0'] },
  [],
  (version) => ({
    repositories: ['prom/alertmanager', 'prometheus/alertmanager'],
    sizeBytes: 31_000_000,
    entrypoint: ['/bin/alertmanager'],
    cmd: ['--config.file=/etc/alertmanager/alertmanager.yml', '--storage.path=/alertmanager'],
    user: 'nobody',
    workingDir: '/alertmanager',
    exposedPorts: [9093],
    modes: { '/alertmanager': 0o777 },
    files: { ...linuxFiles, '/alertmanager/': '', '/etc/alertmanager/alertmanager.yml': defaultConfiguration },
    programs: { ...linuxPrograms, '/bin/alertmanager': server(version), '/bin/amtool': amtool(version) },
  }),
)
