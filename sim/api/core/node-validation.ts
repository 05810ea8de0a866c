/** What a Node must be. Source: ValidateNode in kubernetes/pkg/apis/core/validation/validation.go */
import {
  duplicate,
  type FieldError,
  forbiddenField,
  internalFieldError,
  invalid,
  notSupported,
  required,
} from '../meta/field-error.ts'
import { equalJson } from '../meta/json.ts'
import { cidrErrors, dnsSubdomainErrors, labelValueErrors } from '../meta/names.ts'
import { type MetaRules, validateLabelName, validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { internalForm } from '../schema/internal-form.ts'
import { TAINT_EFFECTS } from './pod/placement-validation.ts'
import { validateQuantities } from './resource-validation.ts'
import type { Node, Taint } from './types.ts'

const META: MetaRules = { isNamespaced: false, nameErrors: dnsSubdomainErrors }

export const validateNode = (node: Node): FieldError[] => [
  ...validateObjectMeta(node.metadata, META),
  ...validateTaints(node.spec.taints),
  ...validateNodeResources(node),
  ...validatePodRanges(node),
]

/** @param node the ranges of its Pods: one, or one of each family */
function validatePodRanges({ spec: { podCIDRs = [] } }: Node): FieldError[] {
  const path = 'spec.podCIDRs'
  const errors = podCIDRs.flatMap((range, index) =>
    cidrErrors(range).map((why) => invalid(`${path}[${index}]`, range, why)),
  )
  if (podCIDRs.length < 2) return errors
  const wrong = podCIDRs.findIndex((range) => cidrErrors(range).length > 0)
  if (wrong >= 0) {
    const why = `invalid CIDR[${wrong}]: <nil> (invalid CIDR address: ${podCIDRs[wrong]})`
    errors.push(internalFieldError(path, `invalid PodCIDRs. failed to check with dual stack with error:${why}`))
  }
  const isPair = wrong < 0 && new Set(podCIDRs.map((range) => range.includes(':'))).size === 2
  if (!isPair || podCIDRs.length > 2)
    errors.push(invalid(path, podCIDRs, 'may specify no more than one CIDR for each IP family'))
  return errors
}

const validateNodeResources = ({ status }: Node): FieldError[] => [
  ...validateQuantities(status?.capacity, 'status.capacity'),
  ...validateQuantities(status?.allocatable, 'status.allocatable'),
]

/** The server says `metadata.taints`, though they are in the spec. */
function validateTaints(taints: readonly Taint[] | undefined): FieldError[] {
  const seen = new Set<string>()
  return (taints ?? []).flatMap((taint, index) => {
    const at = `metadata.taints[${index}]`
    const errors = validateLabelName(taint.key ?? '', `${at}.key`)
    const wrong = labelValueErrors(taint.value ?? '')
    if (wrong.length > 0) errors.push(invalid(`${at}.value`, taint.value, wrong.join(';')))
    if (!taint.effect) errors.push(required(`${at}.effect`))
    else if (!TAINT_EFFECTS.includes(taint.effect))
      errors.push(notSupported(`${at}.effect`, taint.effect, TAINT_EFFECTS))
    const pair = `${taint.key}:${taint.effect}`
    if (seen.has(pair)) {
      const repeated = duplicate(at, internalForm('Taint', taint))
      errors.push({ ...repeated, body: `${repeated.body}: taints must be unique by key and effect pair` })
    }
    seen.add(pair)
    return errors
  })
}

export function validateNodeUpdate(node: Node, old: Node): FieldError[] {
  const errors = [...validateObjectMetaUpdate(node.metadata, old.metadata), ...validateNodeResources(node)]
  const addresses = node.status?.addresses ?? []
  for (const [index, address] of addresses.entries())
    if (addresses.slice(0, index).some((other) => equalJson(other, address)))
      errors.push(duplicate(`status.addresses[${index}]`, internalForm('NodeAddress', address)))
  const [before, after] = [old.spec.podCIDRs ?? [], node.spec.podCIDRs ?? []]
  // Of as many ranges, each that is another one is told.
  const changed =
    before.length === after.length ? before.filter((range, index) => range !== after[index]) : before.slice(0, 1)
  for (const _ of changed)
    errors.push(forbiddenField('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'))
  if (old.spec.providerID && old.spec.providerID !== node.spec.providerID)
    errors.push(forbiddenField('spec.providerID', 'node updates may not change providerID except from "" to valid'))
  errors.push(...validateTaints(node.spec.taints))
  if ((node.spec.externalID ?? '') !== (old.spec.externalID ?? ''))
    errors.push(forbiddenField('spec.externalID', 'may not be updated'))
  return errors
}
