import assert from 'node:assert/strict'
import { test } from 'node:test'
import { typedErrors } from '../../../sim/api/schema/typed-errors.ts'

const pod = 'io.k8s.api.core.v1.Pod'
const withSpec = (spec: unknown) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec })

// As a v1.36.2 server tells them.
const cases: { name: string; spec: unknown; want: string | undefined }[] = [
  { name: 'nothing', spec: { containers: [{ name: 'a', image: 'b' }] }, want: undefined },
  {
    name: 'a field that the type does not have',
    spec: { imagee: 1 },
    want: '.spec.imagee: field not declared in schema',
  },
  { name: 'a list in the place of a map', spec: [], want: '.spec: expected map, got &{[]}' },
  {
    name: 'a number in the place of a text',
    spec: { nodeName: 1 },
    want: '.spec.nodeName: expected string, got &value.valueUnstructured{Value:1}',
  },
  {
    name: 'a map in the place of a text',
    spec: { nodeSelector: { a: { b: [true] } } },
    want: '.spec.nodeSelector.a: expected string, got &value.valueUnstructured{Value:map[string]interface {}{"b":[]interface {}{true}}}',
  },
  {
    name: 'a text in the place of a number',
    spec: { priority: '1' },
    want: '.spec.priority: expected numeric (int or float), got string',
  },
  {
    name: 'a text in the place of a truth value',
    spec: { hostNetwork: 'yes' },
    want: '.spec.hostNetwork: expected boolean, got &{yes}',
  },
  {
    name: 'a text in the place of a list',
    spec: { containers: 'a' },
    want: '.spec.containers: expected list, got &{a}',
  },
  {
    name: 'two items of one name',
    spec: { containers: [{ name: 'a', env: [{ name: 'X' }, { name: 'X' }] }] },
    want: '.spec.containers[name="a"].env: duplicate entries for key [name="X"]',
  },
  {
    name: 'an item that is nothing, behind one without its name',
    spec: { containers: [{ image: 'a' }, null] },
    want: '.spec.containers: element 1: associative list with keys may not have a null element',
  },
  {
    name: 'several faults',
    spec: { hostPID: 1, nodeName: 2 },
    want: [
      'errors:',
      '  .spec.hostPID: expected boolean, got &{1}',
      '  .spec.nodeName: expected string, got &value.valueUnstructured{Value:2}',
    ].join('\n'),
  },
]
for (const { name, spec, want } of cases)
  test(`typedErrors tells ${name}`, () => {
    assert.equal(typedErrors(pod, withSpec(spec)), want)
  })

test('typedErrors goes by the schema of a custom resource', () => {
  const schema = {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        properties: {
          size: { type: 'integer' },
          tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
          free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        },
      },
    },
  }
  const object = (spec: unknown) => ({
    apiVersion: 'a/v1',
    kind: 'A',
    metadata: { name: 'a', labels: { b: 'c' } },
    spec,
  })
  assert.equal(typedErrors(schema, object({ size: 1, tags: ['a', 'b'], free: { x: 1 } })), undefined)
  assert.equal(typedErrors(schema, object({ colour: 1 })), '.spec.colour: field not declared in schema')
  assert.equal(
    typedErrors(schema, object({ size: '1', tags: ['a', 'a'] })),
    'errors:\n  .spec.size: expected numeric (int or float), got string\n  .spec.tags: duplicate entries for key [="a"]',
  )
})
