/**
 * What the services of a node say of what they do, as its journal keeps it: records, worded when somebody reads them. A service that
 * says the same all the time has one record of it, from when to when.
 */
import type { Engine } from '../engine/engine.ts'

export type Unit = 'kubelet' | 'containerd' | 'systemd'

/** A value of a structured log line. A `struct` is written when somebody reads the line; `raw` is not quoted. */
export type LogValue = string | number | readonly string[] | { readonly raw: string } | { readonly struct: object }

export interface JournalEntry {
  atMs: number
  unit: Unit
  /** The number of the process that said it. */
  pid: number
  severity: 'I' | 'W' | 'E'
  /** Where in the source it is said: `kubelet.go`. */
  source: string
  message: string
  values: Readonly<Record<string, LogValue | undefined>>
}

/** The same, said again and again until it is over. */
interface Refrain {
  entry: JournalEntry
  everyMs: number
  untilMs: number
}

/** Simplified: a journal is bounded by its size on the disk; this one by its records. */
const MAX_ENTRIES = 4000

export class Journal {
  private entries: JournalEntry[] = []
  private readonly refrains: Refrain[] = []
  private readonly followers = new Set<(entry: JournalEntry) => void>()
  private readonly engine: Engine
  private readonly pidOf: (unit: Unit) => number

  constructor(engine: Engine, pidOf: (unit: Unit) => number) {
    this.engine = engine
    this.pidOf = pidOf
  }

  info(source: string, message: string, values: JournalEntry['values'] = {}): void {
    this.add('kubelet', 'I', source, message, values)
  }

  warn(source: string, message: string, values: JournalEntry['values'] = {}): void {
    this.add('kubelet', 'W', source, message, values)
  }

  error(source: string, message: string, err: string | undefined, values: JournalEntry['values'] = {}): void {
    this.add('kubelet', 'E', source, message, { err, ...values })
  }

  /** A line of systemd, or of a service that does not log as Kubernetes does. */
  say(unit: Unit, message: string): void {
    this.add(unit, 'I', '', message, {})
  }

  /** An error of a service that does not log as Kubernetes does. */
  complain(unit: Unit, message: string, error: string): void {
    this.add(unit, 'E', '', message, { error })
  }

  /** An error that is told again every so often, for the first time after `delayMs`; the returned function ends that. */
  errorEvery(
    everyMs: number,
    source: string,
    message: string,
    err: string,
    values: JournalEntry['values'] = {},
    delayMs = 0,
  ): () => void {
    const atMs = this.engine.nowMs + delayMs
    const refrain: Refrain = {
      entry: { atMs, ...this.entry('kubelet', 'E', source, message, { err, ...values }) },
      everyMs,
      untilMs: Number.POSITIVE_INFINITY,
    }
    this.refrains.push(refrain)
    return () => {
      if (refrain.untilMs === Number.POSITIVE_INFINITY) refrain.untilMs = this.engine.nowMs
    }
  }

  /** What there is, the oldest first. */
  read(): readonly JournalEntry[] {
    const repeated = this.refrains.flatMap(({ entry, everyMs, untilMs }) => {
      const endMs = Math.min(untilMs, this.engine.nowMs)
      // The newest, where they are too many.
      const last = Math.floor((endMs - entry.atMs) / everyMs)
      const count = Math.min(Math.max(last + 1, 0), MAX_ENTRIES)
      return Array.from({ length: count }, (_, n) => ({
        ...entry,
        atMs: entry.atMs + (last - count + 1 + n) * everyMs,
      }))
    })
    if (repeated.length === 0) return this.entries
    return [...this.entries, ...repeated].sort((a, b) => a.atMs - b.atMs)
  }

  /** Gives what comes from now on, but for what is repeated. */
  follow(follower: (entry: JournalEntry) => void): () => void {
    this.followers.add(follower)
    return () => void this.followers.delete(follower)
  }

  private entry(
    unit: Unit,
    severity: JournalEntry['severity'],
    source: string,
    message: string,
    values: JournalEntry['values'],
  ): Omit<JournalEntry, 'atMs'> {
    return { unit, pid: this.pidOf(unit), severity, source, message, values }
  }

  private add(...said: Parameters<Journal['entry']>): void {
    const entry: JournalEntry = { atMs: this.engine.nowMs, ...this.entry(...said) }
    this.entries.push(entry)
    if (this.entries.length > MAX_ENTRIES) this.entries = this.entries.slice(-MAX_ENTRIES / 2)
    for (const follower of [...this.followers]) follower(entry)
  }
}

/** `I0102 15:04:05.000000    1234 kubelet.go:2480] "message" key="value"`. Source: k8s.io/klog/v2, internal/serialize */
export function klogLine(entry: JournalEntry, startEpochMs: number): string {
  const { severity, pid, source, message, values } = entry
  const iso = new Date(startEpochMs + entry.atMs).toISOString()
  const stamp = `${iso.slice(5, 7)}${iso.slice(8, 10)} ${iso.slice(11, 23)}000`
  const pairs = Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}=${valueText(value)}`],
  )
  return `${severity}${stamp} ${String(pid).padStart(7)} ${source}] ${JSON.stringify(message)}${pairs.join('')}`
}

function valueText(value: LogValue): string {
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') {
    if (!value.includes('\n')) return JSON.stringify(value)
    const lines = value.replace(/\n$/, '').split('\n')
    return `<\n${lines.map((line) => `\t${line}\n`).join('')} >`
  }
  if ('raw' in value) return value.raw
  return JSON.stringify('struct' in value ? value.struct : value)
}

/** Objects as klog names them: `default/web`. */
export const podRef = ({
  metadata: { namespace, name },
}: {
  metadata: { namespace?: string; name: string }
}): string => (namespace ? `${namespace}/${name}` : name)
