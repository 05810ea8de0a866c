/** What a demo's panels show, in lessons and on the home page. Pure. */
import type { Demo } from '../catalog/types.ts'
import { msg, t } from '../i18n/translate.ts'
import { type DemoRun, LabRefusal, type MomentView, type TimelineRow } from '../labs/types.ts'
import { printedText } from '../render/command-output.ts'
import { renderInline } from '../render/markdown.ts'
import { layOutSequence, type SequenceDiagram } from '../render/sequence.ts'
import { type PlacedSpan, placeSpan, type Tick, ticksOf } from '../render/time-axis.ts'
import { type Change, changesBetween } from './changes.ts'
import { printClock } from './clock.ts'
import { marksOver, sliderOf, type TimeBar } from './time-bar.ts'

export interface DemoModel {
  id: string
  title: string
  /** What to predict before the run, as HTML. */
  predict: string | undefined
  action: string
  /** The page it stands on. */
  page: string
  durationSeconds: number
  /** The manifest that may be changed; undefined when nothing may. */
  manifest: string | undefined
  /** As the lesson has it. */
  original: string | undefined
  isEdited: boolean
  /** The lines of it that the lesson speaks of, as far as they are still there. */
  marks: { line: number; text: string }[]
  steps: { at: string; title: string; text: string }[]
  run: DemoRunModel | undefined
  problem: string | undefined
}

export interface DemoRunModel {
  steps: (DemoRun['steps'][number] & { text: string })[]
  /** So many of them, the first, are folded. */
  folded: number
  view: DemoRun['view']
  show: Demo['show']
  /** Undefined where there is nothing to play. */
  played: PlayedModel | undefined
  timeline: TimelineModel | undefined
  sequence: SequenceDiagram | undefined
  failed: boolean
}

/** A run that can be played. */
export interface PlayedModel {
  time: TimeBar
  moments: PlayedMoment[]
}

export interface PlayedMoment extends MomentView {
  clock: string
  /** What was done from outside since the moment before. */
  typed: string[]
  /** What has changed since then; of many the first, and how many more. */
  changes: Change[]
  more: number
}

export interface TimelineModel {
  endMs: number
  ticks: Tick[]
  rows: { name: string; spans: (PlacedSpan & { tone: string; word: string; from: string; to: string })[] }[]
}

export interface DemoOutcome {
  manifest?: string
  run?: DemoRun
  problem?: string
}

/** Runs a demo and keeps what went wrong as an outcome: a refused manifest is something to read, not an error page. */
export async function tryDemo(act: () => Promise<DemoRun>, manifest?: string): Promise<DemoOutcome> {
  try {
    return { manifest, run: await act() }
  } catch (error) {
    if (error instanceof LabRefusal) return { manifest, problem: error.message }
    throw error
  }
}

export function viewDemo(demo: Demo, action: string, outcome: DemoOutcome = {}): DemoModel {
  const original = demo.edit === undefined ? undefined : demo.steps[demo.edit]?.apply
  const manifest = original === undefined ? undefined : (outcome.manifest ?? original)
  return {
    id: demo.id,
    title: demo.title,
    predict: demo.predict && renderInline(demo.predict),
    action,
    page: action.replace(/\/demos\/.*/, ''),
    durationSeconds: demo.duration,
    original,
    manifest,
    marks: (manifest ?? '')
      .split('\n')
      .map((text, n) => ({ line: n + 1, text: text.trim() }))
      .filter(({ text }) => demo.mark?.includes(text)),
    isEdited: outcome.manifest !== undefined && outcome.manifest.trim() !== original?.trim(),
    steps: demo.steps
      .map((step, index) => ({ step, index }))
      .filter(({ index }) => index !== demo.edit)
      .map(({ step }) => ({
        at: `${step.at} s`,
        title: step.run ?? step.helm ?? describe(step),
        text: step.apply ?? step.create ?? '',
      })),
    run: outcome.run && viewRun(outcome.run, demo.show, demo.duration, { id: demo.id }),
    problem: outcome.problem,
  }
}

function describe(step: Demo['steps'][number]): string {
  if (step.apply !== undefined) return 'kubectl apply -f -'
  if (step.create !== undefined) return 'kubectl create -f -'
  if (step.node !== undefined) return `ssh ${step.node} ${step.line}`
  if (step.evict) return `evict a Pod of ${step.evict.selector}`
  return step.fault ? `fault: ${Object.values(step.fault).join(' ')}` : ''
}

/** @param id of the demo, on a page with others; without it the run is not played */
export function viewRun(
  run: DemoRun,
  show: Demo['show'],
  durationSeconds: number,
  { id }: { id?: string } = {},
): DemoRunModel {
  const isPlayed = show.includes('objects') && run.moments.length > 1 && run.moments.some(({ pods }) => pods.length > 0)
  return {
    steps: run.steps.map((step) => ({ ...step, text: printedText(step) })),
    folded: foldedOf(run.steps),
    view: run.view,
    show,
    played: id && isPlayed ? viewPlayed(run, id) : undefined,
    timeline: show.includes('timeline') ? layOutTimeline(run.timeline, durationSeconds) : undefined,
    sequence: show.includes('sequence') ? layOutSequence(run.sequence) : undefined,
    failed: run.steps.some(({ exit }) => exit !== 0),
  }
}

/** What is longer than a screen is folded from its beginning, up to the first command that failed: what the text speaks of is in sight. */
function foldedOf(steps: DemoRun['steps']): number {
  const linesOf = (step: DemoRun['steps'][number]): number => 1 + printedText(step).trimEnd().split('\n').length
  let lines = 0
  const fits = steps.findLastIndex((step, n) => {
    lines += linesOf(step)
    return lines > mostLines && n < steps.length - leastSteps
  })
  const failed = steps.findIndex(({ exit }) => exit !== 0)
  return Math.min(fits + 1, failed < 0 ? steps.length : failed)
}
const mostLines = 40
const leastSteps = 3

/** Lines that a moment tells at most. */
const mostChanges = 8

function viewPlayed({ moments, steps }: DemoRun, id: string): PlayedModel {
  const endMs = moments.at(-1)!.atMs
  const clock = printClock(endMs)
  const done = steps.map(({ atSeconds, title }) => ({ atMs: atSeconds * 1000, words: { typed: title } }))
  const told = moments.map((moment, n) => {
    const before = moments[n - 1]
    const changes = before ? changesBetween(before, moment) : []
    return {
      ...moment,
      clock: printClock(moment.atMs),
      typed: done
        .filter(({ atMs }) => atMs > (before?.atMs ?? -1) && atMs <= moment.atMs)
        .map(({ words }) => words.typed),
      changes: changes.slice(0, mostChanges),
      more: Math.max(0, changes.length - mostChanges),
    }
  })
  return {
    time: {
      ...{ clock, endClock: clock, atMs: endMs, endMs, isPast: false, speed: 0 },
      state: t('the end of {n} s', { n: Math.round(endMs / 1000) }),
      slider: sliderOf(endMs, endMs, false, marksOver(endMs, done), {
        id: `moment-${id}`,
        label: t('Moment of the run'),
        action: undefined,
      }),
      speeds: [0, ...(endMs > 180_000 ? [10, 60, 600] : [1, 10, 60])].map((value) => ({
        value,
        label: value === 0 ? t('Pause') : `▶ ${value}×`,
        isActive: value === 0,
      })),
      buttons: [{ id: 'step', value: 'step', label: msg('Next change') }],
      does: 'script',
      ...{ back: undefined, branch: undefined, mayPlay: false },
    },
    moments: told.filter(({ typed, changes }, n) => n === 0 || typed.length > 0 || changes.length > 0),
  }
}

function layOutTimeline(rows: readonly TimelineRow[], seconds: number): TimelineModel | undefined {
  if (rows.length === 0) return undefined
  return {
    endMs: seconds * 1000,
    ticks: ticksOf(seconds),
    rows: rows.map(({ name, spans }) => ({
      name,
      spans: spans.map((span) => ({
        ...placeSpan(span, seconds, [span.word]),
        ...{ tone: span.tone, word: span.word },
        ...{ from: span.fromSeconds.toFixed(1), to: span.toSeconds.toFixed(1) },
      })),
    })),
  }
}
