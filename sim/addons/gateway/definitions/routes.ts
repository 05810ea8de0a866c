/** What the schemas of all routes share. Source: sigs.k8s.io/gateway-api v1.6.1, config/crd/standard */
import type { JsonSchema, ValidationRule } from '../../../api/apiextensions/types.ts'
import {
  atomicList,
  controllerName,
  GROUP,
  group,
  headerName,
  hostname,
  integer,
  keyedList,
  kind,
  localReference,
  namespace,
  object,
  objectName,
  oneOf,
  port,
  referenceFields,
  rule,
  sectionName,
  setOf,
  someConditions,
  text,
  withDefault,
} from './shapes.ts'

const parentRef = object(
  {
    group: withDefault(group, GROUP),
    kind: withDefault(kind, 'Gateway'),
    name: objectName,
    namespace,
    port,
    sectionName,
  },
  ['name'],
)

const SAME_PARENT =
  "p1.group == p2.group && p1.kind == p2.kind && p1.name == p2.name && (((!has(p1.__namespace__) || p1.__namespace__ == '') && (!has(p2.__namespace__) || p2.__namespace__ == '')) || (has(p1.__namespace__) && has(p2.__namespace__) && p1.__namespace__ == p2.__namespace__ ))"

export const parentRefs = atomicList(
  parentRef,
  { most: 32 },
  rule(
    `self.all(p1, self.all(p2, ${SAME_PARENT} ? ((!has(p1.sectionName) || p1.sectionName == '') == (!has(p2.sectionName) || p2.sectionName == '')) : true))`,
    'sectionName must be specified when parentRefs includes 2 or more references to the same parent',
  ),
  rule(
    `self.all(p1, self.exists_one(p2, ${SAME_PARENT} && (((!has(p1.sectionName) || p1.sectionName == '') && (!has(p2.sectionName) || p2.sectionName == '')) || (has(p1.sectionName) && has(p2.sectionName) && p1.sectionName == p2.sectionName))))`,
    'sectionName must be unique when parentRefs includes 2 or more references to the same parent',
  ),
)

export const hostnames = atomicList(hostname, { most: 16 })

export const routeStatus = object(
  {
    parents: atomicList(
      object({ conditions: someConditions, controllerName, parentRef }, ['conditions', 'controllerName', 'parentRef']),
      { most: 32 },
    ),
  },
  ['parents'],
)

const needsPort = rule(
  "(size(self.group) == 0 && self.kind == 'Service') ? has(self.port) : true",
  'Must have port for Service reference',
)

/** @param filters those that a backend may have of its own */
export const backendRefs = (filters: JsonSchema): JsonSchema =>
  atomicList(
    object(
      {
        filters,
        ...referenceFields('Service'),
        port,
        weight: withDefault(integer(0, 1_000_000), 1),
      },
      ['name'],
      needsPort,
    ),
    { most: 16 },
  )

const header = object({ name: headerName, value: text(1, 4096) }, ['name', 'value'])

const headerModifier = object({
  add: keyedList('name', header, { most: 16 }),
  remove: setOf({ type: 'string' }, 16),
  set: keyedList('name', header, { most: 16 }),
})

const mirror = object(
  {
    backendRef: object({ ...referenceFields('Service'), port }, ['name'], needsPort),
    fraction: object(
      { denominator: withDefault(integer(1), 100), numerator: integer(0) },
      ['numerator'],
      rule('self.numerator <= self.denominator', 'numerator must be less than or equal to denominator'),
    ),
    percent: integer(0, 100),
  },
  ['backendRef'],
  rule(
    '!(has(self.percent) && has(self.fraction))',
    'Only one of percent or fraction may be specified in HTTPRequestMirrorFilter',
  ),
)

/** Filters that routes of every kind know. */
export const commonFilters: Readonly<Record<string, JsonSchema>> = {
  RequestHeaderModifier: headerModifier,
  ResponseHeaderModifier: headerModifier,
  RequestMirror: mirror,
  ExtensionRef: localReference,
}

const fieldOf = (type: string): string =>
  type === 'CORS' ? 'cors' : type === 'URLRewrite' ? 'urlRewrite' : type[0].toLowerCase() + type.slice(1)

/**
 * A list of filters: each has a type and the one field that belongs to it.
 * @param rules those before the rules that a filter may stand only once
 */
export function filterList(
  filters: Readonly<Record<string, JsonSchema>>,
  types: readonly string[],
  single: readonly string[],
  ...rules: readonly ValidationRule[]
): JsonSchema {
  const fields = Object.entries(filters)
  const item = object(
    { ...Object.fromEntries(fields.map(([type, schema]) => [fieldOf(type), schema])), type: oneOf(...types) },
    ['type'],
    ...fields.flatMap(([type]) => {
      const field = fieldOf(type)
      return [
        rule(
          `!(has(self.${field}) && self.type != '${type}')`,
          `filter.${field} must be nil if the filter.type is not ${type}`,
        ),
        rule(
          `!(!has(self.${field}) && self.type == '${type}')`,
          `filter.${field} must be specified for ${type} filter.type`,
        ),
      ]
    }),
  )
  const once = single.map((type) =>
    rule(`self.filter(f, f.type == '${type}').size() <= 1`, `${type} filter cannot be repeated`),
  )
  return atomicList(item, { most: 16 }, ...rules, ...once)
}

/** A condition on a header or a query parameter. */
export const namedMatches = (mostCharacters: number): JsonSchema =>
  keyedList(
    'name',
    object(
      {
        name: headerName,
        type: withDefault(oneOf('Exact', 'RegularExpression'), 'Exact'),
        value: text(1, mostCharacters),
      },
      ['name', 'value'],
    ),
    { most: 16 },
  )

const MOST_RULES = 16

/**
 * That all rules of a route together have at most 128 matches.
 * @param countOf the number of matches of the rule with that index, in CEL
 */
export const totalMatches = (countOf: (index: number) => string): ValidationRule =>
  rule(
    `${Array.from({ length: MOST_RULES }, (_, n) => `(self.size() > ${n} ? ${countOf(n)} : 0)`).join(' + ')} <= 128`,
    'While 16 rules and 64 matches per rule are allowed, the total number of matches across all rules in a route must be less than 128',
  )
