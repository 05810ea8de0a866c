/** How far two people agree who judged the same, beyond chance: Cohen's weighted kappa. Pure. */

/**
 * With quadratic weights: how far two judgements lie apart counts by its square.
 * Source: J. Cohen, Weighted kappa, 1968.
 * @param pairs both judgements of each thing
 * @returns 1 for all alike; undefined without pairs, and where both gave one and the same judgement throughout, so that chance alone would
 */
export function weightedKappa(pairs: readonly (readonly [number, number])[]): number | undefined {
  if (pairs.length === 0) return undefined
  const sumOf = (read: (pair: readonly [number, number]) => number): number =>
    pairs.reduce((sum, pair) => sum + read(pair), 0)
  const seen = pairs.length * sumOf(([a, b]) => (a - b) ** 2)
  // Each judgement of the one with each of the other.
  const byChance = pairs.length * sumOf(([a, b]) => a * a + b * b) - 2 * sumOf(([a]) => a) * sumOf(([, b]) => b)
  return byChance === 0 ? undefined : 1 - seen / byChance
}
