/**
 * The forms of what the simulator is given: commands, faults, machines and scenario files, read, checked and told in words; and its version. Apart from
 * `index.ts`, since whoever needs these has no need of the simulator: it is not loaded with them.
 */

export { faultSchema, wordsOfFault } from './faults/registry.ts'
export { patienceFor } from './kubectl/patience.ts'
export { nodeShape } from './node-shape.ts'
export { maxBodyBytes } from './rest/limits.ts'
export { inOrderOfWriting } from './scenario/command-output.ts'
export type { CommandWords } from './scenario/commands/command.ts'
export { fileContent, numberOrParam } from './scenario/commands/input-schemas.ts'
export {
  authoredCommandSchema,
  commandSchema,
  loggedCommandSchema,
  wordsOfCommand,
} from './scenario/commands/registry.ts'
export { authoredTraffic } from './scenario/commands/traffic.ts'
export { parseScenarioFile, recordedShape, stepCommand, stepMs, stepOf } from './scenario/scenario-file.ts'
export { engineVersion, graderVersion, releases } from './version.ts'
