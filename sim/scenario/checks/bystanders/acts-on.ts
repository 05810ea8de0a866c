/** New objects that act on what they do not belong to: they change nothing that is there, and all the same it is not as it was. */
import type { Kind } from '../../../api/meta/kind.ts'
import { selectorMatches } from '../../../api/meta/label-selector.ts'
import type { KubeObject, LabelSelector } from '../../../api/meta/object.ts'

/** What was handed over and is no part of the work. */
export interface ActedOn {
  /** Those that ran then. */
  pods: readonly KubeObject[]
  /** Whether there is such an object among what was handed over. */
  has(kind: string, namespace: string, name: string): boolean
  /** The hosts that Ingresses among it have rules for, '' for any host. */
  hosts: ReadonlySet<string>
}

type Actor = KubeObject & {
  spec?: {
    podSelector?: LabelSelector
    selector?: LabelSelector
    scaleTargetRef?: { kind: string; name: string }
    rules?: { host?: string }[]
  }
  subjects?: Subject[]
}

type Subject = { kind: string; name: string; namespace?: string }

type Acting = (object: Actor, namespace: string, others: ActedOn) => string | undefined

const podOf = (selector: LabelSelector | undefined, namespace: string, { pods }: ActedOn): string | undefined => {
  const found = pods.find(
    ({ metadata }) => metadata.namespace === namespace && selectorMatches(selector, metadata.labels ?? {}),
  )
  return found && `Pod/${found.metadata.name}`
}

const onNamespace: Acting = (_, namespace, { pods }) =>
  pods.some(({ metadata }) => metadata.namespace === namespace) ? 'every new Pod beside it' : undefined

const onRequests: Acting = () => 'requests of everybody'

/** Whoever was there before may do more now. Accounts that somebody made for the work are theirs, by either of their names. */
const onRights: Acting = ({ subjects = [] }, namespace, others) => {
  const found = subjects.find((one) => {
    const account = accountOf(one, namespace)
    return !account || others.has('ServiceAccount', account.namespace, account.name)
  })
  return found && `${found.kind}/${found.name}`
}

/** The ServiceAccount that a subject means: the API server knows one as the user `system:serviceaccount:NAMESPACE:NAME`, too. */
function accountOf({ kind, name, namespace }: Subject, own: string): { namespace: string; name: string } | undefined {
  if (kind === 'ServiceAccount') return { namespace: namespace ?? own, name }
  const [, of, account] = (kind === 'User' && /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name)) || []
  return of && account ? { namespace: of, name: account } : undefined
}

/** What an object of such a kind acts on that is no part of the work, in words; nothing when there is none. */
const acting: Readonly<Record<string, Acting>> = {
  NetworkPolicy: ({ spec }, namespace, others) => podOf(spec?.podSelector, namespace, others),
  // A budget without a selector has no Pods.
  PodDisruptionBudget: ({ spec }, namespace, others) => spec?.selector && podOf(spec.selector, namespace, others),
  ResourceQuota: onNamespace,
  LimitRange: onNamespace,
  HorizontalPodAutoscaler({ spec }, namespace, others) {
    const { kind = '', name = '' } = spec?.scaleTargetRef ?? {}
    return others.has(kind, namespace, name) ? `${kind}/${name}` : undefined
  },
  // The controllers' own have addresses of its Pods; another one has whatever somebody wrote.
  EndpointSlice({ metadata: { labels = {} } }, namespace, others) {
    const name = labels['kubernetes.io/service-name']
    const by = labels['endpointslice.kubernetes.io/managed-by'] ?? ''
    if (name === undefined || /^endpointslice(?:mirroring)?-controller\.k8s\.io$/.test(by)) return undefined
    return others.has('Service', namespace, name) ? `Service/${name}` : undefined
  },
  Ingress({ spec }, _, { hosts }) {
    const host = spec?.rules?.map((rule) => rule.host ?? '').find((name) => hosts.has(name))
    return host === undefined ? undefined : `requests to ${host || 'any host'}`
  },
  RoleBinding: onRights,
  ClusterRoleBinding: onRights,
  ValidatingAdmissionPolicyBinding: onRequests,
  MutatingAdmissionPolicyBinding: onRequests,
  ValidatingWebhookConfiguration: onRequests,
  MutatingWebhookConfiguration: onRequests,
}

/** Of cluster-wide kinds, what makes one the default of everybody. */
const isDefault = (kind: string, object: KubeObject): boolean =>
  (kind === 'PriorityClass' && (object as KubeObject & { globalDefault?: boolean }).globalDefault === true) ||
  ['storageclass.kubernetes.io/is-default-class', 'ingressclass.kubernetes.io/is-default-class'].some(
    (name) => object.metadata.annotations?.[name] === 'true',
  )

const defaults: ReadonlySet<string> = new Set(['PriorityClass', 'StorageClass', 'IngressClass'])

export const mayAct = ({ kind }: Kind): boolean => Object.hasOwn(acting, kind) || defaults.has(kind)

/** @returns what it acts on that is none of its maker's; undefined where there is nothing */
export function actsOn({ kind }: Kind, object: KubeObject, others: ActedOn): string | undefined {
  if (defaults.has(kind)) return isDefault(kind, object) ? 'whatever names no other' : undefined
  return acting[kind]?.(object as Actor, object.metadata.namespace ?? '', others)
}
