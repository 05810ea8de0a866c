/** What one shell may use of the memory and time that all shells share. It is for lines around kubectl. */
import type { BashOptions } from 'just-bash'

const mebibyte = 1 << 20

/** More of its files than this is not kept, nor shown to kubectl. */
export const mostFileBytes = 2 * mebibyte

/** Lines that run beside the one that is typed. */
export const mostJobs = 32

/** A line that passes one of them ends with a message. The whole output of a large cluster in JSON still fits. */
export const shellLimits = {
  maxCommandCount: 5000,
  maxLoopIterations: 5000,
  maxCallDepth: 50,
  maxExecDepth: 16,
  maxSubstitutionDepth: 16,
  maxFileSystemBytes: 4 * mostFileBytes,
  maxSourceBytes: mebibyte,
  maxHeredocSize: mebibyte,
  maxStringLength: 4 * mebibyte,
  maxOutputSize: 8 * mebibyte,
  maxLiveBytes: 64 * mebibyte,
  maxInputBytes: 64 * mebibyte,
  maxArchiveBytes: 4 * mostFileBytes,
  maxArrayElements: 100_000,
  maxBraceExpansionResults: 10_000,
  maxQueryElements: 200_000,
  maxAwkIterations: 50_000,
  maxJqIterations: 200_000,
  maxSedIterations: 5000,
} satisfies BashOptions['executionLimits']
