/** Charts in a registry: `oci://registry.example.com/charts/web`. The same charts as in the repository. */
import type { ChartFile } from '../chart/chart.ts'
import { HelmError } from '../errors.ts'
import { charts } from './charts/charts.ts'
import { newestFitting } from './repositories.ts'

const registryHost = 'registry.example.com'
const folder = `oci://${registryHost}/charts/`

/** @throws HelmError for what is not there */
export function findInRegistry(reference: string, version: string): readonly ChartFile[] {
  const [, path = '', tag = ''] = /^(oci:\/\/.*?)(?::([^/]+))?$/.exec(reference) ?? []
  if (!reference.startsWith(`oci://${registryHost}/`)) {
    const host = reference.slice('oci://'.length).split('/')[0]
    throw new HelmError(`failed to do request: Head "https://${host}/v2/": dial tcp: lookup ${host}: no such host`)
  }
  const name = path.startsWith(folder) ? path.slice(folder.length) : ''
  const all = charts.filter((chart) => chart.name === name)
  const wanted = tag || version
  const found = newestFitting(all, wanted)
  if (!found)
    throw new HelmError(
      all.length > 0 && wanted
        ? `Unable to locate any tags in provided repository: ${path}: no tag fits ${wanted}`
        : `${path.slice('oci://'.length)}: not found`,
    )
  return found.files
}
