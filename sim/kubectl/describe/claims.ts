/** What a PersistentVolumeClaim asks for: by itself, or as the template of a Pod's volume. */
import { classOf, printAccessModes } from '../../api/core/persistent-volume/access-modes.ts'
import type { PersistentVolumeClaim } from '../../api/core/storage-types.ts'
import { canonicalQuantity } from '../../api/meta/quantity.ts'
import { printAgo, writeAnnotations, writeLabels } from './common.ts'
import type { DescribeWriter } from './writer.ts'

/**
 * @param level 0 for a claim of its own
 * @param nowEpochMs left out for a template, which has neither name nor status
 */
export function writeClaim(
  w: DescribeWriter,
  { metadata, spec, status }: Partial<PersistentVolumeClaim>,
  level = 0,
  nowEpochMs?: number,
): void {
  if (nowEpochMs !== undefined) {
    w.field(level, 'Name', metadata?.name ?? '')
    w.field(level, 'Namespace', metadata?.namespace ?? '')
  }
  w.field(level, 'StorageClass', classOf({ metadata: metadata ?? {}, spec } as PersistentVolumeClaim))
  if (nowEpochMs !== undefined) {
    const since = metadata?.deletionTimestamp
    w.field(level, 'Status', since ? `Terminating (lasts ${printAgo(since, nowEpochMs)})` : (status?.phase ?? ''))
  }
  w.field(level, 'Volume', spec?.volumeName ?? '')
  writeLabels(w, 'Labels', metadata?.labels, level)
  writeAnnotations(w, 'Annotations', metadata?.annotations, level)
  if (nowEpochMs !== undefined) w.field(level, 'Finalizers', `[${(metadata?.finalizers ?? []).join(' ')}]`)
  const isBound = Boolean(spec?.volumeName)
  w.field(level, 'Capacity', isBound ? canonicalQuantity(status?.capacity?.storage ?? '0') : '')
  w.field(level, 'Access Modes', isBound ? printAccessModes(status?.accessModes) : '')
  if (spec?.volumeMode) w.field(level, 'VolumeMode', spec.volumeMode)
  if (!spec?.dataSource) return
  const { apiGroup, kind, name } = spec.dataSource
  w.line(level, 'DataSource:')
  if (apiGroup !== undefined) w.field(level + 1, 'APIGroup', apiGroup)
  w.field(level + 1, 'Kind', kind)
  w.field(level + 1, 'Name', name)
}
