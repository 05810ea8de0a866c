/** The certificates and keys of a program's files, as Go loads them. Source: crypto/tls X509KeyPair, client-go/util/cert */
import { readPem } from './pem.ts'
import { readRsaKey } from './rsa-key.ts'
import { readFirstCertificate } from './x509.ts'

/** Why these two cannot be used together; undefined when they can. */
export function keyPairProblem(certificate: string, key: string): string | undefined {
  const types = readPem(certificate).map(({ type }) => type)
  if (types.length === 0) return 'tls: failed to find any PEM data in certificate input'
  if (!types.includes('CERTIFICATE'))
    return types.some((type) => type.endsWith('PRIVATE KEY'))
      ? 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched'
      : `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [${types.join(' ')}]`
  const leaf = readFirstCertificate(certificate)
  if (!leaf) return 'x509: malformed certificate'
  const ofKey = readPem(key).map(({ type }) => type)
  if (ofKey.length === 0) return 'tls: failed to find any PEM data in key input'
  if (!ofKey.some((type) => type.endsWith('PRIVATE KEY')))
    return ofKey.includes('CERTIFICATE')
      ? 'tls: found a certificate rather than a key in the PEM for the private key'
      : `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [${ofKey.join(' ')}]`
  const found = readRsaKey(key)
  if (!found) return 'tls: failed to parse private key'
  return sameBytes(found.publicKey, leaf.publicKey) ? undefined : 'tls: private key does not match public key'
}

/** Whether a text holds a certificate, and all that it holds can be read. */
export const holdsCertificates = (pem: string): boolean => readFirstCertificate(pem) !== undefined

const sameBytes = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
  a.length === b.length && Array.from(a).every((byte, at) => byte === b[at])
