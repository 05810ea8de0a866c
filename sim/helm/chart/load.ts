/** Reads charts: from a folder, or from the files of an archive. Source: helm.sh/helm/v3/pkg/chart/loader */

import { charge } from '../../engine/work.ts'
import { type GoMap, isGoMap, isNil } from '../../go-template/values.ts'
import type { Files } from '../../kubectl/context.ts'
import { jsonKind } from '../../text/go-json-errors.ts'
import { HelmError } from '../errors.ts'
import { parseVersion } from '../semver.ts'
import { readYaml } from '../sprig/encoding.ts'
import { unpackChart } from './archive.ts'
import { type Chart, type ChartFile, type Dependency, type Metadata, textOfFile } from './chart.ts'
import { parseIgnoreFile } from './ignore.ts'

/** Bytes of one file, and files of one chart, as Helm bounds them more widely. */
const mostFiles = 1000
const mostDepth = 8

/** The files of a folder that belong to its chart, by their paths in it. */
export function filesOfFolder(files: Files, folder: string): ChartFile[] {
  const ignoreText = files.read(`${folder}/.helmignore`)
  const isIgnored = parseIgnoreFile(typeof ignoreText === 'string' ? ignoreText : '')
  const found: ChartFile[] = []
  const visit = (path: string): void => {
    for (const name of files.list(path ? `${folder}/${path}` : folder) ?? []) {
      charge(20)
      const at = path ? `${path}/${name}` : name
      const data = files.read(`${folder}/${at}`)
      if (data === undefined) {
        if (!isIgnored(`${at}/x`) && at.split('/').length < 20) visit(at)
      } else if (!isIgnored(at)) found.push({ name: at, data })
      if (found.length > mostFiles) throw new HelmError(`the chart has more than ${mostFiles} files`)
    }
  }
  visit('')
  return found
}

/** @throws HelmError for files that make no chart */
export function loadChart(given: readonly ChartFile[], depth = 0): Chart {
  if (depth > mostDepth) throw new HelmError(`charts are nested more than ${mostDepth} deep`)
  const chartFile = given.find(({ name }) => name === 'Chart.yaml')
  if (!chartFile) throw new HelmError('Chart.yaml file is missing')
  const chart: Chart = {
    metadata: metadataOf(chartFile),
    values: {},
    schema: undefined,
    lock: undefined,
    templates: [],
    files: [],
    dependencies: [],
    raw: [...given],
  }
  const subcharts = new Map<string, ChartFile[]>()
  for (const file of given) {
    const { name } = file
    if (name === 'Chart.yaml') continue
    if (name === 'Chart.lock') chart.lock = mapOf(file, 'cannot load Chart.lock')
    else if (name === 'values.yaml') chart.values = mapOf(file, 'cannot load values.yaml')
    else if (name === 'values.schema.json') chart.schema = textOfFile(file)
    else if (name.startsWith('templates/')) chart.templates.push(file)
    else if (name.startsWith('charts/')) {
      const path = name.slice('charts/'.length)
      const folder = path.split('/')[0]!
      subcharts.set(folder, [...(subcharts.get(folder) ?? []), { ...file, name: path }])
    } else chart.files.push(file)
  }
  validate(chart)
  for (const [folder, files] of subcharts) {
    if (/^[_.]/.test(folder)) continue
    try {
      const inner = folder.endsWith('.tgz')
        ? unpackChart(files[0]!)
        : files.flatMap((file) =>
            file.name.includes('/') ? { ...file, name: file.name.slice(folder.length + 1) } : [],
          )
      if (inner.length > 0) chart.dependencies.push(loadChart(inner, depth + 1))
    } catch (error) {
      if (!(error instanceof HelmError)) throw error
      throw new HelmError(`error unpacking subchart ${folder} in ${chart.metadata.name}: ${error.message}`)
    }
  }
  return chart
}

function mapOf(file: ChartFile, context: string): GoMap {
  const read = readYaml(textOfFile(file))
  if ('error' in read) throw new HelmError(`${context}: ${read.error}`)
  if (isNil(read.value)) return {}
  if (!isGoMap(read.value))
    throw new HelmError(
      `${context}: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${jsonKind(read.value)} into Go value of type map[string]interface {}`,
    )
  return read.value
}

function metadataOf(file: ChartFile): Metadata {
  const context = 'cannot load Chart.yaml'
  const map = mapOf(file, context)
  const text = (field: string): string => {
    const value = map[field]
    if (isNil(value)) return ''
    if (typeof value === 'string') return value
    throw new HelmError(
      `${context}: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${jsonKind(value)} into Go struct field Metadata.${field} of type string`,
    )
  }
  const list = (field: string): unknown[] | undefined => {
    const value = map[field]
    if (isNil(value)) return undefined
    if (Array.isArray(value)) return value
    throw new HelmError(
      `${context}: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${isGoMap(value) ? 'object' : jsonKind(value)} into Go struct field Metadata.${field} of type []${field === 'dependencies' ? '*chart.Dependency' : field === 'maintainers' ? '*chart.Maintainer' : 'string'}`,
    )
  }
  const metadata: Metadata = { name: text('name'), version: text('version'), apiVersion: text('apiVersion') || 'v1' }
  for (const field of [
    'description',
    'type',
    'appVersion',
    'kubeVersion',
    'home',
    'icon',
    'condition',
    'tags',
  ] as const)
    if (text(field)) metadata[field] = text(field)
  const [sources, keywords, maintainers] = [list('sources'), list('keywords'), list('maintainers')]
  if (sources) metadata.sources = sources.map(String)
  if (keywords) metadata.keywords = keywords.map(String)
  if (maintainers) metadata.maintainers = maintainers.filter(isGoMap)
  if (isGoMap(map.annotations)) metadata.annotations = map.annotations as Record<string, string>
  if (map.deprecated === true) metadata.deprecated = true
  const dependencies = list('dependencies')
  if (dependencies) metadata.dependencies = dependencies.filter(isGoMap).map(dependencyOf)
  return metadata
}

function dependencyOf(map: GoMap): Dependency {
  const dependency: Dependency = { name: typeof map.name === 'string' ? map.name : '' }
  for (const field of ['version', 'repository', 'condition', 'alias'] as const) {
    const value = map[field]
    if (!isNil(value) && typeof value !== 'string')
      throw new HelmError(
        `cannot load Chart.yaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${jsonKind(value)} into Go struct field Dependency.dependencies.${field} of type string`,
      )
    if (value) dependency[field] = value
  }
  if (Array.isArray(map.tags)) dependency.tags = map.tags.map(String)
  if (Array.isArray(map['import-values'])) dependency['import-values'] = map['import-values']
  return dependency
}

/** Source: Chart.Validate and Metadata.Validate */
function validate({ metadata }: Chart): void {
  const fail = (why: string): never => {
    throw new HelmError(`validation: ${why}`)
  }
  const { name, version, apiVersion, type = '', dependencies = [] } = metadata
  if (apiVersion === '') fail('chart.metadata.apiVersion is required')
  if (name === '') fail('chart.metadata.name is required')
  if (name.includes('/')) fail(`chart.metadata.name ${JSON.stringify(name)} is invalid`)
  if (version === '') fail('chart.metadata.version is required')
  if (!parseVersion(version)) fail(`chart.metadata.version ${JSON.stringify(version)} is invalid`)
  if (!['', 'application', 'library'].includes(type)) fail('chart.metadata.type must be application or library')
  const seen = new Set<string>()
  for (const { name: own, alias } of dependencies) {
    const key = alias || own
    if (own === '') fail('dependency name is required')
    if (alias && !/^[a-zA-Z0-9_-]+$/.test(alias))
      fail(`dependency ${JSON.stringify(own)} has disallowed characters in the alias`)
    if (seen.has(key)) fail(`more than one dependency with name or alias ${JSON.stringify(key)}`)
    seen.add(key)
  }
}
