import { readFirstCertificate } from '../pki/x509.ts'
import type { UserInfo } from './client.ts'

/** Whom a server takes the owner of a certificate for. Source: apiserver/pkg/authentication/request/x509 CommonNameUserConversion */
export function userOfCertificate(pem: string): UserInfo | undefined {
  const certificate = readFirstCertificate(pem)
  if (!certificate?.commonName) return undefined
  return { name: certificate.commonName, groups: [...certificate.organizations, 'system:authenticated'] }
}
