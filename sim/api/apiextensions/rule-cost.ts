/**
 * What the rules of a definition may cost, each of them and all together, as often as their values may stand in one object.
 * Source: k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation/{validation,cel_validation}.go
 */
import type { DeclaredType } from '../cel/cost.ts'
import { type FieldError, forbiddenField } from '../meta/field-error.ts'
import { LARGEST_REQUEST_BYTES } from './declared-type.ts'
import type { JsonSchema } from './types.ts'

/** Source: validation.StaticEstimatedCostLimit, StaticEstimatedCRDCostLimit */
const MOST_OF_RULE = 10_000_000
const MOST_OF_SCHEMA = 100_000_000
const MOST_TOLD = 4

/** Where rules stand. */
export interface RuleScope {
  /** How often a value may stand here in one object; undefined where nothing limits it. */
  times: number | undefined
  isResource: boolean
  /** The path of what holds it and cannot tell which value was which before an update. */
  uncorrelatable: string | undefined
  costs: RuleCosts
}

/** Gathered over all rules of a schema. */
export interface RuleCosts {
  total: number
  rules: { path: string; cost: number }[]
  /** What was accepted once stays so. */
  isUnchanged: boolean
}

/** How often the rules of a schema are asked at most for one object. */
export const timesAtMost = ({ times }: RuleScope, { leastBytes }: DeclaredType): number =>
  times ?? Math.floor(LARGEST_REQUEST_BYTES / (leastBytes + 1))

/** How often the parts of a schema's value may stand in one object. */
export function timesInside(
  { type, additionalProperties, maxItems, maxProperties }: JsonSchema,
  times: number | undefined,
) {
  if (times === undefined) return undefined
  const isMap = type === 'object' && additionalProperties !== undefined && additionalProperties !== false
  if (!isMap && type !== 'array') return times
  const most = isMap ? maxProperties : maxItems
  return most === undefined ? undefined : times * Math.max(most, 0)
}

/** Notes the cost of an expression, and says so if that alone is too much. */
export function costErrorOf(label: string, cost: number, path: string, { costs }: RuleScope): FieldError[] {
  costs.total += cost
  if (cost >= MOST_OF_SCHEMA / 100) costs.rules.push({ path, cost })
  return cost > MOST_OF_RULE && !costs.isUnchanged ? [forbiddenField(path, exceeds(label, cost, MOST_OF_RULE))] : []
}

/** What is too much all together, beginning with the rules that cost the most. */
export function totalCostErrors({ total, rules }: RuleCosts, path: string): FieldError[] {
  if (total <= MOST_OF_SCHEMA) return []
  const most = rules.toSorted((a, b) => b.cost - a.cost).slice(0, MOST_TOLD)
  const part = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema'
  const label = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema'
  return [
    ...most.map((rule) => forbiddenField(rule.path, part)),
    forbiddenField(path, exceeds(label, total, MOST_OF_SCHEMA)),
  ]
}

function exceeds(label: string, cost: number, limit: number): string {
  const factor = cost / limit
  const told = factor > 100 ? 'more than 100' : factor < 1.5 ? factor.toFixed(6) : factor.toFixed(1)
  const hint = 'adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared'
  return `${label} exceeds budget by factor of ${told}x (try simplifying the rule, or ${hint})`
}
