/** Who may reach whom by the NetworkPolicies, compared with the paths that should be open. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster } from '../../../sim/cluster.ts'
import { snapshotNow } from '../../../sim/scenario/checks/history.ts'
import { judgeReach } from '../../../sim/scenario/checks/reach.ts'
import type { ReachAssertion } from '../../../sim/scenario/types.ts'
import { snapshotOf, type Written } from './snapshot.ts'

const pod = (name: string, app: string, port: number, namespace = 'shop') => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: ${namespace}, labels: { app: ${app} } }
spec:
  containers: [{ name: main, image: 'nginx:1.27', ports: [{ containerPort: ${port} }] }]
---`
const policy = (name: string, spec: string) => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: shop }
spec: ${spec}
---`
const closed = policy('closed', '{ podSelector: {}, policyTypes: [Ingress, Egress] }')
const webToApi =
  policy(
    'web-out',
    '{ podSelector: { matchLabels: { app: web } }, policyTypes: [Egress], egress: [{ to: [{ podSelector: { matchLabels: { app: api } } }], ports: [{ port: 8080 }] }] }',
  ) +
  policy(
    'api-in',
    '{ podSelector: { matchLabels: { app: api } }, ingress: [{ from: [{ podSelector: { matchLabels: { app: web } } }], ports: [{ port: 8080 }] }] }',
  )
const names = policy(
  'names',
  '{ podSelector: {}, policyTypes: [Egress], egress: [{ to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } } }], ports: [{ port: 53, protocol: UDP }, { port: 53 }] }] }',
)

const paths = ['shop/app=web -> shop/app=api :8080', 'shop/* -> kube-system/* :53/UDP,53']

function judged(manifests: string, assertion: Partial<ReachAssertion> = {}) {
  const cluster = createCluster({ seed: 'reach', shape: { nodes: [{ name: 'node-1' }], namespace: 'shop' } })
  cluster.execute({
    op: 'apply',
    manifest: 'apiVersion: v1\nkind: Namespace\nmetadata: { name: outpost, labels: { team: far } }',
  })
  const pods =
    pod('web', 'web', 80) +
    pod('api', 'api', 8080) +
    pod('store', 'store', 5432) +
    pod('partner', 'partner', 9000, 'outpost')
  const { exit, stderr } = cluster.execute({ op: 'apply', manifest: pods + manifests })
  assert.equal(exit, 0, stderr)
  cluster.advance(5000)
  const ends = { from: ['shop/*'], to: ['shop/*'] }
  const whole = { ...ends, ...('atMost' in assertion ? {} : { exactly: paths }), ...assertion } as ReachAssertion
  return judgeReach(snapshotNow(cluster), whole, 'shop')
}

test('a Pod in the network of its node is told of, since no policy holds for it', () => {
  const ofNode = (namespace: string) =>
    pod('edge', 'edge', 8443, namespace).replace('spec:', 'spec:\n  hostNetwork: true')
  assert.equal(
    judged(closed + webToApi + names + ofNode('shop')).actual,
    'Pod edge uses the network of its node, where no policy holds',
  )
  assert.equal(judged(closed + webToApi + names + ofNode('kube-system')).holds, true)
  assert.equal(judged(closed + webToApi + names + ofNode('outpost')).holds, true)
})

test('a namespace in which only the paths of the statement are open is as it should be', () => {
  assert.deepEqual(judged(closed + webToApi + names), {
    holds: true,
    actual: 'only the paths are open that should be',
    expected: `open are ${paths.join('; ')}`,
  })
})

const more: [what: string, manifest: string, told: RegExp][] = [
  [
    'a second sender',
    policy('more', '{ podSelector: { matchLabels: { app: api } }, ingress: [{ from: [{ podSelector: {} }] }] }') +
      policy('more-out', '{ podSelector: { matchLabels: { app: store } }, policyTypes: [Egress], egress: [{}] }'),
    /Pod store reaches Pod api on port 8080/,
  ],
  [
    'the internet',
    policy(
      'more',
      '{ podSelector: { matchLabels: { app: store } }, policyTypes: [Egress], egress: [{ to: [{ ipBlock: { cidr: 0.0.0.0/0, except: [10.0.0.0/8] } }] }] }',
    ),
    /Pod store reaches 203\.0\.113\.7, outside of the cluster, on port 80, 443, 8443/,
  ],
  [
    'who comes from outside',
    policy(
      'more',
      '{ podSelector: { matchLabels: { app: web } }, ingress: [{ from: [{ ipBlock: { cidr: 192.168.0.0/16 } }] }] }',
    ),
    /192\.168\.77\.7, outside of the cluster, reaches Pod web on port 80/,
  ],
  [
    'whoever has the label, in any namespace that is made later',
    policy(
      'more',
      '{ podSelector: { matchLabels: { app: api } }, ingress: [{ from: [{ namespaceSelector: {}, podSelector: { matchExpressions: [{ key: app, operator: Exists }] } }] }] }',
    ),
    /^Pod outpost\/partner reaches Pod api on port 8080; a new Pod with app=stranger in default reaches Pod api/,
  ],
  [
    'namespaces that get a label one day',
    policy(
      'more',
      '{ podSelector: { matchLabels: { app: api } }, ingress: [{ from: [{ namespaceSelector: { matchLabels: { friend: yes } }, podSelector: { matchLabels: { app: web } } }] }] }'.replace(
        'yes',
        "'yes'",
      ),
    ),
    /^a new Pod with app=web in a namespace made later with friend=yes reaches Pod api on port/,
  ],
  [
    'each of the values that a selector lets in',
    policy(
      'more',
      '{ podSelector: { matchLabels: { app: api } }, ingress: [{ from: [{ podSelector: { matchExpressions: [{ key: app, operator: In, values: [web, admin] }] } }], ports: [{ port: 8080 }] }] }',
    ) + policy('more-out', '{ podSelector: { matchLabels: { app: admin } }, policyTypes: [Egress], egress: [{}] }'),
    /a new Pod with app=admin reaches Pod api on port 8080/,
  ],
  [
    'a port of another namespace besides that of names',
    policy('more', '{ podSelector: {}, policyTypes: [Egress], egress: [{ ports: [{ port: 53, protocol: UDP }] }] }'),
    /reaches a new Pod without labels in default on port 53\/UDP/,
  ],
  [
    'every port in place of one, where another is listened on',
    pod('metrics', 'api', 9100) +
      policy(
        'more',
        '{ podSelector: { matchLabels: { app: api } }, ingress: [{ from: [{ podSelector: { matchLabels: { app: web } } }] }] }',
      ) +
      policy(
        'more-out',
        '{ podSelector: { matchLabels: { app: web } }, policyTypes: [Egress], egress: [{ to: [{ podSelector: { matchLabels: { app: api } } }] }] }',
      ),
    /^Pod web reaches Pod metrics on port 9100$/,
  ],
]
for (const [what, manifest, told] of more)
  test(`more than the paths is told: ${what}`, () => {
    const { holds, actual } = judged(closed + webToApi + names + manifest)
    assert.equal(holds, false)
    assert.match(actual, told)
  })

test('a path that is closed at either end is missing, where it is demanded', () => {
  const half =
    closed +
    names +
    policy(
      'api-in',
      '{ podSelector: { matchLabels: { app: api } }, ingress: [{ from: [{ podSelector: { matchLabels: { app: web } } }] }] }',
    )
  assert.equal(judged(half).actual, 'Pod web does not reach Pod api on port 8080')
  assert.equal(judged(half, { atMost: paths }).holds, true)
})

test('a path from every Pod of a namespace is for those of later too, whatever labels a policy leaves out', () => {
  const spec = (selector: string) =>
    `{ podSelector: ${selector}, policyTypes: [Egress], egress: [{ to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } } }], ports: [{ port: 53, protocol: UDP }, { port: 53 }] }] }`
  const without = policy('names', spec('{ matchExpressions: [{ key: app, operator: NotIn, values: [batch] }] }'))
  assert.match(judged(closed + webToApi + without).actual, /a new Pod with app=batch does not reach the cluster’s DNS/)
  const today = policy('names', spec('{ matchExpressions: [{ key: app, operator: In, values: [web, api, store] }] }'))
  assert.match(judged(closed + webToApi + today).actual, /a new Pod without labels does not reach the cluster’s DNS/)
})

test('only connections of the Pods that are named are looked at', () => {
  assert.equal(judged('', { from: ['shop/app=web'], to: undefined, exactly: ['shop/app=web -> *'] }).holds, true)
  assert.equal(judged('', { from: ['shop/app=api'], to: undefined, exactly: ['shop/app=web -> *'] }).holds, false)
})

test('a path for everybody is for Pods of today, Pods of later and who is outside', () => {
  assert.equal(judged('', { from: undefined, to: ['shop/app=api'], exactly: ['* -> shop/app=api'] }).holds, true)
  assert.match(
    judged('', { from: undefined, to: ['shop/app=api'], exactly: ['outside -> shop/app=api'] }).actual,
    /Pod web reaches Pod api on port 8080/,
  )
})

test('all Pods of a namespace but some are those of today and of later without the label', () => {
  const reports = policy('reports', '{ podSelector: { matchLabels: { tier: reports } }, policyTypes: [Ingress] }')
  const toOthers = { from: undefined, to: ['shop/app!=api'], exactly: ['* -> shop/app!=api'] }
  assert.equal(judged('', toOthers).holds, true)
  const apiAlone = policy('api', '{ podSelector: { matchLabels: { app: api } }, policyTypes: [Ingress] }')
  assert.equal(judged(apiAlone, toOthers).holds, true)
  assert.match(judged(reports, toOthers).actual, /does not reach a new Pod with tier=reports on port/)
  const webOut = policy(
    'web',
    '{ podSelector: { matchLabels: { app: web } }, policyTypes: [Egress], egress: [{ to: [{ namespaceSelector: { matchLabels: { team: far } } }] }] }',
  )
  const fromWeb = { from: ['shop/app=web'], to: undefined, atLeast: ['shop/app=web -> */app!=api'], atMost: ['* -> *'] }
  assert.equal(judged('', fromWeb).holds, true)
  assert.match(judged(webOut, fromWeb).actual, /Pod web does not reach/)
})

test('a mistake of the author is told: no path, no Pods, no port', () => {
  for (const [path, told] of [
    ['shop/app=web to shop/app=api', /a path is FROM -> TO/],
    ['web -> shop/app=api', /Pods are NAMESPACE\/\* or NAMESPACE\/KEY=VALUE/],
    ['shop/* -> * :http', /a port is NUMBER or NUMBER\/UDP, not http/],
  ] as const)
    assert.throws(() => judged('', { exactly: [path] }), told)
})

interface PodRest {
  namespace?: string
  labels?: Record<string, string>
  ports?: object[]
  spec?: object
  status?: object
  metadata?: object
}
const written = (name: string, { namespace, labels = { app: name }, ports, spec, status, metadata }: PodRest = {}) => ({
  kind: 'Pod',
  metadata: { name, labels, ...(namespace ? { namespace } : {}), ...metadata },
  spec: { containers: [{ name: 'main', ports: ports ?? [{ containerPort: 80, protocol: 'TCP' }] }], ...spec },
  status: { phase: 'Running', podIP: `10.244.0.${name.length}`, ...status },
})
const rule = (name: string, spec: object): Written => ({ kind: 'NetworkPolicy', metadata: { name }, spec })
const place = (name: string, labels: object = {}): Written => ({
  kind: 'Namespace',
  metadata: { name, labels: { 'kubernetes.io/metadata.name': name, ...labels } },
})
const denied = rule('denied', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] })
const into = (app: string, ingress: object[]) =>
  rule(`into-${app}`, { podSelector: { matchLabels: { app } }, policyTypes: ['Ingress'], ingress })
const outOf = (app: string, egress: object[]) =>
  rule(`out-of-${app}`, { podSelector: { matchLabels: { app } }, policyTypes: ['Egress'], egress })

/** What is said of these objects, in a cluster of one namespace more than the own one. */
const said = (objects: Written[], assertion: ReachAssertion) =>
  judgeReach(snapshotOf(place('shop'), place('far', { team: 'far' }), ...objects), assertion, 'shop')
/** What may reach the Pods of an app, where nothing should. */
const reaching = (app: string, ...objects: Written[]) =>
  said(objects, { to: [`shop/app=${app}`], atMost: [] }).actual.split('; ')

test('what is expected says whether the paths have to be open or only may be', () => {
  const path = 'shop/app=a -> shop/app=b :80'
  const told = (assertion: ReachAssertion) => said([denied, written('a'), written('b')], assertion)
  const ends = { from: ['shop/*'] }
  assert.deepEqual(told({ ...ends, atMost: [path] }), {
    holds: true,
    actual: 'only the paths are open that should be',
    expected: `open at most ${path}`,
  })
  assert.equal(told({ ...ends, exactly: [path] }).expected, `open are ${path}`)
  const both = told({ ...ends, atLeast: [path], atMost: ['shop/* -> *'] })
  assert.deepEqual(both, {
    holds: false,
    actual: 'Pod a does not reach Pod b on port 80',
    expected: `open are ${path}; shop/* -> *`,
  })
})

test('what has to be open is so for who comes later, and for who is outside, where a path means them', () => {
  const aimed = (matchLabels: object, rest: object): Written => ({
    kind: 'NetworkPolicy',
    metadata: { name: 'p', namespace: 'shop' },
    spec: { podSelector: { matchLabels }, ...rest },
  })
  const told = (path: string, ...policies: Written[]) =>
    said([...policies, written('a'), written('b')], {
      from: ['*'],
      to: ['*'],
      atLeast: [path],
      atMost: ['* -> *'],
    }).actual.split('; ')[0]
  const later = aimed({ app: 'c' }, { policyTypes: ['Ingress'] })
  const open = 'only the paths are open that should be'
  assert.match(told('shop/* -> shop/*', later)!, /^Pod a does not reach a new Pod with app=c on port /)
  assert.match(told('* -> *', later)!, /does not reach a new Pod with app=c on port /)
  assert.equal(told('shop/* -> shop/app=c', later), open)
  const away = aimed({ app: 'a' }, { policyTypes: ['Egress'], egress: [{ to: [{ namespaceSelector: {} }] }] })
  assert.match(told('shop/app=a -> outside', away)!, /^Pod a does not reach \S+, outside of the cluster, on port /)
  assert.equal(told('shop/app=a -> shop/*', away), open)
  const inner = aimed({ app: 'a' }, { policyTypes: ['Ingress'], ingress: [{ from: [{ namespaceSelector: {} }] }] })
  for (const path of ['* -> shop/app=a', 'outside -> shop/app=a'])
    assert.match(told(path, inner)!, /outside of the cluster, does not reach Pod a on port 80$/)
  assert.equal(told('shop/* -> shop/app=a', inner), open)
})

test('ends that are not told leave nothing to look at', () => {
  assert.equal(said([written('a'), written('b')], { atMost: [] }).holds, true)
})

test('a Pod is no path to itself, and what goes on outside is nobody’s', () => {
  const away = { from: ['outside'], atMost: ['outside -> */*'] }
  assert.equal(said([written('a')], away).holds, true)
  const own = { from: ['shop/app=a'], to: ['shop/app=a'], atMost: ['shop/app=a -> *', '* -> shop/app=a'] }
  assert.equal(said([written('a')], own).holds, true)
})

const present: [what: string, rest: PodRest, isThere: boolean][] = [
  ['runs', {}, true],
  ['is about to run', { status: { phase: 'Pending' } }, true],
  ['has no address yet', { status: { podIP: undefined } }, true],
  ['has no phase yet', { status: { phase: undefined } }, true],
  ['has ended', { status: { phase: 'Succeeded' } }, false],
  ['has failed', { status: { phase: 'Failed' } }, false],
  ['is being deleted', { metadata: { deletionTimestamp: 'x' } }, false],
  ['is on the network of its node', { spec: { hostNetwork: true } }, false],
]
for (const [what, rest, isThere] of present)
  test(`a Pod that ${what} is ${isThere ? '' : 'not '}looked at`, () => {
    const { actual } = said([denied, written('a', rest), written('b')], {
      from: ['shop/app=b'],
      atLeast: ['shop/app=b -> shop/app=a'],
      atMost: [],
    })
    assert.equal(actual, isThere ? 'Pod b does not reach Pod a on port 80' : 'only the paths are open that should be')
  })

test('of four ports three are told, and that there is one more; of four pairs as well', () => {
  const ports = [80, 81, 82, 83].map((containerPort) => ({ containerPort, protocol: 'TCP' }))
  const path = { from: ['shop/app=b'], atLeast: ['shop/app=b -> shop/app=a'], atMost: [] }
  const told = (count: number) =>
    said([denied, written('a', { ports: ports.slice(0, count) }), written('b')], path).actual
  assert.equal(told(3), 'Pod b does not reach Pod a on port 80, 81, 82')
  assert.equal(told(4), 'Pod b does not reach Pod a on port 80, 81, 82 and 1 more')
  const pairs = (count: number) => {
    const copies = Array.from({ length: count }, (_, n) => written(`a${n}`, { labels: { app: 'a' } }))
    return said([denied, written('b'), ...copies], path).actual
  }
  const three = [0, 1, 2].map((n) => `Pod b does not reach Pod a${n} on port 80`).join('; ')
  assert.equal(pairs(3), three)
  assert.equal(pairs(4), `${three}; and 1 more path`)
  assert.equal(pairs(5), `${three}; and 2 more paths`)
})

test('a port is one with its protocol', () => {
  const ports = [
    { containerPort: 53, protocol: 'TCP' },
    { containerPort: 53, protocol: 'UDP' },
  ]
  const told = (path: string) =>
    said([denied, written('a', { ports }), written('b')], { from: ['shop/app=b'], atLeast: [path], atMost: [] }).actual
  assert.equal(told('shop/app=b -> shop/app=a :53/UDP'), 'Pod b does not reach Pod a on port 53/UDP')
  assert.equal(told('shop/app=b -> shop/app=a :53'), 'Pod b does not reach Pod a on port 53')
  assert.equal(told('shop/app=b -> shop/app=a :53,53/UDP'), 'Pod b does not reach Pod a on port 53, 53/UDP')
})

test('Pods of other namespaces are told with them, and those that come later with their labels', () => {
  const target = into('a', [{ from: [{ namespaceSelector: { matchLabels: { team: 'far' } } }] }])
  assert.deepEqual(reaching('a', denied, written('a'), written('x', { namespace: 'far' }), target), [
    'Pod far/x reaches Pod a on port 80',
    'a new Pod without labels in far reaches Pod a on port 80',
    'a new Pod with app=stranger in far reaches Pod a on port 80',
    'and 1 more path',
  ])
})

test('a rule that names nobody is for everybody: strangers of any namespace, and who is outside', () => {
  const told = (ingress: object[]) =>
    said([denied, written('a'), into('a', ingress)], {
      to: ['shop/app=a'],
      atMost: ['shop/* -> shop/app=a', 'far/* -> shop/app=a', 'kube-system/* -> shop/app=a'],
    }).actual
  for (const ingress of [[{}], [{ from: [] }]]) {
    assert.match(told(ingress), /^a new Pod without labels in a namespace made later reaches Pod a on port 80; /)
    assert.match(told(ingress), /more paths$/)
  }
  assert.equal(told([]), 'only the paths are open that should be')
})

test('addresses of a range: the first of it, those of Pods that come later, and none that is left out', () => {
  const ranges = (cidr: string, except?: string[]) => [{ from: [{ ipBlock: { cidr, ...(except ? { except } : {}) } }] }]
  const told = (cidr: string, except?: string[]) =>
    reaching('a', denied, written('a'), into('a', ranges(cidr, except))).map((text) => text.replace(/ reaches .*/, ''))
  assert.deepEqual(told('198.51.100.0/24'), ['198.51.100.1, outside of the cluster,'])
  assert.deepEqual(told('2001:db8::/32'), ['only the paths are open that should be'])
  assert.deepEqual(told('192.168.0.0/16', ['192.168.77.0/24']), ['192.168.0.1, outside of the cluster,'])
  assert.equal(told('10.244.0.0/16')[0], 'a new Pod without labels in far')
  // Addresses of Services are behind those of Pods, and nobody’s outside.
  assert.deepEqual(told('10.96.0.0/24'), ['the cluster’s DNS'])
})

test('both ends of a range of ports are tried, and one between them', () => {
  const open = (ports: object[]) => outOf('b', [{ to: [{ podSelector: { matchLabels: { app: 'c' } } }], ports }])
  const told = (ports: object[]) =>
    said([denied, written('b'), open(ports), into('c', [{}])], { from: ['shop/app=b'], atMost: [] }).actual
  assert.equal(told([{ port: 8000, endPort: 8010 }]), 'Pod b reaches a new Pod with app=c on port 8000, 8010, 8005')
  assert.equal(told([{ port: 8000 }]), 'Pod b reaches a new Pod with app=c on port 8000')
  assert.equal(told([{ port: 53, protocol: 'UDP' }]), 'Pod b reaches a new Pod with app=c on port 53/UDP')
})

test('a port that a policy calls by name is that of present Pods, and of Pods that come later one of the same number, or any where none has the name', () => {
  const open = outOf('b', [{ to: [{ podSelector: { matchLabels: { app: 'c' } } }], ports: [{ port: 'http' }] }])
  const reached = (...more: Written[]) =>
    said([denied, written('b'), open, into('c', [{}]), ...more], { from: ['shop/app=b'], atMost: [] }).actual
  assert.equal(reached(), 'Pod b reaches a new Pod with app=c on port 8443')
  const called = [{ name: 'http', containerPort: 8080, protocol: 'TCP' }]
  assert.equal(reached(written('other', { ports: called })), 'Pod b reaches a new Pod with app=c on port 8080')
})

const closedIn = rule('closed', { podSelector: {}, policyTypes: ['Ingress'] })
/** Which Pods that come later in the own namespace reach one that lets in the Pods of a selector. */
const newcomers = (podSelector: object, ...present: Written[]) =>
  said([closedIn, written('a'), ...present, into('a', [{ from: [{ podSelector }] }])], {
    to: ['shop/app=a'],
    atMost: ['shop/app=present -> *'],
  })
    .actual.split('; ')
    .map((text) => text.replace(/^a new Pod | reaches .*/g, ''))

const team = (operator: string, ...values: string[]) => ({
  matchExpressions: [{ key: 'team', operator, ...(values.length > 0 ? { values } : {}) }],
})
const selectors: [what: string, selector: object, told: string[]][] = [
  ['one label', { matchLabels: { team: 'x' } }, ['with team=x']],
  ['two labels', { matchLabels: { team: 'x', role: 'y' } }, ['with team=x, role=y']],
  ['values that are let in', team('In', 'x', 'y'), ['with team=x', 'with team=y']],
  ['any value', team('Exists'), ['with team=stranger']],
  ['any value beside a label', { matchLabels: { r: 'y' }, ...team('Exists') }, ['with r=y, team=stranger']],
  // A second Pod like the one that is there reaches it as well.
  ['a label that is absent', team('DoesNotExist'), ['Pod a', 'without labels', 'with app=stranger']],
  ['values that are left out', team('NotIn', 'x'), ['Pod a', 'without labels', 'with app=stranger']],
  [
    'values beside an absence',
    { matchExpressions: [...team('In', 'x').matchExpressions, { key: 'role', operator: 'DoesNotExist' }] },
    ['with team=x'],
  ],
]
for (const [what, selector, told] of selectors)
  test(`Pods that come later are tried with what a selector lets in: ${what}`, () =>
    assert.deepEqual(newcomers(selector), told))

test('where a Pod with such labels is there, it is tried in place of one that may come', () => {
  const there = written('p', { labels: { app: 'present', team: 'x' } })
  assert.deepEqual(newcomers(team('In', 'x', 'y'), there), ['with team=y'])
  assert.deepEqual(newcomers(team('In', 'x'), there), ['only the paths are open that should be'])
})

/** Which namespaces of later may send. */
const laterPlaces = (namespaceSelector: object) =>
  said([closedIn, written('a'), into('a', [{ from: [{ namespaceSelector }] }])], {
    to: ['shop/app=a'],
    atMost: ['shop/* -> *', 'far/* -> *', 'kube-system/* -> *'],
  })
    .actual.split('; ')
    .map((text) => text.replace(/^a new Pod (without labels|with \S+)| reaches .*/g, ''))

test('namespaces that are made later are tried, with labels that a policy asks for and under names that nobody has', () => {
  const named = (name: string) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } })
  const nobody = ['only the paths are open that should be']
  assert.equal(laterPlaces({})[0], ' in a namespace made later')
  assert.equal(laterPlaces({ matchLabels: { team: 'new' } })[0], ' in a namespace made later with team=new')
  assert.equal(laterPlaces(named('new'))[0], ' in a namespace made later')
  assert.deepEqual(laterPlaces({ matchLabels: { team: 'far' } }), nobody)
  assert.deepEqual(laterPlaces(named('far')), nobody)
  // A namespace called so is there, and has another label.
  assert.deepEqual(laterPlaces({ matchLabels: { ...named('far').matchLabels, team: 'new' } }), nobody)
})

test('where values are too many to be combined, each of them is tried', () => {
  const { matchExpressions } = team('In', 'x', 'intern')
  const many = { key: 'v', operator: 'In', values: Array.from({ length: 32 }, (_, n) => `v${n}`) }
  const present = Array.from({ length: 32 }, (_, n) =>
    written(`p${n}`, { labels: { app: 'present', team: 'x', v: `v${n}` } }),
  )
  assert.deepEqual(newcomers({ matchExpressions: [...matchExpressions, many] }, ...present), ['with team=intern, v=v0'])
})

test('a Pod that two policies leave out for different labels is tried', () => {
  const closedBut = (name: string, key: string) =>
    rule(name, { podSelector: { matchExpressions: [{ key, operator: 'DoesNotExist' }] }, policyTypes: ['Ingress'] })
  const told = (...rules: Written[]) =>
    said([written('b'), ...rules], { from: ['shop/app=b'], to: ['shop/*'], atMost: ['shop/* -> kube-system/*'] }).actual
  assert.equal(told(closedIn, outOf('b', [{}])).includes('legacy'), false)
  assert.match(
    told(closedBut('one', 'legacy'), closedBut('two', 'trusted')),
    /Pod b reaches a new Pod with legacy=stranger, trusted=stranger on port/,
  )
})

test('one address is tried, and what is left of a range; and Pods that get an address of a range', () => {
  const told = (ipBlock: object) =>
    reaching('a', denied, written('a'), into('a', [{ from: [{ ipBlock }] }])).map((text) =>
      text.replace(/ reaches .*/, ''),
    )
  assert.deepEqual(told({ cidr: '198.51.100.7/32' }), ['198.51.100.7, outside of the cluster,'])
  assert.deepEqual(
    told({ cidr: '198.51.100.0/24', except: ['198.51.100.0/25', '198.51.100.129/32', '198.51.100.255/32'] }),
    ['198.51.100.128, outside of the cluster,'],
  )
  assert.deepEqual(told({ cidr: '10.244.2.0/23' }), ['a new Pod that gets the address 10.244.2.1'])
  assert.deepEqual(told({ cidr: '10.244.2.0/24', except: ['10.244.2.0/24'] }), [
    'only the paths are open that should be',
  ])
})

test('a path that is open on one port is not open on others of a Pod that comes later', () => {
  const target = into('a', [{ from: [{ podSelector: { matchLabels: { app: 'b' } } }] }])
  const path = { to: ['shop/app=a'], exactly: ['shop/app=b -> shop/app=a :80'] }
  const { holds, actual } = said([closedIn, written('a'), written('b'), target], path)
  assert.equal(holds, false)
  assert.match(actual, /^Pod b reaches a new Pod with app=a on port /)
})
