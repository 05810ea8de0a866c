// Challenges and sandboxes in Chinese: whatever is English on their pages says that it is.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LabRefusal } from '../../../server/labs/types.ts'
import { aFailedGrade, aGrade, anAttempt, aPod, aView } from '../fake-labs.ts'
import { handWall, someSandboxes } from '../labs/sandboxes/support.ts'
import { createTestApp, visitor } from '../support.ts'
import { englishIn } from './english-in.ts'

type Fields = Record<string, string | string[]>

/** Of objects, plugins, reasons: as Kubernetes says them. And what stands in examples. */
const names = `
  Three Pods, get pods, default-scheduler, TaintToleration, NodePorts, Cluster IP, metrics-server, kubectl top,
  Normal, Started, Starting, Scheduled, Pulling, Pulled, Created, http://web, app=web, web.yaml, web, team, blue, podium-我的.yaml,
  default, kube-controller-manager, replicaset-controller, deployment-controller, kubernetes-admin, NetworkPolicies, ipvs,
  PreferNoSchedule, NoSchedule, NoExecute`
  .trim()
  .split(/,\s+/)

/** Of a plugin or a reason, as NodeResourcesFit; or drawn for a Pod, without vowels. */
const isName = (word: string) => /^(?=.*[A-Z].*[A-Z])\w*[a-z]\w*$|^[bcdf-hj-np-tv-z]+$/.test(word)

async function arrive(over: Parameters<typeof createTestApp>[0] = {}) {
  const made = await createTestApp(over)
  const guest = await visitor(made.app)
  guest.agent.set('Accept-Language', 'zh-CN,zh;q=0.9')
  /** What is seen, with the words in it that are English and do not say so. */
  const found: string[] = []
  const look = (name: string, html: string, given: readonly string[] = []) => {
    assert.match(html, /\p{Script=Han}/u, name)
    for (const english of englishIn(html, [...given, ...names])) {
      const words = english.slice(0, english.indexOf(':')).split(' ')
      if (!words.every(isName)) found.push(`${name.slice(0, 80)}: ${english.slice(0, 120)}`)
    }
    return html
  }
  return {
    ...made,
    guest,
    found,
    see: async (path: string, given?: readonly string[]) => look(path, (await guest.get(path)).text, given),
    swap: async (path: string, fields: Fields, given?: readonly string[]) =>
      look(JSON.stringify(fields), (await guest.htmx(path, fields)).text, given),
    send: async (path: string, fields: Fields, given?: readonly string[]) => {
      const { headers, text } = await guest.post(path, fields)
      if (!headers.location) look(JSON.stringify(fields), text, given)
      return headers.location ?? ''
    },
  }
}

const url = '/challenges/three-pods'

test('the list and the workspace of a challenge, and what it refuses', async () => {
  const at = await arrive()
  const list = await at.see('/challenges?style=fix')
  assert.match(list, /1 个挑战中的 1 个/)
  const page = await at.see(url)
  assert.match(page, /<h1 id="task-title" lang="en">/)
  assert.match(page, /应用<span class="visually-hidden"> service\.yaml/)
  await at.swap(url, { do: 'kubectl', line: 'get pods' })
  await at.swap(url, { do: 'hint:h1' })
  const long = 'x'.repeat(8001)
  const refused: Fields[] = [
    { do: 'kubectl', line: '' },
    { do: 'kubectl', line: long },
    { do: 'apply', content: '', file: 'web.yaml' },
    { do: 'nothing' },
    { do: 'hint:none' },
  ]
  for (const fields of refused) await at.send(url, fields, [long])
  at.labs.next.isMoving = true
  await at.swap(url, { do: 'settle' })
  at.labs.next.commandMs = 700_000
  await at.send(url, { do: 'kubectl', line: 'get pods -w' })
  for (const apply of ['a', 'b', 'c', 'd']) {
    at.labs.next.commandMs = 0
    await at.send(url, { do: 'apply', file: 'web.yaml', content: apply })
  }
  at.labs.next.refusal = new LabRefusal(422, 'The run was stopped: it needed more than {mb} MB of memory.', { mb: 64 })
  assert.match(
    (await at.guest.post(url, { do: 'grade' })).text,
    /没有评分，也不占次数。运行被停止：所需内存超过了 64 MB。/,
  )
  at.labs.next = {}
  await at.see('/challenges/none', ['none'])
  assert.deepEqual(at.found, [])
})

test('a result: what failed, changes one by one, the run, and the solutions', async () => {
  const at = await arrive()
  const graded = aFailedGrade()
  const [check] = graded.tests
  const criterion = { title: 'Labels', status: 'fail' as const, points: 0, maxPoints: 5, actual: 'x', expected: 'y' }
  Object.assign(check!, {
    criteria: [criterion],
    course: {
      ...{ fromMs: 0, endMs: 60_000, deciding: { fromMs: 60_000, toMs: 60_000 } },
      spans: [
        { fromMs: 0, holds: true },
        { fromMs: 12_300, holds: false },
      ],
    },
  })
  at.labs.next.grade = { ...graded, gates: [{ ...check!, id: 'gate', maxPoints: 10 }], notSimulated: ['spec.hostname'] }
  at.labs.next.moment = {
    view: aView({
      scheduling: [
        anAttempt({ isPlaced: false, node: '', message: '0/3 nodes are available', atSeconds: -1 }),
        anAttempt({ preemption: { node: 'node-1', victims: [] } }),
      ],
      unscheduled: [aPod({ tone: 'waiting', word: 'Pending', message: '0/3 nodes are available', node: '' })],
      pods: [aPod({ message: 'not ready', tone: 'waiting', restarts: 2 })],
    }),
    happenings: [
      { what: 'fault', atMs: 20_000, fault: { kind: 'kubelet', node: 'node-1', state: 'stopped' } },
      { what: 'event', atMs: 21_000, type: 'Warning', reason: 'BackOff', object: 'Pod/web', message: 'Back-off' },
      { what: 'loss', atMs: 22_000, untilMs: 25_000, url: 'http://web', sent: 9, failed: 2 },
    ],
  }
  await at.send(url, { do: 'kubectl', line: 'get pods' })
  const address = await at.send(url, { do: 'grade' })
  const page = await at.see(address)
  assert.match(page, /还没有通过/)
  assert.match(page, /node-1 的 kubelet 停止/)
  await at.see(`${address}?at=12.3`)
  await at.see(url)
  at.labs.next.solutions = [
    { name: 'by hand', about: 'Write it.', files: { 'web.yaml': 'x' }, steps: ['get'], log: [] },
  ]
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web', namespace: 'team' } }
  const given = { ...object, data: { color: 'red' } }
  at.labs.next.outcomes = [[given as never], [{ ...object, data: { color: 'blue' } } as never]]
  const over = await at.send(`${address}/give-up`, {})
  const told = await at.see(over.replace(/#.*/, ''))
  assert.match(told, /ConfigMap web（命名空间 team）: data\.color 需要改成/)
  at.labs.next.grade = aGrade({ gradable: false, passed: false, tests: [], problem: 'The world was not made' })
  await at.see(await at.send(url, { do: 'grade' }))
  await at.see(`${address}0`)
  assert.deepEqual(at.found, [])
})

test('what the simulator says of a run is in the language of the page, in the dock and on the result', async () => {
  const at = await arrive()
  const graded = aFailedGrade()
  const cause = ['Service web has no endpoints.', 'Its selector app=web matches no Pod.']
  const said = { actual: '1 deployment matches', expected: 'at least 2 deployments matching {"x":1}', cause }
  const waits = {
    ...graded.tests[0]!,
    id: 'later',
    status: 'skipped' as const,
    actual: undefined,
    expected: undefined,
    cause: [],
  }
  at.labs.next.grade = {
    ...graded,
    tests: [
      { ...graded.tests[0]!, ...said },
      { ...waits, message: 'first make this pass: Three Pods are ready' },
    ],
  }
  const address = await at.send(url, { do: 'grade' })
  const own = ['deployment', 'Three Pods are ready']
  for (const page of [await at.see(address, own), await at.see(url, own)]) {
    assert.match(page, />Service web 没有端点。</)
    assert.match(page, />它的选择算符 app=web 没有匹配任何 Pod。</)
    assert.match(page, />1 个 deployment 匹配</)
    assert.match(page, />至少 2 个 deployments 匹配 /)
    assert.doesNotMatch(page, /has no endpoints/)
  }
  assert.match(await at.see(address, own), /请先让这一项通过：/)
  at.guest.agent.set('Accept-Language', 'en')
  const english = await at.guest.get(address)
  assert.match(english.text, />Service web has no endpoints\.</)
  assert.deepEqual(at.found, [])
})

const shape = {
  from: 'shape',
  name: '',
  nodes: '3',
  size: 'small',
  zones: '1',
  taint: '',
  tainted: '0',
  proxy: 'iptables',
}

test('the list of sandboxes, and forms that are refused', async () => {
  const at = await arrive({ sandboxes: (await someSandboxes({ wall: handWall() })).sandboxes })
  assert.match(await at.see('/sandboxes'), /你还没有沙箱/)
  await at.send('/sandboxes', { ...shape, nodes: 'x', zones: '9', tainted: '77', taint: 'x', size: 'x', proxy: 'x' })
  await at.send('/sandboxes', { from: 'file', scenario: '' })
  await at.send('/sandboxes', { from: 'demo', demo: 'none' })
  await at.send('/sandboxes', shape)
  const page = await at.see('/sandboxes')
  assert.match(page, /3 个节点/)
  assert.match(page.replace(/\s+/g, ' '), /刚刚用过。如果不再使用，7 天后删除。/)
  await at.see('/sandboxes/none', ['none'])
  assert.deepEqual(at.found, [])
})

test('a sandbox: each of its views, its past, its faults, and who it is shared with', async () => {
  const wall = handWall()
  const { sandboxes } = await someSandboxes({ wall })
  const at = await arrive({ sandboxes, now: () => wall.nowMs() })
  const place = await at.send('/sandboxes', shape)
  const id = place.split('/').at(-1)!
  await at.send(place, { do: 'speed:0' })
  await at.swap(place, { do: 'kubectl', line: 'create deployment web --image=nginx --replicas=2' })
  await at.swap(place, { do: 'settle' })
  for (const act of ['step', 'minute', 'kubectl', 'apply', 'upload', 'branch', 'reset', 'delete', 'rename', 'nothing'])
    await at.send(place, { do: act })
  await at.send(place, { do: 'kubectl', line: 'x'.repeat(8001) }, ['x'.repeat(8001)])
  await at.send(place, { do: 'fault:node:down', node: 'none' }, ['none'])
  await at.send(place, { do: 'fault:pod:kill', pod: '' })
  await at.send(place, { do: 'join', 'node-name': 'A', cpu: 'x', memory: 'x', zone: '-', taint: 'x' })
  await at.send(place, { do: 'join', 'node-name': 'node-1', cpu: '1', memory: '1Gi', zone: '', taint: '' })
  const done: Fields[] = [
    { do: 'fault:node:down', node: 'node-1' },
    { do: 'fault:component:kube-scheduler:stopped', node: 'node-1' },
    { do: 'join', 'node-name': 'node-9', cpu: '1', memory: '1Gi', zone: '', taint: '' },
    { do: 'rename', title: '我的' },
    { do: 'address' },
    { do: 'share' },
  ]
  for (const fields of done) await at.swap(place, fields)
  const [{ name }] = (await sandboxes.look(id)).view.pods
  for (const view of ['terminal', 'objects', 'causes', 'faults', 'history', 'kubectl', 'settings'])
    await at.see(`${place}?show=${view}`)
  await at.see(`${place}?show=objects&resource=pods&namespace=default&name=${name}`)
  await at.see(`${place}?show=causes&resource=pods&namespace=default&name=${name}`)
  await at.see(`${place}?show=objects&resource=pods&namespace=default&name=none`, ['none'])
  await at.see(`${place}?show=causes&resource=pods&namespace=default&name=none`, ['none'])
  const history = await at.see(`${place}?show=history&at=1`)
  assert.match(history, /<td class="history-line mono">节点 node-1 断电/)
  assert.match(history, /<td class="history-line mono" lang="en">kubectl create/)
  const [link] = /\/shared\/[\w-]+/.exec(await at.see(`${place}?show=settings`))!
  await at.see(`${link}?show=history&at=1`)
  await at.see('/shared/none')
  assert.deepEqual(at.found, [])
})
