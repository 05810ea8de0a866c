/** Who may reach whom by the NetworkPolicies, compared with the paths that should be open. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster } from '../../../sim/cluster.ts'
import { snapshotNow } from '../../../sim/scenario/checks/history.ts'
import { judgeReach } from '../../../sim/scenario/checks/reach.ts'
import type { ReachAssertion } from '../../../sim/scenario/types.ts'

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

test('a mistake of the author is told: no path, no Pods, no port', () => {
  for (const [path, told] of [
    ['shop/app=web to shop/app=api', /a path is FROM -> TO/],
    ['web -> shop/app=api', /Pods are NAMESPACE\/\* or NAMESPACE\/KEY=VALUE/],
    ['shop/* -> * :http', /a port is NUMBER or NUMBER\/UDP, not http/],
  ] as const)
    assert.throws(() => judged('', { exactly: [path] }), told)
})
