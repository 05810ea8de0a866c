/** Kinds of which objects come and go by themselves, and what of them somebody has left behind all the same. */
import { isAttachmentName } from '../../../api/core/persistent-volume/attachment.ts'
import type { Kind } from '../../../api/meta/kind.ts'
import type { KubeObject } from '../../../api/meta/object.ts'
import type { Snapshot } from '../history.ts'
import { isOwned, keyOf } from './names.ts'

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

/** Kinds of which each object stays as long as what it is there for, and is made anew when somebody deletes it. */
const stays: ReadonlySet<string> = new Set(['Lease', 'Endpoints', 'EndpointSlice', 'ControllerRevision', 'CSINode'])

/**
 * Somebody deleted it, whether or not a controller has made another one since: its owner is the same, and it is not. A slice gets another name
 * each time; a controller that needs no more of them than before makes none.
 */
export function wasDeleted(
  { kind, expiry }: Kind,
  object: KubeObject,
  before: ReadonlyMap<string, KubeObject>,
  now: ReadonlyMap<string, KubeObject>,
  epochMs: number,
): boolean {
  if (expiry) {
    // Until its time is over the API server keeps it.
    const lastWrittenMs = expiry.lastWrittenEpochMs(object) ?? Date.parse(object.metadata.creationTimestamp)
    return !now.has(keyOf(object)) && epochMs < lastWrittenMs + expiry.ttlMs
  }
  if (!stays.has(kind)) return false
  const found = now.get(keyOf(object))
  if (found) return found.metadata.uid !== object.metadata.uid && ownersOf(found) === ownersOf(object)
  if (!isOwned(object)) return kind !== 'CSINode' && kind !== 'ControllerRevision'
  const isInItsPlace = (one: KubeObject): boolean =>
    !before.has(keyOf(one)) && ownersOf(one) === ownersOf(object) && portsOf(one) === portsOf(object)
  return kind === 'EndpointSlice' && [...now.values()].some(isInItsPlace)
}

const ownersOf = ({ metadata }: KubeObject): string =>
  JSON.stringify((metadata.ownerReferences ?? []).map(({ uid }) => uid))

/** The ports of a slice, by which a controller tells one from another. */
function portsOf(slice: KubeObject): string {
  const { addressType, ports } = slice as KubeObject & { addressType?: string; ports?: object[] }
  return JSON.stringify([addressType, ports])
}
