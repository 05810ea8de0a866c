/** What a Node must be. Source: ValidateNode in kubernetes/pkg/apis/core/validation/validation.go */
import { duplicate, type FieldError, forbiddenField, invalid, notSupported, required } from '../meta/field-error.ts'
import { equalJson } from '../meta/json.ts'
import { dnsSubdomainErrors, labelValueErrors } from '../meta/names.ts'
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
]

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
      errors.push(duplicate(`status.addresses[${index}]`, address))
  if (old.spec.podCIDRs?.length && !equalJson(old.spec.podCIDRs, node.spec.podCIDRs))
    errors.push(forbiddenField('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'))
  if (old.spec.providerID && old.spec.providerID !== node.spec.providerID)
    errors.push(forbiddenField('spec.providerID', 'node updates may not change providerID except from "" to valid'))
  return [...errors, ...validateTaints(node.spec.taints)]
}
