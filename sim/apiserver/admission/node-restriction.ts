/**
 * NodeRestriction: a kubelet changes its own Node and the Pods on it, and of its Node neither taints nor the labels that steer Pods.
 * Source: kubernetes/plugin/pkg/admission/noderestriction.
 * Simplified: the labels that a node registers with are taken, since a node's shape stands for its administrator as well.
 */
import { leases } from '../../api/coordination/lease.ts'
import { nodes } from '../../api/core/node.ts'
import { apiReference } from '../../api/core/pod/api-references.ts'
import { pods } from '../../api/core/pod.ts'
import type { Pod } from '../../api/core/pod-types.ts'
import type { Node } from '../../api/core/types.ts'
import { equalJson } from '../../api/meta/json.ts'
import { forbidden, notFound } from '../../api/meta/status-error.ts'
import { nodeOfUser } from '../authorization/node.ts'
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from './admission.ts'

export const nodeRestriction: AdmissionPlugin = {
  name: 'NodeRestriction',
  admit(request, context) {
    const { kind } = request
    if (kind !== pods && kind !== nodes && kind !== leases) return
    const node = nodeOfUser(request.user)
    if (node === undefined) return
    const refusal =
      kind === pods
        ? request.subresource === 'status'
          ? podStatusRefusal(request, node)
          : podRefusal(request, node, context)
        : kind === nodes
          ? nodeRefusal(request, node)
          : leaseRefusal(request, node)
    if (refusal) throw forbidden(kind === leases ? 'leases.coordination.k8s.io' : kind.plural, request.name, refusal)
  },
}

const MIRROR = 'kubernetes.io/config.mirror'

function podRefusal(
  { operation, object, old }: AdmissionRequest,
  node: string,
  context: AdmissionContext,
): string | undefined {
  if (operation === 'DELETE')
    return (old as Pod).spec.nodeName === node
      ? undefined
      : `node "${node}" can only delete pods with spec.nodeName set to itself`
  if (operation === 'UPDATE')
    return `unexpected operation "UPDATE", node "${node}" can only create and delete mirror pods`
  const { metadata, spec } = object as Pod
  if (metadata.annotations?.[MIRROR] === undefined)
    return `pod does not have "${MIRROR}" annotation, node "${node}" can only create mirror pods`
  const only = `node "${node}" can only create pods with`
  if (spec.nodeName !== node) return `${only} spec.nodeName set to itself`
  const { ownerReferences = [] } = metadata
  if (ownerReferences.length > 1) return `${only} a single owner reference set to itself`
  const [owner] = ownerReferences
  if (owner?.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== node)
    return `${only} an owner reference set to itself`
  if (!owner.controller) return `${only} a controller owner reference set to itself`
  if (owner.blockOwnerDeletion) return `node "${node}" must not set blockOwnerDeletion on an owner reference`
  const self = context.find(nodes, { namespace: '', name: node })
  if (!self) throw notFound('node', node)
  if (owner.uid !== self.metadata.uid)
    return `node ${node} UID mismatch: expected ${owner.uid} got ${self.metadata.uid}`
  const reference = apiReference(object as Pod)
  return reference && `node "${node}" can not create pods that reference ${reference}`
}

function podStatusRefusal({ object, old }: AdmissionRequest, node: string): string | undefined {
  const { metadata, spec } = old as Pod
  if (spec.nodeName !== node)
    return `node "${node}" can only update pod status for pods with spec.nodeName set to itself`
  return equalJson(object?.metadata.labels ?? {}, metadata.labels ?? {})
    ? undefined
    : `node "${node}" cannot update labels through pod status`
}

function nodeRefusal(request: AdmissionRequest, node: string): string | undefined {
  const { name, operation, subresource } = request
  if (name !== node) return `node "${node}" is not allowed to modify node "${name}"`
  if (operation !== 'UPDATE') return undefined
  const object = request.object as Node
  const old = request.old as Node
  if (!subresource && !equalJson(object.spec.taints ?? [], old.spec.taints ?? []))
    return `node "${node}" is not allowed to modify taints`
  const labels = object.metadata.labels ?? {}
  const before = old.metadata.labels ?? {}
  const changed = Object.keys({ ...labels, ...before }).filter((key) => labels[key] !== before[key])
  const denied = changed.filter(isKeptFromNodes).sort()
  return denied.length > 0 ? `is not allowed to modify labels: ${denied.join(', ')}` : undefined
}

function leaseRefusal({ namespace, name }: AdmissionRequest, node: string): string | undefined {
  if (namespace !== 'kube-node-lease') return 'can only access leases in the "kube-node-lease" system namespace'
  return name === node ? undefined : 'can only access node lease with the same name as the requesting node'
}

/** Labels of Kubernetes' own that kubelets may write. Source: kubernetes/pkg/kubelet/apis/well_known_labels.go */
const KUBELET_LABELS: readonly string[] = [
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
]

function isKeptFromNodes(label: string): boolean {
  const slash = label.indexOf('/')
  const namespace = slash < 0 ? '' : label.slice(0, slash)
  const isIn = (domain: string): boolean => namespace === domain || namespace.endsWith(`.${domain}`)
  if (isIn('node-restriction.kubernetes.io')) return true
  if (!isIn('kubernetes.io') && !isIn('k8s.io')) return false
  return !KUBELET_LABELS.includes(label) && !isIn('kubelet.kubernetes.io') && !isIn('node.kubernetes.io')
}
