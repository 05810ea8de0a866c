/** What distributions say, as far as figures here ask for it. Pure. */
import { gammaln } from 'simple-statistics'

/** So many standard errors on either side hold 95 % of a normal distribution. */
export const z95 = 1.959963984540054

/** The natural logarithm of the ways to choose `k` of `n`. */
export const lnChoose = (n: number, k: number): number => gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)

/**
 * How likely a chi-square of one degree of freedom is `x` or more: erfc of the root of x/2. The library's error function has seven digits,
 * which is too few for small probabilities.
 * Source: https://dlmf.nist.gov/7.6.E2 for small values, https://dlmf.nist.gov/7.9.E1 for others
 */
export function chiSquareTail(x: number): number {
  if (!(x > 0)) return 1
  const z2 = x / 2
  const z = Math.sqrt(z2)
  if (z < 2) {
    let [term, sum] = [1, 1]
    for (let n = 1; term > sum * Number.EPSILON; n++) {
      term *= (2 * z2) / (2 * n + 1)
      sum += term
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * z * Math.exp(-z2) * sum
  }
  // The continued fraction, from its inside out: at 2 and beyond 60 parts give all digits.
  let fraction = z
  for (let n = 60; n >= 1; n--) fraction = z + n / 2 / fraction
  return Math.exp(-z2) / Math.sqrt(Math.PI) / fraction
}
