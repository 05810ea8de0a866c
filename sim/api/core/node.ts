/** Node, core/v1. Source: kubernetes/pkg/registry/core/node/strategy.go */

import type { Kind } from '../meta/kind.ts'
import { findCondition } from '../meta/object.ts'
import { canonicalResources } from '../meta/quantity.ts'
import { ageColumn, column, nameColumn, orNone } from '../meta/table.ts'
import { validateNode, validateNodeUpdate } from './node-validation.ts'
import type { Node } from './types.ts'

const ROLE_PREFIX = 'node-role.kubernetes.io/'

export const nodes: Kind<Node> = {
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  singular: 'node',
  shortNames: ['no'],
  categories: [],
  isNamespaced: false,
  apiVersion: 'v1',
  schema: 'io.k8s.api.core.v1.Node',
  applyDefaults: (node) => {
    node.spec ??= {}
    node.status ??= {}
    // One is told in two fields, of which the older one counts. Source: pkg/apis/core/v1/conversion.go
    const { podCIDR, podCIDRs = [] } = node.spec
    if (podCIDR && podCIDRs[0] !== podCIDR) node.spec.podCIDRs = [podCIDR]
    else if (podCIDRs.length > 0) node.spec.podCIDR = podCIDRs[0]
    for (const field of ['capacity', 'allocatable'] as const) {
      const resources = node.status[field]
      if (!resources) continue
      const canonical = canonicalResources(resources)
      if (canonical !== resources) node.status[field] = canonical
    }
    if (node.status.capacity) node.status.allocatable ??= { ...node.status.capacity }
  },
  // A kubelet registers its node with its status: it is kept.
  prepareForCreate: () => {},
  prepareForUpdate: (node, old) => {
    node.status = old.status
  },
  prepareForStatusUpdate: (node, old) => {
    node.spec = old.spec
  },
  validate: validateNode,
  validateUpdate: (node, old) => [...validateNode(node), ...validateNodeUpdate(node, old)],
  validateStatusUpdate: validateNodeUpdate,
  hasStatus: true,
  columns: [
    nameColumn,
    column(
      'Status',
      'string',
      'Whether the node is ready, and whether new Pods are kept away from it.',
      nodeStatusText,
    ),
    column('Roles', 'string', 'The roles that its labels give the node.', (node) => orNone(nodeRoles(node).join(','))),
    ageColumn,
    column('Version', 'string', "The kubelet's version.", (node) => node.status?.nodeInfo?.kubeletVersion ?? ''),
    column('Internal-IP', 'string', 'Its address inside the cluster.', (node) => addressOf(node, 'InternalIP'), 'wide'),
    column(
      'External-IP',
      'string',
      'Its address outside the cluster.',
      (node) => addressOf(node, 'ExternalIP'),
      'wide',
    ),
    column('OS-Image', 'string', 'The operating system.', (node) => infoOf(node, 'osImage'), 'wide'),
    column('Kernel-Version', 'string', 'The kernel.', (node) => infoOf(node, 'kernelVersion'), 'wide'),
    column(
      'Container-Runtime',
      'string',
      'The container runtime.',
      (node) => infoOf(node, 'containerRuntimeVersion'),
      'wide',
    ),
  ],
  selectableFields: (node) => ({ 'spec.unschedulable': String(node.spec.unschedulable ?? false) }),
}

function nodeStatusText(node: Node): string {
  const ready = findCondition(node.status?.conditions, 'Ready')
  const health = !ready ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'
  return node.spec?.unschedulable ? `${health},SchedulingDisabled` : health
}

/** The node's roles, sorted: what its labels `node-role.kubernetes.io/<role>` and `kubernetes.io/role` say. */
function nodeRoles(node: Node): string[] {
  const roles = new Set<string>()
  for (const [key, value] of Object.entries(node.metadata.labels ?? {})) {
    if (key.startsWith(ROLE_PREFIX) && key.length > ROLE_PREFIX.length) roles.add(key.slice(ROLE_PREFIX.length))
    else if (key === 'kubernetes.io/role' && value) roles.add(value)
  }
  return [...roles].sort()
}

const addressOf = (node: Node, type: string): string =>
  orNone(node.status?.addresses?.find((address) => address.type === type)?.address)

const infoOf = (node: Node, field: string): string => node.status?.nodeInfo?.[field] || '<unknown>'
