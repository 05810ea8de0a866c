import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster } from '../../../sim/cluster.ts'
import { judgeAccess, parseRequest } from '../../../sim/scenario/checks/access.ts'

const robot = 'system:serviceaccount:ops:robot'
const cluster = createCluster({ seed: 'access', shape: { nodes: [{ name: 'node-1' }] } })
for (const line of [
  'kubectl create namespace shop',
  'kubectl create role menders -n shop --verb=get,patch --resource=deployments.apps --resource-name=web',
  'kubectl create role readers -n shop --verb=get --resource=pods/log',
  'kubectl create rolebinding menders -n shop --role=menders --serviceaccount=ops:robot',
  'kubectl create rolebinding readers -n shop --role=readers --group=system:serviceaccounts:ops',
])
  cluster.execute({ op: 'kubectl', line })

const requests: { text: string; allowed: boolean }[] = [
  { text: 'patch deployments.apps web in shop', allowed: true },
  { text: 'patch deployments.apps other in shop', allowed: false },
  { text: 'patch deployments web in shop', allowed: false },
  { text: 'patch deployments.apps web in default', allowed: false },
  { text: 'get pods/log in shop', allowed: true },
  { text: 'get pods in shop', allowed: false },
  { text: 'list nodes', allowed: false },
]
for (const { text, allowed } of requests)
  test(`${robot} ${allowed ? 'may' : 'may not'} ${text}`, () => {
    assert.equal(judgeAccess(cluster, { user: robot, can: [text] }).holds, allowed)
    assert.equal(judgeAccess(cluster, { user: robot, cannot: [text] }).holds, !allowed)
  })

test('the verdict names what is missing and what is too much', () => {
  const { actual } = judgeAccess(cluster, {
    user: robot,
    can: ['get pods/log in shop', 'list nodes'],
    cannot: ['patch deployments.apps web in shop', 'get secrets in shop'],
  })
  assert.equal(actual, `${robot} may patch deployments.apps web in shop; may not list nodes`)
})

test('what is no request is a mistake of the author', () => {
  assert.throws(() => parseRequest('patch'), /a request is VERB RESOURCE/)
  assert.throws(() => parseRequest('get pods web shop'), /not: get pods web shop/)
})

test('a failed check says which rule was missing, and which one was too much', () => {
  const { why } = judgeAccess(cluster, {
    user: robot,
    can: ['list nodes', 'list pods in shop'],
    cannot: ['patch deployments.apps web in shop'],
  })
  assert.equal(
    why,
    'No rule allows it: it takes one with apiGroups [""], resources ["nodes"] and verbs ["list"], in a ClusterRole bound by a ClusterRoleBinding. ' +
      'No rule allows it: it takes one with apiGroups [""], resources ["pods"] and verbs ["list"], in a Role of namespace shop bound by a RoleBinding there, or in a ClusterRole bound by a ClusterRoleBinding. ' +
      'patch deployments.apps "web" in namespace shop is allowed by Role/menders, granted by RoleBinding/shop/menders.',
  )
})

test('the verdict says what was asked for, and that all of it is so', () => {
  const can = ['get pods/log in shop', 'patch deployments.apps web in shop']
  assert.deepEqual(judgeAccess(cluster, { user: robot, can, cannot: ['list nodes'] }), {
    holds: true,
    why: undefined,
    actual: `${robot} may do what it should`,
    expected: `${robot} may get pods/log in shop, patch deployments.apps web in shop; may not list nodes`,
  })
  assert.equal(judgeAccess(cluster, { user: robot, can }).expected, `${robot} may ${can.join(', ')}`)
  assert.equal(judgeAccess(cluster, { user: robot, cannot: can }).expected, `${robot} may not ${can.join(', ')}`)
})

test('one request more or less than it should be is a failure of all', () => {
  const [yes, no] = ['get pods/log in shop', 'list nodes']
  const actual = (can: string[], cannot: string[]) => {
    const verdict = judgeAccess(cluster, { user: robot, can, cannot })
    return [verdict.holds, verdict.actual.replace(`${robot} `, '')]
  }
  assert.deepEqual(actual([yes, no], []), [false, 'may not list nodes'])
  assert.deepEqual(actual([], [yes, no]), [false, 'may get pods/log in shop'])
  assert.deepEqual(actual([yes], [no]), [true, 'may do what it should'])
})

const parsed: [text: string, request: Partial<ReturnType<typeof parseRequest>>][] = [
  ['list nodes', { verb: 'list', resource: 'nodes' }],
  ['get pods/log web in shop', { verb: 'get', resource: 'pods', subresource: 'log', name: 'web', namespace: 'shop' }],
  ['get roles.rbac.authorization.k8s.io', { verb: 'get', resource: 'roles', group: 'rbac.authorization.k8s.io' }],
  [
    'update deployments.apps/scale web in shop',
    { verb: 'update', resource: 'deployments', group: 'apps', subresource: 'scale', name: 'web', namespace: 'shop' },
  ],
]
for (const [text, request] of parsed)
  test(`a request is read: ${text}`, () =>
    assert.deepEqual(parseRequest(text), { group: '', subresource: '', name: '', namespace: '', ...request }))

/** A cluster in which nobody but its own parts has a right, and lines from the hand-over on. */
function clusterAfter(...lines: string[]) {
  const fresh = createCluster({ seed: 'gains', shape: { nodes: [{ name: 'node-1' }] } })
  fresh.execute({ op: 'kubectl', line: 'kubectl create clusterrole nodes --verb=get,list --resource=nodes' })
  fresh.advance(1000)
  for (const line of lines) {
    const { exit, stderr } = fresh.execute({ op: 'kubectl', line: `kubectl create ${line}` })
    assert.equal(exit, 0, stderr)
  }
  return fresh
}
const gained = (but: string[], ...lines: string[]) => judgeAccess(clusterAfter(...lines), { nobodyGainsBut: but }, 1000)
const bind = (name: string, rest: string) => `clusterrolebinding ${name} --clusterrole=nodes ${rest}`

test('nobody gained a right where nothing was given, or only to those who may have it', () => {
  const nothing = { holds: true, actual: 'nobody else got a right', why: undefined }
  assert.deepEqual(gained([]), { ...nothing, expected: 'nobody gets a right but those who had it' })
  assert.deepEqual(gained(['jane', 'joe'], bind('a', '--user=jane --user=joe')), {
    ...nothing,
    expected: 'nobody gets a right but jane, joe',
  })
})

test('a binding to a role that gives nothing is no gain', () => {
  assert.equal(
    gained([], 'role empty --verb=get --resource=nodes', 'rolebinding a --role=empty --user=jane').holds,
    true,
  )
})

test('who gained is told with the rule that they have it by; of more than three how many', () => {
  const told = (...users: string[]) => gained([], bind('a', users.map((user) => `--user=${user}`).join(' ')))
  assert.equal(
    told('jane').why,
    'get nodes in the cluster is allowed by ClusterRole/nodes, granted by ClusterRoleBinding/a.',
  )
  const three = ['jane', 'joe', 'jim'].map((user) => `${user} may get, list nodes`).join('. ')
  assert.equal(told('jane', 'joe', 'jim').actual, three)
  assert.equal(told('jane', 'joe', 'jim', 'jill').actual, `${three}. And 1 more got rights`)
})

test('a group that gained is told as one, also beside a user whose name is those words', () => {
  const group = bind('a', '--group=dev')
  const nothing = [
    'role empty --verb=get --resource=nodes',
    'rolebinding b --role=empty --user="everybody in the group dev"',
  ]
  for (const lines of [[group], [group, ...nothing], [...nothing, group]]) {
    const { holds, actual } = gained([], ...lines)
    assert.deepEqual([holds, actual], [false, 'everybody in the group dev may get, list nodes'])
  }
})

test('a right by another binding, and one in another namespace than that of the account, is told of the account', () => {
  const account = ['namespace ops', 'rolebinding a --clusterrole=nodes --serviceaccount=ops:robot']
  assert.equal(gained([], ...account).holds, true)
  const logs = [
    'namespace ops',
    'role logs --verb=get --resource=pods/log',
    'rolebinding a --role=logs --serviceaccount=ops:robot',
  ]
  const { actual, why } = gained([], ...logs)
  assert.equal(actual, 'system:serviceaccount:ops:robot may get pods/log in default')
  assert.match(why!, / is allowed by Role\/logs, granted by RoleBinding\/default\/a\.$/)
  assert.equal(gained([robot], ...logs).holds, true)
})

test('what is too much and what is missing are told in this order, beside what was expected', () => {
  const fresh = clusterAfter(bind('a', '--user=jane'))
  const judge = (assertion: { exactly: string[] } | { atLeast?: string[]; atMost: string[] }) =>
    judgeAccess(fresh, { user: 'jane', ...assertion })
  const { holds, actual, expected } = judge({ exactly: ['get nodes', 'get pods'] })
  assert.deepEqual(
    [holds, actual, expected],
    [
      false,
      'jane may do more than it should: list nodes; may not get pods in every namespace',
      'jane may get nodes; get pods, and nothing else',
    ],
  )
  assert.equal(judge({ atMost: ['get nodes'] }).expected, 'jane may at most get nodes, and nothing else')
  assert.equal(
    judge({ atLeast: ['get nodes'], atMost: ['list nodes'] }).expected,
    'jane may get nodes; list nodes, and nothing else',
  )
})
