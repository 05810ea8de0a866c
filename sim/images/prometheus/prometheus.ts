/**
 * Prometheus: asks targets for their metrics, works out rules, and answers questions. Source: cmd/prometheus/main.go. Simplified: discovery lists
 * anew each half minute where the real one watches; what it has seen is gone with its container.
 */

import { hash32 } from '../../engine/random.ts'
import { charge, chargeText } from '../../engine/work.ts'
import { escapeQuery } from '../../go-template/builtins.ts'
import type { HttpResponse } from '../../network/types.ts'
import { FileError } from '../../runtime/files.ts'
import type { Image, Process, Program, Signal } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import { linuxFiles } from '../base-files.ts'
import { linuxPrograms } from '../programs/busybox.ts'
import { signalWithin, stamp } from '../programs/daemon.ts'
import type { Run } from '../programs/support.ts'
import { listenAddress, listenOrComplain } from '../programs/web-server.ts'
import { eachRelease, isAtLeast, type Releases } from '../releases.ts'
import {
  type Configuration,
  ConfigurationError,
  parseConfiguration,
  parseRules,
  type RuleGroup,
} from './configuration.ts'
import { defaultConfiguration } from './default-configuration.ts'
import { flagsOf } from './flags.ts'
import { answer } from './http-api.ts'
import { ask, reasonOf } from './http-client.ts'
import { promtool } from './promtool.ts'
import { relabel } from './relabel.ts'
import { filesOf } from './rule-files.ts'
import { LiveRule } from './rules.ts'
import { discovered, listFor, Scraping } from './scraping.ts'
import { SeriesStore } from './series-store.ts'

const versions: Releases = {
  '3.4.1': ['latest', 'v3.4.1'],
  '3.0.0': ['v3.0.0'],
  '2.53.0': ['v2.53.0'],
  '2.45.0': ['v2.45.0'],
  '2.37.0': ['v2.37.0'],
}
const MEMORY_BYTES = 65 * 1024 * 1024
const DISCOVERY_MS = 30_000
/** Alerts that are still true are told again so often. Source: --rules.alert.resend-delay */
const RESEND_MS = 60_000
const NOTIFY_TIMEOUT_MS = 10_000

const server = (version: string): Program =>
  function* (process): Run {
    if (process.argv.includes('--version')) {
      process.stdout.write(`prometheus, version ${version} (branch: HEAD)\n`)
      return 0
    }
    const read = flagsOf('prometheus', process)
    if ('error' in read) {
      process.stderr.write(`Error parsing command line arguments: ${read.error}\nprometheus: error: ${read.error}\n`)
      return 2
    }
    return yield* new Running(process, version, read.flags).run()
  }

class Running {
  private readonly process: Process
  private readonly version: string
  private readonly flags: ReadonlyMap<string, string>
  private readonly path: string
  private readonly store = new SeriesStore()
  private readonly scraping: Scraping
  private configuration: Configuration | undefined
  private text = ''
  private rules: LiveRule[] = []
  /** When each group is worked out next. */
  private readonly groupDue = new Map<RuleGroup, number>()
  private alertmanagers: string[] = []
  private isListing = false
  private discoveryMs = 0
  private readonly sent = new Map<string, number>()

  constructor(process: Process, version: string, flags: ReadonlyMap<string, string>) {
    this.process = process
    this.version = version
    this.flags = flags
    this.path = flags.get('config.file') ?? 'prometheus.yml'
    this.scraping = new Scraping(process, this.store, `Prometheus/${version}`)
  }

  private get listensAt(): { port: number; isLocal: boolean } {
    return listenAddress(this.flags.get('web.listen-address') ?? ':9090')
  }

  /** Where people find it. */
  private get externalUrl(): string {
    return (this.flags.get('web.external-url') ?? `http://${this.process.hostname}:${this.listensAt.port}`).replace(
      /\/$/,
      '',
    )
  }

  /** A line of the log, whose fields have other names since 3.0. */
  private say(level: string, source: string, rest: string): void {
    const at = stamp(this.process, '%Y-%m-%dT%H:%M:%S.%LZ')
    const line = isAtLeast(this.version, '3.0')
      ? `time=${at} level=${level} source=${source} ${rest}\n`
      : `ts=${at} caller=${source} level=${level.toLowerCase()} ${rest}\n`
    this.process.stderr.write(line)
  }

  *run(): Run {
    const { process } = this
    const problem = this.load()
    if (problem !== undefined) {
      this.say(
        'ERROR',
        'main.go:627',
        `msg="Error loading config (--config.file=${this.path})" file=${this.path} err=${JSON.stringify(problem)}`,
      )
      return 2
    }
    process.useMemory(MEMORY_BYTES)
    process.useCpu(6)
    this.say(
      'INFO',
      'main.go:689',
      `msg="Starting Prometheus Server" mode=server version="(version=${this.version}, branch=HEAD)"`,
    )
    const early = yield* waitFor(signalWithin(process, ['SIGTERM', 'SIGINT'], 300))
    if (early) return 0
    const { port, isLocal } = this.listensAt
    const address = `${isLocal ? '127.0.0.1' : '0.0.0.0'}:${port}`
    const close = listenOrComplain(
      process,
      port,
      (request, reply) => reply(this.answer(request)),
      (why) =>
        this.say(
          'ERROR',
          'main.go:1009',
          `msg="Unable to start web listener" err="listen tcp ${address}: bind: ${why}"`,
        ),
      isLocal,
    )
    if (!close) return 1
    this.say('INFO', 'web.go:654', `msg="Start listening for connections" component=web address=${address}`)
    this.say('INFO', 'main.go:1315', 'msg="Server is ready to receive web requests."')
    process.onSignal('SIGHUP', () => void this.reload())
    let signal: Signal | undefined
    while (!signal) {
      this.turn()
      let nextMs = Math.min(this.discoveryMs, this.scraping.nextMs)
      charge(this.groupDue.size)
      for (const dueMs of this.groupDue.values()) nextMs = Math.min(nextMs, dueMs)
      signal = yield* waitFor(signalWithin(process, ['SIGTERM', 'SIGINT'], Math.max(1, nextMs - process.nowEpochMs())))
    }
    close()
    this.say('WARN', 'main.go:1005', 'msg="Received an OS signal, exiting gracefully..." signal=terminated')
    yield* waitFor(process.sleep(200))
    this.say('INFO', 'main.go:1331', 'msg="See you next time!"')
    return 0
  }

  private answer(request: Parameters<typeof answer>[1]): HttpResponse {
    const { version, store, scraping, rules, text, alertmanagers } = this
    return answer(
      {
        ...{ version, store, scraping, rules, alertmanagers, configurationText: text },
        nowMs: Math.floor(this.process.nowEpochMs()),
        intervalMs: this.configuration?.evaluationMs ?? 60_000,
        hasLifecycle: this.flags.get('web.enable-lifecycle') === 'true',
        reload: () => this.reload(),
      },
      request,
    )
  }

  /** Whatever is due. */
  private turn(): void {
    const nowMs = Math.floor(this.process.nowEpochMs())
    if (this.discoveryMs <= nowMs) this.discover()
    this.scraping.run()
    for (const [group, dueMs] of this.groupDue) {
      if (dueMs > nowMs) continue
      const intervalMs = group.intervalMs ?? this.configuration!.evaluationMs
      this.groupDue.set(group, nowMs + intervalMs)
      const { externalLabels, evaluationMs } = this.configuration!
      charge(this.rules.length)
      const rules = this.rules.filter((rule) => rule.group === group)
      for (const rule of rules) {
        rule.evaluate(this.store, nowMs, evaluationMs, { externalLabels, externalUrl: this.externalUrl })
        if (rule.error !== undefined)
          this.say(
            'WARN',
            'group.go:547',
            `msg="Evaluating rule failed" component="rule manager" file=${group.file} group=${group.name} name=${rule.rule.name} err=${JSON.stringify(rule.error)}`,
          )
      }
      this.notify(rules, intervalMs)
    }
  }

  // ---------- configuration ----------

  private load(): string | undefined {
    const { process } = this
    try {
      const text = process.files.read(absolute(this.path, process))
      const configuration = parseConfiguration(text)
      // However often it is named, a file is read once.
      const files = new Set(
        configuration.ruleFiles.flatMap((pattern) => filesOf(process, absolute(pattern, process, this.path))),
      )
      const groups = [...files].flatMap((file) => {
        try {
          return parseRules(process.files.read(file), file)
        } catch (error) {
          if (!(error instanceof ConfigurationError)) throw error
          throw new ConfigurationError(`error loading rules, previous rule set restored: ${file}: ${error.message}`)
        }
      })
      this.text = text
      this.configuration = configuration
      this.take(groups)
      return undefined
    } catch (error) {
      if (error instanceof FileError) return `open ${this.path}: ${error.message.toLowerCase()}`
      if (error instanceof ConfigurationError)
        return error.message.startsWith('error loading')
          ? error.message
          : `parsing YAML file ${this.path}: ${error.message}`
      throw error
    }
  }

  /** Rules that are what they were keep what they know. */
  private take(groups: readonly RuleGroup[]): void {
    const keyOfRule = ({ rule, group }: { rule: LiveRule['rule']; group: RuleGroup }): string =>
      JSON.stringify([
        group.file,
        group.name,
        rule.name,
        rule.text,
        rule.labels,
        rule.annotations,
        rule.forMs,
        rule.keepMs,
      ])
    const before = new Map(this.rules.map((rule) => [keyOfRule(rule), rule]))
    const nowMs = Math.floor(this.process.nowEpochMs())
    this.rules = groups.flatMap((group) =>
      group.rules.map((rule) => {
        const live = new LiveRule(rule, group)
        const known = before.get(keyOfRule(live))
        if (known) live.alerts = known.alerts
        return live
      }),
    )
    this.groupDue.clear()
    for (const group of groups) {
      const intervalMs = group.intervalMs ?? this.configuration!.evaluationMs
      this.groupDue.set(group, nowMs + (hash32(`${group.file} ${group.name}`) % Math.max(1, intervalMs)))
    }
  }

  private reload(): string | undefined {
    this.say('INFO', 'main.go:1485', `msg="Loading configuration file" filename=${this.path}`)
    const problem = this.load()
    if (problem !== undefined) {
      this.say(
        'ERROR',
        'main.go:1158',
        `msg="Error reloading config" err=${JSON.stringify(`couldn't load configuration (--config.file=${JSON.stringify(this.path)}): ${problem}`)}`,
      )
      return problem
    }
    this.say('INFO', 'main.go:1519', `msg="Completed loading of configuration file" filename=${this.path}`)
    this.discoveryMs = 0
    this.turn()
    return undefined
  }

  // ---------- the cluster ----------

  private discover(): void {
    if (this.isListing) return
    const { jobs, alertmanagers } = this.configuration!
    this.isListing = true
    this.discoveryMs = this.process.nowEpochMs() + DISCOVERY_MS
    listFor(this.process, [...jobs, ...alertmanagers], (found, errors) => {
      this.isListing = false
      for (const error of errors)
        this.say(
          'ERROR',
          'reflector.go:158',
          `msg="Failed to watch" component=k8s_client_runtime err=${JSON.stringify(error)}`,
        )
      this.scraping.update(this.configuration!.jobs, found)
      this.alertmanagers = this.configuration!.alertmanagers.flatMap((group) =>
        discovered(group, found).flatMap((labels) => {
          const made = relabel(
            { __scheme__: group.scheme, __alerts_path__: `${group.prefix}/api/v2/alerts`, ...labels },
            group.relabelings,
          )
          return made?.__address__ ? [`${made.__scheme__}://${made.__address__}${made.__alerts_path__}`] : []
        }),
      )
    })
  }

  /** Tells the Alertmanagers what fires, and what does not any more. */
  private notify(rules: readonly LiveRule[], intervalMs: number): void {
    const nowMs = Math.floor(this.process.nowEpochMs())
    const due = rules.flatMap((live) =>
      [...live.alerts].flatMap(([key, alert]) => {
        const id = `${live.rule.name} ${key}`
        if (alert.state === 'pending') return []
        const lastMs = this.sent.get(id)
        const isNews = lastMs === undefined || (alert.resolvedMs ?? 0) > lastMs
        if (!isNews && nowMs - lastMs < RESEND_MS) return []
        this.sent.set(id, nowMs)
        return [{ ...alert, query: live.rule.text }]
      }),
    )
    if (due.length === 0 || this.alertmanagers.length === 0) return
    const { externalLabels, alertmanagers } = this.configuration!
    const body = JSON.stringify(
      due.map(({ labels, annotations, firedMs, activeMs, resolvedMs, query }) => ({
        labels: { ...externalLabels, ...labels },
        annotations,
        startsAt: new Date(firedMs ?? activeMs).toISOString(),
        endsAt: new Date(resolvedMs ?? nowMs + 4 * Math.max(RESEND_MS, intervalMs)).toISOString(),
        generatorURL: `${this.externalUrl}/graph?g0.expr=${escapeQuery(query)}&g0.tab=1`,
      })),
    )
    chargeText(4 * body.length)
    const [client] = alertmanagers
    for (const url of this.alertmanagers) {
      const asked = ask(this.process, client, url, { agent: `Prometheus/${this.version}`, body })
      const fail = (why: string): void =>
        this.say(
          'ERROR',
          'notifier.go:624',
          `msg="Error sending alerts" component=notifier alertmanager=${url} count=${due.length} err=${JSON.stringify(why)}`,
        )
      if ('error' in asked) fail(asked.error)
      else
        asked.start(NOTIFY_TIMEOUT_MS, (result) => {
          if (!result.ok) fail(`Post ${JSON.stringify(url)}: ${reasonOf(result.error)}`)
          else if (result.response.status >= 300) fail(`bad response status ${result.response.status}`)
        })
    }
  }
}

const absolute = (path: string, { cwd }: Process, besides?: string): string => {
  if (path.startsWith('/')) return path
  const folder =
    besides === undefined ? cwd : besides.startsWith('/') ? besides.slice(0, besides.lastIndexOf('/')) : cwd
  return `${folder === '/' ? '' : folder}/${path}`
}

export const prometheusImages: readonly Image[] = eachRelease(versions, [], (version) => ({
  repositories: ['prom/prometheus', 'prometheus/prometheus'],
  sizeBytes: 118_000_000,
  entrypoint: ['/bin/prometheus'],
  cmd: ['--config.file=/etc/prometheus/prometheus.yml', '--storage.tsdb.path=/prometheus'],
  user: 'nobody',
  workingDir: '/prometheus',
  exposedPorts: [9090],
  modes: { '/prometheus': 0o777 },
  files: { ...linuxFiles, '/prometheus/': '', '/etc/prometheus/prometheus.yml': defaultConfiguration },
  programs: { ...linuxPrograms, '/bin/prometheus': server(version), '/bin/promtool': promtool(version) },
}))
