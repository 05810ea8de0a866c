/** How much harder something is for some than for others who are equally good: the difference of their mean scores. Pure. */
import { z95 } from './distributions.ts'

/** Scores, 0 to 1, of people who are about equally good. */
export interface Stratum {
  own: readonly number[]
  others: readonly number[]
}

export interface FacilityDifference {
  /** Of the mean scores: above 0 where it is easier. */
  difference: number
  /** 95 %. */
  interval: { low: number; high: number }
}

/**
 * Differences within the strata, each by how much it says: n₁n₂/(n₁+n₂), as Cochran and Mantel and Haenszel weigh them. This is the estimate of least
 * squares with a level of its own for each stratum, and so is its error, by the variance that is left within the strata.
 * @returns undefined where no stratum has both, and where too few are left to know an error
 */
export function facilityDifference(strata: readonly Stratum[]): FacilityDifference | undefined {
  let [weighed, weights, squares, people, cells] = [0, 0, 0, 0, 0]
  for (const { own, others } of strata) {
    if (own.length === 0 || others.length === 0) continue
    const [mine, rest] = [meanOf(own), meanOf(others)]
    const weight = (own.length * others.length) / (own.length + others.length)
    weighed += weight * (mine - rest)
    weights += weight
    for (const score of own) squares += (score - mine) ** 2
    for (const score of others) squares += (score - rest) ** 2
    people += own.length + others.length
    cells++
  }
  // A level for each stratum, and the difference.
  const freedom = people - cells - 1
  if (weights === 0 || freedom < 1) return undefined
  const difference = weighed / weights
  // What the strata differ by among themselves is left over too.
  const left = squares + heterogeneity(strata, difference)
  const error = Math.sqrt(left / freedom / weights)
  return { difference, interval: { low: difference - z95 * error, high: difference + z95 * error } }
}

const meanOf = (scores: readonly number[]): number => scores.reduce((sum, one) => sum + one, 0) / scores.length

/** Of the squares, what one common difference does not explain. */
function heterogeneity(strata: readonly Stratum[], common: number): number {
  return strata.reduce((sum, { own, others }) => {
    if (own.length === 0 || others.length === 0) return sum
    const weight = (own.length * others.length) / (own.length + others.length)
    return sum + weight * (meanOf(own) - meanOf(others) - common) ** 2
  }, 0)
}
