/** Objects that have to stay as they were handed over, but for some of their fields. */
import type { LabelSelectorRequirement, ManagedFieldsEntry } from '../../api/meta/object.ts'
import { compareQuantities, quantityError } from '../../api/meta/quantity.ts'
import { said } from '../../engine/said.ts'
import { charge } from '../../engine/work.ts'
import type { UnchangedObject } from '../types.ts'
import { kindNamed, type Snapshot } from './history.ts'
import { shown } from './partial-object.ts'
import type { StateAssertion, Verdict } from './verdict.ts'

/** What the server, its controllers and kubectl write by themselves: who changed nothing sees it change all the same. */
const ofServer: readonly string[] = [
  'status',
  'metadata.uid',
  'metadata.resourceVersion',
  'metadata.generation',
  'metadata.creationTimestamp',
  'metadata.deletionGracePeriodSeconds',
  'metadata.managedFields',
  'metadata.annotations.kubectl.kubernetes.io/last-applied-configuration',
  'metadata.annotations.deployment.kubernetes.io/revision',
  // What `kubectl rollout history` shows of the reason: a note about the change, which kubectl writes itself with --record.
  'metadata.annotations.kubernetes.io/change-cause',
]

/**
 * Compares with what was there at the first moment that is asked about, the hand-over. An object that was deleted and made again as it was is
 * as it was. With `managers` each of its fields has the managers that it had then: who applies a manifest with values that are there already
 * changes no value, and shares or takes what others manage all the same.
 * @throws Error for a kind that is not there
 */
export function unchangedAssertion(objects: readonly UnchangedObject[]): StateAssertion {
  const all = objects.map(({ kind, ...rest }) => ({ ...rest, kind: kindNamed(kind) }))
  type Named = (typeof all)[number]
  const before = new Map<Named, ReadonlyMap<string, Compared>>()
  /** By namespace and name, what is compared of each. */
  const find = (snapshot: Snapshot, one: Named): ReadonlyMap<string, Compared> => {
    const { kind, name, namespace } = one
    const pattern = nameOf(name)
    const found = namespace === undefined ? snapshot.objects(kind.plural) : snapshot.everywhere(kind.plural)
    // Who asks for the uid wants the very object, and not one made again; and a part of the status may be asked for, too.
    const isAskedFor = (field: string): boolean =>
      one.only?.some((path) => path === field || path.startsWith(`${field}.`)) ?? false
    const left = [...ofServer.filter((field) => !isAskedFor(field)), ...(one.except ?? [])]
    return new Map(
      found
        .filter(
          ({ metadata }) =>
            pattern.test(metadata.name) && (namespace === undefined || metadata.namespace === namespace),
        )
        .map((object) => {
          const entries = one.managers ? snapshot.managedFields(kind.plural, object) : []
          const fields = fieldsOf(object, left, one.only)
          return [object.metadata.name, { fields, managers: managersIn(entries, left, one.only) }]
        }),
    )
  }
  const expected = said`${objects.map(({ kind, name }) => `${kind}/${name}`).join(', ')} as handed over`
  return {
    reads: new Set(all.map(({ kind }) => kind.plural)),
    evaluate(snapshot): Verdict {
      for (const one of all) {
        const now = find(snapshot, one)
        if (!before.has(one)) before.set(one, now)
        const then = before.get(one)!
        if (then.size === 0)
          return { holds: false, actual: said`there was no ${one.kind.kind}/${one.name} at the hand-over`, expected }
        for (const [name, compared] of then) {
          const actual = differenceOf(`${one.kind.kind}/${name}`, compared, now.get(name))
          if (actual !== undefined) return { holds: false, actual, expected }
        }
      }
      return { holds: true, actual: said`as handed over`, expected }
    },
  }
}

interface Compared {
  fields: ReadonlyMap<string, unknown>
  /** By the path of a field, all who manage it. */
  managers: ReadonlyMap<string, string>
}

/** In words. @returns undefined where there is none */
function differenceOf(called: string, then: Compared, now: Compared | undefined): string | undefined {
  if (!now) return said`${called} is not there any more`
  const path = firstOther(then.fields, now.fields, isSame)
  if (path !== undefined)
    return said`${called}: ${path} was ${shown(then.fields.get(path))} and is ${shown(now.fields.get(path))}`
  const managed = firstOther(then.managers, now.managers, (_, a, b) => a === b)
  if (managed === undefined) return undefined
  const [had, has] = [then, now].map(({ managers }) => managers.get(managed) ?? said`nobody`) as [string, string]
  return said`${called}: ${managed} was managed by ${had}, and is by ${has}`
}

const firstOther = <T>(
  then: ReadonlyMap<string, T>,
  now: ReadonlyMap<string, T>,
  isAlike: (path: string, then: T | undefined, now: T | undefined) => boolean,
): string | undefined =>
  [...new Set([...then.keys(), ...now.keys()])].find((path) => !isAlike(path, then.get(path), now.get(path)))

/**
 * Who manages each field: `delivery (Apply)`. An item of a list is a part of the path by its key: `containers.k:{"name":"web"}.image`.
 * @param except paths that are left out. @param only paths that are looked at; all unless told
 */
function managersIn(
  entries: readonly ManagedFieldsEntry[],
  except: readonly string[],
  only?: readonly string[],
): ReadonlyMap<string, string> {
  const managers = new Map<string, string[]>()
  for (const { manager, operation, subresource, fieldsV1 } of entries) {
    const name = `${manager} (${[operation, subresource].filter(Boolean).join(' ')})`
    for (const path of fieldsOf(namedFields(fieldsV1), except, only).keys())
      managers.set(path, [...(managers.get(path) ?? []), name])
  }
  return new Map([...managers].map(([path, names]) => [path, names.sort().join(', ')]))
}

/** Fields under their own names, without those that only say that a part is there at all. */
const namedFields = (fields: object): unknown => {
  const below = Object.entries(fields).filter(([element]) => element !== '.')
  charge(below.length)
  if (below.length === 0) return true
  return Object.fromEntries(below.map(([element, part]) => [element.replace(/^f:/, ''), namedFields(part as object)]))
}

/** `web`, or `web-*` for each that was there. */
const nameOf = (name: string): RegExp => new RegExp(`^${name.split('*').map(escaped).join('.*')}$`)

/** The lists of amounts: `128Mi` and `134217728` are the same there, and not in a setting that is called `heap.max.size`. */
const amounts =
  /^spec\.(?:.+\.)?(requests|limits|hard|capacity|min|max|default|defaultRequest|maxLimitRequestRatio|overhead)\../

function isSame(path: string, then: unknown, now: unknown): boolean {
  if (JSON.stringify(then) === JSON.stringify(now)) return true
  const isAmount = (value: unknown): value is string => typeof value === 'string' && quantityError(value) === undefined
  return amounts.test(path) && isAmount(then) && isAmount(now) && compareQuantities(then, now) === 0
}

/** The path of the first field that is another, by what `fieldsOf` gave; undefined when none is. */
export const firstDifferent = (
  before: ReadonlyMap<string, unknown>,
  now: ReadonlyMap<string, unknown>,
): string | undefined =>
  [...new Set([...before.keys(), ...now.keys()])].find((path) => before.get(path) !== now.get(path))

/**
 * Each field that holds no others, by its path: `spec.ports.0.port`.
 * @param except paths that are left out, with `*` for any name or place. @param only paths that are looked at; all unless told
 */
export function fieldsOf(
  object: unknown,
  except: readonly string[],
  only?: readonly string[],
): ReadonlyMap<string, unknown> {
  const [left, wanted] = [except.map(patternOf), only?.map(patternOf)]
  const fields = new Map<string, unknown>()
  const walk = (value: unknown, path: string): void => {
    charge(1 + left.length + (wanted?.length ?? 0))
    if (left.some((one) => one.test(path))) return
    const parts = typeof value === 'object' && value !== null ? Object.entries(inOneSpelling(value, path)) : []
    // An empty list and none are the same.
    for (const [name, part] of parts) if (part !== undefined) walk(part, path === '' ? name : `${path}.${name}`)
    const isField = typeof value !== 'object' || value === null
    if (isField && (wanted?.some((one) => one.test(path)) ?? true)) fields.set(path, value)
  }
  walk(object, '')
  return fields
}

/** Labels that a selector asks for as expressions with one value each are the same as `matchLabels`; nodes are chosen by expressions alone. */
function inOneSpelling(value: object, path: string): object {
  const { matchExpressions: expressions } = value as { matchExpressions?: LabelSelectorRequirement[] }
  if (!Array.isArray(expressions) || ofNodes.test(path)) return value
  charge(expressions.length)
  const { matchLabels = {} } = value as { matchLabels?: Record<string, string> }
  const asLabels = expressions.filter(
    ({ key, operator, values }) =>
      operator === 'In' && values?.length === 1 && (matchLabels[key] ?? values[0]) === values[0],
  )
  if (asLabels.length === 0 || new Set(asLabels.map(({ key }) => key)).size < asLabels.length) return value
  return {
    ...value,
    matchLabels: { ...matchLabels, ...Object.fromEntries(asLabels.map(({ key, values }) => [key, values?.[0]])) },
    matchExpressions: expressions.filter((one) => !asLabels.includes(one)),
  }
}

const ofNodes = /(^|\.)(nodeSelectorTerms\.\d+|preference)$/

const patternOf = (path: string): RegExp => new RegExp(`^${path.split('*').map(escaped).join('[^.]+')}(\\.|$)`)

/** Text as it stands, in a pattern. */
export const escaped = (text: string): string => text.replaceAll(/[.\\/[\]()+?^${}|]/g, '\\$&')
