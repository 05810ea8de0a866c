/** The life of a sitting: from a draft to nothing but counts. Pure. */

export type SittingState = 'draft' | 'scheduled' | 'open' | 'paused' | 'closing' | 'closed' | 'archived' | 'erased'

export interface SittingLife {
  state: SittingState
  /** Opens by itself then. */
  opensAtMs: number | null
  /** Closes by itself then, paused or not. */
  closesAtMs: number | null
  /** When it began to close: what was begun before is taken for a while. */
  closingAtMs: number | null
}

export type SittingEvent =
  | { event: 'schedule'; opensAtMs: number; closesAtMs: number | null }
  | { event: 'open' | 'pause' | 'resume' | 'close' | 'archive' | 'erase' }
  /** Nothing is owed any more: all that was handed in is graded. */
  | { event: 'settle'; owedGradings: number }

/** Why it cannot be: the state in which it is, or what is missing. */
export type Impossible = { impossible: 'state' | 'time' | 'owed' }

/** What was typed before the end may arrive so much later: a browser was away. */
export const graceMs = 15_000

export const newSitting: SittingLife = { state: 'draft', opensAtMs: null, closesAtMs: null, closingAtMs: null }

/** One's own practice: nobody opens or closes it. */
export const practiceLife: SittingLife = { ...newSitting, state: 'open' }

const next: Readonly<Record<SittingState, Partial<Record<SittingEvent['event'], SittingState>>>> = {
  draft: { schedule: 'scheduled', open: 'open', erase: 'erased' },
  scheduled: { schedule: 'scheduled', open: 'open', erase: 'erased' },
  open: { pause: 'paused', close: 'closing' },
  paused: { resume: 'open', close: 'closing' },
  closing: { settle: 'closed' },
  closed: { archive: 'archived', erase: 'erased' },
  archived: { erase: 'erased' },
  erased: {},
}

/** As it stands at that moment: what is due by the clock has happened. */
export function sittingAt(life: SittingLife, nowMs: number): SittingLife {
  const { state, opensAtMs, closesAtMs } = life
  const isOver = closesAtMs !== null && nowMs >= closesAtMs
  if (state === 'scheduled' && opensAtMs !== null && nowMs >= opensAtMs)
    return sittingAt({ ...life, state: 'open' }, nowMs)
  // As of then, whenever somebody looks.
  if ((state === 'open' || state === 'paused') && isOver) return { ...life, state: 'closing', closingAtMs: closesAtMs }
  return life
}

/** What becomes of it. */
export function onSitting(before: SittingLife, given: SittingEvent, nowMs: number): SittingLife | Impossible {
  const life = sittingAt(before, nowMs)
  const state = next[life.state][given.event]
  if (!state) return { impossible: 'state' }
  switch (given.event) {
    case 'schedule': {
      const { opensAtMs, closesAtMs } = given
      if (closesAtMs !== null && closesAtMs <= Math.max(opensAtMs, nowMs)) return { impossible: 'time' }
      return sittingAt({ ...life, state, opensAtMs, closesAtMs }, nowMs)
    }
    case 'close':
      return { ...life, state, closingAtMs: nowMs }
    case 'settle':
      if (given.owedGradings > 0) return { impossible: 'owed' }
      return nowMs < life.closingAtMs! + graceMs ? { impossible: 'time' } : { ...life, state }
    default:
      return { ...life, state }
  }
}
