/** What to do next on the topics that somebody is weakest on: read, answer, or try. Pure. */
import type { Catalog } from '../catalog/types.ts'
import type { Locale } from '../i18n/locale.ts'
import { bestToPractise, type RatedAnswer, type TopicAbility, topicAbilities } from '../progress/ability.ts'
import { guessOf } from '../questions/guess.ts'
import type { Answer, Attempt, StudyBook } from '../storage/types.ts'
import { factsOf } from './answer-facts.ts'
import { isPassed } from './attempts.ts'
import { findItem, type Item } from './items.ts'

export interface Done {
  answers: readonly Answer[]
  book: StudyBook
  /** Ids of challenges. */
  passed: ReadonlySet<string>
}

export interface TopicStep extends TopicAbility {
  title: string
  locale: Locale
  /** Missing when there is nothing left on the topic but to review it. */
  next: Item | undefined
}

/** The challenges that were passed, as this server graded them. */
export function passedOf(attempts: readonly Attempt[]): Set<string> {
  return new Set(attempts.filter(isPassed).map(({ challengeId }) => challengeId))
}

/** By this share of what level 3 asks, a topic is known. */
const known = 0.8

/** Each topic that was met, the weakest first, with what to do on it. */
export function topicSteps(catalog: Catalog, done: Done): TopicStep[] {
  const rated = factsOf(done.answers, catalog).flatMap((answer): RatedAnswer[] => {
    const question = catalog.questions.get(answer.questionId)
    return question ? [{ ...answer, difficulty: question.difficulty, guess: guessOf(question) }] : []
  })
  return topicAbilities(rated).flatMap((ability) => {
    const topic = catalog.topics.get(ability.topic)
    return topic ? [{ ...ability, title: topic.title, locale: topic.locale, next: nextOn(catalog, ability, done) }] : []
  })
}

/** Those worth practising, with something to do on each. */
export function openSteps(steps: readonly TopicStep[]): (TopicStep & { next: Item })[] {
  return steps.filter((step): step is TopicStep & { next: Item } => !isKnown(step) && step.next !== undefined)
}

function isKnown({ expected, isMeasured }: TopicAbility): boolean {
  return isMeasured && expected >= known
}

/** Its lesson first; then the question that suits, of those not right yet; then a challenge. */
function nextOn(catalog: Catalog, { topic, rating }: TopicAbility, { answers, book, passed }: Done): Item | undefined {
  const read = new Set(book.read.map(({ item }) => item))
  const lesson = [...catalog.lessons.values()].find(({ topics }) => topics.includes(topic))
  if (lesson && !read.has(`lesson:${lesson.id}`)) return findItem(catalog, `lesson:${lesson.id}`)
  const latest = new Map(answers.map(({ questionId, verdict }) => [questionId, verdict]))
  const open = [...catalog.questions.values()].filter(
    ({ id, topics }) => topics.includes(topic) && latest.get(id) !== 'right',
  )
  const question = bestToPractise(
    rating,
    open.map((one) => ({ id: one.id, difficulty: one.difficulty, guess: guessOf(one) })),
  )
  if (question) return findItem(catalog, `question:${question.id}`)
  const challenge = [...catalog.challenges.values()].find(
    ({ id, spec }) => spec.topics.includes(topic) && !passed.has(id),
  )
  return challenge && findItem(catalog, `challenge:${challenge.id}`)
}
