/** LimitRange, core/v1. Source: kubernetes/pkg/apis/core/v1/defaults.go, pkg/registry/core/limitrange */
import type { Kind } from '../meta/kind.ts'
import { canonicalResources } from '../meta/quantity.ts'
import { column, nameColumn } from '../meta/table.ts'
import { validateLimitRange, validateLimitRangeUpdate } from './limit-range/validation.ts'
import type { LimitRange, LimitRangeItem } from './policy-types.ts'

const LISTS = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const

export const limitRanges: Kind<LimitRange> = {
  group: '',
  version: 'v1',
  kind: 'LimitRange',
  plural: 'limitranges',
  singular: 'limitrange',
  shortNames: ['limits'],
  categories: [],
  isNamespaced: true,
  apiVersion: 'v1',
  schema: 'io.k8s.api.core.v1.LimitRange',
  applyDefaults: (limitRange) => {
    limitRange.spec ??= { limits: [] }
    limitRange.spec.limits ??= []
    for (const item of limitRange.spec.limits) applyItemDefaults(item)
  },
  prepareForCreate: () => {},
  prepareForUpdate: () => {},
  validate: validateLimitRange,
  validateUpdate: validateLimitRangeUpdate,
  createsOnUpdate: true,
  hasStatus: false,
  columns: [
    nameColumn,
    column('Created At', 'date', 'When the object was created.', ({ metadata }) => metadata.creationTimestamp),
  ],
}

/** For containers the default limit is the maximum, the default request the default limit, or the minimum. */
function applyItemDefaults(item: LimitRangeItem): void {
  for (const list of LISTS) if (item[list]) item[list] = canonicalResources(item[list])
  if (item.type !== 'Container') return
  const limits = { ...item.max, ...item.default }
  const requests = { ...item.min, ...limits, ...item.defaultRequest }
  if (Object.keys(limits).length > 0) item.default = limits
  if (Object.keys(requests).length > 0) item.defaultRequest = requests
}
