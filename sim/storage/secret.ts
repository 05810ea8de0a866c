/** secret: the keys of a Secret as files. */
import type { Secret } from '../api/core/types.ts'
import { decodedData, keysPayload, payloadVolume } from './payload.ts'
import type { VolumeHost, VolumePlugin } from './types.ts'

export const secretVolume: VolumePlugin = {
  source: 'secret',
  setUp(volume, pod, host) {
    const source = volume.secret!
    return payloadVolume(volume.name, pod, host, () => {
      const secret = host.findSecret(pod.metadata.namespace ?? '', source.secretName)
      return keysPayload(
        secretData(secret, host),
        { ...source, name: source.secretName },
        'secret',
        source.defaultMode ?? 0o644,
      )
    })
  },
}

export const secretData = (secret: Secret | undefined, host: VolumeHost): Record<string, string> | undefined =>
  secret && decodedData(secret.data, host)
