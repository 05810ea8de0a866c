/**
 * Turns among things of different weights, as nginx's smooth weighted round-robin takes them: each gets its share of any stretch of requests. Pure.
 * Source: https://github.com/nginx/nginx/commit/52327e0627f49dbda1e8db695e63a4b0af4448b1. NGINX Gateway Fabric draws lots instead (split_clients), with the same shares.
 */
import { charge } from '../../engine/work.ts'

/**
 * Whose turn it is.
 * @param current how far behind each of them is; changed here, and given again the next time
 * @returns its index; undefined when nothing has a weight
 */
export function nextByWeight(current: number[], weights: readonly number[]): number | undefined {
  charge(weights.length)
  let total = 0
  let best: number | undefined
  for (const [i, weight] of weights.entries()) {
    if (weight <= 0) continue
    total += weight
    current[i] = (current[i] ?? 0) + weight
    if (best === undefined || current[i] > current[best]) best = i
  }
  if (best !== undefined) current[best] -= total
  return best
}

/**
 * Whether the n-th request is among the share of them.
 * @param n from 0
 */
export const isInShare = (n: number, { of, outOf }: { of: number; outOf: number }): boolean =>
  Math.floor(((n + 1) * of) / outOf) > Math.floor((n * of) / outOf)
