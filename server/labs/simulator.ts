/** The crossing into the simulator: all that labs call of it. Nothing else in server/ imports more than its types. */
export {
  type ClusterOptions,
  createCluster,
  type EngineLimits,
  evaluateCel,
  gradeChallenge,
  isRead,
  judgeNow,
  maxBodyBytes,
  openChallenge,
  parseScenarioFile,
  podCreationSequence,
  recordedShape,
  simulated,
  stepCommand,
  stepMs,
  stepOf,
} from '../../sim/index.ts'
