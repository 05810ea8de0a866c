/** kubectl describe node */
import type { Lease } from '../../api/coordination/types.ts'
import { podLimits, podRequests } from '../../api/core/pod/resources.ts'
import type { Pod } from '../../api/core/pod-types.ts'
import type { Node, Taint } from '../../api/core/types.ts'
import type { ResourceList } from '../../api/meta/object.ts'
import { addQuantities, canonicalQuantity, quantityMillis, quantityValue } from '../../api/meta/quantity.ts'
import { isStatus, StatusError } from '../../api/meta/status-error.ts'
import type { ResourceSlice } from '../../api/resource/types.ts'
import { goSorted } from '../go-sort.ts'
import { listInChunks } from '../resources.ts'
import {
  type DescribeContext,
  type Describer,
  findEvents,
  kindOf,
  printAgo,
  printTime,
  writeAnnotations,
  writeEvents,
  writeLabels,
  writeMultiline,
} from './common.ts'
import type { DescribeWriter } from './writer.ts'

const ROLE_PREFIX = 'node-role.kubernetes.io/'

export const describeNode: Describer<Node> = (node, w, context) => {
  const { metadata, spec, status } = node
  const pods = findPods(context, metadata.name)
  // The kubelet's events carry the node's name as their uid, the controllers' its uid.
  const events = [...findEvents(context, node), ...findEvents(context, node, metadata.name)]
  const slices = findSlices(context, metadata.name)
  w.field(0, 'Name', metadata.name)
  w.field(0, 'Roles', findRoles(node).join(',') || '<none>')
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  w.field(0, 'CreationTimestamp', printTime(metadata.creationTimestamp))
  const taints = goSorted(spec.taints ?? [], (a, b) => taintOrder(a) < taintOrder(b))
  writeMultiline(w, 'Taints', taints.map(printTaint))
  w.field(0, 'Unschedulable', spec.unschedulable ?? false)
  writeLease(w, context, metadata.name)
  if (status.conditions?.length) {
    w.write(0, 'Conditions:\n  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage\n')
    w.line(1, '----\t------\t-----------------\t------------------\t------\t-------')
    for (const condition of status.conditions) {
      const times = `${printTime(condition.lastHeartbeatTime)} \t${printTime(condition.lastTransitionTime)}`
      w.line(
        1,
        `${condition.type} \t${condition.status} \t${times} \t${condition.reason ?? ''} \t${condition.message ?? ''}`,
      )
    }
  }
  w.line(0, 'Addresses:')
  for (const { type, address } of status.addresses ?? []) w.field(1, type, address)
  writeAmounts(w, 'Capacity', status.capacity)
  writeAmounts(w, 'Allocatable', status.allocatable)
  writeSlices(w, slices)
  writeSystemInfo(w, status.nodeInfo ?? {})
  if (spec.podCIDR) w.field(0, 'PodCIDR', spec.podCIDR)
  if (spec.podCIDRs?.length) w.field(0, 'PodCIDRs', spec.podCIDRs.join(','))
  if (spec.providerID) w.field(0, 'ProviderID', spec.providerID)
  writePods(w, context, node, pods)
  writeEvents(w, context, events)
}

const findRoles = (node: Node): string[] => {
  const roles = new Set<string>()
  for (const [key, value] of Object.entries(node.metadata.labels ?? {})) {
    if (key.startsWith(ROLE_PREFIX) && key.length > ROLE_PREFIX.length) roles.add(key.slice(ROLE_PREFIX.length))
    else if (key === 'kubernetes.io/role' && value) roles.add(value)
  }
  return [...roles].sort()
}

const taintOrder = ({ key, effect }: Taint): string => `${effect},${key}`

const printTaint = ({ key, value, effect }: Taint): string => `${key}${value ? `=${value}` : ''}:${effect}`

function writeLease(w: DescribeWriter, context: DescribeContext, name: string): void {
  let lease: Lease
  try {
    lease = context.client.get(kindOf<Lease>(context, 'leases'), { namespace: 'kube-node-lease', name })
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    w.field(0, 'Lease', `Failed to get lease: ${error.message}`)
    return
  }
  const { holderIdentity, acquireTime, renewTime } = lease.spec
  w.line(0, 'Lease:')
  w.field(1, 'HolderIdentity', holderIdentity ?? '<unset>')
  w.field(1, 'AcquireTime', acquireTime ? printTime(acquireTime) : '<unset>')
  w.field(1, 'RenewTime', renewTime ? printTime(renewTime) : '<unset>')
}

/** Nobody is told when they may not be read. */
function findSlices(context: DescribeContext, nodeName: string): readonly ResourceSlice[] {
  try {
    const fieldSelector = `spec.nodeName=${nodeName}`
    return context.client.list(kindOf<ResourceSlice>(context, 'resourceslices'), { fieldSelector }).items
  } catch (error) {
    if (error instanceof StatusError) return []
    throw error
  }
}

const MOST_POOLS = 10

function writeSlices(w: DescribeWriter, slices: readonly ResourceSlice[]): void {
  if (slices.length === 0) return
  const pools = new Map<string, ResourceSlice[]>()
  for (const slice of slices) {
    const pool = `${slice.spec.driver}/${slice.spec.pool.name}`
    pools.set(pool, [...(pools.get(pool) ?? []), slice])
  }
  w.line(0, 'Node-Local ResourceSlices:')
  w.line(1, 'Driver\tPool\tSlices\tDevices')
  w.line(1, '------\t----\t------\t-------')
  for (const [, members] of [...pools].toSorted(([a], [b]) => (a < b ? -1 : 1)).slice(0, MOST_POOLS)) {
    const { driver, pool } = members[0].spec
    const devices = members.reduce((sum, { spec }) => sum + (spec.devices ?? []).length, 0)
    w.line(1, `${driver}\t${pool.name}\t${members.length}\t${devices}`)
  }
  if (pools.size > MOST_POOLS) w.line(1, `...and ${pools.size - MOST_POOLS} more pools`)
}

function writeAmounts(w: DescribeWriter, title: string, amounts: ResourceList | undefined): void {
  const names = Object.keys(amounts ?? {}).sort()
  if (names.length > 0) w.line(0, `${title}:`)
  for (const name of names) w.field(1, name, canonicalQuantity(amounts?.[name] ?? '0'))
}

function writeSystemInfo(w: DescribeWriter, info: Record<string, string>): void {
  w.line(0, 'System Info:')
  const fields = [
    ['Machine ID', 'machineID'],
    ['System UUID', 'systemUUID'],
    ['Boot ID', 'bootID'],
    ['Kernel Version', 'kernelVersion'],
    ['OS Image', 'osImage'],
    ['Operating System', 'operatingSystem'],
    ['Architecture', 'architecture'],
    ['Container Runtime Version', 'containerRuntimeVersion'],
    ['Kubelet Version', 'kubeletVersion'],
  ] as const
  for (const [title, field] of fields) w.field(1, title, info[field] ?? '')
}

/** Pods that take something of the node; undefined for somebody who may not see them. */
function findPods(context: DescribeContext, node: string): readonly Pod[] | undefined {
  const fieldSelector = `spec.nodeName=${node},status.phase!=Succeeded,status.phase!=Failed`
  try {
    return listInChunks(context.client, kindOf<Pod>(context, 'pods'), { fieldSelector }, context.chunkSize).items
  } catch (error) {
    if (!isStatus(error, 'Forbidden')) throw error
    return undefined
  }
}

function writePods(w: DescribeWriter, context: DescribeContext, node: Node, pods: readonly Pod[] | undefined): void {
  if (!pods) {
    w.field(0, 'Pods', 'not authorized')
    return
  }
  const available = node.status.allocatable ?? node.status.capacity ?? {}
  const share = (name: string, amount: string): string => `${amount} (${percentOf(name, amount, available[name])}%)`
  w.line(0, `Non-terminated Pods:\t(${pods.length} in total)`)
  w.line(1, 'Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge')
  w.line(1, '---------\t----\t\t------------\t----------\t---------------\t-------------\t---')
  let totals: { requests: ResourceList; limits: ResourceList } = { requests: {}, limits: {} }
  for (const pod of pods) {
    const [requests, limits] = [podRequests(pod.spec), podLimits(pod.spec)]
    totals = { requests: add(totals.requests, requests), limits: add(totals.limits, limits) }
    const cells = (['cpu', 'memory'] as const).flatMap((name) => [
      share(name, requests[name] ?? '0'),
      share(name, limits[name] ?? '0'),
    ])
    const age = printAgo(pod.metadata.creationTimestamp, context.nowEpochMs)
    w.line(1, `${pod.metadata.namespace}\t${pod.metadata.name}\t\t${cells.join('\t')}\t${age}`)
  }
  w.write(0, 'Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)\n')
  w.line(1, 'Resource\tRequests\tLimits')
  w.line(1, '--------\t--------\t------')
  const row = (name: string, show: (name: string, amount: string) => string): void =>
    w.line(1, `${name}\t${show(name, totals.requests[name] ?? '0')}\t${show(name, totals.limits[name] ?? '0')}`)
  for (const name of ['cpu', 'memory', 'ephemeral-storage']) row(name, share)
  const others = Object.keys(available).filter(
    (name) => !['cpu', 'memory', 'ephemeral-storage', 'storage', 'pods'].includes(name),
  )
  for (const name of others.filter((name) => name.startsWith('hugepages-')).sort()) row(name, share)
  for (const name of others.filter((name) => !name.startsWith('hugepages-')).sort()) row(name, (_, amount) => amount)
}

function add(a: ResourceList, b: ResourceList): ResourceList {
  const sum = { ...a }
  for (const name of Object.keys(b)) sum[name] = sum[name] === undefined ? b[name] : addQuantities(sum[name], b[name])
  return sum
}

function percentOf(name: string, amount: string, total: string | undefined): number {
  const value = name === 'cpu' ? quantityMillis : quantityValue
  const whole = total === undefined ? 0 : value(total)
  return whole === 0 ? 0 : Math.trunc((value(amount) / whole) * 100)
}
