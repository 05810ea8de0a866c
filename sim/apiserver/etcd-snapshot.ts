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

const MARK = 'podium etcd snapshot '

/**
 * Simplified: keys are told, not their values: the file says what it is a snapshot of.
 * @param totalSizeBytes of the database that is copied
 */
export function snapshotText(store: ObjectStore, revision: number, totalSizeBytes: number): string {
  const keys = rangeOfKeys(store, () => true, revision)
  const hash = keys.reduce((sum, key) => hash32(`${key.text}=${valueText(key)}`, sum), revision)
  const totalKeys = store.etcd.history().filter((change) => change.revision <= revision).length
  const told: SnapshotFile = {
    hash: hash.toString(16),
    revision,
    totalKeys,
    totalSizeBytes,
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
