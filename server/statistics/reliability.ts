/** How exact a total score is: reliability from the covariance of its items, and the interval that it leaves. Pure. */
import { sampleVariance, sum } from 'simple-statistics'
import { varies } from './correlation.ts'
import { z95 } from './distributions.ts'
import { enoughPeople, fewestPeople } from './thresholds.ts'

export interface Reliability {
  n: number
  items: number
  /** Cronbach's. Undefined below `fewestPeople`, with fewer than two items, and where all score the same. */
  alpha: number | undefined
  /** Standard error of measurement, in the points of the scores. */
  sem: number | undefined
  /** So few people that it is told with a warning. */
  isRough: boolean
}

/**
 * Source: L. J. Cronbach, Coefficient alpha and the internal structure of tests, 1951.
 * @param scores of each person the points of each item; what was not done earns 0
 */
export function reliability(scores: readonly (readonly number[])[]): Reliability {
  const [n, items] = [scores.length, scores[0]?.length ?? 0]
  const blank = { n, items, alpha: undefined, sem: undefined, isRough: n < enoughPeople }
  const totals = scores.map((row) => sum([...row]))
  if (n < fewestPeople || items < 2 || !varies(totals)) return blank
  const ofItems = Array.from({ length: items }, (_, at) => sampleVariance(scores.map((row) => row[at]!)))
  const ofTotal = sampleVariance(totals)
  const alpha = (items / (items - 1)) * (1 - sum(ofItems) / ofTotal)
  // Items that contradict each other measure nothing: the error is all there is.
  return { ...blank, alpha, sem: Math.sqrt(ofTotal * (1 - Math.max(0, alpha))) }
}

export interface Interval {
  low: number
  high: number
}

/** Where the score of somebody would lie in 95 of 100 such tests. @returns undefined where the error is not known */
export function scoreInterval(score: number, most: number, { sem }: Pick<Reliability, 'sem'>): Interval | undefined {
  if (sem === undefined) return undefined
  return { low: Math.max(0, score - z95 * sem), high: Math.min(most, score + z95 * sem) }
}
