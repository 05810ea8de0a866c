/** Kinds of which objects come and go by themselves, and what of them somebody has left behind all the same. */
import { isAttachmentName } from '../../../api/core/persistent-volume/attachment.ts'
import type { Kind } from '../../../api/meta/kind.ts'
import type { KubeObject } from '../../../api/meta/object.ts'
import type { Snapshot } from '../history.ts'

/** Kinds that come and go by themselves: by their owners, by a time to live, by a node that is lost. */
export const ownLife: ReadonlySet<string> = new Set(
  (
    'Job Event Lease Endpoints EndpointSlice CSINode ControllerRevision VolumeAttachment IPAddress ' +
    'CertificateSigningRequest'
  ).split(' '),
)

/** Whether the cluster makes such an object by itself, so that nobody need have left it. What has an owner goes with it, and is not asked about. */
export function isMadeByCluster(kind: Kind, object: KubeObject, snapshot: Snapshot): boolean {
  const { name, namespace = '', labels = {} } = object.metadata
  const { spec = {} } = object as KubeObject & { spec?: { username?: string } }
  switch (kind.kind) {
    case 'Event':
      return !snapshot.writtenByHand(kind.plural, object)
    case 'Lease':
      return isLeaseOfCluster(name, namespace, snapshot)
    case 'Endpoints':
      // Of a Service that selects Pods.
      return snapshot.everywhere('services').some((service) => {
        const { selector } = (service as KubeObject & { spec?: { selector?: object } }).spec ?? {}
        return service.metadata.name === name && service.metadata.namespace === namespace && selector !== undefined
      })
    case 'CertificateSigningRequest':
      return /^system:(?:node|bootstrap):/.test(spec.username ?? '')
    case 'VolumeAttachment':
      return isAttachmentName(name)
    case 'IPAddress':
      return labels['ipaddress.kubernetes.io/managed-by'] === 'ipallocator.k8s.io'
    default:
      return false
  }
}

/** Nodes have theirs by their names; components and API servers by what they are called. */
const isLeaseOfCluster = (name: string, namespace: string, snapshot: Snapshot): boolean =>
  namespace === 'kube-node-lease'
    ? snapshot.everywhere('nodes').some((node) => node.metadata.name === name)
    : namespace === 'kube-system' && /^(?:kube-controller-manager|kube-scheduler|apiserver-[0-9a-z]+)$/.test(name)
