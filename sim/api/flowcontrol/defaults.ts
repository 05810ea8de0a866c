/**
 * The priority levels and flow schemas that the API server makes at its start: the mandatory ones, and those it suggests.
 * Source: k8s.io/apiserver/pkg/apis/flowcontrol/bootstrap/default.go
 */
import type { FlowResourceRule, FlowRule, FlowSchema, FlowSubject, PriorityLevelConfiguration } from './types.ts'

type FlowSpec = FlowSchema['spec']
type LevelSpec = PriorityLevelConfiguration['spec']

/** @param queues of a level whose requests wait; without, they are refused */
const limited = (shares: number, lendablePercent: number, queues?: [queues: number, handSize: number]): LevelSpec => ({
  type: 'Limited',
  limited: {
    nominalConcurrencyShares: shares,
    limitResponse: queues
      ? { type: 'Queue', queuing: { queues: queues[0], handSize: queues[1], queueLengthLimit: 50 } }
      : { type: 'Reject' },
    lendablePercent,
  },
})

const groups = (...names: string[]): FlowSubject[] => names.map((name) => ({ kind: 'Group', group: { name } }))
const users = (...names: string[]): FlowSubject[] => names.map((name) => ({ kind: 'User', user: { name } }))
const account = (name: string): FlowSubject => ({
  kind: 'ServiceAccount',
  serviceAccount: { namespace: 'kube-system', name },
})
const everybody = groups('system:unauthenticated', 'system:authenticated')

const resources = (
  verbs: string[],
  apiGroup: string,
  names: string[],
  namespace: string,
  clusterScope = false,
): FlowResourceRule => ({
  verbs,
  apiGroups: [apiGroup],
  resources: names,
  ...(clusterScope ? { clusterScope } : {}),
  namespaces: [namespace],
})

/** All that these people ask for. */
const allOf = (subjects: FlowSubject[]): FlowRule[] => [
  {
    subjects,
    resourceRules: [resources(['*'], '*', ['*'], '*', true)],
    nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
  },
]

const schema = (level: string, matchingPrecedence: number, method: string, rules: FlowRule[]): FlowSpec => ({
  priorityLevelConfiguration: { name: level },
  matchingPrecedence,
  ...(method ? { distinguisherMethod: { type: method } } : {}),
  rules,
})

const HOLDING = ['get', 'create', 'update']
const HELD_LEASES = resources(HOLDING, 'coordination.k8s.io', ['leases'], '*')

/** Nobody may change them. */
export const mandatoryPriorityLevels: Readonly<Record<string, LevelSpec>> = {
  exempt: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
  'catch-all': limited(5, 0),
}

/** Nobody may change them. */
export const mandatoryFlowSchemas: Readonly<Record<string, FlowSpec>> = {
  exempt: schema('exempt', 1, '', allOf(groups('system:masters'))),
  'catch-all': schema('catch-all', 10_000, 'ByUser', allOf(everybody)),
}

export const bootstrapPriorityLevels: Readonly<Record<string, LevelSpec>> = {
  ...mandatoryPriorityLevels,
  system: limited(30, 33, [64, 6]),
  'node-high': limited(40, 25, [64, 6]),
  'leader-election': limited(10, 0, [16, 4]),
  'workload-high': limited(40, 50, [128, 6]),
  'workload-low': limited(100, 90, [128, 6]),
  'global-default': limited(20, 50, [128, 6]),
}

export const bootstrapFlowSchemas: Readonly<Record<string, FlowSpec>> = {
  ...mandatoryFlowSchemas,
  'system-nodes': schema('system', 500, 'ByUser', allOf(groups('system:nodes'))),
  'system-node-high': schema('node-high', 400, 'ByUser', [
    {
      subjects: groups('system:nodes'),
      resourceRules: [
        resources(['*'], '', ['nodes', 'nodes/status'], '*', true),
        resources(['*'], 'coordination.k8s.io', ['leases'], '*'),
      ],
    },
  ]),
  probes: schema('exempt', 2, '', [
    { subjects: everybody, nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }] },
  ]),
  'system-leader-election': schema('leader-election', 100, 'ByUser', [
    {
      subjects: [...users('system:kube-controller-manager', 'system:kube-scheduler'), account('*')],
      resourceRules: [HELD_LEASES],
    },
  ]),
  'endpoint-controller': schema('workload-high', 150, 'ByUser', [
    {
      subjects: [
        ...users('system:kube-controller-manager'),
        account('endpoint-controller'),
        account('endpointslicemirroring-controller'),
      ],
      resourceRules: [resources(HOLDING, '', ['endpoints'], '*')],
    },
  ]),
  'workload-leader-election': schema('leader-election', 200, 'ByUser', [
    { subjects: [account('*')], resourceRules: [HELD_LEASES] },
  ]),
  'kube-controller-manager': schema(
    'workload-high',
    800,
    'ByNamespace',
    allOf(users('system:kube-controller-manager')),
  ),
  'kube-scheduler': schema('workload-high', 800, 'ByNamespace', allOf(users('system:kube-scheduler'))),
  'kube-system-service-accounts': schema('workload-high', 900, 'ByNamespace', allOf([account('*')])),
  'service-accounts': schema('workload-low', 9000, 'ByUser', allOf(groups('system:serviceaccounts'))),
  'global-default': schema('global-default', 9900, 'ByUser', allOf(everybody)),
}
