/** ResourceClaim, resource.k8s.io/v1. Sources: kubernetes/pkg/registry/resource/resourceclaim, pkg/apis/resource/validation */
import { validateNodeSelector } from '../core/pod/placement-validation.ts'
import { type FieldError, forbiddenField, required } from '../meta/field-error.ts'
import type { Kind } from '../meta/kind.ts'
import { dnsSubdomainErrors } from '../meta/names.ts'
import { immutable, type MetaRules, validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import { internalForm } from '../schema/internal-form.ts'
import { adminAccessErrors, defaultClaimSpec, validateClaimSpec } from './claim-spec.ts'
import { deviceNameErrors, driverNameErrors, poolNameErrors } from './device-names.ts'
import { listErrors, setErrors } from './lists.ts'
import type { ResourceClaim } from './types.ts'

/** How its specification is told. */
const STRUCT = 'ResourceClaimSpec'
const META: MetaRules = { isNamespaced: true, nameErrors: dnsSubdomainErrors }
/** Of those who use a claim at the same time. */
const MOST_CONSUMERS = 256
const MOST_RESULTS = 32

export const resourceClaims: Kind<ResourceClaim> = {
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaim',
  plural: 'resourceclaims',
  singular: 'resourceclaim',
  shortNames: [],
  categories: [],
  isNamespaced: true,
  apiVersion: 'resource.k8s.io/v1',
  schema: 'io.k8s.api.resource.v1.ResourceClaim',
  applyDefaults: ({ spec }) => defaultClaimSpec(spec),
  prepareForCreate: (claim) => {
    claim.status = {}
  },
  prepareForUpdate: (claim, old) => {
    claim.status = old.status
  },
  prepareForStatusUpdate: (claim, old) => {
    claim.spec = old.spec
    const allocated = new Set(claim.status?.allocation?.devices?.results?.map(deviceKey))
    const devices = claim.status?.devices?.filter((device) => allocated.has(deviceKey(device)))
    if (claim.status?.devices) claim.status.devices = devices
  },
  validate: ({ metadata, spec }) => [...validateObjectMeta(metadata, META), ...validateClaimSpec(spec, 'spec')],
  validateCreate: ({ metadata, spec }, context) => adminAccessErrors(spec, metadata.namespace, context),
  validateUpdate: (claim, old) => [
    ...validateObjectMetaUpdate(claim.metadata, old.metadata),
    ...immutable('spec', internalForm(STRUCT, claim.spec), internalForm(STRUCT, old.spec)),
  ],
  validateStatusUpdate: (claim, old) => [
    ...validateObjectMetaUpdate(claim.metadata, old.metadata),
    ...validateStatus(claim, old),
  ],
  hasStatus: true,
  columns: [
    nameColumn,
    column('State', 'string', 'A summary of the current state (allocated, pending, reserved, etc.).', stateOf),
    ageColumn,
  ],
}

const deviceKey = ({ driver, pool, device }: { driver: string; pool: string; device: string }): string =>
  `${driver}/${pool}/${device}`

/** Source: resourceClaimState in kubernetes/pkg/printers/internalversion/printers.go */
function stateOf({ metadata, status }: ResourceClaim): string {
  const states = metadata.deletionTimestamp ? ['deleted'] : []
  if (status?.allocation) states.push('allocated', ...(status.reservedFor?.length ? ['reserved'] : []))
  else if (!metadata.deletionTimestamp) states.push('pending')
  return states.join(',')
}

function validateStatus(
  { metadata, status = {} }: ResourceClaim,
  { status: before = {} }: ResourceClaim,
): FieldError[] {
  const { allocation, reservedFor = [] } = status
  const errors = setErrors(
    reservedFor,
    MOST_CONSUMERS,
    'status.reservedFor',
    (consumer, path) =>
      (['resource', 'name', 'uid'] as const).flatMap((field) =>
        consumer[field] ? [] : [required(`${path}.${field}`)],
      ),
    ({ uid }) => uid ?? '',
  )
  if (reservedFor.length > 0 && !allocation)
    errors.push(forbiddenField('status.reservedFor', 'may not be specified when `allocated` is not set'))
  const known = new Set(before.reservedFor?.map(({ uid }) => uid))
  if (allocation && metadata.deletionTimestamp && reservedFor.some(({ uid }) => !known.has(uid)))
    errors.push(
      forbiddenField(
        'status.reservedFor',
        'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set',
      ),
    )
  if (before.allocation && allocation)
    return [...errors, ...immutable('status.allocation', allocation, before.allocation)]
  if (!allocation) return errors
  return [
    ...errors,
    ...listErrors(allocation.devices?.results, MOST_RESULTS, 'status.allocation.devices.results', (result, path) => [
      ...driverNameErrors(result.driver, `${path}.driver`),
      ...poolNameErrors(result.pool, `${path}.pool`),
      ...deviceNameErrors(result.device, `${path}.device`),
    ]),
    ...(allocation.nodeSelector ? validateNodeSelector(allocation.nodeSelector, 'status.allocation.nodeSelector') : []),
  ]
}
