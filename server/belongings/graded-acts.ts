/** Acts that hold results of gradings, with the results changed. Pure. */
import type { GradeResult } from '../../sim/index.ts'
import type { KnownAct } from '../journal/acts/registry.ts'

/** @param change of one result; the challenge by its id */
export function withResults(
  act: KnownAct,
  change: (result: GradeResult, challengeId: string) => GradeResult,
): KnownAct {
  const challengeId = (act.item ?? '').replace(/^challenge:/, '')
  switch (act.act) {
    case 'graded':
      return { ...act, data: { ...act.data, result: change(act.data.result, challengeId) } }
    case 'verified':
      return { ...act, data: { ...act.data, result: change(act.data.result, challengeId) } }
    case 'attempt-brought': {
      const { attempt } = act.data
      const gradings = attempt.gradings.map((one) => ({ ...one, result: change(one.result, challengeId) }))
      return { ...act, data: { attempt: { ...attempt, gradings } } }
    }
    default:
      return act
  }
}
