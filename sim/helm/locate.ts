/** Finds the chart that a line names: a folder, an archive, one of a repository or of a registry. Source: LocateChart in helm.sh/helm/v3/pkg/action */

import { unpackChart } from './chart/archive.ts'
import type { Chart } from './chart/chart.ts'
import { filesOfFolder, loadChart } from './chart/load.ts'
import type { HelmCall } from './context.ts'
import { digestOf } from './digest.ts'
import { HelmError } from './errors.ts'
import { findInRegistry } from './repository/registry.ts'
import { findInRepository, repositoryAt, repositoryNamed } from './repository/repositories.ts'

/** @throws HelmError */
export function locateChart(call: HelmCall, reference: string): Chart {
  const { context, flags } = call
  const { files } = context
  const version = flags.string('version') || (flags.bool('devel') ? '>0.0.0-0' : '')
  const name = reference.trim()
  const path = name.replace(/\/+$/, '') || '.'
  if (!flags.string('repo') && !name.startsWith('oci://')) {
    const content = files.read(path)
    if (content !== undefined) return loadChart(unpackChart({ name: path, data: content }))
    if (files.list(path) !== undefined && (path !== '.' || name !== '')) return loadChart(filesOfFolder(files, path))
    if (/^(\/|\.)/.test(name)) throw new HelmError(`path ${JSON.stringify(name)} not found`)
  }
  if (name.startsWith('oci://')) {
    const chart = loadChart(findInRegistry(name, version))
    const place = name.slice('oci://'.length).replace(/:[^/]*$/, '')
    context.stderr(`Pulled: ${place}:${chart.metadata.version}\nDigest: sha256:${digestOf(chart.raw)}\n`)
    return chart
  }
  const url = flags.string('repo')
  if (url) return loadChart(findInRepository(repositoryAt(url), name, version, url).files)
  const slash = name.indexOf('/')
  if (slash < 0) throw new HelmError(`non-absolute URLs should be in form of repo_name/path_to_chart, got: ${name}`)
  const [repo, chart] = [name.slice(0, slash), name.slice(slash + 1)]
  return loadChart(findInRepository(repositoryNamed(context, repo), chart, version, repo).files)
}
