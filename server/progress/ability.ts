/**
 * How able somebody is on each topic, from their answers: a rating that rises with an answer better than was to be expected of a
 * question of that difficulty, and falls with a worse one. For choosing what to practise, never for judging people. Pure.
 * Source: Elo, The Rating of Chessplayers (1978); Pelánek, Applications of the Elo rating system in adaptive educational systems
 * (2016), for steps that grow smaller with the number of answers and for the share that guessing earns
 */
import { firstTries } from './progress.ts'

export interface RatedAnswer {
  questionId: string
  /** The same for answers to the same variant. */
  variant: string
  /** 0 to 1. */
  score: number
  /** 1 to 5. */
  difficulty: number
  /** What guessing would earn, 0 to 1. */
  guess: number
  topics: readonly string[]
}

export interface TopicAbility {
  topic: string
  answers: number
  /** In Elo points: 1500 is who knows half of what questions of level 3 ask. */
  rating: number
  /** The score to be expected of a question of level 3 that cannot be guessed, 0 to 1. */
  expected: number
  /** Enough answers to go by. */
  isMeasured: boolean
}

const middle = 1500
/** Between one level of difficulty and the next. */
const perLevel = 150
/** Of the first answer; after twenty, steps are half as large. */
const firstStep = 174
const answersToHalve = 20
const enough = 4

/** @param guess what guessing would earn, 0 to 1. @returns 0 to 1 */
export function expectedScore(rating: number, difficulty: number, guess = 0): number {
  const known = 1 / (1 + 10 ** ((middle + (difficulty - 3) * perLevel - rating) / 400))
  return guess + (1 - guess) * known
}

/** @param answers in the order they were given; of a variant only the first counts. @returns the weakest first */
export function topicAbilities(answers: readonly RatedAnswer[]): TopicAbility[] {
  const ratings = new Map<string, { rating: number; answers: number }>()
  for (const { topics, score, difficulty, guess } of firstTries(answers))
    for (const topic of topics) {
      const { rating, answers: before } = ratings.get(topic) ?? { rating: middle, answers: 0 }
      const step = firstStep / (1 + before / answersToHalve)
      const surprise = score - expectedScore(rating, difficulty, guess)
      ratings.set(topic, { rating: rating + step * surprise, answers: before + 1 })
    }
  return [...ratings]
    .map(([topic, { rating, answers: count }]) => ({
      topic,
      answers: count,
      rating: Math.round(rating),
      expected: expectedScore(rating, 3),
      isMeasured: count >= enough,
    }))
    .sort((a, b) => a.rating - b.rating || (a.topic < b.topic ? -1 : 1))
}

/** Of the questions the one that teaches most: neither known before it is asked nor out of reach. */
export function bestToPractise<T extends { difficulty: number; guess: number }>(
  rating: number,
  questions: readonly T[],
): T | undefined {
  const distance = ({ difficulty, guess }: T) => Math.abs(expectedScore(rating, difficulty, guess) - aim)
  return [...questions].sort((a, b) => distance(a) - distance(b))[0]
}

/** Mostly right, so that nobody loses heart, and wrong often enough to learn from. */
const aim = 0.7
