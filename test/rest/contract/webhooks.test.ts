/** Webhooks over the HTTP API: an answer comes as late as they made it, and a replay asks them again with the same outcome. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { createCluster, replayCluster } from '../../../sim/cluster.ts'

const options = { seed: 'webhooks', shape: { nodes: [{ name: 'node-1', cpu: '2', memory: '4Gi' }] } }

/** The server of the scenario, with its certificate, and the authority that signed it. */
const scenario = readFileSync('test/scenarios/admission/webhooks.txt', 'utf8')
const manifest = /<<EOF\n([\s\S]*?)EOF/.exec(scenario)![1]
const caBundle = /caBundle: ([^}\s]+)/.exec(scenario)![1]

const configuration = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name: 'slow' },
  webhooks: [
    {
      name: 'slow.example.com',
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      clientConfig: { service: { name: 'hook', namespace: 'default', path: '/always-allow-delay-5s' }, caBundle },
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
    },
  ],
}

test('a slow webhook delays the answer by as much, and a replay comes to the same state', () => {
  const cluster = createCluster(options)
  const post = (url: string, body: object) =>
    cluster.request({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json' },
      body: new TextEncoder().encode(JSON.stringify(body)),
    })
  const applied = cluster.execute({ op: 'kubectl', line: 'kubectl apply -f -', stdin: manifest })
  assert.equal(applied.exit, 0, applied.stderr)
  cluster.advance(20_000)
  const configured = post('/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', configuration)
  assert.equal('status' in configured && configured.status, 201)
  const beforeMs = cluster.nowMs
  const made = post('/api/v1/namespaces/default/configmaps', { metadata: { name: 'a' }, data: { a: 'b' } })
  assert.equal('status' in made && made.status, 201)
  const tookMs = cluster.nowMs - beforeMs
  assert.equal(Math.floor(tookMs / 1000), 5)
  const listed = cluster.execute({ op: 'kubectl', line: 'kubectl logs deployment/hook' })
  assert.equal(listed.stdout.match(/always-allow-with-delay/g)?.length, 1)
  const again = replayCluster(options, cluster.log, cluster.nowMs)
  assert.equal(again.stateHash(), cluster.stateHash())
})
