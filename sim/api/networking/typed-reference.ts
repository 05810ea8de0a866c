/** A reference to an object of any kind: backends of an Ingress, parameters of its class. Source: kubernetes/pkg/apis/networking/validation */
import { type FieldError, invalid, required } from '../meta/field-error.ts'
import { dnsSubdomainErrors, pathSegmentErrors } from '../meta/names.ts'

export function validateTypedReference(
  { apiGroup, kind = '', name = '' }: Readonly<{ apiGroup?: string; kind?: string; name?: string }>,
  path: string,
): FieldError[] {
  const segment = (field: string, value: string): FieldError[] =>
    value === ''
      ? [required(`${path}.${field}`)]
      : pathSegmentErrors(value).map((why) => invalid(`${path}.${field}`, value, why))
  return [
    ...(apiGroup === undefined
      ? []
      : dnsSubdomainErrors(apiGroup).map((why) => invalid(`${path}.apiGroup`, apiGroup, why))),
    ...segment('kind', kind),
    ...segment('name', name),
  ]
}
