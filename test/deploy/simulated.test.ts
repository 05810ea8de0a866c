/** The manifests of `deploy/` run in a simulated cluster: rollouts, an update under traffic, a lost node, drained nodes, probes that are wrong. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../sim/index.ts'
import { type Deployed, deploy } from './simulated.ts'

const visitors = `
apiVersion: v1
kind: Pod
metadata: { name: visitors, namespace: podium }
spec:
  nodeName: node-3
  tolerations: [{ operator: Exists }]
  securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: RuntimeDefault } }
  containers:
    - name: visitors
      image: busybox:1.36
      command: [sleep, '100000']
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }
`

interface PodObject extends KubeObject {
  spec: { nodeName?: string; containers: { image: string }[] }
  status: { phase: string; conditions?: { type: string; status: string }[] }
}

const isWeb = ({ metadata }: KubeObject) => metadata.labels?.['app.kubernetes.io/component'] === 'web'
const isReady = ({ status }: PodObject) =>
  status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
const webPods = ({ cluster }: Deployed) =>
  (cluster.objects('pods', { namespace: 'podium' }) as PodObject[]).filter(isWeb)

/** With as many Pods as the overlay wants, and somebody who asks. */
function running(overlay: 'single' | 'postgres'): Deployed {
  const site = deploy(overlay)
  if (overlay === 'single') {
    site.cluster.execute({ op: 'node', node: 'node-1', line: 'mkdir /disk && chmod 777 /disk' })
    site.kubectl('apply -f -', {
      stdin: `
apiVersion: v1
kind: PersistentVolume
metadata: { name: disk }
spec:
  capacity: { storage: 10Gi }
  accessModes: [ReadWriteOncePod]
  hostPath: { path: /disk }
  nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: kubernetes.io/hostname, operator: In, values: [node-1] }] }] } }
`,
    })
  } else site.kubectl('create secret generic podium-database --from-literal=url=postgres://podium@db/podium')
  site.apply()
  site.kubectl('apply -f -', { stdin: visitors })
  site.kubectl('rollout status deployment/podium --timeout=60s')
  site.cluster.advance(60_000)
  site.kubectl('wait --for=condition=Ready pod/visitors --timeout=60s')
  assert.equal(webPods(site).filter(isReady).length, overlay === 'single' ? 1 : 2)
  return site
}

/** The least number of Pods that were ready at a time since then. */
function leastReady({ cluster }: Deployed, sinceMs: number): number {
  const ready = new Map<string, boolean>()
  let least = Number.POSITIVE_INFINITY
  for (const { atMs, type, object } of cluster.changes('pods')) {
    if (!isWeb(object)) continue
    ready.set(
      object.metadata.name!,
      type !== 'DELETED' && isReady(object as PodObject) === true && !object.metadata.deletionTimestamp,
    )
    if (atMs >= sinceMs) least = Math.min(least, [...ready.values()].filter(Boolean).length)
  }
  return least
}

const update = (site: Deployed, change: Parameters<Deployed['apply']>[0]): void => {
  site.kubectl('delete job podium-migrate --ignore-not-found')
  site.apply(change)
}

/** Whether an update comes to its end, and what the Pods say when it does not. */
function comesToItsEnd(site: Deployed): { isSo: boolean; why: string } {
  const { exit } = site.kubectl('rollout status deployment/podium --timeout=120s', { mayFail: true })
  return { isSo: exit === 0, why: exit === 0 ? '' : site.kubectl('get events --field-selector type=Warning').text }
}

test('with PostgreSQL: the rollout ends, the tables are migrated, two Pods stand on two nodes, and nothing is refused or without effect', () => {
  const site = running('postgres')
  assert.equal(new Set(webPods(site).map(({ spec }) => spec.nodeName)).size, 2)
  site.kubectl('wait --for=condition=Complete job/podium-migrate --timeout=60s')
  assert.deepEqual(site.cluster.notSimulated, ['Deployment.spec.template.spec.securityContext.fsGroupChangePolicy'])
  assert.match(site.kubectl('get pdb podium -o jsonpath={.status.disruptionsAllowed}').text, /^1$/)
  const pod = webPods(site)[0]!.metadata.name
  assert.match(site.kubectl(`exec ${pod} -- id -u`).text, /^10001$/m)
  assert.notEqual(site.kubectl(`exec ${pod} -- touch /app`, { mayFail: true }).exit, 0)
  assert.equal(site.kubectl(`exec ${pod} -- touch /tmp/x`).exit, 0)
})

test('with PostgreSQL: an update under traffic fails no request', () => {
  const site = running('postgres')
  const sinceMs = site.cluster.nowMs
  site.traffic('learners', 180)
  site.cluster.advance(5000)
  update(site, { version: 'second' })
  assert.deepEqual(comesToItsEnd(site), { isSo: true, why: '' })
  site.cluster.advance(200_000)
  const { sent, failed, byServer } = site.cluster.traffic('learners')!
  assert.deepEqual([sent, failed], [1800, 0])
  // Former ones and new ones answered.
  assert.equal(Object.keys(byServer).length >= 2, true, JSON.stringify(byServer))
  assert.equal(leastReady(site, sinceMs), 2)
  assert.deepEqual([...new Set(webPods(site).map(({ spec }) => spec.containers[0]!.image))], ['python:3.13'])
})

test('with PostgreSQL: an update whose Job was not deleted says so and changes no Pod', () => {
  const site = running('postgres')
  assert.throws(() => site.apply({ version: 'second' }), /podium-migrate.*field is immutable/s)
})

for (const { name, patch, said } of [
  {
    name: 'another path for readiness',
    patch: '{ op: replace, path: /spec/template/spec/containers/0/readinessProbe/httpGet/path, value: /ready }',
    said: /Readiness probe failed: HTTP probe failed with statuscode: 404/,
  },
  {
    name: 'another port for readiness',
    patch: '{ op: replace, path: /spec/template/spec/containers/0/readinessProbe/httpGet/port, value: 3001 }',
    said: /Readiness probe failed: .*connection refused/,
  },
  {
    name: 'another path for the start',
    patch: '{ op: replace, path: /spec/template/spec/containers/0/startupProbe/httpGet/path, value: /health }',
    said: /Startup probe failed: HTTP probe failed with statuscode: 404/,
  },
])
  test(`a wrong probe is told and costs nobody a page: ${name}`, () => {
    const site = running('postgres')
    const sinceMs = site.cluster.nowMs
    site.traffic('learners', 150)
    update(site, {
      version: 'second',
      patch: `  - target: { kind: Deployment, name: podium }\n    patch: |\n      - ${patch}\n`,
    })
    const { isSo, why } = comesToItsEnd(site)
    assert.equal(isSo, false)
    assert.match(why, said)
    site.cluster.advance(60_000)
    assert.equal(site.cluster.traffic('learners')!.failed, 0)
    assert.equal(leastReady(site, sinceMs), 2)
  })

/** As `kubectl drain` asks for it, once. @returns what is said */
const evict = ({ kubectl }: Deployed, pod: string): string => {
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod, namespace: 'podium' } }
  const path = `/api/v1/namespaces/podium/pods/${pod}/eviction`
  return kubectl(`create --raw ${path} -f -`, { stdin: JSON.stringify(eviction), mayFail: true }).text
}

test('with PostgreSQL: two nodes drained one after the other, one Pod goes at a time, and no request fails', () => {
  const site = running('postgres')
  const sinceMs = site.cluster.nowMs
  site.traffic('learners', 240)
  const nodes = webPods(site).map(({ spec }) => spec.nodeName!)
  for (const node of nodes) site.kubectl(`cordon ${node}`)
  const drained = site.kubectl(
    `drain ${nodes.join(' ')} --ignore-daemonsets --delete-emptydir-data --force --timeout=200s`,
  )
  for (const node of nodes) assert.match(drained.text, new RegExp(`node/${node} drained`))
  site.cluster.advance(240_000)
  assert.deepEqual([site.cluster.traffic('learners')!.sent, site.cluster.traffic('learners')!.failed], [2400, 0])
  assert.equal(leastReady(site, sinceMs), 1)
  assert.equal(webPods(site).filter(isReady).length, 2)
  for (const node of nodes)
    assert.equal(
      webPods(site).some(({ spec }) => spec.nodeName === node),
      false,
      node,
    )
})

for (const hasBudget of [true, false])
  test(`two who drain at once ${hasBudget ? 'are told to wait for each other' : 'would take all Pods if there were no budget'}`, () => {
    const site = running('postgres')
    if (!hasBudget) site.kubectl('delete pdb podium')
    const sinceMs = site.cluster.nowMs
    const [first, second] = webPods(site).map(({ metadata }) => evict(site, metadata.name!))
    assert.match(first!, /"code":201/)
    assert.match(second!, hasBudget ? /TooManyRequests.*disruption budget/ : /"code":201/)
    site.cluster.advance(90_000)
    assert.equal(leastReady(site, sinceMs), hasBudget ? 1 : 0)
    assert.equal(webPods(site).filter(isReady).length, 2)
  })

test('with PostgreSQL: a lost node costs requests until it is known, none afterwards, and its Pod comes back elsewhere', () => {
  const site = running('postgres')
  const lost = webPods(site)
    .map(({ spec }) => spec.nodeName!)
    .find((node) => node !== 'node-3')!
  site.cluster.execute({ op: 'fault', fault: { kind: 'node', node: lost, state: 'down' } })
  // Unreachable nodes are known after some forty seconds.
  site.cluster.advance(75_000)
  site.traffic('learners', 400)
  site.cluster.advance(420_000)
  assert.deepEqual([site.cluster.traffic('learners')!.sent, site.cluster.traffic('learners')!.failed], [4000, 0])
  const there = webPods(site).filter((pod) => isReady(pod) && pod.spec.nodeName !== lost)
  assert.equal(there.length, 2)
})

test('metrics are for Prometheus alone, pages for everybody', () => {
  const site = running('postgres')
  const { status } = webPods(site)[0]! as unknown as { status: { podIP: string } }
  site.kubectl('create namespace monitoring')
  for (const namespace of ['monitoring', 'default'])
    site.kubectl(`run asks -n ${namespace} --image=busybox:1.36 --command -- sleep 100000`)
  site.cluster.advance(10_000)
  const asks = (namespace: string, port: number) =>
    site.kubectl(`exec -n ${namespace} asks -- wget -q -O- -T 2 http://${status.podIP}:${port}/`, { mayFail: true })
      .exit
  assert.deepEqual([asks('monitoring', 9464), asks('default', 9464)], [0, 1])
  assert.deepEqual([asks('monitoring', 3000), asks('default', 3000)], [0, 0])
})

test('one Pod with its volume: an update never has two of them at a time, and the data is where it was', () => {
  const site = running('single')
  site.kubectl(`exec ${webPods(site)[0]!.metadata.name} -- sh -c 'echo kept > /data/kept'`)
  const sinceMs = site.cluster.nowMs
  site.apply({ version: 'second' })
  assert.deepEqual(comesToItsEnd(site), { isSo: true, why: '' })
  const alive = new Set<string>()
  let most = 0
  for (const { atMs, type, object } of site.cluster.changes('pods')) {
    if (!isWeb(object)) continue
    const { metadata, status } = object as PodObject
    if (type === 'DELETED' || status.phase === 'Failed' || status.phase === 'Succeeded') alive.delete(metadata.name!)
    else alive.add(metadata.name!)
    if (atMs >= sinceMs) most = Math.max(most, alive.size)
  }
  assert.equal(most, 1)
  const [pod] = webPods(site)
  assert.equal(pod!.spec.containers[0]!.image, 'python:3.13')
  assert.match(site.kubectl(`exec ${pod!.metadata.name} -- cat /data/kept`).text, /^kept$/m)
})
