import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configMaps } from '../../../sim/api/core/config-map.ts'
import { nodes } from '../../../sim/api/core/node.ts'
import { pods } from '../../../sim/api/core/pod.ts'
import { podResizeValidator } from '../../../sim/apiserver/admission/pod-resize-validator.ts'
import { type Asked, ask } from './plugin.ts'

const node = (allocatable: object | undefined, system?: string) => ({
  metadata: { name: 'node-1', ...(system ? { labels: { 'kubernetes.io/os': system } } : {}) },
  status: { allocatable },
})
const pod = (requests: object, generation = 2, nodeName: string | undefined = 'node-1') => ({
  metadata: { name: 'web', namespace: 'ns', generation },
  spec: { nodeName, containers: [{ name: 'web', image: 'nginx:1.27', resources: { requests } }] },
  status: {},
})
const resized = (object: object, more: Asked = {}, on: object[] = [node({ cpu: '2', memory: '1Gi' })]) =>
  ask(podResizeValidator, pods, { operation: 'UPDATE', subresource: 'resize', object, old: pod({}, 1), ...more }, [
    [nodes, on],
  ]).refusal

test('a Pod may be resized to all that its node has to give, and to no more', () => {
  assert.equal(resized(pod({ cpu: '2', memory: '1Gi' })), undefined)
  assert.equal(resized(pod({})), undefined)
  assert.equal(
    resized(pod({ cpu: '2001m', memory: '1Gi' })),
    'pods "web" is forbidden: node didn\'t have enough allocatable resources: cpu, requested: 2001, allocatable: 2000',
  )
  assert.equal(
    resized(pod({ cpu: '3', memory: '1073741825' })),
    'pods "web" is forbidden: node didn\'t have enough allocatable resources: cpu, requested: 3000, allocatable: 2000; memory, requested: 1073741825, allocatable: 1073741824',
  )
})

test('a node that says nothing of what it has to give has nothing', () => {
  assert.match(resized(pod({ memory: '1' }), {}, [node(undefined)]) ?? '', /memory, requested: 1, allocatable: 0$/)
  assert.equal(resized(pod({}), {}, [node(undefined)]), undefined)
})

test('on a node that is gone, or of another system, nothing is resized', () => {
  assert.equal(resized(pod({}), {}, []), 'pods "web" is forbidden: node "node-1" not found')
  assert.equal(
    resized(pod({}), {}, [node({}, 'windows')]),
    'pods "web" is forbidden: pod resize is only supported on linux nodes, node "node-1" is "windows"',
  )
  assert.equal(resized(pod({}), {}, [node({}, 'linux')]), undefined)
})

test('a Pod without a node, one that is as it was, and other requests are left alone', () => {
  const tooMuch = pod({ cpu: '9' })
  assert.equal(resized(pod({ cpu: '9' }, 2, '')), undefined)
  assert.equal(resized(pod({ cpu: '9' }, 1)), undefined)
  assert.equal(resized(tooMuch, { subresource: '' }), undefined)
  assert.equal(resized(tooMuch, { operation: 'CREATE' }), undefined)
  const other = { operation: 'UPDATE', subresource: 'resize', object: tooMuch, old: pod({}, 1) } as const
  assert.equal(ask(podResizeValidator, configMaps, other, [[nodes, []]]).refusal, undefined)
  assert.match(resized(tooMuch) ?? '', /cpu, requested: 9000/)
})
