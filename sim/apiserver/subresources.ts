/** Subresources that are posted to: binding a Pod, evicting one, finalizing a Namespace, a token for a ServiceAccount. */
import type { Binding } from '../api/core/binding.ts'
import { namespaces } from '../api/core/namespace.ts'
import { nodes } from '../api/core/node.ts'
import { pods } from '../api/core/pod.ts'
import type { Pod } from '../api/core/pod-types.ts'
import { secrets } from '../api/core/secret.ts'
import { type FieldError, invalid, invalidObject, messageOf, notSupported, required } from '../api/meta/field-error.ts'
import { isRecord } from '../api/meta/json.ts'
import { type Kind, resourceName } from '../api/meta/kind.ts'
import { findCondition, type KubeObject, keyOf, type ObjectKey } from '../api/meta/object.ts'
import { badRequest, conflict, notFound, StatusError } from '../api/meta/status-error.ts'
import { podDisruptionBudgets } from '../api/policy/pod-disruption-budget.ts'
import type { WriteOptions } from '../client/client.ts'
import { topologyLabels } from './admission/pod-topology-labels.ts'
import type { ApiServer } from './api-server.ts'
import type { Caller } from './caller.ts'
import { chargeEviction, decideEviction, markEvicted } from './eviction.ts'
import { apiAudience, type BoundTo, issueToken } from './tokens.ts'
import { checkPreconditions } from './writing/preconditions.ts'

interface SubresourceRequest {
  server: ApiServer
  caller: Caller
  kind: Kind
  key: ObjectKey
  body: unknown
  options: WriteOptions
}

interface Subresource {
  kind: string
  name: string
  /** What authorizers are asked for; `create` unless told. */
  verb?: string
  /** What its body is, for webhooks; without it they are not asked. */
  sentAs?: { apiVersion: string; kind: string }
  create(request: SubresourceRequest): unknown
}

const success = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }

/** A Binding of a Pod by its address; the labels of the node that say where it is become the Pod's, too. */
const binding: Subresource = {
  kind: 'Pod',
  name: 'binding',
  sentAs: { apiVersion: 'v1', kind: 'Binding' },
  create({ server, caller, key, body, options }) {
    const given = body as GivenBinding
    const labels =
      given.target?.kind === 'Node'
        ? topologyLabels(server.stored(nodes, { namespace: '', name: given.target.name ?? '' }))
        : {}
    return bindPod(server, caller, key, given, { labels, dryRun: options.dryRun })
  },
}

/** What is posted: anything of it may be missing. */
type GivenBinding = { metadata?: Partial<Binding['metadata']>; target?: Binding['target'] }

/**
 * Sets spec.nodeName and the PodScheduled condition.
 * Source: kubernetes/pkg/registry/core/pod/storage BindingREST, ValidatePodBinding
 * @param also.labels set besides those of the Binding, over them
 * @throws StatusError
 */
export function bindPod(
  server: ApiServer,
  caller: Caller,
  key: ObjectKey,
  { metadata = {}, target = {} }: GivenBinding,
  { labels = {}, dryRun = false }: { labels?: Record<string, string>; dryRun?: boolean } = {},
): unknown {
  const errors = [
    ...(target.kind && target.kind !== 'Node' ? [notSupported('target.kind', target.kind, ['Node', '<empty>'])] : []),
    ...(target.name ? [] : [required('target.name')]),
  ]
  const [first, ...others] = errors.map(messageOf)
  // No Status is made of them: they are told as something that went wrong inside.
  if (first) throw new StatusError(500, '', others.length > 0 ? `[${[first, ...others].join(', ')}]` : first)
  const bound = (pod: Pod): Pod => {
    checkPreconditions(pods, key, pod, metadata)
    if (pod.metadata.deletionTimestamp)
      throw conflict('pods/binding', key.name, `pod ${key.name} is being deleted, cannot be assigned to a host`)
    if (pod.spec.nodeName) {
      throw conflict('pods/binding', key.name, `pod ${key.name} is already assigned to node "${pod.spec.nodeName}"`)
    }
    if (pod.spec.schedulingGates?.length)
      throw conflict('pods/binding', key.name, `pod ${key.name} has non-empty .spec.schedulingGates`)
    const conditions = (pod.status.conditions ?? []).filter((condition) => condition.type !== 'PodScheduled')
    const former = findCondition(pod.status.conditions, 'PodScheduled')
    // Where room was made for it says nothing any more once it has a node.
    const { nominatedNodeName: _, ...status } = pod.status
    return {
      ...pod,
      metadata: {
        ...pod.metadata,
        ...merged('labels', pod, { ...metadata.labels, ...labels }),
        ...merged('annotations', pod, metadata.annotations),
      },
      spec: { ...pod.spec, nodeName: target.name! },
      status: {
        ...status,
        conditions: [
          ...conditions,
          {
            type: 'PodScheduled',
            status: 'True',
            lastProbeTime: null,
            lastTransitionTime: former?.status === 'True' ? former.lastTransitionTime : server.engine.timestamp(),
            observedGeneration: pod.metadata.generation,
          },
        ],
      },
    }
  }
  const pod = server.stored(pods, key)
  if (!pod) throw notFound('pods', key.name)
  if (dryRun) bound(pod)
  else server.modify(caller, pods, key, 'bind', bound)
  return success
}

const merged = (
  field: 'labels' | 'annotations',
  { metadata }: Pod,
  added: Record<string, string> = {},
): Partial<Pod['metadata']> => (Object.keys(added).length > 0 ? { [field]: { ...metadata[field], ...added } } : {})

/** Deletes the Pod as a voluntary disruption, if its budget lets it. */
const eviction: Subresource = {
  kind: 'Pod',
  name: 'eviction',
  sentAs: { apiVersion: 'policy/v1', kind: 'Eviction' },
  create({ server, caller, key, body, options }) {
    const deleteOptions = isRecord(body) && isRecord(body.deleteOptions) ? body.deleteOptions : {}
    const pod = server.stored(pods, key)
    if (!pod) throw notFound('pods', key.name)
    const decision = decideEviction(pod, server.storedList(podDisruptionBudgets, key.namespace))
    if ('refusal' in decision) throw decision.refusal
    if (options.dryRun) return success
    const now = server.engine.timestamp()
    if (decision.budget)
      server.modify(caller, podDisruptionBudgets, keyOf(decision.budget), 'charge an eviction', (budget) => ({
        ...budget,
        metadata: { ...budget.metadata },
        status: chargeEviction(budget, key.name, now),
      }))
    if (pod.metadata.deletionTimestamp === undefined)
      server.modify(caller, pods, key, 'evict', (found) => markEvicted(found, now))
    server.delete(caller, pods, key, deleteOptions, true)
    return success
  },
}

/** Replaces spec.finalizers, and lets the Namespace go when none is left. */
const finalize: Subresource = {
  kind: 'Namespace',
  name: 'finalize',
  verb: 'update',
  create({ server, caller, key, body }) {
    const spec = isRecord(body) && isRecord(body.spec) ? body.spec : {}
    const finalizers = Array.isArray(spec.finalizers) ? spec.finalizers.map(String) : []
    return server.modify(caller, namespaces, key, 'finalize', (namespace) => ({
      ...namespace,
      metadata: { ...namespace.metadata },
      spec: finalizers.length > 0 ? { finalizers } : {},
    }))
  },
}

/** A token of a ServiceAccount. Source: kubernetes/pkg/registry/core/serviceaccount/storage/token.go */
const token: Subresource = {
  kind: 'ServiceAccount',
  name: 'token',
  sentAs: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest' },
  create({ server, kind, key, body }) {
    const account = server.stored(kind, key)
    if (!account) throw notFound(resourceName(kind), key.name)
    const spec = isRecord(body) && isRecord(body.spec) ? body.spec : {}
    const expirationSeconds = readExpiration(spec.expirationSeconds)
    const errors = tokenErrors(expirationSeconds)
    if (errors.length > 0) throw invalidObject('authentication.k8s.io', 'TokenRequest', '', errors)
    const audiences =
      Array.isArray(spec.audiences) && spec.audiences.length > 0 ? spec.audiences.map(String) : [apiAudience]
    const ref = isRecord(spec.boundObjectRef) ? spec.boundObjectRef : undefined
    const bound = ref ? boundTo(server, key, ref) : {}
    return {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { name: key.name, namespace: key.namespace, creationTimestamp: server.engine.timestamp() },
      spec: { audiences, expirationSeconds, boundObjectRef: ref ?? null },
      status: {
        token: issueToken(server, account, { audiences, expirationSeconds, bound }),
        expirationTimestamp: new Date(server.engine.epochMs + expirationSeconds * 1000)
          .toISOString()
          .replace(/\.\d+Z/, 'Z'),
      },
    }
  },
}

const defaultTokenSeconds = 3600

function readExpiration(seconds: unknown): number {
  if (seconds === undefined || seconds === null) return defaultTokenSeconds
  if (typeof seconds === 'number' && Number.isSafeInteger(seconds)) return seconds
  throw badRequest(
    'TokenRequest in version "v1" cannot be handled as a TokenRequest: spec.expirationSeconds must be a whole number',
  )
}

/** Source: kubernetes/pkg/apis/authentication/validation */
function tokenErrors(expirationSeconds: number): FieldError[] {
  const path = 'spec.expirationSeconds'
  if (expirationSeconds < 600)
    return [invalid(path, expirationSeconds, 'may not specify a duration less than 10 minutes')]
  if (expirationSeconds > 2 ** 32)
    return [invalid(path, expirationSeconds, 'may not specify a duration larger than 2^32 seconds')]
  return []
}

/** Source: kubernetes/pkg/registry/core/serviceaccount/storage/token.go */
function boundTo(server: ApiServer, account: ObjectKey, ref: Record<string, unknown>): BoundTo {
  const { apiVersion = '', kind, name: wanted, uid } = ref
  const group = String(apiVersion).includes('/') ? String(apiVersion).split('/')[0] : ''
  const { namespace } = account
  const name = String(wanted ?? '')
  const find = <T extends KubeObject>(of: Kind<T>): T => {
    const found = server.stored(of, { namespace: of.isNamespaced ? namespace : '', name })
    if (!found) throw notFound(resourceName(of), name)
    if (uid && uid !== found.metadata.uid)
      throw conflict(
        of.kind,
        name,
        `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
      )
    return found
  }
  const named = ({ metadata }: KubeObject) => ({ name: metadata.name, uid: metadata.uid })
  if (group === '' && kind === 'Pod') {
    const pod = find(pods)
    if (pod.spec.serviceAccountName !== account.name)
      throw badRequest(
        `cannot bind token for serviceaccount ${JSON.stringify(account.name)} to pod running with different serviceaccount name.`,
      )
    const { nodeName } = pod.spec
    const node = nodeName ? server.stored(nodes, { namespace: '', name: nodeName }) : undefined
    return { pod: named(pod), ...(node ? { node: named(node) } : {}) }
  }
  if (group === '' && kind === 'Secret') return { secret: named(find(secrets)) }
  if (group === '' && kind === 'Node') return { node: named(find(nodes)) }
  const version = group ? String(apiVersion) : `/${String(apiVersion)}`
  throw badRequest(`cannot bind token to object of type ${version}, Kind=${String(kind ?? '')}`)
}

export const subresources: readonly Subresource[] = [binding, eviction, finalize, token]
