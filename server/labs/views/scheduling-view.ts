/** The scheduler's latest attempts as tables: what each filter said of each node, and each score. Pure. */
import { type Attempt, byRank, type Cluster, filterVerdicts } from '../../../sim/index.ts'
import type { AttemptView, FilterRow, ScoreRow } from '../types.ts'

/** Pods that are shown, and nodes of each: a page, not a protocol. `kubectl podium why` tells the rest. */
const MOST_PODS = 6
const MOST_NODES = 6

/** The last attempt for each of the Pods that were tried last, those of the system left out; the newest first. */
export function viewScheduling(cluster: Cluster, handedOverMs: number): AttemptView[] {
  return cluster
    .schedulingAttempts(MOST_PODS, ({ pod }) => !pod.startsWith('kube-'))
    .map((attempt) => viewAttempt(attempt, handedOverMs))
}

function viewAttempt(attempt: Attempt, handedOverMs: number): AttemptView {
  const verdicts = [...attempt.nodes].sort(byRank)
  const shown = verdicts.slice(0, MOST_NODES)
  const said = shown.map((verdict) => new Map(filterVerdicts(attempt, verdict).map((one) => [one.filter, one.passed])))
  const filters: FilterRow[] = attempt.filters.map((name) => ({
    name,
    verdicts: said.map((of) => (of.get(name) === undefined ? 'not asked' : of.get(name) ? 'passed' : 'refused')),
  }))
  const scores: ScoreRow[] = attempt.scorers.map(({ name, weight }, i) => ({
    name,
    weight,
    cells: shown.map(({ scores: scaled, rawScores: raw }) =>
      scaled && raw ? { raw: raw[i], scaled: scaled[i], weighted: scaled[i] * weight } : undefined,
    ),
  }))
  const [namespace, name] = attempt.pod.split('/')
  return {
    pod: namespace === 'default' ? name : attempt.pod,
    uid: attempt.uid,
    number: attempt.attempt,
    atSeconds: (attempt.atMs - handedOverMs) / 1000,
    profile: attempt.profile,
    isPlaced: attempt.result === 'scheduled',
    isFailed: attempt.result === 'error',
    node: attempt.node ?? '',
    message: attempt.message ?? '',
    evaluated: attempt.evaluated,
    feasible: attempt.feasible,
    nodes: shown.map(({ node }) => ({ name: node, isChosen: node === attempt.node })),
    filters,
    scores,
    totals: shown.map(({ total }) => total),
    refusals: refusalsOf(verdicts),
    skipped: [...attempt.skipped],
    preemption: attempt.preemption && { node: attempt.preemption.node, victims: [...attempt.preemption.victims] },
  }
}

/** The reasons for which nodes were refused, each with these. */
function refusalsOf(verdicts: Attempt['nodes']): AttemptView['refusals'] {
  const byReason = new Map<string, { plugin: string; reason: string; nodes: string[] }>()
  for (const { node, rejectedBy, reasons = [] } of verdicts) {
    if (rejectedBy === undefined) continue
    const reason = reasons.join(', ')
    const known = byReason.get(`${rejectedBy} ${reason}`) ?? { plugin: rejectedBy, reason, nodes: [] }
    known.nodes.push(node)
    byReason.set(`${rejectedBy} ${reason}`, known)
  }
  return [...byReason.values()]
}
