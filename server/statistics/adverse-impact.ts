/** Whether people of one group are selected less often than those of another: the ratio with its interval, and Fisher's exact test. Pure. */
import { lnChoose, z95 } from './distributions.ts'
import { fewestOfGroup } from './thresholds.ts'

/** How many of a group there were, and how many of them were selected. */
export interface GroupCount {
  group: string
  people: number
  selected: number
}

export interface GroupImpact {
  group: string
  /** With fewer than `fewestOfGroup` in it nothing else is told, not even how many. */
  isSuppressed: boolean
  people?: number
  rate?: number
  /** Against the group that is selected most often; undefined for that one, and where nobody is selected at all. */
  ratio?: number
  /** 95 %, by the logarithm of the ratio; undefined where a group has none or only selected people. */
  interval?: { low: number; high: number }
  /** Two-sided: how likely so unequal counts, or more unequal ones, would be by chance alone. */
  p?: number
  /** The rule of four fifths: a ratio below it asks for a look, and proves nothing. */
  isBelowFourFifths?: boolean
}

const fourFifths = 0.8

/** Against the group of those that are told which has the highest rate; of equal ones the largest. */
export function adverseImpact(groups: readonly GroupCount[]): GroupImpact[] {
  for (const { group, people, selected } of groups)
    if (!(Number.isInteger(people) && Number.isInteger(selected) && selected >= 0 && selected <= people))
      throw new Error(`group ${group}: ${selected} selected of ${people} people cannot be`)
  const told = groups.filter(({ people }) => people >= fewestOfGroup)
  const [reference] = [...told].sort((a, b) => rateOf(b) - rateOf(a) || b.people - a.people)
  return groups.map((own) => {
    const { group, people } = own
    if (people < fewestOfGroup) return { group, isSuppressed: true }
    const known = { group, isSuppressed: false, people, rate: rateOf(own) }
    if (!reference || own === reference || reference.selected === 0) return known
    const ratio = rateOf(own) / rateOf(reference)
    return {
      ...known,
      ratio,
      ...intervalOf(own, reference, ratio),
      p: fisherExact([own.selected, people - own.selected, reference.selected, reference.people - reference.selected]),
      isBelowFourFifths: ratio < fourFifths,
    }
  })
}

const rateOf = ({ people, selected }: GroupCount): number => selected / people

/** Source: D. Katz et al., Obtaining confidence intervals for the risk ratio in cohort studies, 1978. */
function intervalOf(own: GroupCount, reference: GroupCount, ratio: number): Pick<GroupImpact, 'interval'> {
  if (own.selected === 0) return {}
  const error = Math.sqrt(1 / own.selected - 1 / own.people + 1 / reference.selected - 1 / reference.people)
  return { interval: { low: ratio * Math.exp(-z95 * error), high: ratio * Math.exp(z95 * error) } }
}

/** What is as likely as the counts themselves, but for rounding, counts as unequal as they are; R and scipy do so too. */
const asLikely = 1 + 1e-7

/** Of the counts `[a, b, c, d]` of two groups, `a` of the first and `c` of the second selected. Two-sided. */
export function fisherExact([a, b, c, d]: readonly [number, number, number, number]): number {
  const [first, second, selected] = [a + b, c + d, a + c]
  const all = lnChoose(first + second, selected)
  const likelihood = (k: number): number => Math.exp(lnChoose(first, k) + lnChoose(second, selected - k) - all)
  const own = likelihood(a)
  let sum = 0
  for (let k = Math.max(0, selected - second); k <= Math.min(first, selected); k++) {
    const one = likelihood(k)
    if (one <= own * asLikely) sum += one
  }
  return Math.min(1, sum)
}
