/** Nobody gives away what they do not hold. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configMaps } from '../../../sim/api/core/config-map.ts'
import { clusterRoles, roles } from '../../../sim/api/rbac/role.ts'
import { clusterRoleBindings, roleBindings } from '../../../sim/api/rbac/role-binding.ts'
import { rbacEscalation } from '../../../sim/apiserver/admission/rbac-escalation.ts'
import { type Asked, ask } from './plugin.ts'

const GROUP = 'rbac.authorization.k8s.io'
const user = { name: 'jane', groups: ['dev', 'system:authenticated'] }
const rule = (verb: string, resource = 'pods') => ({ apiGroups: [''], resources: [resource], verbs: [verb] })
const everything = [
  { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
  { nonResourceURLs: ['*'], verbs: ['*'] },
]

interface Standing {
  /** What jane holds. */
  held?: object[]
  errors?: string[]
  /** What she may do to roles: `escalate roles edit`. */
  may?: string
}
const refusalOf = (kind: unknown, asked: Asked, { held = [rule('get')], errors = [], may }: Standing = {}) =>
  ask(
    rbacEscalation,
    kind as typeof roles,
    { user, ...asked },
    [
      [roles, [{ metadata: { name: 'edit', namespace: 'ns' }, rules: [rule('delete')] }]],
      [clusterRoles, [{ metadata: { name: 'view' }, rules: [rule('get')] }, { metadata: { name: 'empty' } }]],
    ],
    {
      authorization: {
        authorize: ({ verb, group, resource, subresource, namespace, name }: Record<string, string>) => {
          assert.deepEqual([group, subresource, namespace], [GROUP, '', 'ns'])
          return { allowed: `${verb} ${resource} ${name}` === may }
        },
        rulesFor: () => ({ grants: held.map((one) => ({ rule: one })), errors }),
      } as never,
    },
  ).refusal

const WHO =
  'user "jane" (groups=["dev" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:'
const role = (...rules: object[]) => ({ metadata: { name: 'r' }, rules })
const NO_DELETE = `${WHO}\n{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}`

for (const { kind, name } of [
  { kind: roles, name: 'roles' },
  { kind: clusterRoles, name: 'clusterroles' },
])
  test(`one of ${name} gives no more than its writer holds, or may escalate`, () => {
    const why = `${name}.${GROUP} "r" is forbidden: ${NO_DELETE}`
    assert.equal(refusalOf(kind, { object: role(rule('get')) }), undefined)
    assert.equal(refusalOf(kind, { object: { metadata: { name: 'r' } } }), undefined)
    assert.equal(refusalOf(kind, { object: role(rule('get'), rule('delete')) }), why)
    assert.equal(refusalOf(kind, { operation: 'UPDATE', object: role(rule('delete')), old: role(rule('get')) }), why)
    assert.equal(refusalOf(kind, { object: role(rule('delete')) }, { may: `escalate ${name} r` }), undefined)
    assert.equal(refusalOf(kind, { object: role(rule('delete')) }, { may: `bind ${name} r` }), why)
  })

test('a role whose rules stay is not looked at, nor one that goes', () => {
  const given = role(rule('delete'))
  assert.equal(
    refusalOf(roles, { operation: 'UPDATE', object: { ...given, metadata: { name: 'r', labels: {} } }, old: given }),
    undefined,
  )
  assert.equal(refusalOf(roles, { operation: 'DELETE', old: given, object: given }), undefined)
  assert.equal(refusalOf(configMaps, { object: given }), undefined)
  assert.equal(refusalOf(roles, { object: given, user: { name: 'root', groups: ['system:masters'] } }), undefined)
})

test('what is not held is told by rule, in order, and with what could not be found', () => {
  const object = role(rule('watch', 'services'), rule('delete'), rule('delete'))
  assert.equal(
    refusalOf(roles, { object }, { errors: ['a not found', 'b not found'] }),
    `roles.${GROUP} "r" is forbidden: ${NO_DELETE}\n{APIGroups:[""], Resources:["services"], Verbs:["watch"]}; resolution errors: [a not found b not found]`,
  )
})

test('only who holds everything gathers roles', () => {
  const gathering = (part: object = {}) => ({ ...role(rule('get')), aggregationRule: { clusterRoleSelectors: [part] } })
  const refused = new RegExp(
    `^clusterroles\\.${GROUP} "r" is forbidden: must have cluster-admin privileges to use an aggregationRule: user "jane" .*not currently held:\\n\\{APIGroups:\\["\\*"\\], Resources:\\["\\*"\\], Verbs:\\["\\*"\\]\\}\\n\\{NonResourceURLs:\\["\\*"\\], Verbs:\\["\\*"\\]\\}$`,
  )
  assert.match(refusalOf(clusterRoles, { object: gathering() }) ?? '', refused)
  const update = { operation: 'UPDATE', object: role(rule('get')), old: gathering() } as const
  assert.match(refusalOf(clusterRoles, update) ?? '', refused)
  assert.match(refusalOf(clusterRoles, { ...update, object: gathering({ matchLabels: {} }) }) ?? '', refused)
  assert.equal(refusalOf(clusterRoles, { ...update, object: gathering() }), undefined)
  assert.equal(refusalOf(clusterRoles, { object: gathering() }, { held: everything }), undefined)
  assert.match(refusalOf(clusterRoles, { object: gathering() }, { held: [everything[0]] }) ?? '', /NonResourceURLs/)
})

const binding = (kind: string, name: string, ...subjects: object[]) => ({
  metadata: { name: 'b' },
  roleRef: { apiGroup: GROUP, kind, name },
  subjects,
})
test('a binding gives no more than its writer holds, or may bind', () => {
  assert.equal(refusalOf(roleBindings, { object: binding('ClusterRole', 'view') }), undefined)
  assert.equal(refusalOf(roleBindings, { object: binding('ClusterRole', 'empty') }), undefined)
  const why = `rolebindings.${GROUP} "b" is forbidden: ${NO_DELETE}`
  const object = binding('Role', 'edit')
  assert.equal(refusalOf(roleBindings, { object }), why)
  assert.equal(refusalOf(roleBindings, { object }, { may: 'bind roles edit' }), undefined)
  assert.equal(refusalOf(roleBindings, { object }, { may: 'escalate roles edit' }), why)
  assert.equal(refusalOf(roleBindings, { object: binding('Role', 'none') }), `roles.${GROUP} "none" not found`)
  assert.equal(
    refusalOf(clusterRoleBindings, { object: binding('ClusterRole', 'none') }),
    `clusterroles.${GROUP} "none" not found`,
  )
  assert.match(
    refusalOf(clusterRoleBindings, { object: binding('ClusterRole', 'view') }, { held: [] }) ?? '',
    /^clusterrolebindings\.rbac\.authorization\.k8s\.io "b" is forbidden: user "jane"/,
  )
})

test('a binding that gives the same to the same is not looked at', () => {
  const old = binding('Role', 'edit')
  const update = (object: object) => refusalOf(roleBindings, { operation: 'UPDATE', object, old })
  assert.equal(update({ ...old, metadata: { name: 'b', labels: {} } }), undefined)
  assert.match(update(binding('Role', 'edit', { kind: 'User', name: 'joe' })) ?? '', /not currently held/)
  assert.match(
    refusalOf(roleBindings, { operation: 'UPDATE', object: old, old: binding('ClusterRole', 'edit') }) ?? '',
    /not currently held/,
  )
})
