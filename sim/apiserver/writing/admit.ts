/** Admission of a write: plugins that may change it, and plugins that may refuse it. */
import type { Kind } from '../../api/meta/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import type { AdmissionRequest } from '../admission/admission.ts'
import { admissionChain, statusAdmission } from '../admission/chain.ts'
import type { Caller } from '../caller.ts'
import type { WriteParts } from './parts.ts'

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
    warn: (text) => caller.warn(text),
    spend: (ms) => caller.spend?.(ms),
  }
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
