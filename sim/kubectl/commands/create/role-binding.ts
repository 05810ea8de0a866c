/** kubectl create rolebinding and clusterrolebinding. Source: k8s.io/kubectl/pkg/cmd/create/{create_rolebinding,create_clusterrolebinding}.go */
import { RBAC_GROUP, type Subject } from '../../../api/rbac/types.ts'
import type { Invocation } from '../../command.ts'
import { KubectlError } from '../../errors.ts'
import type { Flag } from '../../flags.ts'
import { generatorCommand } from './generator.ts'

const subjectFlags = (what: string): readonly Flag[] => [
  { name: 'user', type: 'array', help: `Usernames to bind to the ${what}.` },
  { name: 'group', type: 'array', help: `Groups to bind to the ${what}.` },
  {
    name: 'serviceaccount',
    type: 'array',
    help: `Service accounts to bind to the ${what}, in the format <namespace>:<name>.`,
  },
]

export const createRoleBinding = generatorCommand({
  name: 'rolebinding',
  short: 'Create a role binding for a particular role or cluster role',
  usage:
    'NAME --clusterrole=NAME|--role=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [options]',
  failure: 'failed to create rolebinding: ',
  flags: [
    { name: 'clusterrole', type: 'string', help: 'ClusterRole this RoleBinding should reference' },
    { name: 'role', type: 'string', help: 'Role this RoleBinding should reference' },
    ...subjectFlags('role'),
  ],
  build(invocation, name) {
    const clusterRole = invocation.flags.string('clusterrole')
    const role = invocation.flags.string('role')
    if (!clusterRole === !role) throw new KubectlError('exactly one of clusterrole or role must be specified')
    return {
      kind: 'RoleBinding',
      apiVersion: `${RBAC_GROUP}/v1`,
      metadata: { name },
      ...subjectsOf(invocation),
      roleRef: { apiGroup: RBAC_GROUP, kind: role ? 'Role' : 'ClusterRole', name: role || clusterRole },
    }
  },
})

export const createClusterRoleBinding = generatorCommand({
  name: 'clusterrolebinding',
  short: 'Create a cluster role binding for a particular cluster role',
  usage:
    'NAME --clusterrole=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [options]',
  failure: 'failed to create clusterrolebinding: ',
  flags: [
    {
      name: 'clusterrole',
      type: 'string',
      isRequired: true,
      help: 'ClusterRole this ClusterRoleBinding should reference',
    },
    ...subjectFlags('clusterrole'),
  ],
  build(invocation, name) {
    const clusterRole = invocation.flags.string('clusterrole')
    return {
      kind: 'ClusterRoleBinding',
      apiVersion: `${RBAC_GROUP}/v1`,
      metadata: { name },
      ...subjectsOf(invocation),
      roleRef: { apiGroup: RBAC_GROUP, kind: 'ClusterRole', name: clusterRole },
    }
  },
})

function subjectsOf({ flags }: Invocation): { subjects?: Subject[] } {
  const subjects: Subject[] = [
    ...flags.list('user').map((name) => ({ kind: 'User', apiGroup: RBAC_GROUP, name })),
    ...flags.list('group').map((name) => ({ kind: 'Group', apiGroup: RBAC_GROUP, name })),
    ...flags.list('serviceaccount').map((account) => {
      const [namespace, name, ...rest] = account.split(':')
      if (!namespace || !name || rest.length > 0) throw new KubectlError('serviceaccount must be <namespace>:<name>')
      return { kind: 'ServiceAccount', name, namespace }
    }),
  ]
  return subjects.length > 0 ? { subjects } : {}
}
