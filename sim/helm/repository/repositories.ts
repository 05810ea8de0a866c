/**
 * Chart repositories as the one who types has added them: names and addresses in a file of their own, as Helm keeps them.
 * There is one repository to add; whatever else is asked for is not reached, as from a machine without the internet.
 */
import { isMap } from '../../api/meta/go-json.ts'
import { readText } from '../../kubectl/files.ts'
import { printYaml } from '../../kubectl/printers/yaml.ts'
import type { HelmContext } from '../context.ts'
import { HelmError } from '../errors.ts'
import { compareVersions, parseConstraint, parseVersion } from '../semver.ts'
import { readYaml } from '../sprig/encoding.ts'
import { charts } from './charts/charts.ts'
import type { PublishedChart } from './charts/published.ts'

const repositoryUrl = 'https://charts.example.com'

export interface Repository {
  name: string
  url: string
}

const fileOf = ({ environment }: HelmContext): string =>
  environment.HELM_REPOSITORY_CONFIG || `${environment.HOME ?? ''}/.config/helm/repositories.yaml`

export function listRepositories(context: HelmContext): Repository[] {
  const read = readYaml(readText(context, fileOf(context)) ?? '')
  if ('error' in read || !isMap(read.value) || !Array.isArray(read.value.repositories)) return []
  return read.value.repositories.filter(isMap).map(({ name, url }) => ({ name: String(name), url: String(url) }))
}

export function saveRepositories(context: HelmContext, repositories: readonly Repository[]): void {
  context.files.write(fileOf(context), printYaml({ apiVersion: '', generated: '0001-01-01T00:00:00Z', repositories }))
}

/** The charts at an address. @throws HelmError for one where nobody answers */
export function repositoryAt(url: string): readonly PublishedChart[] {
  if (url.replace(/\/+$/, '') === repositoryUrl) return charts
  const host = /^\w+:\/\/([^/]+)/.exec(url)?.[1]
  if (!host) throw new HelmError(`could not find protocol handler for: ${/^(\w+):/.exec(url)?.[1] ?? ''}`)
  throw new HelmError(
    `looks like ${JSON.stringify(url)} is not a valid chart repository or cannot be reached: Get "${url.replace(/\/+$/, '')}/index.yaml": dial tcp: lookup ${host}: no such host`,
  )
}

/** @throws HelmError for a name that nobody has added */
export function repositoryNamed(context: HelmContext, name: string): readonly PublishedChart[] {
  const found = listRepositories(context).find((one) => one.name === name)
  if (!found) throw new HelmError(`repo ${name} not found`)
  return repositoryAt(found.url)
}

/** The newest that fits; without a constraint the newest that is released. */
export function newestFitting(all: readonly PublishedChart[], wanted: string): PublishedChart | undefined {
  const test = parseConstraint(wanted || '*')
  return all
    .filter(({ version }) => version === wanted || test?.(parseVersion(version)!))
    .toSorted((a, b) => compareVersions(parseVersion(b.version)!, parseVersion(a.version)!))[0]
}

/** @throws HelmError */
export function findInRepository(
  all: readonly PublishedChart[],
  name: string,
  wanted: string,
  repository: string,
): PublishedChart {
  const named = all.filter((chart) => chart.name === name)
  const found = newestFitting(named, wanted)
  if (found) return found
  const isUrl = repository.includes('://')
  const version = wanted ? ` version ${JSON.stringify(wanted)}` : ''
  throw new HelmError(
    isUrl
      ? `chart ${JSON.stringify(name)}${version} not found in ${repository} repository`
      : named.length > 0
        ? `chart ${JSON.stringify(name)} matching ${wanted} not found in ${repository} index. (try 'helm repo update'): no chart version found for ${name}-${wanted}`
        : `chart ${JSON.stringify(name)} matching ${wanted} not found in ${repository} index. (try 'helm repo update'): no chart name found`,
  )
}
