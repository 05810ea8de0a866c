import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aConfigMap, aRequest, someSandboxes, someShape } from './support.ts'

test('a sandbox is made, looked at, and answers the Kubernetes API', async () => {
  const { sandboxes, problems } = await someSandboxes()
  const { id, nodes, speed } = await sandboxes.create('ann', { name: 'mine', shape: someShape })
  assert.deepEqual({ nodes, speed }, { nodes: 2, speed: 1 })
  const made = await sandboxes.request(id, aRequest('POST', '/api/v1/namespaces/default/configmaps', aConfigMap('a')))
  assert.equal(made.kind === 'answer' && made.status, 201)
  const seen = await sandboxes.request(id, aRequest('GET', '/api/v1/namespaces/default/configmaps/a'))
  assert.ok(seen.kind === 'answer' && JSON.parse(String(seen.body)).data.text === 'x')
  const { view, marks, stopped } = await sandboxes.look(id)
  assert.equal(view.nodes.length, 2)
  assert.deepEqual(
    marks.map(({ label }) => label),
    ['POST /api/v1/namespaces/default/configmaps'],
  )
  assert.equal(stopped, undefined)
  assert.deepEqual(
    (await sandboxes.log(id)).map(({ command }) => command.op),
    ['request'],
  )
  await sandboxes.close()
  assert.deepEqual(problems, [])
})
