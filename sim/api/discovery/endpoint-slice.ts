/** EndpointSlice, discovery.k8s.io/v1. */

import type { Kind } from '../meta/kind.ts'
import { ageColumn, column, cutList, nameColumn } from '../meta/table.ts'
import { validateEndpointSlice, validateEndpointSliceUpdate } from './endpoint-slice-validation.ts'
import type { EndpointSlice } from './types.ts'

export const endpointSlices: Kind<EndpointSlice> = {
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  singular: 'endpointslice',
  shortNames: [],
  categories: [],
  isNamespaced: true,
  apiVersion: 'discovery.k8s.io/v1',
  schema: 'io.k8s.api.discovery.v1.EndpointSlice',
  applyDefaults: (slice) => {
    slice.endpoints ??= []
    for (const endpoint of slice.endpoints) endpoint.conditions ??= {}
    for (const port of slice.ports ?? []) {
      port.name ??= ''
      port.protocol ??= 'TCP'
    }
  },
  prepareForCreate: (slice) => {
    slice.metadata.generation = 1
  },
  prepareForUpdate: () => {},
  validate: validateEndpointSlice,
  validateUpdate: validateEndpointSliceUpdate,
  // Source: pkg/registry/discovery/endpointslice/strategy.go, warnOnDeprecatedAddressType: of new ones only.
  warnings: ({ addressType }, old) =>
    !old && addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : [],
  hasStatus: false,
  generationOf: ({ metadata: { labels }, addressType, endpoints, ports }) => ({
    labels,
    addressType,
    endpoints,
    ports,
  }),
  columns: [
    nameColumn,
    column('AddressType', 'string', 'IPv4, IPv6 or FQDN.', (slice) => slice.addressType),
    column('Ports', 'string', 'The ports of every endpoint.', (slice) =>
      cutList(
        (slice.ports ?? []).map(({ port }) => (port === undefined ? '*' : String(port))),
        '<unset>',
      ),
    ),
    column('Endpoints', 'string', 'The addresses, ready or not.', (slice) =>
      cutList(
        slice.endpoints.flatMap((endpoint) => endpoint.addresses),
        '<unset>',
      ),
    ),
    ageColumn,
  ],
}
