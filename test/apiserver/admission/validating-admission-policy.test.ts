// Policies in CEL: which writes they are about, what they say, and what one that cannot be evaluated does.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { validatingAdmissionPolicies } from '../../../sim/api/admissionregistration/validating-admission-policy.ts'
import { validatingAdmissionPolicyBindings } from '../../../sim/api/admissionregistration/validating-admission-policy-binding.ts'
import { configMaps } from '../../../sim/api/core/config-map.ts'
import { namespaces } from '../../../sim/api/core/namespace.ts'
import { pods } from '../../../sim/api/core/pod.ts'
import type { Kind } from '../../../sim/api/meta/kind.ts'
import { validatingAdmissionPolicy } from '../../../sim/apiserver/admission/policies/validating.ts'
import { budgeted } from '../../../sim/engine/work.ts'
import { ask } from './plugin.ts'

interface Asked {
  spec?: object
  binding?: object
  kind?: Kind
  request?: object
  objects?: object[]
}

const podRule = { apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['pods'] }
const pod = { metadata: { name: 'p', namespace: 'a', labels: { app: 'web' } }, spec: { nodeName: 'n' } }

function asked({ spec = {}, binding = {}, kind = pods as unknown as Kind, request = {}, objects = [] }: Asked) {
  const policy = {
    metadata: { name: 'few' },
    spec: { matchConstraints: { resourceRules: [podRule] }, validations: [{ expression: 'false' }], ...spec },
  }
  const bound = { metadata: { name: 'here' }, spec: { policyName: 'few', validationActions: ['Deny'], ...binding } }
  const { refusal, warnings } = ask(validatingAdmissionPolicy, kind, { object: pod, namespace: 'a', ...request }, [
    [validatingAdmissionPolicies, [policy]],
    [validatingAdmissionPolicyBindings, [bound]],
    [namespaces, [{ metadata: { name: 'a', labels: { env: 'prod' } } }]],
    [configMaps, objects],
  ])
  return { refusal: refusal?.replace(/^.*denied request: /, ''), warnings }
}
const said = (expression: string, more: Asked = {}) =>
  asked({ ...more, spec: { validations: [{ expression }], ...more.spec } }).refusal

test('a write is denied by the words of the policy, those of its expression, or the expression', () => {
  assert.equal(said('true'), undefined)
  assert.equal(said('object.metadata.name == "q"'), 'failed expression: object.metadata.name == "q"')
  const worded = { expression: 'false', message: 'no', messageExpression: "object.metadata.name + ' is wrong'" }
  assert.equal(asked({ spec: { validations: [worded] } }).refusal, 'p is wrong')
  for (const messageExpression of ['object.nothing', "'two\\nlines'", "' '", '1'])
    assert.equal(asked({ spec: { validations: [{ ...worded, messageExpression }] } }).refusal, 'no')
})

test('expressions see the object, the one before, the request, its namespace, variables and parameters', () => {
  const deleted = { request: { operation: 'DELETE', object: undefined, old: pod } }
  assert.equal(said("object == null && oldObject.metadata.name == 'p'", deleted), undefined)
  assert.equal(said("oldObject == null && request.operation == 'CREATE' && request.namespace == 'a'"), undefined)
  assert.equal(said("request.resource.resource == 'pods' && request.userInfo.username != ''"), undefined)
  assert.equal(said("namespaceObject.metadata.labels.env == 'prod'"), undefined)
  const variables = [
    { name: 'app', expression: 'object.metadata.labels.app' },
    { name: 'shown', expression: "variables.app + '!'" },
    { name: 'broken', expression: 'object.nothing' },
  ]
  assert.equal(said("variables.shown == 'web!'", { spec: { variables } }), undefined)
  assert.equal(
    said('variables.broken', { spec: { variables } }),
    'expression \'variables.broken\' resulted in error: composited variable "broken" fails to evaluate: no such key: nothing',
  )
  const withParams: Asked = {
    spec: { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } },
    binding: { paramRef: { name: 'limits', parameterNotFoundAction: 'Deny' } },
    objects: [{ metadata: { name: 'limits', namespace: 'a' }, data: { name: 'p' } }],
  }
  assert.equal(said('object.metadata.name == params.data.name', withParams), undefined)
  assert.match(said("params.data.name == 'q'", withParams)!, /^failed expression/)
  assert.equal(
    said('true', { ...withParams, objects: [] }),
    'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction',
  )
  assert.equal(
    said('false', {
      ...withParams,
      objects: [],
      binding: { paramRef: { name: 'limits', parameterNotFoundAction: 'Allow' } },
    }),
    undefined,
  )
})

test('what cannot be evaluated denies, unless the policy ignores failures', () => {
  assert.equal(
    said('object.spec.nothing > 1'),
    "expression 'object.spec.nothing > 1' resulted in error: no such key: nothing",
  )
  assert.equal(said('object.spec.nothing > 1', { spec: { failurePolicy: 'Ignore' } }), undefined)
  assert.equal(said('false', { spec: { failurePolicy: 'Ignore' } }), 'failed expression: false')
})

const elsewhere: [string, Asked][] = [
  ['of another operation', { spec: { matchConstraints: { resourceRules: [{ ...podRule, operations: ['UPDATE'] }] } } }],
  ['of another group', { spec: { matchConstraints: { resourceRules: [{ ...podRule, apiGroups: ['apps'] }] } } }],
  ['of a subresource', { request: { subresource: 'eviction' } }],
  ['of another name', { spec: { matchConstraints: { resourceRules: [{ ...podRule, resourceNames: ['q'] }] } } }],
  ['for the cluster', { spec: { matchConstraints: { resourceRules: [{ ...podRule, scope: 'Cluster' }] } } }],
  ['that is left out', { spec: { matchConstraints: { resourceRules: [podRule], excludeResourceRules: [podRule] } } }],
  [
    'without the label',
    { spec: { matchConstraints: { resourceRules: [podRule], objectSelector: { matchLabels: { app: 'db' } } } } },
  ],
  ['of another namespace', { binding: { matchResources: { namespaceSelector: { matchLabels: { env: 'test' } } } } }],
  [
    'that a condition leaves out',
    { spec: { matchConditions: [{ name: 'c', expression: "object.metadata.name == 'q'" }] } },
  ],
  ['of no binding', { binding: { policyName: 'other' } }],
]
for (const [name, case_] of elsewhere)
  test(`a write ${name} is none of the policy's`, () => {
    assert.equal(asked(case_).refusal, undefined)
  })

test('a binding that warns lets pass and says so, one that audits is silent', () => {
  const warned = asked({ binding: { validationActions: ['Warn'] } })
  assert.equal(warned.refusal, undefined)
  assert.deepEqual(warned.warnings, [
    "Validation failed for ValidatingAdmissionPolicy 'few' with binding 'here': failed expression: false",
  ])
  assert.deepEqual(asked({ binding: { validationActions: ['Audit'] } }), { refusal: undefined, warnings: [] })
})

test('what cannot be evaluated is only warned of where the binding says so; what cannot be bound denies', () => {
  const binding = { validationActions: ['Warn'] }
  const spec = { validations: [{ expression: "int(dyn('many')) > 1" }] }
  const why = "expression 'int(dyn('many')) > 1' resulted in error: type conversion error from 'string' to 'int'"
  assert.deepEqual(asked({ binding, spec }), {
    refusal: undefined,
    warnings: [`Validation failed for ValidatingAdmissionPolicy 'few' with binding 'here': ${why}`],
  })
  assert.deepEqual(asked({ binding, spec: { ...spec, failurePolicy: 'Ignore' } }), { refusal: undefined, warnings: [] })
  const paramRef = { name: 'none', parameterNotFoundAction: 'Deny' }
  const bound = { spec: { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } }, binding: { ...binding, paramRef } }
  assert.match(asked(bound).refusal!, /^failed to configure binding: no params found/)
})

test('a kind of parameters that is not there is the fault of the policy, not of a binding', () => {
  const paramKind = { apiVersion: 'example.com/v1', kind: 'Limit' }
  assert.equal(
    asked({ spec: { paramKind } }).refusal,
    "failed to configure policy: failed to find resource referenced by paramKind: 'example.com/v1, Kind=Limit'",
  )
  assert.equal(asked({ spec: { paramKind, failurePolicy: 'Ignore' } }).refusal, undefined)
})

test('nobody is locked out of the policies themselves', () => {
  const everything = { apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] }
  const spec = { matchConstraints: { resourceRules: [everything] } }
  assert.notEqual(asked({ spec }).refusal, undefined)
  const kind = validatingAdmissionPolicies as unknown as Kind
  assert.equal(
    asked({ spec, kind, request: { object: { metadata: { name: 'few' } }, namespace: '' } }).refusal,
    undefined,
  )
})

test('an expression that would compute or grow without an end is ended', () => {
  const ten = '[0,1,2,3,4,5,6,7,8,9]'
  const nested = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].reduce(
    (inner, name) => `${ten}.all(${name}, ${inner})`,
    'true',
  )
  const outcome = budgeted(
    1_000_000,
    () => said(nested),
    () => 'exceeded',
  )
  assert.equal(outcome, 'exceeded')
  const doubled = Array.from({ length: 40 }, (_, n) => ({
    name: `v${n}`,
    expression: n === 0 ? "'0123456789'" : `variables.v${n - 1} + variables.v${n - 1}`,
  }))
  assert.match(said("variables.v39 == ''", { spec: { variables: doubled } })!, /actual cost limit exceeded/)
  const many = `'${'a'.repeat(1000)}'`
  assert.match(said(`${many}.replace('a', ${many}).replace('a', ${many}) == ''`)!, /actual cost limit exceeded/)
})
