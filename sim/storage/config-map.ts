/** configMap: the keys of a ConfigMap as files. */
import type { ConfigMap } from '../api/core/types.ts'
import { decodedData, keysPayload, payloadVolume } from './payload.ts'
import type { VolumeHost, VolumePlugin } from './types.ts'

export const configMapVolume: VolumePlugin = {
  source: 'configMap',
  setUp(volume, pod, host) {
    const source = volume.configMap!
    return payloadVolume(volume.name, pod, host, () => {
      const configMap = host.findConfigMap(pod.metadata.namespace ?? '', source.name)
      return keysPayload(configMapData(configMap, host), source, 'configmap', source.defaultMode ?? 0o644)
    })
  },
}

export const configMapData = (configMap: ConfigMap | undefined, host: VolumeHost): Record<string, string> | undefined =>
  configMap && {
    ...configMap.data,
    ...decodedData(configMap.binaryData, host),
  }
