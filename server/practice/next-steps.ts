/** What to do next on the topics that somebody is weakest on: read, answer, or try. Pure. */
import type { Catalog, Track } from '../catalog/types.ts'
import type { Locale } from '../i18n/locale.ts'
import { bestToPractise, type RatedAnswer, type TopicAbility, topicAbilities } from '../progress/ability.ts'
import { guessOf } from '../questions/guess.ts'
import type { Answer, Attempt, FollowedTrack, StudyBook } from '../storage/types.ts'
import { type AnswerFacts, isCounted } from './answer-facts.ts'
import { isPassed } from './attempts.ts'
import { findItem, type Item } from './items.ts'

export interface Done {
  answers: readonly Answer[]
  book: StudyBook
  /** Ids of challenges. */
  passed: ReadonlySet<string>
  /** The track that they made their own. */
  followed?: FollowedTrack
  /** The one that they left: `track:cka`. */
  leftTrack?: string
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

/** Each topic that was met, the weakest first, with what to do on it. @param facts of those of the answers that count */
export function topicSteps(catalog: Catalog, done: Done, facts: readonly AnswerFacts[]): TopicStep[] {
  const guesses = new Map([...catalog.questions.values()].map((question) => [question.id, guessOf(question)]))
  const rated: RatedAnswer[] = []
  for (const { questionId, variant, score, topics } of facts) {
    const question = catalog.questions.get(questionId)
    const guess = guesses.get(questionId)
    if (question && guess !== undefined)
      rated.push({ questionId, variant, score, topics, difficulty: question.difficulty, guess })
  }
  const nextOn = nextSteps(catalog, done)
  return topicAbilities(rated).flatMap((ability) => {
    const topic = catalog.topics.get(ability.topic)
    return topic ? [{ ...ability, title: topic.title, locale: topic.locale, next: nextOn(ability) }] : []
  })
}

/** Those worth practising, with something to do on each. */
export function openSteps(steps: readonly TopicStep[]): (TopicStep & { next: Item })[] {
  return steps.filter((step): step is TopicStep & { next: Item } => !isKnown(step) && step.next !== undefined)
}

/** Of those, while somebody has a track of their own: what enough answers tell of, and no lesson that the track leaves out. */
export function stepsWithin<S extends TopicStep>(track: Track | undefined, steps: readonly S[]): S[] {
  if (!track) return [...steps]
  const lessons = new Set(track.steps.flatMap(({ kind, id }) => (kind === 'lesson' ? [id] : [])))
  return steps.filter(({ isMeasured, next }) => isMeasured && (next?.kind !== 'lesson' || lessons.has(next.id)))
}

function isKnown({ expected, isMeasured }: TopicAbility): boolean {
  return isMeasured && expected >= known
}

/** On a topic its lesson first; then the question that suits, of those not right yet; then a challenge. */
function nextSteps(catalog: Catalog, { answers, book, passed }: Done): (on: TopicAbility) => Item | undefined {
  const read = new Set(book.read.map(({ item }) => item))
  const latest = new Map<string, Answer['verdict']>()
  for (const answer of answers) if (isCounted(answer)) latest.set(answer.questionId, answer.verdict)
  const open = [...catalog.questions.values()].filter(({ id }) => latest.get(id) !== 'right')
  return ({ topic, rating }) => {
    const lesson = [...catalog.lessons.values()].find(({ topics }) => topics.includes(topic))
    if (lesson && !read.has(`lesson:${lesson.id}`)) return findItem(catalog, `lesson:${lesson.id}`)
    const question = bestToPractise(
      rating,
      open
        .filter(({ topics }) => topics.includes(topic))
        .map((one) => ({ id: one.id, difficulty: one.difficulty, guess: guessOf(one) })),
    )
    if (question) return findItem(catalog, `question:${question.id}`)
    const challenge = [...catalog.challenges.values()].find(
      ({ id, spec }) => spec.topics.includes(topic) && !passed.has(id),
    )
    return challenge && findItem(catalog, `challenge:${challenge.id}`)
  }
}
