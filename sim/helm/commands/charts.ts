/** helm create, show, package, pull and dependency: what is done with charts, without a release. */
import { printYaml } from '../../kubectl/printers/yaml.ts'
import { packChart } from '../chart/archive.ts'
import { textOfFile } from '../chart/chart.ts'
import { isCompatible, missingDependencies } from '../chart/dependencies.ts'
import { filesOfFolder, loadChart } from '../chart/load.ts'
import type { HelmCall, HelmCommand } from '../context.ts'
import { digestOf } from '../digest.ts'
import { HelmError } from '../errors.ts'
import { chartFlags } from '../flags.ts'
import { locateChart } from '../locate.ts'
import { printTable } from '../printing.ts'
import { findInRegistry } from '../repository/registry.ts'
import { findInRepository, listRepositories, repositoryAt, repositoryNamed } from '../repository/repositories.ts'
import { scaffold } from '../scaffold.ts'
import { toPlain } from '../sprig/plain.ts'

export const create: HelmCommand = {
  name: 'create',
  short: 'create a new chart with the given name',
  usage: 'create NAME',
  args: { exactly: 1 },
  run(call) {
    const { files } = call.context
    const path = call.args[0]!.replace(/\/+$/, '')
    const name = path.slice(path.lastIndexOf('/') + 1)
    call.out(`Creating ${path}\n`)
    if (!/^[a-zA-Z0-9._-]+$/.test(name) || name.length > 250)
      throw new HelmError('chart name must match the regular expression "^[a-zA-Z0-9._-]+$"')
    if (files.read(path) !== undefined)
      throw new HelmError(`file ${files.resolve(path)} already exists and is not a directory`)
    for (const file of scaffold(name)) {
      if (files.read(`${path}/${file.name}`) !== undefined)
        call.context.stderr(`WARNING: File "${files.resolve(`${path}/${file.name}`)}" already exists. Overwriting.\n`)
      files.write(`${path}/${file.name}`, file.data)
    }
    files.makeFolder(`${path}/charts`)
    return 0
  },
}

const shown = (name: string, short: string, print: (call: HelmCall) => string): HelmCommand => ({
  name,
  short,
  usage: `show ${name} [CHART]`,
  args: { exactly: 1 },
  flags: chartFlags,
  run(call) {
    call.out(print(call))
    return 0
  },
})

const readme = /^readme(\.(md|txt))?$/i
const chartText = (call: HelmCall): string => printYaml(toPlain(locateChart(call, call.args[0]!).metadata))
const valuesText = (call: HelmCall): string => {
  const file = locateChart(call, call.args[0]!).raw.find(({ name }) => name === 'values.yaml')
  return file ? `${textOfFile(file).replace(/\n$/, '')}\n\n` : ''
}
const readmeText = (call: HelmCall): string => {
  const file = locateChart(call, call.args[0]!).files.find(({ name }) => readme.test(name))
  return file ? `${textOfFile(file)}\n` : ''
}

export const show: HelmCommand = {
  name: 'show',
  aliases: ['inspect'],
  short: 'show information of a chart',
  usage: 'show',
  subcommands: [
    shown(
      'all',
      'show all information of the chart',
      (call) => `${chartText(call)}\n---\n${valuesText(call)}---\n${readmeText(call)}`,
    ),
    shown('chart', "show the chart's definition", (call) => `${chartText(call)}\n`),
    shown('values', "show the chart's values", valuesText),
    shown('readme', "show the chart's README", readmeText),
    shown('crds', "show the chart's CRDs", (call) =>
      locateChart(call, call.args[0]!)
        .files.filter(({ name }) => name.startsWith('crds/'))
        .map((file) => `---\n${textOfFile(file)}\n`)
        .join(''),
    ),
  ],
}

export const packageCommand: HelmCommand = {
  name: 'package',
  short: 'package a chart directory into a chart archive',
  usage: 'package [CHART_PATH] [...]',
  flags: [
    { name: 'destination', short: 'd', type: 'string', default: '.', help: 'location to write the chart' },
    { name: 'version', type: 'string', help: 'set the version on the chart to this semver version' },
    { name: 'app-version', type: 'string', help: 'set the appVersion on the chart to this version' },
  ],
  run(call) {
    const { args, context, flags } = call
    if (args.length === 0) throw new HelmError('need at least one argument, the path to the chart')
    for (const path of args) {
      const folder = path.replace(/\/+$/, '')
      if (context.files.list(folder) === undefined) throw new HelmError(`path "${path}" not found`)
      const files = filesOfFolder(context.files, folder)
      const chart = loadChart(files)
      const metadata = {
        ...chart.metadata,
        ...(flags.string('version') ? { version: flags.string('version') } : {}),
        ...(flags.string('app-version') ? { appVersion: flags.string('app-version') } : {}),
      }
      const missing = missingDependencies(chart)
      if (missing.length > 0)
        throw new HelmError(`found in Chart.yaml, but missing in charts/ directory: ${missing.join(', ')}`)
      const own = files.map((file) =>
        file.name === 'Chart.yaml' ? { ...file, data: printYaml(toPlain(metadata)) } : file,
      )
      const name = `${metadata.name}-${metadata.version}.tgz`
      const at = context.files.resolve(`${flags.string('destination')}/${name}`)
      context.files.write(at, packChart(metadata.name, own))
      call.out(`Successfully packaged chart and saved it to: ${at}\n`)
    }
    return 0
  },
}

export const pull: HelmCommand = {
  name: 'pull',
  aliases: ['fetch'],
  short: 'download a chart from a repository and (optionally) unpack it in local directory',
  usage: 'pull [chart URL | repo/chartname] [...]',
  args: { atLeast: 1 },
  flags: [
    ...chartFlags,
    { name: 'untar', type: 'bool', help: 'if set to true, will untar the chart after downloading it' },
    {
      name: 'untardir',
      type: 'string',
      default: '.',
      help: 'if untar is specified, the name of the directory to untar into',
    },
    { name: 'destination', short: 'd', type: 'string', default: '.', help: 'location to write the chart' },
  ],
  run(call) {
    const { args, context, flags } = call
    for (const reference of args) {
      if (!reference.includes('/') && !flags.string('repo'))
        throw new HelmError(`repo name or chart URL expected, got: ${reference}`)
      const { metadata, raw } = locateChart(call, reference)
      if (flags.bool('untar')) {
        const folder = `${flags.string('untardir')}/${metadata.name}`
        if (context.files.list(folder) !== undefined)
          throw new HelmError(
            `failed to untar: a file or directory with the name ${context.files.resolve(folder)} already exists`,
          )
        for (const file of raw) context.files.write(`${folder}/${file.name}`, file.data)
      } else
        context.files.write(
          `${flags.string('destination')}/${metadata.name}-${metadata.version}.tgz`,
          packChart(metadata.name, raw),
        )
    }
    return 0
  },
}

const dependencyList: HelmCommand = {
  name: 'list',
  aliases: ['ls'],
  short: 'list the dependencies for the given chart',
  usage: 'dependency list CHART',
  args: { atMost: 1 },
  run(call) {
    const chart = localChart(call)
    const asked = chart.metadata.dependencies ?? []
    if (asked.length === 0) {
      call.out(`WARNING: no dependencies at charts\n`)
      return 0
    }
    const rows = asked.map(({ name, version = '', repository = '' }) => {
      const found = chart.dependencies.find(({ metadata }) => metadata.name === name)
      const state = !found ? 'missing' : isCompatible(version, found.metadata.version) ? 'ok' : 'wrong version'
      return [name, version, repository, found && !repository ? 'unpacked' : state]
    })
    call.out(`${printTable([['NAME', 'VERSION', 'REPOSITORY', 'STATUS'], ...rows], 80)}\n`)
    return 0
  },
}

const folderOf = ({ args }: HelmCall): string => (args[0] ?? '.').replace(/\/+$/, '') || '.'

function localChart(call: HelmCall) {
  const { files } = call.context
  const folder = folderOf(call)
  if (files.list(folder) === undefined) throw new HelmError(`stat ${folder}: no such file or directory`)
  return loadChart(filesOfFolder(files, folder))
}

/** Puts into charts/ what Chart.yaml asks for, and into Chart.lock what that was. */
function updateDependencies(call: HelmCall, isBuild: boolean): number {
  const { context } = call
  const { files } = context
  const folder = folderOf(call)
  const { metadata, lock } = localChart(call)
  const asked = metadata.dependencies ?? []
  if (isBuild && lock && asked.length !== (Array.isArray(lock.dependencies) ? lock.dependencies.length : 0))
    throw new HelmError(
      'the lock file (Chart.lock) is out of sync with the dependencies file (Chart.yaml). Please update the dependencies',
    )
  if (asked.length === 0) return 0
  const locked: object[] = []
  const found = asked.map(({ name, version = '', repository = '' }) => {
    const wanted = isBuild ? lockedVersion(lock, name, version) : version
    if (repository === '') {
      if (files.read(`${folder}/charts/${name}/Chart.yaml`) === undefined)
        throw new HelmError(`directory ${files.resolve(`${folder}/charts/${name}`)} not found`)
      return undefined
    }
    const [own, path] = repository.startsWith('file://')
      ? [filesOfFolder(files, `${folder}/${repository.slice('file://'.length)}`), repository]
      : [publishedFiles(call, repository, name, wanted), repository]
    const chart = loadChart(own)
    if (!isCompatible(wanted, chart.metadata.version))
      throw new HelmError(
        `can't get a valid version for dependency ${name}: ${chart.metadata.version} does not fit ${wanted}`,
      )
    locked.push({ name, repository: path, version: chart.metadata.version })
    return { name, repository, version: chart.metadata.version, files: own }
  })
  if (!isBuild && listRepositories(context).length > 0)
    call.out(
      `Hang tight while we grab the latest from your chart repositories...\n${listRepositories(context)
        .map(({ name }) => `...Successfully got an update from the "${name}" chart repository\n`)
        .join('')}Update Complete. ⎈Happy Helming!⎈\n`,
    )
  call.out(`Saving ${asked.length} charts\n`)
  for (const one of found) {
    if (!one) continue
    for (const file of files.list(`${folder}/charts`) ?? [])
      if (new RegExp(`^${one.name.replace(/[^\w-]/g, '\\$&')}-\\d.*\\.tgz$`).test(file))
        files.remove(`${folder}/charts/${file}`)
    if (!one.repository.startsWith('file://')) call.out(`Downloading ${one.name} from repo ${one.repository}\n`)
    files.write(`${folder}/charts/${one.name}-${one.version}.tgz`, packChart(one.name, one.files))
  }
  call.out('Deleting outdated charts\n')
  const digest = `sha256:${digestOf([asked, locked])}`
  const generated = new Date(context.nowEpochMs()).toISOString()
  files.write(`${folder}/Chart.lock`, printYaml({ dependencies: locked, digest, generated }))
  return 0
}

function lockedVersion(lock: Record<string, unknown> | undefined, name: string, other: string): string {
  const list = Array.isArray(lock?.dependencies) ? (lock.dependencies as { name?: unknown; version?: unknown }[]) : []
  const found = list.find((one) => one?.name === name)
  return typeof found?.version === 'string' ? found.version : other
}

function publishedFiles(call: HelmCall, repository: string, name: string, version: string) {
  if (repository.startsWith('oci://')) return findInRegistry(`${repository.replace(/\/+$/, '')}/${name}`, version)
  const all = /^[@]|^alias:/.test(repository)
    ? repositoryNamed(call.context, repository.replace(/^@|^alias:/, ''))
    : repositoryAt(repository)
  return findInRepository(all, name, version, repository).files
}

export const dependency: HelmCommand = {
  name: 'dependency',
  aliases: ['dep', 'dependencies'],
  short: "manage a chart's dependencies",
  usage: 'dependency',
  subcommands: [
    dependencyList,
    {
      name: 'update',
      aliases: ['up'],
      short: 'update charts/ based on the contents of Chart.yaml',
      usage: 'dependency update CHART',
      args: { atMost: 1 },
      flags: [{ name: 'skip-refresh', type: 'bool', help: 'do not refresh the local repository cache' }],
      run: (call) => updateDependencies(call, false),
    },
    {
      name: 'build',
      short: 'rebuild the charts/ directory based on the Chart.lock file',
      usage: 'dependency build CHART',
      args: { atMost: 1 },
      flags: [{ name: 'skip-refresh', type: 'bool', help: 'do not refresh the local repository cache' }],
      run: (call) => updateDependencies(call, true),
    },
  ],
}
