/** Custom resources over HTTP, as client libraries and operators ask for them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, smallCluster, watch } from '../ask.ts'

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const PARTS = '/apis/shop.example.com'
const version = (name: string, more: object = {}) => ({
  name,
  served: true,
  storage: name === 'v1',
  schema: {
    openAPIV3Schema: {
      type: 'object',
      description: 'A part of a shop',
      properties: {
        spec: { type: 'object', properties: { count: { type: 'integer', default: 1 } } },
        status: { type: 'object', properties: { phase: { type: 'string' } } },
      },
    },
  },
  subresources: { status: {} },
  ...more,
})
const definition = (versions: object[]) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'parts.shop.example.com' },
  spec: {
    group: 'shop.example.com',
    scope: 'Namespaced',
    names: { plural: 'parts', kind: 'Part', shortNames: ['pt'] },
    versions,
  },
})

function shop(versions = [version('v1'), version('v1beta1', { deprecated: true })]) {
  const cluster = smallCluster()
  assert.equal(ask(cluster, 'POST', DEFINITIONS, definition(versions)).status, 201)
  cluster.advance(2000)
  return cluster
}
const of = (apiVersion: string) => `/apis/${apiVersion}/namespaces/default/parts`
const part = (apiVersion: string, name: string, more: object = {}) => ({
  apiVersion,
  kind: 'Part',
  metadata: { name },
  ...more,
})

test('discovery and OpenAPI tell of them once they are established, and no more when the definition is gone', () => {
  const cluster = smallCluster()
  assert.equal(ask(cluster, 'GET', PARTS).status, 404)
  ask(cluster, 'POST', DEFINITIONS, definition([version('v1'), version('v2alpha1')]))
  cluster.advance(2000)
  assert.deepEqual(
    ask(cluster, 'GET', PARTS).body.versions.map((one: { version: string }) => one.version),
    ['v1', 'v2alpha1'],
  )
  const { resources } = ask(cluster, 'GET', `${PARTS}/v1`).body
  assert.deepEqual(
    resources.map((one: { name: string; shortNames?: string[] }) => [one.name, one.shortNames]),
    [
      ['parts', ['pt']],
      ['parts/status', undefined],
    ],
  )
  const document = ask(cluster, 'GET', '/openapi/v3/apis/shop.example.com/v1').body
  const schema = document.components.schemas['com.example.shop.v1.Part']
  assert.deepEqual(schema['x-kubernetes-group-version-kind'], [
    { group: 'shop.example.com', kind: 'Part', version: 'v1' },
  ])
  assert.equal(schema.properties.spec.properties.count.default, 1)
  assert.ok(document.components.schemas['io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'])
  assert.ok(document.paths['/apis/shop.example.com/v1/namespaces/{namespace}/parts'].get)
  ask(cluster, 'DELETE', `${DEFINITIONS}/parts.shop.example.com`)
  cluster.advance(2000)
  assert.equal(ask(cluster, 'GET', `${PARTS}/v1`).status, 404)
  assert.equal(ask(cluster, 'GET', '/openapi/v3/apis/shop.example.com/v1').status, 404)
})

test('an object is read, listed and watched in each version, and warned of in a deprecated one', () => {
  const cluster = shop()
  const seen = watch(cluster, `${of('shop.example.com/v1')}?watch=1`)
  const created = ask(cluster, 'POST', of('shop.example.com/v1beta1'), part('shop.example.com/v1beta1', 'door'))
  assert.equal(created.status, 201)
  assert.equal(created.body.spec, undefined)
  assert.match(
    created.headers.warning,
    /shop\.example\.com\/v1beta1 Part is deprecated; use shop\.example\.com\/v1 Part/,
  )
  const read = ask(cluster, 'GET', `${of('shop.example.com/v1')}/door`)
  assert.equal(read.body.apiVersion, 'shop.example.com/v1')
  assert.equal(read.headers.warning, undefined)
  const list = ask(cluster, 'GET', of('shop.example.com/v1beta1')).body
  assert.equal(list.kind, 'PartList')
  assert.equal(list.apiVersion, 'shop.example.com/v1beta1')
  assert.deepEqual(
    seen.events.map(({ type, object }) => [type, object.apiVersion, object.metadata.name]),
    [['ADDED', 'shop.example.com/v1', 'door']],
  )
})

test('a status is written by its subresource alone, and nothing else by it; a merge patch of the kind of Go is refused', () => {
  const cluster = shop()
  const url = of('shop.example.com/v1')
  ask(cluster, 'POST', url, part('shop.example.com/v1', 'door', { spec: {}, status: { phase: 'Made' } }))
  const merge = { 'content-type': 'application/merge-patch+json' }
  const { body } = ask(cluster, 'GET', `${url}/door`)
  assert.deepEqual([body.spec, body.status, body.metadata.generation], [{ count: 1 }, undefined, 1])
  const status = ask(cluster, 'PATCH', `${url}/door/status`, { spec: { count: 9 }, status: { phase: 'Up' } }, merge)
  assert.deepEqual([status.body.spec, status.body.status], [{ count: 1 }, { phase: 'Up' }])
  const spec = ask(cluster, 'PATCH', `${url}/door`, { spec: { count: 2 }, status: { phase: 'No' } }, merge)
  assert.deepEqual([spec.body.status, spec.body.metadata.generation], [{ phase: 'Up' }, 2])
  assert.deepEqual(
    spec.body.metadata.managedFields.map(({ subresource, fieldsV1 }: { subresource?: string; fieldsV1: object }) => [
      subresource,
      fieldsV1,
    ]),
    [
      [undefined, { 'f:spec': { '.': {}, 'f:count': {} } }],
      ['status', { 'f:status': { '.': {}, 'f:phase': {} } }],
    ],
  )
  const strategic = { 'content-type': 'application/strategic-merge-patch+json' }
  assert.equal(ask(cluster, 'PATCH', `${url}/door`, { spec: { count: 3 } }, strategic).status, 415)
  assert.equal(ask(cluster, 'GET', `${url}/door/scale`).status, 404)
})

test('while a definition is being deleted nothing new is created of it', () => {
  const cluster = shop()
  const url = of('shop.example.com/v1')
  const held = part('shop.example.com/v1', 'held')
  ask(cluster, 'POST', url, { ...held, metadata: { name: 'held', finalizers: ['shop.example.com/hold'] } })
  ask(cluster, 'DELETE', `${DEFINITIONS}/parts.shop.example.com`)
  cluster.advance(500)
  const refused = ask(cluster, 'POST', url, part('shop.example.com/v1', 'late'))
  assert.deepEqual(
    [refused.status, refused.body.message],
    [405, 'create not allowed while custom resource definition is terminating'],
  )
  assert.equal(ask(cluster, 'GET', `${url}/held`).status, 200)
})

test('a second definition with a name of the group waits for it, and gets it when the first is gone', () => {
  const cluster = shop()
  const other = {
    ...definition([version('v1')]),
    metadata: { name: 'pieces.shop.example.com' },
    spec: { ...definition([version('v1')]).spec, names: { plural: 'pieces', kind: 'Piece', shortNames: ['pt'] } },
  }
  ask(cluster, 'POST', DEFINITIONS, other)
  cluster.advance(2000)
  const conditionsOf = () =>
    ask(cluster, 'GET', `${DEFINITIONS}/pieces.shop.example.com`).body.status.conditions.map(
      ({ type, status, message }: Record<string, string>) => [type, status, message],
    )
  assert.deepEqual(conditionsOf(), [
    ['NamesAccepted', 'False', '"pt" is already in use'],
    ['Established', 'False', 'not all names are accepted'],
  ])
  ask(cluster, 'DELETE', `${DEFINITIONS}/parts.shop.example.com`)
  cluster.advance(5000)
  assert.deepEqual(
    conditionsOf().map(([, status]: string[]) => status),
    ['True', 'True'],
  )
})
