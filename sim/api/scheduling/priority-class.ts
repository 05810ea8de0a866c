/** PriorityClass, scheduling.k8s.io/v1. Source: kubernetes/pkg/apis/scheduling/validation/validation.go */
import { type FieldError, forbiddenField, notSupported } from '../meta/field-error.ts'
import type { Kind } from '../meta/kind.ts'
import { dnsSubdomainErrors } from '../meta/names.ts'
import { immutable, validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import type { PriorityClass } from './types.ts'

/** The most that a user's class may be worth. */
const HIGHEST_USER_PRIORITY = 1_000_000_000
const SYSTEM_PREFIX = 'system-'

/** The classes that every cluster has, by name. */
export const systemPriorityClasses: Readonly<Record<string, { value: number; description: string }>> = {
  'system-cluster-critical': {
    value: 2_000_000_000,
    description:
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
  'system-node-critical': {
    value: 2_000_001_000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
}

export const priorityClasses: Kind<PriorityClass> = {
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  singular: 'priorityclass',
  shortNames: ['pc'],
  categories: [],
  isNamespaced: false,
  apiVersion: 'scheduling.k8s.io/v1',
  schema: 'io.k8s.api.scheduling.v1.PriorityClass',
  applyDefaults: (priorityClass) => {
    priorityClass.value ??= 0
    priorityClass.preemptionPolicy ??= 'PreemptLowerPriority'
  },
  prepareForCreate: (priorityClass) => {
    priorityClass.metadata.generation = 1
  },
  prepareForUpdate: () => {},
  validate: (priorityClass) => [
    ...validateObjectMeta(priorityClass.metadata, { isNamespaced: false, nameErrors: dnsSubdomainErrors }),
    ...validateValue(priorityClass),
    ...validatePolicy(priorityClass),
  ],
  validateUpdate: (priorityClass, old) => [
    ...validateObjectMetaUpdate(priorityClass.metadata, old.metadata),
    ...(priorityClass.value === old.value ? [] : [forbiddenField('value', 'may not be changed in an update.')]),
    ...immutable('preemptionPolicy', priorityClass.preemptionPolicy, old.preemptionPolicy),
  ],
  // Source: pkg/registry/scheduling/priorityclass/storage
  refusesDeletion: (name) =>
    Object.hasOwn(systemPriorityClasses, name) ? 'this is a system priority class and cannot be deleted' : undefined,
  hasStatus: false,
  columns: [
    nameColumn,
    column('Value', 'integer', 'The priority that Pods of the class get.', (priorityClass) => priorityClass.value),
    column(
      'Global-Default',
      'boolean',
      'Whether Pods without a class get this one.',
      (priorityClass) => priorityClass.globalDefault ?? false,
    ),
    ageColumn,
    column(
      'PreemptionPolicy',
      'string',
      'Whether its Pods may remove others.',
      (priorityClass) => priorityClass.preemptionPolicy ?? '',
    ),
  ],
}

function validateValue({ metadata, value, globalDefault }: PriorityClass): FieldError[] {
  // Without a name it is refused for that.
  if (!metadata.name?.startsWith(SYSTEM_PREFIX))
    return value > HIGHEST_USER_PRIORITY
      ? [forbiddenField('value', `maximum allowed value of a user defined priority is ${HIGHEST_USER_PRIORITY}`)]
      : []
  const why = systemClassError(metadata.name, value, globalDefault ?? false)
  if (!why) return []
  const message = `priority class names with '${SYSTEM_PREFIX}' prefix are reserved for system use only. error: ${why}`
  return [forbiddenField('metadata.name', message)]
}

function systemClassError(name: string, value: number, globalDefault: boolean): string | undefined {
  const known = Object.hasOwn(systemPriorityClasses, name) ? systemPriorityClasses[name] : undefined
  if (!known) return `${name} is not a known system priority class`
  if (value !== known.value) return `value of ${name} PriorityClass must be ${known.value}`
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined
}

function validatePolicy({ preemptionPolicy }: PriorityClass): FieldError[] {
  if (preemptionPolicy === 'PreemptLowerPriority' || preemptionPolicy === 'Never') return []
  return [notSupported('preemptionPolicy', preemptionPolicy ?? '', ['PreemptLowerPriority', 'Never'])]
}
