import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getMessage } from '../../../sim/api/schema/messages.ts'
import { printTypedJson } from '../../../sim/api/schema/typed-json.ts'
import { workSpent } from '../../../sim/engine/work.ts'

const deployment = {
  metadata: { labels: { b: '1', a: '2' }, name: 'w', managedFields: [{ apiVersion: 'apps/v1', manager: 'm' }] },
  spec: { template: { spec: { containers: [{ image: 'nginx', name: 'c' }] } }, replicas: 1 },
  kind: 'Deployment',
  apiVersion: 'apps/v1',
}

test('printTypedJson has the fields of structs as they are declared, and maps sorted', () => {
  assert.equal(
    printTypedJson(getMessage('apps.v1.Deployment'), deployment, undefined),
    '{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"w","labels":{"a":"2","b":"1"},"managedFields":[{"manager":"m","apiVersion":"apps/v1"}]},"spec":{"replicas":1,"template":{"spec":{"containers":[{"name":"c","image":"nginx"}]}}}}',
  )
})

test('printTypedJson sorts what a patch went through', () => {
  const passed = { spec: { template: { spec: { containers: { 0: {} } } } } }
  assert.equal(
    printTypedJson(getMessage('apps.v1.Deployment'), deployment, passed),
    '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"w","labels":{"a":"2","b":"1"},"managedFields":[{"manager":"m","apiVersion":"apps/v1"}]},"spec":{"replicas":1,"template":{"spec":{"containers":[{"image":"nginx","name":"c"}]}}}}',
  )
})

test('printTypedJson charges for what holds nothing as well', () => {
  const before = workSpent()
  printTypedJson(getMessage('core.v1.Pod'), { spec: Array(20_000).fill({}) }, undefined)
  const spent = workSpent() - before
  assert.ok(spent >= 20_000, `${spent} steps`)
})
