/** What a demo's panels show, in lessons and on the home page. Pure. */
import type { Demo } from '../catalog/types.ts'
import { type DemoRun, LabRefusal, type TimelineRow } from '../labs/types.ts'
import { layOutSequence, type SequenceDiagram } from '../render/sequence.ts'

export interface DemoModel {
  id: string
  title: string
  action: string
  /** The page it stands on. */
  page: string
  durationSeconds: number
  /** The manifest that may be changed; undefined when nothing may. */
  manifest: string | undefined
  /** As the lesson has it. */
  original: string | undefined
  isEdited: boolean
  steps: { at: string; title: string; text: string }[]
  run: DemoRunModel | undefined
  problem: string | undefined
}

export interface DemoRunModel {
  steps: DemoRun['steps']
  view: DemoRun['view']
  show: Demo['show']
  timeline: TimelineModel | undefined
  sequence: SequenceDiagram | undefined
  failed: boolean
}

export interface TimelineModel {
  width: number
  height: number
  ticks: { x: number; label: string }[]
  rows: {
    name: string
    y: number
    spans: { x: number; width: number; tone: string; word: string; fits: boolean; from: string; to: string }[]
  }[]
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
  return {
    id: demo.id,
    title: demo.title,
    action,
    page: action.replace(/\/demos\/.*/, ''),
    durationSeconds: demo.duration,
    original,
    manifest: original === undefined ? undefined : (outcome.manifest ?? original),
    isEdited: outcome.manifest !== undefined && outcome.manifest.trim() !== original?.trim(),
    steps: demo.steps
      .map((step, index) => ({ step, index }))
      .filter(({ index }) => index !== demo.edit)
      .map(({ step }) => ({
        at: `${step.at} s`,
        title: step.run ?? describe(step),
        text: step.apply ?? step.create ?? '',
      })),
    run: outcome.run && viewRun(outcome.run, demo.show, demo.duration),
    problem: outcome.problem,
  }
}

function describe(step: Demo['steps'][number]): string {
  if (step.apply !== undefined) return 'kubectl apply -f -'
  if (step.create !== undefined) return 'kubectl create -f -'
  if (step.evict) return `evict a Pod of ${step.evict.selector}`
  return step.fault ? `fault: ${Object.values(step.fault).join(' ')}` : ''
}

export function viewRun(run: DemoRun, show: Demo['show'], durationSeconds: number, width?: number): DemoRunModel {
  return {
    steps: run.steps,
    view: run.view,
    show,
    timeline: show.includes('timeline') ? layOutTimeline(run.timeline, durationSeconds, width) : undefined,
    sequence: show.includes('sequence') ? layOutSequence(run.sequence) : undefined,
    failed: run.steps.some(({ exit }) => exit !== 0),
  }
}

const nameWidth = 178
const fullWidth = 768
const rowHeight = 30

/** @param width of the whole picture, in pixels */
function layOutTimeline(rows: readonly TimelineRow[], seconds: number, width = fullWidth): TimelineModel | undefined {
  if (rows.length === 0) return undefined
  const plotWidth = width - nameWidth - 22
  const scale = (at: number) => nameWidth + (Math.min(at, seconds) / seconds) * plotWidth
  const step =
    [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 7200].find((size) => seconds / size <= plotWidth / 55) ??
    14_400
  const ticks = Array.from({ length: Math.floor(seconds / step) + 1 }, (_, n) => ({
    x: scale(n * step),
    label: `${n * step} s`,
  }))
  return {
    width,
    height: rows.length * rowHeight + 34,
    ticks,
    rows: rows.map((row, n) => ({
      name: row.name,
      y: n * rowHeight + 6,
      spans: row.spans.map((span) => {
        const x = scale(span.fromSeconds)
        const width = Math.max(2, scale(span.toSeconds) - x)
        return {
          x,
          width,
          tone: span.tone,
          word: span.word,
          fits: width > span.word.length * 7 + 10,
          from: span.fromSeconds.toFixed(1),
          to: span.toSeconds.toFixed(1),
        }
      }),
    })),
  }
}
