/** `openssl verify`: whether certificates lead to an authority. Source: openssl-verify(1), OpenSSL 3.0 */
import { FileError } from '../../../runtime/files.ts'
import type { Process } from '../../../runtime/process.ts'
import { pathOf, type Run } from '../support.ts'
import type { Certificate } from './certificate.ts'
import { type Trust, type Verdict, verifyChain } from './chain.ts'
import { certificatesIn, loadCertificates, type Reading } from './input.ts'
import { printName } from './names.ts'
import { readOptions } from './options.ts'
import { signatureName } from './print-certificate.ts'
import { notSimulated, openFailure, printQueue, printStop, Stop } from './stop.ts'

const SIGNATURE_FAILURE = 7
const UNVERIFIED = 2

/** Tells of each certificate, and exits with 2 where one does not hold. */
export function* verify(process: Process, words: readonly string[]): Run {
  const given = readOptions('verify', words, {
    flags: 'verbose show_chain partial_chain no_check_time trusted_first no-CApath no-CAfile no-CAstore x509_strict',
    values: 'CAfile untrusted trusted',
    numbers: 'attime',
    refused:
      'CApath CAstore CRLfile allow_proxy_certs auth_level check_ss_sig crl_check crl_check_all crl_download explicit_policy extended_crl ignore_critical inhibit_any inhibit_map issuer_checks nameopt no_alt_chains policy policy_check policy_print purpose suiteB_128 suiteB_128_only suiteB_192 use_deltas verify_depth verify_email verify_hostname verify_ip verify_name vfyopt',
    unknown: 'Unknown option: -',
    words: Number.POSITIVE_INFINITY,
  })
  if (given.has('x509_strict')) throw notSimulated('verify', '-x509_strict')
  const authorities = given.value('CAfile')
  const trusted = authorities === undefined ? [] : readAuthorities(process, authorities)
  const untrusted = yield* loadAll(process, given.values('untrusted'), 'untrusted')
  trusted.push(...(yield* loadAll(process, given.values('trusted'), 'trusted')))
  const seconds = given.number('attime')
  const trust: Trust = {
    trusted,
    untrusted,
    mayBePartial: given.has('partial_chain'),
    ...(given.has('no_check_time')
      ? {}
      : { nowEpochMs: seconds === undefined ? process.nowEpochMs() : seconds * 1000 }),
  }
  let status = 0
  for (const path of given.words.length > 0 ? given.words : [undefined]) {
    try {
      const [certificate] = yield* loadCertificates(process, path, 'certificate file', UNVERIFIED)
      const verdict = verifyChain(certificate, trust)
      if (verdict.unknownAlgorithm !== undefined)
        throw notSimulated('verify', `of a signature with ${signatureName(verdict.unknownAlgorithm)}`)
      if (!tell(process, path ?? 'stdin', verdict, given.has('show_chain'))) status = UNVERIFIED
    } catch (error) {
      if (!(error instanceof Stop)) throw error
      status = printStop(process, error)
    }
  }
  return status
}

function* loadAll(process: Process, paths: readonly string[], kind: string): Reading<Certificate[]> {
  const found: Certificate[] = []
  for (const path of paths)
    found.push(...(yield* loadCertificates(process, path, `certs of ${kind} certificates`, 1, [])))
  return found
}

/** @throws Stop */
function readAuthorities(process: Process, path: string): Certificate[] {
  const words = `Error loading file ${path}`
  const where = 'x509 certificate routines:X509_load_cert_crl_file_ex'
  try {
    const found = certificatesIn(process.files.read(pathOf(process, path)))
    if (found.length > 0) return found
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    throw new Stop(words, {
      queue: [...openFailure(error, path, 'r'), `error:05880002:${where}:system lib:../crypto/x509/by_file.c:229:`],
    })
  }
  throw new Stop(words, {
    queue: [`error:05800088:${where}:no certificate or crl found:../crypto/x509/by_file.c:252:`],
  })
}

/** @returns whether nothing stands against it */
function tell(
  process: Process,
  path: string,
  { failures, chain, untrustedCount }: Verdict,
  showsChain: boolean,
): boolean {
  for (const { certificate, number, depth, words } of failures)
    process.stderr.write(`${printName(certificate.subject)}\nerror ${number} at ${depth} depth lookup: ${words}\n`)
  if (failures.length > 0) {
    process.stderr.write(`error ${path}: verification failed\n`)
    if (failures.at(-1)?.number === SIGNATURE_FAILURE)
      process.stderr.write(
        printQueue(process, [
          'error:0200008A:rsa routines:RSA_padding_check_PKCS1_type_1:invalid padding:../crypto/rsa/rsa_pk1.c:75:',
          'error:02000072:rsa routines:rsa_ossl_public_decrypt:padding check failed:../crypto/rsa/rsa_ossl.c:590:',
          'error:1C880004:Provider routines:rsa_verify:RSA lib:../providers/implementations/signature/rsa_sig.c:769:',
          'error:06880006:asn1 encoding routines:ASN1_item_verify_ctx:EVP lib:../crypto/asn1/a_verify.c:220:',
        ]),
      )
    return false
  }
  process.stdout.write(`${path}: OK\n`)
  if (showsChain)
    process.stdout.write(
      [
        'Chain:\n',
        ...chain.map(
          ({ subject }, depth) =>
            `depth=${depth}: ${printName(subject)}${depth < untrustedCount ? ' (untrusted)' : ''}\n`,
        ),
      ].join(''),
    )
  return true
}
