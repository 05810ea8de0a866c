/** Acts of seats as they are stored. What their data is stands in `server/journal/acts`. */
import { z } from 'zod'
import { type Origin, origin } from './origin.ts'
import type { StreamKind } from './streams.ts'

/** What every act says. */
export interface ActEnvelope {
  /** Nobody else's. An act that is read in a second time is there once. */
  id: string
  /** By the server's clock, in ms since 1970. */
  atMs: number
  /** What it was about: `lesson:pod/probes`, `question:…`, `challenge:…` */
  item?: string
  /** Of the content that it was about, as it was then. */
  contentHash?: string
  /** Of the simulator that answered. */
  engineVersion?: string
  /** Where the clock of the cluster stood afterwards, in ms after the hand-over. */
  virtualMs?: number
  /** Who did it, when that was not whose seat it is: a name to be shown. */
  by?: string
  /** Of one that was read in from a file that is not this learner's own of this server. */
  origin?: Origin
}

/** Of whichever kind and version. */
export interface StoredAct extends ActEnvelope {
  act: string
  /** Version of its data. */
  v: number
  data?: unknown
}

const ms = z.number()

/** Each seat has a stream, `sitting/seat`. */
export const journalKind: StreamKind<StoredAct> = {
  name: 'journals',
  version: 1,
  upgrades: [],
  entry: z.object({
    id: z.string().min(1),
    act: z.string().min(1),
    v: z.int().min(1),
    atMs: ms,
    item: z.string().optional(),
    contentHash: z.string().optional(),
    engineVersion: z.string().optional(),
    virtualMs: ms.optional(),
    by: z.string().optional(),
    origin,
    data: z.unknown().optional(),
  }),
  // Each act says what it is about: those behind a damaged part count as well.
  toleratesGaps: true,
}
