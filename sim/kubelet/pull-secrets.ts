/** What image registries know a Pod by: its imagePullSecrets, and what its node holds. Source: pkg/credentialprovider */
import type { Pod } from '../api/core/pod-types.ts'
import type { Secret } from '../api/core/types.ts'
import { decodeBase64Lossy } from '../api/meta/base64.ts'
import type { ContainerFiles } from '../runtime/file-system.ts'
import type { ImageReference } from '../text/image-reference.ts'

export interface Credentials {
  username: string
  password: string
}

export interface PullSecrets {
  /** Names of those that are not there. */
  missing: string[]
  /** Of every registry that the secrets name. */
  credentials: { host: string; credentials: Credentials }[]
}

/** @param find gives a Secret of the Pod's namespace */
export function readPullSecrets(pod: Pod, find: (name: string) => Secret | undefined): PullSecrets {
  const result: PullSecrets = { missing: [], credentials: [] }
  for (const { name } of pod.spec.imagePullSecrets ?? []) {
    const secret = find(name)
    if (!secret) result.missing.push(name)
    else result.credentials.push(...entriesOfSecret(secret))
  }
  return result
}

/** Where the kubelet looks for what the node shows registries: its root directory, its working directory, which is `/`, and the home that it has not. The first that can be read counts. */
export const nodeCredentialFiles: readonly string[] = [
  ...['/var/lib/kubelet/config.json', '/config.json', '/.docker/config.json'],
  ...['/var/lib/kubelet/.dockercfg', '/.dockercfg'],
]

/** What the node shows registries for whichever Pod. Simplified: read for each pull; the kubelet keeps it for five minutes. */
export function readNodeCredentials(files: ContainerFiles): PullSecrets['credentials'] {
  for (const path of nodeCredentialFiles) {
    const text = files.exists(path) && files.stat(path).type === 'file' ? files.read(path) : undefined
    const found = authsIn(text, path.endsWith('.dockercfg'))
    if (found) return entriesOf(found)
  }
  return []
}

/** Those that fit the image's registry. */
export const credentialsFor = ({ credentials }: PullSecrets, reference: ImageReference): Credentials[] =>
  credentials.filter(({ host }) => host === reference.registry).map((entry) => entry.credentials)

function entriesOfSecret({ type, data = {} }: Secret): PullSecrets['credentials'] {
  const isOld = type === 'kubernetes.io/dockercfg'
  const text = data[isOld ? '.dockercfg' : '.dockerconfigjson']
  return entriesOf(authsIn(text === undefined ? undefined : decodeBase64Lossy(text), isOld) ?? {})
}

type Auths = Record<string, { username?: unknown; password?: unknown; auth?: unknown } | null>

/** @param isOld the whole text is what newer ones have below `auths`. Undefined for what cannot be read: it counts as none */
function authsIn(text: string | undefined, isOld: boolean): Auths | undefined {
  if (text === undefined) return undefined
  try {
    const config = JSON.parse(text) as { auths?: unknown } | undefined
    const auths = isOld ? config : (config?.auths ?? {})
    return typeof auths === 'object' && auths !== null ? (auths as Auths) : undefined
  } catch {
    return undefined
  }
}

function entriesOf(auths: Auths): PullSecrets['credentials'] {
  return Object.entries(auths).flatMap(([server, entry]) => {
    const [user, ...rest] = typeof entry?.auth === 'string' ? decodeBase64Lossy(entry.auth).split(':') : []
    const username = entry?.username ?? user
    const password = entry?.password ?? (rest.length > 0 ? rest.join(':') : undefined)
    return typeof username !== 'string' || typeof password !== 'string'
      ? []
      : [{ host: hostOf(server), credentials: { username, password } }]
  })
}

/** `https://index.docker.io/v1/` is docker.io under its oldest name. */
function hostOf(server: string): string {
  const host = server.replace(/^https?:\/\//, '').replace(/\/.*$/, '')
  return host === 'index.docker.io' || host === 'registry-1.docker.io' ? 'docker.io' : host
}
