/** The timeline of a graded run: when each check held, what was done, what happened, and one moment of it. Pure. */
import type { TestResult } from '../../../sim/index.ts'
import type { Challenge } from '../../catalog/types.ts'
import { t } from '../../i18n/translate.ts'
import type { ClusterView, Happening, RunMoment } from '../../labs/types.ts'
import { faultTitle, lineOf } from '../../labs/views/command-line.ts'
import { gradedRun } from '../../storage/evidence.ts'
import type { Attempt, Grading } from '../../storage/types.ts'
import { printClock, scrubStepMs } from '../clock.ts'
import { summaryOf } from '../cluster-summary.ts'
import { backTo, type ClusterModel, clusterId } from '../desk/cluster.ts'
import { hasFaults, hrefOf, secondsOf } from '../desk/jump.ts'
import { marksOver, type Slider, sliderOf } from '../time-bar.ts'

/** What the address asks for. */
export interface WantedMoment {
  /** Checks of the challenge that learners see and that have faults of their own, by id. */
  faulted: ReadonlySet<string>
  /** A check with faults of its own: the run that went on with them. */
  after: TestResult | undefined
  /** Milliseconds since the hand-over; the end unless told. */
  atMs: number | undefined
}

/** The cluster then, or why it cannot be shown. */
export type Shown = RunMoment | { problem: string }

export interface RunModel {
  page: string
  /** The check whose faults this run went on with. */
  after: string
  branches: { title: string; href: string; isActive: boolean }[]
  /** Somebody asked for a moment. */
  isMoment: boolean
  clock: string
  endClock: string
  endMs: number
  /** In seconds. */
  slider: Slider
  /** Places on the axis, as shares of the run. */
  cursor: string
  /** When the verdict was due, in a run that goes on. */
  verdict: string | undefined
  ticks: { x: string; anchor: string; label: string }[]
  lanes: Lane[]
  marks: MarkLane[]
  moments: MomentRow[]
  /** Of so many, not listed. */
  more: number
  previous: Change | undefined
  next: Change | undefined
  /** In a sentence, for who does not see the picture. */
  status: string
  problem: string
  /** The same commands make another run today. */
  isOther: boolean
  /** It was graded before anybody kept when checks held. */
  hasNoCourses: boolean
  view: ClusterView | undefined
}

/** The cluster of a moment of the run, on the desk that was graded. @param desk the address of its page */
export function viewThen(run: RunModel, desk: string): ClusterModel {
  const { clock, endClock, endMs, page, slider, view } = run
  const done = run.moments.filter(({ kind }) => kind === 'command')
  return {
    view,
    summary: view ? summaryOf(view) : '',
    note: t('As it was when it was graded.'),
    problem: run.problem,
    time: {
      clock,
      endClock,
      atMs: slider.value * slider.unitMs,
      endMs,
      isPast: true,
      speed: 0,
      state: t('of {end}', { end: endClock }),
      slider: {
        ...slider,
        action: page,
        kept: [...slider.kept, { name: 'in', value: 'desk' }],
        target: clusterId,
        isPushed: false,
        marks: marksOver(
          endMs,
          done.map(({ atMs, text }) => ({ atMs, words: { typed: text } })),
        ),
      },
      speeds: [],
      buttons: [],
      does: undefined,
      back: { href: backTo(desk), target: clusterId },
      branch: undefined,
      mayPlay: false,
    },
  }
}

export interface Lane {
  title: string
  isGate: boolean
  /** At the moment that is shown. */
  state: { tone: LaneTone; icon: string; word: string }
  spans: { x: string; width: string; tone: LaneTone; word: string; from: string; to: string }[]
  /** The part of the run that decides. */
  deciding: { from: string; to: string; word: string } | undefined
  note: string
}

/** `none`: nobody can tell. */
export type LaneTone = 'ready' | 'waiting' | 'failing' | 'none'

export interface MarkLane {
  kind: MomentKind
  title: string
  points: { x: string; to: string | undefined; label: string }[]
}

export type MomentKind = 'command' | 'fault' | 'loss' | 'event' | 'check' | 'verdict'

export interface MomentRow {
  kind: MomentKind
  atMs: number
  clock: string
  href: string
  text: string
  /** In place of the text: a check in its author's words, and what became of it. */
  check: { title: string; word: string } | undefined
  isShown: boolean
}

interface Change {
  seconds: string
  clock: string
}

/** Rows of the list at most: who flaps ten times a minute is told by the picture. */
const mostRows = 300
/** Turns of all checks that are drawn at most. */
const mostTurns = 5000

export function viewRun(
  page: string,
  attempt: Attempt,
  grading: Grading,
  { faulted, after, atMs: askedMs }: WantedMoment,
  shown: Shown,
): RunModel {
  const checks = visibleChecks(grading)
  const verdictMs = grading.result.virtualMs
  const endMs = after?.course?.endMs ?? verdictMs
  const atMs = Math.min(askedMs ?? endMs, endMs)
  const share = (ms: number) => `${((Math.min(Math.max(ms, 0), endMs) / Math.max(1, endMs)) * 100).toFixed(2)}%`
  const happenings = 'problem' in shown ? [] : shown.happenings
  const hrefAt = (ms: number) => hrefOf(page, after?.id, ms)
  const events = eventsOf(attempt, grading, checks, after, happenings).filter((one) => one.atMs <= Math.ceil(endMs))
  const moments = events.slice(0, mostRows).map(({ kind, atMs: ms, text, check }) => ({
    kind,
    atMs: ms,
    clock: printClock(ms),
    href: hrefAt(ms),
    text,
    check,
    isShown: secondsOf(ms) === secondsOf(atMs),
  }))
  const change = (ms: number | undefined) =>
    ms === undefined ? undefined : { seconds: secondsOf(ms), clock: printClock(ms) }
  const lanes = checks.map((check) =>
    viewLane(check, after, atMs, { endMs, share }, Math.ceil(mostTurns / checks.length)),
  )
  const stepMs = scrubStepMs(endMs)
  return {
    page,
    after: after?.id ?? '',
    branches: branchesOf(page, checks, faulted, after),
    isMoment: askedMs !== undefined || after !== undefined,
    clock: printClock(atMs),
    endClock: printClock(endMs),
    endMs,
    slider: {
      ...sliderOf(atMs, endMs, false, [], {
        label: t('Moment of the run'),
        action: `${page}#run`,
        kept: after ? [{ name: 'after', value: after.id }] : [],
        target: '#run',
        isPushed: true,
      }),
      value: Number(secondsOf(atMs)),
      max: (Math.ceil(endMs / stepMs) * stepMs) / 1000,
      step: stepMs / 1000,
      unitMs: 1000,
      endMs,
    },
    cursor: share(atMs),
    verdict: endMs > verdictMs ? share(verdictMs) : undefined,
    ticks: ticksOf(endMs, share),
    lanes,
    marks: markLanes(events, happenings, share),
    moments,
    more: events.length - moments.length,
    previous: change(events.findLast((one) => one.atMs < Math.floor(atMs))?.atMs),
    next: change(events.find((one) => one.atMs > Math.ceil(atMs))?.atMs),
    status: statusOf(atMs, lanes, shown),
    problem: 'problem' in shown ? shown.problem : '',
    isOther: 'isGradedRun' in shown && !shown.isGradedRun,
    hasNoCourses: checks.every(({ test }) => !test.course) && checks.some(({ test }) => test.status !== 'skipped'),
    view: 'view' in shown ? shown.view : undefined,
  }
}

interface Visible {
  test: TestResult
  isGate: boolean
}

/** What learners may see of a grading's checks. */
const visibleChecks = ({ result }: Grading): Visible[] =>
  [
    ...result.tests.map((test) => ({ test, isGate: false })),
    ...result.gates.map((test) => ({ test, isGate: true })),
  ].filter(({ test }) => !test.hidden)

/** The check that `?after=` names; undefined when it is none that learners see, or has no faults of its own. */
export const branchNamed = (grading: Grading, faulted: ReadonlySet<string>, id: string): TestResult | undefined =>
  visibleChecks(grading).find(({ test }) => test.id === id && faulted.has(id) && hasFaults(test))?.test

/** The checks of a challenge that a run may go on with. */
export const faultedChecks = ({ spec }: Challenge): ReadonlySet<string> =>
  new Set(spec.checks.filter(({ given, hidden }) => given?.length && !hidden).map(({ id }) => id))

function branchesOf(
  page: string,
  checks: readonly Visible[],
  faulted: ReadonlySet<string>,
  after: TestResult | undefined,
): RunModel['branches'] {
  const branches = checks.filter(({ test }) => hasFaults(test) && faulted.has(test.id))
  if (branches.length === 0) return []
  return [
    { title: t('As it was graded'), href: `${page}#run`, isActive: !after },
    ...branches.map(({ test }) => ({
      title: test.title,
      href: `${page}?after=${encodeURIComponent(test.id)}#run`,
      isActive: test.id === after?.id,
    })),
  ]
}

// ---------- lanes ----------

interface Scale {
  endMs: number
  share: (ms: number) => string
}

function viewLane(
  { test, isGate }: Visible,
  after: TestResult | undefined,
  atMs: number,
  { endMs, share }: Scale,
  most: number,
): Lane {
  const { course } = test
  // What was judged on a run that went on is told in the run that went on with them.
  const isElsewhere = hasFaults(test) && test.id !== after?.id
  const courseEndMs = Math.min(course?.endMs ?? endMs, endMs)
  const spans = isElsewhere ? [] : (course?.spans ?? [])
  const firstHeldMs = spans.find(({ holds }) => holds)?.fromMs ?? Number.POSITIVE_INFINITY
  const told = spans.map(({ fromMs, holds }, n) => {
    const toMs = spans[n + 1]?.fromMs ?? courseEndMs
    const wasHeld = firstHeldMs < fromMs
    const tone: LaneTone = holds ? 'ready' : wasHeld || isGate ? 'failing' : 'waiting'
    return { fromMs, toMs, tone, word: wordsOf(tone, isGate) }
  })
  const now = atMs > courseEndMs ? undefined : told.findLast(({ fromMs }) => fromMs <= atMs)
  const tone = now?.tone ?? 'none'
  const unseenWord = (): string => {
    if (!course) return t('not looked at')
    if (isElsewhere) return t('judged on a run that went on')
    if (spans.length === 0)
      return test.status === 'pass' ? t('tried at the end: passed') : t('tried at the end: failed')
    return atMs > courseEndMs ? t('decided by then') : t('not looked at yet')
  }
  return {
    title: test.title,
    isGate,
    state: { tone, icon: icons[tone], word: now ? sinceOf(now, isGate, course?.fromMs ?? 0) : unseenWord() },
    spans: told.slice(0, most).map(({ fromMs, toMs, tone, word }) => ({
      x: share(fromMs),
      width: `${Math.max(0.2, Number.parseFloat(share(toMs)) - Number.parseFloat(share(fromMs))).toFixed(2)}%`,
      tone,
      word,
      from: printClock(fromMs),
      to: printClock(toMs),
    })),
    deciding: course && !isElsewhere && told.length > 0 ? decidingOf(course.deciding, share) : undefined,
    note: told.length > most ? t('Only its first {n} turns are drawn.', { n: most }) : noteOf(test, isElsewhere),
  }
}

const icons: Record<LaneTone, string> = { ready: '✓', waiting: '○', failing: '✕', none: '–' }

function wordsOf(tone: LaneTone, isGate: boolean): string {
  if (tone === 'ready') return isGate ? t('kept') : t('holds')
  return tone === 'waiting' ? t('not yet') : isGate ? t('broken') : t('lost')
}

function sinceOf(
  { fromMs, tone, word }: { fromMs: number; tone: LaneTone; word: string },
  isGate: boolean,
  startMs: number,
) {
  if (tone === 'waiting' || fromMs <= startMs) return word
  const clock = printClock(fromMs)
  if (tone === 'ready')
    return isGate ? t('kept again since {clock}', { clock }) : t('has held since {clock}', { clock })
  return isGate ? t('broken since {clock}', { clock }) : t('held before, and is lost since {clock}', { clock })
}

function decidingOf({ fromMs, toMs }: { fromMs: number; toMs: number }, share: Scale['share']): Lane['deciding'] {
  const [from, to] = [printClock(fromMs), printClock(toMs)]
  return {
    from: share(fromMs),
    to: share(toMs),
    word: from === to ? t('decided at {to}', { to }) : t('decided from {from} to {to}', { from, to }),
  }
}

function noteOf({ status, course }: TestResult, isElsewhere: boolean): string {
  if (status === 'skipped') return t('Another check comes first.')
  if (isElsewhere) {
    const faults = [...new Set((course?.faults ?? []).map(faultTitle))].join('; ')
    if (faults === '')
      return t('It was judged on a run that went on after yours, in which somebody else changed something.')
    return t('It was judged on a run that went on after yours, with faults: {faults}.', { faults })
  }
  if (!course?.isTriedAtEnd || course.spans.length === 0) return ''
  return status === 'pass'
    ? t('At the end it sent requests as well, and passed.')
    : t('At the end it sent requests as well, and failed.')
}

// ---------- what was done and what happened ----------

interface Told {
  kind: MomentKind
  atMs: number
  text: string
  check?: MomentRow['check']
}

/** In order, each at the whole millisecond at which it can be seen. */
function eventsOf(
  attempt: Attempt,
  grading: Grading,
  checks: readonly Visible[],
  after: TestResult | undefined,
  happenings: readonly Happening[],
): Told[] {
  const { log, proof } = gradedRun(attempt, grading)
  const told: Told[] = [
    { kind: 'verdict', atMs: 0, text: t('The cluster is handed over.') },
    ...(proof === 'differs' ? [] : log).map(
      ({ atMs, command }): Told => ({
        kind: 'command',
        atMs,
        text: lineOf(command),
      }),
    ),
    ...checks.filter(({ test }) => !hasFaults(test) || test.id === after?.id).flatMap(turnsOf),
    { kind: 'verdict', atMs: grading.result.virtualMs, text: t('The verdict is due.') },
    ...happenings.map(tellHappening),
  ]
  return told.map((one) => ({ ...one, atMs: Math.ceil(one.atMs) })).sort((a, b) => a.atMs - b.atMs)
}

function turnsOf({ test: { title, course }, isGate }: Visible): Told[] {
  return (course?.spans ?? []).slice(1).map(({ fromMs, holds }) => {
    const tone = holds ? 'ready' : 'failing'
    return { kind: 'check', atMs: fromMs, text: '', check: { title, word: wordsOf(tone, isGate) } }
  })
}

function tellHappening(one: Happening): Told {
  switch (one.what) {
    case 'fault':
      return { kind: 'fault', atMs: one.atMs, text: faultTitle(one.fault) }
    case 'loss': {
      const { sent, failed, url } = one
      const to = printClock(one.untilMs)
      return {
        kind: 'loss',
        atMs: one.atMs,
        text: t('{failed} of {sent} requests to {url} are lost until {to}', { failed, sent, url, to }),
      }
    }
    case 'event':
      return { kind: 'event', atMs: one.atMs, text: `${one.object}: ${one.reason}, ${one.message}` }
  }
}

function markLanes(events: readonly Told[], happenings: readonly Happening[], share: Scale['share']): MarkLane[] {
  const points = (kind: MomentKind) =>
    events
      .filter((one) => one.kind === kind)
      .map(({ atMs, text }) => ({ x: share(atMs), to: undefined, label: `${printClock(atMs)} ${text}` }))
  const losses = happenings.flatMap((one) =>
    one.what === 'loss' ? [{ x: share(one.atMs), to: share(one.untilMs), label: tellHappening(one).text }] : [],
  )
  const lanes: MarkLane[] = [
    { kind: 'command', title: t('Your commands'), points: points('command') },
    { kind: 'fault', title: t('Faults'), points: points('fault') },
    { kind: 'loss', title: t('Lost requests'), points: losses },
    { kind: 'event', title: t('Warnings and turns'), points: points('event') },
  ]
  return lanes.filter((lane) => lane.points.length > 0)
}

// ---------- the axis ----------

function ticksOf(endMs: number, share: Scale['share']): RunModel['ticks'] {
  const seconds = endMs / 1000
  const step =
    [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600].find((size) => seconds / size <= 6) ??
    Math.ceil(seconds / 6 / 3600) * 3600
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, n) => {
    const ms = n * step * 1000
    const isLast = ms > endMs * 0.95
    return { x: share(ms), anchor: n === 0 ? 'start' : isLast ? 'end' : 'middle', label: printClock(ms).slice(0, -2) }
  })
}

function statusOf(atMs: number, lanes: readonly Lane[], shown: Shown): string {
  const seen = lanes.filter(({ state }) => state.tone !== 'none')
  const held = seen.filter(({ state }) => state.tone === 'ready').length
  const checks = t('At {clock}: {held} of {all} checks hold.', { clock: printClock(atMs), held, all: seen.length })
  return 'view' in shown ? `${checks} ${summaryOf(shown.view)}` : checks
}
