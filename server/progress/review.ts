/**
 * When to ask again: spaced repetition of concepts. A card is a topic, and each answer to a question whose first topic it is rates it;
 * the cards are worked out from the answers, so there is nothing to store. Pure.
 * Source: FSRS-6, as the library ts-fsrs implements it
 */
import { type Card, createEmptyCard, fsrs, type Grade, generatorParameters, Rating } from 'ts-fsrs'

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
const scheduler = fsrs(generatorParameters({ enable_fuzz: false }))

/** Wrong is Again, partly right or guessed is Hard, right is Good, and right, sure and fast is Easy. */
export function ratingOf({ verdict, confidence, tookMs }: ReviewAnswer): Grade {
  if (verdict === 'wrong') return Rating.Again
  if (verdict === 'partly' || confidence === 'guess') return Rating.Hard
  return confidence === 'sure' && tookMs !== null && tookMs < fastMs ? Rating.Easy : Rating.Good
}

/** @param answers in the order they were given. @returns a card for each topic met, those to be forgotten first at the head */
export function reviewCards(answers: readonly ReviewAnswer[], nowMs: number): TopicCard[] {
  const cards = new Map<string, Card>()
  const latest = new Map<string, number>()
  for (const answer of answers) {
    const topic = answer.topics[0]
    if (topic === undefined) continue
    const variant = `${answer.questionId}/${answer.variant}`
    const before = latest.get(variant)
    latest.set(variant, answer.atMs)
    if (before !== undefined && answer.atMs - before < freshMs) continue
    const card: Card = cards.get(topic) ?? createEmptyCard(answer.atMs)
    cards.set(
      topic,
      scheduler.next(card, Math.max(answer.atMs, card.last_review?.getTime() ?? 0), ratingOf(answer)).card,
    )
  }
  return [...cards]
    .map(([topic, card]) => ({
      topic,
      dueAtMs: card.due.getTime(),
      recall: scheduler.get_retrievability(card, Math.max(nowMs, card.last_review?.getTime() ?? 0), false),
      reviews: card.reps,
      lapses: card.lapses,
      lastAtMs: card.last_review?.getTime() ?? 0,
    }))
    .sort((a, b) => a.recall - b.recall || a.dueAtMs - b.dueAtMs || (a.topic < b.topic ? -1 : 1))
}
