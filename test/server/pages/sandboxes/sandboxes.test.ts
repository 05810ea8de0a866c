import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get as httpGet, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { parseConfig } from '../../../../server/config.ts'
import { faultGroups } from '../../../../server/pages/faults.ts'
import { resourceGroups } from '../../../../server/pages/sandboxes/resources.ts'
import { maxLineLength } from '../../../../server/practice/attempts.ts'
import { createCluster, simulated } from '../../../../sim/index.ts'
import { handWall, someSandboxes } from '../../labs/sandboxes/support.ts'
import { createTestApp, visitor } from '../../support.ts'

const web = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1.27"}]}
`
const shape = {
  from: 'shape',
  name: 'Mine',
  nodes: '3',
  size: 'small',
  zones: '1',
  taint: '',
  tainted: '0',
  proxy: 'iptables',
}

async function opened(over: Parameters<typeof someSandboxes>[0] = {}, deps: Parameters<typeof createTestApp>[0] = {}) {
  const wall = handWall()
  const { sandboxes } = await someSandboxes({ wall, ...over })
  const { app } = await createTestApp({ sandboxes, now: () => wall.nowMs(), ...deps })
  const guest = await visitor(app)
  const make = async (fields: Record<string, string | string[]> = {}) => {
    const made = await guest.post('/sandboxes', { ...shape, ...fields }).expect(303)
    return made.headers.location!
  }
  return { app, guest, sandboxes, wall, make }
}

/** With a Deployment that has come to rest, its clock paused. */
async function withWeb() {
  const world = await opened()
  const url = await world.make()
  const act = (fields: Record<string, string>) => world.guest.post(url, fields)
  await act({ do: 'speed:0' }).expect(303)
  await act({ do: 'apply', manifest: web }).expect(303)
  await act({ do: 'settle' }).expect(303)
  const id = url.split('/').at(-1)!
  const pods = async () => (await world.sandboxes.look(id)).view.pods.map(({ name }) => name)
  return { ...world, url, act, id, pods }
}

const wordsOf = (html: string) => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')

// ---------- the list, and new ones ----------

test('a control plane of three members is made, and etcd on one of them stopped and slowed down', async () => {
  const { guest, sandboxes, make } = await opened()
  const plain = await make()
  assert.doesNotMatch((await guest.get(`${plain}?show=faults`).expect(200)).text, /On a member of etcd/)
  const url = await make({ members: '3' })
  const id = url.split('/').at(-1)!
  assert.deepEqual((await sandboxes.options(id)).shape.controlPlane, { members: 3 })
  const { text } = await guest.get(`${url}?show=faults`).expect(200)
  const select = /<select id="fault-member"[\s\S]*?<\/select>/.exec(text)![0]
  assert.deepEqual(
    [...select.matchAll(/<option>([^<]+)/g)].map(([, name]) => name),
    [1, 2, 3].map((n) => `control-plane-${n}`),
  )
  const names = (await sandboxes.look(id)).view.nodes.map(({ name }) => name)
  assert.equal(names.filter((name) => name.startsWith('control-plane-')).length, 3)
  await guest.post(url, { do: 'fault:etcd:stopped', member: 'control-plane-1' }).expect(303)
  await guest.post(url, { do: 'fault:etcd:stopped', member: 'control-plane-2' }).expect(303)
  const refused = await guest.post(url, { do: 'kubectl', line: 'create configmap one' }).expect(303)
  assert.match((await guest.get(refused.headers.location!)).text, /etcdserver: request timed out/)
  await guest.post(url, { do: 'fault:etcd:stopped', member: 'node-1' }).expect(422)
  await guest.post(url, { do: 'fault:etcd:stopped', member: 'nobody' }).expect(422)
  await guest.post('/sandboxes', { ...shape, members: '2' }).expect(422)
})

test('Pods of kube-system are counted on their nodes, not drawn', async () => {
  const { guest, sandboxes, make } = await opened()
  assert.match(wordsOf((await guest.get('/sandboxes')).text), /Pods in kube-system CoreDNS and kube-proxy/)
  const url = await make({ nodes: '2', addOns: ['system-pods'] })
  const id = url.split('/').at(-1)!
  const { nodes } = (await sandboxes.look(id)).view
  assert.deepEqual(
    nodes.map(({ pods, systemPods }) => [pods.length, systemPods]),
    [
      [0, 2],
      [0, 2],
    ],
  )
  const words = wordsOf((await guest.get(url)).text)
  assert.match(words, /2 Pods of kube-system/)
  assert.doesNotMatch(words, /No Pods/)
  const bare = await make({ nodes: '1', addOns: [] })
  assert.match(wordsOf((await guest.get(bare)).text), /No Pods/)
})

test('a cluster of an earlier release is made, and one with a machine that joins it, where kubeadm made the control plane', async () => {
  const { guest, sandboxes, make } = await opened()
  const older = (await make({ members: 'static-1-older' })).split('/').at(-1)!
  assert.equal((await sandboxes.options(older)).shape.controlPlane?.release, 'v1.36.1')
  const url = await make({ nodes: '1', members: 'static-1', addOns: ['machine'] })
  const id = url.split('/').at(-1)!
  assert.deepEqual(
    (await sandboxes.options(id)).shape.nodes.map(({ name, joined }) => [name, joined]),
    [
      ['node-1', undefined],
      ['node-2', false],
    ],
  )
  const names = async () => (await sandboxes.look(id)).view.nodes.map(({ name }) => name)
  assert.deepEqual((await names()).sort(), ['control-plane', 'node-1'])
  const refused = await guest.post('/sandboxes', { ...shape, members: '1', addOns: ['machine'] }).expect(422)
  assert.match(refused.text, /must be static Pods: a machine can join no other control plane/)
  assert.match(refused.text, /<details id="shape-more" open>/)
})

test('a control plane of static Pods is made: its Pods are on its node, and whoever would stop one is told of its manifest', async () => {
  const { guest, sandboxes, make } = await opened()
  const url = await make({ members: 'static-1' })
  const id = url.split('/').at(-1)!
  assert.deepEqual((await sandboxes.options(id)).shape.controlPlane, { members: 1, staticPods: true })
  const { nodes } = (await sandboxes.look(id)).view
  assert.deepEqual(
    nodes.find(({ name }) => name === 'control-plane')!.pods.map(({ name }) => name),
    ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map((name) => `${name}-control-plane`),
  )
  const { text } = await guest.get(`${url}?show=faults`).expect(200)
  assert.doesNotMatch(text, /On a member of etcd/)
  assert.match(wordsOf(text), /Begin here/)
  assert.doesNotMatch(text, /component:kube-scheduler/)
  assert.match(wordsOf(text), /The control plane is static Pods. To break it, go to its node in the terminal/)
  assert.match(text, /change or move a file in <code>\/etc\/kubernetes\/manifests<\/code>\./)
  const stopped = await guest.post(url, { do: 'fault:component:kube-scheduler:stopped' }).expect(422)
  assert.match(wordsOf(stopped.text), /write or move \/etc\/kubernetes\/manifests\/kube-scheduler\.yaml on its node/)
})

test('without a sandbox the list says what to do, and with one names it', async () => {
  const { guest, make } = await opened()
  assert.match((await guest.get('/sandboxes').expect(200)).text, /You have no sandbox yet/)
  const url = await make({ name: '<b>Mine</b>' })
  const { text } = await guest.get('/sandboxes')
  assert.match(text, new RegExp(`href="${url}">&lt;b&gt;Mine`))
  assert.match(wordsOf(text), /3 nodes · 1× Used just now\. Deleted in 7 days unless you use it\./)
})

test('the form makes the cluster that it describes', async () => {
  const { sandboxes, make } = await opened()
  const url = await make({
    nodes: '4',
    size: 'large',
    zones: '2',
    taint: 'dedicated=batch:NoExecute',
    tainted: '1',
    proxy: 'ipvs',
    pull: 'yes',
    addOns: ['system-pods', 'metrics-server', 'ingress', 'gateway', 'cloud'],
  })
  const { shape: made } = await sandboxes.options(url.split('/').at(-1)!)
  assert.deepEqual(
    made.nodes.map(({ name, cpu, labels, taints }) => [
      name,
      cpu,
      labels?.['topology.kubernetes.io/zone'],
      taints?.[0]?.effect,
    ]),
    [
      ['node-1', '16', 'zone-a', undefined],
      ['node-2', '16', 'zone-b', undefined],
      ['node-3', '16', 'zone-a', undefined],
      ['node-4', '16', 'zone-b', 'NoExecute'],
    ],
  )
  const { nodes: _nodes, ...rest } = made
  assert.deepEqual(rest, {
    absentImages: 'all',
    systemPods: true,
    metricsServer: true,
    ingressController: true,
    gatewayApi: true,
    cloudProvider: true,
    networkPolicies: false,
    proxy: { mode: 'ipvs' },
  })
})

const badShapes: Record<string, string>[] = [
  { nodes: '0' },
  { nodes: '11' },
  { nodes: 'three' },
  { nodes: '2.5' },
  { zones: '4' },
  { tainted: '4' },
  { tainted: '1', taint: 'dedicated' },
  { tainted: '1', taint: 'a=b:Sometimes' },
  { size: 'huge' },
  { size: '__proto__' },
  { proxy: 'userspace' },
  { name: 'x'.repeat(61) },
]
for (const bad of badShapes)
  test(`${new URLSearchParams(bad)} makes nothing, and is marked with what to fix`, async () => {
    const { guest } = await opened()
    const { text } = await guest.post('/sandboxes', { ...shape, ...bad }).expect(422)
    const field = Object.keys(bad).at(-1)!
    assert.match(text, new RegExp(`aria-describedby="${field}-problem"`))
    assert.match(text, new RegExp(`id="${field}-problem">\\w`))
    assert.deepEqual(text.match(/ id="[^"]+"(?=[^<]* autofocus)/g), [` id="${field}"`])
    assert.match((await guest.get('/sandboxes')).text, /You have no sandbox yet/)
  })

test('who has as many as allowed is told so, and what to do', async () => {
  const { guest, make } = await opened({ limits: { perOwner: 1 } })
  await make()
  const { text } = await guest.post('/sandboxes', shape).expect(409)
  assert.match(text, /role="alert"[^>]*>You have 1 sandboxes.*Delete one/)
})

test('a demo of a lesson is played to its end and can be gone on with', async () => {
  const { guest, sandboxes } = await opened()
  const list = await guest.get('/sandboxes')
  const value = /<option value="(pod\/restarts#[^"]+)"/.exec(list.text)![1]!
  const made = await guest.post('/sandboxes', { from: 'demo', demo: value }).expect(303)
  const { text } = await guest.get(made.headers.location!).expect(200)
  assert.match(text, /The scenario has been played/)
  const look = await sandboxes.look(made.headers.location!.split('/').at(-1)!)
  assert.ok(look.nowMs > 0 && look.marks.length > 0 && look.speed === 1)
})

const badScenarios: Record<string, string>[] = [
  { from: 'demo', demo: 'pod/restarts#nothing' },
  { from: 'demo', demo: '' },
  { from: 'file', scenario: '' },
  { from: 'file', scenario: 'steps: [{at: 0}]' },
  { from: 'file', scenario: 'shape: {nodes: [{name: "A b"}]}\nsteps: []' },
  { from: 'file', scenario: 'name: bomb\na: &a [x,x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a]\nc: [*b,*b,*b,*b]' },
]
for (const fields of badScenarios)
  test(`${JSON.stringify(fields)} is refused in words, and what was typed stays`, async () => {
    const { guest } = await opened()
    const { text } = await guest.post('/sandboxes', fields).expect(422)
    assert.match(text, /<p class="notice is-problem" role="alert" id="(demo|file)-problem">[A-Z]/)
    // What is to be done again has the focus, so it is in sight, and is described by what is wrong.
    const part = { demo: 'demo', file: 'scenario' }[fields.from as 'demo' | 'file']
    const [tag] = text.match(new RegExp(`<(select|textarea) id="${part}"[^>]*>`))!
    assert.match(tag, new RegExp(`aria-describedby="${fields.from}-problem" autofocus`))
    assert.equal(text.match(/ autofocus/g)!.length, 1)
    if (fields.scenario) assert.ok(text.includes(fields.scenario.split('\n')[0]!.replace(/"/g, '&quot;')))
  })

// ---------- commands and the clock ----------

test('a manifest is applied, becomes Pods, and the output is shown once', async () => {
  const { guest, url, act } = await withWeb()
  await act({ do: 'kubectl', line: 'get deployments' }).expect(303)
  const { text } = await guest.get(url)
  assert.match(text, /\$ kubectl get deployments[\s\S]*web +3\/3/)
  assert.equal(text.match(/class="pod is-ready"/g)?.length, 3)
  assert.match(wordsOf(text), /Nodes: 3 ready\. Pods: 3 ready\./)
  assert.doesNotMatch((await guest.get(url)).text, /\$ kubectl get deployments/)
})

test('a line with -f - reads the manifest', async () => {
  const { guest, make, sandboxes } = await opened()
  const url = await make()
  await guest.post(url, { do: 'kubectl', line: 'apply -f -', manifest: web.replace(/\n/g, '\r\n') }).expect(303)
  const [object] = await sandboxes.objects(url.split('/').at(-1)!, {
    resource: 'deployments.apps',
    namespace: 'default',
  })
  assert.equal(object?.name, 'web')
})

test('htmx gets the parts of the page, the output among them', async () => {
  const { guest, make } = await opened()
  const { text } = await guest.htmx(await make(), { do: 'kubectl', line: 'kubectl get nodes' }).expect(200)
  assert.match(text, /^\s*<hx-partial hx-target="#sandbox-name"/)
  assert.match(text, /hx-target="#sandbox-line"[\s\S]*node-1 +Ready/)
  assert.doesNotMatch(text, /<html/)
})

for (const { fields, says } of [
  { fields: { do: 'kubectl', line: ' ' }, says: /Type a kubectl line first/ },
  { fields: { do: 'kubectl', line: 'x'.repeat(maxLineLength + 1) }, says: /characters at most/ },
  { fields: { do: 'apply', manifest: '\n' }, says: /The manifest is empty/ },
  { fields: { do: 'fault:node:down' }, says: /Choose what the fault should hit/ },
  { fields: { do: 'fault:node:down', node: 'node-9' }, says: /node-9 does not exist/ },
  { fields: { do: 'fault:pod:kill', pod: 'default/gone' }, says: /default\/gone does not exist/ },
  { fields: { do: 'fault:fire:on', node: 'node-1' }, says: /Choose what the fault/ },
  { fields: { do: 'branch', at: 'soon' }, says: /Choose the moment/ },
  { fields: { do: 'reset' }, says: /Tick the box/ },
  { fields: { do: 'delete' }, says: /Tick the box/ },
  { fields: { do: 'rename', title: ' ' }, says: /A name has 1 to 60/ },
  { fields: { do: 'rename', title: 'x'.repeat(61) }, says: /A name has 1 to 60/ },
])
  test(`${JSON.stringify(fields).slice(0, 60)} is refused with what to do`, async () => {
    const { guest, make } = await opened()
    const url = await make()
    for (const send of [guest.post, guest.htmx]) {
      const { text } = await send(url, fields).expect(422)
      assert.match(text, new RegExp(`role="alert">[^<]*${says.source}`))
    }
    assert.equal((await guest.get(url)).status, 200)
  })

for (const act of ['', 'explode', 'speed:7', 'speed:', '__proto__', 'constructor:x'])
  test(`the button "${act}" is not known`, async () => {
    const { guest, make } = await opened()
    await guest.post(await make(), { do: act }).expect(400)
  })

test('speeds, a step, a minute and settling move the virtual clock', async () => {
  const { guest, make, sandboxes, wall } = await opened()
  const url = await make()
  const id = url.split('/').at(-1)!
  const nowMs = async () => (await sandboxes.look(id)).nowMs
  await guest.post(url, { do: 'speed:10' }).expect(303)
  wall.pass(1000)
  assert.equal(await nowMs(), 10_000)
  assert.match((await guest.get(url)).text, /runs at 10×/)
  await guest.post(url, { do: 'minute' }).expect(303)
  assert.equal(await nowMs(), 70_000)
  await guest.post(url, { do: 'step' }).expect(303)
  const stepped = await nowMs()
  assert.ok(stepped > 70_000)
  wall.pass(60_000)
  assert.equal(await nowMs(), stepped, 'who steps has stopped the clock')
  await guest.post(url, { do: 'kubectl', line: 'create deployment web --image=nginx:1.27' }).expect(303)
  await guest.post(url, { do: 'settle' }).expect(303)
  assert.match((await guest.get(url)).text, /paused · settled/)
})

test('a cluster that does not come to rest is told', async () => {
  const { guest, make } = await opened()
  const url = await make()
  const line = 'run crash --image=busybox:1.36 -- sh -c "exit 1"'
  await guest.post(url, { do: 'kubectl', line }).expect(303)
  assert.match((await guest.htmx(url, { do: 'settle' })).text, /did not settle in 10 minutes/)
})

test('a budget that is used up is told in words, and the history can still be looked at', async () => {
  const { guest, make } = await opened({
    host: { limits: { events: 3_000_000, virtualMs: 90_000, objects: 2500, traceRecords: 300_000 } },
  })
  const url = await make()
  await guest.post(url, { do: 'minute' }).expect(303)
  const refused = await guest.post(url, { do: 'minute' })
  const { text } = refused.status === 303 ? await guest.get(url) : refused
  assert.match(text, /notice is-problem"[^>]*>[A-Z]/)
  assert.match((await guest.get(`${url}?at=1000`).expect(200)).text, /as it was at 0:01\.0/)
})

// ---------- objects and causes ----------

test('every resource that is offered is one of the simulator, and none is missing', () => {
  const cluster = createCluster({ seed: 'resources', shape: { nodes: [{ name: 'node-1' }] } })
  const offered = resourceGroups.flatMap(({ resources }) => resources)
  for (const { id } of offered) assert.ok(Array.isArray(cluster.objects(id)), id)
  const kinds = new Set(offered.map(({ kind }) => kind))
  assert.deepEqual(
    simulated().kinds.filter(({ kind }) => !kinds.has(kind)),
    [],
  )
})

test('objects are listed by kind, and each has its revisions, YAML and differences', async () => {
  const { guest, url, pods } = await withWeb()
  const [pod] = await pods()
  const list = await guest.get(`${url}?show=objects&resource=pods&namespace=default`).expect(200)
  for (const name of await pods()) assert.ok(list.text.includes(`name=${name}`))
  const address = `${url}?show=objects&resource=pods&namespace=default&name=${pod}`
  const { text } = await guest.get(address).expect(200)
  const revisions = [...text.matchAll(/id="revision-(\d+)"/g)].map(([, revision]) => Number(revision))
  assert.ok(revisions.length >= 3)
  assert.deepEqual(
    revisions,
    revisions.toSorted((a, b) => b - a),
  )
  assert.match(text, /kubelet of node-\d/)
  assert.match(text, /<ins>[\s\S]*phase: Running<\/ins>/)
  assert.match(text, /<del>[\s\S]*phase: Pending<\/del>/)
  assert.match(text, /kind: Pod\n/)
  const first = revisions.at(-1)!
  const whole = await guest.get(`${address}&revision=${revisions[0]}&against=${first}`)
  assert.match(whole.text, new RegExp(`Difference between revisions ${first} and ${revisions[0]}`))
  assert.match(whole.text, /<ins>[\s\S]*nodeName: node-/)
  const oldest = await guest.get(`${address}&revision=${first}`)
  assert.doesNotMatch(oldest.text, /Compared with revision/)
})

test('an object that is not there is told, and one that was deleted keeps its history', async () => {
  const { guest, url, act, pods } = await withWeb()
  const [pod] = await pods()
  assert.match((await guest.get(`${url}?show=objects&resource=pods&name=nothing`)).text, /There is no such object/)
  await act({ do: 'kubectl', line: `delete pod ${pod}` }).expect(303)
  await act({ do: 'minute' }).expect(303)
  const { text } = await guest.get(`${url}?show=objects&resource=pods&name=${pod}`)
  assert.match(text, /class="tag is-gone">deleted/)
})

test('the causes of a Pod lead from its container back to the line that was sent', async () => {
  const { guest, url, pods } = await withWeb()
  const [pod] = await pods()
  const { text } = await guest.get(`${url}?show=causes&resource=pods&name=default/${pod}`).expect(200)
  const rows = [...text.matchAll(/<tr id="act-(\d+)">([\s\S]*?)<\/tr>/g)].map(([, , row]) => wordsOf(row!))
  assert.match(rows[0]!, /you kubectl apply -f -/)
  for (const part of [
    /deployment-controller create/,
    /kube-scheduler bind/,
    /containerd of node-\d CRI StartContainer/,
  ])
    assert.ok(
      rows.some((row) => part.test(row)),
      String(part),
    )
  assert.match(text, /<svg width="\d+" height="100%"/)
  const none = await guest.get(`${url}?show=causes&resource=pods&name=default/none`)
  assert.match(wordsOf(none.text), /Nothing is known about Pod\/default\/none: it does not exist, or/)
})

test('words of an address that mean nothing fall back to the first state', async () => {
  const { guest, make } = await opened()
  const url = await make()
  const odd = 'show=__proto__&resource=passwords&at=x&revision=-1&name=..%2f..%2f&namespace=%3Cscript%3E'
  const { text } = await guest.get(`${url}?${odd}`).expect(200)
  assert.doesNotMatch(text, /<script>/)
  await guest.get(`${url}?at=999999999999`).expect(200)
})

// ---------- faults ----------

test('each fault button is one that the cluster understands', async () => {
  const { act, pods } = await withWeb()
  const groups = [...faultGroups.node, ...faultGroups.cluster, ...faultGroups.pod]
  for (const { id } of groups.flatMap(({ buttons }) => buttons)) {
    const [pod] = await pods()
    const answer = await act({ do: `fault:${id}`, node: 'node-2', pod: `default/${pod}` })
    assert.equal(answer.status, 303, `${id}: ${wordsOf(answer.text).slice(0, 300)}`)
  }
})

test('a node without power is not ready after a minute, and its Pods are not either', async () => {
  const { guest, url, act } = await withWeb()
  await act({ do: 'fault:node:down', node: 'node-1' }).expect(303)
  assert.match(
    wordsOf((await guest.get(`${url}?show=faults`)).text),
    /Done: node node-1 goes down\. The cluster shows what follows from it/,
  )
  await act({ do: 'minute' }).expect(303)
  assert.match(wordsOf((await guest.get(url)).text), /Nodes: 2 of 3 ready\. Pods: 2 ready, 1 not ready\./)
})

// ---------- history ----------

test('a moment of the past is shown, and nothing can be done to it but to branch', async () => {
  const { guest, url, act, sandboxes } = await withWeb()
  await act({ do: 'minute' }).expect(303)
  const { text } = await guest.get(`${url}?at=0`).expect(200)
  assert.match(text, /as it was at 0:00\.0/)
  assert.doesNotMatch(text, /class="pod is-|hx-sse:connect|value="speed:/)
  const branched = await act({ do: 'branch', at: '0' }).expect(303)
  assert.notEqual(branched.headers.location, url)
  assert.match((await guest.get(branched.headers.location!)).text, /goes on from 0:00\.0 of “Mine”/)
  const look = await sandboxes.look(branched.headers.location!.split('/').at(-1)!)
  assert.ok(look.nowMs < 1000)
  assert.equal((await sandboxes.look(url.split('/').at(-1)!)).view.pods.length, 3)
})

test('a branch from any later moment has what was done before it', async () => {
  const { act, sandboxes } = await withWeb()
  await act({ do: 'minute' }).expect(303)
  for (const [at, pods] of [
    ['2000', 3],
    ['60000', 3],
  ] as const) {
    const { headers } = await act({ do: 'branch', at }).expect(303)
    const look = await sandboxes.look(headers.location!.split('/').at(-1)!)
    assert.deepEqual([look.view.pods.length, look.nowMs], [pods, Number(at)])
  }
})

test('the history lists what was done, with the moment of each', async () => {
  const { guest, url, act } = await withWeb()
  await act({ do: 'fault:node:down', node: 'node-1' })
  const rows = wordsOf((await guest.get(`${url}?show=history`)).text)
  assert.match(rows, /node node-1 goes down[\s\S]*kubectl apply -f -/)
})

test('a reset throws the history away, once it is confirmed', async () => {
  const { guest, url, act, pods } = await withWeb()
  await act({ do: 'reset', confirm: 'yes' }).expect(303)
  assert.match((await guest.get(url)).text, /as it was made/)
  assert.deepEqual(await pods(), [])
})

test('a sandbox is renamed and deleted, from its page and from the list', async () => {
  const { guest, make } = await opened()
  const url = await make()
  await guest.post(url, { do: 'rename', title: 'Other', from: 'list' }).expect(303).expect('Location', '/sandboxes')
  assert.match((await guest.get(url)).text, /<h1 id="cluster-title">Other<\/h1>/)
  await guest.post(url, { do: 'delete', confirm: 'yes' }).expect(303).expect('Location', '/sandboxes')
  await guest.get(url).expect(404)
  assert.match((await guest.get('/sandboxes')).text, /You have no sandbox yet/)
})

// ---------- who may see what ----------

test('somebody else finds no sandbox, whatever they ask of it', async () => {
  const { app, url } = await withWeb()
  const other = await visitor(app)
  for (const path of ['', '/live', '/birth?name=a', '/kubeconfig', '/export', '?show=objects&resource=secrets'])
    await other.get(`${url}${path}`).expect(404)
  for (const act of ['kubectl', 'delete', 'share', 'address', 'branch'])
    await other.post(url, { do: act, line: 'get pods', confirm: 'yes', at: '0' }).expect(404)
  await other.get('/sandboxes/..%2f..').expect(404)
  await other.get('/shared/anything').expect(404)
  await other.get('/shared/anything/live').expect(404)
  assert.match((await other.get('/sandboxes')).text, /You have no sandbox yet/)
})

test('a shared link shows the cluster, its objects, causes and history, and lets nobody change anything', async () => {
  const { app, guest, url, act } = await withWeb()
  await act({ do: 'share' }).expect(303)
  const path = /\/shared\/[\w-]+/.exec((await guest.get(`${url}?show=settings`)).text)![0]
  const other = await visitor(app)
  const { text } = await other.get(path).expect(200)
  assert.equal(text.match(/class="pod is-ready"/g)?.length, 3)
  assert.doesNotMatch(text, /<form[^>]*method="post"/)
  assert.match(text, new RegExp(`hx-sse:connect="${path}/live"`))
  for (const show of ['objects', 'causes', 'history']) await other.get(`${path}?show=${show}`).expect(200)
  // What is the owner's alone is not shown, whatever the address says.
  for (const show of ['kubectl', 'settings', 'faults'])
    assert.doesNotMatch((await other.get(`${path}?show=${show}`)).text, /\/k8s\/|<form[^>]*method="post"/)
  await other.post(path, { do: 'delete', confirm: 'yes' }).expect(405)
  await act({ do: 'unshare' }).expect(303)
  await other.get(path).expect(404)
})

test('how a Pod of a sandbox came to be is a page to print, for its owner and for whom it is shared with', async () => {
  const { app, guest, url, act, pods } = await withWeb()
  const [name = ''] = await pods()
  const { text } = await guest.get(`${url}?show=objects&resource=pods&namespace=default&name=${name}`).expect(200)
  const href = /href="([^"]+)"[^>]*>Poster of its birth/.exec(text)![1]!.replaceAll('&amp;', '&')
  const page = (await guest.get(href).expect(200)).text
  assert.match(page, new RegExp(`<h1>How ${name} came to life</h1>`))
  const count = Number(/(\d+) messages in [\d.]+ s/.exec(page)![1])
  assert.ok(count > 15 && count < 150, String(count))
  for (const word of ['kubectl apply', 'kube-scheduler', 'kubelet', `create Pod ${name}`])
    assert.ok(wordsOf(page).includes(word), word)
  assert.match(page, new RegExp(`href="${url}">Back to Mine`))
  assert.doesNotMatch(page, /<textarea/)
  // Other things have no birth to show.
  const service = await guest.get(`${url}?show=objects&resource=services&namespace=default&name=kubernetes`)
  assert.doesNotMatch(service.text, /Poster of its birth/)
  const none = await guest.get(`${url}/birth?namespace=default&name=${encodeURIComponent('<b>none')}`).expect(404)
  assert.match(none.text, /Nobody saw this Pod being made/)
  await guest.get(`${url}/birth`).expect(404)
  await guest.get(`${url}/birth?name=a&name=b&namespace[x]=y`).expect(404)
  await act({ do: 'share' }).expect(303)
  const path = /\/shared\/[\w-]+/.exec((await guest.get(`${url}?show=settings`)).text)![0]
  const other = await visitor(app)
  const seen = await other.get(`${path}/birth?namespace=default&name=${name}`).expect(200)
  assert.match(seen.text, new RegExp(`href="${path}">Back to Mine`))
  await act({ do: 'unshare' }).expect(303)
  await other.get(`${path}/birth?namespace=default&name=${name}`).expect(404)
})

test('a Pod that never becomes ready has a poster of its first messages', async () => {
  const { guest, act, url, sandboxes, id } = await withWeb()
  const probe = 'readinessProbe: { exec: { command: ["false"] } }'
  const manifest = `apiVersion: v1\nkind: Pod\nmetadata: { name: loops }\nspec: { containers: [{ name: a, image: 'busybox:1.36', command: [sleep, '5'], ${probe} }] }\n`
  await act({ do: 'apply', manifest }).expect(303)
  for (let hours = 0; hours < 3; hours++) await sandboxes.skip(id, 3_600_000)
  const page = (await guest.get(`${url}/birth?namespace=default&name=loops`).expect(200)).text
  assert.match(page, /The first 150 messages, of \d+\.\d s: it was not ready by then/)
})

test('of Pods that had a name one after the other the poster is that of the last, and begins with what asked for it', async () => {
  const { guest, act, url, pods, sandboxes, id } = await withWeb()
  const birth = async (name: string) =>
    wordsOf((await guest.get(`${url}/birth?namespace=default&name=${name}`).expect(200)).text)
  await act({ do: 'kubectl', line: 'kubectl run alone --image=nginx:1.27' }).expect(303)
  await act({ do: 'settle' }).expect(303)
  await act({ do: 'kubectl', line: 'kubectl delete pod alone' }).expect(303)
  await act({ do: 'kubectl', line: 'kubectl run alone --image=busybox:1.36 -- sleep 900' }).expect(303)
  await act({ do: 'settle' }).expect(303)
  assert.match(await birth('alone'), /kubectl run alone --image=busybox:1\.36/)
  assert.doesNotMatch(await birth('alone'), /delete Pod alone/)
  // One that came by scaling, long after its Deployment.
  const before = await pods()
  await sandboxes.skip(id, 3_600_000)
  await act({ do: 'kubectl', line: 'kubectl scale deployment web --replicas=4' }).expect(303)
  await act({ do: 'settle' }).expect(303)
  const [last = ''] = (await pods()).filter((name) => !before.includes(name))
  assert.match(await birth(last), /kubectl scale deployment web/)
  assert.doesNotMatch(await birth(last), /create Deployment web/)
})

test('the address for one’s own kubectl is made, downloaded, replaced and revoked', async () => {
  const { guest, url, act, sandboxes, id } = await withWeb()
  await guest.get(`${url}/kubeconfig`).expect(404)
  await act({ do: 'address', show: 'kubectl' }).expect(303)
  const shown = /\/k8s\/[\w-]+/.exec((await guest.get(`${url}?show=kubectl`)).text)![0]
  const file = await guest.get(`${url}/kubeconfig`).expect(200)
  assert.match(file.headers['content-disposition']!, /podium-mine\.yaml/)
  assert.equal(file.headers['cache-control'], 'no-store')
  const text = file.text ?? String(file.body)
  assert.match(text, new RegExp(`server: http://127\\.0\\.0\\.1:\\d+${shown}`))
  assert.equal(await sandboxes.findByAddress(shown.split('/').at(-1)!), id)
  await act({ do: 'new-address', show: 'kubectl' }).expect(303)
  assert.equal(await sandboxes.findByAddress(shown.split('/').at(-1)!), undefined)
  await act({ do: 'close-address', show: 'kubectl' }).expect(303)
  await guest.get(`${url}/kubeconfig`).expect(404)
})

test('who finds the site by a name that the API does not answer to is told which variable to set', async () => {
  const { guest, url, act } = await withWeb()
  await act({ do: 'address', show: 'kubectl' }).expect(303)
  const page = (host: string) => guest.get(`${url}?show=kubectl`).set('Host', host)
  const warned = wordsOf((await page('lab.example:3000')).text)
  assert.match(
    warned,
    /kubectl will be rejected at this address: .* called lab\.example:3000\. .* PUBLIC_URL to http:\/\/lab/,
  )
  assert.match(warned, /ALLOWED_HOSTS/)
  assert.doesNotMatch((await page('10.0.0.7:3000')).text, /ALLOWED_HOSTS/)
})

test('with PUBLIC_URL a kubeconfig and a shared link begin with it, by whatever name the page was found', async () => {
  const { guest, url, act } = await opened(
    {},
    { config: parseConfig({ RATE_LIMIT: '100000', PUBLIC_URL: 'https://podium.example.org' }) },
  ).then(async (world) => {
    const made = await world.make()
    return { ...world, url: made, act: (fields: Record<string, string>) => world.guest.post(made, fields) }
  })
  await act({ do: 'address', show: 'kubectl' }).expect(303)
  await act({ do: 'share', show: 'settings' }).expect(303)
  const page = (await guest.get(`${url}?show=kubectl`).set('Host', 'evil.example')).text
  assert.match(page, /https:\/\/podium\.example\.org\/k8s\//)
  assert.doesNotMatch(page, /evil\.example|ALLOWED_HOSTS/)
  const file = await guest.get(`${url}/kubeconfig`).set('Host', 'evil.example').expect(200)
  assert.match(file.text ?? String(file.body), /server: https:\/\/podium\.example\.org\/k8s\//)
  const settings = (await guest.get(`${url}?show=settings`).set('Host', 'evil.example')).text
  assert.match(settings, /https:\/\/podium\.example\.org\/shared\//)
  assert.doesNotMatch(settings, /evil\.example/)
})

// ---------- one's own data ----------

test('sandboxes are part of one’s data: exported with their log, and deleted with the rest', async () => {
  const { guest, url, id, sandboxes } = await withWeb()
  const { sandboxes: kept } = JSON.parse((await guest.get('/progress/export').expect(200)).text)
  assert.deepEqual(
    kept.map((one: { name: string; log: unknown[] }) => [one.name, one.log.length]),
    [['Mine', 1]],
  )
  await guest.post('/progress/delete', { confirm: 'yes' }).expect(303)
  await guest.get(url).expect(404)
  await assert.rejects(sandboxes.look(id), /no such sandbox/)
})

// ---------- scenarios ----------

test('an export, imported, is the same cluster again', async () => {
  const { guest, url, act, sandboxes, id } = await withWeb()
  await act({ do: 'fault:node:down', node: 'node-1' })
  await act({ do: 'minute' })
  const file = await guest.get(`${url}/export`).expect(200)
  assert.match(file.headers['content-disposition']!, /mine\.yaml/)
  const scenario = file.text ?? String(file.body)
  assert.match(scenario, /^name: Mine\n/)
  const made = await guest.post('/sandboxes', { from: 'file', scenario }).expect(303)
  const pods = async (of: string) =>
    (await sandboxes.objects(of, { resource: 'pods', namespace: 'default' })).map(({ yaml }) => yaml)
  const again = made.headers.location!.split('/').at(-1)!
  assert.deepEqual(await pods(again), await pods(id))
  assert.equal((await sandboxes.look(again)).nowMs, (await sandboxes.look(id)).nowMs)
})

// ---------- the live view ----------

/** The events of a live view as they come. */
async function listen(app: Awaited<ReturnType<typeof opened>>['app'], path: string, cookie: string) {
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const request = httpGet({ port, path, headers: { cookie, 'accept-encoding': 'gzip' } })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  let text = ''
  response.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  const until = async (wanted: RegExp) => {
    const end = Date.now() + 5000
    while (!wanted.test(text)) {
      if (Date.now() > end) throw new Error(`${wanted} did not come: ${text.slice(-500)}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    const seen = text
    text = ''
    return seen
  }
  const close = async () => {
    request.destroy()
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return { response, until, close }
}

test('the live view sends what has changed, uncompressed, and ends when the sandbox is deleted', async () => {
  const { app, guest, url, act } = await withWeb()
  const live = await listen(app, `${url}/live`, guest.cookie)
  try {
    assert.equal(live.response.headers['content-type'], 'text/event-stream')
    assert.equal(live.response.headers['content-encoding'], undefined)
    const first = await live.until(/hx-target="#board-notes"[\s\S]*\n\n/)
    for (const part of [
      '#time-clock',
      '#moment-marks',
      '#board-pods',
      '#board-services',
      '#sandbox-events',
      '#sandbox-first',
    ])
      assert.ok(first.includes(`data: <hx-partial hx-target="${part}"`), part)
    assert.match(first, /#sandbox-status"[^>]*>Settled\. Nodes: 3 ready\. Pods: 3 ready\./)
    await act({ do: 'kubectl', line: 'create service clusterip other --tcp=80' })
    const next = await live.until(/other[\s\S]*\n\n/)
    assert.match(next, /#board-services/)
    assert.doesNotMatch(next, /#board-notes/, 'what did not change is not sent')
    await act({ do: 'delete', confirm: 'yes' })
    await live.until(/event: gone/)
  } finally {
    await live.close()
  }
})

test('the live view of a link that is taken back ends', async () => {
  const { app, guest, url, act } = await withWeb()
  await act({ do: 'share' })
  const path = /\/shared\/[\w-]+/.exec((await guest.get(`${url}?show=settings`)).text)![0]
  const live = await listen(app, `${path}/live`, (await visitor(app)).cookie)
  try {
    await live.until(/#board-pods/)
    await act({ do: 'unshare' })
    await act({ do: 'minute' })
    await live.until(/event: gone/)
  } finally {
    await live.close()
  }
})

// ---------- a new node, and a file for the terminal ----------

const aNode = { do: 'join', 'node-name': 'node-4', cpu: '2', memory: '4Gi', zone: 'zone-b', taint: '' }

test('a node that is added joins, is in the log and stays in a branch', async () => {
  const { act, sandboxes, id, url, guest } = await withWeb()
  await act({ ...aNode, taint: 'dedicated=batch:NoSchedule' }).expect(303)
  assert.match((await guest.get(url)).text, /node-4 joins the cluster/)
  await act({ do: 'settle' })
  const { view, marks, nowMs } = await sandboxes.look(id)
  assert.ok(view.nodes.some(({ name, tone }) => name === 'node-4' && tone !== 'failing'))
  assert.deepEqual(marks.at(-1)!.words, {
    told: { text: 'node {node} joins the cluster', values: { node: 'node-4' } },
  })
  const [node] = await sandboxes.objects(id, { resource: 'nodes', name: 'node-4' })
  assert.match(node!.yaml, /topology\.kubernetes\.io\/zone: zone-b/)
  assert.match(node!.yaml, /key: dedicated/)
  assert.match(node!.yaml, /cpu: "2"/)
  const branch = await sandboxes.branch(id, nowMs)
  assert.ok((await sandboxes.look(branch.id)).view.nodes.some(({ name }) => name === 'node-4'))
  assert.match((await guest.get(`${url}?show=faults`)).text, /name="node-name" value="node-5"/)
})

const badNodes: { field: string; id: string; value: string }[] = [
  { field: 'node-name', id: 'name', value: 'Node 4' },
  { field: 'node-name', id: 'name', value: '' },
  { field: 'node-name', id: 'name', value: 'node-1' },
  { field: 'cpu', id: 'cpu', value: 'many' },
  { field: 'cpu', id: 'cpu', value: '0' },
  { field: 'memory', id: 'memory', value: '8 gigabytes' },
  { field: 'zone', id: 'zone', value: 'zone b' },
  { field: 'taint', id: 'taint', value: 'dedicated' },
]
for (const { field, id, value } of badNodes)
  test(`a node with ${field} ${JSON.stringify(value)} is refused at the field, with what was typed`, async () => {
    const { guest, make, sandboxes } = await opened()
    const url = await make()
    const { text } = await guest.post(`${url}?show=faults`, { ...aNode, show: 'faults', [field]: value }).expect(422)
    const control = new RegExp(`<input id="join-${id}"[^>]*`).exec(text)![0]
    assert.match(control, new RegExp(`aria-invalid="true" aria-describedby="join-${id}-problem"`))
    assert.ok(control.includes(`value="${value}"`))
    assert.match(text, new RegExp(`id="join-${id}-problem">`))
    assert.equal((await sandboxes.log(url.split('/').at(-1)!)).length, 0)
  })

test('a sandbox takes no more nodes than one can have', async () => {
  const { guest, make } = await opened()
  const url = await make({ nodes: '10' })
  for (let n = 11; n <= 20; n++) await guest.post(url, { ...aNode, 'node-name': `node-${n}` }).expect(303)
  const { text } = await guest.post(url, { ...aNode, 'node-name': 'node-21' }).expect(422)
  assert.match(text, /20 nodes, the most that one can have/)
})

test('a file that is sent by a plain form lies in the home folder of the terminal', async () => {
  const wall = handWall()
  const { sandboxes } = await someSandboxes({ wall })
  const { app, deps } = await createTestApp({ sandboxes, now: () => wall.nowMs() })
  const { agent, token, post, get } = await visitor(app)
  const url = (await post('/sandboxes', shape).expect(303)).headers.location!
  const send = (bytes: Buffer, fileName: string, csrf = token) =>
    agent.post(url).field('_csrf', csrf).field('do', 'upload').attach('file', bytes, fileName)
  await send(Buffer.from('a: é\n'), 'mine.yaml').expect(303)
  assert.match((await get(url)).text, /mine\.yaml is in the home folder/)
  await send(Buffer.from([0xff, 0x00, 0xfe]), 'bytes.bin').expect(303)
  assert.deepEqual((await deps.storage.terminals.find(url.split('/').at(-1)!))?.uploads, {
    '/home/learner/mine.yaml': 'a: é\n',
    '/home/learner/bytes.bin': { base64: '/wD+' },
  })
  assert.match((await send(Buffer.from('x'), '..').expect(422)).text, /id="upload-problem"/)
  assert.match((await send(Buffer.alloc(200_001), 'big').expect(422)).text, /may have 200 kB at most/)
  assert.match((await agent.post(url).field('_csrf', token).field('do', 'upload').expect(422)).text, /Choose a file/)
  await send(Buffer.from('x'), 'x', 'wrong').expect(403)
  await agent.post(url).set('Content-Type', 'multipart/form-data; boundary=x').send('no form').expect(400)
})
