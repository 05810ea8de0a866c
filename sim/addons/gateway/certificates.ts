/**
 * The certificates that a listener shows, from the Secrets that it refers to. Pure.
 * Source: sigs.k8s.io/gateway-api v1.6.1, apis/v1/gateway_types.go (ListenerTLSConfig); conformance/tests/gateway-invalid-tls-configuration.go
 */

import type { Secret } from '../../api/core/types.ts'
import { decodeBase64 } from '../../api/meta/base64.ts'
import { chargeText } from '../../engine/work.ts'
import { readPem } from '../../pki/pem.ts'
import { readFirstCertificate } from '../../pki/x509.ts'
import { isGranted } from './references.ts'
import type { ObjectReference, ReferenceGrant } from './types.ts'

export type CertificateReading = { pem: string } | { reason: 'InvalidCertificateRef' | 'RefNotPermitted'; why: string }

export interface SecretLookup {
  grants: readonly ReferenceGrant[]
  secret(namespace: string, name: string): Secret | undefined
}

/** @param namespace of the Gateway */
export function readCertificateRef(
  reference: ObjectReference,
  namespace: string,
  { grants, secret }: SecretLookup,
): CertificateReading {
  const { group = '', kind = 'Secret', name, namespace: elsewhere = namespace } = reference
  const invalid = (why: string): CertificateReading => ({ reason: 'InvalidCertificateRef', why })
  if (group !== '' || kind !== 'Secret') {
    const asked = group === '' ? kind : `${kind}.${group}`
    return invalid(`certificateRefs may refer to a Secret, not to ${asked} ${name}`)
  }
  const to = { group: '', kind: 'Secret', namespace: elsewhere, name }
  if (!isGranted(grants, { from: { kind: 'Gateway', namespace }, to }))
    return {
      reason: 'RefNotPermitted',
      why: `Certificate ref to secret ${elsewhere}/${name} not permitted by any ReferenceGrant`,
    }
  const found = secret(elsewhere, name)
  if (!found) return invalid(`secret ${elsewhere}/${name} does not exist`)
  if (found.type !== 'kubernetes.io/tls') return invalid(`secret ${elsewhere}/${name} is not of type kubernetes.io/tls`)
  const pem = certificateIn(found)
  return pem === undefined ? invalid(`secret ${elsewhere}/${name} holds no certificate with its key`) : { pem }
}

/** Of Secrets as they were read, which are never changed: undefined where one holds none. */
const known = new WeakMap<Secret, { pem: string | undefined }>()

/** The certificate, if its key is there as well. */
function certificateIn(secret: Secret): string | undefined {
  const found = known.get(secret)
  if (found) return found.pem
  const text = textOf(secret, 'tls.crt')
  const hasKey = readPem(textOf(secret, 'tls.key')).some(({ type }) => type.endsWith('PRIVATE KEY'))
  const pem = hasKey && readFirstCertificate(text) ? text : undefined
  known.set(secret, { pem })
  return pem
}

function textOf({ data }: Secret, name: string): string {
  const value = data?.[name] ?? ''
  chargeText(value.length)
  const decoded = decodeBase64(value)
  return 'bytes' in decoded ? new TextDecoder().decode(Uint8Array.from(decoded.bytes)) : ''
}
