/**
 * NodeRestriction: a kubelet changes its own Node and the Pods on it. Source: kubernetes/plugin/pkg/admission/noderestriction.
 * Simplified: labels under node-restriction.kubernetes.io and taints are not looked at.
 */
import { nodes } from '../../api/core/node.ts'
import { pods } from '../../api/core/pod.ts'
import type { Pod } from '../../api/core/pod-types.ts'
import { forbidden } from '../../api/meta/status-error.ts'
import { nodeOfUser } from '../authorization/node.ts'
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts'

export const nodeRestriction: AdmissionPlugin = {
  name: 'NodeRestriction',
  admit(request) {
    if (request.kind !== pods && request.kind !== nodes) return
    const node = nodeOfUser(request.user)
    if (node === undefined) return
    if (request.kind === pods) checkPod(request, node)
    else if (request.name !== node)
      throw forbidden('nodes', request.name, `node "${node}" is not allowed to modify node "${request.name}"`)
  },
}

function checkPod(request: AdmissionRequest, node: string): void {
  const { name, operation } = request
  const pod = (request.object ?? request.old) as Pod
  if (operation === 'DELETE') {
    if (pod.spec.nodeName !== node)
      throw forbidden('pods', name, `node "${node}" can only delete pods with spec.nodeName set to itself`)
    return
  }
  if (operation !== 'CREATE') return
  if (!pod.metadata.annotations?.['kubernetes.io/config.mirror'])
    throw forbidden(
      'pods',
      name,
      `pod does not have "kubernetes.io/config.mirror" annotation, node "${node}" can only create mirror pods`,
    )
  if (pod.spec.nodeName !== node)
    throw forbidden('pods', name, `node "${node}" can only create pods with spec.nodeName set to itself`)
}
