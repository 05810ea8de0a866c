/** Runs that their learners show in cluster golf, by challenge. What a run is stands in its learner's journal, and counts as long as it is shared. */
import { z } from 'zod'
import { type DocumentKind, findAll } from './documents.ts'
import type { Store } from './store.ts'

const cardSchema = z.object({
  learnerId: z.string().min(1),
  attempt: z.string().min(1),
  /** From 1. */
  grading: z.int().min(1),
  strokes: z.int().min(0),
  lines: z.int().min(0),
})

/** One run on a board. */
export type GolfCard = z.infer<typeof cardSchema>

const boardSchema = z.object({ challengeId: z.string().min(1), cards: z.array(cardSchema) })
type Board = z.infer<typeof boardSchema>

const golfKind: DocumentKind<Board> = {
  name: 'golf',
  version: 1,
  upgrades: [],
  indexes: { learner: ({ cards }) => [...new Set(cards.map(({ learnerId }) => learnerId))] },
  schema: boardSchema,
}

/** Of a challenge; what is worse than so many others is not kept. */
const mostCards = 50

export interface Golf {
  /** The best first. */
  cardsOf(challengeId: string): Promise<readonly GolfCard[]>
  /** With the challenge of each. */
  ofLearner(learnerId: string): Promise<(GolfCard & { challengeId: string })[]>
  show(challengeId: string, card: GolfCard): Promise<void>
  hide(challengeId: string, run: Pick<GolfCard, 'learnerId' | 'attempt' | 'grading'>): Promise<void>
  give(from: string, to: string): Promise<void>
  leave(learnerId: string): Promise<void>
}

export function createGolf(store: Store): Golf {
  const boards = store.documents(golfKind)
  const change = async (challengeId: string, of: (cards: GolfCard[]) => GolfCard[]): Promise<void> => {
    const { cards } = await boards.update(challengeId, (board) => ({
      challengeId,
      cards: of(board?.cards ?? [])
        .sort((a, b) => a.strokes - b.strokes || a.lines - b.lines)
        .slice(0, mostCards),
    }))
    if (cards.length === 0) await boards.remove(challengeId)
  }
  const boardsOf = async (learnerId: string): Promise<Board[]> =>
    findAll(boards, await boards.keysBy('learner', learnerId), () => undefined)
  const isSame = (a: Pick<GolfCard, 'learnerId' | 'attempt' | 'grading'>, b: typeof a): boolean =>
    a.learnerId === b.learnerId && a.attempt === b.attempt && a.grading === b.grading
  return {
    cardsOf: async (challengeId) => (await boards.find(challengeId))?.cards ?? [],
    ofLearner: async (learnerId) =>
      (await boardsOf(learnerId)).flatMap(({ challengeId, cards }) =>
        cards.filter((card) => card.learnerId === learnerId).map((card) => ({ ...card, challengeId })),
      ),
    show: (challengeId, card) => change(challengeId, (cards) => [...cards.filter((one) => !isSame(one, card)), card]),
    hide: async (challengeId, run) => {
      if (await boards.find(challengeId)) await change(challengeId, (cards) => cards.filter((one) => !isSame(one, run)))
    },
    give: async (from, to) => {
      for (const { challengeId } of await boardsOf(from))
        await change(challengeId, (cards) =>
          cards.map((card) => (card.learnerId === from ? { ...card, learnerId: to } : card)),
        )
    },
    leave: async (learnerId) => {
      for (const { challengeId } of await boardsOf(learnerId))
        await change(challengeId, (cards) => cards.filter((card) => card.learnerId !== learnerId))
    },
  }
}
