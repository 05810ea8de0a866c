/** How a hiring exercise goes: folded of the acts of its stream. Pure. */
import type { Pause } from '../seats/candidate-life.ts'
import { newSitting, onSitting, type SittingEvent, type SittingLife } from '../sittings/life.ts'
import type { ExerciseAct, ExerciseActName } from './exercise-acts.ts'
import { afterRegradeAct, noRegradings, type RegradeAct, type Regradings, regradeForms } from './regrade.ts'

export interface Course {
  life: SittingLife
  /** The oldest first. */
  pauses: readonly Pause[]
  /** Seats that somebody has scored. */
  scored: ReadonlySet<string>
  /** How far those had come who were erased: by erasure. */
  erased: ReadonlyMap<string, { state: string; isScored: boolean }>
  regradings: Regradings
}

export const newCourse: Course = {
  ...{ life: newSitting, pauses: [], scored: new Set(), erased: new Map() },
  regradings: noRegradings,
}

const lifeEvents: Partial<Record<ExerciseActName, SittingEvent>> = {
  opened: { event: 'open' },
  paused: { event: 'pause' },
  resumed: { event: 'resume' },
  closed: { event: 'close' },
  settled: { event: 'settle', owedGradings: 0 },
  archived: { event: 'archive' },
  emptied: { event: 'erase' },
}

/** The exercise after one more act. What cannot follow leaves it as it is. */
export function afterAct(course: Course, given: ExerciseAct): Course {
  const { act, atMs, data } = given
  if (act === 'scored') return { ...course, scored: new Set(course.scored).add(data.seat) }
  if (act === 'erased') {
    const { erasure, state, isScored } = data
    return { ...course, erased: new Map(course.erased).set(erasure, { state, isScored }) }
  }
  if (isRegradeAct(given)) {
    const { by, ...said } = given.data
    const regrading = { act: given.act, by, atMs, data: said } as RegradeAct
    return { ...course, regradings: afterRegradeAct(course.regradings, regrading) }
  }
  const event = lifeEvents[act]
  const life = event && onSitting(course.life, event, atMs)
  if (!life || 'impossible' in life) return course
  const [last] = course.pauses.slice(-1)
  if (act === 'paused') return { ...course, life, pauses: [...course.pauses, { fromMs: atMs, toMs: null }] }
  // A pause ends also with the exercise.
  if ((act !== 'resumed' && act !== 'closed') || last?.toMs !== null) return { ...course, life }
  return { ...course, life, pauses: [...course.pauses.slice(0, -1), { ...last, toMs: Math.max(atMs, last.fromMs) }] }
}

const isRegradeAct = (given: ExerciseAct): given is Extract<ExerciseAct, { act: RegradeAct['act'] }> =>
  Object.hasOwn(regradeForms, given.act)
