import assert from 'node:assert/strict'
import { test } from 'node:test'
import { replayCluster } from '../../../sim/cluster.ts'
import type { LiveCluster } from '../../../sim/index.ts'
import { ask, smallCluster } from '../ask.ts'
import { runPod } from '../streaming/session.ts'

const base = '/api/v1/namespaces/default'

function withWeb(): LiveCluster {
  const cluster = smallCluster()
  runPod(cluster, 'web', { containers: [{ name: 'main', image: 'nginx:1.27', ports: [{ containerPort: 80 }] }] })
  cluster.execute({ op: 'kubectl', line: 'kubectl expose pod web --port=8080 --target-port=80' })
  cluster.advance(2000)
  return cluster
}

const pages = [
  { name: "a Pod's first port", url: `${base}/pods/web/proxy/` },
  { name: 'a port of a Pod', url: `${base}/pods/web:80/proxy/index.html` },
  { name: 'a Service', url: `${base}/services/web/proxy/?a=b` },
  { name: 'a port of a Service', url: `${base}/services/http:web:8080/proxy/` },
]
for (const { name, url } of pages)
  test(`${name} is reached through the API server`, () => {
    const cluster = withWeb()
    const answer = ask(cluster, 'GET', url)
    assert.equal(answer.status, 200)
    assert.match(answer.body, /Welcome to nginx/)
    assert.equal(answer.headers['content-type'], 'text/html')
    const log = cluster.execute({ op: 'kubectl', line: 'kubectl logs web --tail=1' }).stdout
    assert.match(log, /^172\.18\.0\.2 .*"GET \S+ HTTP\/1\.1" 200 .*"test\/1"/)
  })

const spellings = [
  '/api/v1/namespaces/default/pods/web/%70roxy/',
  '//api/v1/namespaces/default/pods/web/proxy/',
  '/api/v1//namespaces/default/pods//web/proxy/',
  '/%61pi/v1/namespaces/default/pods/web/proxy/',
  '/api/v1/watch/namespaces/default/pods/web/proxy/',
]
for (const url of spellings)
  test(`a GET that a Pod answers is part of the history, written as ${url}`, () => {
    const cluster = withWeb()
    assert.equal(ask(cluster, 'GET', url).status, 200)
    assert.deepEqual(cluster.log.at(-1)?.command, {
      op: 'request',
      method: 'GET',
      url,
      headers: { 'user-agent': 'test/1' },
      body: '',
    })
  })

const failures = [
  { url: `${base}/pods/none/proxy/`, status: 404, message: 'pods "none" not found' },
  { url: `${base}/services/none/proxy/`, status: 404, message: 'services "none" not found' },
  {
    url: `${base}/pods/web:81/proxy/`,
    status: 503,
    message: /^error trying to reach service: dial tcp 10\.244\.\d\.\d:81: connect: connection refused$/,
  },
  {
    url: `${base}/pods/https:web:80/proxy/`,
    status: 503,
    message: 'error trying to reach service: http: server gave HTTP response to HTTPS client',
  },
  { url: `${base}/services/web:9/proxy/`, status: 503, message: 'no service port 9 found for service "web"' },
  { url: `${base}/services/web:http/proxy/`, status: 503, message: 'no endpoints available for service "web"' },
  { url: `${base}/services/ftp:web:80/proxy/`, status: 400, message: 'invalid service request "ftp:web:80"' },
]
for (const { url, status, message } of failures)
  test(`${url} is refused`, () => {
    const answer = ask(withWeb(), 'GET', url)
    assert.equal(answer.status, status)
    if (typeof message === 'string') assert.equal(answer.body.message, message)
    else assert.match(answer.body.message, message)
  })

test('without its slash a page is sent to where it has one', () => {
  const answer = ask(withWeb(), 'GET', `${base}/services/web/proxy?x=1`)
  assert.equal(answer.status, 301)
  assert.equal(answer.headers.location, `${base}/services/web/proxy/?x=1`)
})

test('a kubelet says how it is, what it runs and what that uses', () => {
  const cluster = withWeb()
  const node = ask(cluster, 'GET', `${base}/pods/web`).body.spec.nodeName
  const url = `/api/v1/nodes/${node}/proxy`
  assert.equal(ask(cluster, 'GET', `${url}/healthz`).body, 'ok')
  const { items } = ask(cluster, 'GET', `${url}/pods`).body
  assert.deepEqual(
    items.map((pod: { metadata: { name: string } }) => pod.metadata.name),
    ['web'],
  )
  const summary = ask(cluster, 'GET', `${url}/stats/summary`).body
  assert.equal(summary.node.nodeName, node)
  assert.equal(summary.pods[0].podRef.name, 'web')
  assert.ok(summary.pods[0].containers[0].memory.workingSetBytes > 0)
  assert.equal(ask(cluster, 'GET', `${url}/nope`).status, 404)
  cluster.execute({ op: 'fault', fault: { kind: 'node', node, state: 'down' } })
  const down = ask(cluster, 'GET', `${url}/healthz`)
  assert.equal(down.status, 503)
  assert.match(down.body.message, /^error trying to reach service: dial tcp \S+:10250: connect: no route to host$/)
})

test('one has to be allowed to get the proxy of a resource, under the name that one uses', () => {
  const answer = ask(withWeb(), 'GET', `${base}/services/web:8080/proxy/`, undefined, { 'impersonate-user': 'ann' })
  assert.equal(
    answer.body.message,
    'services "web:8080" is forbidden: User "ann" cannot get resource "services/proxy" in API group "" in the namespace "default"',
  )
})

test('a server that hangs is given up, and a replay asks as often', () => {
  const cluster = withWeb()
  ask(cluster, 'GET', `${base}/services/web/proxy/one`)
  cluster.advance(700)
  cluster.execute({
    op: 'fault',
    fault: { kind: 'node', node: ask(cluster, 'GET', `${base}/pods/web`).body.spec.nodeName, state: 'down' },
  })
  const hung = ask(cluster, 'GET', `${base}/pods/web/proxy/two`)
  assert.match(hung.body.message, /i\/o timeout$/)
  cluster.advance(5000)
  const options = { seed: 'rest', strict: true, shape: { nodes: [{ name: 'node-1' }, { name: 'node-2' }] } }
  const again = replayCluster(options, JSON.parse(JSON.stringify(cluster.log)), cluster.nowMs)
  assert.equal(again.stateHash(), cluster.stateHash())
  assert.equal(again.eventsProcessed, cluster.eventsProcessed)
})
