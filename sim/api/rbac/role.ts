/** Role and ClusterRole, rbac.authorization.k8s.io/v1. */
import type { Kind } from '../meta/kind.ts'
import type { KubeObject } from '../meta/object.ts'
import { column, nameColumn } from '../meta/table.ts'
import { type ClusterRole, RBAC_GROUP, type Role } from './types.ts'
import { validateClusterRole, validateClusterRoleUpdate, validateRole, validateRoleUpdate } from './validation.ts'

const columns = [
  nameColumn,
  column<KubeObject>('Created At', 'date', 'When it was made.', ({ metadata }) => metadata.creationTimestamp),
]

export const roles: Kind<Role> = {
  group: RBAC_GROUP,
  version: 'v1',
  kind: 'Role',
  plural: 'roles',
  singular: 'role',
  shortNames: [],
  categories: [],
  isNamespaced: true,
  apiVersion: `${RBAC_GROUP}/v1`,
  schema: 'io.k8s.api.rbac.v1.Role',
  applyDefaults: () => {},
  prepareForCreate: () => {},
  prepareForUpdate: () => {},
  validate: validateRole,
  validateUpdate: validateRoleUpdate,
  createsOnUpdate: true,
  hasStatus: false,
  columns,
}

export const clusterRoles: Kind<ClusterRole> = {
  group: RBAC_GROUP,
  version: 'v1',
  kind: 'ClusterRole',
  plural: 'clusterroles',
  singular: 'clusterrole',
  shortNames: [],
  categories: [],
  isNamespaced: false,
  apiVersion: `${RBAC_GROUP}/v1`,
  schema: 'io.k8s.api.rbac.v1.ClusterRole',
  applyDefaults: () => {},
  prepareForCreate: () => {},
  prepareForUpdate: () => {},
  validate: validateClusterRole,
  validateUpdate: validateClusterRoleUpdate,
  createsOnUpdate: true,
  hasStatus: false,
  columns,
}
