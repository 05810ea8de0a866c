/** Whether the API server and those who come to it trust each other, by the certificates that both show. Source: crypto/tls, apiserver's x509 authentication */

import { userOfCertificate } from '../client/certificate-user.ts'
import type { UserInfo } from '../client/client.ts'
import { clientDistrustOf, distrustOf } from '../pki/x509.ts'

/** Whom a kubeconfig's context names: the API server, and with what one goes to it. */
export interface Destination {
  /** `https://172.18.0.2:6443` */
  readonly server: string
  /** The server's name or address. */
  readonly host: string
  /** Whom it trusts, in PEM; undefined where it does not say. */
  readonly authorities: string | undefined
  /** What it shows, in PEM; undefined without one. */
  readonly certificate: string | undefined
  readonly hasToken: boolean
  /** Of its own, or the file that holds it. */
  readonly token?: string
  readonly tokenFile?: string
}

/** What both ends of a connection to the API server go by, each in PEM. */
export interface ServerTrust {
  /** Who signs what is shown to the API server; undefined while none runs. */
  clientAuthorities(): string | undefined
  /** The certificate that the API server at that address shows; undefined where its clients need not look. */
  servingCertificate(host: string): string | undefined
  /** Whether the API server answers a request at that path of somebody who shows nothing. */
  admitsAnonymous(path: string): boolean
  /** Of the cluster's authority: whom its clients know. */
  clusterAuthority(): string
}

/** What the API server answers to somebody whom it does not know. */
export const UNAUTHORIZED = 'Unauthorized'

/** As Go's TLS words it. */
export const notVerified = (why: string): string => `tls: failed to verify certificate: ${why}`

/** Why nobody gets through with that: in the client's words, or the server's; undefined when they trust each other. */
export function trustFailure(trust: ServerTrust, destination: Destination, nowEpochMs: number): string | undefined {
  const { authorities, certificate, hasToken, host } = destination
  const shown = trust.servingCertificate(host)
  const distrust =
    shown === undefined || authorities === undefined ? undefined : distrustOf(shown, { host, authorities, nowEpochMs })
  if (distrust !== undefined) return notVerified(distrust)
  const accepted = trust.clientAuthorities()
  if (certificate === undefined) return hasToken ? undefined : UNAUTHORIZED
  if (accepted === undefined) return undefined
  return clientDistrustOf(certificate, { authorities: accepted, nowEpochMs }) === undefined ? undefined : UNAUTHORIZED
}

/** Whom the API server takes the owner of a certificate for; undefined where it does not know who signed it, or it does not hold now. */
export function knownUser(trust: ServerTrust, certificate: string, nowEpochMs: number): UserInfo | undefined {
  const authorities = trust.clientAuthorities() ?? trust.clusterAuthority()
  return clientDistrustOf(certificate, { authorities, nowEpochMs }) === undefined
    ? userOfCertificate(certificate)
    : undefined
}
