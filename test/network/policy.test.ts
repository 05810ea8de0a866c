import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NetworkPolicy } from '../../sim/api/networking/types.ts'
import { createCluster } from '../../sim/index.ts'
import { type Connection, judgeConnection, type PeerFacts } from '../../sim/network/policy.ts'

const aPolicy = (name: string, spec: NetworkPolicy['spec'], namespace = 'ns'): NetworkPolicy => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace, uid: name, resourceVersion: '1', creationTimestamp: '' },
  spec,
})
const aPod = (labels: Record<string, string>, namespace = 'ns', team = 'a'): PeerFacts => ({
  ip: '10.244.0.5',
  pod: {
    namespace,
    labels,
    namespaceLabels: { team },
    ports: [{ name: 'http', protocol: 'TCP', containerPort: 8080 }],
  },
})
const web = aPod({ app: 'web' })
const client = aPod({ app: 'client' })
const to = (port: number, other: PeerFacts = client, protocol: 'TCP' | 'UDP' = 'TCP'): Connection => ({
  direction: 'Ingress',
  subject: web,
  other,
  port: { protocol, port },
})
const from = (other: PeerFacts, port = 80): Connection => ({ ...to(port, other), direction: 'Egress' })
const onWeb = { matchLabels: { app: 'web' } }
const deny = aPolicy('deny', { podSelector: {}, policyTypes: ['Ingress'] })
const allow = (ingress: NetworkPolicy['spec']['ingress']): NetworkPolicy =>
  aPolicy('allow', { podSelector: onWeb, policyTypes: ['Ingress'], ingress })

const cases: { name: string; policies: NetworkPolicy[]; connection: Connection; want: string[] | undefined }[] = [
  { name: 'without policies everything passes', policies: [], connection: to(80), want: undefined },
  {
    name: 'a policy of another Pod means nothing',
    policies: [aPolicy('p', { podSelector: { matchLabels: { app: 'db' } }, policyTypes: ['Ingress'] })],
    connection: to(80),
    want: undefined,
  },
  {
    name: 'a policy of another namespace means nothing',
    policies: [aPolicy('p', { podSelector: {}, policyTypes: ['Ingress'] }, 'other')],
    connection: to(80),
    want: undefined,
  },
  { name: 'a selected Pod lets nothing in', policies: [deny], connection: to(80), want: ['deny'] },
  { name: 'a policy of ingress leaves egress alone', policies: [deny], connection: from(client), want: undefined },
  {
    name: 'policies add up',
    policies: [deny, allow([{ from: [{ podSelector: { matchLabels: { app: 'client' } } }] }])],
    connection: to(80),
    want: undefined,
  },
  {
    name: 'an empty rule allows everything',
    policies: [deny, allow([{}])],
    connection: to(80, { ip: '1.2.3.4' }),
    want: undefined,
  },
  {
    name: 'a Pod selector means Pods of the same namespace',
    policies: [allow([{ from: [{ podSelector: {} }] }])],
    connection: to(80, aPod({ app: 'client' }, 'other')),
    want: ['allow'],
  },
  {
    name: 'a namespace selector means all Pods of those namespaces',
    policies: [allow([{ from: [{ namespaceSelector: { matchLabels: { team: 'b' } } }] }])],
    connection: to(80, aPod({}, 'other', 'b')),
    want: undefined,
  },
  {
    name: 'both selectors in one peer have to match',
    policies: [allow([{ from: [{ namespaceSelector: {}, podSelector: onWeb }] }])],
    connection: to(80, aPod({ app: 'client' }, 'other')),
    want: ['allow'],
  },
  {
    name: 'in two peers one is enough',
    policies: [allow([{ from: [{ namespaceSelector: {} }, { podSelector: onWeb }] }])],
    connection: to(80, aPod({ app: 'client' }, 'other')),
    want: undefined,
  },
  {
    name: 'a block holds addresses',
    policies: [allow([{ from: [{ ipBlock: { cidr: '203.0.113.0/24' } }] }])],
    connection: to(80, { ip: '203.0.113.10' }),
    want: undefined,
  },
  {
    name: 'but for its exceptions',
    policies: [allow([{ from: [{ ipBlock: { cidr: '203.0.113.0/24', except: ['203.0.113.8/29'] } }] }])],
    connection: to(80, { ip: '203.0.113.10' }),
    want: ['allow'],
  },
  { name: 'a port is allowed', policies: [allow([{ ports: [{ port: 80 }] }])], connection: to(80), want: undefined },
  { name: 'and no other', policies: [allow([{ ports: [{ port: 80 }] }])], connection: to(81), want: ['allow'] },
  {
    name: 'a range of ports',
    policies: [allow([{ ports: [{ port: 80, endPort: 90 }] }])],
    connection: to(90),
    want: undefined,
  },
  {
    name: 'a port by its name',
    policies: [allow([{ ports: [{ port: 'http' }] }])],
    connection: to(8080),
    want: undefined,
  },
  {
    name: 'a name that the Pod does not have',
    policies: [allow([{ ports: [{ port: 'https' }] }])],
    connection: to(8080),
    want: ['allow'],
  },
  {
    name: 'a port of the other protocol',
    policies: [allow([{ ports: [{ port: 53, protocol: 'UDP' }] }])],
    connection: to(53),
    want: ['allow'],
  },
  {
    name: 'no egress at all',
    policies: [aPolicy('out', { podSelector: {}, policyTypes: ['Egress'] })],
    connection: from({ ip: '8.8.8.8' }),
    want: ['out'],
  },
  {
    name: 'egress to a named port of the Pod that is reached',
    policies: [aPolicy('out', { podSelector: {}, policyTypes: ['Egress'], egress: [{ ports: [{ port: 'http' }] }] })],
    connection: from(client, 8080),
    want: undefined,
  },
]
for (const { name, policies, connection, want } of cases)
  test(`judgeConnection: ${name}`, () => {
    const { isolating, allowing } = judgeConnection(policies, connection)
    const denying = isolating.length > 0 && allowing.length === 0 ? isolating : undefined
    assert.deepEqual(
      denying?.map(({ metadata }) => metadata.name),
      want,
    )
  })

const denyAll =
  '{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"deny"},"spec":{"podSelector":{},"policyTypes":["Ingress"]}}'

for (const { networkPolicies, outcome } of [
  { networkPolicies: true, outcome: 'timeout' },
  { networkPolicies: false, outcome: 'reached' },
])
  test(`a network ${networkPolicies ? 'with' : 'without'} support for policies: ${outcome}`, () => {
    const cluster = createCluster({ seed: 'np', shape: { nodes: [{ name: 'n1' }], networkPolicies } })
    cluster.execute({ op: 'kubectl', line: 'kubectl run web --image=nginx:1.27' })
    cluster.execute({ op: 'kubectl', line: 'kubectl run client --image=busybox:1.36 -- sleep 1000' })
    cluster.execute({ op: 'apply', manifest: denyAll })
    cluster.advance(5000)
    const pod = (name: string) => cluster.network.sandbox({ namespace: 'default', name })!
    const target = { host: pod('web').ip, port: 80 }
    const walk = cluster.network.walk(pod('client'), target)
    assert.equal(walk.outcome, outcome)
    if (networkPolicies)
      assert.equal(
        walk.hops.at(-1)?.did,
        'NetworkPolicy default/deny allows no ingress from Pod default/client on n1 on port 80: dropped',
      )
    // A kubelet always reaches the Pods of its node.
    assert.equal(cluster.network.walk(cluster.network.node('n1'), target).outcome, 'reached')
  })
