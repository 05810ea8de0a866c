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
