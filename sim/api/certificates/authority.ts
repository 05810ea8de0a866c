/** Authorities: certificates that sign others, with the keys to do it. Source: cmd/kubeadm/app/util/pkiutil, client-go/util/cert */
import { issueCertificate, writeName } from './issue.ts'
import { pkcs1Pem, type RsaKey, rsaKey } from './rsa-key.ts'

export interface Authority {
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

/** An authority of its own, which holds for ten years. */
export function createAuthority(commonName: string, madeMs: number): Authority {
  const seed = `authority ${commonName} of ${madeMs}`
  const key = rsaKey(seed)
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
  })
  return { certificate, privateKey: pkcs1Pem(key), name, publicKey: key.publicKey }
}

/** Authorities of clusters, by when these were made: as many as are looked at again and again. */
const known = new Map<number, Authority>()
const KEPT = 64

/** The authority of the cluster that was made then: what its `ca.crt` holds. */
export function clusterAuthorityOf(madeMs: number): Authority {
  const found = known.get(madeMs)
  if (found) return found
  if (known.size >= KEPT) known.clear()
  const made = createAuthority('kubernetes', madeMs)
  known.set(madeMs, made)
  return made
}
