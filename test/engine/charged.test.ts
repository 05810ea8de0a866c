/**
 * Loops over lists that a manifest or a line can make long count their steps: about what they cost, before or while they run.
 * Each input here is small; ones that are too much are in test/rest/hostile.test.ts.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configMaps } from '../../sim/api/core/config-map.ts'
import { findUntolerated, nodeMatchesPod } from '../../sim/api/core/pod/node-fit.ts'
import { podSpecWarnings } from '../../sim/api/core/pod/warnings.ts'
import { pods } from '../../sim/api/core/pod.ts'
import type { Pod } from '../../sim/api/core/pod-types.ts'
import type { ResourceQuota } from '../../sim/api/core/policy-types.ts'
import { evaluatorOf } from '../../sim/api/core/resource-quota/usage.ts'
import type { ConfigMap, Node, Service, ServicePort } from '../../sim/api/core/types.ts'
import type { EndpointSlice } from '../../sim/api/discovery/types.ts'
import { compileSelector, selectorMatches } from '../../sim/api/meta/label-selector.ts'
import type { NetworkPolicy } from '../../sim/api/networking/types.ts'
import { planCharges } from '../../sim/apiserver/admission/resource-quota.ts'
import { missingRules } from '../../sim/apiserver/authorization/rules.ts'
import { compileSelection } from '../../sim/apiserver/selection.ts'
import { portIn } from '../../sim/controllers/service-pods.ts'
import { workSpent } from '../../sim/engine/work.ts'
import { parseScenarioFile } from '../../sim/forms.ts'
import { createCluster, runScenario } from '../../sim/index.ts'
import { printEndpoints } from '../../sim/kubectl/describe/service.ts'
import { TablePrinter } from '../../sim/kubectl/printers/table.ts'
import { ruleRows } from '../../sim/kubectl/rules.ts'
import { judgeConnection } from '../../sim/network/policy.ts'
import { printIptables } from '../../sim/network/proxy/iptables.ts'
import { printIpvs } from '../../sim/network/proxy/ipvs.ts'
import { printNftables } from '../../sim/network/proxy/nftables.ts'
import { RuleTable } from '../../sim/network/proxy/rule-table.ts'
import { createRuleCompiler } from '../../sim/network/proxy/rules.ts'
import { UsedPorts } from '../../sim/scheduler/used-ports.ts'
import { keysPayload } from '../../sim/storage/payload.ts'

const some = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n))

const aRule = (size: number, prefix = '') => ({
  apiGroups: some(size, (n) => `${prefix}g${n}`),
  resources: some(size, (n) => `r${n}`),
  verbs: some(size, (n) => `v${n}`),
  resourceNames: some(size, (n) => `n${n}`),
})

/** A Service of ten ports with a hundred endpoints, as a node's kernel knows it. */
function aRuleTable(mode: 'iptables' | 'ipvs' | 'nftables') {
  const table = new RuleTable('node-1', '172.18.0.2', { mode })
  const metadata = { name: 'web', namespace: 'default' }
  const service = {
    metadata,
    spec: { clusterIP: '10.96.1.1', ports: some(10, (n) => ({ name: `p${n}`, port: n + 1 })) },
  }
  const slice = {
    metadata,
    addressType: 'IPv4',
    endpoints: some(100, (n) => ({ addresses: [`10.244.1.${n}`] })),
    ports: service.spec.ports,
  }
  table.set(
    'web',
    createRuleCompiler().rulesOf('web', service as unknown as Service, [slice as unknown as EndpointSlice]),
  )
  return table
}

const aPolicy = (peers: number, excepts: number) =>
  ({
    metadata: { name: 'p', namespace: 'default' },
    spec: {
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [
        { to: some(peers, () => ({ ipBlock: { cidr: '10.0.0.0/8', except: some(excepts, () => '10.1.0.0/16') } })) },
      ],
    },
  }) as unknown as NetworkPolicy

const aConnection = {
  direction: 'Egress',
  subject: { ip: '10.244.1.1', pod: { namespace: 'default', labels: {}, namespaceLabels: {}, ports: [] } },
  other: { ip: '10.2.0.0' },
  port: { protocol: 'TCP', port: 80 },
} as const

const aConfigMap = (n: number): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: `c${n}`, namespace: 'default', uid: '', resourceVersion: '', creationTimestamp: '' },
})

const aTable = {
  isWide: false,
  showsNamespace: false,
  showsLabels: false,
  hasHeaders: true,
  labelColumns: some(100, (n) => `l${n}`),
  namePrefix: '',
}

const aNode = (taints: number, labels = {}) =>
  ({
    metadata: { name: 'node-1', labels },
    spec: { taints: some(taints, (n) => ({ key: `k${n}`, value: 'v', effect: 'NoSchedule' })) },
  }) as unknown as Node
const aPod = (spec: object) => ({ spec }) as unknown as Pod
const tolerations = (count: number, keyOf: (n: number) => string) =>
  some(count, (n) => ({ key: keyOf(n), operator: 'Equal', value: `w${n}`, effect: 'NoSchedule' }))
const ports = (count: number) => some(count, (n) => ({ protocol: 'TCP', port: n, hostIP: '' }))

const cases: { name: string; act: () => void; atLeast: number }[] = [
  {
    name: 'a rule that multiplies out to 10,000, of which none is held',
    act: () => missingRules([], [aRule(10)]),
    atLeast: 10_000,
  },
  {
    name: 'a hundred rules against a hundred that are held',
    act: () =>
      missingRules(
        some(100, () => aRule(2)),
        some(100, () => aRule(3)),
      ),
    atLeast: 100 * 81 * 100,
  },
  ...(['iptables', 'nftables', 'ipvs'] as const).map((mode) => ({
    name: `the rules of ${mode} for ten ports of a hundred endpoints`,
    act: () => {
      const table = aRuleTable(mode)
      const print = { iptables: printIptables, nftables: printNftables, ipvs: printIpvs }[mode]
      print(table, table.rules(), 0)
    },
    atLeast: 10 * 100 * (mode === 'ipvs' ? 20 : 200),
  })),
  {
    name: 'a policy of 500 peers',
    act: () => judgeConnection([aPolicy(500, 0)], aConnection),
    atLeast: 500,
  },
  {
    name: 'a policy of a peer with 500 exceptions',
    act: () => judgeConnection([aPolicy(1, 500)], aConnection),
    atLeast: 500,
  },
  {
    name: 'a hundred label columns of a hundred objects',
    act: () => new TablePrinter(configMaps, aTable, { nowEpochMs: 0 }).rows(some(100, aConfigMap)),
    atLeast: 100 * 100,
  },
  {
    name: 'a label selector of a hundred terms against a hundred objects',
    act: () => {
      const selector = compileSelector(some(100, (n) => `l${n}!=x`).join(','))
      for (const { metadata } of some(100, aConfigMap)) selector.matches(metadata.labels)
    },
    atLeast: 0.8 * 100 * 100,
  },
  {
    name: 'a label with one of a thousand values in a hundred objects',
    act: () => {
      const selector = { matchExpressions: [{ key: 'a', operator: 'In' as const, values: some(1000, String) }] }
      for (let n = 0; n < 100; n++) selectorMatches(selector, { a: 'b' })
    },
    atLeast: (100 * 1000) / 16,
  },
  {
    name: 'a field selector of a hundred terms against a hundred objects',
    act: () => {
      const fieldSelector = some(100, (n) => `metadata.name!=x${n}`).join(',')
      const { matches } = compileSelection(configMaps, { fieldSelector })
      for (const object of some(100, aConfigMap)) matches(object)
    },
    atLeast: 0.5 * 100 * 100,
  },
  {
    name: 'a taint with a thousand tolerations of its key',
    act: () =>
      findUntolerated(aPod({ tolerations: tolerations(1000, () => 'k0') }), aNode(20).spec.taints, 'NoSchedule'),
    atLeast: 1000,
  },
  {
    name: 'a thousand terms of a Pod for a node',
    act: () => {
      const nodeSelectorTerms = some(1000, () => ({ matchExpressions: [{ key: 'a', operator: 'Exists' }] }))
      const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } }
      nodeMatchesPod(aNode(0), aPod({ affinity: { nodeAffinity } }))
    },
    atLeast: 500,
  },
  {
    name: 'a thousand ports of a node against a thousand others',
    act: () => new UsedPorts(ports(1000)).clashWith(some(1000, (n) => ({ protocol: 'UDP', port: n, hostIP: '' }))),
    atLeast: 2000,
  },
  {
    name: 'a volume of a thousand keys',
    act: () =>
      keysPayload(Object.fromEntries(some(1000, (n) => [`k${n}`, 'v'])), { name: 'c', items: [] }, 'configmap', 0),
    atLeast: 1000,
  },
  {
    name: 'a thousand ports of a Service, by name among a thousand of a Pod',
    act: () => {
      const named = some(1000, (n) => ({ name: `p${n}`, containerPort: n + 1, protocol: 'TCP' }))
      const pod = aPod({ containers: [{ ports: named }] })
      for (const { name } of named) portIn(pod, { port: 1, targetPort: name, protocol: 'TCP' } as ServicePort)
    },
    atLeast: (1000 * 1000) / 32,
  },
  {
    name: 'two hundred ports of a Pod that are alike',
    act: () =>
      podSpecWarnings(aPod({ containers: [{ ports: some(200, () => ({ containerPort: 80 })) }] }).spec, 'spec'),
    atLeast: 100 * 200,
  },
  {
    name: 'a thousand resources of a Pod and a quota',
    act: () => {
      const amounts = Object.fromEntries(some(1000, (n) => [`x.com/${n}`, '1']))
      const hard = Object.fromEntries(some(1000, (n) => [`requests.x.com/${n}`, '1']))
      const quota = {
        metadata: { name: 'q' },
        spec: { hard },
        status: { hard, used: hard },
      } as unknown as ResourceQuota
      const pod = {
        ...aPod({ containers: [{ resources: { requests: amounts } }] }),
        metadata: { name: 'p' },
        kind: 'Pod',
      }
      planCharges([quota], evaluatorOf(pods), pod as unknown as Pod, undefined, 0)
    },
    atLeast: 10 * 1000,
  },
  {
    name: 'a thousand endpoints of a port in a description',
    act: () =>
      printEndpoints(
        [
          { ports: [{ port: 1 }], endpoints: some(1000, (n) => ({ addresses: [`${n}`] })) },
        ] as unknown as EndpointSlice[],
        '',
      ),
    atLeast: 1000,
  },
  { name: 'a rule of 10,000 permissions in rows', act: () => ruleRows([aRule(10)]), atLeast: 10_000 },
]

for (const { name, act, atLeast } of cases)
  test(`${name}: at least ${atLeast} steps`, () => {
    const before = workSpent()
    act()
    const steps = workSpent() - before
    assert.ok(steps >= atLeast, `${steps} steps`)
  })

test('a thousand taints with a thousand tolerations are not compared each with each', () => {
  const pod = aPod({ tolerations: tolerations(1000, (n) => `k${999 - n}`).map((one) => ({ ...one, value: 'v' })) })
  const before = workSpent()
  assert.equal(findUntolerated(pod, aNode(1000).spec.taints, 'NoSchedule'), undefined)
  assert.ok(workSpent() - before < 10_000)
})

test('a rule of any size that is held as it is costs no more than its lists', () => {
  const before = workSpent()
  assert.deepEqual(missingRules([aRule(60)], [aRule(60)]), [])
  assert.ok(workSpent() - before < 10_000)
})

/** What a Pod with so many emptyDirs costs until it runs. */
function stepsOfVolumes(count: number): number {
  const cluster = createCluster({ seed: 'charged', shape: { nodes: [{ name: 'node-1' }] } })
  const volumes = some(count, (n) => ({ name: `v${n}`, emptyDir: {} }))
  const volumeMounts = some(count, (n) => ({ name: `v${n}`, mountPath: `/m/${n}` }))
  const containers = [{ name: 'a', image: 'nginx', volumeMounts }]
  const manifest = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { containers, volumes },
  })
  cluster.execute({ op: 'apply', manifest })
  const before = workSpent()
  cluster.advance(20_000)
  assert.match(cluster.execute({ op: 'kubectl', line: 'kubectl get pod p' }).stdout, /1\/1 +Running/)
  return workSpent() - before
}

test('each volume that a kubelet mounts is charged', () => {
  const steps = stepsOfVolumes(501) - stepsOfVolumes(1)
  assert.ok(steps > 500 * 60 + 500 * 250 * 0.5, `${steps} steps`)
})

test('what is kept for the whole process costs whoever comes first no more than those who come later', () => {
  // No other cluster of this process was made at that time, so none has its certificates yet, or this policy.
  const scenario = parseScenarioFile(
    `
name: kept
about: what is kept
start: '2033-03-03T03:03:03Z'
duration: 30
steps:
- at: 0
  apply: |
    apiVersion: admissionregistration.k8s.io/v1
    kind: ValidatingAdmissionPolicy
    metadata: {name: short-names}
    spec:
      matchConstraints:
        resourceRules:
        - {apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}
      variables: [{name: longest, expression: '[3, 9].filter(n, n > 4)[0]'}]
      validations: [{expression: 'object.metadata.name.size() <= variables.longest'}]
    ---
    apiVersion: admissionregistration.k8s.io/v1
    kind: ValidatingAdmissionPolicyBinding
    metadata: {name: short-names}
    spec: {policyName: short-names, validationActions: [Deny]}
- at: 10
  run: kubectl create configmap far-too-long
- at: 11
  run: kubectl run one --image=registry.k8s.io/e2e-test-images/agnhost:2.53 -- netexec --tls-cert-file=/localhost.crt --tls-private-key-file=/localhost.key
`,
    'kept.yaml',
  )
  const run = () => {
    const before = workSpent()
    const { steps: done } = runScenario(scenario)
    return { done, steps: workSpent() - before }
  }
  const first = run()
  assert.match(JSON.stringify(first.done), /short-names.*denied request/)
  assert.deepEqual(run(), first)
})
