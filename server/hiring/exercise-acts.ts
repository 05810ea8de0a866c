/** What is done to a hiring exercise by those who manage it: the acts of the stream of its sitting. How it stands is folded of them (`exercise.ts`). */
import { z } from 'zod'
import type { StoredAct } from '../storage/stored-acts.ts'
import { regradeForms } from './regrade.ts'

const seat = z.string().min(1)

/** By name: the form of an act's data. A changed form needs a new name. */
const acts = {
  opened: z.object({}),
  paused: z.object({}),
  resumed: z.object({}),
  closed: z.object({}),
  /** Nothing is owed any more: all that was handed in is graded. */
  settled: z.object({}),
  archived: z.object({}),
  // Of invitations. Who they are for is not said.
  invited: z.object({ seat }),
  renewed: z.object({ seat }),
  revoked: z.object({ seat }),
  /** Somebody has sent their score. */
  scored: z.object({ seat }),
  /** A candidate was erased: how far they had come is all that is left. */
  erased: z.object({ erasure: z.string().min(1), state: z.string().max(20), isScored: z.boolean() }),
  /** So were all of them. */
  emptied: z.object({}),
  /** The report says how much time somebody had, and never why. */
  'time-given': z.object({ seat }),
  ...regradeForms,
} as const

export type ExerciseActName = keyof typeof acts
export type ExerciseAct = {
  [Name in ExerciseActName]: {
    id: string
    atMs: number
    act: Name
    data: z.infer<(typeof acts)[Name]> & { by: string }
  }
}[ExerciseActName]
/** As whoever does it says it. `by` is a learner's id. */
export type NewExerciseAct = {
  [Name in ExerciseActName]: { act: Name; data: z.infer<(typeof acts)[Name]> }
}[ExerciseActName]

export const toStoredAct = ({ data, ...act }: ExerciseAct): StoredAct => ({ ...act, v: 1, data })

/** @returns undefined for an act that this program does not know: it is left out */
export function readExerciseAct({ id, atMs, act, data }: StoredAct): ExerciseAct | undefined {
  if (!Object.hasOwn(acts, act)) return undefined
  const read = z
    .object({ by: z.string() })
    .and(acts[act as ExerciseActName])
    .safeParse(data)
  return read.success ? ({ id, atMs, act, data: read.data } as ExerciseAct) : undefined
}
