/** Duels of predictions: who plays which questions. What somebody answered stands in their own journal. */
import { z } from 'zod'
import { type DocumentKind, findAll } from './documents.ts'
import type { Store } from './store.ts'

const duelSchema = z.object({
  id: z.string().min(1),
  createdAtMs: z.number(),
  endsAtMs: z.number(),
  /** Draws the variants: the same for everybody. */
  seed: z.string().min(1),
  /** `question:pod/probes` */
  items: z.array(z.string().min(1)),
  /** The challenger first. */
  players: z.array(z.object({ learnerId: z.string().min(1), name: z.string() })),
})

export type Duel = z.infer<typeof duelSchema>

const duelKind: DocumentKind<Duel> = {
  name: 'duels',
  version: 1,
  upgrades: [],
  indexes: { learner: ({ players }) => players.map(({ learnerId }) => learnerId) },
  schema: duelSchema,
}

/** By id. */
export interface Duels {
  find(id: string): Promise<Duel | undefined>
  /** Those that a learner plays, the latest first. */
  ofLearner(learnerId: string): Promise<Duel[]>
  create(duel: Duel): Promise<void>
  /** In one step. @throws whatever `change` throws, and Error when it is not there */
  update(id: string, change: (duel: Duel) => Duel): Promise<Duel>
  /** Ends those that were over at `beforeMs`. */
  forget(beforeMs: number): Promise<void>
  /** One learner's places become another one's, who keeps a place that they have already. */
  give(from: string, to: string): Promise<void>
  /** A duel that nobody plays any more goes. */
  leave(learnerId: string): Promise<void>
}

export function createDuels(store: Store): Duels {
  const duels = store.documents(duelKind)
  const ofLearner = async (learnerId: string): Promise<Duel[]> => {
    const all = await findAll(duels, await duels.keysBy('learner', learnerId), () => undefined)
    return all.sort((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? -1 : 1))
  }
  const update = (id: string, change: (duel: Duel) => Duel): Promise<Duel> =>
    duels.update(id, (duel) => {
      if (!duel) throw new Error(`duel ${id} does not exist`)
      return change(duel)
    })
  return {
    find: (id) => duels.find(id),
    ofLearner,
    create: async (duel) => void (await duels.update(duel.id, (known) => known ?? duel)),
    update,
    forget: async (beforeMs) => {
      for (const duel of await findAll(duels, await duels.keys(), () => undefined))
        if (duel.endsAtMs <= beforeMs) await duels.remove(duel.id)
    },
    give: async (from, to) => {
      for (const { id } of await ofLearner(from))
        await update(id, (duel) => {
          const isThere = duel.players.some(({ learnerId }) => learnerId === to)
          const players = duel.players.flatMap((player) => {
            if (player.learnerId !== from) return [player]
            return isThere ? [] : [{ ...player, learnerId: to }]
          })
          return { ...duel, players }
        })
    },
    leave: async (learnerId) => {
      for (const { id } of await ofLearner(learnerId)) {
        const { players } = await update(id, (duel) => ({
          ...duel,
          players: duel.players.filter((player) => player.learnerId !== learnerId),
        }))
        if (players.length === 0) await duels.remove(id)
      }
    },
  }
}
