/** What the rest of Podium may ask of the simulator. Nothing outside sim/ imports anything else of it. */

export type { KubeObject, ObjectKey } from './api/meta/object.ts'
export type { TraceRecord } from './engine/trace.ts'
export * from './scenario/types.ts'
export type { Cluster, ClusterOptions, ObjectChange } from './cluster-types.ts'
export { createCluster, replayCluster } from './cluster.ts'
export { parseScenarioFile, ScenarioError } from './scenario/scenario-file.ts'
export { playScenario, runScenario } from './scenario/run-scenario.ts'
export { engineVersion, serverVersion } from './version.ts'
