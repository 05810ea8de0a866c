/**
 * The Node authorizer: a kubelet may do what kubelets need, for its own Node and what the Pods on it refer to.
 * Source: kubernetes/plugin/pkg/auth/authorizer/node/node_authorizer.go
 */
import { claimOfVolume } from '../../api/core/pod/volume-claims.ts'
import type { Pod, PodSpec } from '../../api/core/pod-types.ts'
import type { UserInfo } from '../../client/client.ts'
import type { Change } from '../../etcd/etcd.ts'
import type { RequestInfo } from '../request.ts'
import { nodeRules } from './default-policy.ts'

const NODE_PREFIX = 'system:node:'
const LEASE_NAMESPACE = 'kube-node-lease'

/** The node that a user is, if it is one. */
export const nodeOfUser = (user: UserInfo): string | undefined =>
  user.groups.includes('system:nodes') && user.name.startsWith(NODE_PREFIX)
    ? user.name.slice(NODE_PREFIX.length)
    : undefined

export interface NodeAuthorizer {
  /** Why the node may not do it ('' when nothing of a node's rules speaks of it); undefined when it may. */
  refusal(node: string, request: RequestInfo): string | undefined
  noteChange(change: Change): void
}

export function createNodeAuthorizer(): NodeAuthorizer {
  const podsOn = new Map<string, Map<string, Pod>>()
  /** The node of each Pod, '' before there is one. */
  const nodeOf = new Map<string, string>()

  function isRelated(node: string, refersTo: (pod: Pod) => boolean): boolean {
    for (const pod of podsOn.get(node)?.values() ?? []) if (refersTo(pod)) return true
    return false
  }

  const noRelation = (node: string): string => `no relationship found between node '${node}' and this object`

  function refusal(node: string, request: RequestInfo): string | undefined {
    const { verb, resource, subresource, namespace, name } = request
    if (request.group === '') {
      switch (resource) {
        case 'secrets':
        case 'configmaps': {
          if (!isRead(verb)) return 'can only read resources of this type'
          if (subresource) return 'cannot read subresource'
          if (!name) return 'No Object name found'
          const kind = resource
          return isRelated(node, (pod) => pod.metadata.namespace === namespace && referencesOf(pod)[kind].has(name))
            ? undefined
            : noRelation(node)
        }
        case 'persistentvolumeclaims':
          return isRelated(node, (pod) => pod.metadata.namespace === namespace && referencesOf(pod).claims.has(name))
            ? nodeRule(request)
            : noRelation(node)
        case 'serviceaccounts':
          if (verb !== 'create' || subresource !== 'token')
            return 'can only create tokens for individual service accounts'
          return isRelated(
            node,
            (pod) => pod.metadata.namespace === namespace && (pod.spec.serviceAccountName ?? 'default') === name,
          )
            ? undefined
            : noRelation(node)
        case 'nodes':
          if (subresource || !isRead(verb) || name === node) return nodeRule(request)
          return `node '${node}' cannot read ${name ? `'${name}'` : 'all nodes'}, only its own Node object`
        case 'pods': {
          if (subresource || !isRead(verb)) return nodeRule(request)
          const selectors = (request.fieldSelector ?? '').replaceAll('==', '=').split(',')
          const isScoped = verb !== 'get' && selectors.includes(`spec.nodeName=${node}`)
          if (isScoped) return undefined
          if (!name) return 'can only list/watch pods with spec.nodeName field selector'
          // Simplified: of a Pod that is not there a node learns that, instead of that it is none of its own.
          const home = nodeOf.get(`${namespace}/${name}`)
          return home === undefined || home === node ? undefined : noRelation(node)
        }
      }
    }
    if (request.group === 'coordination.k8s.io' && resource === 'leases') {
      if (namespace !== LEASE_NAMESPACE) return `can only access leases in the "${LEASE_NAMESPACE}" system namespace`
      if (verb !== 'create' && name !== node)
        return 'can only access node lease with the same name as the requesting node'
    }
    if (request.group === 'storage.k8s.io' && resource === 'csinodes' && verb !== 'create' && name !== node)
      return 'can only access CSINode with the same name as the requesting node'
    return nodeRule(request)
  }

  return {
    refusal,
    noteChange({ bucket, key, type, value, previous }) {
      if (bucket !== 'pods') return
      const pod = value as Pod
      if (type === 'DELETED') nodeOf.delete(key)
      else nodeOf.set(key, pod.spec.nodeName ?? '')
      const node = pod.spec.nodeName ?? (previous as Pod | undefined)?.spec.nodeName
      if (!node) return
      if (type === 'DELETED') {
        podsOn.get(node)?.delete(key)
        return
      }
      let own = podsOn.get(node)
      if (!own) {
        own = new Map()
        podsOn.set(node, own)
      }
      own.set(key, pod)
    },
  }
}

const isRead = (verb: string): boolean => verb === 'get' || verb === 'list' || verb === 'watch'

/** Verbs that a node's rules allow, by `group/resource/subresource`. */
const nodeVerbs = new Map<string, Set<string>>()
for (const { apiGroups = [], resources = [], verbs } of nodeRules)
  for (const group of apiGroups)
    for (const resource of resources) {
      const key = `${group}/${resource}`
      nodeVerbs.set(key, new Set([...(nodeVerbs.get(key) ?? []), ...verbs]))
    }

function nodeRule({ group, resource, subresource, verb }: RequestInfo): string | undefined {
  const key = subresource ? `${group}/${resource}/${subresource}` : `${group}/${resource}`
  return nodeVerbs.get(key)?.has(verb) ? undefined : ''
}

interface References {
  secrets: Set<string>
  configmaps: Set<string>
  claims: Set<string>
}

/** A Pod's references do not change after its creation: they are collected once for each spec. */
const collected = new WeakMap<PodSpec, References>()

function referencesOf({ metadata, spec }: Pod): References {
  let known = collected.get(spec)
  if (!known) {
    known = collect(metadata.name, spec)
    collected.set(spec, known)
  }
  return known
}

function collect(pod: string, spec: PodSpec): References {
  const found: References = { secrets: new Set(), configmaps: new Set(), claims: new Set() }
  for (const { name } of spec.imagePullSecrets ?? []) if (name) found.secrets.add(name)
  for (const volume of spec.volumes ?? []) {
    if (volume.secret?.secretName) found.secrets.add(volume.secret.secretName)
    if (volume.configMap?.name) found.configmaps.add(volume.configMap.name)
    const claim = claimOfVolume({ metadata: { name: pod } }, volume)?.claimName
    if (claim) found.claims.add(claim)
    for (const source of volume.projected?.sources ?? []) {
      if (source.secret?.name) found.secrets.add(source.secret.name)
      if (source.configMap?.name) found.configmaps.add(source.configMap.name)
    }
  }
  for (const container of [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])]) {
    for (const { valueFrom } of container.env ?? []) {
      if (valueFrom?.secretKeyRef?.name) found.secrets.add(valueFrom.secretKeyRef.name)
      if (valueFrom?.configMapKeyRef?.name) found.configmaps.add(valueFrom.configMapKeyRef.name)
    }
    for (const { secretRef, configMapRef } of container.envFrom ?? []) {
      if (secretRef?.name) found.secrets.add(secretRef.name)
      if (configMapRef?.name) found.configmaps.add(configMapRef.name)
    }
  }
  return found
}
