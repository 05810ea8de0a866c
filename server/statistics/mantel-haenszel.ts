/** Whether a variant of a task is harder than the others for people who are equally good: Mantel and Haenszel's test. Pure. */
import { chiSquareTail, z95 } from './distributions.ts'
import { enoughPeople } from './thresholds.ts'

/** Somebody who was given one of the variants. */
export interface VariantResult {
  variant: string
  isPassed: boolean
  /** On all else: people with equal ones are compared. */
  rest: number
}

export interface VariantDrift {
  variant: string
  n: number
  /** Passed, of those with this variant and of those with another one. */
  passed: number
  passedElsewhere: number
  /** Odds to pass with it against the others, among equals. Undefined below `enoughPeople`, and where nobody can be compared. */
  oddsRatio: number | undefined
  /** 95 %, by Robins, Breslow and Greenland. */
  interval: { low: number; high: number } | undefined
  chiSquare: number | undefined
  p: number | undefined
  /** Less likely than 1 in 20 if the variants were equally hard. */
  isDrifting: boolean
}

/** Right and wrong of the one group and the other, among people who are equally good. */
export type Table = readonly [a: number, b: number, c: number, d: number]

const unlikely = 0.05
/** People are put into so many groups by how good they are otherwise, as many in each as can be. */
const strata = 5

/** One for each variant, in the order of their names. */
export function variantDrift(results: readonly VariantResult[]): VariantDrift[] {
  const variants = [...new Set(results.map(({ variant }) => variant))].sort()
  const groups = stratify(results)
  return variants.map((variant) => {
    const own = results.filter((one) => one.variant === variant)
    const others = results.filter((one) => one.variant !== variant)
    const blank = {
      ...{ variant, n: own.length, passed: passedOf(own), passedElsewhere: passedOf(others) },
      ...{ oddsRatio: undefined, interval: undefined, chiSquare: undefined, p: undefined, isDrifting: false },
    }
    if (results.length < enoughPeople || others.length === 0) return blank
    const test = mantelHaenszel(
      groups.map((group): Table => {
        const [mine, rest] = [
          group.filter((one) => one.variant === variant),
          group.filter((one) => one.variant !== variant),
        ]
        const [a, c] = [mine, rest].map((people) => people.filter(({ isPassed }) => isPassed).length) as [
          number,
          number,
        ]
        return [a, mine.length - a, c, rest.length - c]
      }),
    )
    return test ? { ...blank, ...test, isDrifting: test.p < unlikely } : blank
  })
}

const passedOf = (people: readonly VariantResult[]): number =>
  people.length === 0 ? 0 : people.filter(({ isPassed }) => isPassed).length / people.length

/** Groups of people who are about equally good; equals are never parted. */
export function stratify<T extends Pick<VariantResult, 'rest'>>(results: readonly T[]): T[][] {
  const sorted = [...results].sort((a, b) => a.rest - b.rest)
  const groups: T[][] = []
  for (const [place, one] of sorted.entries()) {
    const isDue = place >= (groups.length * sorted.length) / strata
    if (groups.length === 0 || (isDue && one.rest !== sorted[place - 1]!.rest)) groups.push([])
    groups.at(-1)!.push(one)
  }
  return groups
}

/**
 * With the correction for continuity where the difference is large enough for it, as R has it.
 * Source: N. Mantel and W. Haenszel, 1959; the interval by J. Robins, N. Breslow and S. Greenland, 1986.
 * @returns undefined where no table says anything: one of its sides is empty, or all passed, or nobody
 */
export function mantelHaenszel(
  tables: readonly Table[],
):
  | { oddsRatio: number; interval: { low: number; high: number } | undefined; chiSquare: number; p: number }
  | undefined {
  let [observed, expected, variance, r, s] = [0, 0, 0, 0, 0]
  let [pr, prAndQs, qs] = [0, 0, 0]
  for (const [a, b, c, d] of tables) {
    const n = a + b + c + d
    if (n < 2) continue
    observed += a
    expected += ((a + b) * (a + c)) / n
    variance += ((a + b) * (c + d) * (a + c) * (b + d)) / (n * n * (n - 1))
    const [one, other] = [(a * d) / n, (b * c) / n]
    const [p, q] = [(a + d) / n, (b + c) / n]
    r += one
    s += other
    pr += p * one
    prAndQs += p * other + q * one
    qs += q * other
  }
  if (variance === 0) return undefined
  const difference = Math.abs(observed - expected)
  const chiSquare = (difference < 0.5 ? difference : difference - 0.5) ** 2 / variance
  const oddsRatio = s === 0 ? Number.POSITIVE_INFINITY : r / s
  const error = Math.sqrt(pr / (2 * r * r) + prAndQs / (2 * r * s) + qs / (2 * s * s))
  const interval =
    r > 0 && s > 0 ? { low: oddsRatio * Math.exp(-z95 * error), high: oddsRatio * Math.exp(z95 * error) } : undefined
  return { oddsRatio, interval, chiSquare, p: chiSquareTail(chiSquare) }
}
