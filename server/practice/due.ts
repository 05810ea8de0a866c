/** The concepts that somebody has met, and which of them are due. Pure. */
import type { Catalog } from '../catalog/types.ts'
import { type ReviewAnswer, reviewCards, type TopicCard } from '../progress/review.ts'

/** A concept that no question asks about any more is none. */
export function cardsOf(answers: readonly ReviewAnswer[], { questions }: Catalog, nowMs: number): TopicCard[] {
  const asked = new Set([...questions.values()].map(({ topics }) => topics[0]))
  return reviewCards(answers, nowMs).filter(({ topic }) => asked.has(topic))
}

export const dueOf = (cards: readonly TopicCard[], nowMs: number): TopicCard[] =>
  cards.filter(({ dueAtMs }) => dueAtMs <= nowMs)
