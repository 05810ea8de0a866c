import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configMaps } from '../../sim/api/core/config-map.ts'
import { nodes } from '../../sim/api/core/node.ts'
import { pods } from '../../sim/api/core/pod.ts'
import { clusterRoles, roles } from '../../sim/api/rbac/role.ts'
import { roleBindings } from '../../sim/api/rbac/role-binding.ts'
import type { PolicyRule } from '../../sim/api/rbac/types.ts'
import { defaultPolicy } from '../../sim/apiserver/authorization/default-policy.ts'
import { ruleAllows } from '../../sim/apiserver/authorization/rules.ts'
import { createClient } from '../../sim/apiserver/client.ts'
import type { UserInfo } from '../../sim/client/client.ts'
import { controllers } from '../../sim/controllers/registry.ts'
import { createCluster, type LiveCluster } from '../../sim/index.ts'

const newCluster = (): LiveCluster =>
  createCluster({ seed: 'auth', shape: { nodes: [{ name: 'n1' }, { name: 'n2' }] } })
const aUser = (name: string, ...groups: string[]): UserInfo => ({ name, groups: [...groups, 'system:authenticated'] })
const account = (name: string): UserInfo => aUser(`system:serviceaccount:kube-system:${name}`, 'system:serviceaccounts')

interface Asked {
  verb: string
  resource: string
  group?: string
  subresource?: string
  namespace?: string
  name?: string
}

const decide = (cluster: LiveCluster, user: UserInfo, asked: Asked) =>
  cluster.server.authorization.authorize({ group: '', subresource: '', namespace: 'default', name: '', ...asked, user })

const rule = (verbs: string[], apiGroups: string[], resources: string[], resourceNames?: string[]): PolicyRule => ({
  verbs,
  apiGroups,
  resources,
  ...(resourceNames ? { resourceNames } : {}),
})

const matching: { name: string; rule: PolicyRule; asked: Asked; want: boolean }[] = [
  {
    name: 'the verb and the resource',
    rule: rule(['get'], [''], ['pods']),
    asked: { verb: 'get', resource: 'pods' },
    want: true,
  },
  {
    name: 'not another verb',
    rule: rule(['get'], [''], ['pods']),
    asked: { verb: 'list', resource: 'pods' },
    want: false,
  },
  {
    name: 'not another group',
    rule: rule(['get'], [''], ['deployments']),
    asked: { verb: 'get', group: 'apps', resource: 'deployments' },
    want: false,
  },
  {
    name: 'not a subresource of the resource',
    rule: rule(['get'], [''], ['pods']),
    asked: { verb: 'get', resource: 'pods', subresource: 'log' },
    want: false,
  },
  {
    name: 'a subresource that is named',
    rule: rule(['get'], [''], ['pods/log']),
    asked: { verb: 'get', resource: 'pods', subresource: 'log' },
    want: true,
  },
  {
    name: 'a subresource of every resource',
    rule: rule(['get'], ['*'], ['*/scale']),
    asked: { verb: 'get', group: 'apps', resource: 'deployments', subresource: 'scale' },
    want: true,
  },
  {
    name: 'subresources by a star',
    rule: rule(['*'], ['*'], ['*']),
    asked: { verb: 'create', resource: 'pods', subresource: 'exec' },
    want: true,
  },
  {
    name: 'a name that is listed',
    rule: rule(['get'], [''], ['secrets'], ['a']),
    asked: { verb: 'get', resource: 'secrets', name: 'a' },
    want: true,
  },
  {
    name: 'not another name',
    rule: rule(['get'], [''], ['secrets'], ['a']),
    asked: { verb: 'get', resource: 'secrets', name: 'b' },
    want: false,
  },
  {
    name: 'no request without a name when names are listed',
    rule: rule(['list'], [''], ['secrets'], ['a']),
    asked: { verb: 'list', resource: 'secrets' },
    want: false,
  },
]
for (const { name, rule, asked, want } of matching)
  test(`a rule allows ${name}`, () => {
    const request = { user: aUser('x'), group: '', subresource: '', namespace: '', name: '', ...asked }
    assert.equal(ruleAllows(rule, request), want)
  })

const decisions: { name: string; user: UserInfo; asked: Asked; want: boolean }[] = [
  {
    name: 'system:masters may do everything',
    user: aUser('root', 'system:masters'),
    asked: { verb: 'delete', resource: 'nodes', namespace: '' },
    want: true,
  },
  {
    name: 'a new user may do nothing with Pods',
    user: aUser('jane'),
    asked: { verb: 'list', resource: 'pods' },
    want: false,
  },
  {
    name: 'everybody may ask what they may do',
    user: aUser('jane'),
    asked: { verb: 'create', group: 'authorization.k8s.io', resource: 'selfsubjectaccessreviews', namespace: '' },
    want: true,
  },
  {
    name: 'the scheduler binds Pods',
    user: aUser('system:kube-scheduler'),
    asked: { verb: 'create', resource: 'pods', subresource: 'binding' },
    want: true,
  },
  {
    name: 'the scheduler does not create Pods',
    user: aUser('system:kube-scheduler'),
    asked: { verb: 'create', resource: 'pods' },
    want: false,
  },
  {
    name: 'the ReplicaSet controller creates Pods',
    user: account('replicaset-controller'),
    asked: { verb: 'create', resource: 'pods' },
    want: true,
  },
  {
    name: 'the Deployment controller does not',
    user: account('deployment-controller'),
    asked: { verb: 'create', resource: 'pods' },
    want: false,
  },
  {
    name: 'the endpoints controller writes no Pods',
    user: account('endpoint-controller'),
    asked: { verb: 'update', resource: 'pods' },
    want: false,
  },
  {
    name: 'kube-proxy watches EndpointSlices',
    user: aUser('system:kube-proxy'),
    asked: { verb: 'watch', group: 'discovery.k8s.io', resource: 'endpointslices', namespace: '' },
    want: true,
  },
  {
    name: 'a node renews its own Lease',
    user: aUser('system:node:n1', 'system:nodes'),
    asked: {
      verb: 'update',
      group: 'coordination.k8s.io',
      resource: 'leases',
      namespace: 'kube-node-lease',
      name: 'n1',
    },
    want: true,
  },
  {
    name: 'a node does not renew that of another',
    user: aUser('system:node:n1', 'system:nodes'),
    asked: {
      verb: 'update',
      group: 'coordination.k8s.io',
      resource: 'leases',
      namespace: 'kube-node-lease',
      name: 'n2',
    },
    want: false,
  },
  {
    name: 'a node reads no Secret that its Pods do not use',
    user: aUser('system:node:n1', 'system:nodes'),
    asked: { verb: 'get', resource: 'secrets', name: 's' },
    want: false,
  },
  {
    name: 'the name of a node without its group is worth nothing',
    user: aUser('system:node:n1'),
    asked: { verb: 'get', resource: 'nodes', namespace: '', name: 'n1' },
    want: false,
  },
]
test('decisions of a new cluster', async (t) => {
  const cluster = newCluster()
  for (const { name, user, asked, want } of decisions)
    await t.test(name, () => assert.equal(decide(cluster, user, asked).allowed, want))
})

test('a binding holds from its creation to its deletion, in its namespace only', () => {
  const cluster = newCluster()
  const jane = aUser('jane')
  const may = (namespace: string) => decide(cluster, jane, { verb: 'list', resource: 'pods', namespace }).allowed
  assert.equal(may('default'), false)
  cluster.execute({ op: 'kubectl', line: 'kubectl create rolebinding v --clusterrole=view --user=jane' })
  assert.deepEqual([may('default'), may('kube-system'), may('')], [true, false, false])
  cluster.execute({ op: 'kubectl', line: 'kubectl delete rolebinding v' })
  assert.equal(may('default'), false)
})

test('a binding to a role that nobody made is told as the reason', () => {
  const cluster = newCluster()
  cluster.client.create(roleBindings, {
    metadata: { name: 'b', namespace: 'default' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'nope' },
    subjects: [{ kind: 'User', name: 'jane', apiGroup: 'rbac.authorization.k8s.io' }],
  })
  const client = createClient(cluster.server, { user: aUser('jane'), fieldManager: 'kubectl' })
  assert.throws(() => client.list(pods, { namespace: 'default' }), {
    message:
      'pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default": RBAC: role.rbac.authorization.k8s.io "nope" not found',
  })
})

test('a node reads the ConfigMap that a Pod on it uses, and no other node does', () => {
  const cluster = newCluster()
  cluster.client.create(configMaps, { metadata: { name: 'c', namespace: 'default' }, data: {} })
  cluster.client.create(pods, {
    metadata: { name: 'p', namespace: 'default' },
    spec: {
      nodeName: 'n1',
      containers: [{ name: 'main', image: 'busybox:1.36', envFrom: [{ configMapRef: { name: 'c' } }] }],
    },
  })
  const asNode = (name: string) =>
    createClient(cluster.server, { user: aUser(`system:node:${name}`, 'system:nodes'), fieldManager: 'kubelet' })
  const key = { namespace: 'default', name: 'c' }
  assert.equal(asNode('n1').get(configMaps, key).metadata.name, 'c')
  assert.throws(() => asNode('n2').get(configMaps, key), {
    message: /no relationship found between node 'n2' and this object$/,
  })
})

test('a node changes its own Node and no other', () => {
  const cluster = newCluster()
  const user = aUser('system:node:n1', 'system:nodes')
  const client = createClient(cluster.server, { user, fieldManager: 'kubelet' })
  const label = { metadata: { labels: { a: 'b' } } }
  assert.equal(client.patch(nodes, { namespace: '', name: 'n1' }, 'merge', label).metadata.labels?.a, 'b')
  assert.throws(() => client.patch(nodes, { namespace: '', name: 'n2' }, 'merge', label), {
    message: 'nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2"',
  })
})

test('nobody grants what they do not hold, unless they may escalate or bind', () => {
  const cluster = newCluster()
  const run = (line: string) => cluster.execute({ op: 'kubectl', line: `kubectl ${line}` })
  run('create rolebinding a --clusterrole=admin --user=joe')
  const refused = run('create role r --verb=get --resource=nodes --as=joe')
  assert.match(
    refused.stderr,
    /attempting to grant RBAC permissions not currently held:\n\{APIGroups:\[""\], Resources:\["nodes"\], Verbs:\["get"\]\}/,
  )
  assert.equal(run('create role r --verb=get --resource=pods --as=joe').exit, 0)
  assert.match(run('create rolebinding b --clusterrole=cluster-admin --user=eve --as=joe').stderr, /not currently held/)
  assert.match(
    run('create rolebinding b --clusterrole=none --user=eve --as=joe').stderr,
    /clusterroles.rbac.authorization.k8s.io "none" not found/,
  )
  run('create clusterrole binder --verb=bind --resource=clusterroles --resource-name=cluster-admin')
  run('create clusterrolebinding binder --clusterrole=binder --user=joe')
  assert.equal(run('create rolebinding b --clusterrole=cluster-admin --user=eve --as=joe').exit, 0)
})

test('an aggregated ClusterRole follows the roles that its selector chooses', () => {
  const cluster = newCluster()
  cluster.client.create(clusterRoles, {
    metadata: { name: 'crons', labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' } },
    rules: [rule(['get'], ['example.com'], ['crons'])],
  })
  cluster.advance(2000)
  for (const name of ['view', 'edit', 'admin']) {
    const { rules = [] } = cluster.client.get(clusterRoles, { namespace: '', name })
    assert.ok(
      rules.some(({ apiGroups }) => apiGroups?.[0] === 'example.com'),
      name,
    )
  }
})

test('no component of a quiet cluster is refused anything', () => {
  const cluster = newCluster()
  const refused: string[] = []
  const check = cluster.server.check.bind(cluster.server)
  cluster.server.check = (caller, ...rest) => {
    try {
      check(caller, ...rest)
    } catch (error) {
      refused.push(`${caller.user.name}: ${(error as Error).message}`)
      throw error
    }
  }
  cluster.execute({ op: 'kubectl', line: 'kubectl create deployment web --image=nginx:1.27 --replicas=3' })
  cluster.execute({ op: 'kubectl', line: 'kubectl expose deployment web --port=80' })
  cluster.advance(30_000)
  cluster.execute({ op: 'kubectl', line: 'kubectl delete deployment web' })
  cluster.advance(120_000)
  assert.deepEqual(refused, [])
})

test('RBAC objects are checked when they are written', () => {
  const { client } = newCluster()
  assert.throws(
    () => client.create(roles, { metadata: { name: 'r', namespace: 'default' }, rules: [rule([], [], [])] }),
    /rules\[0\]\.verbs: Required value: verbs must contain at least one value/,
  )
})

test('every controller has a role of its own among the defaults', () => {
  const bound = new Set(defaultPolicy.bindings.flatMap(({ subjects }) => subjects.map(({ name }) => name)))
  const without = controllers.filter(({ serviceAccount }) => !bound.has(serviceAccount))
  assert.deepEqual(
    without.map(({ name }) => name),
    [],
  )
})

test('a decision does not depend on what was decided before', () => {
  const asked: Asked[] = [
    { verb: 'get', resource: 'pods' },
    { verb: 'get', resource: 'pods', subresource: 'log' },
    { verb: 'get', resource: 'pods', namespace: 'kube-system' },
    { verb: 'get', group: 'metrics.k8s.io', resource: 'pods' },
    { verb: 'create', resource: 'pods' },
  ]
  const answers = (order: readonly Asked[]) => {
    const cluster = newCluster()
    cluster.execute({ op: 'kubectl', line: 'kubectl create rolebinding v --clusterrole=view --user=jane' })
    const jane = aUser('jane')
    return new Map(order.map((one) => [JSON.stringify(one), decide(cluster, jane, one).allowed]))
  }
  const forward = answers(asked)
  assert.deepEqual([...forward.values()], [true, true, false, false, false])
  for (const [question, answer] of answers([...asked].reverse())) assert.equal(answer, forward.get(question), question)
})
