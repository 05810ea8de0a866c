/** Going back to an earlier revision, which becomes the newest one. Source: helm.sh/helm/v3/pkg/action/rollback.go */
import type { Wait } from '../../runtime/process.ts'
import type { HelmCall } from '../context.ts'
import { HelmError } from '../errors.ts'
import { runHooks, withContext } from './hooks.ts'
import { owned } from './ownership.ts'
import { type Release, releaseNameProblem, timestamp } from './release.ts'
import type { Releases } from './storage.ts'

export interface RollbackOptions {
  /** 0 for the one before the newest. */
  version: number
  isDryRun: boolean
  noHooks: boolean
  wait: boolean
  waitForJobs: boolean
  force: boolean
  timeoutMs: number
  cleanupOnFail: boolean
  historyMax: number
}

/** @throws HelmError */
export function* rollback(
  { cluster, context }: HelmCall,
  releases: Releases,
  name: string,
  options: RollbackOptions,
): Generator<Wait, void, unknown> {
  const { noHooks, timeoutMs } = options
  if (releaseNameProblem(name)) throw new HelmError(`prepareRollback: Release name is invalid: ${name}`)
  const all = releases.history(name)
  const current = all.at(-1)
  if (!current) throw new HelmError('release: not found')
  const wanted = options.version || current.version - 1
  const previous = all.find(({ version }) => version === wanted)
  if (!previous) throw new HelmError(`release has no ${wanted} version`)
  const target: Release = {
    ...previous,
    namespace: current.namespace,
    hooks: previous.hooks.map((hook) => ({ ...hook })),
    version: current.version + 1,
    info: {
      first_deployed: current.info.first_deployed,
      last_deployed: timestamp(context.nowEpochMs()),
      deleted: '',
      description: `Rollback to ${wanted}`,
      status: 'pending-rollback',
      notes: previous.info.notes,
    },
  }
  if (options.isDryRun) return
  releases.trim(name, options.historyMax)
  releases.create(target)
  const fail = (status: string): void => {
    target.info = { ...target.info, status: 'failed', description: status }
    releases.update(target)
  }
  const before = withContext('unable to build kubernetes objects from current release manifest', () =>
    cluster.build(current.manifest),
  )
  const objects = owned(
    withContext('unable to build kubernetes objects from new release manifest', () => cluster.build(target.manifest)),
    target,
  )
  if (!noHooks) yield* runHooks(cluster, releases, target, 'pre-rollback', timeoutMs)
  const { problem, created } = cluster.update(before, objects, options.force)
  if (problem !== undefined) {
    current.info.status = 'superseded'
    releases.update(current)
    fail(`Rollback ${JSON.stringify(name)} failed: ${problem}`)
    if (options.cleanupOnFail) cluster.remove(created)
    throw new HelmError(problem)
  }
  if (options.wait)
    try {
      yield* cluster.waitUntilReady(objects, timeoutMs, options.waitForJobs)
    } catch (error) {
      if (!(error instanceof HelmError)) throw error
      fail(`Release ${JSON.stringify(name)} failed: ${error.message}`)
      throw new HelmError(`release ${name} failed: ${error.message}`)
    }
  if (!noHooks) yield* runHooks(cluster, releases, target, 'post-rollback', timeoutMs)
  for (const one of releases.withStatus(name, 'deployed')) {
    one.info.status = 'superseded'
    releases.update(one)
  }
  target.info.status = 'deployed'
  releases.update(target)
}
