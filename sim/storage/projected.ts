/** projected: several sources in one directory; the service account's token is one of them. */
import type { Pod, VolumeProjection } from '../api/core/pod-types.ts'
import { charge } from '../engine/work.ts'
import { configMapData } from './config-map.ts'
import { downwardPayload } from './downward-api.ts'
import { isError, keysPayload, type Payload, payloadVolume } from './payload.ts'
import { secretData } from './secret.ts'
import type { VolumeHost, VolumePlugin } from './types.ts'

export const projectedVolume: VolumePlugin = {
  source: 'projected',
  setUp(volume, pod, host) {
    const { sources = [], defaultMode = 0o644 } = volume.projected!
    const tokens: Tokens = new Map()
    const mounted = payloadVolume(volume.name, pod, host, (newest) => {
      const payload: Payload = {}
      for (const source of sources) {
        const part = projectionPayload(source, newest, host, defaultMode, tokens)
        if (isError(part)) return part
        charge(5 + Object.keys(part).length)
        Object.assign(payload, part)
      }
      return payload
    })
    if ('error' in mounted || tokens.size === 0) return mounted
    const renewEpochMs = (): number => Math.min(...[...tokens.values()].map((token) => token.renewEpochMs))
    return { ...mounted, renewEpochMs }
  },
}

/** Tokens by path. A kubelet keeps a token until a fifth of its time is left. Source: pkg/kubelet/token */
type Tokens = Map<string, { content: string; renewEpochMs: number }>

function projectionPayload(
  source: VolumeProjection,
  pod: Pod,
  host: VolumeHost,
  mode: number,
  tokens: Tokens,
): Payload | { error: string } {
  const namespace = pod.metadata.namespace ?? ''
  if (source.configMap) {
    return keysPayload(
      configMapData(host.findConfigMap(namespace, source.configMap.name), host),
      source.configMap,
      'configmap',
      mode,
    )
  }
  if (source.secret) {
    return keysPayload(secretData(host.findSecret(namespace, source.secret.name), host), source.secret, 'secret', mode)
  }
  if (source.downwardAPI) return downwardPayload(source.downwardAPI.items, pod, host, mode)
  if (source.serviceAccountToken) {
    const { path, audience, expirationSeconds = 3600 } = source.serviceAccountToken
    let token = tokens.get(path)
    if (!token || host.nowEpochMs() >= token.renewEpochMs) {
      const content = host.token(pod, audience, expirationSeconds)
      token = { content, renewEpochMs: host.nowEpochMs() + (content ? 0.8 * expirationSeconds * 1000 : 0) }
      tokens.set(path, token)
    }
    return { [path]: { content: token.content, ...permissionsOf(pod, mode) } }
  }
  return {}
}

/**
 * A token is for those who need it: the group of the volume, or the one user that all containers run as, and no others.
 * Source: kubernetes/pkg/volume/projected, FsUserFrom in pkg/volume/util
 */
function permissionsOf({ spec }: Pod, mode: number): { mode: number; uid?: number } {
  const { runAsUser, fsGroup } = spec.securityContext ?? {}
  const containers = [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])]
  const users = new Set(containers.map(({ securityContext }) => securityContext?.runAsUser ?? runAsUser))
  const [user] = users.size === 1 ? users : []
  if (user !== undefined) return { mode: 0o600, uid: user }
  return { mode: fsGroup === undefined ? mode : 0o600 }
}
