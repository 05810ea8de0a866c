/** The file that points kubectl at a sandbox. */
import { stringify } from 'yaml'

/** @param server the address that stands before `/api`; it holds the secret, so that nothing else is needed */
export function kubeconfig(server: string, namespace = 'default'): string {
  const name = 'podium'
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server } }],
    users: [{ name, user: {} }],
    contexts: [{ name, context: { cluster: name, user: name, namespace } }],
    'current-context': name,
  })
}
