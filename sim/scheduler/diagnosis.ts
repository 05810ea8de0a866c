/** How the scheduler words why a Pod fits nowhere. Source: pkg/scheduler/framework FitError */

export interface Diagnosis {
  /** Each node's reasons. */
  reasons?: readonly (readonly string[])[]
  /** Why no node was looked at. */
  preFilter?: string
  /** What trying to make room came to. */
  postFilter?: string
}

/** `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.`, each reason with its number of nodes, sorted as text. */
export function fitMessage(nodes: number, { reasons = [], preFilter, postFilter }: Diagnosis): string {
  const counts = new Map<string, number>()
  for (const list of reasons) for (const reason of list) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  const counted = [...counts].map(([reason, count]) => `${count} ${reason}`).sort()
  const why = preFilter || counted.join(', ')
  return `0/${nodes} nodes are available:${why ? ` ${why}.` : ''}${postFilter ? ` ${postFilter}` : ''}`
}
