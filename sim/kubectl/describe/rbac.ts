/** kubectl describe role, clusterrole, rolebinding and clusterrolebinding */
import type { ClusterRole, RoleBinding } from '../../api/rbac/types.ts'
import { ruleRows } from '../rules.ts'
import { type Describer, writeAnnotations, writeLabels } from './common.ts'

export const describeRole: Describer<ClusterRole> = ({ metadata, rules }, w) => {
  w.field(0, 'Name', metadata.name)
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  w.line(0, 'PolicyRule:')
  w.line(1, 'Resources\tNon-Resource URLs\tResource Names\tVerbs')
  w.line(1, '---------\t-----------------\t--------------\t-----')
  for (const row of ruleRows(rules ?? [])) w.line(1, row.join('\t'))
}

export const describeRoleBinding: Describer<RoleBinding> = ({ metadata, roleRef, subjects }, w) => {
  w.field(0, 'Name', metadata.name)
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  w.line(0, 'Role:')
  w.field(1, 'Kind', roleRef.kind)
  w.field(1, 'Name', roleRef.name)
  w.line(0, 'Subjects:')
  w.line(1, 'Kind\tName\tNamespace')
  w.line(1, '----\t----\t---------')
  for (const { kind, name, namespace } of subjects ?? []) w.line(1, `${kind}\t${name}\t${namespace ?? ''}`)
}
