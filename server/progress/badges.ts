/** Badges of an exam's domains, and days of practice. Neither a later mistake nor a day that was missed takes anything away. Pure. */

/** What a domain asks for. */
export const badgeConditions = { share: 0.6, tasks: 2 }

export interface Badge {
  id: string
  /** Questions right of so many that are needed; never more than there are. */
  questions: { right: number; needed: number }
  /** Tasks passed of so many that are needed; none needed where the domain has none. */
  tasks: { passed: number; needed: number }
  isEarned: boolean
}

interface Domain {
  id: string
  /** Of questions. */
  questions: readonly string[]
  /** Of challenges. */
  tasks: readonly string[]
}

export function badgesOf(domains: readonly Domain[], right: ReadonlySet<string>, passed: ReadonlySet<string>): Badge[] {
  return domains
    .filter(({ questions, tasks }) => questions.length + tasks.length > 0)
    .map(({ id, questions, tasks }) => {
      const asked = {
        right: questions.filter((one) => right.has(one)).length,
        needed: Math.ceil(questions.length * badgeConditions.share),
      }
      const done = {
        passed: tasks.filter((one) => passed.has(one)).length,
        needed: Math.min(badgeConditions.tasks, tasks.length),
      }
      return { id, questions: asked, tasks: done, isEarned: asked.right >= asked.needed && done.passed >= done.needed }
    })
}

const dayMs = 24 * 3_600_000

/** Days on which something was answered, graded or read, in all and of the last seven. @param moments milliseconds since 1970 */
export function daysOfPractice(moments: readonly number[], nowMs: number): { all: number; lately: number } {
  const days = new Set(moments.map((ms) => Math.floor(ms / dayMs)))
  const today = Math.floor(nowMs / dayMs)
  return { all: days.size, lately: [...days].filter((day) => day > today - 7 && day <= today).length }
}
