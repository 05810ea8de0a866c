/** A PKCS#10 request: who asks for a certificate of which key. Source: RFC 2986, kubernetes/pkg/apis/certificates/helpers.go ParseCSR */
import { decodeBase64Text } from '../api/meta/base64.ts'
import { type DerValue, readDer, TAG } from './der.ts'
import { readPem } from './pem.ts'

export interface CertificateRequest {
  commonName: string
  serialNumber: string
  organizations: string[]
  /** As they stand in the request. */
  subject: Uint8Array
  publicKey: Uint8Array
}

const COMMON_NAME = '550403'
const SERIAL_NUMBER = '550405'
const ORGANIZATION = '55040a'

/**
 * @param request PEM in base64. Simplified: that it is signed with the key it names is not checked.
 * @returns why it cannot be read, in the server's words
 */
export function parseCertificateRequest(request: string): CertificateRequest | string {
  const pem = decodeBase64Text(request) ?? ''
  const [block] = readPem(pem)
  if (block?.type !== 'CERTIFICATE REQUEST') return 'PEM block type must be CERTIFICATE REQUEST'
  const outer = readDer(block.bytes)
  const parts = inside(outer?.[0])
  const [, subject, publicKey] = inside(parts?.[0]) ?? []
  if (outer?.length !== 1 || parts?.length !== 3 || subject?.tag !== TAG.sequence || publicKey?.tag !== TAG.sequence)
    return 'asn1: structure error: tags do not match'
  const names = (inside(subject) ?? []).flatMap((set) => inside(set) ?? []).flatMap(attribute)
  return {
    commonName: names.findLast(({ oid }) => oid === COMMON_NAME)?.value ?? '',
    serialNumber: names.findLast(({ oid }) => oid === SERIAL_NUMBER)?.value ?? '',
    organizations: names.filter(({ oid }) => oid === ORGANIZATION).map(({ value }) => value),
    subject: subject.whole,
    publicKey: publicKey.whole,
  }
}

const inside = (value: DerValue | undefined): DerValue[] | undefined =>
  value && value.tag & 0x20 ? readDer(value.content) : undefined

function attribute(pair: DerValue): { oid: string; value: string }[] {
  const [oid, value] = inside(pair) ?? []
  if (oid?.tag !== TAG.oid || !value) return []
  const text = new TextDecoder().decode(value.content)
  return [{ oid: [...oid.content].map((byte) => byte.toString(16).padStart(2, '0')).join(''), value: text }]
}
