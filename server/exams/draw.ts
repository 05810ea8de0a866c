/** Which questions or tasks a mock exam or interview asks: by the weights of its groups, from a seed. Pure. */
import { chanceOf } from '../questions/chance.ts'
import type { Group } from './pools.ts'

export interface Drawn {
  /** Of a question or a challenge. */
  id: string
  group: string
}

/**
 * Draws `count` questions, or all when there are fewer: each group gives its share by weight, and what a group is short of comes from
 * the others. The same groups and seed always draw the same, in the same order.
 */
export function draw(groups: readonly Group[], count: number, seed: string): Drawn[] {
  const shares = apportion(
    count,
    groups.map(({ id, weight, ids }) => ({ id, weight, available: ids.length })),
  )
  const drawn = groups.flatMap(({ id, ids }) =>
    // Sorted, so that the order of files makes no difference.
    chanceOf(`${seed}/${id}`)
      .shuffle([...ids].sort())
      .slice(0, shares.get(id))
      .map((one) => ({ id: one, group: id })),
  )
  return chanceOf(`${seed}/order`).shuffle(drawn)
}

/**
 * As `draw`, but what is drawn takes no more minutes together than there are: as long as it does, the longest gives way to a shorter one of its
 * group that was not drawn, in its place. Where no shorter ones are left it stays as it is.
 */
export function drawWithin(
  groups: readonly Group[],
  count: number,
  seed: string,
  { minutesOf, most }: { minutesOf(id: string): number; most: number },
): Drawn[] {
  const drawn = draw(groups, count, seed)
  const total = () => drawn.reduce((sum, { id }) => sum + minutesOf(id), 0)
  while (total() > most) {
    const isDrawn = new Set(drawn.map(({ id }) => id))
    const exchanges = drawn.flatMap(({ id, group }, place) => {
      const spare = (groups.find((one) => one.id === group)?.ids ?? []).filter((one) => !isDrawn.has(one))
      const shorter = chanceOf(`${seed}/${group}/shorter`)
        .shuffle([...spare].sort())
        .filter((one) => minutesOf(one) < minutesOf(id))
        .sort((a, b) => minutesOf(a) - minutesOf(b))
      return shorter.length > 0 ? [{ place, group, minutes: minutesOf(id), by: shorter[0]! }] : []
    })
    const [longest] = exchanges.sort((a, b) => b.minutes - a.minutes)
    if (!longest) break
    drawn[longest.place] = { id: longest.by, group: longest.group }
  }
  return drawn
}

/**
 * Divides `count` among groups by weight with the largest remainders. No group gets more than it has; what is left over is divided among
 * those that have more, again by weight.
 */
export function apportion(
  count: number,
  groups: readonly { id: string; weight: number; available: number }[],
): Map<string, number> {
  const shares = new Map(groups.map(({ id }) => [id, 0]))
  for (;;) {
    const left = count - [...shares.values()].reduce((sum, share) => sum + share, 0)
    const open = groups.filter(({ id, weight, available }) => weight > 0 && shares.get(id)! < available)
    if (left <= 0 || open.length === 0) return shares
    for (const [id, more] of byLargestRemainder(left, open)) {
      const { available } = open.find((group) => group.id === id)!
      shares.set(id, Math.min(available, shares.get(id)! + more))
    }
  }
}

function byLargestRemainder(count: number, groups: readonly { id: string; weight: number }[]): [string, number][] {
  const total = groups.reduce((sum, { weight }) => sum + weight, 0)
  const quotas = groups.map(({ id, weight }) => {
    const quota = (count * weight) / total
    // A quota that is whole but for the error of division has no remainder.
    const whole = Math.floor(quota + 1e-9)
    return { id, whole, rest: quota - whole }
  })
  const over = count - quotas.reduce((sum, { whole }) => sum + whole, 0)
  const first = new Set(
    [...quotas]
      .sort((a, b) => b.rest - a.rest)
      .slice(0, over)
      .map(({ id }) => id),
  )
  return quotas.map(({ id, whole }) => [id, whole + (first.has(id) ? 1 : 0)])
}
