/** Authorities: certificates that sign others, with the keys to do it. Source: cmd/kubeadm/app/util/pkiutil, client-go/util/cert */
import { uncharged } from '../engine/work.ts'
import { type Issuer, issueCertificate, writeName } from './issue.ts'
import { pkcs1Pem, type RsaKey, readRsaKey, rsaKey, rsaSignature } from './rsa-key.ts'

export interface Authority extends Pick<Issuer, 'sign'> {
  /** Its certificate, in PEM. */
  readonly certificate: string
  /** Its private key, in PEM. */
  readonly privateKey: string
  /** Its name, in DER. */
  readonly name: readonly number[]
  /** SubjectPublicKeyInfo, in DER. */
  readonly publicKey: RsaKey['publicKey']
}

/** What kubeadm allows for clocks that go wrong. Source: cmd/kubeadm/app/constants CertificateBackdate */
export const BACKDATE_MS = 300_000
const AUTHORITY_LIFETIME_MS = 10 * 365 * 24 * 3_600_000

/** An authority of its own, which holds for ten years. @param sign with its key, if that can */
function createAuthority(
  commonName: string,
  madeMs: number,
  seed = `authority ${commonName} of ${madeMs}`,
  key = rsaKey(seed),
  sign?: Authority['sign'],
): Authority {
  const name = writeName(commonName)
  const certificate = issueCertificate({
    subject: name,
    publicKey: key.publicKey,
    usages: ['digital signature', 'key encipherment', 'cert sign'],
    dnsNames: [commonName],
    isAuthority: true,
    notBeforeMs: madeMs - BACKDATE_MS,
    notAfterMs: madeMs + AUTHORITY_LIFETIME_MS,
    seed,
    serialBytes: 8,
    sign,
  })
  return { certificate, privateKey: pkcs1Pem(key), name, publicKey: key.publicKey, sign }
}

/** A memo of `createAuthority`, as each node of a cluster and each run of a seed asks for the same ones. */
const known = new Map<string, Authority>()
const KEPT = 64

/** The authority of that name of the cluster that was made then. */
export function authorityOf(commonName: string, madeMs: number): Authority {
  const id = `${commonName} ${madeMs}`
  const found = known.get(id)
  if (found) return found
  if (known.size >= KEPT) known.clear()
  const made = uncharged(() => createAuthority(commonName, madeMs))
  known.set(id, made)
  return made
}

/**
 * The authority of a cluster with a key that was made elsewhere: what it signs is believed by those outside who check it.
 * @param privateKey RSA, in PEM @throws Error when it is none
 */
export function authorityWithKey(privateKey: string, madeMs: number): Authority {
  const key = readRsaKey(privateKey)
  if (!key) throw new Error('the key of the cluster’s authority is no RSA key in PEM')
  return createAuthority('kubernetes', madeMs, undefined, key, (digest) => rsaSignature(key, digest))
}

/** The authority of the cluster that was made then: what its `ca.crt` holds. */
export const clusterAuthorityOf = (madeMs: number): Authority => authorityOf('kubernetes', madeMs)
