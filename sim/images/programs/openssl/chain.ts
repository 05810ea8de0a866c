/** Whether certificates lead to one that is trusted. Source: openssl-verification-options(1), OpenSSL 3.0 crypto/x509/x509_vfy.c */

import { charge } from '../../../engine/work.ts'
import { readDer } from '../../../pki/der.ts'
import { type Certificate, firstOf, inside } from './certificate.ts'
import { hexDigits } from './hex.ts'
import { isSignatureOf } from './make.ts'
import { constraintsIn, usagesIn } from './print-extensions.ts'

export interface Trust {
  readonly trusted: readonly Certificate[]
  readonly untrusted: readonly Certificate[]
  /** Undefined where times do not count. */
  readonly nowEpochMs?: number
  /** A chain may end with any that is trusted, not only one that signs itself. */
  readonly mayBePartial: boolean
}

export interface Failure {
  readonly number: number
  readonly depth: number
  readonly words: string
  readonly certificate: Certificate
}

export interface Verdict {
  readonly chain: readonly Certificate[]
  /** How many of the chain, from the first, are not among the trusted. */
  readonly untrustedCount: number
  readonly failures: readonly Failure[]
  /** The name of an algorithm that is not computed here. */
  readonly unknownAlgorithm?: string
}

const OID = { subjectKey: '2.5.29.14', keyUsage: '2.5.29.15', constraints: '2.5.29.19', authorityKey: '2.5.29.35' }
const CERT_SIGN = 5
const LONGEST_CHAIN = 100

const extensionOf = ({ extensions }: Certificate, wanted: string) =>
  firstOf(extensions.find(({ oid }) => oid === wanted)?.value ?? new Uint8Array())

/** Each name and key is looked at in many pairs: their digits are made once. */
interface Marks {
  readonly subject: string
  readonly issuer: string
  readonly whole: string
  readonly subjectKey: string
  readonly authorityKey: string
}

function marksOf(certificate: Certificate): Marks {
  const subjectKey = extensionOf(certificate, OID.subjectKey)
  const authorityKey = inside(extensionOf(certificate, OID.authorityKey)).find(({ tag }) => tag === 0x80)
  return {
    subject: hexDigits(certificate.subject),
    issuer: hexDigits(certificate.issuer),
    whole: hexDigits(certificate.whole),
    subjectKey: subjectKey ? hexDigits(subjectKey.content) : '',
    authorityKey: authorityKey ? hexDigits(authorityKey.content) : '',
  }
}

const hasIssued = (one: Marks, { issuer, authorityKey }: Marks): boolean =>
  one.subject === issuer && (!authorityKey || !one.subjectKey || one.subjectKey === authorityKey)

/** What stands against the first certificate, in the order in which it is found. */
export function verifyChain(leaf: Certificate, trust: Trust): Verdict {
  const marks = new Map([leaf, ...trust.trusted, ...trust.untrusted].map((one) => [one, marksOf(one)]))
  const of = (one: Certificate): Marks => marks.get(one)!
  const chain = [leaf]
  let untrustedCount = trust.trusted.some((one) => of(one).whole === of(leaf).whole) ? 0 : 1
  const isEnd = (one: Certificate, isTrusted: boolean): boolean =>
    isTrusted && (trust.mayBePartial || hasIssued(of(one), of(one)))
  let isTrusted = untrustedCount === 0
  while (!isEnd(chain[chain.length - 1], isTrusted) && chain.length < LONGEST_CHAIN) {
    charge(trust.trusted.length + trust.untrusted.length)
    const last = chain[chain.length - 1]
    if (hasIssued(of(last), of(last))) break
    const isNext = (one: Certificate): boolean =>
      hasIssued(of(one), of(last)) && chain.every((link) => of(link).whole !== of(one).whole)
    const root = trust.trusted.find(isNext)
    const next = root ?? (isTrusted ? undefined : trust.untrusted.find(isNext))
    if (!next) break
    isTrusted = root !== undefined
    if (!isTrusted) untrustedCount++
    chain.push(next)
  }
  const top = chain[chain.length - 1]
  const depth = chain.length - 1
  const verdict = { chain, untrustedCount }
  if (!isEnd(top, isTrusted)) {
    const fail = (number: number, words: string): Verdict => ({
      ...verdict,
      failures: [{ number, depth, words, certificate: top }],
    })
    if (isTrusted && depth > 0) return fail(2, 'unable to get issuer certificate')
    if (!hasIssued(of(top), of(top))) return fail(20, 'unable to get local issuer certificate')
    return depth === 0 ? fail(18, 'self-signed certificate') : fail(19, 'self-signed certificate in certificate chain')
  }
  return { ...verdict, ...checkLinks(chain, trust, (one) => hasIssued(of(one), of(one))) }
}

/** An authority says that it is one, or is of a version that could not. */
function isAuthority(certificate: Certificate, isOwn: boolean): boolean {
  const constraints = extensionOf(certificate, OID.constraints)
  if (constraints) return constraintsIn(constraints)?.isAuthority ?? false
  return (certificate.version === 0 && isOwn) || extensionOf(certificate, OID.keyUsage) !== undefined
}

/** Faults that the program only notes go on; others end it. */
function checkLinks(
  chain: readonly Certificate[],
  { nowEpochMs }: Trust,
  isOwn: (one: Certificate) => boolean,
): Pick<Verdict, 'failures' | 'unknownAlgorithm'> {
  const failures: Failure[] = []
  const fail = (number: number, depth: number, words: string): void =>
    void failures.push({ number, depth, words, certificate: chain[depth] })
  for (let depth = 1; depth < chain.length; depth++) {
    if (!isAuthority(chain[depth], isOwn(chain[depth]))) fail(79, depth, 'invalid CA certificate')
    const length = lengthLimit(chain[depth])
    const between = chain.slice(1, depth).filter((one) => !isOwn(one)).length
    if (length !== undefined && between > length) fail(25, depth, 'path length constraint exceeded')
  }
  for (let depth = chain.length - 1; depth >= 0; depth--) {
    const issuer = chain[depth + 1]
    if (issuer) {
      const usage = extensionOf(issuer, OID.keyUsage)
      if (usage && !usagesIn(usage)[CERT_SIGN]) {
        fail(32, depth + 1, 'key usage does not include certificate signing')
        return { failures }
      }
      const isRight = isSignatureOf(chain[depth], issuer.publicKey)
      if (isRight === undefined) return { failures, unknownAlgorithm: chain[depth].algorithm }
      if (!isRight) {
        fail(7, depth, 'certificate signature failure')
        return { failures }
      }
    }
    if (nowEpochMs === undefined) continue
    if (nowEpochMs < chain[depth].notBeforeMs) {
      fail(9, depth, 'certificate is not yet valid')
      return { failures }
    }
    if (nowEpochMs > chain[depth].notAfterMs) fail(10, depth, 'certificate has expired')
  }
  return { failures }
}

function lengthLimit(certificate: Certificate): number | undefined {
  const constraints = extensionOf(certificate, OID.constraints)
  const length = constraints && readDer(constraints.content)?.find(({ tag }) => tag === 2)
  return length?.content.length === 1 ? length.content[0] : undefined
}
