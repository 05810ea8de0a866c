/** Seeds whose variants have between them every value that a challenge draws, as far as a few of them can. */
import { type ChallengeSpec, type Params, prepareChallenge } from '../../../sim/index.ts'

/** Of so many seeds some are chosen. */
const mostTried = 40

/** Of a number with more values than this, each third of its range stands for one. */
const mostNumbers = 6

/** Seeds of proofs, in their order. */
export const proofSeeds = (count: number): string[] => Array.from({ length: count }, (_, i) => `proof-${i + 1}`)

/**
 * The first seed, and then always the one whose variant has most values that were in none before, until there are no new ones.
 * @param most seeds at most
 */
export function coveringSeeds(spec: ChallengeSpec, most: number): string[] {
  if (most === 0) return []
  const tried = proofSeeds(mostTried).map((seed) => ({
    seed,
    values: valuesOf(spec, prepareChallenge(spec, seed).params),
  }))
  const seen = new Set<string>()
  const chosen: string[] = []
  while (chosen.length < most) {
    const news = tried.map(({ values }) => values.filter((value) => !seen.has(value)).length)
    const best = chosen.length === 0 ? 0 : news.indexOf(Math.max(...news))
    if (chosen.length > 0 && news[best] === 0) break
    const { seed, values } = tried[best]!
    chosen.push(seed)
    for (const value of values) seen.add(value)
  }
  return chosen
}

/** What a variant has drawn: `name=value`, and of many numbers a third of their range. */
const valuesOf = ({ params: specs }: ChallengeSpec, params: Params): string[] =>
  Object.entries(specs).map(([name, spec]) => {
    const value = params[name]!
    if ('oneOf' in spec) return `${name}=${value}`
    const { min, max, step = 1 } = spec.int
    if ((max - min) / step < mostNumbers) return `${name}=${value}`
    return `${name} in third ${Math.min(2, Math.floor((3 * (Number(value) - min)) / (max - min)))}`
  })

/** A variant as problems name it. */
export const nameOfVariant = (seed: string, params: Params): string => {
  const drawn = Object.entries(params).map(([name, value]) => `${name} ${shortened(String(value))}`)
  return drawn.length > 0 ? `seed ${seed} (${drawn.join(', ')})` : `seed ${seed}`
}

const longestValue = 40
const shortened = (text: string): string => (text.length > longestValue ? `${text.slice(0, longestValue)}…` : text)
