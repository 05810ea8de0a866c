/** An attempt of the scheduler to place a Pod: what each plugin said of each node. */

export interface NodeVerdict {
  node: string
  /** The first plugin that rejected the node, with its reasons. */
  rejectedBy?: string
  reasons?: readonly string[]
  /** From 0 to 100, in the order of the attempt's `scorers`; there when more than one node would have done. */
  scores?: readonly number[]
  /** The same as the plugins gave them, before they were scaled. */
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
  /** Virtual milliseconds of the engine. */
  atMs: number
  /** The schedulerName of the profile that made it. */
  profile: string
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
  /** Filters that had nothing to say on this Pod and were left out. */
  skipped: readonly string[]
  scorers: readonly { name: string; weight: number }[]
  /** Every node, or the most telling ones of a large cluster. */
  nodes: readonly NodeVerdict[]
  /** Where room is made for the Pod, and which Pods have to go for it. */
  preemption?: { node: string; victims: readonly string[] }
}

/** What an attempt came to, as the sentence's end: `placed on node-2`. */
export function outcomeOf({ result, node, message = '' }: Attempt): string {
  if (result === 'scheduled') return `placed on ${node}`
  return result === 'unschedulable' ? `found no node: ${message}` : `failed: ${message}`
}

/** The best node first, then those that were rejected. */
export const byRank = (a: NodeVerdict, b: NodeVerdict): number =>
  (b.total ?? (b.rejectedBy ? -2 : -1)) - (a.total ?? (a.rejectedBy ? -2 : -1)) || (a.node < b.node ? -1 : 1)

/** What each filter said of a node: up to the first that rejected it. */
export function filterVerdicts(
  { filters }: Attempt,
  { rejectedBy }: NodeVerdict,
): { filter: string; passed: boolean }[] {
  const end = rejectedBy === undefined ? filters.length : filters.indexOf(rejectedBy) + 1
  return filters.slice(0, end).map((filter) => ({ filter, passed: filter !== rejectedBy }))
}
