/** Whether a node takes a Pod that was given to it: what the scheduler would have checked. Source: pkg/kubelet/lifecycle/predicate.go */

import { podRequests } from '../api/core/pod/resources.ts'
import { forbiddenSysctl } from '../api/core/pod/sysctls.ts'
import type { NodeSelectorTerm, Pod } from '../api/core/pod-types.ts'
import type { Node } from '../api/core/types.ts'
import { quantityMillis, quantityValue } from '../api/meta/quantity.ts'
import { charge } from '../engine/work.ts'

export interface Refusal {
  /** `OutOfcpu`, `NodeAffinity`: the Pod's reason. */
  reason: string
  message: string
}

/** @param others Pods that run on the node already */
export function admitPod(pod: Pod, node: Node, others: readonly Pod[]): Refusal | undefined {
  const forbidden = forbiddenSysctl(pod.spec)
  if (forbidden !== undefined) return { reason: 'SysctlForbidden', message: forbidden }
  if (pod.spec.os && pod.spec.os.name !== node.status.nodeInfo?.operatingSystem) {
    return { reason: 'PodOSNotSupported', message: "Failed to admit pod as the OS field doesn't match node OS" }
  }
  const allocatable = node.status.allocatable ?? {}
  const maxPods = quantityValue(allocatable.pods ?? '110')
  if (others.length + 1 > maxPods) return outOf('pods', 1, others.length, maxPods)
  const requests = podRequests(pod.spec)
  for (const name of ['cpu', 'memory', 'ephemeral-storage']) {
    if (!requests[name]) continue
    const amount = name === 'cpu' ? quantityMillis : quantityValue
    const requested = amount(requests[name])
    if (requested === 0) continue
    const capacity = amount(allocatable[name] ?? '0')
    const used = others.reduce((sum, other) => sum + amount(podRequests(other.spec)[name] ?? '0'), 0)
    if (used + requested > capacity) return outOf(name, requested, used, capacity)
  }
  if (!matchesNodeSelection(pod, node))
    return failed('NodeAffinity', "node(s) didn't match Pod's node affinity/selector")
  if (pod.spec.nodeName && pod.spec.nodeName !== node.metadata.name)
    return failed('NodeName', "node(s) didn't match the requested node name")
  const taken = new Set(hostPorts(pod))
  if (taken.size > 0 && others.some((other) => hostPorts(other).some((port) => taken.has(port))))
    return failed('NodePorts', "node(s) didn't have free ports for the requested pod ports")
  return undefined
}

const failed = (predicate: string, why: string): Refusal => ({
  reason: predicate,
  message: `Predicate ${predicate} failed: ${why}`,
})

const outOf = (name: string, requested: number, used: number, capacity: number): Refusal => ({
  reason: `OutOf${name}`,
  message: `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
})

const hostPorts = (pod: Pod): string[] =>
  pod.spec.containers.flatMap(({ ports = [] }) => {
    charge(ports.length)
    return ports.filter((p) => p.hostPort).map((p) => `${p.protocol}/${p.hostIP ?? ''}/${p.hostPort}`)
  })

function matchesNodeSelection(pod: Pod, node: Node): boolean {
  const labels = node.metadata.labels ?? {}
  if (Object.entries(pod.spec.nodeSelector ?? {}).some(([key, value]) => labels[key] !== value)) return false
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return !required || required.nodeSelectorTerms.some((term) => matchesTerm(term, node.metadata.name, labels))
}

function matchesTerm(term: NodeSelectorTerm, name: string, labels: Readonly<Record<string, string>>): boolean {
  const { matchExpressions = [], matchFields = [] } = term
  if (matchExpressions.length + matchFields.length === 0) return false
  charge((matchExpressions.length + matchFields.length) / 2)
  return (
    matchFields.every((field) => field.key === 'metadata.name' && matches(field.operator, name, field.values)) &&
    matchExpressions.every((expression) => matches(expression.operator, labels[expression.key], expression.values))
  )
}

function matches(operator: string, value: string | undefined, values: readonly string[] = []): boolean {
  if (values.length > 8) charge(values.length / 16)
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0])
    default:
      return value !== undefined && Number(value) < Number(values[0])
  }
}
