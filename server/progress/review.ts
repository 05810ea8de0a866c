/**
 * When to ask again: spaced repetition of concepts. A card is a topic, and each answer to a question whose first topic it is rates it;
 * the cards are worked out from the answers, so there is nothing to store. Pure.
 * Source: FSRS-6, as the library ts-fsrs implements it
 */
import {
  BasicLearningStepsStrategy,
  type Card,
  createEmptyCard,
  fsrs,
  type Grade,
  generatorParameters,
  Rating,
  State,
} from 'ts-fsrs'

export interface ReviewAnswer {
  questionId: string
  /** The same for answers to the same variant. */
  variant: string
  verdict: 'right' | 'partly' | 'wrong'
  confidence: 'sure' | 'fairly' | 'guess' | null
  /** From the form to the answer. */
  tookMs: number | null
  topics: readonly string[]
  atMs: number
}

export interface TopicCard {
  topic: string
  dueAtMs: number
  /** The chance to remember it now, 0 to 1. */
  recall: number
  reviews: number
  /** Times it was forgotten after it had been known. */
  lapses: number
  lastAtMs: number
}

/** An answer that is sure and faster than this was easy. */
const fastMs = 30_000
/** The same variant within this time shows what the explanation said, not what is remembered. */
const freshMs = 12 * 3_600_000

// Without fuzz, since the same answers have to give the same dates.
const parameters = generatorParameters({ enable_fuzz: false })
const scheduler = fsrs(parameters)

/** Wrong is Again, partly right or guessed is Hard, right is Good, and right, sure and fast is Easy. */
export function ratingOf({ verdict, confidence, tookMs }: ReviewAnswer): Grade {
  if (verdict === 'wrong') return Rating.Again
  if (verdict === 'partly' || confidence === 'guess') return Rating.Hard
  return confidence === 'sure' && tookMs !== null && tookMs < fastMs ? Rating.Easy : Rating.Good
}

/** @param answers in the order they were given. @returns a card for each topic met, those to be forgotten first at the head */
export function reviewCards(answers: readonly ReviewAnswer[], nowMs: number): TopicCard[] {
  return [...reviewsByTopic(answers)]
    .map(([topic, reviews]) => {
      const card = cardAfter(reviews)
      return {
        topic,
        dueAtMs: card.due.getTime(),
        recall: scheduler.get_retrievability(card, Math.max(nowMs, card.last_review?.getTime() ?? 0), false),
        reviews: card.reps,
        lapses: card.lapses,
        lastAtMs: card.last_review?.getTime() ?? 0,
      }
    })
    .sort((a, b) => a.recall - b.recall || a.dueAtMs - b.dueAtMs || (a.topic < b.topic ? -1 : 1))
}

export interface Review {
  atMs: number
  grade: Grade
}

/** What each topic's card was rated, in order; never empty. */
function reviewsByTopic(answers: readonly ReviewAnswer[]): Map<string, Review[]> {
  const reviews = new Map<string, Review[]>()
  // By question, then by variant.
  const latest = new Map<string, Map<string, number>>()
  for (const answer of answers) {
    const topic = answer.topics[0]
    if (topic === undefined) continue
    const variants = latest.get(answer.questionId) ?? new Map<string, number>()
    latest.set(answer.questionId, variants)
    const before = variants.get(answer.variant)
    variants.set(answer.variant, answer.atMs)
    if (before !== undefined && answer.atMs - before < freshMs) continue
    const own = reviews.get(topic)
    const review = { atMs: answer.atMs, grade: ratingOf(answer) }
    if (!own) reviews.set(topic, [review])
    // Clocks of two servers may differ: time does not go back.
    else own.push({ ...review, atMs: Math.max(review.atMs, own.at(-1)!.atMs) })
  }
  return reviews
}

/**
 * The card after all reviews, as the library makes it of one after the other. When it would have been due in between changes nothing
 * that comes after, and is most of the work: it is worked out for the last one alone.
 */
export function cardAfter(reviews: readonly Review[]): Card {
  const card: Card = createEmptyCard(reviews[0]!.atMs)
  let before = reviews[0]!.atMs
  for (const { atMs, grade } of reviews.slice(0, -1)) {
    rate(card, dayOf(atMs) - dayOf(before), grade)
    before = atMs
  }
  const last = reviews.at(-1)!
  if (reviews.length > 1) card.last_review = new Date(before)
  return scheduler.next(card, last.atMs, last.grade).card
}

/** The library counts days as the calendar of UTC does. */
const dayOf = (atMs: number): number => Math.floor(atMs / dayMs)
const dayMs = 24 * 3_600_000

/** Changes the card as a review does, but for its dates. */
function rate(card: Card, days: number, grade: Grade): void {
  const { state } = card
  const isForgotten = state === State.Review && grade === Rating.Again
  const step = state === State.Review && !isForgotten ? undefined : stepOf(state, card.learning_steps, grade)
  const { difficulty, stability } = scheduler.next_state(card, days, grade)
  card.difficulty = difficulty
  card.stability = stability
  card.reps++
  if (isForgotten) card.lapses++
  card.learning_steps = step?.next ?? 0
  // Out of steps, or with one of a day or more, it is known.
  if (!step || step.minutes >= dayMinutes) card.state = State.Review
  else if (state === State.Review) card.state = State.Relearning
  else if (state === State.New) card.state = State.Learning
}

const dayMinutes = 24 * 60

/** The step of learning that comes after that grade; undefined when there is none. */
function stepOf(state: State, place: number, grade: Grade): { minutes: number; next: number } | undefined {
  const step = BasicLearningStepsStrategy(parameters, state, place)[grade]
  return step && step.scheduled_minutes > 0
    ? { minutes: step.scheduled_minutes, next: Math.max(0, step.next_step) }
    : undefined
}
