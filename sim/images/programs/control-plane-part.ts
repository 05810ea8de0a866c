/** Programs that are a part of the control plane where the node keeps one. */
import type { Program } from '../../runtime/process.ts'

/** What the node has at that path, if anything; else `otherwise`. */
export const controlPlanePart =
  (path: string, otherwise: Program): Program =>
  (process) =>
    (process.nodeProgram(path) ?? otherwise)(process)
