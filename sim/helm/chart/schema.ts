/**
 * values.schema.json: what values have to be like, refused in the words of github.com/santhosh-tekuri/jsonschema/v6.
 * Simplified: references lead within the document; `format` is not looked at, and neither are `unevaluated…` and `$dynamicRef`.
 */
import { charge } from '../../engine/work.ts'
import { type GoMap, isGoMap, isNil, keysOf } from '../../go-template/values.ts'
import { perlMatcher } from '../../text/perl-regex.ts'
import { RegexError } from '../../text/regex.ts'
import { areDeepEqual, toPlain } from '../sprig/plain.ts'
import type { Chart } from './chart.ts'

/** What is wrong at a place of the values, with what is wrong below. */
interface Problem {
  at: string
  text: string
  causes: Problem[]
}

/** What the schemas of the chart and its subcharts refuse; undefined when nothing. */
export function schemaProblem(chart: Chart, values: GoMap): string | undefined {
  const told = problemsOf(chart, values)
  return told === ''
    ? undefined
    : `values don't meet the specifications of the schema(s) in the following chart(s):\n${told}`
}

function problemsOf(chart: Chart, values: GoMap): string {
  let told = ''
  if (chart.schema !== undefined) {
    const problem = validateValues(chart.schema, values)
    if (problem !== undefined) told += `${chart.metadata.name}:\n${problem}`
  }
  for (const subchart of chart.dependencies) {
    const inner = values[subchart.metadata.name]
    if (isGoMap(inner)) told += problemsOf(subchart, inner)
  }
  return told
}

/** A line for each problem; undefined when the values are as the schema wants them. */
export function validateValues(schemaText: string, values: GoMap): string | undefined {
  let schema: unknown
  try {
    schema = JSON.parse(schemaText)
  } catch {
    return `invalid character in values.schema.json: it is no JSON\n`
  }
  const problems = new Validation(schema).check(schema, toPlain(values), '', 0)
  return problems.length === 0 ? undefined : problems.map((one) => print(one, 0)).join('')
}

const print = ({ at, text, causes }: Problem, depth: number): string =>
  `${'  '.repeat(depth)}- at '${at}': ${text}\n${causes.map((one) => print(one, depth + 1)).join('')}`

const quoted = (value: unknown): string => (typeof value === 'string' ? `'${value}'` : JSON.stringify(value))

function typeOf(value: unknown): string {
  if (isNil(value)) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value === 'object' ? 'object' : typeof value
}

const isOfType = (value: unknown, type: unknown): boolean =>
  type === 'integer' ? Number.isInteger(value) : typeOf(value) === type

class Validation {
  readonly #root: unknown

  constructor(root: unknown) {
    this.#root = root
  }

  check(schema: unknown, value: unknown, at: string, depth: number): Problem[] {
    charge(20)
    const problem = (text: string, causes: Problem[] = []): Problem => ({ at, text, causes })
    if (schema === false) return [problem('false schema')]
    if (!isGoMap(schema) || depth > 100) return []
    const found: Problem[] = []
    if (typeof schema.$ref === 'string') {
      const target = this.#resolve(schema.$ref)
      if (target === undefined) return [problem(`$ref ${quoted(schema.$ref)} leads nowhere`)]
      found.push(...this.check(target, value, at, depth + 1))
    }
    const types = Array.isArray(schema.type) ? schema.type : isNil(schema.type) ? undefined : [schema.type]
    if (types && !types.some((type) => isOfType(value, type)))
      return [...found, problem(`got ${typeOf(value)}, want ${types.join(' or ')}`)]
    if ('const' in schema && !areDeepEqual(schema.const, value))
      found.push(problem(`value must be ${quoted(schema.const)}`))
    if (Array.isArray(schema.enum) && !schema.enum.some((one) => areDeepEqual(one, value)))
      found.push(problem(`value must be one of ${schema.enum.map(quoted).join(', ')}`))
    if (typeof value === 'number') found.push(...this.#number(schema, value).map((text) => problem(text)))
    else if (typeof value === 'string') found.push(...this.#text(schema, value).map((text) => problem(text)))
    else if (Array.isArray(value)) found.push(...this.#list(schema, value, at, depth))
    else if (isGoMap(value)) found.push(...this.#map(schema, value, at, depth))
    found.push(...this.#combined(schema, value, at, depth))
    return found
  }

  #resolve(reference: string): unknown {
    if (!reference.startsWith('#')) return undefined
    let target = this.#root
    for (const part of reference.slice(1).split('/').filter(Boolean)) {
      const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')
      if (Array.isArray(target)) target = target[Number(key)]
      else if (isGoMap(target) && Object.hasOwn(target, key)) target = target[key]
      else return undefined
    }
    return target
  }

  #number(schema: GoMap, value: number): string[] {
    const limits: readonly (readonly [string, (limit: number) => boolean])[] = [
      ['minimum', (limit) => value >= limit],
      ['maximum', (limit) => value <= limit],
      ['exclusiveMinimum', (limit) => value > limit],
      ['exclusiveMaximum', (limit) => value < limit],
      ['multipleOf', (limit) => Number.isInteger(Number((value / limit).toPrecision(12)))],
    ]
    return limits.flatMap(([name, holds]) => {
      const limit = schema[name]
      return typeof limit === 'number' && !holds(limit) ? [`${name}: got ${value}, want ${limit}`] : []
    })
  }

  #text(schema: GoMap, value: string): string[] {
    const found: string[] = []
    const { length } = [...value]
    const { minLength, maxLength, pattern } = schema
    if (typeof minLength === 'number' && length < minLength) found.push(`minLength: got ${length}, want ${minLength}`)
    if (typeof maxLength === 'number' && length > maxLength) found.push(`maxLength: got ${length}, want ${maxLength}`)
    if (typeof pattern === 'string' && !fits(pattern, value))
      found.push(`'${value}' does not match pattern '${pattern}'`)
    return found
  }

  #list(schema: GoMap, value: readonly unknown[], at: string, depth: number): Problem[] {
    const problem = (text: string, causes: Problem[] = []): Problem => ({ at, text, causes })
    const found: Problem[] = []
    const { minItems, maxItems } = schema
    if (typeof minItems === 'number' && value.length < minItems)
      found.push(problem(`minItems: got ${value.length}, want ${minItems}`))
    if (typeof maxItems === 'number' && value.length > maxItems)
      found.push(problem(`maxItems: got ${value.length}, want ${maxItems}`))
    if (schema.uniqueItems === true)
      for (const [n, item] of value.entries()) {
        const first = value.findIndex((other) => areDeepEqual(other, item))
        if (first < n) {
          found.push(problem(`items at ${first} and ${n} are equal`))
          break
        }
      }
    const tuple = Array.isArray(schema.prefixItems)
      ? schema.prefixItems
      : Array.isArray(schema.items)
        ? schema.items
        : []
    const rest = Array.isArray(schema.items) ? schema.additionalItems : schema.items
    for (const [n, item] of value.entries())
      found.push(...this.check(n < tuple.length ? tuple[n] : rest, item, `${at}/${n}`, depth + 1))
    if (
      schema.contains !== undefined &&
      !value.some((item) => this.check(schema.contains, item, at, depth + 1).length === 0)
    )
      found.push(problem('no items match contains schema'))
    return found
  }

  #map(schema: GoMap, value: GoMap, at: string, depth: number): Problem[] {
    const problem = (text: string, causes: Problem[] = []): Problem => ({ at, text, causes })
    const found: Problem[] = []
    const keys = keysOf(value)
    const { minProperties, maxProperties } = schema
    if (typeof minProperties === 'number' && keys.length < minProperties)
      found.push(problem(`minProperties: got ${keys.length}, want ${minProperties}`))
    if (typeof maxProperties === 'number' && keys.length > maxProperties)
      found.push(problem(`maxProperties: got ${keys.length}, want ${maxProperties}`))
    const missing = (Array.isArray(schema.required) ? schema.required : []).filter(
      (key) => typeof key === 'string' && !Object.hasOwn(value, key),
    )
    if (missing.length > 0)
      found.push(problem(`missing propert${missing.length === 1 ? 'y' : 'ies'} ${missing.map(quoted).join(', ')}`))
    const properties = isGoMap(schema.properties) ? schema.properties : {}
    const patterns = isGoMap(schema.patternProperties) ? schema.patternProperties : {}
    const additional: string[] = []
    for (const key of keys) {
      const path = `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
      const fitting = Object.keys(patterns).filter((pattern) => fits(pattern, key))
      if (Object.hasOwn(properties, key)) found.push(...this.check(properties[key], value[key], path, depth + 1))
      for (const pattern of fitting) found.push(...this.check(patterns[pattern], value[key], path, depth + 1))
      if (!Object.hasOwn(properties, key) && fitting.length === 0) {
        if (schema.additionalProperties === false) additional.push(key)
        else found.push(...this.check(schema.additionalProperties, value[key], path, depth + 1))
      }
      if (schema.propertyNames !== undefined) {
        const causes = this.check(schema.propertyNames, key, at, depth + 1)
        if (causes.length > 0) found.push(problem(`invalid propertyName ${quoted(key)}`, causes))
      }
    }
    if (additional.length > 0)
      found.push(problem(`additional properties ${additional.map(quoted).join(', ')} not allowed`))
    for (const [key, wanted] of Object.entries(isGoMap(schema.dependentRequired) ? schema.dependentRequired : {})) {
      const lacking =
        Object.hasOwn(value, key) && Array.isArray(wanted)
          ? wanted.filter((one) => !Object.hasOwn(value, String(one)))
          : []
      if (lacking.length > 0)
        found.push(problem(`properties ${lacking.map(quoted).join(', ')} required, if ${quoted(key)} exists`))
    }
    return found
  }

  #combined(schema: GoMap, value: unknown, at: string, depth: number): Problem[] {
    const problem = (text: string, causes: Problem[] = []): Problem => ({ at, text, causes })
    const checkEach = (list: unknown): Problem[][] =>
      Array.isArray(list) ? list.map((one) => this.check(one, value, at, depth + 1)) : []
    const found: Problem[] = []
    const all = checkEach(schema.allOf).flat()
    if (all.length > 0) found.push(problem('allOf failed', all))
    const some = checkEach(schema.anyOf)
    if (some.length > 0 && some.every(({ length }) => length > 0)) found.push(problem('anyOf failed', some.flat()))
    const one = checkEach(schema.oneOf)
    const matched = one.flatMap(({ length }, n) => (length === 0 ? [n] : []))
    if (one.length > 0 && matched.length === 0) found.push(problem('oneOf failed, none matched', one.flat()))
    if (matched.length > 1) found.push(problem(`oneOf failed, subschemas ${matched.join(', ')} matched`))
    if (schema.not !== undefined && this.check(schema.not, value, at, depth + 1).length === 0)
      found.push(problem("'not' failed"))
    if (schema.if !== undefined) {
      const branch = this.check(schema.if, value, at, depth + 1).length === 0 ? schema.then : schema.else
      if (branch !== undefined) found.push(...this.check(branch, value, at, depth + 1))
    }
    return found
  }
}

function fits(pattern: string, text: string): boolean {
  try {
    return perlMatcher(pattern)(text)
  } catch (error) {
    if (!(error instanceof RegexError)) throw error
    return true
  }
}
