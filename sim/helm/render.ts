/** Runs a chart's templates. Source: helm.sh/helm/v3/pkg/engine */
import { encodeBase64 } from '../api/meta/base64.ts'
import { charge } from '../engine/work.ts'
import { builtinNames, copied } from '../go-template/builtins.ts'
import { executeTemplate, TemplateExecError, type TemplateSet } from '../go-template/execute.ts'
import { CallError, goFunction as fn, type GoFunction } from '../go-template/functions.ts'
import { parseTemplate, TemplateParseError, type Tree } from '../go-template/parse.ts'
import { type GoMap, GoStruct, isGoMap, isNil } from '../go-template/values.ts'
import { printYaml } from '../kubectl/printers/yaml.ts'
import { bytesOfFile, type Chart, type ChartFile, isLibrary, textOfFile } from './chart/chart.ts'
import { globTest } from './chart/glob.ts'
import { HelmError } from './errors.ts'
import { type Surroundings, sprigFunctions } from './sprig/sprig.ts'

/** What templates may ask of the cluster. */
export type Lookup = (apiVersion: string, kind: string, namespace: string, name: string) => GoMap

export interface RenderOptions extends Surroundings {
  lookup?: Lookup
  /** `required` and `fail` are no failures then. */
  isLint?: boolean
  isStrict?: boolean
  /** Told of what a lint passes over. */
  log?(text: string): void
}

/** @param top Release and Capabilities; Values of the chart at the top */
export interface RenderValues {
  Release: GoMap
  Capabilities: GoStruct
  Values: GoMap
}

interface Template {
  name: string
  text: string
  scope: GoMap
  basePath: string
}

/**
 * All templates but those whose names begin with `_`, by path: `web/templates/service.yaml`.
 * @throws HelmError
 */
export function renderChart(chart: Chart, values: RenderValues, options: RenderOptions): Map<string, string> {
  const templates: Template[] = []
  collect(chart, chart.metadata.name, values.Values, values, templates, true)
  templates.sort(deepestFirst)
  const set: TemplateSet = { trees: new Map(), functions: new Map(), isStrict: options.isStrict ?? false }
  const functions = functionsOf(set, options)
  set.functions = functions
  const hasFunction = (name: string): boolean => functions.has(name) || builtinNames.has(name)
  for (const { name, text } of templates) addTemplate(set.trees, name, text, hasFunction)
  const rendered = new Map<string, string>()
  for (const { name, scope, basePath } of templates) {
    if (name.slice(name.lastIndexOf('/') + 1).startsWith('_')) continue
    const data = { ...scope, Template: { Name: name, BasePath: basePath } }
    rendered.set(name, told(() => executeTemplate(set, name, data)).replaceAll('<no value>', ''))
  }
  return rendered
}

function addTemplate(trees: Map<string, Tree>, name: string, text: string, has: (name: string) => boolean): void {
  let parsed: Map<string, Tree>
  try {
    parsed = parseTemplate(name, text, has)
  } catch (error) {
    if (!(error instanceof TemplateParseError)) throw error
    const tokens = error.message.split(': ')
    throw new HelmError(`parse error at (${tokens[1]}): ${tokens.at(-1)}`)
  }
  for (const [own, tree] of parsed) {
    const isEmpty = tree.body.every((node) => node.type === 'text' && node.text.trim() === '')
    if (!isEmpty || !trees.has(own)) trees.set(own, tree)
  }
}

const [warnStart, warnEnd] = ['HELM_ERR_START', 'HELM_ERR_END']

/** Failures of templates as Helm words them; what a chart refuses itself is told without the way to it. */
function told(act: () => string): string {
  try {
    return act()
  } catch (error) {
    if (error instanceof CallError) throw new HelmError(error.message)
    if (!(error instanceof TemplateExecError)) throw error
    const own = new RegExp(`${warnStart}([\\s\\S]*)${warnEnd}`).exec(error.message)?.[1]
    const place = error.message.split(': ')[1]
    throw new HelmError(own === undefined ? error.message : `execution error at (${place}): ${own}`)
  }
}

const depthOf = ({ name }: Template): number => name.split('/').length

/** Of two with one name the one of the chart above counts, which is read later. */
const deepestFirst = (a: Template, b: Template): number =>
  depthOf(b) - depthOf(a) || (a.name < b.name ? 1 : a.name > b.name ? -1 : 0)

function collect(
  chart: Chart,
  path: string,
  values: GoMap,
  { Release, Capabilities }: RenderValues,
  templates: Template[],
  isRoot: boolean,
): GoMap {
  const subcharts: GoMap = {}
  const scope: GoMap = {
    Chart: chartStruct(chart, isRoot),
    Files: filesStruct(chart.files),
    Release,
    Capabilities,
    Values: values,
    Subcharts: subcharts,
  }
  for (const child of chart.dependencies) {
    const { name } = child.metadata
    const own = isGoMap(values[name]) ? values[name] : {}
    subcharts[name] = collect(
      child,
      `${path}/charts/${name}`,
      own,
      { Release, Capabilities, Values: own },
      templates,
      false,
    )
  }
  for (const file of chart.templates) {
    const base = file.name.slice(file.name.lastIndexOf('/') + 1)
    if (isLibrary(chart) && !base.startsWith('_')) continue
    templates.push({
      name: `${path}/${file.name}`,
      text: textOfFile(file),
      scope,
      basePath: `${path}/templates`,
    })
  }
  return scope
}

function chartStruct({ metadata }: Chart, isRoot: boolean): GoStruct {
  const { annotations = {}, keywords = [], sources = [], maintainers = [], dependencies = [] } = metadata
  return new GoStruct('struct { chart.Metadata; IsRoot bool }', {
    Name: metadata.name,
    Home: metadata.home ?? '',
    Sources: sources,
    Version: metadata.version,
    Description: metadata.description ?? '',
    Keywords: keywords,
    Maintainers: maintainers.map(
      ({ name = '', email = '', url = '' }) =>
        new GoStruct('*chart.Maintainer', { Name: name, Email: email, URL: url }),
    ),
    Icon: metadata.icon ?? '',
    APIVersion: metadata.apiVersion,
    Condition: metadata.condition ?? '',
    Tags: metadata.tags ?? '',
    AppVersion: metadata.appVersion ?? '',
    Deprecated: metadata.deprecated ?? false,
    Annotations: annotations,
    KubeVersion: metadata.kubeVersion ?? '',
    Dependencies: dependencies.map(
      ({ name, version = '', repository = '', alias = '' }) =>
        new GoStruct('*chart.Dependency', { Name: name, Version: version, Repository: repository, Alias: alias }),
    ),
    Type: metadata.type ?? '',
    IsRoot: isRoot,
  })
}

/** `.Files` */
function filesStruct(files: readonly ChartFile[]): GoStruct {
  charge(50 + 20 * files.length + files.reduce((sum, file) => sum + textOfFile(file).length, 0) / 4)
  const byName = new Map(files.map((file) => [file.name, file]))
  const base = (name: string): string => name.slice(name.lastIndexOf('/') + 1)
  const asMap = (contentOf: (file: ChartFile) => string): string =>
    files.length === 0
      ? ''
      : printYaml(Object.fromEntries(files.map((file) => [base(file.name), contentOf(file)]))).replace(/\n$/, '')
  const textAt = (name: string): string => {
    const file = byName.get(name)
    return file ? copied(textOfFile(file)) : ''
  }
  return new GoStruct(
    'engine.files',
    {},
    {
      Get: { params: 'string', run: textAt },
      GetBytes: {
        params: 'string',
        run: (name: string) => {
          const file = byName.get(name)
          return file ? bytesOfFile(file) : new Uint8Array()
        },
      },
      Lines: {
        params: 'string',
        run: (name: string) => {
          const text = textAt(name)
          return text === '' ? [] : text.replace(/\n$/, '').split('\n')
        },
      },
      Glob: {
        params: 'string',
        run: (pattern: string) => {
          const test = globTest(pattern)
          return filesStruct(files.filter(({ name }) => test(name)))
        },
      },
      AsConfig: { params: '', run: () => asMap(textOfFile) },
      AsSecrets: { params: '', run: () => asMap((file) => encodeBase64(bytesOfFile(file))) },
    },
    Object.fromEntries(files.map((file) => [file.name, bytesOfFile(file)])),
  )
}

function functionsOf(set: TemplateSet, options: RenderOptions): Map<string, GoFunction> {
  const functions = sprigFunctions(options)
  const log = options.log ?? (() => undefined)
  let depth = 0
  const including = new Map<string, number>()
  const has = (name: string): boolean => functions.has(name) || builtinNames.has(name)
  const run = (inSet: TemplateSet, name: string, data: unknown): string => {
    const count = including.get(name) ?? 0
    // The limit of the stack is another one on each machine: this comes first.
    if (count > 1000 || depth > 150)
      throw new CallError(`rendering template has a nested reference name: ${name}: unable to execute template`)
    including.set(name, count + 1)
    depth++
    try {
      return executeTemplate(inSet, name, data)
    } finally {
      depth--
      including.set(name, count)
    }
  }
  functions.set(
    'include',
    fn('string any', (name: string, data: unknown) => run(set, name, data)),
  )
  functions.set(
    'tpl',
    fn('string any', (text: string, data: unknown) => {
      charge(functions.size + set.trees.size)
      const inner: TemplateSet = { ...set, trees: new Map(set.trees) }
      inner.functions = new Map(functions).set(
        'include',
        fn('string any', (name: string, value: unknown) => run(inner, name, value)),
      )
      try {
        for (const [name, tree] of parseTemplate('gotpl', text, has)) inner.trees.set(name, tree)
      } catch (error) {
        if (!(error instanceof TemplateParseError)) throw error
        throw new CallError(`cannot parse template ${JSON.stringify(text)}: ${error.message}`)
      }
      try {
        return run(inner, 'gotpl', data).replaceAll('<no value>', '')
      } catch (error) {
        if (!(error instanceof TemplateExecError)) throw error
        throw new CallError(`error during tpl function execution for ${JSON.stringify(text)}: ${error.message}`)
      }
    }),
  )
  functions.set(
    'required',
    fn('string any', (warning: string, value: unknown) => {
      if (!isNil(value) && value !== '') return value
      if (!options.isLint) throw new CallError(warnStart + warning + warnEnd)
      log(`[INFO] Missing required value: ${warning}`)
      return ''
    }),
  )
  functions.set(
    'fail',
    fn('string', (message: string) => {
      if (!options.isLint) throw new CallError(warnStart + message + warnEnd)
      log(`[INFO] Fail: ${message}`)
      return ''
    }),
  )
  const { lookup } = options
  functions.set(
    'lookup',
    fn('string string string string', (apiVersion: string, kind: string, namespace: string, name: string) =>
      lookup ? lookup(apiVersion, kind, namespace, name) : {},
    ),
  )
  return functions
}
