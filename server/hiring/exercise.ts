/** How a hiring exercise goes: folded of the acts of its stream. Pure. */
import type { Pause } from '../seats/candidate-life.ts'
import { newSitting, onSitting, type SittingEvent, type SittingLife } from '../sittings/life.ts'
import type { ExerciseAct, ExerciseActName } from './exercise-acts.ts'

export interface Course {
  life: SittingLife
  /** The oldest first. */
  pauses: readonly Pause[]
  /** What is left of an exercise whose time to be kept is over. */
  counts?: { invited: number; started: number; handedIn: number }
  /** Seats that somebody has scored. */
  scored: ReadonlySet<string>
}

export const newCourse: Course = { life: newSitting, pauses: [], scored: new Set() }

const lifeEvents: Partial<Record<ExerciseActName, SittingEvent>> = {
  opened: { event: 'open' },
  paused: { event: 'pause' },
  resumed: { event: 'resume' },
  closed: { event: 'close' },
  settled: { event: 'settle', owedGradings: 0 },
  archived: { event: 'archive' },
}

/** The exercise after one more act. What cannot follow leaves it as it is. */
export function afterAct(course: Course, { act, atMs, data }: ExerciseAct): Course {
  if (act === 'scored') return { ...course, scored: new Set(course.scored).add(data.seat) }
  const event = lifeEvents[act]
  if (act === 'erased' && course.life.state !== 'erased') {
    const { by: _, ...counts } = data
    return { ...course, life: { ...course.life, state: 'erased' }, counts, scored: new Set() }
  }
  const life = event && onSitting(course.life, event, atMs)
  if (!life || 'impossible' in life) return course
  const [last] = course.pauses.slice(-1)
  if (act === 'paused') return { ...course, life, pauses: [...course.pauses, { fromMs: atMs, toMs: null }] }
  // A pause ends also with the exercise.
  if ((act !== 'resumed' && act !== 'closed') || last?.toMs !== null) return { ...course, life }
  return { ...course, life, pauses: [...course.pauses.slice(0, -1), { ...last, toMs: Math.max(atMs, last.fromMs) }] }
}
