/** The same labs with something around each of their runs: what counts and traces them. */
import type { Labs } from './types.ts'

/** Whoever asks these is no learner. */
const noRuns: ReadonlySet<string> = new Set(['healthy', 'about', 'close', 'load'])

/** @param around asks for the run and gives on what comes of it. @param kind what is asked: a name of the labs, such as `grade` */
export function aroundRuns<L extends Labs>(
  labs: L,
  around: (kind: string, run: () => Promise<unknown>) => Promise<unknown>,
): L {
  const wrapped = Object.entries(labs).map(([kind, ask]: [string, (...given: unknown[]) => Promise<unknown>]) => [
    kind,
    noRuns.has(kind) ? ask : (...given: unknown[]) => around(kind, async () => ask(...given)),
  ])
  return Object.fromEntries(wrapped) as L
}
