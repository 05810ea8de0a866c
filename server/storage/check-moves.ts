/** What differs between two gradings of the same work, check by check. Pure. */
import type { GradeResult } from '../../sim/index.ts'

/** A check whose points change; one that only the former or the new content has stands at null on the other side. */
export interface CheckMove {
  id: string
  title: string
  before: number | null
  after: number | null
  /** What the grader says of it now. */
  message: string
}

/** @returns those whose points or whose standing are others now, in the order of the former grading */
export function checkMoves(was: GradeResult, now: GradeResult): CheckMove[] {
  const former = new Map([...was.tests, ...was.gates].map((test) => [test.id, test]))
  const present = new Map([...now.tests, ...now.gates].map((test) => [test.id, test]))
  return [...new Set([...former.keys(), ...present.keys()])].flatMap((id): CheckMove[] => {
    const [one, other] = [former.get(id), present.get(id)]
    if (one && other && one.points === other.points && one.status === other.status) return []
    const title = (other ?? one)!.title
    return [{ id, title, before: one?.points ?? null, after: other?.points ?? null, message: other?.message ?? '' }]
  })
}
