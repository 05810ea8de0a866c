/** What the rest of Podium may ask of the simulator. Nothing outside sim/ imports anything of it but this, and `forms.ts`. */

export { type FeatureGate, featureGates } from './api/meta/feature-gates.ts'
export type { KubeObject } from './api/meta/object.ts'
export { kinds as builtInKinds } from './api/registry.ts'
export { type Attempt, byRank, filterVerdicts } from './api/scheduling/attempt.ts'
export { outlineOf, type SchemaOutline } from './api/schema/outline.ts'
export type { LiveCluster } from './cluster.ts'
export { createCluster, replayCluster } from './cluster.ts'
export { defaultStartEpochMs } from './cluster-parts.ts'
export type { Cluster, ClusterOptions } from './cluster-types.ts'
export { BudgetError, type EngineLimits } from './engine/engine.ts'
export { budgeted, stepsPerSecond, workSpent } from './engine/work.ts'
export type { MemberStanding } from './etcd/members.ts'
export {
  type Happening,
  playStage,
  type StageAct,
  type StageEntry,
  type StageMember,
  type StageMessage,
  type StageOptions,
  type StageScene,
} from './etcd/raft/stage.ts'
export { kubectlYaml, yamlLimits } from './kubectl/yaml.ts'
export { issueCertificate, writeName } from './pki/issue.ts'
export { isRead } from './rest/rest.ts'
export type {
  ConnectionInput,
  ConnectionSink,
  ExecInput,
  ExecSession,
  ExecSink,
  HttpAnswer,
  HttpOutcome,
  HttpRequest,
  HttpStream,
  NoAnswer,
  PortForwardSession,
  StreamSink,
} from './rest/types.ts'
export { changedBeside } from './scenario/changed-beside.ts'
export { causeNames, diagnose } from './scenario/diagnosis.ts'
export { evaluateCel } from './scenario/evaluate.ts'
export {
  type CheckOverTime,
  checksOverTime,
  gradeChallenge,
  judgeNow,
  openChallenge,
  prepareChallenge,
  type ReplayedRun,
  replayGraded,
} from './scenario/grade.ts'
export { runScenario } from './scenario/run-scenario.ts'
export { podCreationSequence } from './scenario/sequence.ts'
export * from './scenario/types.ts'
export { fillText, type Params, variantCount } from './scenario/variant.ts'
export { kindNamed, simulated } from './simulated.ts'
export { engineVersion, graderVersion } from './version.ts'
