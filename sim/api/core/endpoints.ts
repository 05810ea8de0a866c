/** Endpoints, core/v1: the older list of what is behind a Service. */

import type { Kind } from '../meta/kind.ts'
import { ageColumn, column, cutList, nameColumn } from '../meta/table.ts'
import { validateEndpoints, validateEndpointsUpdate } from './endpoints-validation.ts'
import type { Endpoints } from './types.ts'

export const endpoints: Kind<Endpoints> = {
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  plural: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep'],
  categories: [],
  isNamespaced: true,
  apiVersion: 'v1',
  schema: 'io.k8s.api.core.v1.Endpoints',
  applyDefaults: (object) => {
    for (const subset of object.subsets ?? []) for (const port of subset.ports ?? []) port.protocol ||= 'TCP'
  },
  prepareForCreate: () => {},
  prepareForUpdate: () => {},
  validate: validateEndpoints,
  validateUpdate: validateEndpointsUpdate,
  createsOnUpdate: true,
  hasStatus: false,
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  columns: [
    nameColumn,
    column('Endpoints', 'string', 'The ready addresses with their ports.', printEndpoints),
    ageColumn,
  ],
}

/** `10.1.0.4:80,10.1.0.5:80,10.1.0.6:80 + 2 more...` */
function printEndpoints(object: Endpoints): string {
  const all: string[] = []
  for (const { addresses = [], ports = [] } of object.subsets ?? []) {
    if (ports.length === 0) all.push(...addresses.map((address) => address.ip))
    for (const { port } of ports)
      all.push(...addresses.map(({ ip }) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)))
  }
  // Subsets without a ready address print nothing at all.
  return cutList(all, object.subsets?.length ? '' : '<none>')
}
