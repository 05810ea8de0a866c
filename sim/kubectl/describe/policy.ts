/** kubectl describe priorityclass, resourcequota, limitrange and poddisruptionbudget. Source: k8s.io/kubectl/pkg/describe/describe.go */
import type { LimitRange, LimitRangeItem, ResourceQuota } from '../../api/core/policy-types.ts'
import { sortedEntries } from '../../api/meta/object-meta.ts'
import { formatLabelSelector, formatLabels } from '../../api/meta/selector-text.ts'
import type { PodDisruptionBudget } from '../../api/policy/types.ts'
import type { PriorityClass } from '../../api/scheduling/types.ts'
import { type Describer, findEvents, writeEvents } from './common.ts'
import type { DescribeWriter } from './writer.ts'

export const describePriorityClass: Describer<PriorityClass> = (priorityClass, w, context) => {
  const { metadata, value, globalDefault, preemptionPolicy, description } = priorityClass
  w.field(0, 'Name', metadata.name)
  w.field(0, 'Value', value)
  w.field(0, 'GlobalDefault', globalDefault ?? false)
  if (preemptionPolicy) w.field(0, 'PreemptionPolicy', preemptionPolicy)
  w.field(0, 'Description', description ?? '')
  w.field(0, 'Annotations', formatLabels(metadata.annotations))
  writeEvents(w, context, findEvents(context, priorityClass))
}

export const describeResourceQuota: Describer<ResourceQuota> = (quota, w) => {
  w.field(0, 'Name', quota.metadata.name)
  w.field(0, 'Namespace', quota.metadata.namespace ?? '')
  writeScopes(w, 0, quota, ' * ')
  w.line(0, 'Resource\tUsed\tHard')
  w.line(0, '--------\t----\t----')
  writeUsage(w, 0, quota)
}

const SCOPE_HELP: Readonly<Record<string, string>> = {
  Terminating:
    'Matches all pods that have an active deadline. These pods have a limited lifespan on a node before being actively terminated by the system.',
  NotTerminating:
    'Matches all pods that do not have an active deadline. These pods usually include long running pods whose container command is not expected to terminate.',
  BestEffort:
    'Matches all pods that do not have resource requirements set. These pods have a best effort quality of service.',
  NotBestEffort:
    'Matches all pods that have at least one resource requirement set. These pods have a burstable or guaranteed quality of service.',
}

function writeScopes(w: DescribeWriter, level: number, { spec }: ResourceQuota, bullet: string): void {
  const scopes = (spec.scopes ?? []).toSorted()
  if (scopes.length === 0) return
  w.field(level, 'Scopes', scopes.join(', '))
  for (const scope of scopes) if (SCOPE_HELP[scope]) w.line(level, bullet + SCOPE_HELP[scope])
}

function writeUsage(w: DescribeWriter, level: number, { status }: ResourceQuota): void {
  for (const [name, hard] of sortedEntries(status.hard))
    w.line(level, `${name}\t${status.used?.[name] ?? '0'}\t${hard}`)
}

/** The quotas of a namespace, in its description. */
export function writeResourceQuotas(w: DescribeWriter, quotas: readonly ResourceQuota[]): void {
  if (quotas.length === 0) {
    w.line(0, 'No resource quota.')
    return
  }
  w.line(0, 'Resource Quotas')
  for (const quota of quotas) {
    w.field(1, 'Name', quota.metadata.name)
    writeScopes(w, 1, quota, '* ')
    w.line(1, 'Resource\tUsed\tHard')
    w.line(1, '--------\t---\t---')
    writeUsage(w, 1, quota)
  }
}

const LIMIT_TITLES = ['Type', 'Resource', 'Min', 'Max', 'Default Request', 'Default Limit', 'Max Limit/Request Ratio']

export const describeLimitRange: Describer<LimitRange> = ({ metadata, spec }, w) => {
  w.field(0, 'Name', metadata.name)
  w.field(0, 'Namespace', metadata.namespace ?? '')
  writeLimitTitles(w, '')
  for (const item of spec.limits) writeLimits(w, item, '')
}

/** The LimitRanges of a namespace, in its description. */
export function writeLimitRanges(w: DescribeWriter, limitRanges: readonly LimitRange[]): void {
  if (limitRanges.length === 0) {
    w.line(0, 'No LimitRange resource.')
    return
  }
  w.line(0, 'Resource Limits')
  writeLimitTitles(w, ' ')
  for (const { spec } of limitRanges) for (const item of spec.limits) writeLimits(w, item, ' ')
}

function writeLimitTitles(w: DescribeWriter, indent: string): void {
  w.line(0, indent + LIMIT_TITLES.join('\t'))
  w.line(0, indent + LIMIT_TITLES.map((title) => '-'.repeat(title.length)).join('\t'))
}

function writeLimits(w: DescribeWriter, item: LimitRangeItem, indent: string): void {
  const lists = [item.min, item.max, item.defaultRequest, item.default, item.maxLimitRequestRatio]
  const names = [...new Set(lists.flatMap((list) => Object.keys(list ?? {})))].sort()
  for (const name of names)
    w.line(0, [indent + item.type, name, ...lists.map((list) => list?.[name] ?? '-')].join('\t'))
}

export const describePodDisruptionBudget: Describer<PodDisruptionBudget> = (budget, w, context) => {
  const { metadata, spec, status } = budget
  w.field(0, 'Name', metadata.name)
  w.field(0, 'Namespace', metadata.namespace ?? '')
  if (spec.minAvailable !== undefined) w.field(0, 'Min available', spec.minAvailable)
  else if (spec.maxUnavailable !== undefined) w.field(0, 'Max unavailable', spec.maxUnavailable)
  w.field(0, 'Selector', spec.selector ? formatLabelSelector(spec.selector) : '<unset>')
  w.line(0, 'Status:')
  w.field(2, 'Allowed disruptions', status.disruptionsAllowed)
  w.field(2, 'Current', status.currentHealthy)
  w.field(2, 'Desired', status.desiredHealthy)
  w.field(2, 'Total', status.expectedPods)
  writeEvents(w, context, findEvents(context, budget))
}
