/** RoleBinding and ClusterRoleBinding, rbac.authorization.k8s.io/v1. */
import type { Column, Kind } from '../meta/kind.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import { type ClusterRoleBinding, RBAC_GROUP, type RoleBinding } from './types.ts'
import { validateBinding, validateBindingUpdate } from './validation.ts'

const subjectsOf = ({ subjects }: RoleBinding, kind: string): string =>
  (subjects ?? [])
    .filter((subject) => subject.kind === kind)
    .map(({ name, namespace }) => (kind === 'ServiceAccount' ? `${namespace ?? ''}/${name}` : name))
    .join(', ')

const columns: readonly Column<RoleBinding>[] = [
  nameColumn,
  column('Role', 'string', 'What it grants.', ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`),
  ageColumn,
  column('Users', 'string', 'Users it grants it to.', (binding) => subjectsOf(binding, 'User'), 'wide'),
  column('Groups', 'string', 'Groups it grants it to.', (binding) => subjectsOf(binding, 'Group'), 'wide'),
  column(
    'ServiceAccounts',
    'string',
    'Service accounts it grants it to.',
    (binding) => subjectsOf(binding, 'ServiceAccount'),
    'wide',
  ),
]

export const roleBindings: Kind<RoleBinding> = {
  group: RBAC_GROUP,
  version: 'v1',
  kind: 'RoleBinding',
  plural: 'rolebindings',
  singular: 'rolebinding',
  shortNames: [],
  categories: [],
  isNamespaced: true,
  apiVersion: `${RBAC_GROUP}/v1`,
  schema: 'io.k8s.api.rbac.v1.RoleBinding',
  applyDefaults,
  prepareForCreate: () => {},
  prepareForUpdate: () => {},
  validate: (binding) => validateBinding(binding, true),
  validateUpdate: (binding, old) => validateBindingUpdate(binding, old, true),
  createsOnUpdate: true,
  hasStatus: false,
  columns,
}

export const clusterRoleBindings: Kind<ClusterRoleBinding> = {
  ...roleBindings,
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  singular: 'clusterrolebinding',
  isNamespaced: false,
  schema: 'io.k8s.api.rbac.v1.ClusterRoleBinding',
  validate: (binding) => validateBinding(binding, false),
  validateUpdate: (binding, old) => validateBindingUpdate(binding, old, false),
}

/** Source: kubernetes/pkg/apis/rbac/v1/defaults.go */
function applyDefaults(binding: RoleBinding): void {
  binding.roleRef ??= { apiGroup: '', kind: '', name: '' }
  binding.roleRef.apiGroup ||= RBAC_GROUP
  for (const subject of binding.subjects ?? [])
    if (!subject.apiGroup && (subject.kind === 'User' || subject.kind === 'Group')) subject.apiGroup = RBAC_GROUP
}
