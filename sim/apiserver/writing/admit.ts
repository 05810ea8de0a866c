/** Admission of a write: plugins that may change it, and plugins that may refuse it. */
import type { Kind } from '../../api/meta/kind.ts'
import type { KubeObject, ObjectKey } from '../../api/meta/object.ts'
import type { AdmissionRequest, SentAs } from '../admission/admission.ts'
import { admissionChain, statusAdmission } from '../admission/chain.ts'
import { mutatingAdmissionWebhook } from '../admission/webhooks/mutating.ts'
import { validatingAdmissionWebhook } from '../admission/webhooks/validating.ts'
import type { Caller } from '../caller.ts'
import type { WriteParts } from './parts.ts'
import { scaleOf } from './scale-of.ts'

export interface Admitted<T> {
  operation: AdmissionRequest['operation']
  subresource?: string
  object: T | undefined
  old: T | undefined
  dryRun: boolean | undefined
}

export function admissionRequest<T extends KubeObject>(
  caller: Caller,
  kind: Kind<T>,
  { operation, subresource = '', object, old, dryRun = false }: Admitted<T>,
): AdmissionRequest {
  const meta = (object ?? old)!.metadata
  return {
    operation,
    kind: kind as unknown as Kind,
    subresource,
    namespace: meta.namespace ?? '',
    name: meta.name ?? '',
    object,
    old,
    user: caller.user,
    isDryRun: dryRun,
    ...(subresource === 'scale' && kind.scale ? { sentAs: asScales(kind, object, old) } : {}),
    warn: (text) => caller.warn(text),
    spend: (ms) => caller.spend?.(ms),
  }
}

function asScales<T extends KubeObject>(kind: Kind<T>, object: T | undefined, old: T | undefined): SentAs {
  const scale = (one: T | undefined): object | undefined => {
    if (!one) return undefined
    const { name, namespace, uid, resourceVersion, creationTimestamp } = one.metadata
    const metadata = { name, namespace, uid, resourceVersion, creationTimestamp }
    return { kind: 'Scale', apiVersion: 'autoscaling/v1', metadata, ...scaleOf(kind, one) }
  }
  const shown = { group: 'autoscaling', version: 'v1', kind: 'Scale' }
  return { kind: shown, object: scale(object), old: scale(old) }
}

/** A request to a part of an object, whose body is something else. Only webhooks have a say in it. @throws StatusError */
export function admitPart(
  { admission }: Pick<WriteParts, 'admission'>,
  caller: Caller,
  kind: Kind,
  { operation = 'CREATE', key, subresource, sentAs, dryRun = false }: PartRequest,
): void {
  const request: AdmissionRequest = {
    operation,
    kind,
    subresource,
    namespace: key.namespace,
    name: key.name,
    object: undefined,
    old: undefined,
    sentAs,
    user: caller.user,
    isDryRun: dryRun,
    warn: (text) => caller.warn(text),
    spend: (ms) => caller.spend?.(ms),
  }
  mutatingAdmissionWebhook.admit?.(request, admission)
  validatingAdmissionWebhook.validate?.(request, admission)
}

export interface PartRequest {
  /** A CREATE unless told. */
  operation?: 'CREATE' | 'CONNECT'
  key: ObjectKey
  subresource: string
  sentAs: SentAs
  dryRun?: boolean | undefined
}

/** The first pass, which may change the object. @throws StatusError */
export function admit({ admission }: WriteParts, request: AdmissionRequest): void {
  for (const plugin of admissionChain) plugin.admit?.(request, admission)
  if (request.reinvocation !== 'due') return
  request.reinvocation = 'under way'
  for (const plugin of admissionChain) plugin.admit?.(request, admission)
}

/** The first pass of a write to a status. @throws StatusError */
export function admitStatus({ admission }: WriteParts, request: AdmissionRequest): void {
  for (const plugin of statusAdmission) plugin.admit?.(request, admission)
  if (request.reinvocation !== 'due') return
  request.reinvocation = 'under way'
  for (const plugin of statusAdmission) plugin.admit?.(request, admission)
}

/** The second pass of a write to a status. @throws StatusError */
export function validateStatusAdmission({ admission }: WriteParts, request: AdmissionRequest): void {
  for (const plugin of statusAdmission) plugin.validate?.(request, admission)
}

/** The second pass, over what will be stored. @throws StatusError */
export function validateAdmission({ admission }: WriteParts, request: AdmissionRequest): void {
  for (const plugin of admissionChain) plugin.validate?.(request, admission)
}
