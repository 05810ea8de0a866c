/** Values of a chart and its subcharts, those given over those of values.yaml. Source: helm.sh/helm/v3/pkg/chartutil/coalesce.go */
import { charge } from '../../engine/work.ts'
import { type GoMap, isGoMap, isNil, keysOf, printed } from '../../go-template/values.ts'
import { HelmError } from '../errors.ts'
import { deepCopy } from '../sprig/plain.ts'
import type { Chart } from './chart.ts'

/** Told of what is given and cannot be used. */
export type Warn = (text: string) => void

/** Values for the templates: what is null is gone. @throws HelmError */
export const coalesceValues = (chart: Chart, given: GoMap, warn: Warn): GoMap =>
  coalesce(chart, deepCopy(given) as GoMap, '', false, warn)

/** The same, but what is null stays, for a later pass. */
export const mergeValues = (chart: Chart, given: GoMap, warn: Warn): GoMap =>
  coalesce(chart, deepCopy(given) as GoMap, '', true, warn)

/** Puts into `into` what `from` has and it lacks, tables within tables. Changes both. */
export function coalesceTables(into: GoMap, from: GoMap, merges: boolean, warn: Warn, prefix = ''): GoMap {
  const given = new Set(keysOf(from).filter((key) => !isNil(from[key])))
  for (const key of keysOf(into)) if (isNil(into[key])) from[key] = null
  for (const key of keysOf(from)) {
    charge(1)
    const value = from[key]
    const path = prefix ? `${prefix}.${key}` : key
    const isThere = Object.hasOwn(into, key)
    const own = into[key]
    if (isThere && !merges && isNil(own) && given.has(key)) delete into[key]
    else if (!isThere) into[key] = value
    else if (isGoMap(value)) {
      if (isGoMap(own)) coalesceTables(own, value, merges, warn, path)
      else warn(`warning: cannot overwrite table with non table for ${path} (${printed(value)})`)
    } else if (isGoMap(own) && !isNil(value))
      warn(`warning: destination for ${path} is a table. Ignoring non-table value (${printed(value)})`)
  }
  return into
}

function coalesce(chart: Chart, values: GoMap, prefix: string, merges: boolean, warn: Warn): GoMap {
  const { name } = chart.metadata
  const path = prefix ? `${prefix}.${name}` : name
  const own = deepCopy(chart.values) as GoMap
  for (const key of keysOf(own)) {
    charge(1)
    const value = own[key]
    if (!Object.hasOwn(values, key)) values[key] = value
    else if (isNil(values[key]) && !merges) delete values[key]
    else if (isGoMap(values[key])) {
      const isSubchart = chart.dependencies.some(({ metadata }) => metadata.name === key)
      if (isGoMap(value)) coalesceTables(values[key], value, isSubchart || merges, warn, `${path}.${key}`)
      else if (!isNil(value)) warn(`warning: skipped value for ${path}.${key}: Not a table.`)
    }
  }
  for (const subchart of chart.dependencies) {
    const key = subchart.metadata.name
    if (!Object.hasOwn(values, key)) values[key] = {}
    const inner = values[key]
    if (!isGoMap(inner)) throw new HelmError(`type mismatch on ${key}: ${printed(inner)}`)
    passGlobals(inner, values, path, warn)
    values[key] = coalesce(subchart, inner, path, merges, warn)
  }
  return values
}

/** What stands under `global` is seen by all subcharts. */
function passGlobals(into: GoMap, from: GoMap, prefix: string, warn: Warn): void {
  const [own, given] = [into.global ?? {}, from.global ?? {}]
  if (!isGoMap(own) || !isGoMap(given)) {
    warn(`warning: skipping globals because ${isGoMap(own) ? 'source' : 'destination'} global is not a table.`)
    return
  }
  for (const key of keysOf(given)) {
    const value = given[key]
    if (isGoMap(value)) {
      const copy = deepCopy(value) as GoMap
      if (!Object.hasOwn(own, key)) own[key] = copy
      else if (isGoMap(own[key])) own[key] = coalesceTables(copy, own[key], true, warn, `${prefix}.${key}`)
      else warn(`Conflict: cannot merge map onto non-map for ${JSON.stringify(key)}. Skipping.`)
    } else if (isGoMap(own[key])) warn(`key ${key} is table. Skipping`)
    else own[key] = value
  }
  into.global = own
}

/** The table that a path such as `web.image` names; undefined where there is none. */
export function tableAt(values: GoMap, path: string): GoMap | undefined {
  let table: unknown = values
  for (const key of path.split('.')) {
    if (!isGoMap(table) || !Object.hasOwn(table, key)) return undefined
    table = table[key]
  }
  return isGoMap(table) ? table : undefined
}

/** The value that a path names, if it is no table. */
export function valueAt(values: GoMap, path: string): unknown {
  const at = path.lastIndexOf('.')
  const table = at < 0 ? values : tableAt(values, path.slice(0, at))
  const key = path.slice(at + 1)
  return table && Object.hasOwn(table, key) && !isGoMap(table[key]) ? table[key] : undefined
}

/** What is given later lies over what was given before, tables within tables; null stays. */
export function overlaid(base: GoMap, over: GoMap): GoMap {
  const result: GoMap = { ...base }
  for (const key of Object.keys(over)) {
    charge(1)
    const [own, value] = [result[key], over[key]]
    result[key] = isGoMap(own) && isGoMap(value) ? overlaid(own, value) : value
  }
  return result
}
