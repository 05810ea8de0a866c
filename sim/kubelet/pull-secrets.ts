/** What image registries know a Pod by: its imagePullSecrets, read. Source: pkg/credentialprovider */
import type { Pod } from '../api/core/pod-types.ts'
import type { Secret } from '../api/core/types.ts'
import { decodeBase64Lossy } from '../api/meta/base64.ts'
import type { ImageReference } from '../images/reference.ts'

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
    else result.credentials.push(...entriesOf(secret))
  }
  return result
}

/** Those that fit the image's registry. */
export const credentialsFor = ({ credentials }: PullSecrets, reference: ImageReference): Credentials[] =>
  credentials.filter(({ host }) => host === reference.registry).map((entry) => entry.credentials)

function entriesOf({ type, data = {} }: Secret): PullSecrets['credentials'] {
  const isOld = type === 'kubernetes.io/dockercfg'
  const text = data[isOld ? '.dockercfg' : '.dockerconfigjson']
  if (text === undefined) return []
  let auths: unknown
  try {
    const config = JSON.parse(decodeBase64Lossy(text)) as { auths?: unknown } | undefined
    auths = isOld ? config : config?.auths
  } catch {
    return [] // unreadable secrets count as none
  }
  if (typeof auths !== 'object' || auths === null) return []
  return Object.entries(auths as Record<string, { username?: string; password?: string; auth?: string }>).flatMap(
    ([server, entry]) => {
      const [user, ...rest] = entry?.auth ? decodeBase64Lossy(entry.auth).split(':') : []
      const username = entry?.username ?? user
      const password = entry?.password ?? (rest.length > 0 ? rest.join(':') : undefined)
      return username === undefined || password === undefined
        ? []
        : [{ host: hostOf(server), credentials: { username, password } }]
    },
  )
}

/** `https://index.docker.io/v1/` is docker.io under its oldest name. */
function hostOf(server: string): string {
  const host = server.replace(/^https?:\/\//, '').replace(/\/.*$/, '')
  return host === 'index.docker.io' || host === 'registry-1.docker.io' ? 'docker.io' : host
}
