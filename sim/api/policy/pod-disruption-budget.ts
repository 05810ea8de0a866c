/** PodDisruptionBudget, policy/v1. Source: kubernetes/pkg/registry/policy/poddisruptionbudget, pkg/apis/policy/validation */
import { validateAtMost100Percent, validateCountOrPercent } from '../core/workload/validation.ts'
import { type FieldError, invalid, notSupported } from '../meta/field-error.ts'
import type { Kind } from '../meta/kind.ts'
import { dnsSubdomainErrors } from '../meta/names.ts'
import { type MetaRules, validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { validateLabelSelector } from '../meta/selector-validation.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import { internalForm } from '../schema/internal-form.ts'
import type { PodDisruptionBudget } from './types.ts'

const META: MetaRules = { isNamespaced: true, nameErrors: dnsSubdomainErrors }
const EVICTION_POLICIES = ['AlwaysAllow', 'IfHealthyBudget']

export const podDisruptionBudgets: Kind<PodDisruptionBudget> = {
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  singular: 'poddisruptionbudget',
  shortNames: ['pdb'],
  categories: [],
  isNamespaced: true,
  apiVersion: 'policy/v1',
  schema: 'io.k8s.api.policy.v1.PodDisruptionBudget',
  applyDefaults: (budget) => {
    budget.spec ??= {}
  },
  prepareForCreate: (budget) => {
    budget.status = { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 }
  },
  prepareForUpdate: (budget, old) => {
    budget.status = old.status
  },
  prepareForStatusUpdate: (budget, old) => {
    budget.spec = old.spec
  },
  validate: (budget) => [...validateObjectMeta(budget.metadata, META), ...validateSpec(budget)],
  validateUpdate: (budget, old) => [
    ...validateObjectMetaUpdate(budget.metadata, old.metadata),
    ...validateSpec(budget),
  ],
  needsResourceVersion: true,
  hasStatus: true,
  generationOf: (budget) => budget.spec,
  columns: [
    nameColumn,
    column('Min Available', 'string', 'How many Pods must stay.', ({ spec }) => String(spec.minAvailable ?? 'N/A')),
    column('Max Unavailable', 'string', 'How many Pods may be missing.', ({ spec }) =>
      String(spec.maxUnavailable ?? 'N/A'),
    ),
    column('Allowed Disruptions', 'integer', 'How many may be evicted now.', ({ status }) => status.disruptionsAllowed),
    ageColumn,
  ],
}

function validateSpec({ spec }: PodDisruptionBudget): FieldError[] {
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy } = spec
  const errors: FieldError[] = []
  if (minAvailable !== undefined && maxUnavailable !== undefined)
    errors.push(
      invalid(
        'spec',
        internalForm('PodDisruptionBudgetSpec', spec),
        'minAvailable and maxUnavailable cannot be both set',
      ),
    )
  for (const [field, value] of Object.entries({ minAvailable, maxUnavailable })) {
    if (value === undefined) continue
    errors.push(...validateCountOrPercent(value, `spec.${field}`), ...validateAtMost100Percent(value, `spec.${field}`))
  }
  errors.push(...validateLabelSelector(selector, 'spec.selector'))
  if (unhealthyPodEvictionPolicy !== undefined && !EVICTION_POLICIES.includes(unhealthyPodEvictionPolicy))
    errors.push(notSupported('spec.unhealthyPodEvictionPolicy', unhealthyPodEvictionPolicy, EVICTION_POLICIES))
  return errors
}
