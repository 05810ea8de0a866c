/**
 * Whether the variants of a task are equally hard: for each of its parameters, those who had one value against those who had another, among people
 * who did equally well in all else. Pure.
 */
import { type FacilityDifference, facilityDifference } from '../statistics/facility-difference.ts'
import { stratify, variantDrift } from '../statistics/mantel-haenszel.ts'
import { fewestOfVariant } from '../statistics/thresholds.ts'

/** What somebody did at a task. */
export interface VariantTry {
  params: Readonly<Record<string, string | number>>
  /** 0 to 1. */
  score: number
  isPassed: boolean
  /** On all other items. */
  rest: number
}

/** Those with one value of a parameter, against all others. */
export interface ValueDrift {
  value: string
  n: number
  others: number
  /** Mean scores, among all. */
  facility: number
  facilityElsewhere: number
  /** Among equals. Undefined with all that follows where there are too few. */
  difference: FacilityDifference | undefined
  /** To pass, among equals: by Mantel and Haenszel. */
  oddsRatio: number | undefined
  oddsInterval: { low: number; high: number } | undefined
  p: number | undefined
}

export interface ParameterDrift {
  param: string
  /** Of two values the first alone: the other is its mirror. */
  values: readonly ValueDrift[]
  isTooFew: boolean
}

/** By parameter, of those of which more than one value was drawn. */
export function driftOf(tries: readonly VariantTry[]): ParameterDrift[] {
  const params = [...new Set(tries.flatMap((one) => Object.keys(one.params)))].sort()
  return params.flatMap((param): ParameterDrift[] => {
    const results = tries.flatMap((one) =>
      Object.hasOwn(one.params, param) ? [{ ...one, variant: String(one.params[param]) }] : [],
    )
    const tests = variantDrift(results)
    if (tests.length < 2) return []
    const strata = stratify(results)
    const all = tests.map(({ variant, n, oddsRatio, interval, p }): ValueDrift => {
      const scoresOf = (people: typeof results, isOwn: boolean): number[] =>
        people.filter((one) => (one.variant === variant) === isOwn).map(({ score }) => score)
      const [own, others] = [scoresOf(results, true), scoresOf(results, false)]
      const isEnough = own.length >= fewestOfVariant && others.length >= fewestOfVariant
      return {
        ...{ value: variant, n, others: others.length, facility: meanOf(own), facilityElsewhere: meanOf(others) },
        difference: isEnough
          ? facilityDifference(strata.map((group) => ({ own: scoresOf(group, true), others: scoresOf(group, false) })))
          : undefined,
        ...(isEnough
          ? { oddsRatio, oddsInterval: interval, p }
          : { oddsRatio: undefined, oddsInterval: undefined, p: undefined }),
      }
    })
    const values = all.length === 2 ? all.slice(0, 1) : all
    return [{ param, values, isTooFew: values.every(({ difference }) => difference === undefined) }]
  })
}

const meanOf = (scores: readonly number[]): number => scores.reduce((sum, one) => sum + one, 0) / scores.length

const unlikely = 0.05

/** Hardly by chance, however many were compared: each has its share of 1 in 20. @param compared how many values were tested */
export const isStriking = ({ p }: Pick<ValueDrift, 'p'>, compared: number): boolean =>
  p !== undefined && p < unlikely / compared
