/** Hooks: what a chart has done before and after. Source: helm.sh/helm/v3/pkg/action/hooks.go */
import { StatusError } from '../../api/meta/status-error.ts'
import type { Wait } from '../../runtime/process.ts'
import { HelmError } from '../errors.ts'
import type { Cluster } from './cluster.ts'
import type { Hook } from './manifests.ts'
import { type Release, timestamp } from './release.ts'
import type { Releases } from './storage.ts'

/** Runs the release's hooks of an event one after the other. @throws HelmError when one fails */
export function* runHooks(
  cluster: Cluster,
  releases: Releases,
  release: Release,
  event: string,
  timeoutMs: number,
): Generator<Wait, void, unknown> {
  const hooks = release.hooks
    .filter(({ events }) => events.includes(event))
    .toSorted((a, b) => (a.weight ?? 0) - (b.weight ?? 0) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  const now = (): string => timestamp(cluster.context.nowEpochMs())
  const record = (): void => {
    try {
      releases.update(release)
    } catch (error) {
      if (!(error instanceof HelmError)) throw error
    }
  }
  for (const [at, hook] of hooks.entries()) {
    hook.delete_policies ??= ['before-hook-creation']
    yield* deleteBy(cluster, hook, 'before-hook-creation', timeoutMs)
    const objects = withContext(`unable to build kubernetes object for ${event} hook ${hook.path}`, () =>
      cluster.build(hook.manifest),
    )
    hook.last_run = { started_at: now(), completed_at: '', phase: 'Running' }
    record()
    try {
      withContext(`warning: Hook ${event} ${hook.path} failed`, () => cluster.createAll(objects))
      yield* cluster.waitUntilComplete(objects, timeoutMs)
      hook.last_run = { ...hook.last_run, completed_at: now(), phase: 'Succeeded' }
    } catch (error) {
      if (!(error instanceof HelmError)) throw error
      hook.last_run = { ...hook.last_run, completed_at: now(), phase: 'Failed' }
      yield* showLogs(cluster, hook, 'hook-failed')
      yield* deleteBy(cluster, hook, 'hook-failed', timeoutMs)
      for (const before of hooks.slice(0, at)) yield* deleteBy(cluster, before, 'hook-succeeded', timeoutMs)
      throw error
    }
  }
  for (const hook of hooks.toReversed()) {
    yield* showLogs(cluster, hook, 'hook-succeeded')
    yield* deleteBy(cluster, hook, 'hook-succeeded', timeoutMs)
  }
}

export function withContext<T>(context: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (!(error instanceof HelmError)) throw error
    throw new HelmError(`${context}: ${error.message}`)
  }
}

function* deleteBy(cluster: Cluster, hook: Hook, policy: string, timeoutMs: number): Generator<Wait, void, unknown> {
  if (hook.kind === 'CustomResourceDefinition' || !hook.delete_policies?.includes(policy)) return
  const objects = withContext(`unable to build kubernetes object for deleting hook ${hook.path}`, () =>
    cluster.build(hook.manifest),
  )
  const problems = cluster.remove(objects)
  if (problems.length > 0) throw new HelmError(problems.join('; '))
  yield* cluster.waitUntilGone(objects, timeoutMs)
}

function* showLogs(cluster: Cluster, hook: Hook, policy: string): Generator<Wait, void, unknown> {
  if (!hook.output_log_policies?.includes(policy)) return
  const pods = cluster.findKind('v1', 'Pod')
  if (!pods || (hook.kind !== 'Job' && hook.kind !== 'Pod')) return
  const [object] = cluster.build(hook.manifest)
  const { namespace } = object!
  const selection =
    hook.kind === 'Job' ? { labelSelector: `job-name=${hook.name}` } : { fieldSelector: `metadata.name=${hook.name}` }
  for (const pod of cluster.client.list(pods, { namespace, ...selection }).items)
    for (const container of (pod as { spec?: { containers?: { name: string }[] } }).spec?.containers ?? [])
      yield* logsOf(cluster, namespace, pod.metadata.name, container.name)
}

/** All that a container has written. */
export function* logsOf(
  cluster: Cluster,
  namespace: string,
  pod: string,
  container: string,
): Generator<Wait, void, unknown> {
  try {
    const request = { user: cluster.client.user, namespace, pod, container }
    yield cluster.context.node.logs(request, (text) => cluster.context.stdout(text))
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    throw new HelmError(`Failed to stream pod logs for pod: ${pod}, container: ${container}`)
  }
}
