/** kubectl describe persistentvolume, persistentvolumeclaim and storageclass. Source: k8s.io/kubectl/pkg/describe/describe.go */
import { classOf, printAccessModes } from '../../api/core/persistent-volume/access-modes.ts'
import type { NodeSelectorTerm, Pod } from '../../api/core/pod-types.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/core/storage-types.ts'
import { canonicalQuantity } from '../../api/meta/quantity.ts'
import { formatLabels } from '../../api/meta/selector-text.ts'
import { isDefaultClass } from '../../api/storage/storage-class.ts'
import type { CSINode, StorageClass } from '../../api/storage/types.ts'
import { writeClaim } from './claims.ts'
import {
  type Describer,
  findEvents,
  kindOf,
  printAgo,
  printTime,
  writeAnnotations,
  writeEvents,
  writeLabels,
  writeMultiline,
} from './common.ts'
import { writePersistentSource } from './volumes.ts'
import type { DescribeWriter } from './writer.ts'

export const describePersistentVolume: Describer<PersistentVolume> = (volume, w, context) => {
  const { metadata, spec, status } = volume
  w.field(0, 'Name', metadata.name)
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  w.field(0, 'Finalizers', `[${(metadata.finalizers ?? []).join(' ')}]`)
  w.field(0, 'StorageClass', classOf(volume))
  if (metadata.deletionTimestamp === undefined) w.field(0, 'Status', status.phase ?? '')
  else w.field(0, 'Status', `Terminating (lasts ${printAgo(metadata.deletionTimestamp, context.nowEpochMs)})`)
  w.field(0, 'Claim', spec.claimRef ? `${spec.claimRef.namespace}/${spec.claimRef.name}` : '')
  w.field(0, 'Reclaim Policy', spec.persistentVolumeReclaimPolicy)
  w.field(0, 'Access Modes', printAccessModes(spec.accessModes))
  if (spec.volumeMode) w.field(0, 'VolumeMode', spec.volumeMode)
  w.field(0, 'Capacity', canonicalQuantity(spec.capacity?.storage ?? '0'))
  writeNodeAffinity(w, spec.nodeAffinity?.required?.nodeSelectorTerms)
  w.field(0, 'Message', status.message ?? '')
  w.line(0, 'Source:')
  writePersistentSource(w, spec)
  writeEvents(w, context, findEvents(context, volume))
}

function writeNodeAffinity(w: DescribeWriter, terms: readonly NodeSelectorTerm[] | undefined): void {
  if (!terms) {
    w.line(0, 'Node Affinity:\t<none>')
    return
  }
  w.line(0, 'Node Affinity:\t')
  w.line(1, `Required Terms:\t${terms.length === 0 ? '<none>' : ''}`)
  for (const [index, { matchExpressions = [] }] of terms.entries()) writeTerm(w, 2, index, matchExpressions)
}

interface Requirement {
  key: string
  operator: string
  values?: readonly string[]
}

/** `Term 0:  zone in [a, b]`, the term's other requirements below it. */
function writeTerm(w: DescribeWriter, level: number, index: number, requirements: readonly Requirement[]): void {
  const texts = requirements.map(({ key, operator, values }) =>
    values?.length ? `${key} ${operator.toLowerCase()} [${values.join(', ')}]` : `${key} ${operator.toLowerCase()}`,
  )
  w.line(level, `Term ${index}:\t${texts[0] ?? '<none>'}`)
  for (const text of texts.slice(1)) w.line(level, `\t${text}`)
}

export const describePersistentVolumeClaim: Describer<PersistentVolumeClaim> = (claim, w, context) => {
  const { metadata, status } = claim
  writeClaim(w, claim, 0, context.nowEpochMs)
  const pods = context.client.list(kindOf<Pod>(context, 'pods'), { namespace: metadata.namespace }).items
  const owners = new Set(metadata.ownerReferences?.filter(({ kind }) => kind === 'Pod').map(({ uid }) => uid))
  const users = pods.filter(
    ({ metadata: { uid }, spec }) =>
      owners.has(uid) ||
      spec.volumes?.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === metadata.name),
  )
  writeMultiline(w, 'Used By', users.map((pod) => pod.metadata.name).sort())
  if (status.conditions?.length) {
    w.line(0, 'Conditions:')
    w.line(1, 'Type\tStatus\tLastProbeTime\tLastTransitionTime\tReason\tMessage')
    w.line(1, '----\t------\t-----------------\t------------------\t------\t-------')
    for (const { type, status: value, lastProbeTime, lastTransitionTime, reason, message } of status.conditions) {
      const times = `${printTime(lastProbeTime)} \t${printTime(lastTransitionTime)}`
      w.line(1, `${type} \t${value} \t${times} \t${reason ?? ''} \t${message ?? ''}`)
    }
  }
  writeEvents(w, context, findEvents(context, claim))
}

export const describeStorageClass: Describer<StorageClass> = (storageClass, w, context) => {
  const { metadata, provisioner, parameters, allowVolumeExpansion, mountOptions } = storageClass
  const { reclaimPolicy, volumeBindingMode, allowedTopologies } = storageClass
  w.field(0, 'Name', metadata.name)
  w.field(0, 'IsDefaultClass', isDefaultClass(storageClass) ? 'Yes' : 'No')
  w.field(0, 'Annotations', formatLabels(metadata.annotations))
  w.field(0, 'Provisioner', provisioner)
  w.field(0, 'Parameters', formatLabels(parameters))
  w.field(
    0,
    'AllowVolumeExpansion',
    String(allowVolumeExpansion ?? '<unset>')
      .replace(/^t/, 'T')
      .replace(/^f/, 'F'),
  )
  w.line(0, `MountOptions:${mountOptions?.length ? '' : '\t<none>'}`)
  for (const option of mountOptions ?? []) w.line(1, option)
  if (reclaimPolicy) w.field(0, 'ReclaimPolicy', reclaimPolicy)
  if (volumeBindingMode) w.field(0, 'VolumeBindingMode', volumeBindingMode)
  if (allowedTopologies) {
    w.line(0, `AllowedTopologies:\t${allowedTopologies.length === 0 ? '<none>' : ''}`)
    for (const [index, { matchLabelExpressions = [] }] of allowedTopologies.entries())
      writeTerm(
        w,
        1,
        index,
        matchLabelExpressions.map((requirement) => ({ ...requirement, operator: 'in' })),
      )
  }
  writeEvents(w, context, findEvents(context, storageClass))
}

/** What the storage drivers of a node say of it. */
export const describeCsiNode: Describer<CSINode> = (csiNode, w, context) => {
  const { metadata, spec } = csiNode
  w.field(0, 'Name', metadata.name)
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  w.field(0, 'CreationTimestamp', printTime(metadata.creationTimestamp))
  w.line(0, 'Spec:')
  if (spec.drivers) w.line(1, 'Drivers:')
  for (const { name, nodeID, allocatable, topologyKeys } of spec.drivers ?? []) {
    w.line(2, `${name}:`)
    w.field(3, 'Node ID', nodeID)
    if (allocatable?.count !== undefined) {
      w.line(3, 'Allocatables:')
      w.field(4, 'Count', allocatable.count)
    }
    if (topologyKeys) w.field(3, 'Topology Keys', `[${topologyKeys.join(' ')}]`)
  }
  writeEvents(w, context, findEvents(context, csiNode))
}
