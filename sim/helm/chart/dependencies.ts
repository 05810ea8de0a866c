/** Which subcharts take part, under which name, and what they hand to the chart above. Source: helm.sh/helm/v3/pkg/chartutil/dependencies.go */

import { type GoMap, isGoMap, printed } from '../../go-template/values.ts'
import { parseConstraint, parseVersion } from '../semver.ts'
import { deepCopy } from '../sprig/plain.ts'
import type { Chart, Dependency } from './chart.ts'
import { coalesceTables, coalesceValues, mergeValues, tableAt, valueAt, type Warn } from './values.ts'

/** A chart of its own, which may be changed, with the subcharts that the values ask for. */
export function processDependencies(chart: Chart, given: GoMap, warn: Warn): Chart {
  const own = copyOf(chart)
  enable(own, given, '', warn)
  importValues(own, warn)
  return own
}

const copyOf = (chart: Chart): Chart => ({
  ...chart,
  metadata: {
    ...chart.metadata,
    ...(chart.metadata.dependencies ? { dependencies: chart.metadata.dependencies.map((one) => ({ ...one })) } : {}),
  },
  dependencies: chart.dependencies.map(copyOf),
})

/** Whether a version fits what is asked for; everything does where nothing is. */
export function isCompatible(constraint: string | undefined, version: string): boolean {
  const test = parseConstraint(constraint || '*')
  const found = parseVersion(version)
  return test !== undefined && found !== undefined && test(found)
}

function enable(chart: Chart, given: GoMap, path: string, warn: Warn): void {
  const asked = chart.metadata.dependencies
  if (!asked) return
  const isAskedFor = ({ metadata }: Chart): boolean =>
    asked.some(({ name, version }) => name === metadata.name && isCompatible(version, metadata.version))
  const charts = chart.dependencies.filter((one) => !isAskedFor(one))
  for (const dependency of asked) {
    const found = chart.dependencies.find(
      ({ metadata }) => metadata.name === dependency.name && isCompatible(dependency.version, metadata.version),
    )
    if (found) charts.push(dependency.alias ? renamed(copyOf(found), dependency.alias) : found)
    if (dependency.alias) dependency.name = dependency.alias
    dependency.enabled = true
  }
  chart.dependencies = charts
  const values = coalesceValues(chart, given, warn)
  applyTags(asked, values, warn)
  applyConditions(asked, values, path, warn)
  const isOff = new Set(asked.filter(({ enabled }) => !enabled).map(({ name }) => name))
  chart.dependencies = charts.filter(({ metadata }) => !isOff.has(metadata.name))
  chart.metadata.dependencies = asked.filter(({ name }) => !isOff.has(name))
  for (const subchart of chart.dependencies) enable(subchart, values, `${path}${subchart.metadata.name}.`, warn)
}

const renamed = (chart: Chart, name: string): Chart => ({ ...chart, metadata: { ...chart.metadata, name } })

function applyTags(asked: readonly Dependency[], values: GoMap, warn: Warn): void {
  if (!isGoMap(values.tags)) return
  for (const dependency of asked) {
    const set: boolean[] = []
    for (const tag of dependency.tags ?? []) {
      if (!Object.hasOwn(values.tags, tag)) continue
      const value = values.tags[tag]
      if (typeof value === 'boolean') set.push(value)
      else warn(`Warning: Tag '${tag}' for chart ${dependency.name} returned non-bool value`)
    }
    dependency.enabled = set.length === 0 || set.includes(true)
  }
}

/** The first condition that has a value decides. */
function applyConditions(asked: readonly Dependency[], values: GoMap, path: string, warn: Warn): void {
  for (const dependency of asked)
    for (const condition of (dependency.condition ?? '').trim().split(',').filter(Boolean)) {
      const value = valueAt(values, path + condition)
      if (typeof value === 'boolean') {
        dependency.enabled = value
        break
      }
      if (value !== undefined)
        warn(`Warning: Condition path '${condition}' for chart ${dependency.name} returned non-bool value`)
    }
}

/** Values of subcharts that the chart above takes as its own defaults. */
function importValues(chart: Chart, warn: Warn): void {
  for (const subchart of chart.dependencies) importValues(subchart, warn)
  if (!chart.metadata.dependencies) return
  const values = mergeValues(chart, {}, warn)
  let imported: GoMap = {}
  for (const { name, 'import-values': wanted = [] } of chart.metadata.dependencies)
    for (const one of wanted) {
      const [child, parent] = isGoMap(one) ? [printed(one.child), printed(one.parent)] : [`exports.${String(one)}`, '.']
      const table = tableAt(values, `${name}.${child}`)
      if (!table) {
        const key = child.split('.').at(-1)
        warn(
          isGoMap(one)
            ? `Warning: ImportValues missing table from chart ${name}: ${JSON.stringify(key)} is not a table`
            : `Warning: ImportValues missing table: ${JSON.stringify(key)} is not a table`,
        )
        continue
      }
      imported = coalesceTables(imported, nested(parent, deepCopy(table) as GoMap), true, warn)
    }
  chart.values = coalesceTables(values, imported, true, warn)
}

const nested = (path: string, table: GoMap): GoMap =>
  path === '.' ? table : path.split('.').reduceRight<GoMap>((inner, key) => ({ [key]: inner }), table)

/** Names that Chart.yaml asks for and charts/ lacks. */
export const missingDependencies = ({ metadata, dependencies }: Chart): string[] =>
  (metadata.dependencies ?? [])
    .filter(({ name }) => !dependencies.some((one) => one.metadata.name === name))
    .map(({ name }) => name)
