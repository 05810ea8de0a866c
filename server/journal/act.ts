/** Acts: what somebody did in a sitting, each with what it was about and what was seen. All that is shown of somebody's work is made of them. */
import type { z } from 'zod'
import type { ActEnvelope } from '../storage/stored-acts.ts'

export interface Act<Name extends string, Data> extends ActEnvelope {
  act: Name
  data: Data
}

/** An act as whoever does it says it: the journal adds the rest. */
export type NewAct<A> =
  A extends Act<string, unknown> ? Omit<A, 'id' | 'atMs'> & Partial<Pick<A, 'id' | 'atMs'>> : never

/** One kind of act: a file in `acts`, and a line in its registry. */
export interface ActKind<Name extends string, Data> {
  name: Name
  /** Version of the present form of the data; 1 is the first. */
  version: number
  schema: z.ZodType<Data>
  /** `upgrades[n]` turns the data of version n + 1 into version n + 2. */
  upgrades: readonly ((data: unknown) => unknown)[]
  /** What was done, for whoever reads the journal: a text for `t`, and its values. */
  words(act: Act<Name, Data>): { text: string; values?: Readonly<Record<string, string | number>> }
}

export type ActOf<Kind> = Kind extends ActKind<infer Name, infer Data> ? Act<Name, Data> : never

export const defineAct = <const Name extends string, Data>(kind: ActKind<Name, Data>): ActKind<Name, Data> => kind
