/**
 * What an explorer is, what it needs of a run, and what it gets back. Scenarios, histories and runs cross processes, so
 * they hold no functions.
 */
import type { PodHistory } from './pod-history.ts'
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
