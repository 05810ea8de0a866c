/** What came of a run that did not end well, in a word: for metrics and traces. */
import { LabRefusal, LabTimeout } from './types.ts'

/** @returns `refused` by a limit of the work, `busy` when nobody had time, `timeout`, or `failed`: our mistake */
export function outcomeOf(error: unknown): 'refused' | 'busy' | 'timeout' | 'failed' {
  if (error instanceof LabTimeout) return 'timeout'
  if (!(error instanceof LabRefusal)) return 'failed'
  return error.status === 429 || error.status === 503 ? 'busy' : 'refused'
}
