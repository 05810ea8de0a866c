/** Installing a chart. Source: helm.sh/helm/v3/pkg/action/install.go */
import { isStatus } from '../../api/meta/status-error.ts'
import type { GoMap } from '../../go-template/values.ts'
import type { Wait } from '../../runtime/process.ts'
import { type Chart, crdsOf, textOfFile } from '../chart/chart.ts'
import type { HelmCall } from '../context.ts'
import { HelmError } from '../errors.ts'
import { runHooks, withContext } from './hooks.ts'
import { existing, owned } from './ownership.ts'
import { type Release, releaseNameProblem, timestamp } from './release.ts'
import { renderRelease } from './render-release.ts'
import { checkLabels, Releases } from './storage.ts'
import { uninstall } from './uninstall.ts'

export type DryRun = 'none' | 'client' | 'server'

/** @throws HelmError for a value that --dry-run does not have */
export function dryRunOf({ flags }: HelmCall): DryRun {
  const text = flags.string('dry-run')
  if (text === 'none' || text === 'false' || text === '') return 'none'
  if (text === 'client' || text === 'true') return 'client'
  if (text === 'server') return 'server'
  throw new HelmError(`Invalid dry-run flag. Flag must one of the following: false, true, none, client, server`)
}

export const isAtomic = ({ flags }: HelmCall): boolean => flags.bool('atomic') || flags.bool('rollback-on-failure')

/** Labels that --labels gives. */
export function givenLabels({ flags }: HelmCall): Record<string, string> {
  const labels = Object.fromEntries(
    flags.list('labels').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  )
  checkLabels(labels)
  return labels
}

/** @throws HelmError, after what it says was done is stored */
export function* install(call: HelmCall, name: string, given: Chart, config: GoMap): Generator<Wait, Release, unknown> {
  const { cluster, context, flags, namespace } = call
  const dryRun = dryRunOf(call)
  const releases = new Releases(cluster)
  const now = timestamp(context.nowEpochMs())
  if (flags.bool('hide-secret') && dryRun === 'none')
    throw new HelmError('Hiding Kubernetes secrets requires a dry-run mode')
  const nameProblem = releaseNameProblem(name)
  if (nameProblem) throw new HelmError(`release name ${JSON.stringify(name)}: ${nameProblem}`)
  const last = dryRun === 'none' ? releases.history(name).at(-1) : undefined
  const isReplaced = flags.knows('replace') && flags.bool('replace')
  if (last && !(isReplaced && ['uninstalled', 'failed'].includes(last.info.status)))
    throw new HelmError('cannot re-use a name that is still in use')
  if (dryRun === 'none' && !flags.bool('skip-crds')) yield* installCrds(call, given)
  const { chart, manifest, hooks, notes } = renderRelease(call, given, config, {
    ...{ name, namespace, revision: 1, isUpgrade: false },
    asksCluster: dryRun !== 'client',
    hidesSecrets: flags.bool('hide-secret'),
  })
  const release: Release = {
    ...{ name, namespace, chart, config, manifest, hooks },
    version: 1,
    info: {
      first_deployed: now,
      last_deployed: now,
      deleted: '',
      description: 'Initial install underway',
      status: 'pending-install',
      notes,
    },
    labels: givenLabels(call),
  }
  const objects = owned(
    withContext('unable to build kubernetes objects from release manifest', () => cluster.build(manifest)),
    { name, namespace },
  )
  const adopted = withContext('Unable to continue with install', () =>
    existing(cluster, objects, { name, namespace }, flags.bool('take-ownership')),
  )
  if (dryRun !== 'none') {
    release.info.description = 'Dry run complete'
    return release
  }
  if (flags.bool('create-namespace')) createNamespace(call)
  if (last) {
    release.version = last.version + 1
    if (last.info.status !== 'failed') {
      last.info = { ...last.info, status: 'superseded', description: 'superseded by new release' }
      releases.update(last)
    }
  }
  releases.create(release)
  const timeoutMs = flags.number('timeout')
  try {
    if (!flags.bool('no-hooks'))
      yield* told('failed pre-install', runHooks(cluster, releases, release, 'pre-install', timeoutMs))
    if (adopted.length === 0) cluster.createAll(objects)
    else {
      const { problem } = cluster.update(adopted, objects, flags.bool('force'))
      if (problem !== undefined) throw new HelmError(problem)
    }
    if (flags.bool('wait') || isAtomic(call))
      yield* cluster.waitUntilReady(objects, timeoutMs, flags.bool('wait-for-jobs'))
    if (!flags.bool('no-hooks'))
      yield* told('failed post-install', runHooks(cluster, releases, release, 'post-install', timeoutMs))
  } catch (error) {
    if (!(error instanceof HelmError)) throw error
    release.info = {
      ...release.info,
      status: 'failed',
      description: `Release ${JSON.stringify(name)} failed: ${error.message}`,
    }
    releases.update(release)
    if (!isAtomic(call)) throw error
    try {
      yield* uninstall(call, releases, name, {
        noHooks: flags.bool('no-hooks'),
        keepHistory: false,
        wait: false,
        timeoutMs,
      })
    } catch (other) {
      if (!(other instanceof HelmError)) throw other
      throw new HelmError(
        `an error occurred while uninstalling the release. original install error: ${error.message}: ${other.message}`,
      )
    }
    throw new HelmError(`release ${name} failed, and has been uninstalled due to atomic being set: ${error.message}`)
  }
  release.info = {
    ...release.info,
    status: 'deployed',
    description: flags.string('description') || 'Install complete',
  }
  releases.update(release)
  return release
}

/** What fails in it is told with what was being done. */
export function* told(context: string, run: Generator<Wait, void, unknown>): Generator<Wait, void, unknown> {
  try {
    yield* run
  } catch (error) {
    if (!(error instanceof HelmError)) throw error
    throw new HelmError(`${context}: ${error.message}`)
  }
}

/** Those that are there stay as they are. */
function* installCrds({ cluster }: HelmCall, chart: Chart): Generator<Wait, void, unknown> {
  const created = []
  for (const file of crdsOf(chart))
    for (const object of withContext(`failed to install CRD ${file.name}`, () => cluster.build(textOfFile(file)))) {
      if (cluster.find(object)) continue
      withContext(`failed to install CRD ${file.name}`, () => cluster.createAll([object]))
      created.push(object)
    }
  if (created.length > 0) yield* cluster.waitUntilReady(created, 60_000, false)
}

function createNamespace({ cluster, namespace }: HelmCall): void {
  const [object] = cluster.build(
    JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: { name: namespace } } }),
  )
  try {
    if (!cluster.find(object!)) cluster.create(object!)
  } catch (error) {
    if (!isStatus(error, 'AlreadyExists')) throw error
  }
}
