/** CertificateSigningRequest, certificates.k8s.io/v1. Sources: kubernetes/pkg/apis/certificates/validation, pkg/registry/certificates */

import { parseCertificateRequest } from '../../pki/request.ts'
import { printHumanDuration } from '../meta/duration.ts'
import { duplicate, type FieldError, forbiddenField, invalid, notSupported, required } from '../meta/field-error.ts'
import { cloneJson } from '../meta/json.ts'
import type { Kind } from '../meta/kind.ts'
import { dnsSubdomainErrors } from '../meta/names.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import type { CertificateCondition, CertificateSigningRequest } from './types.ts'

const USAGES = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
]
/** What is decided once and for all. */
const DECISIONS = ['Approved', 'Denied']
const SHORTEST_SECONDS = 600

export const hasCondition = ({ status }: CertificateSigningRequest, type: string): boolean =>
  status.conditions?.some((condition) => condition.type === type) ?? false

export const certificateSigningRequests: Kind<CertificateSigningRequest> = {
  group: 'certificates.k8s.io',
  version: 'v1',
  kind: 'CertificateSigningRequest',
  plural: 'certificatesigningrequests',
  singular: 'certificatesigningrequest',
  shortNames: ['csr'],
  categories: [],
  isNamespaced: false,
  apiVersion: 'certificates.k8s.io/v1',
  schema: 'io.k8s.api.certificates.v1.CertificateSigningRequest',
  applyDefaults: (csr) => {
    csr.status ??= {}
  },
  prepareForCreate: (csr, { user }) => {
    const { uid: _, extra: __, ...spec } = csr.spec ?? {}
    const { uid, extra } = user
    csr.spec = {
      ...spec,
      username: user.name,
      groups: [...user.groups],
      ...(uid ? { uid } : {}),
      ...(extra ? { extra: cloneJson(extra) as Record<string, string[]> } : {}),
    }
    csr.status = {}
  },
  prepareForUpdate: (csr, old) => {
    csr.spec = old.spec
    csr.status = old.status
  },
  prepareForStatusUpdate: (csr, old) => {
    csr.spec = old.spec
    const decided = old.status.conditions?.filter(({ type }) => DECISIONS.includes(type)) ?? []
    const others = csr.status.conditions?.filter(({ type }) => !DECISIONS.includes(type)) ?? []
    csr.status = withConditions(csr.status, [...decided, ...others])
  },
  updates: {
    approval: {
      prepare(csr, old, { now }) {
        csr.spec = old.spec
        const conditions = (csr.status.conditions ?? []).map((condition) => withTimes(condition, old, now))
        csr.status = withConditions(old.status, conditions)
      },
      validate: (csr, old) => [
        ...validateObjectMetaUpdate(csr.metadata, old.metadata),
        ...validateConditions(csr),
        ...validateDecisions(csr, old),
      ],
    },
  },
  validate: (csr) => [
    ...validateObjectMeta(csr.metadata, { isNamespaced: false, nameErrors: () => [] }),
    ...validateSpec(csr),
    ...validateConditions(csr),
  ],
  validateUpdate: (csr, old) => validateObjectMetaUpdate(csr.metadata, old.metadata),
  validateStatusUpdate: (csr, old) => [
    ...validateObjectMetaUpdate(csr.metadata, old.metadata),
    ...validateConditions(csr),
    ...validateCertificate(csr, old),
  ],
  hasStatus: true,
  columns: [
    nameColumn,
    ageColumn,
    column('SignerName', 'string', 'Who is asked to sign.', ({ spec }) => spec.signerName),
    column('Requestor', 'string', 'Who asked.', ({ spec }) => spec.username ?? ''),
    column('RequestedDuration', 'string', 'For how long the certificate shall hold.', ({ spec }) =>
      spec.expirationSeconds === undefined ? '<none>' : printHumanDuration(spec.expirationSeconds * 1000),
    ),
    column('Condition', 'string', 'What was decided, and what came of it.', printState),
  ],
  selectableFields: ({ spec }) => ({ 'spec.signerName': spec.signerName ?? '' }),
}

/** Source: kubernetes/pkg/printers/internalversion/printers.go extractCSRStatus */
export function printState(csr: CertificateSigningRequest): string {
  const decision = hasCondition(csr, 'Denied') ? 'Denied' : hasCondition(csr, 'Approved') ? 'Approved' : 'Pending'
  return `${decision}${hasCondition(csr, 'Failed') ? ',Failed' : ''}${csr.status.certificate ? ',Issued' : ''}`
}

function withConditions(
  status: CertificateSigningRequest['status'],
  conditions: CertificateCondition[],
): CertificateSigningRequest['status'] {
  const { conditions: _, ...rest } = status
  return conditions.length > 0 ? { ...rest, conditions } : rest
}

/** The times that a condition without any gets. Source: pkg/registry/certificates/certificates/strategy.go populateConditionTimestamps */
function withTimes(condition: CertificateCondition, old: CertificateSigningRequest, now: string): CertificateCondition {
  const former = old.status.conditions?.find(({ type }) => type === condition.type)
  return {
    ...condition,
    lastUpdateTime: condition.lastUpdateTime ?? now,
    lastTransitionTime: condition.lastTransitionTime ?? former?.lastTransitionTime ?? now,
  }
}

function validateSpec({ spec }: CertificateSigningRequest): FieldError[] {
  const errors: FieldError[] = []
  const request = parseCertificateRequest(spec.request ?? '')
  if (typeof request === 'string') errors.push(invalid('spec.request', spec.request ?? null, request))
  const usages = spec.usages ?? []
  if (usages.length === 0) errors.push(required('spec.usages'))
  usages.forEach((usage, index) => {
    if (!USAGES.includes(usage)) errors.push(notSupported(`spec.usages[${index}]`, usage, USAGES))
    if (usages.indexOf(usage) < index) errors.push(duplicate(`spec.usages[${index}]`, usage))
  })
  errors.push(...validateSignerName(spec.signerName))
  if (spec.expirationSeconds !== undefined && spec.expirationSeconds < SHORTEST_SECONDS)
    errors.push(
      invalid(
        'spec.expirationSeconds',
        spec.expirationSeconds,
        'may not specify a duration less than 600 seconds (10 minutes)',
      ),
    )
  return errors
}

function validateSignerName(name: string | undefined): FieldError[] {
  const at = 'spec.signerName'
  if (!name) return [required(at)]
  if (name === 'kubernetes.io/legacy-unknown')
    return [invalid(at, name, 'the legacy signerName is not allowed via this API version')]
  const [domain, path, ...more] = name.split('/')
  if (!path || more.length > 0)
    return [invalid(at, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")]
  const errors = [...dnsSubdomainErrors(domain), ...dnsSubdomainErrors(path)].map((why) => invalid(at, name, why))
  if (!domain.includes('.'))
    errors.push(invalid(at, name, 'should be a domain with at least two segments separated by dots'))
  return errors
}

function validateConditions({ status }: CertificateSigningRequest): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  const conditions = status?.conditions ?? []
  conditions.forEach(({ type, status: value }, index) => {
    const at = `status.conditions[${index}]`
    if (!type) errors.push(required(`${at}.type`))
    else if (seen.has(type)) errors.push(duplicate(`${at}.type`, type))
    seen.add(type)
    const allowed = [...DECISIONS, 'Failed'].includes(type) ? ['True'] : ['True', 'False', 'Unknown']
    if (!value) errors.push(required(`${at}.status`))
    else if (!allowed.includes(value)) errors.push(notSupported(`${at}.status`, value, allowed))
  })
  if (seen.has('Approved') && seen.has('Denied'))
    errors.push(
      invalid(
        'status.conditions',
        conditions.find(({ type }) => type === 'Denied')?.type,
        'Approved and Denied conditions are mutually exclusive',
      ),
    )
  return errors
}

/** What was decided stays decided. */
function validateDecisions(csr: CertificateSigningRequest, old: CertificateSigningRequest): FieldError[] {
  return [...DECISIONS, 'Failed'].flatMap((type) =>
    hasCondition(old, type) && !hasCondition(csr, type)
      ? [forbiddenField('status.conditions', `updates may not remove a condition of type ${JSON.stringify(type)}`)]
      : [],
  )
}

function validateCertificate(csr: CertificateSigningRequest, old: CertificateSigningRequest): FieldError[] {
  const { certificate } = csr.status
  const errors = validateDecisions(csr, old)
  if (old.status.certificate && certificate !== old.status.certificate)
    errors.push(forbiddenField('status.certificate', 'updates may not modify certificate content'))
  return errors
}
