/** Who was erased, by ids alone: they outlive what they tell of, so that a restored backup is erased again. */
import { z } from 'zod'
import { type DocumentKind, findAll } from './documents.ts'
import type { Store } from './store.ts'

const id = z.string().min(1)

export const erasureSchema = z.object({
  /** Of the erasure. */
  id,
  /** Of the participant who was erased. */
  seat: id,
  sittingId: id,
  atMs: z.number(),
})
export type Erasure = z.infer<typeof erasureSchema>

const erasureKind: DocumentKind<Erasure> = { name: 'erasures', version: 1, upgrades: [], schema: erasureSchema }

/** By seat. */
export interface Erasures {
  find(seat: string): Promise<Erasure | undefined>
  list(): Promise<Erasure[]>
  save(erasure: Erasure): Promise<void>
}

export function createErasures(store: Store): Erasures {
  const erasures = store.documents(erasureKind)
  return {
    find: (seat) => erasures.find(seat),
    list: async () => findAll(erasures, await erasures.keys(), () => undefined),
    save: async (erasure) => void (await erasures.update(erasure.seat, () => erasure)),
  }
}
