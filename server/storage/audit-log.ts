/** Entries of the audit log, as they are stored: server/hiring/audit.ts chains them. */
import { z } from 'zod'
import type { StreamKind } from './streams.ts'

/** Letters, digits and what stands in ids: no name has only these and is of somebody. */
const idLike = z.string().regex(/^[A-Za-z0-9:_./-]{1,120}$/)

const content = {
  /** From 1. */
  seq: z.int().min(1),
  atMs: z.number(),
  /** A learner's id, or `system`. */
  who: idLike,
  /** `invited`, `role-granted`, `seen-as-admin` */
  act: z.string().regex(/^[a-z][a-z-]{0,60}$/),
  /** What it was about, by ids. */
  what: z.record(z.string().regex(/^[a-zA-Z]{1,40}$/), z.union([idLike, z.number(), z.boolean(), z.null()])),
  /** Of the entry before it. */
  prevHash: z.string(),
}

// What is not hashed must not be there.
export const auditEntry = z.strictObject({ ...content, hash: z.string() })
export type AuditEntry = z.infer<typeof auditEntry>

export const auditKind: StreamKind<AuditEntry> = {
  name: 'audit',
  version: 1,
  upgrades: [],
  entry: auditEntry,
  toleratesGaps: false,
}
