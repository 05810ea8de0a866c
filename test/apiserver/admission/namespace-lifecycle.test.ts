import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deployments } from '../../../sim/api/apps/deployment.ts'
import { namespaces } from '../../../sim/api/core/namespace.ts'
import { nodes } from '../../../sim/api/core/node.ts'
import { pods } from '../../../sim/api/core/pod.ts'
import { StatusError } from '../../../sim/api/meta/status-error.ts'
import { namespaceLifecycle } from '../../../sim/apiserver/admission/namespace-lifecycle.ts'
import { type Asked, ask } from './plugin.ts'

const cluster = [
  [
    namespaces,
    [
      { metadata: { name: 'ns' }, status: { phase: 'Active' } },
      { metadata: { name: 'going' }, status: { phase: 'Terminating' } },
    ],
  ],
] as const
const refusalOf = (kind: unknown, asked: Asked) => ask(namespaceLifecycle, kind as typeof pods, asked, cluster).refusal
const object = { metadata: { name: 'p' } }
const GOING = 'unable to create new content in namespace going because it is being terminated'

test('the namespaces of the system stay', () => {
  const remove = (name: string) =>
    refusalOf(namespaces, { operation: 'DELETE', name, namespace: name, old: { metadata: { name } } })
  for (const name of ['default', 'kube-system', 'kube-public'])
    assert.equal(remove(name), `namespaces "${name}" is forbidden: this namespace may not be deleted`)
  for (const name of ['ns', 'kube-node-lease']) assert.equal(remove(name), undefined)
  assert.equal(refusalOf(namespaces, { operation: 'UPDATE', name: 'default', object }), undefined)
  assert.equal(refusalOf(namespaces, { name: 'new', namespace: 'new', object }), undefined)
})

test('nothing is made in a namespace that is not there', () => {
  assert.equal(refusalOf(pods, { object }), undefined)
  assert.equal(refusalOf(pods, { object, namespace: 'none' }), 'namespaces "none" not found')
  assert.equal(refusalOf(pods, { object, namespace: 'none', subresource: 'binding' }), undefined)
  assert.equal(refusalOf(pods, { object, namespace: 'none', operation: 'UPDATE' }), undefined)
  assert.equal(refusalOf(nodes, { object, namespace: '' }), undefined)
})

test('nothing is made in a namespace that goes, and the answer says so to programs', () => {
  const namespace = 'going'
  assert.equal(refusalOf(pods, { object, namespace }), `pods "p" is forbidden: ${GOING}`)
  assert.equal(
    refusalOf(deployments, { object: { metadata: { generateName: 'g-' } }, namespace }),
    `deployments.apps "g-" is forbidden: ${GOING}`,
  )
  assert.equal(refusalOf(pods, { object: { metadata: {} }, namespace }), `pods is forbidden: ${GOING}`)
  assert.equal(refusalOf(pods, { object, namespace, operation: 'DELETE', old: object }), undefined)
  const request = { kind: pods, operation: 'CREATE', subresource: '', namespace, name: 'p', object } as never
  const context = { find: () => cluster[0][1][1] } as never
  assert.throws(
    () => namespaceLifecycle.admit!(request, context),
    (error) => {
      assert.ok(error instanceof StatusError)
      assert.deepEqual(
        [error.code, error.reason, error.details?.name, error.details?.causes],
        [
          403,
          'Forbidden',
          'p',
          [
            {
              reason: 'NamespaceTerminating',
              message: 'namespace going is being terminated',
              field: 'metadata.namespace',
            },
          ],
        ],
      )
      return true
    },
  )
})
