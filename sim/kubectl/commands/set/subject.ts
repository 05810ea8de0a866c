/** kubectl set subject. Source: k8s.io/kubectl/pkg/cmd/set/set_subject.go */

import { equalJson } from '../../../api/meta/json.ts'
import type { KubeObject } from '../../../api/meta/object.ts'
import { StatusError } from '../../../api/meta/status-error.ts'
import type { RoleBinding } from '../../../api/rbac/types.ts'
import type { Command } from '../../command.ts'
import { KubectlError, throwAll } from '../../errors.ts'
import type { FlagValues } from '../../flags.ts'
import { namesFiles } from '../../manifests.ts'
import { noResources } from '../../resources.ts'
import { showTyped } from '../../results.ts'
import { changeFlags, findAllTargets, sendChange } from '../../targets.ts'

type Subject = NonNullable<RoleBinding['subjects']>[number]

export const setSubject: Command = {
  name: 'subject',
  short: 'Update the user, group, or service account in a role binding or cluster role binding',
  readsTypes: true,
  usage:
    '(-f FILENAME | TYPE NAME) [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none] [options]',
  flags: [
    ...changeFlags('kubectl-set').filter(({ name }) => name !== 'record'),
    { name: 'user', type: 'list', help: 'Usernames to bind to the role' },
    { name: 'group', type: 'list', help: 'Groups to bind to the role' },
    {
      name: 'serviceaccount',
      type: 'list',
      help: 'Service accounts to bind to the role, in the format <namespace>:<name>',
    },
  ],
  run(invocation) {
    if (invocation.args.length === 0 && !namesFiles(invocation)) throw noResources()
    const added = subjectsOf(invocation.flags)
    const errors: unknown[] = []
    for (const found of findAllTargets(invocation, invocation.args)) {
      const { kind, object } = found
      if (kind.kind !== 'RoleBinding' && kind.kind !== 'ClusterRoleBinding') {
        errors.push(
          new KubectlError(
            `${kind.plural}/${object.metadata.name} setting subjects is only supported for RoleBinding/ClusterRoleBinding`,
          ),
        )
        continue
      }
      const { subjects = [] } = object as RoleBinding
      const missing = added.filter((subject) => !subjects.some((other) => equalJson(subject, other)))
      if (missing.length === 0) continue
      const changed = { ...object, subjects: [...subjects, ...missing] } as KubeObject
      try {
        showTyped(invocation, kind, sendChange(invocation, found, changed), 'subjects updated')
      } catch (error) {
        const why =
          error instanceof StatusError ? `failed to patch subjects to rolebinding: ${error.message}\n` : undefined
        errors.push(why === undefined ? error : new KubectlError(why))
      }
    }
    throwAll(errors)
    return 0
  },
}

/** What the flags name. @throws KubectlError when they name nobody, or a service account without its namespace */
function subjectsOf(flags: FlagValues): Subject[] {
  const [users, groups, accounts] = [flags.list('user'), flags.list('group'), flags.list('serviceaccount')]
  if (users.length + groups.length + accounts.length === 0)
    throw new KubectlError('you must specify at least one value of user, group or serviceaccount')
  const apiGroup = 'rbac.authorization.k8s.io'
  return [
    ...users.toSorted().map((name) => ({ kind: 'User' as const, apiGroup, name })),
    ...groups.toSorted().map((name) => ({ kind: 'Group' as const, apiGroup, name })),
    ...accounts.toSorted().map((text) => {
      const [namespace, name, ...rest] = text.split(':')
      if (!namespace || !name || rest.length > 0) throw new KubectlError('serviceaccount must be <namespace>:<name>')
      return { kind: 'ServiceAccount' as const, namespace, name }
    }),
  ]
}
