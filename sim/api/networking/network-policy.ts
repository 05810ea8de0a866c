/** NetworkPolicy, networking.k8s.io/v1. Source: kubernetes/pkg/registry/networking/networkpolicy/strategy.go */
import type { Kind } from '../meta/kind.ts'
import { formatLabelSelector } from '../meta/selector-text.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import { validateNetworkPolicy, validateNetworkPolicyUpdate } from './network-policy-validation.ts'
import type { NetworkPolicy } from './types.ts'

export const networkPolicies: Kind<NetworkPolicy> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  singular: 'networkpolicy',
  shortNames: ['netpol'],
  categories: [],
  isNamespaced: true,
  apiVersion: 'networking.k8s.io/v1',
  schema: 'io.k8s.api.networking.v1.NetworkPolicy',
  applyDefaults,
  prepareForCreate: () => {},
  prepareForUpdate: () => {},
  validate: validateNetworkPolicy,
  validateUpdate: validateNetworkPolicyUpdate,
  hasStatus: false,
  generationOf: ({ spec }) => spec,
  columns: [
    nameColumn,
    column('Pod-Selector', 'string', 'The Pods it is about.', ({ spec }) => formatLabelSelector(spec.podSelector)),
    ageColumn,
  ],
}

/** Source: kubernetes/pkg/apis/networking/v1/defaults.go */
function applyDefaults(policy: NetworkPolicy): void {
  policy.spec ??= {}
  const { spec } = policy
  for (const { ports } of [...(spec.ingress ?? []), ...(spec.egress ?? [])])
    for (const port of ports ?? []) port.protocol ??= 'TCP'
  if (!spec.policyTypes?.length) spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress']
}
