/** What of a cluster's shape somebody may ask for. Pure. */
import type { ClusterShape, NodeShape } from '../../../sim/index.ts'

const nodeName = /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/
const quantity = /^\d+(\.\d+)?(m|k|[KMGTPE]i?)?$/

/** Why there cannot be such a cluster; undefined when there can. */
export function shapeProblem({ nodes }: ClusterShape, mostNodes: number): string | undefined {
  if (nodes.length === 0 || nodes.length > mostNodes)
    return `A sandbox has 1 to ${mostNodes} nodes, not ${nodes.length}.`
  const twice = nodes.find(({ name }, place) => nodes.findIndex((other) => other.name === name) !== place)
  if (twice) return `Two nodes are called ${twice.name}.`
  for (const node of nodes) {
    const problem = nodeProblem(node)
    if (problem) return problem
  }
  return undefined
}

function nodeProblem({ name, cpu, memory, disk, pods }: NodeShape): string | undefined {
  if (!nodeName.test(name))
    return `A node cannot be called ${JSON.stringify(name)}: letters a to z, digits, "-" and "." make a name.`
  for (const [what, given] of Object.entries({ cpu, memory, disk }))
    if (given !== undefined && !quantity.test(given))
      return `${name}: ${what} is no quantity such as 2, 500m or 8Gi: ${given}`
  if (pods !== undefined && !(Number.isInteger(pods) && pods >= 1 && pods <= 1000))
    return `${name}: a node takes 1 to 1000 Pods, not ${pods}.`
  return undefined
}
