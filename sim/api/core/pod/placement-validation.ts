/** What affinity, tolerations and spread constraints must be. Source: kubernetes/pkg/apis/core/validation/validation.go */

import { charge } from '../../../engine/work.ts'
import { duplicate, type FieldError, forbiddenField, invalid, notSupported, required } from '../../meta/field-error.ts'
import { dnsLabelErrors, dnsSubdomainErrors, labelValueErrors } from '../../meta/names.ts'
import type { LabelSelector } from '../../meta/object.ts'
import { validateLabelName } from '../../meta/object-meta.ts'
import { validateLabelSelector } from '../../meta/selector-validation.ts'
import type {
  Affinity,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
  Toleration,
  TopologySpreadConstraint,
} from '../pod-types.ts'

const OPERATORS = ['Equal', 'Exists']
/** They are known, but refused as long as their gate is off; then all are named. */
const COMPARISONS = ['Lt', 'Gt']

export const TAINT_EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']
const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution'

export function validateAffinity(affinity: Affinity | undefined, path: string): FieldError[] {
  if (!affinity) return []
  const errors: FieldError[] = []
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity
  if (nodeAffinity?.[REQUIRED])
    errors.push(...validateNodeSelector(nodeAffinity[REQUIRED], `${path}.nodeAffinity.${REQUIRED}`))
  for (const [index, { weight, preference }] of (nodeAffinity?.[PREFERRED] ?? []).entries()) {
    const at = `${path}.nodeAffinity.${PREFERRED}[${index}]`
    errors.push(
      ...validateWeight(weight, `${at}.weight`),
      ...validateNodeTerm(preference ?? {}, `${at}.preference`, false),
    )
  }
  if (podAffinity) errors.push(...validatePodAffinity(podAffinity, `${path}.podAffinity`))
  if (podAntiAffinity) errors.push(...validatePodAffinity(podAntiAffinity, `${path}.podAntiAffinity`))
  return errors
}

/** What a Pod demands of its node, or a volume of the nodes that can reach it. Source: ValidateNodeSelector */
export function validateNodeSelector(
  { nodeSelectorTerms: terms = [] }: { nodeSelectorTerms?: readonly NodeSelectorTerm[] },
  path: string,
): FieldError[] {
  const at = `${path}.nodeSelectorTerms`
  if (terms.length === 0) return [required(at, 'must have at least one node selector term')]
  return terms.flatMap((term, index) => validateNodeTerm(term, `${at}[${index}]`, true))
}

const validateWeight = (weight: number | undefined, path: string): FieldError[] =>
  (weight ?? 0) <= 0 || weight! > 100 ? [invalid(path, weight ?? 0, 'must be in the range 1-100')] : []

/** @param areValuesChecked values of preferred terms were never checked, and are not now */
function validateNodeTerm(term: NodeSelectorTerm, path: string, areValuesChecked: boolean): FieldError[] {
  return [
    ...(term.matchExpressions ?? []).flatMap((r, index) =>
      validateNodeRequirement(r, `${path}.matchExpressions[${index}]`, areValuesChecked),
    ),
    ...(term.matchFields ?? []).flatMap((r, index) => validateNodeField(r, `${path}.matchFields[${index}]`)),
  ]
}

function validateNodeRequirement(
  { key = '', operator, values = [] }: NodeSelectorRequirement,
  path: string,
  areValuesChecked: boolean,
): FieldError[] {
  const errors: FieldError[] = []
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0)
        errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"))
      break
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0)
        errors.push(
          forbiddenField(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
        )
      break
    case 'Gt':
    case 'Lt':
      if (values.length !== 1)
        errors.push(required(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"))
      break
    default:
      errors.push(invalid(`${path}.operator`, operator ?? '', 'not a valid selector operator'))
  }
  errors.push(...validateLabelName(key, `${path}.key`))
  if (!areValuesChecked) return errors
  for (const [index, value] of values.entries())
    for (const why of labelValueErrors(value)) errors.push(invalid(`${path}.values[${index}]`, value, why))
  return errors
}

function validateNodeField({ key, operator, values = [] }: NodeSelectorRequirement, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (operator !== 'In' && operator !== 'NotIn')
    errors.push(invalid(`${path}.operator`, operator ?? '', 'not a valid selector operator'))
  else if (values.length !== 1)
    errors.push(
      required(`${path}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"),
    )
  if (key !== 'metadata.name') return [...errors, invalid(`${path}.key`, key ?? '', 'not a valid field selector key')]
  for (const [index, value] of values.entries())
    for (const why of dnsSubdomainErrors(value)) errors.push(invalid(`${path}.values[${index}]`, value, why))
  return errors
}

function validatePodAffinity(affinity: PodAffinity, path: string): FieldError[] {
  return [
    ...(affinity[REQUIRED] ?? []).flatMap((term, index) => validatePodTerm(term, `${path}.${REQUIRED}[${index}]`)),
    ...(affinity[PREFERRED] ?? []).flatMap(({ weight, podAffinityTerm }, index) => {
      const at = `${path}.${PREFERRED}[${index}]`
      return [
        ...validateWeight(weight, `${at}.weight`),
        ...validatePodTerm(podAffinityTerm ?? { topologyKey: '' }, `${at}.podAffinityTerm`),
      ]
    }),
  ]
}

function validatePodTerm(term: PodAffinityTerm, path: string): FieldError[] {
  const errors = [
    ...validateLabelSelector(term.labelSelector, `${path}.labelSelector`),
    ...validateLabelSelector(term.namespaceSelector, `${path}.namespaceSelector`),
  ]
  for (const name of term.namespaces ?? [])
    for (const why of dnsLabelErrors(name)) errors.push(invalid(`${path}.namespace`, name, why))
  for (const field of ['matchLabelKeys', 'mismatchLabelKeys'] as const)
    errors.push(...validateLabelKeys(term[field], term.labelSelector !== undefined, `${path}.${field}`))
  errors.push(...validateKeysOnce(term.matchLabelKeys, term.labelSelector, path))
  const mismatched = new Set(term.mismatchLabelKeys)
  for (const [index, key] of (term.matchLabelKeys ?? []).entries())
    if (mismatched.has(key))
      errors.push(
        invalid(`${path}.matchLabelKeys[${index}]`, key, 'exists in both matchLabelKeys and mismatchLabelKeys'),
      )
  if (!term.topologyKey) errors.push(required(`${path}.topologyKey`, 'can not be empty'))
  return [...errors, ...validateLabelName(term.topologyKey ?? '', `${path}.topologyKey`)]
}

function validateLabelKeys(keys: readonly string[] | undefined, hasSelector: boolean, path: string): FieldError[] {
  if (!keys?.length) return []
  if (!hasSelector) return [forbiddenField(path, 'must not be specified when labelSelector is not set')]
  return keys.flatMap((key, index) => validateLabelName(key, `${path}[${index}]`))
}

export function validateTolerations(tolerations: readonly Toleration[] | undefined, path: string): FieldError[] {
  return (tolerations ?? []).flatMap((toleration, index) => validateToleration(toleration, `${path}[${index}]`))
}

function validateToleration(
  { key, operator, value, effect, tolerationSeconds }: Toleration,
  path: string,
): FieldError[] {
  const errors = key ? validateLabelName(key, `${path}.key`) : []
  if (!key && operator !== 'Exists')
    errors.push(
      invalid(
        `${path}.operator`,
        operator ?? '',
        'operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ),
    )
  if (tolerationSeconds !== undefined && effect !== 'NoExecute')
    errors.push(invalid(`${path}.effect`, effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"))
  if (!operator || operator === 'Equal') {
    const wrong = labelValueErrors(value ?? '')
    if (wrong.length > 0) errors.push(invalid(`${path}.operator`, value, wrong.join(';')))
  } else if (operator === 'Exists') {
    if (value) errors.push(invalid(`${path}.operator`, value, "value must be empty when `operator` is 'Exists'"))
  } else
    errors.push(
      notSupported(
        `${path}.operator`,
        operator,
        COMPARISONS.includes(operator) ? [...OPERATORS, ...COMPARISONS] : OPERATORS,
      ),
    )
  if (effect && !TAINT_EFFECTS.includes(effect)) errors.push(notSupported(`${path}.effect`, effect, TAINT_EFFECTS))
  return errors
}

export function validateSpreadConstraints(
  constraints: readonly TopologySpreadConstraint[] | undefined,
  path: string,
): FieldError[] {
  return (constraints ?? []).flatMap((constraint, index) => {
    const at = `${path}[${index}]`
    const { maxSkew, topologyKey, whenUnsatisfiable, minDomains } = constraint
    const errors: FieldError[] = []
    if ((maxSkew ?? 0) <= 0) errors.push(invalid(`${at}.maxSkew`, maxSkew ?? 0, 'must be greater than zero'))
    if (!topologyKey) errors.push(required(`${at}.topologyKey`, 'can not be empty'))
    if (whenUnsatisfiable !== 'DoNotSchedule' && whenUnsatisfiable !== 'ScheduleAnyway')
      errors.push(notSupported(`${at}.whenUnsatisfiable`, whenUnsatisfiable ?? '', ['DoNotSchedule', 'ScheduleAnyway']))
    charge((constraints!.length - index) / 8)
    const isRepeated = constraints!.some(
      (other, place) =>
        place > index && other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable,
    )
    if (isRepeated)
      errors.push(duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${whenUnsatisfiable}}`))
    if (minDomains !== undefined) {
      if (minDomains <= 0) errors.push(invalid(`${at}.minDomains`, minDomains, 'must be greater than zero'))
      if (whenUnsatisfiable !== 'DoNotSchedule')
        errors.push(
          invalid(
            `${at}.minDomains`,
            minDomains,
            `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`,
          ),
        )
    }
    for (const field of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
      const policy = constraint[field]
      if (policy !== undefined && policy !== 'Honor' && policy !== 'Ignore')
        errors.push(notSupported(`${at}.${field}`, policy, ['Honor', 'Ignore']))
    }
    return [
      ...errors,
      ...validateLabelKeys(constraint.matchLabelKeys, constraint.labelSelector !== undefined, `${at}.matchLabelKeys`),
      ...validateKeysOnce(constraint.matchLabelKeys, constraint.labelSelector, at),
      ...validateLabelSelector(constraint.labelSelector, `${at}.labelSelector`),
    ]
  })
}

/**
 * Keys that the selector names by itself as well. Those of matchLabelKeys are in it already when a Pod is validated.
 * Source: ValidateMatchLabelKeysAndMismatchLabelKeys in kubernetes/pkg/apis/core/validation/validation.go
 */
function validateKeysOnce(
  keys: readonly string[] | undefined,
  selector: LabelSelector | undefined,
  path: string,
): FieldError[] {
  if (!keys?.length || !selector) return []
  const seen = new Set(Object.keys(selector.matchLabels ?? {}))
  const places = new Map(keys.map((key, index) => [key, index]))
  return (selector.matchExpressions ?? []).flatMap(({ key }) => {
    const isTwice = seen.has(key) && places.has(key)
    seen.add(key)
    return isTwice
      ? [invalid(`${path}[${places.get(key)}]`, key, 'exists in both matchLabelKeys and labelSelector')]
      : []
  })
}
