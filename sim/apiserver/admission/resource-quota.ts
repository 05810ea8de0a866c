/**
 * ResourceQuota: what is created must fit what the namespace's quotas have left, and is charged to them.
 * Source: k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go
 */
import type { ResourceQuota } from '../../api/core/policy-types.ts'
import {
  addResources,
  evaluatorOf,
  increase,
  isInScopes,
  mask,
  printResources,
  type QuotaEvaluator,
} from '../../api/core/resource-quota/usage.ts'
import { resourceQuotas } from '../../api/core/resource-quota.ts'
import { resourceName } from '../../api/meta/kind.ts'
import type { KubeObject, ResourceList } from '../../api/meta/object.ts'
import { compareQuantities } from '../../api/meta/quantity.ts'
import { forbidden } from '../../api/meta/status-error.ts'
import { charge } from '../../engine/work.ts'
import type { AdmissionPlugin } from './admission.ts'

export const resourceQuotaAdmission: AdmissionPlugin = {
  name: 'ResourceQuota',
  validate(request, context) {
    const { kind, object, old, operation, subresource } = request
    if (!kind.isNamespaced || !object || kind.kind === 'Event') return
    const evaluator = evaluatorOf(kind)
    const isCounted =
      operation === 'UPDATE'
        ? evaluator.countsUpdate(subresource, object, old)
        : operation === 'CREATE' && subresource === ''
    if (!isCounted) return
    const quotas = context.list(resourceQuotas, request.namespace)
    const planned = planCharges(quotas, evaluator, object, old, context.nowEpochMs())
    if ('refusal' in planned) throw forbidden(resourceName(kind), request.name, planned.refusal)
    if (request.isDryRun) return
    for (const { quota, used } of planned.charges) {
      const status = { ...quota.status, used: { ...quota.status.used, ...used } }
      context.updateStatus(resourceQuotas, { ...quota, status })
    }
  },
}

/** Of computing: to add one amount to what is used, and to compare it. */
const stepsOfAmount = 60

export type ChargePlan = { refusal: string } | { charges: { quota: ResourceQuota; used: ResourceList }[] }

/**
 * What each quota's use becomes, or why the object is refused. Pure.
 * @param quotas of the object's namespace; one whose status the controller has not written yet limits nothing
 * @param old what the object replaces: only an increase counts
 */
export function planCharges(
  quotas: readonly ResourceQuota[],
  evaluator: QuotaEvaluator,
  object: KubeObject,
  old: KubeObject | undefined,
  nowEpochMs: number,
): ChargePlan {
  const interested: { quota: ResourceQuota; limited: string[] }[] = []
  for (const quota of quotas) {
    const names = Object.keys(quota.status?.hard ?? {})
    charge(1 + names.length)
    const limited = names.filter((name) => evaluator.measures(name))
    if (limited.length === 0 || !isInScopes(quota.spec, evaluator, object)) continue
    const missing = evaluator.missing?.(object, limited)
    if (missing) return { refusal: `failed quota: ${quota.metadata.name}: must specify ${missing}` }
    const unknown = limited.filter((name) => quota.status.used?.[name] === undefined)
    if (unknown.length > 0)
      return { refusal: `status unknown for quota: ${quota.metadata.name}, resources: ${unknown.sort().join(',')}` }
    interested.push({ quota, limited })
  }
  if (interested.length === 0) return { charges: [] }
  const usage = evaluator.usage(object, nowEpochMs)
  const more = old ? increase(usage, evaluator.usage(old, nowEpochMs)) : usage
  const charges: { quota: ResourceQuota; used: ResourceList }[] = []
  for (const { quota, limited } of interested) {
    const { hard = {}, used = {} } = quota.status
    // What another quota counted until now is new to this one.
    const requested = mask(old && isInScopes(quota.spec, evaluator, old) ? more : usage, limited)
    charge(limited.length + stepsOfAmount * Object.keys(requested).length)
    const total = mask(addResources(mask(used, Object.keys(requested)), requested), Object.keys(requested))
    const exceeded = Object.keys(total).filter((name) => compareQuantities(total[name], hard[name]) > 0)
    if (exceeded.length > 0) {
      const [asked, taken, limit] = [requested, used, hard].map((list) => printResources(mask(list, exceeded)))
      return {
        refusal: `exceeded quota: ${quota.metadata.name}, requested: ${asked}, used: ${taken}, limited: ${limit}`,
      }
    }
    if (Object.keys(total).some((name) => compareQuantities(total[name], used[name]) !== 0))
      charges.push({ quota, used: total })
  }
  return { charges }
}
