/** All that somebody may do, compared with all that they should. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PolicyRule } from '../../../sim/api/rbac/types.ts'
import { createRbacAuthorization } from '../../../sim/apiserver/authorization/rbac.ts'
import { createCluster } from '../../../sim/cluster.ts'
import { workSpent } from '../../../sim/engine/work.ts'
import { accessCourse, judgeAccess } from '../../../sim/scenario/checks/access.ts'
import { beyond, heldBy, heldInWords, heldOf, pathsOf, requestOf } from '../../../sim/scenario/checks/held-access.ts'

const robot = 'system:serviceaccount:ops:robot'
const exactly = [
  'get,list,watch pods in shop',
  'get pods/log in shop',
  'get,patch deployments.apps web in shop',
  'get,list nodes',
]
const rights = [
  'create role robot -n shop --verb=get,list,watch --resource=pods',
  'create role logs -n shop --verb=get --resource=pods/log',
  'create role web -n shop --verb=get,patch --resource=deployments.apps --resource-name=web',
  'create clusterrole nodes --verb=get,list --resource=nodes',
  'create rolebinding robot -n shop --role=robot --serviceaccount=ops:robot',
  'create rolebinding logs -n shop --role=logs --serviceaccount=ops:robot',
  'create rolebinding web -n shop --role=web --serviceaccount=ops:robot',
  'create clusterrolebinding nodes --clusterrole=nodes --serviceaccount=ops:robot',
]

/** A cluster in which the robot has what it should, and then some lines more; the hand-over is after a second. */
function afterLines(lines: readonly string[], manifest = '') {
  const cluster = createCluster({ seed: 'held', shape: { nodes: [{ name: 'node-1' }] } })
  for (const line of ['create namespace shop', 'create namespace ops', 'create serviceaccount robot -n ops'])
    cluster.execute({ op: 'kubectl', line: `kubectl ${line}` })
  cluster.advance(1000)
  for (const line of lines) {
    const { exit, stderr } = cluster.execute({ op: 'kubectl', line: `kubectl ${line}` })
    assert.equal(exit, 0, stderr)
  }
  if (manifest) cluster.execute({ op: 'apply', manifest })
  return cluster
}
const judged = (lines: readonly string[], manifest = '', also?: string[]) =>
  judgeAccess(
    afterLines([...rights, ...lines], manifest),
    also ? { user: robot, atLeast: exactly, atMost: also } : { user: robot, exactly },
    1000,
  )

test('who holds exactly what they should is told so', () => {
  assert.deepEqual(judged([]), {
    holds: true,
    actual: `${robot} may do what it should, and no more`,
    expected: `${robot} may ${exactly.join('; ')}, and nothing else`,
    why: undefined,
  })
})

test('the first to be judged pays what everybody pays', () => {
  // What a cluster begins with is worked out once for the whole process: a budget must not end sooner for whoever comes first.
  const cost = (namespace: string) => {
    const cluster = afterLines([...rights, `create namespace ${namespace}`])
    const before = workSpent()
    judgeAccess(cluster, { user: robot, exactly }, 1000)
    return workSpent() - before
  }
  assert.equal(cost('never-heard-of'), cost('never-heard-of'))
  assert.ok(cost('never-heard-of') > 1000)
})

const extra: [what: string, lines: string[], told: RegExp][] = [
  [
    'a verb more',
    [
      'create role more -n shop --verb=delete --resource=pods',
      'create rolebinding more -n shop --role=more --serviceaccount=ops:robot',
    ],
    /may do more than it should: delete pods in shop$/,
  ],
  [
    'a subresource more',
    [
      'create role more -n shop --verb=create --resource=pods/attach',
      'create rolebinding more -n shop --role=more --serviceaccount=ops:robot',
    ],
    /: create pods\/attach in shop$/,
  ],
  [
    'every Deployment in place of one',
    [
      'create role more -n shop --verb=patch --resource=deployments.apps',
      'create rolebinding more -n shop --role=more --serviceaccount=ops:robot',
    ],
    /: patch deployments\.apps in shop$/,
  ],
  [
    'another Deployment besides',
    [
      'create role more -n shop --verb=patch --resource=deployments.apps --resource-name=ledger',
      'create rolebinding more -n shop --role=more --serviceaccount=ops:robot',
    ],
    /: patch deployments\.apps "ledger" in shop$/,
  ],
  [
    'a namespace that nobody asked about',
    ['create rolebinding admin -n kube-system --clusterrole=admin --serviceaccount=ops:robot'],
    /more than it should: .* in kube-system; and \d+ more$/,
  ],
  [
    'all namespaces, those as well that are made later',
    [
      'create clusterrole more --verb=get --resource=secrets',
      'create clusterrolebinding more --clusterrole=more --serviceaccount=ops:robot',
    ],
    /: get secrets in every namespace$/,
  ],
  [
    'what is in no namespace',
    [
      'create clusterrole more --verb=get --resource=nodes/proxy',
      'create clusterrolebinding more --clusterrole=more --serviceaccount=ops:robot',
    ],
    /: get nodes\/proxy$/,
  ],
  [
    'the right to hand on rights that one has not',
    [
      'create clusterrole more --verb=escalate,bind --resource=clusterroles',
      'create clusterrolebinding more --clusterrole=more --serviceaccount=ops:robot',
    ],
    /: bind, escalate clusterroles\.rbac\.authorization\.k8s\.io$/,
  ],
  [
    'everything',
    ['create clusterrolebinding more --clusterrole=cluster-admin --serviceaccount=ops:robot'],
    /do everything with .*more resources/,
  ],
  [
    'a right by a group that it is in',
    ['create clusterrolebinding more --clusterrole=view --group=system:serviceaccounts:ops'],
    /more than it should/,
  ],
]
for (const [what, lines, told] of extra)
  test(`more than it should is told: ${what}`, () => {
    const { holds, actual, why } = judged(lines)
    assert.equal(holds, false)
    assert.match(actual, told)
    assert.match(why ?? '', /is allowed by (Cluster)?Role\/[\w-]+, granted by (Cluster)?RoleBinding\//)
  })

test('a rule about resources that this API server does not have is more as well, if a server of this version has them', () => {
  const manifest = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: hooks }
rules: [{ apiGroups: [admissionregistration.k8s.io], resources: [mutatingwebhookconfigurations], verbs: [create] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: hooks }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: hooks }
subjects: [{ kind: ServiceAccount, name: robot, namespace: ops }]`
  assert.match(judged([], manifest).actual, /: create mutatingwebhookconfigurations\.admissionregistration\.k8s\.io$/)
})

test('the right to act as others is more', () => {
  const manifest = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: masks }
rules: [{ apiGroups: [''], resources: [users, groups, serviceaccounts], verbs: [impersonate] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: masks }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: masks }
subjects: [{ kind: ServiceAccount, name: robot, namespace: ops }]`
  assert.match(
    judged([], manifest).actual,
    /: impersonate serviceaccounts in every namespace; impersonate users, groups$|: impersonate users, groups; impersonate serviceaccounts in every namespace$/,
  )
})

test('a path that is no resource is more, and one that everybody may ask for is not', () => {
  const role = (url: string) => `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: paths }
rules: [{ nonResourceURLs: ['${url}'], verbs: [get] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: paths }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: paths }
subjects: [{ kind: ServiceAccount, name: robot, namespace: ops }]`
  assert.match(judged([], role('/metrics')).actual, /: ask for the path \/metrics$/)
  assert.equal(judged([], role('/version')).holds, true)
})

test('rules that come to the same are the same, however they are written', () => {
  const manifest = `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: all-in-one, namespace: shop }
rules:
  - apiGroups: ['', apps, extensions]
    resources: [pods, deployments/none, pods/log, deployment]
    verbs: [get]
  - apiGroups: ['']
    resources: [pods]
    verbs: [list, watch, nonsense]
  - apiGroups: [apps]
    resources: [deployments]
    resourceNames: [web]
    verbs: [get, patch, create]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: all-in-one, namespace: shop }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: all-in-one }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: '${robot}' }]`
  const nodes = rights.filter((line) => /nodes/.test(line))
  const { actual } = judgeAccess(afterLines(nodes, manifest), { user: robot, exactly }, 1000)
  assert.equal(actual, `${robot} may do what it should, and no more`)
})

test('a rule for the empty name allows what is asked without a name', () => {
  const manifest = `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: sly, namespace: shop }
rules: [{ apiGroups: [''], resources: [pods], verbs: [create, get], resourceNames: [''] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: sly, namespace: shop }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: sly }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: '${robot}' }]`
  const { holds, actual } = judgeAccess(afterLines([], manifest), { user: robot, exactly: ['list configmaps in shop'] })
  assert.equal(holds, false)
  assert.match(actual, /more than it should: create pods in shop/)
})

test('all verbs by a star are those that there are', () => {
  const lines = [
    'create role all -n shop --verb=* --resource=configmaps',
    'create rolebinding all -n shop --role=all --serviceaccount=ops:robot',
  ]
  const cluster = afterLines(lines)
  const judge = (pattern: string) => judgeAccess(cluster, { user: robot, exactly: [pattern] })
  assert.equal(judge('* configmaps in shop').holds, true)
  assert.equal(judge('create,delete,deletecollection,get,list,patch,update,watch configmaps in shop').holds, true)
  assert.match(
    judge('get,list configmaps in shop').actual,
    /create, delete, deletecollection, patch, update, watch configmaps in shop/,
  )
})

test('what is missing is told: a verb, any name in place of one, a namespace', () => {
  const cluster = afterLines(rights)
  const judge = (pattern: string) => judgeAccess(cluster, { user: robot, exactly: [...exactly, pattern] }).actual
  assert.equal(judge('delete pods in shop'), `${robot} may not delete pods in shop`)
  assert.equal(judge('patch deployments.apps in shop'), `${robot} may not patch deployments.apps in shop`)
  assert.equal(judge('get pods in *'), `${robot} may not get pods in every namespace`)
})

test('what may be had and need not be is neither too much nor missing', () => {
  const also = ['create events,events.events.k8s.io in shop']
  const lines = [
    'create role more -n shop --verb=create --resource=events',
    'create rolebinding more -n shop --role=more --serviceaccount=ops:robot',
  ]
  assert.equal(judged([], '', also).holds, true)
  assert.equal(judged(lines, '', also).holds, true)
  assert.equal(judged(lines).holds, false)
  const atMost = { user: robot, atMost: [...exactly, ...also] }
  assert.equal(judgeAccess(afterLines([]), atMost).holds, true)
  assert.equal(judgeAccess(afterLines([...rights, ...lines]), atMost).holds, true)
})

test('a mistake of the author is told: no pattern, no such resource, no such verb of it', () => {
  const cluster = afterLines([])
  const judge = (pattern: string) => () => judgeAccess(cluster, { user: robot, exactly: [pattern] })
  assert.throws(judge('get'), /VERBS RESOURCES \[NAMES\] \[in NAMESPACES\], not: get/)
  assert.throws(judge('get deployments in shop'), /the API has no deployments, which is named in/)
  assert.throws(judge('create pods/log in shop'), /nobody can create pods\/log/)
})

const gains: [what: string, lines: string[], told: RegExp][] = [
  [
    'a ServiceAccount of the same name elsewhere',
    ['create rolebinding x -n shop --role=robot --serviceaccount=shop:robot'],
    /^system:serviceaccount:shop:robot may get, list, watch pods in shop$/,
  ],
  [
    'a group',
    ['create rolebinding x -n shop --role=logs --group=system:serviceaccounts:ops'],
    /^everybody in the group system:serviceaccounts:ops may get pods\/log in shop$/,
  ],
  ['a user', ['create clusterrolebinding x --clusterrole=nodes --user=jane'], /^jane may get, list nodes$/],
  [
    'everybody, known or not',
    ['create clusterrolebinding x --clusterrole=nodes --group=system:unauthenticated'],
    /^everybody in the group system:unauthenticated may get, list nodes$/,
  ],
]
test('nobody else gains a right when one is given to who should have it', () => {
  assert.equal(judgeAccess(afterLines(rights), { nobodyGainsBut: [robot] }, 1000).holds, true)
})
for (const [what, lines, told] of gains)
  test(`who gains a right besides is told: ${what}`, () => {
    const { holds, actual } = judgeAccess(afterLines([...rights, ...lines]), { nobodyGainsBut: [robot] }, 1000)
    assert.equal(holds, false)
    assert.match(actual, told)
  })

test('what somebody held at the hand-over is no gain', () => {
  const cluster = afterLines(rights)
  cluster.advance(1000)
  assert.equal(judgeAccess(cluster, { nobodyGainsBut: [] }, cluster.nowMs).holds, true)
  assert.equal(judgeAccess(cluster, { nobodyGainsBut: [] }, 1000).holds, false)
})

test('the course tells since when somebody held what they should', () => {
  const cluster = afterLines(rights.slice(0, -1))
  cluster.advance(5000)
  cluster.execute({ op: 'kubectl', line: `kubectl ${rights.at(-1)}` })
  const spans = accessCourse(cluster, { user: robot, exactly }, 1000, cluster.nowMs)
  assert.deepEqual(
    spans.map(({ holds }) => holds),
    [false, true],
  )
})

test('the course tells when somebody else came to hold more than at the hand-over, and when they lost it again', () => {
  const cluster = afterLines(rights)
  for (const line of [
    'create clusterrolebinding x --clusterrole=nodes --user=jane',
    'delete clusterrolebinding x',
    'create clusterrolebinding x --clusterrole=nodes --user=jane',
  ]) {
    cluster.advance(5000)
    cluster.execute({ op: 'kubectl', line: `kubectl ${line}` })
  }
  const spans = accessCourse(cluster, { nobodyGainsBut: [robot] }, 1000, cluster.nowMs)
  assert.deepEqual(
    spans.map(({ holds }) => holds),
    [true, false, true, false],
  )
})

const namespaces = ['default', 'shop']
/** What a user holds by rules of a ClusterRole, in one namespace or in the whole cluster. */
function authorizationOf(rules: Partial<PolicyRule>[], namespace?: string) {
  const role = { metadata: { name: 'own' }, rules: rules.map((rule) => ({ apiGroups: [''], verbs: ['get'], ...rule })) }
  const binding = {
    metadata: { name: 'own', ...(namespace ? { namespace } : {}) },
    roleRef: { kind: 'ClusterRole', name: 'own' },
    subjects: [{ kind: 'User', name: 'jane' }],
  }
  const bindings = namespace ? 'rolebindings' : 'clusterrolebindings'
  return createRbacAuthorization({
    list: ({ plural }: { plural: string }) =>
      plural === bindings ? [binding] : plural === 'clusterroles' ? [role] : [],
    find: ({ plural }: { plural: string }, { name }: { name: string }) =>
      plural === 'clusterroles' && name === 'own' ? role : undefined,
  } as never)
}
const jane = { name: 'jane', groups: ['system:authenticated'] }
const holds = (rules: Partial<PolicyRule>[], namespace?: string) =>
  heldInWords([...heldBy(authorizationOf(rules, namespace), jane, namespaces).values()], namespaces)

const meanings: [what: string, rules: Partial<PolicyRule>[], namespace: string | undefined, told: string][] = [
  ['a rule of a namespace', [{ resources: ['pods'] }], 'shop', 'get pods in shop'],
  ['a rule of the cluster', [{ resources: ['pods'] }], undefined, 'get pods in every namespace'],
  ['of what is in no namespace a RoleBinding gives nothing', [{ resources: ['nodes'] }], 'shop', ''],
  [
    'lists across all namespaces are those of each',
    [{ resources: ['pods'], verbs: ['list', 'watch'] }],
    undefined,
    'list, watch pods in every namespace',
  ],
  [
    'a namespace lies in itself',
    [{ resources: ['namespaces'], verbs: ['*'] }],
    'shop',
    'do everything with namespaces "shop" in shop',
  ],
  ['and in no other', [{ resources: ['namespaces'], resourceNames: ['default'] }], 'shop', ''],
  [
    'under its name',
    [{ resources: ['namespaces'], resourceNames: ['default', 'shop'] }],
    'shop',
    'get namespaces "shop" in shop',
  ],
  [
    'a name allows what is asked for one object',
    [{ resources: ['pods'], resourceNames: ['a', 'b'], verbs: ['get', 'list', 'create', 'deletecollection'] }],
    'shop',
    'get, list pods "a", "b" in shop',
  ],
  [
    'a subresource is created under a name',
    [{ resources: ['pods/eviction'], resourceNames: ['a'], verbs: ['create'] }],
    'shop',
    'create pods/eviction "a" in shop',
  ],
  [
    'what two rules give is one',
    [{ resources: ['pods'], resourceNames: ['a'] }, { resources: ['pods'] }],
    'shop',
    'get pods in shop',
  ],
  [
    'what has the same verbs is told together',
    [{ resources: ['pods', 'secrets'] }],
    'shop',
    'get pods, secrets in shop',
  ],
  [
    'verbs that there are not give nothing',
    [{ resources: ['componentstatuses'], verbs: ['get', 'list', 'patch'] }],
    undefined,
    'get, list componentstatuses',
  ],
  ['nothing but creating a binding', [{ resources: ['bindings'], verbs: ['*'] }], 'shop', 'create bindings in shop'],
  [
    'a group of its own',
    [{ apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions/status'], verbs: ['*'] }],
    undefined,
    'do everything with customresourcedefinitions.apiextensions.k8s.io/status',
  ],
  [
    'claims of devices',
    [{ apiGroups: ['resource.k8s.io'], resources: ['resourceclaims/status'], verbs: ['*'] }],
    'shop',
    'do everything with resourceclaims.resource.k8s.io/status in shop',
  ],
  [
    'approving what signers sign',
    [{ apiGroups: ['certificates.k8s.io'], resources: ['signers'], verbs: ['approve', 'sign', 'attest'] }],
    undefined,
    'do everything with signers.certificates.k8s.io',
  ],
  [
    'handing on the rights of a Role',
    [{ apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles'], verbs: ['bind', 'escalate'] }],
    'shop',
    'bind, escalate roles.rbac.authorization.k8s.io in shop',
  ],
  [
    'being somebody with extra fields',
    [{ apiGroups: ['authentication.k8s.io'], resources: ['uids', 'userextras'], verbs: ['impersonate'] }],
    undefined,
    'impersonate uids.authentication.k8s.io, userextras.authentication.k8s.io',
  ],
  [
    'asking the kubelets',
    [{ apiGroups: [''], resources: ['nodes/pods', 'nodes/log'], verbs: ['get', 'create'] }],
    undefined,
    'create, get nodes/log, nodes/pods',
  ],
  [
    'reading Secrets in the name of others',
    [
      { apiGroups: ['authentication.k8s.io'], resources: ['users'], verbs: ['impersonate:user-info'] },
      { apiGroups: [''], resources: ['secrets'], verbs: ['impersonate-on:user-info:get'] },
    ],
    undefined,
    'impersonate:user-info users.authentication.k8s.io; impersonate-on:user-info:get secrets in every namespace',
  ],
  [
    'a group that a definition may bring',
    [{ apiGroups: ['example.com'], resources: ['backups', 'backups/status'], verbs: ['get', 'restore'] }],
    undefined,
    'get, restore backups.example.com, backups.example.com/status in every namespace',
  ],
  [
    'every verb of it, under a name',
    [{ apiGroups: ['example.com'], resources: ['*'], resourceNames: ['a'], verbs: ['*'] }],
    'shop',
    'delete, get, list, patch, update, watch *.example.com "a" in shop',
  ],
  ['a resource of whichever group', [{ apiGroups: ['*'], resources: ['backups'] }], 'shop', 'get backups.* in shop'],
  [
    'groups and resources that cross are no more than what there is, nor is a group that no definition may have',
    [{ apiGroups: ['', 'apps', 'extensions'], resources: ['pods', 'deployments', 'rollouts'] }],
    'shop',
    'get pods, deployments.apps in shop',
  ],
  ['a verb that nobody asks for', [{ apiGroups: [''], resources: ['pods'], verbs: ['impersonate-on'] }], 'shop', ''],
]
for (const [what, rules, namespace, told] of meanings)
  test(`what a rule comes to: ${what}`, () => assert.equal(holds(rules, namespace), told))

test('of six resources five are told, and that there is one more; of five kinds of rights four', () => {
  const resources = ['configmaps', 'endpoints', 'events', 'pods', 'secrets', 'services', 'serviceaccounts']
  const told = (count: number) => holds([{ resources: resources.slice(0, count) }], 'shop')
  assert.match(told(5), /^get (\w+, ){4}\w+ in shop$/)
  assert.match(told(6), /^get (\w+, ){5}1 more resource in shop$/)
  assert.match(told(7), /^get (\w+, ){5}2 more resources in shop$/)
  const rights = ['get', 'list', 'watch', 'create', 'delete', 'patch'].map((verb, n) => ({
    resources: [resources[n]!],
    verbs: [verb],
  }))
  assert.equal(holds(rights.slice(0, 4), 'shop').split('; ').length, 4)
  assert.doesNotMatch(holds(rights.slice(0, 4), 'shop'), /more/)
  assert.match(holds(rights.slice(0, 5), 'shop'), /(; \w+ \w+ in shop){3}; and 1 more$/)
  assert.match(holds(rights, 'shop'), /; and 2 more$/)
})

test('where something is allowed is told: one namespace, several, each there is, every one of them', () => {
  const told = (pattern: string) => heldInWords([...heldOf([pattern], ['a', 'b', 'c']).values()], ['a', 'b', 'c'])
  assert.equal(told('get pods in a'), 'get pods in a')
  assert.equal(told('get pods in a,b'), 'get pods in a, b')
  assert.equal(told('get pods in a,b,c'), 'get pods in every namespace there is')
  assert.equal(told('get pods'), 'get pods in every namespace')
  assert.equal(told('get,list nodes'), 'get, list nodes')
  assert.equal(told('get pods x,y in a'), 'get pods "x", "y" in a')
})

test('what is beyond is what the other has not: verbs, names, places', () => {
  const told = (held: string[], other: string[]) =>
    heldInWords(beyond(heldOf(held, namespaces), heldOf(other, namespaces)), namespaces)
  assert.equal(told(['get,list pods in shop'], ['get pods in shop']), 'list pods in shop')
  assert.equal(told(['get pods a,b in shop'], ['get pods b in shop']), 'get pods "a" in shop')
  assert.equal(told(['get pods a in shop'], ['get pods a,b in shop']), '')
  assert.equal(told(['get pods a in shop'], ['get pods in shop']), '')
  assert.equal(told(['get pods in shop'], ['get pods a in shop']), 'get pods in shop')
  assert.equal(told(['get pods in shop,default'], ['get pods in shop']), 'get pods in default')
  assert.equal(told(['get pods a in shop', 'get pods b in shop'], ['get pods a in shop']), 'get pods "b" in shop')
  assert.equal(told(['get pods a in shop', 'get pods b in shop'], ['get pods b in shop']), 'get pods "a" in shop')
  assert.equal(told(['get pods a in shop', 'get pods in shop'], ['get pods a in shop']), 'get pods in shop')
  assert.equal(told(['get pods in shop', 'get pods a in shop'], ['get pods a in shop']), 'get pods in shop')
})

test('what nothing serves yet is held by a star as well', () => {
  const of = (apiGroups: string[], resources: string[]) =>
    heldBy(authorizationOf([{ apiGroups, resources }], 'shop'), jane, namespaces)
  const status = of(['example.com'], ['backups/status'])
  const left = (other: ReturnType<typeof of>) => beyond(status, other).length
  for (const [groups, resources] of [
    [['example.com'], ['backups/status']],
    [['example.com'], ['*/status']],
    [['example.com'], ['*']],
    [['*'], ['backups/status']],
    [['*'], ['*']],
  ])
    assert.equal(left(of(groups!, resources!)), 0, `${groups} ${resources}`)
  assert.equal(left(of(['example.com'], ['backups'])), 1)
  assert.equal(left(of(['example.org'], ['*'])), 1)
})

test('an entry stands for a request, with the first of its names', () => {
  const of = (pattern: string) => requestOf(jane, [...heldOf([pattern], namespaces).values()][0]!)
  assert.deepEqual(of('get pods/log a,b in shop'), {
    ...{ user: jane, verb: 'get', group: '', resource: 'pods', subresource: 'log', namespace: 'shop', name: 'a' },
  })
  assert.equal(of('get deployments.apps in shop').group, 'apps')
  assert.equal(of('get nodes').name, '')
})

test('paths are those of the cluster’s bindings, once each, that not everybody may ask for', () => {
  const rules = [{ nonResourceURLs: ['/metrics', '/healthz'] }, { nonResourceURLs: ['/metrics', '/logs/*'] }]
  assert.deepEqual(pathsOf(authorizationOf(rules), jane), ['/metrics', '/logs/*'])
  assert.deepEqual(pathsOf(authorizationOf(rules, 'shop'), jane), [])
})

test('what lies in namespaces is held in each of them, and across them only listed and watched', () => {
  const keys = (verbs: string[], resource: string) => [
    ...heldBy(authorizationOf([{ resources: [resource], verbs }]), jane, ['shop']).keys(),
  ]
  assert.deepEqual(keys(['get'], 'pods'), ['get pods shop', 'get pods *'])
  assert.deepEqual(keys(['list'], 'pods'), ['list pods ', 'list pods shop', 'list pods *'])
  assert.deepEqual(keys(['get'], 'nodes'), ['get nodes '])
  assert.deepEqual(keys(['list'], 'namespaces'), ['list namespaces '])
  assert.deepEqual(keys(['update'], 'namespaces'), [
    'update namespaces ',
    'update namespaces shop',
    'update namespaces *',
  ])
})

test('what this API server does not serve has the verbs of those that do', () => {
  const verbs = (label: string) =>
    [...heldOf([`* ${label}`], []).values()].filter(({ namespace }) => namespace !== '*').map(({ verb }) => verb)
  const ofObjects = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']
  for (const label of [
    'deviceclasses.resource.k8s.io',
    'resourceslices.resource.k8s.io',
    'apiservices.apiregistration.k8s.io',
    'customresourcedefinitions.apiextensions.k8s.io',
    'mutatingwebhookconfigurations.admissionregistration.k8s.io',
  ])
    assert.deepEqual(verbs(label), ofObjects)
  assert.deepEqual(verbs('apiservices.apiregistration.k8s.io/status'), ['get', 'patch', 'update'])
  assert.deepEqual(verbs('componentstatuses'), ['get', 'list'])
})
