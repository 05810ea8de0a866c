/**
 * How long a Job waits before it replaces a failed Pod: 10 s after the first failure, doubling to 10 min; a success starts
 * anew. Pure. Source: kubernetes/pkg/controller/job/backoff_utils.go
 */
import type { Pod } from '../../api/core/pod-types.ts'
import { finishedAtMs } from './pods.ts'

const BASE_MS = 10_000
const MAX_MS = 600_000

export interface Backoff {
  /** Since the last success. */
  failures: number
  lastFailureMs: number
}

export const NO_BACKOFF: Backoff = { failures: 0, lastFailureMs: 0 }

/** The back-off after Pods that ended since. */
export function nextBackoff(before: Backoff, succeeded: readonly Pod[], failed: readonly Pod[]): Backoff {
  if (failed.length === 0) return succeeded.length === 0 ? before : NO_BACKOFF
  const lastSuccessMs = Math.max(Number.NEGATIVE_INFINITY, ...succeeded.map(finishedAtMs))
  const later = failed.map(finishedAtMs).filter((ms) => ms > lastSuccessMs)
  if (later.length === 0) return NO_BACKOFF
  const known = succeeded.length === 0 ? before.failures : 0
  return { failures: known + later.length, lastFailureMs: Math.max(...later) }
}

/** Milliseconds until a Pod may be created. */
export function remainingMs({ failures, lastFailureMs }: Backoff, nowEpochMs: number): number {
  if (failures === 0) return 0
  const delayMs = Math.min(BASE_MS * 2 ** (failures - 1), MAX_MS)
  return Math.max(0, lastFailureMs + delayMs - nowEpochMs)
}
