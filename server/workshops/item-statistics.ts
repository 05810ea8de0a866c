/** Classical item statistics, of first attempts. Pure. */

/** With fewer people a share says more of them than of the item. */
export const fewestPeople = 20

export interface ItemStatistics {
  /** People who attempted it. */
  n: number
  /** Facility: the mean score of the first attempts, 0 to 1. Undefined below `fewestPeople`. */
  p: number | undefined
  /**
   * Corrected item-total correlation: of the item's scores with what the same people scored on all other items. Undefined below
   * `fewestPeople`, and where nothing varies.
   */
  r: number | undefined
  /** What whoever wrote the item should look at. */
  flags: readonly ('too hard' | 'too easy' | 'does not tell people apart')[]
}

/**
 * @param scores of each person, in the order of the items: 0 to 1, undefined where somebody did not attempt one
 * @returns one for each item
 */
export function itemStatistics(scores: readonly (readonly (number | undefined)[])[], items: number): ItemStatistics[] {
  return Array.from({ length: items }, (_, at) => {
    const tried = scores.filter((own) => own[at] !== undefined)
    const n = tried.length
    if (n < fewestPeople) return { n, p: undefined, r: undefined, flags: [] }
    const own = tried.map((row) => row[at]!)
    const rest = tried.map((row) => sum(row.filter((score, n) => n !== at && score !== undefined) as number[]))
    const p = sum(own) / n
    const r = correlation(own, rest)
    return {
      n,
      p,
      r,
      flags: [
        ...(p < 0.2 ? (['too hard'] as const) : p > 0.95 ? (['too easy'] as const) : []),
        ...(r !== undefined && r < 0.1 ? (['does not tell people apart'] as const) : []),
      ],
    }
  })
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** Pearson's; undefined where one side does not vary. */
function correlation(xs: readonly number[], ys: readonly number[]): number | undefined {
  const [mx, my] = [sum(xs) / xs.length, sum(ys) / ys.length]
  const sxy = sum(xs.map((x, n) => (x - mx) * (ys[n]! - my)))
  const sxx = sum(xs.map((x) => (x - mx) ** 2))
  const syy = sum(ys.map((y) => (y - my) ** 2))
  return sxx === 0 || syy === 0 ? undefined : sxy / Math.sqrt(sxx * syy)
}
