/**
 * PodResizeValidator: no Pod is resized to more than its node could ever give.
 * Source: kubernetes/plugin/pkg/admission/podresize
 */
import { nodes } from '../../api/core/node.ts'
import { podRequests } from '../../api/core/pod/resources.ts'
import { pods } from '../../api/core/pod.ts'
import type { Pod } from '../../api/core/pod-types.ts'
import { quantityMillis, quantityValue } from '../../api/meta/quantity.ts'
import { forbidden } from '../../api/meta/status-error.ts'
import type { AdmissionPlugin } from './admission.ts'

export const podResizeValidator: AdmissionPlugin = {
  name: 'PodResizeValidator',
  validate(request, context) {
    if (request.kind !== pods || request.operation !== 'UPDATE' || request.subresource !== 'resize') return
    const pod = request.object as Pod
    const old = request.old as Pod
    const { nodeName } = pod.spec
    if (!nodeName || pod.metadata.generation === old.metadata.generation) return
    const refuse = (why: string) => forbidden('pods', pod.metadata.name, why)
    const node = context.find(nodes, { namespace: '', name: nodeName })
    if (!node) throw refuse(`node "${nodeName}" not found`)
    const system = node.metadata.labels?.['kubernetes.io/os'] ?? 'linux'
    if (system !== 'linux')
      throw refuse(`pod resize is only supported on linux nodes, node "${nodeName}" is "${system}"`)
    const requests = podRequests(pod.spec)
    const tooMuch = (['cpu', 'memory'] as const).flatMap((name) => {
      const amount = name === 'cpu' ? quantityMillis : quantityValue
      const requested = amount(requests[name] ?? '0')
      const allocatable = amount(node.status.allocatable?.[name] ?? '0')
      return requested > allocatable ? [`${name}, requested: ${requested}, allocatable: ${allocatable}`] : []
    })
    if (tooMuch.length > 0) throw refuse(`node didn't have enough allocatable resources: ${tooMuch.join('; ')}`)
  },
}
