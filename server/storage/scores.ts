/** What reviewers do with their sheets about a candidate: a stream for each seat, `sitting/seat`, that goes with it. What comes of it: server/hiring/scores.ts */
import { z } from 'zod'
import type { StreamKind } from './streams.ts'

const dimension = z.string().regex(/^[a-z0-9-]{1,40}$/)
const level = z.int().min(1).max(5)

const evidence = z.object({
  /** `challenge:crash-loop` */
  item: z.string().min(1).max(200),
  /** Milliseconds on the axis of the replay of the attempt that counts: its pauses are shortened there. */
  atMs: z.number().min(0),
  says: z.string().max(500),
})
export type Evidence = z.infer<typeof evidence>

/** `by` is the reviewer's learner id. */
const envelope = { by: z.string().min(1), atMs: z.number() }

const scoreAct = z.discriminatedUnion('act', [
  z.object({
    ...envelope,
    act: z.literal('level-noted'),
    data: z.object({
      dimension,
      /** Null takes it away again. */
      level: level.nullable(),
      says: z.string().max(2000),
      evidence: z.array(evidence).max(20),
    }),
  }),
  z.object({ ...envelope, act: z.literal('sheet-sent'), data: z.object({}) }),
  z.object({
    ...envelope,
    act: z.literal('level-corrected'),
    data: z.object({ dimension, level, reason: z.string().trim().min(1).max(1000) }),
  }),
])
export type ScoreAct = z.infer<typeof scoreAct>

/** As a reviewer does it. */
export type NewScoreAct = ScoreAct extends infer One
  ? One extends ScoreAct
    ? Pick<One, 'act' | 'data'>
    : never
  : never

export const scoreKind: StreamKind<ScoreAct> = {
  name: 'scores',
  version: 1,
  upgrades: [],
  entry: scoreAct,
  toleratesGaps: true,
}
