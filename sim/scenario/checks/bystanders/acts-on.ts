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
}

type Spec = {
  podSelector?: LabelSelector
  selector?: LabelSelector
  scaleTargetRef?: { kind: string; name: string }
}

const onPods = ({ podSelector }: Spec, namespace: string, { pods }: ActedOn): string | undefined => {
  const found = pods.find(
    ({ metadata }) => metadata.namespace === namespace && selectorMatches(podSelector, metadata.labels ?? {}),
  )
  return found && `Pod/${found.metadata.name}`
}

/** A budget without a selector has no Pods. */
const onEvictions = ({ selector }: Spec, namespace: string, others: ActedOn): string | undefined =>
  selector && onPods({ podSelector: selector }, namespace, others)

const onNamespace = (_: Spec, namespace: string, { pods }: ActedOn): string | undefined =>
  pods.some(({ metadata }) => metadata.namespace === namespace) ? 'every new Pod beside it' : undefined

const onRequests = (): string => 'requests of everybody'

/** What an object of such a kind acts on that is no part of the work, in words; nothing when there is none. */
const acting: Readonly<Record<string, (spec: Spec, namespace: string, others: ActedOn) => string | undefined>> = {
  NetworkPolicy: onPods,
  PodDisruptionBudget: onEvictions,
  ResourceQuota: onNamespace,
  LimitRange: onNamespace,
  HorizontalPodAutoscaler({ scaleTargetRef }, namespace, others) {
    const { kind = '', name = '' } = scaleTargetRef ?? {}
    return others.has(kind, namespace, name) ? `${kind}/${name}` : undefined
  },
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
  const { spec = {} } = object as KubeObject & { spec?: Spec }
  return acting[kind]?.(spec, object.metadata.namespace ?? '', others)
}
