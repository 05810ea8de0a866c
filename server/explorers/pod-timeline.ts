/** A Pod's history as a picture and as a table with the same facts. Pure. */
import { msg, t, tn } from '../i18n/translate.ts'
import { type PlacedSpan, percentOf, placeSpan, type Tick, ticksOf } from '../render/time-axis.ts'
import type { ContainerMoment, PodHistory, PodMoment, PodOccurrence } from './pod-history.ts'

export type BarTone = 'ready' | 'starting' | 'waiting' | 'failing' | 'ending' | 'done' | 'backoff' | 'off'

export interface Bar extends PlacedSpan {
  fromSeconds: number
  toSeconds: number
  tone: BarTone
  word: string
  /** The same in a word or two. */
  short: string
}

export interface Mark {
  x: number
  atSeconds: number
  isWarning: boolean
  title: string
}

export interface Lane {
  name: string
  kind: 'phase' | 'container' | 'readiness' | 'events'
  bars: Bar[]
  marks: Mark[]
}

export interface TableRow {
  lane: string
  what: string
  fromSeconds: number
  /** undefined: a moment, not a span. */
  toSeconds: number | undefined
}

export interface PodTimeline {
  endSeconds: number
  ticks: Tick[]
  /** Where the deletion was asked for, in percent. */
  deletedX: number | undefined
  lanes: Lane[]
  rows: TableRow[]
  /** What came of it, in one or two sentences. */
  summary: string
}

/** Lanes of events that are always there, so that the picture keeps its height from run to run. */
const eventLanes = ['Started', 'Unhealthy', 'Killing', 'BackOff']
const otherEvents = msg('Other events')

type Look = Pick<Bar, 'tone' | 'word' | 'short'>
type Span = Look & Pick<Bar, 'fromSeconds' | 'toSeconds'>

/** @param deletedAt when the deletion was asked for, in seconds */
export function viewPodTimeline(history: PodHistory, deletedAt?: number): PodTimeline {
  const end = history.endSeconds
  const place = (spans: Span[]) => spans.map((span) => placeBar(span, end))
  const names = history.moments.findLast(({ containers }) => containers.length > 0)?.containers.map(({ name }) => name)
  const lanes: Lane[] = [
    { name: t('Pod phase'), kind: 'phase', bars: place(spansOf(history, phaseOf)), marks: [] },
    ...(names ?? ['main']).map((name) => ({
      name: t('Container {name}', { name }),
      kind: 'container' as const,
      bars: place(containerSpans(history, name)),
      marks: [],
    })),
    { name: t('Readiness'), kind: 'readiness', bars: place(spansOf(history, readinessOf)), marks: [] },
    ...[...eventLanes, otherEvents].map((name) => ({
      name: name === otherEvents ? t(name) : name,
      kind: 'events' as const,
      bars: [],
      marks: history.occurrences
        .filter(({ reason }) => (eventLanes.includes(reason) ? reason === name : name === otherEvents))
        .map((occurrence) => placeMark(occurrence, end)),
    })),
  ]
  return {
    endSeconds: end,
    ticks: ticksOf(end),
    deletedX: deletedAt === undefined ? undefined : percentOf(deletedAt, end),
    lanes,
    rows: [
      ...lanes.flatMap(({ name, bars }) =>
        bars.map(({ word, fromSeconds, toSeconds }) => ({ lane: name, what: word, fromSeconds, toSeconds })),
      ),
      ...eventRows(history.occurrences),
      ...(deletedAt === undefined
        ? []
        : [{ lane: t('You'), what: 'kubectl delete pod life', fromSeconds: deletedAt, toSeconds: undefined }]),
    ],
    summary: summarize(history),
  }
}

const placeBar = (span: Span, end: number): Bar => ({ ...span, ...placeSpan(span, end, [span.word, span.short]) })

const placeMark = ({ atSeconds, type, reason, message }: PodOccurrence, end: number): Mark => ({
  x: percentOf(atSeconds, end),
  atSeconds,
  isWarning: type === 'Warning',
  title: `${reason}: ${message}`,
})

/** The stretches over which something stays the same. */
function spansOf(history: PodHistory, describe: (moment: PodMoment) => Look): Span[] {
  const spans: Span[] = []
  for (const moment of history.moments) {
    const last = spans.at(-1)
    if (last) last.toSeconds = moment.atSeconds
    if (moment.isGone) return spans
    const now = describe(moment)
    if (last && last.word === now.word && last.tone === now.tone) last.toSeconds = history.endSeconds
    else spans.push({ ...now, fromSeconds: moment.atSeconds, toSeconds: history.endSeconds })
  }
  return spans
}

function phaseOf({ phase }: PodMoment): Look {
  const tones: Record<string, BarTone> = { Running: 'ready', Succeeded: 'done', Failed: 'failing' }
  return { tone: tones[phase] ?? 'waiting', word: phase, short: phase }
}

const readinessOf = ({ isReady }: PodMoment): Look =>
  isReady
    ? { tone: 'ready', word: t('ready'), short: t('ready') }
    : { tone: 'off', word: t('not ready'), short: t('not ready') }

/** Of the bars of a container that runs. */
const runningTones: readonly BarTone[] = ['ready', 'starting', 'ending']

function containerSpans(history: PodHistory, name: string): Span[] {
  const spans: Span[] = []
  let restarts = 0
  for (const moment of history.moments) {
    const last = spans.at(-1)
    if (last) last.toSeconds = moment.atSeconds
    if (moment.isGone) return spans
    const status = moment.containers.find((container) => container.name === name)
    const now = describeContainer(status, moment.isDeleting)
    // A quick restart never shows the end as a state of its own: `lastState` keeps it.
    if (last && status?.last && status.restarts > restarts && runningTones.includes(last.tone)) {
      const from = Math.max(last.fromSeconds, Math.min(status.last.finishedSeconds, moment.atSeconds))
      last.toSeconds = from
      spans.push({ ...endOf(status.last), fromSeconds: from, toSeconds: moment.atSeconds })
    }
    restarts = status?.restarts ?? restarts
    const before = spans.at(-1)
    if (before && before.word === now.word && before.tone === now.tone) before.toSeconds = history.endSeconds
    else spans.push({ ...now, fromSeconds: moment.atSeconds, toSeconds: history.endSeconds })
  }
  return spans
}

function describeContainer(status: ContainerMoment | undefined, isDeleting: boolean): Look {
  if (!status) return { tone: 'waiting', word: t('waiting'), short: t('waiting') }
  const { state, reason, exitCode } = status
  if (state === 'running') {
    if (isDeleting) return { tone: 'ending', word: t('running, told to stop'), short: t('stopping') }
    return status.isStarted
      ? { tone: 'ready', word: t('running'), short: t('running') }
      : { tone: 'starting', word: t('running, not started'), short: t('not started') }
  }
  if (state === 'terminated') return endOf({ reason, exitCode: exitCode ?? 0 })
  if (reason === 'CrashLoopBackOff')
    return { tone: 'backoff', word: t('waiting: {reason}', { reason }), short: t('back-off') }
  return { tone: 'waiting', word: t('waiting: {reason}', { reason }), short: t('waiting') }
}

const endOf = ({ reason, exitCode }: { reason: string; exitCode: number }): Look => ({
  tone: exitCode === 0 ? 'done' : 'failing',
  word: t('terminated: {reason}, exit {code}', { reason, code: exitCode }),
  short: t('exit {code}', { code: exitCode }),
})

/** The same event again and again is one row. */
function eventRows(occurrences: readonly PodOccurrence[]): TableRow[] {
  const groups = new Map<string, PodOccurrence[]>()
  for (const occurrence of occurrences) {
    const key = `${occurrence.reason}\n${occurrence.message}`
    groups.set(key, [...(groups.get(key) ?? []), occurrence])
  }
  return [...groups.values()].map((group) => {
    const { type, reason, message, atSeconds } = group[0]!
    return {
      lane: t('{type} event', { type }),
      what:
        group.length > 1
          ? t('{reason}, {n} times: {message}', { reason, n: group.length, message })
          : `${reason}: ${message}`,
      fromSeconds: atSeconds,
      toSeconds: group.length > 1 ? group.at(-1)!.atSeconds : undefined,
    }
  })
}

function summarize({ moments, endSeconds }: PodHistory): string {
  const last = moments.at(-1)
  if (!last) return t('The Pod was not created.')
  const ready = moments.find(({ isReady }) => isReady)
  const sentences = [
    startsOf(moments),
    ready
      ? t('The Pod was first ready after {at} s.', { at: ready.atSeconds.toFixed(1) })
      : t('The Pod was never ready.'),
  ]
  const reason = last.containers[0]?.state === 'waiting' ? last.containers[0].reason : ''
  sentences.push(
    last.isGone
      ? t('It was gone after {at} s.', { at: last.atSeconds.toFixed(1) })
      : reason
        ? t('After {at} s its phase is {phase}, and its container waits: {reason}.', {
            at: endSeconds,
            phase: last.phase,
            reason,
          })
        : t('After {at} s its phase is {phase}.', { at: endSeconds, phase: last.phase }),
  )
  return sentences.join(' ')
}

/** Counted by restarts, not by events: a kubelet that has sent many about one Pod drops further ones. */
function startsOf(moments: readonly PodMoment[]): string {
  const statuses = moments.flatMap(({ containers }) => containers)
  if (statuses.every(({ state, restarts }) => state === 'waiting' && restarts === 0))
    return t('No container was started.')
  const starts = Math.max(...statuses.map(({ restarts }) => restarts)) + 1
  if (starts === 2) return t('The container was started twice.')
  return tn(starts, 'The container was started once.', 'The container was started {n} times.')
}
