/** For programs that are there by name: they say that they do nothing here, and fail. */
import type { Process } from '../../runtime/process.ts'
import { atOnce, type Run } from './support.ts'

/** Prints `podium: this program is not simulated` and exits 1. */
export function* notSimulated(process: Process): Run {
  yield* atOnce
  process.stderr.write('podium: this program is not simulated\n')
  return 1
}
