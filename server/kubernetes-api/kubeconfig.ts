/** The file that points kubectl at a sandbox. */
import { stringify } from 'yaml'

/** Whom a client trusts, and who it is: each in PEM. */
export interface ClientTrust {
  authority: string
  certificate: string
  key: string
}

/**
 * @param server the address that stands before `/api`
 * @param trust left out where the address holds the secret, so that nothing else is needed
 */
export function kubeconfig(
  server: string,
  { namespace = 'default', trust }: { namespace?: string; trust?: ClientTrust } = {},
): string {
  const name = 'podium'
  const user = trust ? 'kubernetes-admin' : name
  const data = (pem: string): string => Buffer.from(pem).toString('base64')
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name, cluster: { server, ...(trust ? { 'certificate-authority-data': data(trust.authority) } : {}) } },
    ],
    users: [
      {
        name: user,
        user: trust ? { 'client-certificate-data': data(trust.certificate), 'client-key-data': data(trust.key) } : {},
      },
    ],
    contexts: [{ name, context: { cluster: name, user, namespace } }],
    'current-context': name,
  })
}
