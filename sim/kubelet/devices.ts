/** Devices of a node's plugins: counted out to Pods, whole and to one at a time. Source: pkg/kubelet/cm/devicemanager */
import { podRequests } from '../api/core/pod/resources.ts'
import type { Pod } from '../api/core/pod-types.ts'
import { quantityValue } from '../api/meta/quantity.ts'
import type { Refusal } from './admission.ts'
import type { PodRecord } from './pod-record.ts'

/** Why there are not enough for a Pod; undefined when there are. */
export function refuseDevices(
  pod: Pod,
  devices: Readonly<Record<string, number>>,
  records: Iterable<PodRecord>,
): Refusal | undefined {
  const names = Object.keys(devices)
  if (names.length === 0) return undefined
  const requests = podRequests(pod.spec)
  const others = [...records].filter(
    (record) => record.uid !== pod.metadata.uid && (record.phase === 'sync' || record.phase === 'terminating'),
  )
  for (const name of names) {
    const needed = quantityValue(requests[name] ?? '0')
    if (needed === 0) continue
    const used = others.reduce((sum, { pod: { spec } }) => sum + quantityValue(podRequests(spec)[name] ?? '0'), 0)
    const available = Math.max(0, devices[name] - used)
    if (needed > available)
      return {
        reason: 'UnexpectedAdmissionError',
        message: `Allocate failed due to requested number of devices unavailable for ${name}. Requested: ${needed}, Available: ${available}, which is unexpected`,
      }
  }
  return undefined
}
