/** projected: several sources in one directory; the service account's token is one of them. */
import type { Pod, VolumeProjection } from '../api/core/pod-types.ts'
import { configMapData } from './config-map.ts'
import { downwardPayload } from './downward-api.ts'
import { isError, keysPayload, type Payload, payloadVolume } from './payload.ts'
import { secretData } from './secret.ts'
import type { VolumeHost, VolumePlugin } from './types.ts'

export const projectedVolume: VolumePlugin = {
  source: 'projected',
  setUp(volume, pod, host) {
    const { sources = [], defaultMode = 0o644 } = volume.projected!
    return payloadVolume(pod, host, (newest) => {
      const payload: Payload = {}
      for (const source of sources) {
        const part = projectionPayload(source, newest, host, defaultMode)
        if (isError(part)) return part
        Object.assign(payload, part)
      }
      return payload
    })
  },
}

function projectionPayload(
  source: VolumeProjection,
  pod: Pod,
  host: VolumeHost,
  mode: number,
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
    return { [path]: { content: host.token(pod, audience, expirationSeconds), mode } }
  }
  return {}
}
