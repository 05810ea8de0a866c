/** downwardAPI: fields of the Pod as files. */
import type { DownwardAPIVolumeFile, Pod } from '../api/core/pod-types.ts'
import { type Payload, payloadVolume } from './payload.ts'
import type { VolumeHost, VolumePlugin } from './types.ts'

export const downwardApiVolume: VolumePlugin = {
  source: 'downwardAPI',
  setUp(volume, pod, host) {
    const source = volume.downwardAPI!
    return payloadVolume(volume.name, pod, host, (newest) =>
      downwardPayload(source.items, newest, host, source.defaultMode ?? 0o644),
    )
  },
}

export function downwardPayload(
  items: readonly DownwardAPIVolumeFile[] | undefined,
  pod: Pod,
  host: VolumeHost,
  defaultMode: number,
): Payload | { error: string } {
  const payload: Payload = {}
  for (const { path, fieldRef, resourceFieldRef, mode } of items ?? []) {
    let content: string | undefined = ''
    if (fieldRef) content = host.fieldValue(pod, fieldRef.fieldPath)
    else if (resourceFieldRef) {
      content = host.resourceValue(
        pod,
        resourceFieldRef.containerName ?? '',
        resourceFieldRef.resource,
        resourceFieldRef.divisor,
      )
    }
    if (content === undefined) return { error: `unsupported fieldPath: ${fieldRef?.fieldPath}` }
    payload[path] = { content, mode: mode ?? defaultMode }
  }
  return payload
}
