/** A duel of predictions by link: five questions with one seed each, the same for all who play. */
import type { Catalog, Question } from '../catalog/types.ts'
import { msg, t } from '../i18n/translate.ts'
import { chanceOf } from '../questions/chance.ts'
import { HttpProblem } from '../render/problem.ts'
import type { Seat } from '../seat.ts'
import type { Duel } from '../storage/duels.ts'
import type { Answer, Confidence } from '../storage/types.ts'
import type { PracticeDeps } from './deps.ts'
import { locksOf } from './locks.ts'
import { takeSeat } from './take-seat.ts'
import { seedOf } from './variants.ts'

export const duelLength = 5
export const mostPlayers = 8
export const duelDays = 30
/** Of one learner, at a time. */
const mostDuels = 40
export const longestName = 30

const prefix = 'question:'

/** The question at a place, as it is called now; undefined when it is not there any more. @param place from 0 */
export function questionAt({ questions, moved }: Catalog, { items }: Duel, place: number): Question | undefined {
  const item = items[place] ?? ''
  return questions.get((moved?.get(item) ?? item).slice(prefix.length))
}

/** Of the variant that everybody gets. */
export const seedInDuel = ({ seed }: Duel, question: Question): string => seedOf(seed, question, 1)

/** Answers carry the id of their duel and their place, as those of mock exams do. */
export const answerIdOf = ({ id }: Duel, place: number): string => `${id}-${place + 1}`

/** A player's answers by their places; undefined where there is none yet. One that came in from elsewhere is none. */
export const answersOf = (duel: Duel, answers: readonly Answer[]): (Answer | undefined)[] =>
  duel.items.map((_, place) => answers.find(({ id, origin }) => id === answerIdOf(duel, place) && !origin))

/** The first place that is not answered and can be; undefined when somebody is through. */
export function nextPlace(catalog: Catalog, duel: Duel, answers: readonly (Answer | undefined)[]): number | undefined {
  const place = duel.items.findIndex((_, n) => !answers[n] && questionAt(catalog, duel, n))
  return place < 0 ? undefined : place
}

/** What somebody says by how sure they are, as a probability of being right. */
const probabilities: Record<Confidence, number> = { sure: 0.95, fairly: 0.7, guess: 0.4 }

/**
 * How well somebody knew what they know, from 0 to 100: 100 less the mean Brier score, the squared distance between how sure they were and
 * whether they were right.
 */
export function calibrationOf(answers: readonly Pick<Answer, 'verdict' | 'confidence'>[]): number | undefined {
  if (answers.length === 0) return undefined
  const distances = answers.map(
    ({ verdict, confidence }) => ((verdict === 'right' ? 1 : 0) - probabilities[confidence ?? 'guess']) ** 2,
  )
  return Math.round(100 * (1 - distances.reduce((sum, one) => sum + one, 0) / answers.length))
}

/** Line breaks and what cannot be seen are no part of a name. */
export const readName = (text: string): string =>
  text
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
    .slice(0, longestName)

const tooMany = msg(
  'You are playing {n} duels, the most that you may play at a time. They end by themselves after 30 days.',
)

/** @throws HttpProblem 422 when there are too many, or too few questions to draw from */
export async function beginDuel(deps: PracticeDeps, visitor: Seat, name: string): Promise<Duel> {
  const nowMs = deps.now()
  await deps.storage.duels.forget(nowMs)
  await refuseMany(deps, visitor.learnerId)
  const locks = await locksOf(deps, visitor.learnerId)
  const items = [...deps.catalog().questions.values()]
    .filter(({ type, id }) => type === 'predict' && !locks.has(`${prefix}${id}`))
    .map(({ id }) => `${prefix}${id}`)
    .sort()
  if (items.length === 0) throw new HttpProblem(422, t('There are no predictions to draw from here.'))
  const seat = await takeSeat(deps, visitor)
  const seed = deps.newId()
  const duel: Duel = {
    ...{ id: deps.newId(), createdAtMs: nowMs, endsAtMs: nowMs + duelDays * 24 * 3_600_000, seed },
    items: chanceOf(`duel/${seed}`).shuffle(items).slice(0, duelLength),
    players: [{ learnerId: seat.learnerId, name }],
  }
  await deps.storage.duels.create(duel)
  return duel
}

/** @throws HttpProblem 422 when it is full */
export async function joinDuel(deps: PracticeDeps, visitor: Seat, { id }: Duel, name: string): Promise<Duel> {
  await refuseMany(deps, visitor.learnerId)
  const { learnerId } = await takeSeat(deps, visitor)
  return deps.storage.duels.update(id, (duel) => {
    if (duel.players.some((player) => player.learnerId === learnerId)) return duel
    if (duel.players.length >= mostPlayers)
      throw new HttpProblem(422, t('{n} play this duel already, and that is all it has room for.', { n: mostPlayers }))
    return { ...duel, players: [...duel.players, { learnerId, name }] }
  })
}

async function refuseMany(deps: PracticeDeps, learnerId: string): Promise<void> {
  const nowMs = deps.now()
  const own = (await deps.storage.duels.ofLearner(learnerId)).filter(({ endsAtMs }) => endsAtMs > nowMs)
  if (own.length >= mostDuels) throw new HttpProblem(422, t(tooMany, { n: mostDuels }))
}
