/** What tells one thing from another in the ids of acts that are made of it: the same for the same, in whichever order its members stand. */
import { createHash } from 'node:crypto'
import { canonical } from '../storage/canonical.ts'

/** Twelve hexadecimal digits. */
export const digestOf = (value: unknown): string =>
  createHash('sha256').update(canonical(value)).digest('hex').slice(0, 12)
