/** What the parts of a cluster said to each other until a Pod was ready, as pages draw it. */
import { type LiveCluster, podCreationSequence } from '../../../sim/index.ts'
import type { SequenceRow } from '../types.ts'

/** @returns no rows where there was no such Pod */
export const sequenceRows = (cluster: LiveCluster, pod: { namespace: string; name: string }): SequenceRow[] =>
  podCreationSequence(cluster, pod).map(({ atMs, from, to, label }) => ({ atSeconds: atMs / 1000, from, to, label }))
