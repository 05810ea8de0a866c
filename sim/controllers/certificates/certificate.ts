/**
 * A certificate for what was requested, in PEM. Simplified: the cluster's authority has no key, so that the signature is one in shape
 * only, made of a digest; everything else is what a real one says. Source: RFC 5280, kubernetes/pkg/controller/certificates/authority
 */

import { TAG, writeDer, writeOid } from '../../api/certificates/der.ts'
import type { CertificateRequest } from '../../api/certificates/request.ts'
import { encodeBase64 } from '../../api/meta/base64.ts'
import { sha256 } from '../../api/meta/sha256.ts'

const SHA256_WITH_RSA = '1.2.840.113549.1.1.11'
const SIGNATURE_BYTES = 256
/** Bits of the extension keyUsage. */
const KEY_USAGES: Readonly<Record<string, number>> = { 'digital signature': 0x80, 'key encipherment': 0x20 }
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'
/** How much before its making it begins to hold, for clocks that go wrong. */
const BACKDATE_MS = 300_000

export interface CertificateTerms {
  usages: readonly string[]
  nowEpochMs: number
  lifetimeMs: number
  /** What tells it from others of the same request. */
  seed: string
}

const ascii = (text: string): number[] => Array.from(text, (letter) => letter.charCodeAt(0))
const digest = (bytes: readonly number[]): number[] =>
  sha256(bytes).flatMap((word) => [(word >>> 24) & 255, (word >>> 16) & 255, (word >>> 8) & 255, word & 255])
const sequence = (...parts: readonly (readonly number[] | Uint8Array)[]): number[] => writeDer(TAG.sequence, ...parts)

/** The certificate, in PEM. */
export function issueCertificate(request: CertificateRequest, terms: CertificateTerms): string {
  const algorithm = sequence(writeOid(SHA256_WITH_RSA), writeDer(TAG.null))
  const issuer = sequence(writeDer(TAG.set, sequence(writeOid('2.5.4.3'), writeDer(TAG.utf8, ascii('kubernetes')))))
  // Positive: its first bit is not set.
  const serial = digest(ascii(terms.seed)).slice(0, 16)
  serial[0] = (serial[0] & 0x7f) | 0x40
  const content = sequence(
    writeDer(0xa0, writeDer(TAG.integer, [2])),
    writeDer(TAG.integer, serial),
    algorithm,
    issuer,
    sequence(time(terms.nowEpochMs - BACKDATE_MS), time(terms.nowEpochMs - BACKDATE_MS + terms.lifetimeMs)),
    request.subject,
    request.publicKey,
    writeDer(0xa3, sequence(...extensions(terms.usages))),
  )
  const words = digest(content)
  const signature = Array.from({ length: SIGNATURE_BYTES }, (_, at) => words[at % words.length])
  const whole = sequence(content, algorithm, writeDer(TAG.bits, [0], signature))
  const lines = encodeBase64(whole).match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

function extensions(usages: readonly string[]): number[][] {
  const bits = usages.reduce((all, usage) => all | (KEY_USAGES[usage] ?? 0), 0)
  const critical = writeDer(TAG.boolean, [255])
  const extension = (oid: string, isCritical: boolean, value: number[]): number[] =>
    sequence(writeOid(oid), isCritical ? critical : [], writeDer(TAG.octets, value))
  return [
    ...(bits ? [extension('2.5.29.15', true, writeDer(TAG.bits, [bits & 0x20 ? 5 : 7, bits]))] : []),
    ...(usages.includes('client auth') ? [extension('2.5.29.37', false, sequence(writeOid(CLIENT_AUTH)))] : []),
    extension('2.5.29.19', true, sequence()),
  ]
}

/** UTCTime until 2049, GeneralizedTime from then on. */
function time(epochMs: number): number[] {
  const text = `${new Date(epochMs).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`
  return Number(text.slice(0, 4)) < 2050
    ? writeDer(TAG.utcTime, ascii(text.slice(2)))
    : writeDer(TAG.generalizedTime, ascii(text))
}
