/**
 * x-kubernetes-validations: rules in CEL that values have to keep, with `self` and, on an update, `oldSelf`. What a rule may cost is
 * estimated when its definition is written, and bounded by the work budget of each request.
 * Sources: k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel, pkg/apis/apiextensions/validation/validation.go
 */
import type { CelInput } from '@bufbuild/cel'
import { chargeText, WorkExceeded } from '../../engine/work.ts'
import type { CelTypes } from '../cel/checker.ts'
import { estimateCost, type ValueKind } from '../cel/cost.ts'
import { optionalOf } from '../cel/optionals.ts'
import { CompileError, compilePolicyExpression, type PolicyExpression } from '../cel/policy-expression.ts'
import { DYN, optionalType } from '../cel/types.ts'
import { toCel } from '../cel/values.ts'
import { type FieldError, invalid, notSupported, required } from '../meta/field-error.ts'
import { equalJson, isRecord } from '../meta/json.ts'
import { celTypeOf, declaredType } from './declared-type.ts'
import { costErrorOf, type RuleScope, timesAtMost } from './rule-cost.ts'
import type { JsonSchema, ValidationRule } from './types.ts'

const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired']
const NAMES: ReadonlySet<string> = new Set(['self', 'oldSelf'])

const hasBreaks = (text: string): boolean => /[\n\r]/.test(text)

/** As the server shows the whole of a rule, under the names of its own types. */
const shownRule = ({
  rule,
  message = '',
  messageExpression = '',
  reason,
  fieldPath = '',
  optionalOldSelf,
}: ValidationRule) => ({
  Rule: rule,
  Message: message,
  MessageExpression: messageExpression,
  Reason: reason ?? null,
  FieldPath: fieldPath,
  OptionalOldSelf: optionalOldSelf ?? null,
})

/** What is wrong with the rules of one schema beside their expressions. */
export function ruleFormErrors(schema: JsonSchema, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const [n, one] of (schema['x-kubernetes-validations'] ?? []).entries()) {
    const at = `${path}.x-kubernetes-validations[${n}]`
    const { rule = '', message = '', messageExpression = '', reason, fieldPath = '' } = one
    if (rule.trim() === '') errors.push(required(`${at}.rule`, 'rule is not specified'))
    else if (message !== '' && message.trim() === '')
      errors.push(invalid(`${at}.message`, message, 'must be non-empty if specified'))
    else if (hasBreaks(message.trim())) errors.push(invalid(`${at}.message`, message, 'must not contain line breaks'))
    else if (hasBreaks(rule.trim()) && message.trim() === '')
      errors.push(required(`${at}.message`, 'message must be specified if rule contains line breaks'))
    if (messageExpression !== '' && messageExpression.trim() === '')
      errors.push(required(`${at}.messageExpression`, 'messageExpression must be non-empty if specified'))
    if (reason !== undefined && !REASONS.includes(reason)) errors.push(notSupported(`${at}.reason`, reason, REASONS))
    if (fieldPath !== '' && fieldPath.trim() === '')
      errors.push(invalid(`${at}.fieldPath`, fieldPath, 'must be non-empty if specified'))
    if (hasBreaks(fieldPath)) errors.push(invalid(`${at}.fieldPath`, fieldPath, 'must not contain line breaks'))
    else if (fieldPath !== '' && schemaAt(schema, fieldPath) === undefined)
      errors.push(invalid(`${at}.fieldPath`, fieldPath, 'must be a valid path'))
  }
  return errors
}

/** What is wrong with the expressions of the rules of one schema: that they are none, say too much, or cost too much. */
export function ruleExpressionErrors(schema: JsonSchema, path: string, scope: RuleScope): FieldError[] {
  const rules = schema['x-kubernetes-validations'] ?? []
  if (rules.length === 0) return []
  const root = declaredType(schema, scope.isResource)
  if (!root) {
    const why = 'failed to construct type information for x-kubernetes-validations rules'
    const body = `Internal error: internal error: ${why}: unable to convert structural schema to CEL declarations`
    return [{ type: 'InternalError', field: `${path}.x-kubernetes-validations`, body }]
  }
  return rules.flatMap((one, n) => {
    const at = `${path}.x-kubernetes-validations[${n}]`
    const errors: FieldError[] = []
    const names = new Set<string>()
    const check = (field: ExpressionField, times: number): boolean => {
      const { text, gives, label, failure } = EXPRESSIONS[field]
      try {
        const expression = compileFor(schema, text(one), one, scope.isResource)
        const cost = estimateCost(expression.tree, root, optionalNames(one))
        if (cost.gives !== undefined && cost.gives !== gives)
          throw new CompileError(`${field === 'rule' ? 'cel expression' : field} must evaluate to a ${gives}`)
        if (field === 'rule') for (const name of expression.names) names.add(name)
        errors.push(...costErrorOf(label, cost.most * times, `${at}.${field}`, scope))
        return true
      } catch (error) {
        if (!(error instanceof CompileError)) throw error
        errors.push(invalid(`${at}.${field}`, shownRule(one), error.message.replace(/^compilation failed/, failure)))
        return false
      }
    }
    const isRule = check('rule', timesAtMost(scope, root))
    if (isRule && one.messageExpression?.trim()) check('messageExpression', 1)
    const { optionalOldSelf: optional } = one
    if (names.has('oldSelf')) {
      if (scope.uncorrelatable !== undefined) {
        const why = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${scope.uncorrelatable}`
        errors.push(invalid(`${at}.rule`, one.rule, why))
      }
    } else if (optional !== undefined)
      errors.push(invalid(`${at}.optionalOldSelf`, optional, 'may not be set if oldSelf is not used in rule'))
    return errors
  })
}

type ExpressionField = 'rule' | 'messageExpression'

const EXPRESSIONS: Readonly<
  Record<ExpressionField, { text(rule: ValidationRule): string; gives: ValueKind; label: string; failure: string }>
> = {
  rule: {
    text: ({ rule }) => rule,
    gives: 'bool',
    label: 'estimated rule cost',
    failure: 'compilation failed',
  },
  messageExpression: {
    text: ({ messageExpression = '' }) => messageExpression,
    gives: 'string',
    label: 'estimated messageExpression cost',
    failure: 'messageExpression compilation failed',
  },
}

/** Whether a rule stands in it anywhere. */
export function hasRules({ items, properties = {}, additionalProperties, ...schema }: JsonSchema): boolean {
  return (
    (schema['x-kubernetes-validations'] ?? []).length > 0 ||
    (items !== undefined && hasRules(items)) ||
    Object.values(properties).some(hasRules) ||
    (typeof additionalProperties === 'object' && hasRules(additionalProperties)) ||
    (schema.allOf ?? []).some(hasRules)
  )
}

const OLD_SELF: ReadonlySet<string> = new Set(['oldSelf'])
const NOTHING: ReadonlySet<string> = new Set()

/** The variables of a rule that may hold nothing. */
const optionalNames = ({ optionalOldSelf }: ValidationRule): ReadonlySet<string> =>
  optionalOldSelf ? OLD_SELF : NOTHING

/** The expressions of a schema, which is never changed: each is read once, however many values are asked. */
const compiled = new WeakMap<JsonSchema, Map<string, PolicyExpression>>()

/** @throws CompileError also for a field that the schema does not have */
function compileFor(schema: JsonSchema, text: string, rule: ValidationRule, isResource: boolean): PolicyExpression {
  const known = compiled.get(schema) ?? new Map<string, PolicyExpression>()
  compiled.set(schema, known)
  const optional = optionalNames(rule)
  const key = `${optional.size} ${text}`
  const found = known.get(key)
  if (found) {
    chargeText(text.length)
    return found
  }
  const expression = compilePolicyExpression(text, NAMES, { types: typesOf(schema, optional, isResource), optional })
  known.set(key, expression)
  return expression
}

const isResourceAt = (schema: JsonSchema, path: string): boolean =>
  path === '' || schema['x-kubernetes-embedded-resource'] === true

/** The types of what a rule may read. */
function typesOf(schema: JsonSchema, optional: ReadonlySet<string>, isResource: boolean): CelTypes {
  const declared = declaredType(schema, isResource)
  const self = declared ? celTypeOf(declared, 'selfType') : DYN
  return { self, oldSelf: optional.has('oldSelf') ? optionalType(self) : self }
}

/**
 * The schema at a path of fields: `.spec.replicas`, `.map['key']`.
 * @returns undefined for a path that leads nowhere
 */
export function schemaAt(schema: JsonSchema, path: string): JsonSchema | undefined {
  const steps = [...path.matchAll(/\.([\w-]+)|\['([^']*)'\]|(.)/gs)]
  let at: JsonSchema | undefined = schema
  for (const [, field, key, other] of steps) {
    const name = field ?? key
    if (other !== undefined || name === undefined || !at) return undefined
    const { properties, additionalProperties }: JsonSchema = at
    if (properties && Object.hasOwn(properties, name)) at = properties[name]
    else at = isRecord(additionalProperties) ? (additionalProperties as JsonSchema) : undefined
  }
  return steps.length > 0 ? at : undefined
}

/**
 * Which rules the value breaks.
 * @param old what it was before an update; rules that speak of `oldSelf` count only then
 */
export function brokenRules(schema: JsonSchema, value: unknown, old: unknown, path = ''): FieldError[] {
  if (value === undefined || value === null) return []
  const errors: FieldError[] = []
  const rules = schema['x-kubernetes-validations'] ?? []
  for (const rule of rules) errors.push(...broken(schema, rule, value, old, path))
  const { items, properties = {}, additionalProperties, allOf = [] } = schema
  for (const one of allOf)
    errors.push(...brokenRules({ ...one, properties: undefined, items: undefined }, value, old, path))
  if (Array.isArray(value)) {
    if (!items) return errors
    const before = itemsBefore(schema, old)
    for (const [index, item] of value.entries())
      errors.push(...brokenRules(items, item, before(item), `${path}[${index}]`))
  } else if (isRecord(value)) {
    const former = isRecord(old) && schema['x-kubernetes-map-type'] !== 'atomic' ? old : {}
    for (const [name, member] of Object.entries(value)) {
      const inner = Object.hasOwn(properties, name)
        ? properties[name]
        : isRecord(additionalProperties)
          ? (additionalProperties as JsonSchema)
          : undefined
      // Members of a map stand in brackets, fields behind a dot.
      const at = Object.hasOwn(properties, name) ? (path ? `${path}.${name}` : name) : `${path}[${name}]`
      if (inner) errors.push(...brokenRules(inner, member, former[name], at))
    }
  }
  return errors
}

function itemsBefore(schema: JsonSchema, old: unknown): (item: unknown) => unknown {
  const keys = schema['x-kubernetes-list-map-keys']
  if (!Array.isArray(old) || schema['x-kubernetes-list-type'] !== 'map' || !keys) return () => undefined
  const nameOf = (item: unknown): string => JSON.stringify(isRecord(item) ? keys.map((key) => item[key]) : null)
  const byName = new Map(old.map((item) => [nameOf(item), item]))
  return (item) => byName.get(nameOf(item))
}

const REASON_WORDS: Readonly<Record<string, string>> = {
  FieldValueDuplicate: 'Duplicate value',
  FieldValueForbidden: 'Forbidden',
  FieldValueInvalid: 'Invalid value',
  FieldValueRequired: 'Required value',
}

function broken(schema: JsonSchema, rule: ValidationRule, value: unknown, old: unknown, path: string): FieldError[] {
  const expression = compileFor(schema, rule.rule, rule, isResourceAt(schema, path))
  const usesOld = expression.names.has('oldSelf')
  if (usesOld && old === undefined && !rule.optionalOldSelf) return []
  const former = rule.optionalOldSelf ? optionalOf(old === undefined ? undefined : toCel(old)) : toCel(old ?? null)
  const bindings: Record<string, CelInput> = { self: toCel(value), oldSelf: former }
  const field = path || '<nil>'
  const fail = (detail: string): FieldError[] => [invalid(field, schema.type ?? '', detail)]
  let result: unknown
  try {
    result = expression.evaluate(bindings)
  } catch (error) {
    const why = messageIn(error)
    const told = rule.message?.trim() || rule.rule.trim()
    if (why.startsWith('no such overload'))
      return fail(
        `'${why}': call arguments did not match a supported operator, function or macro signature for rule: ${told}`,
      )
    if (why.startsWith('operation cancelled'))
      return fail(`'${why}': no further validation rules will be run due to call cost exceeds limit for rule: ${told}`)
    return fail(`${why} evaluating rule: ${told}`)
  }
  if (result === true || (!usesOld && old !== undefined && equalJson(value, old))) return []
  const detail = messageOfRule(schema, rule, bindings, path)
  const reason = rule.reason ?? 'FieldValueInvalid'
  const isWhole = schema.type === 'object' || schema.type === 'array'
  const at = rule.fieldPath ? `${path}${rule.fieldPath}`.replace(/^\./, '') : field
  if (reason === 'FieldValueInvalid' || reason === 'FieldValueDuplicate') {
    const shown = invalid(at, value, detail).body.replace(/^Invalid value/, REASON_WORDS[reason])
    return [{ type: reason, field: at, body: isWhole ? `${REASON_WORDS[reason]}: ${detail}` : shown }]
  }
  return [{ type: reason as FieldError['type'], field: at, body: `${REASON_WORDS[reason]}: ${detail}` }]
}

/** Failures of an expression are its own; anything else is ours. */
function messageIn(error: unknown): string {
  if (error instanceof WorkExceeded || !(error instanceof Error)) throw error
  return error.message
}

/** The text of messageExpression, unless that fails or gives none; the message; or the rule itself. */
function messageOfRule(
  schema: JsonSchema,
  rule: ValidationRule,
  bindings: Record<string, CelInput>,
  path: string,
): string {
  const { message = '', messageExpression = '' } = rule
  if (messageExpression.trim()) {
    try {
      const text = compileFor(schema, messageExpression, rule, isResourceAt(schema, path)).evaluate(bindings)
      if (typeof text === 'string' && text.trim() !== '' && !hasBreaks(text)) return text.trim()
    } catch (error) {
      messageIn(error)
    }
  }
  return message.trim() || `failed rule: ${rule.rule.trim()}`
}
