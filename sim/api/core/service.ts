/** Service, core/v1. */
import type { Kind } from '../meta/kind.ts'
import { allocateAddresses, dropFieldsOfOldType, keepAllocated, releaseAddresses } from './service/addresses.ts'
import { serviceColumns } from './service/columns.ts'
import { applyServiceDefaults } from './service/defaults.ts'
import { validateService, validateServiceUpdate } from './service/validation.ts'
import { serviceWarnings } from './service/warnings.ts'
import type { Service } from './types.ts'

export const services: Kind<Service> = {
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  singular: 'service',
  shortNames: ['svc'],
  categories: ['all'],
  isNamespaced: true,
  apiVersion: 'v1',
  schema: 'io.k8s.api.core.v1.Service',
  applyDefaults: applyServiceDefaults,
  prepareForCreate: (service) => {
    service.status = { loadBalancer: {} }
    keepAllocated(service, undefined)
  },
  prepareForUpdate: (service, old) => {
    service.status = old.status
    keepAllocated(service, old)
    dropFieldsOfOldType(service, old)
  },
  prepareForStatusUpdate: (service, old) => {
    service.spec = old.spec
  },
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  warnings: serviceWarnings,
  createsOnUpdate: true,
  hasStatus: true,
  allocate: allocateAddresses,
  release: releaseAddresses,
  columns: serviceColumns,
  selectableFields: (service) => ({ 'spec.clusterIP': service.spec.clusterIP ?? '', 'spec.type': service.spec.type }),
  notSimulated: ['spec.loadBalancerIP'],
}
