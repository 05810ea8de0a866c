/** What a mock exam's results add up to. Pure. */
import type { MockItem, MockTask } from '../storage/types.ts'

/** A question or a task with what it earned. */
export type Scored = Pick<MockItem, 'group' | 'result'> | Pick<MockTask, 'group' | 'result'>

export interface GroupScore {
  group: string
  /** Questions or tasks that count: not those that could not be judged. */
  questions: number
  answered: number
  right: number
  /** 0 to 1, the mean of its questions; what was not answered earns nothing. */
  score: number
}

/** Of all items together. Those that are void, or not judged yet, count for nothing. */
export function totalScore(items: readonly Scored[]): Omit<GroupScore, 'group'> {
  const counted = items.filter(({ result }) => result !== null && result.verdict !== 'void')
  const sum = counted.reduce((total, item) => total + scoreOf(item), 0)
  return {
    questions: counted.length,
    answered: counted.filter(({ result }) => result?.verdict !== 'none').length,
    right: counted.filter(({ result }) => result?.verdict === 'right').length,
    score: counted.length > 0 ? sum / counted.length : 0,
  }
}

/** Of each group that has questions, the weakest first. */
export function scoreByGroup(items: readonly Scored[]): GroupScore[] {
  return [...new Set(items.map(({ group }) => group))]
    .map((group) => ({ group, ...totalScore(items.filter((item) => item.group === group)) }))
    .filter(({ questions }) => questions > 0)
    .sort((a, b) => a.score - b.score || b.questions - a.questions || (a.group < b.group ? -1 : 1))
}

/** 0 to 1; nothing for what was not answered or could not be judged. */
export const scoreOf = ({ result }: Pick<Scored, 'result'>): number => (result && 'score' in result ? result.score : 0)

/** Rounded down, so that what is shown as the pass mark, or as all of it, has reached it. @param score 0 to 1 */
export const percentOf = (score: number): number => Math.floor(score * 100 + 1e-9)
