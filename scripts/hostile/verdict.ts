/** What measurements and answers mean: whether others waited longer than usual, and whose failure a 500 tells of. Pure. */

/** Asked of the site by a learner who has nothing to do with the inputs. */
export interface Probe {
  kind: string
  startMs: number
  ms: number
}

/** How long after the answer to a probe the next one is sent. */
export const probeGapMs = 40
/** Two pauses of this length are felt as one: nobody is slowed by less. */
const graceMs = 50

export function share(values: readonly number[], part: number): number {
  if (values.length === 0) return 0
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))]!
}

/**
 * The times that somebody waits who asks at any moment: one who waited ten seconds for an answer would have asked many times
 * meanwhile, and waited for each.
 */
export const waits = (probes: readonly Probe[]): number[] =>
  probes.flatMap(({ ms }) => {
    const all = [ms]
    for (let rest = ms - probeGapMs; rest > probeGapMs; rest -= probeGapMs) all.push(rest)
    return all
  })

/** What the 95th percentile may be: twice what it is when nothing else happens. */
export const limitOf = (baseline: readonly number[]): number => {
  const usual = share(baseline, 0.95)
  return Math.max(2 * usual, usual + graceMs)
}

export interface Slowness {
  kind: string
  p95Ms: number
  limitMs: number
}

/** The kinds of probes that took too long in this window. */
export function slowness(probes: readonly Probe[], baselines: ReadonlyMap<string, readonly number[]>): Slowness[] {
  return [...baselines].flatMap(([kind, baseline]) => {
    const p95Ms = share(waits(probes.filter((probe) => probe.kind === kind)), 0.95)
    const limitMs = limitOf(baseline)
    return p95Ms > limitMs ? [{ kind, p95Ms: Math.round(p95Ms), limitMs: Math.round(limitMs) }] : []
  })
}

/**
 * Whether an answer of 500 is one that a real API server gives as well: a Status of an internal error in its own words, such as that all
 * ports are taken, or of an error that it made no Status of, which has no reason (a Binding without a target).
 * Sources: k8s.io/apimachinery/pkg/api/errors NewInternalError; apiserver/pkg/endpoints/handlers/responsewriters/status.go
 */
export const isOfCluster = (text: string): boolean =>
  /Internal error occurred: /.test(text) || (/\bStatus\b/.test(text) && !/InternalError/.test(text))
