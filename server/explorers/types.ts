/**
 * What an explorer is, what it needs of a run, and what it gets back. Scenarios, histories and runs cross processes, so
 * they hold no functions.
 */
import type { PodTimeline } from './pod-timeline.ts'
import type { Fields } from './settings.ts'

/** A form whose settings a simulated cluster plays out, and how the run is shown. */
export interface ExplorerType {
  fields: Fields
  /** Every control in one of them, in the order of the form. */
  groups: readonly ControlGroup[]
  /** What a run of the form's first state is called. */
  firstName: string
  /** Reads what a form, an address or a preset gives. A control that is not named has its first value. */
  read(given: Readonly<Record<string, string | undefined>>): ExplorerReading
}

export interface ControlGroup {
  title: string
  controls: readonly string[]
  /** The value of the first control by which the others mean nothing: such a group is folded. */
  unused?: string
}

export interface ExplorerReading {
  /** The text of every control, as given or as it is at first. */
  values: Record<string, string>
  /** What to fix, by control. */
  problems: Record<string, string>
  /** Missing while there are problems. */
  plan: ExplorerPlan | undefined
}

export interface ExplorerPlan {
  scenario: PodScenario
  /** Whose life is looked at. */
  pod: { namespace: string; name: string }
  /** What the settings stand for, as a learner would write it. */
  manifest: string
  view(history: PodHistory): PodTimeline
}

/** A run that an explorer asks for: a scenario about one Pod. */
export interface PodScenario {
  nodes: { name: string; cpu: string; memory: string }[]
  absent: string[]
  duration: number
  steps: { at: number; apply?: string; run?: string }[]
}

/** One version of the Pod, as the API server kept it. Seconds count from the start of the run. */
export interface PodMoment {
  atSeconds: number
  /** The object was removed: this is its last version. */
  isGone: boolean
  isDeleting: boolean
  phase: string
  isReady: boolean
  containers: ContainerMoment[]
}

export interface ContainerMoment {
  name: string
  state: 'waiting' | 'running' | 'terminated'
  reason: string
  exitCode: number | undefined
  restarts: number
  /** False while a startup probe has not passed. */
  isStarted: boolean
  /** The end of the run before this one, from `lastState`. Kubernetes keeps whole seconds. */
  last: { exitCode: number; reason: string; finishedSeconds: number } | undefined
}

export interface PodOccurrence {
  atSeconds: number
  type: string
  reason: string
  message: string
}

/** All versions of a Pod and all events about it, in order of time. */
export interface PodHistory {
  endSeconds: number
  moments: PodMoment[]
  occurrences: PodOccurrence[]
}

/** What was typed, what it said, and what became of the Pod. */
export interface PodRun {
  steps: { atSeconds: number; title: string; exit: number; stdout: string; stderr: string }[]
  history: PodHistory
}
