/** ServiceCIDR, networking.k8s.io/v1. Source: kubernetes/pkg/apis/networking/validation/validation.go */
import { type FieldError, invalid, required } from '../meta/field-error.ts'
import type { Kind } from '../meta/kind.ts'
import { dnsSubdomainErrors, isIPv4, isIPv6 } from '../meta/names.ts'
import { type MetaRules, validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import type { ServiceCIDR } from './types.ts'

const META: MetaRules = { isNamespaced: false, nameErrors: dnsSubdomainErrors }
const PATH = 'spec.cidrs'
const IMMUTABLE = 'field is immutable'

export const serviceCidrs: Kind<ServiceCIDR> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'ServiceCIDR',
  plural: 'servicecidrs',
  singular: 'servicecidr',
  shortNames: [],
  categories: [],
  isNamespaced: false,
  apiVersion: 'networking.k8s.io/v1',
  schema: 'io.k8s.api.networking.v1.ServiceCIDR',
  applyDefaults(object) {
    object.spec ??= { cidrs: [] }
    object.status ??= {}
  },
  prepareForCreate: (object) => {
    object.status = {}
  },
  prepareForUpdate: (object, old) => {
    object.status = old.status
  },
  validate: ({ metadata, spec }) => [...validateObjectMeta(metadata, META), ...validateRanges(spec.cidrs ?? [])],
  validateUpdate: ({ metadata, spec }, old) => [
    ...validateObjectMetaUpdate(metadata, old.metadata),
    ...validateChange(spec.cidrs ?? [], old.spec.cidrs),
  ],
  validateStatusUpdate: ({ metadata }, old) => validateObjectMetaUpdate(metadata, old.metadata),
  hasStatus: true,
  columns: [nameColumn, column('CIDRs', 'string', 'The ranges.', ({ spec }) => spec.cidrs.join(',')), ageColumn],
}

type Family = 'IPv4' | 'IPv6' | undefined

function familyOf(range: string): Family {
  const [, address, length] = /^(.*)\/(\d{1,3})$/.exec(range) ?? []
  if (address === undefined) return undefined
  if (isIPv4(address) && Number(length) <= 32) return 'IPv4'
  return isIPv6(address) && Number(length) <= 128 ? 'IPv6' : undefined
}

/** Whether an address of the fourth version has nothing set behind its prefix. */
function isMasked(range: string): boolean {
  const [address, length] = range.split('/')
  if (!isIPv4(address)) return true
  const value = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  return value % 2 ** (32 - Number(length)) === 0
}

function validateRanges(ranges: readonly string[]): FieldError[] {
  if (ranges.length === 0) return [required(PATH, 'at least one CIDR required')]
  if (ranges.length > 2) return [invalid(PATH, { CIDRs: ranges }, 'may only hold up to 2 values')]
  const errors = ranges.flatMap((range, i) => {
    if (!familyOf(range))
      return [invalid(`${PATH}[${i}]`, range, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')]
    return isMasked(range) ? [] : [invalid(`${PATH}[${i}]`, range, 'must not have bits set beyond the prefix length')]
  })
  const [first, second] = ranges.map(familyOf)
  if (ranges.length === 2 && first && first === second)
    errors.push(
      invalid(PATH, ranges, 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'),
    )
  return errors
}

/** A second range may join the first; nothing else changes. */
function validateChange(ranges: readonly string[], old: readonly string[]): FieldError[] {
  if (ranges.length === old.length)
    return ranges.flatMap((range, i) => (range === old[i] ? [] : [invalid(`${PATH}[${i}]`, range, IMMUTABLE)]))
  if (old.length !== 1 || ranges.length !== 2) return [invalid(PATH, ranges, IMMUTABLE)]
  return [...(ranges[0] === old[0] ? [] : [invalid(`${PATH}[0]`, ranges[0], IMMUTABLE)]), ...validateRanges(ranges)]
}
