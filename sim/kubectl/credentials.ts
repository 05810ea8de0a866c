/** With what a line goes to the server: of its flags and of the kubeconfig that it uses. Source: client-go/tools/clientcmd client_config.go */

import { decodeBase64Text } from '../api/meta/base64.ts'
import type { JsonMap } from '../api/meta/go-json.ts'
import type { Credentials, KubectlContext } from './context.ts'
import { KubectlError } from './errors.ts'
import { readText } from './files.ts'
import { type KubeconfigOverrides, loadKubeconfig } from './kubeconfig.ts'

/** What the line's flags say in place of the kubeconfig; empty where they say nothing. */
export interface CredentialFlags {
  readonly server: string
  readonly token: string
  readonly certificate: string
  readonly key: string
  readonly skipsVerification: boolean
}

/** @throws KubectlError for a file that cannot be read */
export function credentialsInUse(
  context: KubectlContext,
  given: KubeconfigOverrides,
  flags: CredentialFlags,
): Credentials {
  const config = loadKubeconfig(context, given.kubeconfig)
  const current = config.contexts[given.context || config.currentContext]
  const cluster = config.clusters[given.cluster || String(current?.cluster ?? '')] ?? {}
  const user = config.users[given.user || String(current?.user ?? '')] ?? {}
  const folder = config.path?.slice(0, config.path.lastIndexOf('/')) ?? ''
  const material = (of: JsonMap, name: string, flag: string): string | undefined => {
    if (flag) return fileText(context, flag, name, '')
    const data = of[`${name}-data`]
    if (typeof data === 'string' && data) return decodeBase64Text(data) ?? ''
    const path = of[name]
    return typeof path === 'string' && path ? fileText(context, path, name, folder) : undefined
  }
  const skips = flags.skipsVerification || cluster['insecure-skip-tls-verify'] === true
  const address = flags.server || cluster.server
  const server = typeof address === 'string' && address ? address : undefined
  // Who somebody is, is told to nobody without TLS. Source: IsConfigTransportTLS of client-go/rest/transport.go
  const isTls = server === undefined || /^https:/i.test(server)
  if (!isTls) return { server, authorities: undefined, certificate: undefined, key: undefined, token: undefined }
  return {
    server,
    authorities: skips ? undefined : material(cluster, 'certificate-authority', ''),
    certificate: material(user, 'client-certificate', flags.certificate),
    key: material(user, 'client-key', flags.key),
    token: flags.token || (typeof user.token === 'string' && user.token ? user.token : undefined),
  }
}

function fileText(context: KubectlContext, path: string, what: string, folder: string): string {
  const text = readText(context, path.startsWith('/') || !folder ? path : `${folder}/${path}`)
  if (text === undefined)
    throw new KubectlError(`unable to read ${what} ${path}: open ${path}: no such file or directory`)
  return text
}
