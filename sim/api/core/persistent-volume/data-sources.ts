/**
 * What a claim is to be filled from: `dataSource` of old, `dataSourceRef` of today. Nothing here fills it; the fields are kept in step as the
 * API server does. Source: kubernetes/pkg/api/persistentvolumeclaim/util.go, DropDisabledFields, EnforceDataSourceBackwardsCompatibility and
 * NormalizeDataSources
 */
import { featureGates } from '../../meta/feature-gates.ts'
import { type FieldError, invalid, required } from '../../meta/field-error.ts'
import { equalJson } from '../../meta/json.ts'
import { dnsSubdomainErrors } from '../../meta/names.ts'
import type { PersistentVolumeClaim } from '../storage-types.ts'

type ClaimSpec = PersistentVolumeClaim['spec']

/** @param old undefined when the claim is made */
export function settleDataSources(spec: ClaimSpec, old?: ClaimSpec): void {
  const isCrossNamespace = (spec.dataSourceRef?.namespace ?? '') !== ''
  const mayCross = featureGates.get('CrossNamespaceVolumeDataSource')!.isOn
  if (isCrossNamespace && !mayCross && !old?.dataSourceRef) delete spec.dataSourceRef
  const hadOne = old?.dataSource !== undefined || old?.dataSourceRef !== undefined
  if (!hadOne && !spec.dataSourceRef && !isOfOld(spec.dataSource)) delete spec.dataSource
  bringIntoStep(spec)
}

/** Kinds that `dataSource` could name before there was `dataSourceRef`: others are dropped without a word. */
const isOfOld = (source: ClaimSpec['dataSource']): boolean =>
  (source?.kind === 'PersistentVolumeClaim' && (source.apiGroup ?? '') === '') ||
  (source?.kind === 'VolumeSnapshot' && source.apiGroup === 'snapshot.storage.k8s.io')

function bringIntoStep(spec: ClaimSpec): void {
  const { dataSource, dataSourceRef } = spec
  const copyOf = ({ apiGroup, kind, name }: NonNullable<ClaimSpec['dataSource']>) => ({
    ...(apiGroup === undefined ? {} : { apiGroup }),
    kind,
    name,
  })
  if (dataSource && !dataSourceRef) spec.dataSourceRef = copyOf(dataSource)
  // With a namespace it has no counterpart.
  else if (dataSourceRef && !dataSource && (dataSourceRef.namespace ?? '') === '')
    spec.dataSource = copyOf(dataSourceRef)
}

/** Source: kubernetes/pkg/apis/core/validation/validation.go validateDataSource, validateDataSourceRef. @param path of the spec */
export function validateDataSources({ dataSource, dataSourceRef }: ClaimSpec, path: string): FieldError[] {
  const errors = (['dataSource', 'dataSourceRef'] as const).flatMap((field) => {
    const source = { dataSource, dataSourceRef }[field]
    return source ? validateSource(source, `${path}.${field}`) : []
  })
  if (!dataSource || !dataSourceRef) return errors
  const { namespace, ...reference } = dataSourceRef
  if ((namespace ?? '') !== '')
    errors.push(invalid(path, {}, 'may not be specified when dataSourceRef.namespace is specified'))
  else if (!equalJson(dataSource, reference))
    // The server shows the path there, which has nothing to show.
    errors.push(invalid(path, {}, 'must match dataSourceRef'))
  return errors
}

function validateSource(
  { apiGroup = '', kind, name }: NonNullable<ClaimSpec['dataSource']>,
  path: string,
): FieldError[] {
  return [
    ...(name ? [] : [required(`${path}.name`)]),
    ...(kind ? [] : [required(`${path}.kind`)]),
    ...(apiGroup === '' && kind !== 'PersistentVolumeClaim'
      ? [invalid(path, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup")]
      : []),
    ...(apiGroup === '' ? [] : dnsSubdomainErrors(apiGroup).map((why) => invalid(`${path}.apiGroup`, apiGroup, why))),
  ]
}
