/** Checks of metadata that all kinds share. Source: k8s.io/apimachinery/pkg/api/validation/objectmeta.go */
import { utf8Length } from './base64.ts'
import { type FieldError, forbiddenField, invalid, required, tooLong } from './field-error.ts'
import { equalJson } from './json.ts'
import { dnsLabelErrors, labelValueErrors, qualifiedNameErrors } from './names.ts'
import type { ObjectMeta, OwnerReference } from './object.ts'

/** 256 KiB, keys included. */
const MAX_ANNOTATIONS_BYTES = 256 * 1024

export interface MetaRules {
  isNamespaced: boolean
  /** What is wrong with a name of this kind. */
  nameErrors(name: string): string[]
  /** Finalizers without a domain are taken, as those of custom resources and of what the server itself is extended by. */
  hasAnyFinalizers?: boolean
}

/** Checks the metadata of a new object; its name has been generated already. */
export function validateObjectMeta(meta: ObjectMeta, rules: MetaRules): FieldError[] {
  const errors: FieldError[] = []
  if (meta.generateName)
    for (const why of rules.nameErrors(maskTrailingDash(meta.generateName)))
      errors.push(invalid('metadata.generateName', meta.generateName, why))
  if (!meta.name) errors.push(required('metadata.name', 'name or generateName is required'))
  else for (const why of rules.nameErrors(meta.name)) errors.push(invalid('metadata.name', meta.name, why))
  if (rules.isNamespaced) {
    if (!meta.namespace) errors.push(required('metadata.namespace'))
    else
      for (const why of dnsLabelErrors(meta.namespace)) errors.push(invalid('metadata.namespace', meta.namespace, why))
  } else if (meta.namespace) errors.push(forbiddenField('metadata.namespace', 'not allowed on this type'))
  return [...errors, ...validateParts(meta), ...(rules.hasAnyFinalizers ? [] : validateFinalizerNames(meta.finalizers))]
}

const STANDARD_FINALIZERS = ['kubernetes', 'orphan', 'foregroundDeletion']

/** Source: validateKubeFinalizerName in kubernetes/pkg/apis/core/validation/validation.go */
const validateFinalizerNames = (finalizers: readonly string[] = []): FieldError[] =>
  finalizers.flatMap((name, n) => validateFinalizerName(name, `metadata.finalizers[${n}]`))

export const validateFinalizerName = (name: string, path: string): FieldError[] =>
  name.includes('/') || STANDARD_FINALIZERS.includes(name)
    ? []
    : [invalid(path, name, 'name is neither a standard finalizer name nor is it fully qualified')]

/** A prefix may end in a dash: what is appended ends it well. */
const maskTrailingDash = (prefix: string): string =>
  prefix.length > 1 && prefix.endsWith('-') ? `${prefix.slice(0, -1)}a` : prefix

function validateParts(meta: ObjectMeta): FieldError[] {
  return [
    ...nonNegative('metadata.generation', meta.generation),
    ...validateLabels(meta.labels, 'metadata.labels'),
    ...validateAnnotations(meta.annotations, 'metadata.annotations'),
    ...validateOwnerReferences(meta.ownerReferences),
    ...validateFinalizers(meta.finalizers),
  ]
}

/** What a template's metadata may not say, in the order in which it is told. */
const NOT_OF_TEMPLATES = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'ownerReferences',
  'finalizers',
  'managedFields',
] as const satisfies readonly (keyof ObjectMeta)[]

/** Metadata for objects that are made later: labels and annotations are all it may have. Source: ValidateTemplateObjectMeta */
export function validateTemplateMeta(meta: Partial<ObjectMeta> | undefined, path: string): FieldError[] {
  return [
    ...validateAnnotations(meta?.annotations, `${path}.annotations`),
    ...validateLabels(meta?.labels, `${path}.labels`),
    ...NOT_OF_TEMPLATES.filter((field) => meta?.[field]).map((field) =>
      forbiddenField(`${path}.${field}`, 'cannot be set'),
    ),
  ]
}

/** Checks metadata against that of the object it replaces. */
export function validateObjectMetaUpdate(
  meta: ObjectMeta,
  old: ObjectMeta,
  rules: Pick<MetaRules, 'hasAnyFinalizers'> = {},
): FieldError[] {
  const errors: FieldError[] = []
  const before = new Set(old.finalizers)
  const added = (meta.finalizers ?? []).filter((finalizer) => !before.has(finalizer))
  if (old.deletionTimestamp && added.length > 0)
    errors.push(
      forbiddenField(
        'metadata.finalizers',
        `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added
          .toSorted()
          .map((finalizer) => JSON.stringify(finalizer))
          .join(', ')}}`,
      ),
    )
  if (!meta.resourceVersion)
    errors.push(invalid('metadata.resourceVersion', meta.resourceVersion ?? '', 'must be specified for an update'))
  if ((meta.generation ?? 0) < (old.generation ?? 0))
    errors.push(invalid('metadata.generation', meta.generation ?? 0, 'must not be decremented'))
  for (const field of [
    'name',
    'namespace',
    'uid',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
  ] as const)
    errors.push(...immutable(`metadata.${field}`, meta[field], old[field]))
  return [...errors, ...validateParts(meta), ...(rules.hasAnyFinalizers ? [] : validateFinalizerNames(meta.finalizers))]
}

/** `field is immutable`, when the values differ. */
export const immutable = (field: string, value: unknown, old: unknown): FieldError[] =>
  equalJson(value, old) ? [] : [invalid(field, value, 'field is immutable')]

export const nonNegative = (field: string, value: number | undefined): FieldError[] =>
  value !== undefined && value < 0 ? [invalid(field, value, 'must be greater than or equal to 0')] : []

/** Keys and values of labels. */
export function validateLabels(labels: Readonly<Record<string, string>> | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const [key, value] of sortedEntries(labels)) {
    errors.push(...validateLabelName(key, path))
    for (const why of labelValueErrors(value)) errors.push(invalid(path, value, why))
  }
  return errors
}

export const validateLabelName = (name: string, path: string): FieldError[] =>
  qualifiedNameErrors(name).map((why) => invalid(path, name, why))

export function validateAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  path: string,
): FieldError[] {
  const errors: FieldError[] = []
  let bytes = 0
  for (const [key, value] of sortedEntries(annotations)) {
    bytes += utf8Length(key) + utf8Length(value)
    // Case does not matter in keys of annotations.
    for (const why of qualifiedNameErrors(key.toLowerCase())) errors.push(invalid(path, key, why))
  }
  if (bytes > MAX_ANNOTATIONS_BYTES) errors.push(tooLong(path, MAX_ANNOTATIONS_BYTES))
  return errors
}

/** Go iterates maps in random order; here errors come sorted by key. */
export const sortedEntries = <T>(map: Readonly<Record<string, T>> | undefined): [string, T][] =>
  Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))

/** With its fields as the server declares them. */
const inOrder = ({ apiVersion, kind, name, uid, controller, blockOwnerDeletion }: OwnerReference): object => ({
  apiVersion,
  kind,
  name,
  uid,
  ...(controller === undefined ? {} : { controller }),
  ...(blockOwnerDeletion === undefined ? {} : { blockOwnerDeletion }),
})

function validateOwnerReferences(owners: readonly OwnerReference[] | undefined): FieldError[] {
  const path = 'metadata.ownerReferences'
  const errors: FieldError[] = []
  let controller = ''
  for (const owner of owners ?? []) {
    // What is no group and version is read as neither.
    if (!owner.apiVersion || owner.apiVersion.split('/').length > 2)
      errors.push(invalid(`${path}.apiVersion`, owner.apiVersion ?? '', 'version must not be empty'))
    for (const field of ['kind', 'name', 'uid'] as const)
      if (!owner[field]) errors.push(invalid(`${path}.${field}`, owner[field] ?? '', 'must not be empty'))
    if (owner.apiVersion === 'v1' && owner.kind === 'Event')
      errors.push(invalid(path, inOrder(owner), '/v1, Kind=Event is disallowed from being an owner'))
    if (!owner.controller) continue
    const name = `${owner.kind}/${owner.name}`
    if (controller)
      errors.push(
        invalid(
          path,
          owners?.map(inOrder),
          `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${name}`,
        ),
      )
    else controller = name
  }
  return errors
}

function validateFinalizers(finalizers: readonly string[] | undefined): FieldError[] {
  const errors = (finalizers ?? []).flatMap((finalizer) => validateLabelName(finalizer, 'metadata.finalizers'))
  if (finalizers?.includes('orphan') && finalizers.includes('foregroundDeletion'))
    errors.push(
      invalid('metadata.finalizers', finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'),
    )
  return errors
}
