/** Reading what a client sent: the kind's own names, known fields, the right types. */

import type { JsonSchema } from '../api/apiextensions/types.ts'
import { prune } from '../api/apiextensions/values.ts'
import { chargeSize, isRecord } from '../api/meta/json.ts'
import type { Kind } from '../api/meta/kind.ts'
import type { KubeObject } from '../api/meta/object.ts'
import { badRequest, type StatusError } from '../api/meta/status-error.ts'
import { currentApiVersion } from '../api/old-versions.ts'
import { toNormalForm } from '../api/schema/normal-form.ts'
import { cannotBeHandled, checkFields, type FieldCheck, unknownFieldWarning } from '../api/schema/schema.ts'
import type { WriteOptions, WrittenFields } from '../client/client.ts'
import type { Caller } from './caller.ts'

/**
 * The object as the kind's type, from a copy of its own.
 * @param refuse how wrong types and unknown fields are refused: those of a patch are told otherwise
 * @throws StatusError 400 for the wrong kind; what `refuse` gives for a wrong type, or (Strict) a field that does not exist
 */
export function decode<T extends KubeObject>(
  kind: Kind<T>,
  object: unknown,
  caller: Pick<Caller, 'isTrusted' | 'warn'>,
  { fieldValidation, written }: Pick<WriteOptions, 'fieldValidation' | 'written'>,
  refuse: (why: string) => StatusError = (why) => cannotBeHandled(kind, why),
): T {
  if (!isRecord(object)) throw badRequest(`the object is not a ${kind.kind}: it is no mapping`)
  const { apiVersion, kind: kindName } = object
  if (
    (apiVersion !== undefined &&
      apiVersion !== kind.apiVersion &&
      currentApiVersion(String(apiVersion)) !== kind.apiVersion) ||
    (kindName !== undefined && kindName !== kind.kind)
  ) {
    throw badRequest(
      `${kindName ?? kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: no kind "${kindName}" is registered for version "${apiVersion}"`,
    )
  }
  if (kind.fromOldVersion && apiVersion !== undefined && apiVersion !== kind.apiVersion)
    Object.assign(object, kind.fromOldVersion(object))
  object.apiVersion = kind.apiVersion
  object.kind = kind.kind
  object.metadata ??= {}
  if (caller.isTrusted) return object as unknown as T
  chargeSize(object, stepsOfNode)
  const { typeError, unknown } = kind.custom ? checkCustom(kind.custom.schema, object) : checkFields(kind, object)
  if (typeError) throw refuse(typeError)
  if (fieldValidation !== 'Ignore') {
    // The unknown fields of a custom resource are told in alphabetical order.
    const problems = strictProblems(unknown, kind.custom && written ? { duplicates: written.duplicates } : written)
    if (problems.length > 0 && fieldValidation === 'Strict')
      throw refuse(`strict decoding error: ${problems.join(', ')}`)
    for (const warning of problems.flatMap(strictWarnings)) caller.warn(warning)
  }
  if (kind.custom) return object as unknown as T
  return toNormalForm(kind, withoutFields(object, unknown)) as unknown as T
}

const META = { schema: 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }

/**
 * A custom resource has types that its schema is asked for later; what the schema does not name is gone here. Its metadata is that of
 * every object.
 */
function checkCustom(schema: JsonSchema, object: Record<string, unknown>): FieldCheck {
  const { typeError, unknown } = checkFields(META, object.metadata)
  const inMetadata = unknown.map((path) => `metadata.${path}`)
  withoutFields(object, inMetadata)
  object.metadata = toNormalForm(META, object.metadata)
  return { typeError, unknown: [...inMetadata, ...prune(schema, object)].sort() }
}

/** Of computing: each is checked, defaulted, validated, copied and compared. */
const stepsOfNode = 3

/**
 * What strict decoding finds, in the order of the text; where that is lost, what stands twice comes first. A field that is not
 * known is not looked into. Source: sigs.k8s.io/json, k8s.io/apiserver/pkg/endpoints/handlers/patch.go
 */
function strictProblems(unknown: readonly string[], written: WrittenFields = { duplicates: [] }): string[] {
  const { duplicates, order } = written
  if (unknown.length === 0 && duplicates.length === 0) return []
  const textOf = (path: string): string => unknownFieldWarning(path)
  if (!order)
    return [
      ...duplicates.slice(0, mostProblems).map(({ text }) => text),
      ...unknown.slice(0, mostProblems).map(textOf),
    ].slice(0, mostProblems)
  const fields = new Set(unknown)
  const isWithin = (path: string): boolean =>
    fields.has(path) || [...path.matchAll(/[.[]/g)].some(({ index }) => fields.has(path.slice(0, index)))
  const problems = duplicates
    .filter(({ path }) => path === undefined || !isWithin(path))
    .map(({ text, position }) => ({ text, position }))
  // What the text does not name comes first.
  const left = new Set(unknown)
  const named: { text: string; position: number }[] = []
  for (const [position, path] of order.entries())
    if (left.delete(path) && named.length < mostProblems) named.push({ text: textOf(path), position })
  const unnamed = [...left].slice(0, mostProblems).map((path) => ({ text: textOf(path), position: -1 }))
  return [...unnamed, ...named, ...problems]
    .toSorted((a, b) => a.position - b.position)
    .slice(0, mostProblems)
    .map(({ text }) => text)
}

/** More of a text's faults than this are not told. Source: sigs.k8s.io/json, saveStrictError */
const mostProblems = 100

/**
 * A fault as the warnings that are made of it: keys that stand twice in YAML are one each.
 * Source: k8s.io/apiserver/pkg/endpoints/handlers/rest.go parseYAMLWarnings
 */
export function strictWarnings(problem: string): string[] {
  const [, lines] = /^(?:error converting YAML to JSON: )?yaml: unmarshal errors:\n([\s\S]*)$/.exec(problem) ?? []
  return lines === undefined ? [problem] : lines.split('\n').map((line) => line.trim())
}

/** Unknown fields are dropped, as Go's decoder does: a typed object has no place for them. */
function withoutFields(object: Record<string, unknown>, paths: readonly string[]): Record<string, unknown> {
  for (const path of paths) {
    const names = path.match(/[^.[\]]+/g) ?? []
    const last = names.pop()
    let holder: unknown = object
    for (const name of names) holder = (holder as Record<string, unknown> | undefined)?.[name]
    if (last !== undefined && isRecord(holder)) delete holder[last]
  }
  return object
}
