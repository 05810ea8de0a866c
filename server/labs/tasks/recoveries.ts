/** What the faults that a run was given did to it, read from its history: what they broke, and when all was well again. */
import {
  type CheckOverTime,
  checksOverTime,
  type EngineLimits,
  type KubeObject,
  type LiveCluster,
  openChallenge,
} from '../../../sim/index.ts'
import { givenFault } from '../../storage/given-faults.ts'
import type { RecoveriesRequest, Recovery } from '../types.ts'

type Spans = CheckOverTime['spans']

/** @throws BudgetError when the run costs too much */
export function recoveriesOf(
  { spec, seed, log, clockMs }: RecoveriesRequest,
  limits: Partial<EngineLimits>,
): Recovery[] {
  const opened = openChallenge(spec, seed, limits)
  const { cluster } = opened
  const advanceTo = (ms: number): void => cluster.advance(Math.max(0, ms - cluster.nowMs))
  for (const { atMs, command } of log) {
    advanceTo(atMs)
    cluster.execute(command)
  }
  advanceTo(clockMs)
  // What may not be touched says nothing of how the cluster is.
  const checks = checksOverTime(opened.spec, cluster).filter(({ check }) => !check.hidden && !check.gate)
  const ready = readyPods(cluster)
  return log.flatMap((entry): Recovery[] => {
    const given = givenFault(entry)
    return given && given.dueMs <= clockMs ? [recoveryOf(given, checks, ready)] : []
  })
}

function recoveryOf(
  { id, dueMs }: { id: string; dueMs: number },
  checks: readonly CheckOverTime[],
  ready: readonly { atMs: number; count: number }[],
): Recovery {
  const held = checks.filter(({ spans }) => holdsBefore(spans, dueMs))
  const before = ready.findLast(({ atMs }) => atMs < dueMs)?.count ?? 0
  const watched = held.length > 0 ? held.map(({ spans }) => spans) : [countSpans(ready, before)]
  const wellFrom = courseOf(watched, dueMs)
  const hurtMs = wellFrom.find(({ isWell }) => !isWell)?.fromMs
  const last = wellFrom.at(-1)
  return {
    id,
    dueMs,
    hurtMs,
    backMs: hurtMs !== undefined && last?.isWell ? last.fromMs : undefined,
    by: held.length > 0 ? 'checks' : 'pods',
    broken: held
      .filter(({ spans }) => spans.some(({ fromMs, holds }) => fromMs >= dueMs && !holds))
      .map(({ check }) => check.title),
  }
}

const holdsBefore = (spans: Spans, ms: number): boolean => spans.findLast(({ fromMs }) => fromMs < ms)?.holds ?? false

const holdsAt = (spans: Spans, ms: number): boolean => spans.findLast(({ fromMs }) => fromMs <= ms)?.holds ?? false

/** From each moment since the fault on, whether all that is watched holds. */
function courseOf(watched: readonly Spans[], dueMs: number): { fromMs: number; isWell: boolean }[] {
  const moments = [...new Set(watched.flatMap((spans) => spans.map(({ fromMs }) => fromMs)))]
    .filter((ms) => ms >= dueMs)
    .sort((a, b) => a - b)
  const course: { fromMs: number; isWell: boolean }[] = []
  for (const fromMs of [dueMs, ...moments]) {
    const isWell = watched.every((spans) => holdsAt(spans, fromMs))
    if (course.at(-1)?.isWell !== isWell) course.push({ fromMs, isWell })
  }
  return course
}

/** When at least so many Pods were ready. */
const countSpans = (ready: readonly { atMs: number; count: number }[], wanted: number): Spans =>
  ready.map(({ atMs, count }) => ({ fromMs: atMs, holds: count >= wanted }))

/** How many Pods of the learner's namespace were ready, from each change of that on. */
function readyPods(cluster: LiveCluster): { atMs: number; count: number }[] {
  const ready = new Set<string>()
  const note = (pod: KubeObject, isGone: boolean): void => {
    const { name, namespace } = pod.metadata
    if (namespace !== cluster.namespace) return
    if (!isGone && isReady(pod)) ready.add(name)
    else ready.delete(name)
  }
  for (const pod of cluster.objects('pods', { atMs: 0 })) note(pod, false)
  const counts = [{ atMs: 0, count: ready.size }]
  for (const { atMs, type, object } of cluster.changes('pods')) {
    note(object, type === 'DELETED')
    if (counts.at(-1)!.count !== ready.size) counts.push({ atMs, count: ready.size })
  }
  return counts
}

function isReady(pod: KubeObject): boolean {
  const { conditions = [] } = (pod as { status?: { conditions?: { type: string; status: string }[] } }).status ?? {}
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
}
