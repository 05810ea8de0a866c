/** Lease, coordination.k8s.io/v1: heartbeats of nodes and leader election. */
import { disabledFields, dropFields } from '../meta/feature-gates.ts'
import { type FieldError, invalid } from '../meta/field-error.ts'
import type { Kind } from '../meta/kind.ts'
import { dnsSubdomainErrors } from '../meta/names.ts'
import { nonNegative, validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import type { Lease } from './types.ts'

/** Source: kubernetes/pkg/registry/coordination/lease/strategy.go */
const DISABLED = disabledFields(
  ['strategy', 'preferredHolder'].map((path) => ({ gate: 'CoordinatedLeaderElection', path })),
)

export const leases: Kind<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  singular: 'lease',
  shortNames: [],
  categories: [],
  isNamespaced: true,
  apiVersion: 'coordination.k8s.io/v1',
  schema: 'io.k8s.api.coordination.v1.Lease',
  applyDefaults: (lease) => {
    lease.spec ??= {}
    dropFields(lease.spec, DISABLED)
  },
  prepareForCreate: () => {},
  prepareForUpdate: () => {},
  validate: (lease) => [
    ...validateObjectMeta(lease.metadata, { isNamespaced: true, nameErrors: dnsSubdomainErrors }),
    ...validateSpec(lease),
  ],
  validateUpdate: (lease, old) => [...validateObjectMetaUpdate(lease.metadata, old.metadata), ...validateSpec(lease)],
  createsOnUpdate: true,
  needsResourceVersion: true,
  hasStatus: false,
  isReport: true,
  columns: [
    nameColumn,
    column('Holder', 'string', 'Who holds it.', (lease) => lease.spec?.holderIdentity ?? ''),
    ageColumn,
  ],
}

/** Source: kubernetes/pkg/apis/coordination/validation/validation.go */
function validateSpec({ spec }: Lease): FieldError[] {
  const errors: FieldError[] = []
  if (spec.leaseDurationSeconds !== undefined && spec.leaseDurationSeconds <= 0)
    errors.push(invalid('spec.leaseDurationSeconds', spec.leaseDurationSeconds, 'must be greater than 0'))
  errors.push(...nonNegative('spec.leaseTransitions', spec.leaseTransitions))
  if (spec.holderIdentity === '') errors.push(invalid('spec.holderIdentity', '', 'must not be empty'))
  return errors
}
