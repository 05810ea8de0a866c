/** kubectl describe persistentvolume, persistentvolumeclaim and storageclass. Source: k8s.io/kubectl/pkg/describe/describe.go */
import { classOf, printAccessModes } from '../../api/core/persistent-volume/access-modes.ts'
import type { NodeSelectorTerm, Pod } from '../../api/core/pod-types.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/core/storage-types.ts'
import { formatLabels } from '../../api/meta/selector-text.ts'
import { isDefaultClass } from '../../api/storage/storage-class.ts'
import type { StorageClass } from '../../api/storage/types.ts'
import {
  type Describer,
  findEvents,
  kindOf,
  printTime,
  writeAnnotations,
  writeEvents,
  writeLabels,
  writeMultiline,
} from './common.ts'
import type { DescribeWriter } from './writer.ts'

export const describePersistentVolume: Describer<PersistentVolume> = (volume, w, context) => {
  const { metadata, spec, status } = volume
  w.field(0, 'Name', metadata.name)
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  w.field(0, 'Finalizers', `[${(metadata.finalizers ?? []).join(' ')}]`)
  w.field(0, 'StorageClass', classOf(volume))
  if (metadata.deletionTimestamp === undefined) w.field(0, 'Status', status.phase ?? '')
  else w.field(0, 'Status', `Terminating (lasts ${lasts(metadata.deletionTimestamp, context.nowEpochMs)})`)
  w.field(0, 'Claim', spec.claimRef ? `${spec.claimRef.namespace}/${spec.claimRef.name}` : '')
  w.field(0, 'Reclaim Policy', spec.persistentVolumeReclaimPolicy)
  w.field(0, 'Access Modes', printAccessModes(spec.accessModes))
  if (spec.volumeMode) w.field(0, 'VolumeMode', spec.volumeMode)
  w.field(0, 'Capacity', spec.capacity?.storage ?? '')
  writeNodeAffinity(w, spec.nodeAffinity?.required?.nodeSelectorTerms)
  w.field(0, 'Message', status.message ?? '')
  w.line(0, 'Source:')
  for (const [name, value] of sourceLines(spec)) w.field(2, name, value)
  writeEvents(w, context, findEvents(context, volume))
}

const lasts = (since: string, nowEpochMs: number): string =>
  `${Math.max(0, Math.floor((nowEpochMs - Date.parse(since)) / 1000))}s`

function writeNodeAffinity(w: DescribeWriter, terms: readonly NodeSelectorTerm[] | undefined): void {
  if (!terms) {
    w.line(0, 'Node Affinity:\t<none>')
    return
  }
  w.line(0, 'Node Affinity:\t')
  w.line(1, 'Required Terms:\t')
  for (const [index, { matchExpressions = [] }] of terms.entries()) {
    const texts = matchExpressions.map(({ key, operator, values }) =>
      values?.length ? `${key} ${operator.toLowerCase()} [${values.join(', ')}]` : `${key} ${operator.toLowerCase()}`,
    )
    w.line(2, `Term ${index}:\t${texts[0] ?? '<none>'}`)
    for (const text of texts.slice(1)) w.line(2, `\t${text}`)
  }
}

type Line = readonly [string, string]

function sourceLines({ hostPath, local, nfs, csi }: PersistentVolume['spec']): Line[] {
  if (hostPath)
    return [
      ['Type', 'HostPath (bare host directory volume)'],
      ['Path', hostPath.path],
      ['HostPathType', hostPath.type ?? '<none>'],
    ]
  if (local)
    return [
      ['Type', 'LocalVolume (a persistent volume backed by local storage on a node)'],
      ['Path', local.path],
    ]
  if (nfs)
    return [
      ['Type', 'NFS (an NFS mount that lasts the lifetime of a pod)'],
      ['Server', nfs.server],
      ['Path', nfs.path],
      ['ReadOnly', String(nfs.readOnly ?? false)],
    ]
  if (csi) {
    const attributes = Object.entries(csi.volumeAttributes ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
    return [
      ['Type', 'CSI (a Container Storage Interface (CSI) volume source)'],
      ['Driver', csi.driver],
      ['FSType', csi.fsType ?? ''],
      ['VolumeHandle', csi.volumeHandle],
      ['ReadOnly', String(csi.readOnly ?? false)],
      [
        'VolumeAttributes',
        attributes.length === 0 ? '<none>' : attributes.map(([key, value]) => `${key}=${value}`).join(' '),
      ],
    ]
  }
  return [['Type', '<unknown>']]
}

export const describePersistentVolumeClaim: Describer<PersistentVolumeClaim> = (claim, w, context) => {
  const { metadata, spec, status } = claim
  const isBound = Boolean(spec.volumeName)
  w.field(0, 'Name', metadata.name)
  w.field(0, 'Namespace', metadata.namespace ?? '')
  w.field(0, 'StorageClass', classOf(claim))
  if (metadata.deletionTimestamp === undefined) w.field(0, 'Status', status.phase ?? '')
  else w.field(0, 'Status', `Terminating (lasts ${lasts(metadata.deletionTimestamp, context.nowEpochMs)})`)
  w.field(0, 'Volume', spec.volumeName ?? '')
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  w.field(0, 'Finalizers', `[${(metadata.finalizers ?? []).join(' ')}]`)
  w.field(0, 'Capacity', isBound ? (status.capacity?.storage ?? '') : '')
  w.field(0, 'Access Modes', isBound ? printAccessModes(status.accessModes) : '')
  if (spec.volumeMode) w.field(0, 'VolumeMode', spec.volumeMode)
  const pods = context.client.list(kindOf<Pod>(context, 'pods'), { namespace: metadata.namespace }).items
  const users = pods.filter((pod) =>
    pod.spec.volumes?.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === metadata.name),
  )
  writeMultiline(
    w,
    'Used By',
    users.map((pod) => pod.metadata.name),
  )
  if (status.conditions?.length) {
    w.line(0, 'Conditions:')
    w.line(1, 'Type\tStatus\tLastProbeTime\tLastTransitionTime\tReason\tMessage')
    w.line(1, '----\t------\t-----------------\t------------------\t------\t-------')
    for (const { type, status: value, lastProbeTime, lastTransitionTime, reason, message } of status.conditions)
      w.line(
        1,
        [type, value, printTime(lastProbeTime), printTime(lastTransitionTime), reason ?? '', message ?? ''].join('\t'),
      )
  }
  writeEvents(w, context, findEvents(context, claim))
}

export const describeStorageClass: Describer<StorageClass> = (storageClass, w, context) => {
  const { metadata, provisioner, parameters, allowVolumeExpansion, mountOptions } = storageClass
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
  writeMultiline(w, 'MountOptions', mountOptions ?? [])
  w.field(0, 'ReclaimPolicy', storageClass.reclaimPolicy ?? '<unset>')
  w.field(0, 'VolumeBindingMode', storageClass.volumeBindingMode ?? '<unset>')
  writeEvents(w, context, findEvents(context, storageClass))
}
