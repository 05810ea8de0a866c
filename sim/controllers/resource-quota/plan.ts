/** What the objects of a namespace take of a quota. Pure. Source: kubernetes/pkg/controller/resourcequota/resource_quota_controller.go */
import type { ResourceQuota } from '../../api/core/policy-types.ts'
import {
  addResources,
  isInScopes,
  mask,
  multiplyQuantity,
  type QuotaEvaluator,
} from '../../api/core/resource-quota/usage.ts'
import { equalJson } from '../../api/meta/json.ts'
import type { KubeObject, ResourceList } from '../../api/meta/object.ts'
import { compareQuantities } from '../../api/meta/quantity.ts'
import { charge } from '../../engine/work.ts'

/** What an object takes, with the text by which like ones are told. */
export interface Measured {
  usage: ResourceList
  text: string
}

/** The objects of one kind in a namespace, and how they are measured. */
export interface QuotaMeter {
  evaluator: QuotaEvaluator
  objects(): readonly KubeObject[]
  measure(object: KubeObject): Measured
}

/**
 * The status that the quota should have: its limits, and what is used of each.
 * @returns undefined when it has that status already
 */
export function planQuotaStatus(
  quota: ResourceQuota,
  meters: readonly QuotaMeter[],
): ResourceQuota['status'] | undefined {
  const hard = quota.spec.hard ?? {}
  const names = Object.keys(hard)
  charge(stepsOfName * names.length * (1 + meters.length / 8))
  let used: ResourceList = mask(quota.status.used ?? {}, names)
  for (const meter of meters) {
    const measured = names.filter((name) => meter.evaluator.measures(name))
    if (measured.length > 0) used = { ...used, ...usageOf(quota, meter, measured) }
  }
  const isSame =
    quota.status.used !== undefined &&
    equalJson(quota.status.hard, hard) &&
    Object.keys(quota.status.used).length === Object.keys(used).length &&
    Object.entries(used).every(([name, amount]) => {
      const before = quota.status.used?.[name]
      return before !== undefined && compareQuantities(before, amount) === 0
    })
  return isSame ? undefined : { hard, used }
}

/** Of computing: one name that the quota limits, and one amount that something takes. */
const stepsOfName = 5
const stepsOfAmount = 10

function usageOf(quota: ResourceQuota, meter: QuotaMeter, names: readonly string[]): ResourceList {
  // Thousands of objects of one template take the same: each sort is reckoned once.
  const sorts = new Map<string, { usage: ResourceList; count: number }>()
  charge(meter.objects().length)
  for (const object of meter.objects()) {
    if (!isInScopes(quota.spec, meter.evaluator, object)) continue
    const { usage, text } = meter.measure(object)
    const sort = sorts.get(text)
    if (sort) sort.count++
    else sorts.set(text, { usage, count: 1 })
  }
  let total: ResourceList = Object.fromEntries(names.map((name) => [name, '0']))
  for (const { usage, count } of sorts.values()) {
    charge(stepsOfAmount * Object.keys(usage).length)
    const counted = Object.entries(mask(usage, names)).map(([name, amount]) => [name, multiplyQuantity(amount, count)])
    total = addResources(total, Object.fromEntries(counted))
  }
  return total
}
