/** What became of one Pod over a run, version by version: it crosses processes, so it holds no functions. */

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
