/** Upgrading a release: what the last revision had, what the new one wants, and what stands in the cluster. Source: helm.sh/helm/v3/pkg/action/upgrade.go */

import type { GoMap } from '../../go-template/values.ts'
import type { Wait } from '../../runtime/process.ts'
import type { Chart } from '../chart/chart.ts'
import { coalesceTables, coalesceValues } from '../chart/values.ts'
import type { HelmCall } from '../context.ts'
import { HelmError } from '../errors.ts'
import { deepCopy } from '../sprig/plain.ts'
import { isSame } from './cluster.ts'
import { runHooks, withContext } from './hooks.ts'
import { dryRunOf, givenLabels, isAtomic, told } from './install.ts'
import { existing, owned } from './ownership.ts'
import { isPending, type Release, releaseNameProblem, timestamp } from './release.ts'
import { renderRelease } from './render-release.ts'
import { rollback } from './rollback.ts'
import { Releases } from './storage.ts'

/** @throws HelmError, after what it says was done is stored */
export function* upgrade(
  call: HelmCall,
  name: string,
  given: Chart,
  givenConfig: GoMap,
): Generator<Wait, Release, unknown> {
  const { cluster, context, flags } = call
  const dryRun = dryRunOf(call)
  const releases = new Releases(cluster)
  if (releaseNameProblem(name)) throw new HelmError(`release name is invalid: ${name}`)
  const all = releases.history(name)
  const last = all.at(-1)
  if (!last) throw new HelmError(`${JSON.stringify(name)} has no deployed releases`)
  if (isPending(last)) throw new HelmError('another operation (install/upgrade/rollback) is in progress')
  const current = currentOf(name, all, last)
  const { chart: source, config } = reusedValues(call, given, current, givenConfig)
  const { chart, manifest, hooks, notes } = renderRelease(call, source, config, {
    ...{ name, namespace: current.namespace, revision: last.version + 1, isUpgrade: true },
    asksCluster: dryRun !== 'client',
    hidesSecrets: flags.bool('hide-secret'),
  })
  const release: Release = {
    ...{ name, chart, config, manifest, hooks },
    namespace: current.namespace,
    version: last.version + 1,
    info: {
      first_deployed: current.info.first_deployed,
      last_deployed: timestamp(context.nowEpochMs()),
      deleted: '',
      description: 'Preparing upgrade',
      status: 'pending-upgrade',
      notes,
    },
    labels: { ...last.labels, ...givenLabels(call) },
  }
  const target = owned(
    withContext('unable to build kubernetes objects from new release manifest', () => cluster.build(manifest)),
    release,
  )
  const before = withContext('unable to build kubernetes objects from current release manifest', () =>
    cluster.build(current.manifest),
  )
  const added = target.filter((one) => !before.some((old) => isSame(old, one)))
  const adopted = withContext('Unable to continue with update', () =>
    existing(cluster, added, release, flags.bool('take-ownership')),
  )
  if (dryRun !== 'none') {
    release.info.description = flags.string('description') || 'Dry run complete'
    return release
  }
  releases.trim(name, flags.number('history-max'))
  releases.create(release)
  const timeoutMs = flags.number('timeout')
  const noHooks = flags.bool('no-hooks')
  let created: typeof target = []
  try {
    if (!noHooks)
      yield* told('pre-upgrade hooks failed', runHooks(cluster, releases, release, 'pre-upgrade', timeoutMs))
    const done = cluster.update([...before, ...adopted], target, flags.bool('force'))
    created = done.created
    if (done.problem !== undefined) throw new HelmError(done.problem)
    if (flags.bool('wait') || isAtomic(call))
      yield* cluster.waitUntilReady(target, timeoutMs, flags.bool('wait-for-jobs'))
    if (!noHooks)
      yield* told('post-upgrade hooks failed', runHooks(cluster, releases, release, 'post-upgrade', timeoutMs))
  } catch (error) {
    if (!(error instanceof HelmError)) throw error
    return yield* failed(call, releases, release, created, error)
  }
  current.info.status = 'superseded'
  releases.update(current)
  release.info = { ...release.info, status: 'deployed', description: flags.string('description') || 'Upgrade complete' }
  releases.update(release)
  return release
}

/** The one that is deployed; one that failed or was superseded stands in where none is. */
function currentOf(name: string, all: readonly Release[], last: Release): Release {
  const deployed = all.findLast(({ info }) => info.status === 'deployed')
  if (deployed) return deployed
  if (['failed', 'superseded'].includes(last.info.status)) return last
  throw new HelmError(`${JSON.stringify(name)} has no deployed releases`)
}

/** Source: reuseValues */
function reusedValues(call: HelmCall, chart: Chart, current: Release, given: GoMap): { chart: Chart; config: GoMap } {
  const { flags } = call
  const warn = (text: string): void => call.warn(text)
  const old = (): GoMap => deepCopy(current.config) as GoMap
  if (flags.bool('reset-values')) return { chart, config: given }
  if (flags.bool('reuse-values')) {
    const values = coalesceValues(current.chart, current.config, warn)
    return { chart: { ...chart, values }, config: coalesceTables(given, old(), false, warn) }
  }
  if (flags.bool('reset-then-reuse-values')) return { chart, config: coalesceTables(given, old(), false, warn) }
  return { chart, config: Object.keys(given).length === 0 ? old() : given }
}

function* failed(
  call: HelmCall,
  releases: Releases,
  release: Release,
  created: Parameters<HelmCall['cluster']['remove']>[0],
  error: HelmError,
): Generator<Wait, never, unknown> {
  const { flags, cluster } = call
  const { name } = release
  release.info = {
    ...release.info,
    status: 'failed',
    description: `Upgrade ${JSON.stringify(name)} failed: ${error.message}`,
  }
  releases.update(release)
  if (flags.bool('cleanup-on-fail')) cluster.remove(created)
  if (!isAtomic(call)) throw error
  const good = releases.history(name).findLast(({ info }) => ['superseded', 'deployed'].includes(info.status))
  if (!good)
    throw new HelmError(
      `unable to find a previously successful release when attempting to rollback. original upgrade error: ${error.message}`,
    )
  try {
    yield* rollback(call, releases, name, {
      version: good.version,
      isDryRun: false,
      noHooks: flags.bool('no-hooks'),
      wait: true,
      waitForJobs: flags.bool('wait-for-jobs'),
      force: flags.bool('force'),
      timeoutMs: flags.number('timeout'),
      cleanupOnFail: false,
      historyMax: 0,
    })
  } catch (other) {
    if (!(other instanceof HelmError)) throw other
    throw new HelmError(
      `an error occurred while rolling back the release. original upgrade error: ${error.message}: ${other.message}`,
    )
  }
  throw new HelmError(`release ${name} failed, and has been rolled back due to atomic being set: ${error.message}`)
}
