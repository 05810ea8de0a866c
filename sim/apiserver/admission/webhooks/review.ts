/** What a webhook is asked, and what its answer says. Source: k8s.io/apiserver/pkg/admission/plugin/webhook/request/admissionreview.go */
import { decodeBase64Text } from '../../../api/meta/base64.ts'
import { isRecord } from '../../../api/meta/json.ts'
import type { KubeObject } from '../../../api/meta/object.ts'
import type { AdmissionRequest, SentAs } from '../admission.ts'

export interface Status {
  code: number
  reason: string
  message: string
}

export interface ReviewAnswer {
  isAllowed: boolean
  status: Status
  warnings: readonly string[]
  /** Of a mutating webhook: a JSON patch as text; '' for none. */
  patch: string
  patchType: string
}

/** In the first of the versions that the webhook accepts and the server knows. */
export const reviewVersion = (versions: readonly string[]): string | undefined =>
  versions.find((version) => version === 'v1' || version === 'v1beta1')

/** @param servedAs the version that the webhook knows the object in, if it is another one */
export function admissionReview(
  request: AdmissionRequest,
  uid: string,
  version: string,
  servedAs: string | undefined,
): Record<string, unknown> {
  const { kind, subresource, operation, user, isDryRun } = request
  const { kind: requestKind, object, old } = sentAs(request)
  const requestResource = { group: kind.group, version: kind.version, resource: kind.plural }
  const known = servedAs === undefined ? {} : { version: servedAs }
  const typed = (one: object | undefined): object | null =>
    one && servedAs !== undefined ? { ...one, apiVersion: `${kind.group}/${servedAs}` } : (one ?? null)
  const part = (name: string): object => (subresource ? { [name]: subresource } : {})
  const { name, namespace } = placeOf(request)
  return {
    kind: 'AdmissionReview',
    apiVersion: `admission.k8s.io/${version}`,
    request: {
      uid,
      kind: { ...requestKind, ...known },
      resource: { ...requestResource, ...known },
      ...part('subResource'),
      requestKind,
      requestResource,
      ...part('requestSubResource'),
      ...(name ? { name } : {}),
      ...(namespace ? { namespace } : {}),
      operation,
      userInfo: {
        username: user.name,
        ...(user.uid ? { uid: user.uid } : {}),
        groups: user.groups,
        ...(user.extra ? { extra: user.extra } : {}),
      },
      object: typed(object),
      oldObject: typed(old),
      dryRun: isDryRun,
      options: optionsOf(request),
    },
  }
}

function sentAs({ kind, object, old, sentAs }: AdmissionRequest): SentAs {
  if (sentAs) return sentAs
  const typed = (one: KubeObject | undefined) => one && { ...one, apiVersion: kind.apiVersion, kind: kind.kind }
  return {
    kind: { group: kind.group, version: kind.version, kind: kind.kind },
    object: typed(object),
    old: typed(old),
  }
}

/** A name that the server drew is not known to who sent the object; a Namespace is in itself. */
function placeOf({ kind, name, namespace, operation, object }: AdmissionRequest): { name: string; namespace: string } {
  const isDrawn = operation === 'CREATE' && object?.metadata.generateName !== undefined
  return { name: isDrawn ? '' : name, namespace: kind.plural === 'namespaces' && kind.group === '' ? name : namespace }
}

const OPTIONS = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' } as const

const optionsOf = ({ operation, isDryRun }: AdmissionRequest): object | null =>
  operation === 'CONNECT'
    ? null
    : { kind: OPTIONS[operation], apiVersion: 'meta.k8s.io/v1', ...(isDryRun ? { dryRun: ['All'] } : {}) }

/** @throws Error with what is wrong with the answer */
export function readReview(
  answer: Readonly<Record<string, unknown>>,
  uid: string,
  version: string,
  isMutating: boolean,
): ReviewAnswer {
  const { response, kind, apiVersion } = answer
  if (!isRecord(response)) throw new Error('webhook response was absent')
  const patch = typeof response.patch === 'string' ? response.patch : ''
  const patchType = typeof response.patchType === 'string' ? response.patchType : undefined
  if (version === 'v1') {
    const given = typeof response.uid === 'string' ? response.uid : ''
    if (given !== uid) throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(given)}`)
    const [group, own] = String(apiVersion).split('/')
    if (kind !== 'AdmissionReview' || apiVersion !== 'admission.k8s.io/v1')
      throw new Error(
        `expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got ${group}/${own ?? ''}, Kind=${kind}`,
      )
    checkPatch(patch, patchType, isMutating)
  }
  const status = isRecord(response.status) ? response.status : {}
  const text = (value: unknown): string => (typeof value === 'string' ? value : '')
  return {
    isAllowed: response.allowed === true,
    status: { code: Number(status.code) || 0, reason: text(status.reason), message: text(status.message) },
    warnings: Array.isArray(response.warnings) ? response.warnings.map(String) : [],
    patch: isMutating && patch ? (decodeBase64Text(patch) ?? patch) : '',
    patchType: version === 'v1' ? (patchType ?? '') : 'JSONPatch',
  }
}

function checkPatch(patch: string, patchType: string | undefined, isMutating: boolean): void {
  if (!isMutating) {
    if (patch) throw new Error('validating webhook may not return response.patch')
    if (patchType !== undefined) throw new Error('validating webhook may not return response.patchType')
    return
  }
  if (patch && patchType === undefined) throw new Error('webhook returned response.patch but not response.patchType')
  if (!patch && patchType !== undefined) throw new Error('webhook returned response.patchType but not response.patch')
  if (patchType === '') throw new Error('webhook returned invalid response.patchType of ""')
}
