/** The record of an attempt: what each plugin said of each node. What the product shows when it is asked "why there?" or "why pending?". */

export interface NodeVerdict {
  node: string
  /** The first plugin that rejected the node, with its reasons. */
  rejectedBy?: string
  reasons?: readonly string[]
  /** From 0 to 100, in the order of the attempt's `scorers`; there when more than one node would have done. */
  scores?: readonly number[]
  /** The same before they were scaled; of small clusters only. */
  rawScores?: readonly number[]
  /** The sum of the scores, each times its plugin's weight. */
  total?: number
}

export interface Attempt {
  /** `namespace/name` */
  pod: string
  uid: string
  /** Counted from 1. */
  attempt: number
  atMs: number
  result: 'scheduled' | 'unschedulable' | 'error'
  /** Where it went. */
  node?: string
  /** Why nowhere: the text of the FailedScheduling event. */
  message?: string
  /** Nodes that were looked at, and how many of these would have done. */
  evaluated: number
  feasible: number
  /** The filters that were asked, in order: a node that one rejected had passed those before it. */
  filters: readonly string[]
  scorers: readonly { name: string; weight: number }[]
  /** Every node, or the most telling ones of a large cluster. */
  nodes: readonly NodeVerdict[]
}

/** Attempts that are remembered a Pod, and Pods. */
const ATTEMPTS_A_POD = 5
const PODS = 5000

/** What each filter said of a node: up to the first that rejected it. */
export function filterVerdicts(
  { filters }: Attempt,
  { rejectedBy }: NodeVerdict,
): { filter: string; passed: boolean }[] {
  const end = rejectedBy === undefined ? filters.length : filters.indexOf(rejectedBy) + 1
  return filters.slice(0, end).map((filter) => ({ filter, passed: filter !== rejectedBy }))
}

/** Keeps the latest attempts of the latest Pods. */
export class WhyRecords {
  private readonly byUid = new Map<string, Attempt[]>()
  private readonly uidByKey = new Map<string, string>()

  add(attempt: Attempt): void {
    const attempts = this.byUid.get(attempt.uid) ?? []
    attempts.push(attempt)
    if (attempts.length > ATTEMPTS_A_POD) attempts.shift()
    this.byUid.delete(attempt.uid)
    this.byUid.set(attempt.uid, attempts)
    this.uidByKey.set(attempt.pod, attempt.uid)
    if (this.byUid.size <= PODS) return
    const [oldest, [{ pod }]] = this.byUid.entries().next().value!
    this.byUid.delete(oldest)
    if (this.uidByKey.get(pod) === oldest) this.uidByKey.delete(pod)
  }

  /** @param pod a uid or `namespace/name`; oldest attempt first */
  get(pod: string): readonly Attempt[] {
    return this.byUid.get(pod) ?? this.byUid.get(this.uidByKey.get(pod) ?? '') ?? []
  }
}
