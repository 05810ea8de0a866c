/** Fields that a path like `spec/template/metadata/labels` names, as kustomize's field specs do: lists on the way are gone through. */
import { isMap, type JsonMap } from '../../api/meta/go-json.ts'
import type { Resource } from './resource.ts'

export interface FieldSpec {
  path: string
  kind?: string
  group?: string
  /** What is missing on the way is made. */
  create?: boolean
}

export const isMeant = ({ kind, group }: FieldSpec, resource: Resource): boolean =>
  (kind === undefined || kind === resource.kind) && (group === undefined || group === resource.group)

const stepsOf = (path: string): string[] =>
  path.split(/(?<!\\)\//).map((step) => step.replaceAll('\\/', '/').replace(/\[\]$/, ''))

/**
 * The object with what the path names changed.
 * @param change gets undefined for a field to be made; gives undefined to leave things as they are
 */
export function changeField(
  object: JsonMap,
  { path, create = false }: FieldSpec,
  change: (value: unknown) => unknown,
): JsonMap {
  return changeAt(object, stepsOf(path), create, change) as JsonMap
}

function changeAt(
  value: unknown,
  steps: readonly string[],
  create: boolean,
  change: (value: unknown) => unknown,
): unknown {
  if (Array.isArray(value)) return value.map((item) => changeAt(item, steps, create, change))
  if (steps.length === 0) return change(value) ?? value
  if (!isMap(value)) {
    if (!create || (value !== undefined && value !== null)) return value
    const inner = changeAt(undefined, steps.slice(1), create, change)
    return inner === undefined ? value : { [steps[0]]: inner }
  }
  const [step, ...rest] = steps
  const old = value[step]
  if (old === undefined && !create) return value
  // The last step is given as a whole, so that a list of texts can be changed.
  const inner = rest.length === 0 ? (change(old) ?? old) : changeAt(old, rest, create, change)
  return inner === old ? value : { ...value, [step]: inner }
}
