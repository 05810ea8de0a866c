/** ResourceSlice, resource.k8s.io/v1: devices that a driver has. Sources: kubernetes/pkg/registry/resource/resourceslice, pkg/apis/resource/validation */
import { validateNodeSelector } from '../core/pod/placement-validation.ts'
import { type FieldError, forbiddenField, invalid, notSupported, required, tooLong } from '../meta/field-error.ts'
import type { Kind } from '../meta/kind.ts'
import { dnsSubdomainErrors, labelValueErrors, qualifiedNameErrors } from '../meta/names.ts'
import { immutable, type MetaRules, validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import { internalForm } from '../schema/internal-form.ts'
import { TAINT_EFFECTS } from './claim-spec.ts'
import {
  qualifiedNameErrors as attributeNameErrors,
  deviceNameErrors,
  driverNameErrors,
  poolNameErrors,
} from './device-names.ts'
import { listErrors, setErrors } from './lists.ts'
import type { Device, DeviceAttribute, DeviceTaint, ResourceSlice } from './types.ts'

const META: MetaRules = { isNamespaced: false, nameErrors: dnsSubdomainErrors }
const MOST_DEVICES = 128
/** When any has taints, counters or attributes that are lists. */
const MOST_ADVANCED_DEVICES = 64
const MOST_TAINTS = 16
const MOST_ATTRIBUTES = 32
const MOST_ATTRIBUTE_VALUES = 48
const LONGEST_VALUE = 64
const IDENTIFIER = String.raw`(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)`
const NUMBER = String.raw`(0|[1-9]\d*)`
const VERSION = new RegExp(
  String.raw`^${NUMBER}\.${NUMBER}\.${NUMBER}(-${IDENTIFIER}(\.${IDENTIFIER})*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$`,
)

export const resourceSlices: Kind<ResourceSlice> = {
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceSlice',
  plural: 'resourceslices',
  singular: 'resourceslice',
  shortNames: [],
  categories: [],
  isNamespaced: false,
  apiVersion: 'resource.k8s.io/v1',
  schema: 'io.k8s.api.resource.v1.ResourceSlice',
  applyDefaults: ({ spec }) => {
    for (const { nodeAllocatableResourceMappings = {} } of spec?.devices ?? [])
      for (const mapping of Object.values(nodeAllocatableResourceMappings)) mapping.allocationMultiplier ??= '1'
  },
  prepareForCreate: (slice, { now }) => sayWhenTainted(slice, now),
  prepareForUpdate: (slice, _old, { now }) => sayWhenTainted(slice, now),
  validate: (slice) => [...validateObjectMeta(slice.metadata, META), ...validateSpec(slice.spec)],
  validateUpdate: ({ metadata, spec }, old) => [
    ...validateObjectMetaUpdate(metadata, old.metadata),
    ...validateSpec(spec),
    ...immutable('spec.pool.name', spec?.pool?.name, old.spec.pool.name),
    ...immutable('spec.driver', spec?.driver, old.spec.driver),
    ...immutable('spec.nodeName', spec?.nodeName, old.spec.nodeName),
  ],
  hasStatus: false,
  generationOf: ({ spec }) => spec,
  columns: [
    nameColumn,
    column('Node', 'string', 'The node whose devices these are.', ({ spec }) => spec.nodeName ?? ''),
    column('Driver', 'string', 'Who has the devices.', ({ spec }) => spec.driver),
    column('Pool', 'string', 'What the devices belong to.', ({ spec }) => spec.pool.name),
    ageColumn,
  ],
  selectableFields: ({ spec }) => ({ 'spec.nodeName': spec.nodeName ?? '', 'spec.driver': spec.driver }),
  notSimulated: [
    'spec.sharedCounters',
    'spec.devices[].consumesCounters',
    'spec.devices[].bindsToNode',
    'spec.devices[].bindingConditions',
    'spec.devices[].nodeAllocatableResourceMappings',
    'spec.devices[].allowMultipleAllocations',
  ],
}

function sayWhenTainted({ spec }: ResourceSlice, now: string): void {
  for (const { taints = [] } of spec?.devices ?? []) for (const taint of taints) taint.timeAdded ??= now
}

const WHERE = ['nodeName', 'nodeSelector', 'allNodes', 'perDeviceNodeSelection'] as const
const quoted = (fields: readonly string[]): string => fields.map((field) => `\`${field}\``).join(', ')

function validateSpec(spec: Partial<ResourceSlice['spec']> = {}): FieldError[] {
  const { driver, pool, nodeName, nodeSelector, sharedCounters, devices = [] } = spec
  const errors = [
    ...driverNameErrors(driver, 'spec.driver'),
    ...poolNameErrors(pool?.name, 'spec.pool.name'),
    ...((pool?.resourceSliceCount ?? 0) > 0
      ? []
      : [invalid('spec.pool.resourceSliceCount', pool?.resourceSliceCount ?? 0, 'must be greater than zero')]),
    ...((pool?.generation ?? 0) < 0
      ? [invalid('spec.pool.generation', pool?.generation, 'must be greater than or equal to zero')]
      : []),
    ...nodeNameErrors(nodeName, 'spec.nodeName', 'must be either unset or set to a non-empty string'),
    ...(nodeSelector ? validateNodeSelector(nodeSelector, 'spec.nodeSelector') : []),
  ]
  if (nodeSelector && nodeSelector.nodeSelectorTerms?.length !== 1)
    errors.push(
      invalid(
        'spec.nodeSelector.nodeSelectorTerms',
        nodeSelector.nodeSelectorTerms,
        'must have exactly one node selector term',
      ),
    )
  for (const field of ['allNodes', 'perDeviceNodeSelection'] as const)
    if (spec[field] === false) errors.push(invalid(`spec.${field}`, false, 'must be either unset or set to true'))
  const set = WHERE.filter((field) => spec[field])
  const exactlyOne = `exactly one of ${quoted(WHERE)} is required`
  if (set.length === 0) errors.push(required('spec', exactlyOne))
  else if (set.length > 1)
    errors.push(invalid('spec', `{${quoted(set)}}`, `${exactlyOne}, but multiple fields are set`))
  if (sharedCounters && spec.devices)
    errors.push(invalid('spec', '', 'only one of `sharedCounters` or `devices` is allowed'))
  const most = devices.some(isAdvanced) ? MOST_ADVANCED_DEVICES : MOST_DEVICES
  const eachHasPlace = spec.perDeviceNodeSelection === true
  return [
    ...errors,
    ...setErrors(
      devices,
      most,
      'spec.devices',
      (device, path) => validateDevice(device, path, eachHasPlace),
      ({ name }) => name ?? '',
    ),
  ]
}

const isAdvanced = ({ taints = [], consumesCounters = [], attributes = {} }: Device): boolean =>
  taints.length > 0 ||
  consumesCounters.length > 0 ||
  Object.values(attributes).some(({ ints, bools, strings, versions }) => ints ?? bools ?? strings ?? versions)

const nodeNameErrors = (name: string | undefined, path: string, whenEmpty: string): FieldError[] =>
  name === undefined
    ? []
    : name === ''
      ? [invalid(path, name, whenEmpty)]
      : dnsSubdomainErrors(name).map((why) => invalid(path, name, why))

function validateDevice(device: Device, path: string, hasPlace: boolean): FieldError[] {
  const { attributes = {}, capacity = {} } = device
  const count = Object.keys(attributes).length + Object.keys(capacity).length
  const values = Object.values(attributes).reduce((sum, { ints, bools, strings, versions }) => {
    const listed = [ints, bools, strings, versions].reduce((all, list) => all + (list?.length ?? 0), 0)
    return sum + Math.max(1, listed)
  }, 0)
  return [
    ...deviceNameErrors(device.name, `${path}.name`),
    ...(count > MOST_ATTRIBUTES
      ? [invalid(path, count, `the total number of attributes and capacities must not exceed ${MOST_ATTRIBUTES}`)]
      : []),
    ...(values > MOST_ATTRIBUTE_VALUES
      ? [invalid(path, values, `the total number of attribute values must not exceed ${MOST_ATTRIBUTE_VALUES}`)]
      : []),
    ...Object.entries(attributes).flatMap(([name, attribute]) => [
      ...attributeNameErrors(name, `${path}.attributes`),
      ...validateAttribute(attribute, `${path}.attributes[${name}]`),
    ]),
    ...Object.entries(capacity).flatMap(([name, { requestPolicy }]) => [
      ...attributeNameErrors(name, `${path}.capacity`),
      ...(requestPolicy && !device.allowMultipleAllocations
        ? [forbiddenField(`${path}.capacity[${name}].requestPolicy`, 'allowMultipleAllocations must be true')]
        : []),
    ]),
    ...listErrors(device.taints, MOST_TAINTS, `${path}.taints`, validateTaint),
    ...placeErrors(device, path, hasPlace),
  ]
}

function placeErrors(device: Device, path: string, hasPlace: boolean): FieldError[] {
  const { nodeName, nodeSelector, allNodes } = device
  const fields = ['nodeName', 'nodeSelector', 'allNodes'] as const
  if (!hasPlace)
    return fields.some((field) => device[field] !== undefined)
      ? [
          invalid(
            path,
            null,
            '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec',
          ),
        ]
      : []
  const exactlyOne =
    'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec'
  const set = fields.filter((field) => device[field])
  return [
    ...nodeNameErrors(nodeName, `${path}.nodeName`, 'must not be empty'),
    ...(nodeSelector ? validateNodeSelector(nodeSelector, `${path}.nodeSelector`) : []),
    ...(allNodes === false ? [invalid(`${path}.allNodes`, false, 'must be either unset or set to true')] : []),
    ...(set.length === 0 ? [required(path, exactlyOne)] : []),
    ...(set.length > 1 ? [invalid(path, `{${quoted(set)}}`, exactlyOne)] : []),
  ]
}

function validateAttribute(attribute: DeviceAttribute, path: string): FieldError[] {
  const { string, version, strings, versions } = attribute
  const tooLongErrors = (value: string, at: string): FieldError[] =>
    value.length > LONGEST_VALUE ? [tooLong(at, LONGEST_VALUE)] : []
  const versionErrors = (value: string, at: string): FieldError[] => [
    ...(VERSION.test(value) ? [] : [invalid(at, value, 'must be a string compatible with semver.org spec 2.0.0')]),
    ...tooLongErrors(value, at),
  ]
  const empty = (['bools', 'ints', 'strings', 'versions'] as const).filter((field) => attribute[field]?.length === 0)
  const count = Object.values(attribute).filter((value) => value !== undefined).length
  return [
    ...(string === undefined ? [] : tooLongErrors(string, `${path}.string`)),
    ...(version === undefined ? [] : versionErrors(version, `${path}.version`)),
    ...empty.map((field) => invalid(`${path}.${field}`, [], 'must not be empty if specified')),
    ...(strings ?? []).flatMap((value, n) => tooLongErrors(value, `${path}.strings[${n}]`)),
    ...(versions ?? []).flatMap((value, n) => versionErrors(value, `${path}.versions[${n}]`)),
    ...(count === 1
      ? []
      : [
          invalid(
            path,
            count === 0 ? '' : internalForm('DeviceAttribute', attribute),
            'exactly one value must be specified',
          ),
        ]),
  ]
}

const validateTaint = ({ key = '', value = '', effect = '' }: Partial<DeviceTaint>, path: string): FieldError[] => [
  ...qualifiedNameErrors(key).map((why) => invalid(`${path}.key`, key, why)),
  ...labelValueErrors(value).map((why) => invalid(`${path}.value`, value, why)),
  ...(effect === ''
    ? [required(`${path}.effect`)]
    : TAINT_EFFECTS.includes(effect)
      ? []
      : [notSupported(`${path}.effect`, effect, TAINT_EFFECTS)]),
]
