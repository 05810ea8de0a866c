/** The crossing into the simulator: the functions that labs call. */

import type {
  ChallengeSpec,
  Cluster,
  ClusterOptions,
  GradeResult,
  LoggedCommand,
  SequenceMessage,
  Submission,
} from '../../sim/index.ts'
import * as sim from '../../sim/index.ts'
import type { SimulatorFacts } from './types.ts'

export interface Simulator {
  createCluster(options: ClusterOptions): Cluster
  replayCluster(options: ClusterOptions, log: LoggedCommand[], untilMs: number): Cluster
  openChallenge(
    spec: ChallengeSpec,
    seed: string,
  ): { spec: ChallengeSpec; params: Record<string, string | number>; cluster: Cluster }
  gradeChallenge(spec: ChallengeSpec, submission: Submission, seed: string, contentHash: string): GradeResult
  podCreationSequence(cluster: Cluster, pod: { namespace: string; name: string }): SequenceMessage[]
  /** A CEL expression over the cluster's objects, and the steps' results. */
  evaluateCel(cluster: Cluster, expression: string, bindings?: Record<string, unknown>): unknown
  simulated(): SimulatorFacts
}

export const simulator = sim as unknown as Simulator
