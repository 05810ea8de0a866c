/** A snapshot of etcd in a file: what `etcdctl snapshot save` writes and `etcdutl` reads. */

import { hash32 } from '../engine/random.ts'
import { rangeOfKeys, valueText } from './etcd-keys.ts'
import type { ObjectStore } from './object-store.ts'

export interface SnapshotFile {
  readonly hash: string
  readonly revision: number
  readonly totalKeys: number
  readonly totalSizeBytes: number
}

/** Of bbolt, in which etcd keeps its keys. */
const PAGE_BYTES = 4096
/** What a revision of a key takes, besides the free pages. Simplified: the same for each. */
const REVISION_BYTES = 1100
const MARK = 'podium etcd snapshot '

/** Bytes of the database with so many revisions, whole pages of it. */
export const databaseBytes = (revisions: number): number =>
  PAGE_BYTES * (5 + Math.ceil((revisions * REVISION_BYTES) / PAGE_BYTES))

/** Simplified: keys are told, not their values: the file says what it is a snapshot of. */
export function snapshotText(store: ObjectStore, revision: number): string {
  const keys = rangeOfKeys(store, () => true, revision)
  const hash = keys.reduce((sum, key) => hash32(`${key.text}=${valueText(key)}`, sum), revision)
  const totalKeys = store.etcd.history().filter((change) => change.revision <= revision).length
  const told: SnapshotFile = {
    hash: hash.toString(16),
    revision,
    totalKeys,
    totalSizeBytes: databaseBytes(totalKeys),
  }
  return `${MARK}${JSON.stringify(told)}\n`
}

/** Undefined when the file is no snapshot. */
export function readSnapshot(text: string): SnapshotFile | undefined {
  if (!text.startsWith(MARK)) return undefined
  try {
    const { hash, revision, totalKeys, totalSizeBytes } = JSON.parse(text.slice(MARK.length)) as Partial<SnapshotFile>
    const isWhole = typeof hash === 'string' && [revision, totalKeys, totalSizeBytes].every(Number.isFinite)
    return isWhole ? ({ hash, revision, totalKeys, totalSizeBytes } as SnapshotFile) : undefined
  } catch {
    return undefined
  }
}
