/**
 * Nobody grants what they do not hold, unless they may `escalate` the role or `bind` it. A real server checks it in the
 * storage of roles and bindings. Source: kubernetes/pkg/registry/rbac/{role,clusterrole,rolebinding,clusterrolebinding}/policybased
 */
import { equalJson } from '../../api/meta/json.ts'
import { resourceName } from '../../api/meta/kind.ts'
import { forbidden, notFound } from '../../api/meta/status-error.ts'
import { clusterRoles, roles } from '../../api/rbac/role.ts'
import { clusterRoleBindings, roleBindings } from '../../api/rbac/role-binding.ts'
import { type ClusterRole, type PolicyRule, RBAC_GROUP, type RoleBinding } from '../../api/rbac/types.ts'
import { rulesOf } from '../authorization/rbac.ts'
import { compactRules, missingRules, printRule } from '../authorization/rules.ts'
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from './admission.ts'

const everything: readonly PolicyRule[] = [
  { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
  { nonResourceURLs: ['*'], verbs: ['*'] },
]

export const rbacEscalation: AdmissionPlugin = {
  name: 'RBACEscalation',
  admit(request, context) {
    if (request.kind.group !== RBAC_GROUP || request.operation === 'DELETE') return
    if (request.user.groups.includes('system:masters')) return
    switch (request.kind.plural) {
      case roles.plural:
      case clusterRoles.plural:
        checkRole(request, context)
        break
      case roleBindings.plural:
      case clusterRoleBindings.plural:
        checkBinding(request, context)
    }
  },
}

function checkRole(request: AdmissionRequest, context: AdmissionContext): void {
  const role = request.object as ClusterRole
  const old = request.old as ClusterRole | undefined
  if (old && equalJson(old.rules, role.rules) && equalJson(old.aggregationRule, role.aggregationRule)) return
  if (mayDo(request, context, 'escalate', request.kind.plural, request.name)) return
  const problem = escalation(request, context, role.rules ?? [])
  if (problem) throw forbidden(resourceName(request.kind), role.metadata.name, problem)
  if (!role.aggregationRule && !old?.aggregationRule) return
  const lacking = escalation(request, context, everything)
  if (lacking)
    throw forbidden(
      resourceName(request.kind),
      role.metadata.name,
      `must have cluster-admin privileges to use an aggregationRule: ${lacking}`,
    )
}

function checkBinding(request: AdmissionRequest, context: AdmissionContext): void {
  const binding = request.object as RoleBinding
  const old = request.old as RoleBinding | undefined
  if (old && equalJson(old.roleRef, binding.roleRef) && equalJson(old.subjects, binding.subjects)) return
  const { roleRef } = binding
  if (mayDo(request, context, 'bind', `${roleRef.kind.toLowerCase()}s`, roleRef.name)) return
  const found = rulesOf(context, roleRef, request.namespace)
  if ('error' in found) throw notFound(`${roleRef.kind.toLowerCase()}s.${RBAC_GROUP}`, roleRef.name)
  const problem = escalation(request, context, found.rules)
  if (problem) throw forbidden(resourceName(request.kind), binding.metadata.name, problem)
}

const mayDo = (
  { user, namespace }: AdmissionRequest,
  { authorization }: AdmissionContext,
  verb: string,
  resource: string,
  name: string,
): boolean =>
  authorization.authorize({ user, verb, group: RBAC_GROUP, resource, subresource: '', namespace, name }).allowed

/** What the user would give away without holding it, in the server's words. */
function escalation(
  { user, namespace }: AdmissionRequest,
  { authorization }: AdmissionContext,
  wanted: readonly PolicyRule[],
): string | undefined {
  const held = authorization.rulesFor(user, namespace)
  const missing = missingRules(
    held.grants.map(({ rule }) => rule),
    wanted,
  )
  if (missing.length === 0) return undefined
  const shown = [...new Set(compactRules(missing).map(printRule))].sort().join('\n')
  const groups = user.groups.map((group) => JSON.stringify(group)).join(' ')
  const unresolved = held.errors.length > 0 ? `; resolution errors: [${held.errors.join(' ')}]` : ''
  return `user ${JSON.stringify(user.name)} (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n${shown}${unresolved}`
}
