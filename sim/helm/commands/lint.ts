/** helm lint. Source: helm.sh/helm/v3/pkg/lint */

import { type GoMap, isGoMap, typeName } from '../../go-template/values.ts'
import { capabilitiesOf } from '../capabilities.ts'
import { type Chart, textOfFile } from '../chart/chart.ts'
import { missingDependencies, processDependencies } from '../chart/dependencies.ts'
import { filesOfFolder, loadChart } from '../chart/load.ts'
import { schemaProblem, validateValues } from '../chart/schema.ts'
import { coalesceValues, overlaid } from '../chart/values.ts'
import type { HelmCall, HelmCommand } from '../context.ts'
import { HelmError } from '../errors.ts'
import { valuesFlags } from '../flags.ts'
import { givenValues } from '../given-values.ts'
import { splitManifests } from '../release/manifests.ts'
import { renderChart } from '../render.ts'
import { parseVersion } from '../semver.ts'
import { readYaml } from '../sprig/encoding.ts'

type Severity = 'INFO' | 'WARNING' | 'ERROR'
interface Message {
  severity: Severity
  path: string
  text: string
}

export const lint: HelmCommand = {
  name: 'lint',
  short: 'examine a chart for possible issues',
  usage: 'lint PATH',
  flags: [
    ...valuesFlags,
    { name: 'strict', type: 'bool', help: 'fail on lint warnings' },
    { name: 'with-subcharts', type: 'bool', help: 'lint dependent charts' },
    { name: 'quiet', type: 'bool', help: 'print only warnings and errors' },
    { name: 'kube-version', type: 'string', help: 'Kubernetes version used for capabilities and deprecation checks' },
    { name: 'skip-schema-validation', type: 'bool', help: 'disable JSON schema validation' },
  ],
  run(call) {
    const { args, flags, context } = call
    const paths = args.length > 0 ? [...args] : ['.']
    if (flags.bool('with-subcharts'))
      for (const path of [...paths])
        for (const name of context.files.list(`${path}/charts`) ?? [])
          if (context.files.read(`${path}/charts/${name}/Chart.yaml`) !== undefined)
            paths.push(`${path}/charts/${name}`)
    const values = givenValues(call)
    let failed = 0
    for (const path of paths) {
      const messages = lintChart(call, path.replace(/\/+$/, '') || '/', values)
      const least = flags.bool('strict') ? ['WARNING', 'ERROR'] : ['ERROR']
      const isFailed = messages.some(({ severity }) => least.includes(severity))
      if (isFailed) failed++
      const shown = flags.bool('quiet') ? messages.filter(({ severity }) => severity !== 'INFO') : messages
      if (flags.bool('quiet') && shown.length === 0) continue
      call.out(
        `==> Linting ${path}\n${shown.map(({ severity, path: at, text }) => `[${severity}] ${at}: ${text}\n`).join('')}\n`,
      )
    }
    const summary = `${paths.length} chart(s) linted, ${failed} chart(s) failed`
    if (failed > 0) throw new HelmError(summary)
    if (!flags.bool('quiet')) call.out(`${summary}\n`)
    return 0
  },
}

function lintChart(call: HelmCall, folder: string, values: GoMap): Message[] {
  const { files } = call.context
  const messages: Message[] = []
  const add = (severity: Severity, path: string, text: string | undefined): boolean => {
    if (text !== undefined) messages.push({ severity, path, text })
    return text === undefined
  }
  const chartText = files.read(`${folder}/Chart.yaml`)
  if (typeof chartText !== 'string') {
    add('ERROR', 'Chart.yaml', `unable to parse YAML\n\topen ${folder}/Chart.yaml: no such file or directory`)
    add('INFO', 'values.yaml', files.read(`${folder}/values.yaml`) === undefined ? 'file does not exist' : undefined)
    add('ERROR', 'templates/', 'Chart.yaml file is missing')
    add('ERROR', '', 'unable to load chart\n\tChart.yaml file is missing')
    return messages
  }
  lintChartFile(chartText, add)
  let chart: Chart | undefined
  let problem: string | undefined
  try {
    chart = loadChart(filesOfFolder(files, folder))
  } catch (error) {
    if (!(error instanceof HelmError)) throw error
    problem = error.message
  }
  lintValues(call, folder, values, add)
  if (!chart) {
    add('ERROR', 'templates/', problem)
    add('ERROR', '', `unable to load chart\n\t${problem}`)
    return messages
  }
  lintTemplates(call, chart, values, add)
  const missing = missingDependencies(chart)
  add(
    'WARNING',
    folder,
    missing.length > 0 ? `chart directory is missing these dependencies: ${missing.join(',')}` : undefined,
  )
  return messages
}

type Add = (severity: Severity, path: string, text: string | undefined) => boolean

function lintChartFile(text: string, add: Add): void {
  const read = readYaml(text)
  const path = 'Chart.yaml'
  if ('error' in read || !isGoMap(read.value)) {
    add('ERROR', path, `unable to parse YAML\n\t${'error' in read ? read.error : 'it is no map'}`)
    return
  }
  const map = read.value
  const asText = (key: string): string => (typeof map[key] === 'string' ? map[key] : '')
  const [name, apiVersion, version] = [asText('name'), asText('apiVersion'), asText('version')]
  add(
    'ERROR',
    path,
    name === '' ? 'name is required' : name.includes('/') ? `chart name ${JSON.stringify(name)} is invalid` : undefined,
  )
  add(
    'ERROR',
    path,
    apiVersion === ''
      ? 'apiVersion is required. The value must be either "v1" or "v2"'
      : ['v1', 'v2'].includes(apiVersion)
        ? undefined
        : `apiVersion '${apiVersion}' is not valid. The value must be either "v1" or "v2"`,
  )
  for (const key of ['version', 'appVersion'])
    if (Object.hasOwn(map, key) && typeof map[key] !== 'string')
      add('ERROR', path, `${key} should be of type string but it's of type ${typeName(map[key])}`)
  add(
    'ERROR',
    path,
    version === ''
      ? 'version is required'
      : parseVersion(version)
        ? undefined
        : `version '${version}' is not a valid SemVer`,
  )
  add('INFO', path, asText('icon') === '' ? 'icon is recommended' : undefined)
  add(
    'ERROR',
    path,
    asText('icon') !== '' && !/^https?:\/\//.test(asText('icon')) ? `invalid icon URL '${asText('icon')}'` : undefined,
  )
  if (apiVersion !== 'v2') {
    if (asText('type'))
      add('ERROR', path, `chart type is not valid in apiVersion '${apiVersion}'. It is valid in apiVersion 'v2'`)
    if (Array.isArray(map.dependencies) && map.dependencies.length > 0)
      add(
        'ERROR',
        path,
        `dependencies are not valid in the Chart file with apiVersion '${apiVersion}'. They are valid in apiVersion 'v2'`,
      )
  }
}

function lintValues({ context: { files }, flags }: HelmCall, folder: string, given: GoMap, add: Add): void {
  const path = 'values.yaml'
  const text = files.read(`${folder}/values.yaml`)
  if (typeof text !== 'string') {
    add('INFO', path, 'file does not exist')
    return
  }
  const read = readYaml(text)
  if ('error' in read) {
    add('ERROR', path, `unable to parse YAML: ${read.error}`)
    return
  }
  const schema = files.read(`${folder}/values.schema.json`)
  if (typeof schema !== 'string' || flags.bool('skip-schema-validation')) return
  add('ERROR', path, validateValues(schema, overlaid(isGoMap(read.value) ? read.value : {}, given)))
}

function lintTemplates(call: HelmCall, given: Chart, values: GoMap, add: Add): void {
  const { context, flags } = call
  const warn = (text: string): void => call.warn(text)
  let rendered: Map<string, string>
  try {
    const chart = processDependencies(given, values, warn)
    const all = coalesceValues(chart, values, warn)
    const problem = flags.bool('skip-schema-validation') ? undefined : schemaProblem(chart, all)
    if (problem !== undefined) throw new HelmError(problem)
    rendered = renderChart(
      chart,
      {
        Release: {
          Name: 'test-release',
          Namespace: call.namespace,
          IsUpgrade: false,
          IsInstall: false,
          Revision: 0n,
          Service: 'Helm',
        },
        Capabilities: capabilitiesOf(context, flags.string('kube-version')),
        Values: all,
      },
      { random: context.random, nowEpochMs: () => context.nowEpochMs(), isLint: true, log: warn },
    )
  } catch (error) {
    if (!(error instanceof HelmError)) throw error
    add('ERROR', 'templates/', error.message)
    return
  }
  for (const file of given.templates) {
    const path = file.name
    const extension = /\.[^./]*$/.exec(path)?.[0] ?? ''
    if (!['.yaml', '.yml', '.tpl', '.txt'].includes(extension))
      add('ERROR', path, `file extension '${extension}' not valid. Valid extensions are .yaml, .yml, .tpl, or .txt`)
    if (/\.Release\.Time/.test(textOfFile(file)))
      add(
        'ERROR',
        path,
        '.Release.Time has been removed in v3, please replace with the `now` function in your templates',
      )
    if (extension !== '.yaml') continue
    if (!lintDocuments(path, rendered.get(`${given.metadata.name}/${path}`) ?? '', add)) return
  }
}

/** @returns whether it can be read */
function lintDocuments(path: string, content: string, add: Add): boolean {
  const first = content.split('\n').find((line) => line.trim() !== '')
  if (first !== undefined && /^[ \t]/.test(first))
    add(
      'WARNING',
      path,
      `document starts with an illegal indent: ${JSON.stringify(first)}, which may cause parsing problems`,
    )
  for (const document of splitManifests(content)) {
    const read = readYaml(document)
    if (!add('ERROR', path, 'error' in read ? `unable to parse YAML: ${read.error}` : undefined)) return false
    const object = 'value' in read && isGoMap(read.value) ? read.value : undefined
    if (!object) continue
    const name = isGoMap(object.metadata) && typeof object.metadata.name === 'string' ? object.metadata.name : ''
    if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name))
      add(
        'WARNING',
        path,
        `object name does not conform to Kubernetes naming requirements: ${JSON.stringify(name)}: metadata.name: Invalid value: ${JSON.stringify(name)}: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
      )
    if (
      /^(Deployment|ReplicaSet|DaemonSet|StatefulSet)$/.test(String(object.kind)) &&
      !/matchLabels|matchExpressions/.test(document)
    )
      add(
        'ERROR',
        path,
        `a ${object.kind} must contain matchLabels or matchExpressions, and ${JSON.stringify(name)} does not`,
      )
  }
  return true
}
