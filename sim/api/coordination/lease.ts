/** Lease, coordination.k8s.io/v1: heartbeats of nodes and leader election. */
import type { Kind } from '../meta/kind.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import type { Lease } from './types.ts'

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
  },
  prepareForCreate: () => {},
  prepareForUpdate: () => {},
  validate: () => [],
  validateUpdate: () => [],
  hasStatus: false,
  columns: [
    nameColumn,
    column('Holder', 'string', 'Who holds it.', (lease) => lease.spec?.holderIdentity ?? ''),
    ageColumn,
  ],
}
