/** Nodes must match nodeSelector and required node affinity; preferred affinity adds to their score. Source: nodeaffinity/node_affinity.go */
import { nodeMatchesPod, nodeMatchesTerm } from '../../api/core/pod/node-fit.ts'
import type { Pod } from '../../api/core/pod-types.ts'
import { charge } from '../../engine/work.ts'
import { normalizeByGreatest, type SchedulerPlugin, unresolvable } from '../framework.ts'

const NAME = 'NodeAffinity'
const REJECTION = unresolvable(NAME, "node(s) didn't match Pod's node affinity/selector")

const preferredOf = (pod: Pod) => pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []

export const nodeAffinity = (): SchedulerPlugin => ({
  name: NAME,
  weight: 2,
  preFilter({ info }) {
    const { nodeSelector, affinity } = info.pod.spec
    const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
    if (!required) return nodeSelector && Object.keys(nodeSelector).length > 0 ? undefined : 'skip'
    // Where every term names its nodes, as DaemonSets do, no other node has to be looked at.
    const names = new Set<string>()
    for (const term of required.nodeSelectorTerms) {
      const byName = term.matchFields?.filter(({ key, operator }) => key === 'metadata.name' && operator === 'In') ?? []
      if (byName.length === 0) return undefined
      charge(2)
      for (const name of byName[0].values ?? []) {
        charge(byName.reduce((sum, { values = [] }) => sum + 1 + values.length / 8, 0))
        if (byName.every(({ values }) => values?.includes(name))) names.add(name)
      }
    }
    return { nodes: names }
  },
  filter: ({ info }, { node }) => (node && nodeMatchesPod(node, info.pod) ? undefined : REJECTION),
  preScore: ({ info }) => (preferredOf(info.pod).length === 0 ? 'skip' : undefined),
  score({ info }, { node }) {
    let sum = 0
    charge(preferredOf(info.pod).length)
    for (const { weight, preference } of preferredOf(info.pod))
      if (node && nodeMatchesTerm(node, preference)) sum += weight
    return sum
  },
  normalizeScore: (_cycle, scores) => normalizeByGreatest(scores, false),
  wakes(info, event) {
    if (event.on !== 'node' || (event.change !== 'add' && event.change !== 'labels')) return false
    if (!nodeMatchesPod(event.node, info.pod)) return false
    return event.change === 'add' || !event.old || !nodeMatchesPod(event.old, info.pod)
  },
})
