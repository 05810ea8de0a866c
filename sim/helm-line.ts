/** Runs a line of Helm in a cluster, with what kubectl works with there, and what charts draw by chance. */
import type { ClusterParts } from './cluster-parts.ts'
import { stepsPerSecond } from './engine/work.ts'
import type { HelmContext } from './helm/context.ts'
import { runHelm } from './helm/helm.ts'
import { memoryFiles } from './kubectl/files.ts'
import { contextOf, noFiles } from './kubectl-line.ts'
import { withAllowance } from './runtime/allowance.ts'
import { type Driven, drive } from './runtime/drive.ts'
import type { Wait } from './runtime/process.ts'
import { type CommandRun, type HelmInput, recordAsYours } from './scenario/commands/command.ts'

/** Starting helm, reading the kubeconfig. */
const helmStartMs = 100
/** Of computing that one line may take: half a second, as of kubectl's. */
const helmSteps = stepsPerSecond / 2

/**
 * Runs a line; what it did to the files of a workplace is part of the result.
 * @param originMs the engine's time at the hand-over
 */
export function runHelmLine(
  parts: ClusterParts,
  { line, stdin = '', workplace }: HelmInput,
  { out, finish }: CommandRun,
  originMs: number,
): Driven {
  recordAsYours(parts, line, stdin)
  const { environment } = workplace ?? noFiles
  const files = memoryFiles(workplace ?? noFiles)
  const io = { stdin, files, environment, out, keyboard: undefined, edited: undefined }
  const context: HelmContext = { ...contextOf(parts, io, originMs), random: parts.engine.random('helm') }
  return drive(helmProcess(line, context), (exit) => {
    const { used, written } = files
    finish(exit, workplace ? { files: { used, written } } : undefined)
  })
}

function* helmProcess(line: string, context: HelmContext): Generator<Wait, number, unknown> {
  yield context.sleep(helmStartMs)
  try {
    context.client.takeChargedMs?.()
    const exit = yield* withAllowance(helmSteps, runHelm(line, context))
    const chargedMs = context.client.takeChargedMs?.() ?? 0
    if (chargedMs > 0) yield context.sleep(chargedMs)
    if (exit !== undefined) return exit
    context.stderr('Error: the command was stopped: it needs more computing than one command may take\n')
  } catch (error) {
    // A text or a stack that is longer than the language lets one be: the line's failure, and not the cluster's.
    if (!(error instanceof RangeError)) throw error
    context.stderr('Error: the command was stopped: it needs more memory than one command may take\n')
  }
  return 1
}
