/** CSIDriver, storage.k8s.io/v1. Sources: kubernetes/pkg/apis/storage/{v1/defaults.go,validation}, pkg/registry/storage/csidriver */
import { disabledFields, dropFields } from '../meta/feature-gates.ts'
import { duplicate, type FieldError, invalid, notSupported } from '../meta/field-error.ts'
import { equalJson } from '../meta/json.ts'
import type { Kind } from '../meta/kind.ts'
import { dnsSubdomainErrors } from '../meta/names.ts'
import { immutable, type MetaRules, validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import type { CSIDriver } from './types.ts'

/** Its name is that of the driver. Source: ValidateCSIDriverName */
const META: MetaRules = {
  isNamespaced: false,
  nameErrors: (name) => (name.length > 63 ? ['must be no more than 63 bytes'] : dnsSubdomainErrors(name.toLowerCase())),
}
const POLICIES = ['File', 'None', 'ReadWriteOnceWithFSType']
const MODES = ['Persistent', 'Ephemeral']

/** Source: kubernetes/pkg/registry/storage/csidriver/strategy.go */
const DISABLED = disabledFields([{ gate: 'VolumeLimitScaling', path: 'preventPodSchedulingIfMissing' }])

export const csiDrivers: Kind<CSIDriver> = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIDriver',
  plural: 'csidrivers',
  singular: 'csidriver',
  shortNames: [],
  categories: [],
  isNamespaced: false,
  apiVersion: 'storage.k8s.io/v1',
  schema: 'io.k8s.api.storage.v1.CSIDriver',
  applyDefaults(object) {
    object.spec ??= {}
    const { spec } = object
    dropFields(spec, DISABLED)
    spec.attachRequired ??= true
    spec.podInfoOnMount ??= false
    spec.storageCapacity ??= false
    spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType'
    if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ['Persistent']
    spec.requiresRepublish ??= false
    spec.seLinuxMount ??= false
  },
  prepareForCreate: () => {},
  prepareForUpdate(object, old) {
    const { tokenRequests, requiresRepublish, seLinuxMount } = object.spec
    const isSame =
      equalJson(tokenRequests, old.spec.tokenRequests) &&
      requiresRepublish === old.spec.requiresRepublish &&
      seLinuxMount === old.spec.seLinuxMount
    if (!isSame) object.metadata.generation = (old.metadata.generation ?? 0) + 1
  },
  validate: ({ metadata, spec }) => [...validateObjectMeta(metadata, META), ...validateSpec(spec)],
  validateUpdate: ({ metadata, spec }, old) => [
    ...validateObjectMetaUpdate(metadata, old.metadata),
    ...validateSpec(spec),
    ...immutable('spec.attachedRequired', spec.attachRequired, old.spec.attachRequired),
    ...immutable('spec.volumeLifecycleModes', spec.volumeLifecycleModes, old.spec.volumeLifecycleModes),
  ],
  needsResourceVersion: true,
  hasStatus: false,
  columns: [
    nameColumn,
    column(
      'AttachRequired',
      'boolean',
      'Whether volumes are attached first.',
      ({ spec }) => spec.attachRequired ?? true,
    ),
    column(
      'PodInfoOnMount',
      'boolean',
      'Whether the driver is told of the Pod.',
      ({ spec }) => spec.podInfoOnMount ?? false,
    ),
    column(
      'StorageCapacity',
      'boolean',
      'Whether the scheduler looks at its capacity.',
      ({ spec }) => spec.storageCapacity ?? false,
    ),
    column(
      'TokenRequests',
      'string',
      'For whom the driver gets tokens.',
      ({ spec }) => spec.tokenRequests?.map(({ audience }) => audience).join(',') ?? '<unset>',
    ),
    column(
      'RequiresRepublish',
      'boolean',
      'Whether it is called again and again.',
      ({ spec }) => spec.requiresRepublish ?? false,
    ),
    column(
      'Modes',
      'string',
      'How long its volumes live.',
      ({ spec }) => spec.volumeLifecycleModes?.join(',') || '<none>',
    ),
    ageColumn,
  ],
}

function validateSpec(spec: CSIDriver['spec']): FieldError[] {
  const { fsGroupPolicy, tokenRequests = [], volumeLifecycleModes = [], nodeAllocatableUpdatePeriodSeconds } = spec
  const errors: FieldError[] = []
  if (fsGroupPolicy !== undefined && !POLICIES.includes(fsGroupPolicy))
    errors.push(notSupported('spec.fsGroupPolicy', fsGroupPolicy, POLICIES))
  const audiences = new Set<string>()
  for (const [i, { audience, expirationSeconds }] of tokenRequests.entries()) {
    const path = `spec.tokenRequests[${i}]`
    if (audiences.has(audience)) {
      errors.push(duplicate(`${path}.audience`, audience))
      continue
    }
    audiences.add(audience)
    if (expirationSeconds === undefined) continue
    const at = `${path}.expirationSeconds`
    if (expirationSeconds < 600)
      errors.push(invalid(at, expirationSeconds, 'may not specify a duration less than 10 minutes'))
    if (expirationSeconds > 2 ** 32)
      errors.push(invalid(at, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'))
  }
  for (const mode of volumeLifecycleModes)
    if (!MODES.includes(mode)) errors.push(notSupported('spec.volumeLifecycleModes', mode, MODES))
  if (nodeAllocatableUpdatePeriodSeconds !== undefined && nodeAllocatableUpdatePeriodSeconds < 10)
    errors.push(
      invalid(
        'spec.nodeAllocatableUpdatePeriodSeconds',
        nodeAllocatableUpdatePeriodSeconds,
        'must be greater than or equal to 10 seconds',
      ),
    )
  return errors
}
