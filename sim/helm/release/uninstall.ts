/** Uninstalling a release. Source: helm.sh/helm/v3/pkg/action/uninstall.go */
import type { Wait } from '../../runtime/process.ts'
import type { HelmCall } from '../context.ts'
import { HelmError } from '../errors.ts'
import { runHooks } from './hooks.ts'
import { sortManifests } from './manifests.ts'
import { releaseNameProblem, timestamp } from './release.ts'
import type { Releases } from './storage.ts'

export interface UninstallOptions {
  noHooks: boolean
  keepHistory: boolean
  wait: boolean
  timeoutMs: number
  cascade?: 'Background' | 'Foreground' | 'Orphan'
  description?: string
}

/** @returns what was kept, as Helm tells it */
export function* uninstall(
  { cluster, context }: HelmCall,
  releases: Releases,
  name: string,
  { noHooks, keepHistory, wait, timeoutMs, cascade = 'Background', description }: UninstallOptions,
): Generator<Wait, string, unknown> {
  if (releaseNameProblem(name)) throw new HelmError(`uninstall: Release name is invalid: ${name}`)
  const all = releases.history(name)
  const release = all.at(-1)
  if (!release) throw new HelmError(`uninstall: Release not loaded: ${name}: release: not found`)
  if (release.info.status === 'uninstalled') {
    if (keepHistory) throw new HelmError(`the release named ${JSON.stringify(name)} is already deleted`)
    for (const one of all) releases.delete(one)
    return ''
  }
  release.info = {
    ...release.info,
    status: 'uninstalling',
    deleted: timestamp(context.nowEpochMs()),
    description: 'Deletion in progress (or silently failed)',
  }
  if (!noHooks) yield* runHooks(cluster, releases, release, 'pre-delete', timeoutMs)
  releases.update(release)
  const { manifests } = sortManifests(new Map([['manifest', release.manifest]]), 'uninstall')
  const isKept = ({ annotations }: (typeof manifests)[number]): boolean =>
    annotations['helm.sh/resource-policy']?.trim().toLowerCase() === 'keep'
  const kept = manifests.filter(isKept)
  const objects = manifests.filter((one) => !isKept(one)).flatMap(({ content }) => cluster.build(content))
  if (cluster.remove(objects, cascade).length > 0) throw new HelmError(`failed to delete release: ${name}`)
  const problems: string[] = []
  const collect = function* (run: Generator<Wait, void, unknown>): Generator<Wait, void, unknown> {
    try {
      yield* run
    } catch (error) {
      if (!(error instanceof HelmError)) throw error
      problems.push(error.message)
    }
  }
  if (wait) yield* collect(cluster.waitUntilGone(objects, timeoutMs))
  if (!noHooks) yield* collect(runHooks(cluster, releases, release, 'post-delete', timeoutMs))
  release.info = { ...release.info, status: 'uninstalled', description: description || 'Uninstallation complete' }
  if (keepHistory) {
    releases.update(release)
    for (const one of all)
      if (one !== release && one.info.status === 'deployed') {
        one.info.status = 'superseded'
        releases.update(one)
      }
  } else for (const one of all) releases.delete(one)
  if (problems.length > 0)
    throw new HelmError(`uninstallation completed with ${problems.length} error(s): ${problems.join('; ')}`)
  return kept.length > 0
    ? `These resources were kept due to the resource policy:\n${kept.map(({ kind, metadataName }) => `[${kind}] ${metadataName}\n`).join('')}`
    : ''
}
