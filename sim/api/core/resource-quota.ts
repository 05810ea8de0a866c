/** ResourceQuota, core/v1. Source: kubernetes/pkg/registry/core/resourcequota/strategy.go */
import type { Kind } from '../meta/kind.ts'
import { sortedEntries } from '../meta/object-meta.ts'
import { canonicalResources } from '../meta/quantity.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import type { ResourceQuota } from './policy-types.ts'
import {
  validateResourceQuota,
  validateResourceQuotaStatusUpdate,
  validateResourceQuotaUpdate,
} from './resource-quota/validation.ts'

export const resourceQuotas: Kind<ResourceQuota> = {
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  singular: 'resourcequota',
  shortNames: ['quota'],
  categories: [],
  isNamespaced: true,
  apiVersion: 'v1',
  schema: 'io.k8s.api.core.v1.ResourceQuota',
  applyDefaults: (quota) => {
    quota.spec ??= {}
    if (quota.spec.hard) quota.spec.hard = canonicalResources(quota.spec.hard)
  },
  prepareForCreate: (quota) => {
    quota.status = {}
  },
  prepareForUpdate: (quota, old) => {
    quota.status = old.status
  },
  prepareForStatusUpdate: (quota, old) => {
    quota.spec = old.spec
  },
  validate: validateResourceQuota,
  validateUpdate: validateResourceQuotaUpdate,
  validateStatusUpdate: validateResourceQuotaStatusUpdate,
  hasStatus: true,
  columns: [
    nameColumn,
    column('Request', 'string', 'What is used of what may be requested or counted.', (quota) =>
      usageText(quota, false),
    ),
    column('Limit', 'string', 'What is used of the limits that containers may set.', (quota) => usageText(quota, true)),
    ageColumn,
  ],
}

/** `pods: 1/2, requests.cpu: 100m/300m` */
const usageText = ({ status }: ResourceQuota, isLimits: boolean): string =>
  sortedEntries(status.hard)
    .filter(([name]) => name.startsWith('limits.') === isLimits)
    .map(([name, hard]) => `${name}: ${status.used?.[name] ?? '0'}/${hard}`)
    .join(', ')
