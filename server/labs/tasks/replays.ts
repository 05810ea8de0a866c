/** Graded runs to look back at: replayed from seed and log, and kept for a while so that the next moment costs no replay. */
import type { KubeObject, LiveCluster, ReplayedRun } from '../../../sim/index.ts'
import { type EngineLimits, replayGraded } from '../../../sim/index.ts'
import type { GradeRequest, Happening, MomentRequest, RunFilm, RunMoment } from '../types.ts'
import { filmOf } from '../views/film.ts'
import { viewAt } from '../views/past.ts'

/** Happenings that a run is told with; the first are kept, since what follows mostly follows from them. */
const mostHappenings = 200

/** Events that are no warnings, and yet turns of a story. */
const tellingReasons = ['ScalingReplicaSet', 'SuccessfulRescale', 'NodeNotReady', 'NodeReady', 'TaintManagerEviction']

type Replayed = GradeRequest & Pick<MomentRequest, 'after'>

export class Replays {
  /** Least recently used first. A kept one only saves time. */
  private readonly kept = new Map<string, ReplayedRun>()
  private readonly limits: Partial<EngineLimits>
  private readonly capacity: number
  constructor(limits: Partial<EngineLimits>, capacity = 4) {
    this.limits = limits
    this.capacity = capacity
  }

  /** @throws BudgetError when the run costs too much */
  moment(request: MomentRequest): RunMoment {
    const run = this.run(request)
    const { cluster, verdictMs, stateHash } = run
    const atMs = Math.min(request.atMs ?? verdictMs, cluster.nowMs)
    return {
      atMs,
      endMs: cluster.nowMs,
      isGradedRun: stateHash === request.stateHash,
      view: viewAt(cluster, atMs),
      happenings: happeningsOf(run),
    }
  }

  /** @throws BudgetError when the run costs too much */
  film(request: GradeRequest): RunFilm {
    const { cluster, verdictMs } = this.run(request)
    return filmOf(cluster, verdictMs)
  }

  private run({ spec, contentHash, seed, log, after = '' }: Replayed): ReplayedRun {
    const key = JSON.stringify([spec.id, contentHash, seed, after, log])
    const run = this.kept.get(key) ?? replayGraded(spec, { log }, seed, after, this.limits)
    this.kept.delete(key)
    this.kept.set(key, run)
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= this.capacity) break
      this.kept.delete(oldest)
    }
    return run
  }
}

/** Faults, lost requests, warnings and turns of the story since the hand-over, in order. */
function happeningsOf({ cluster, spec, faults, verdictMs }: ReplayedRun): Happening[] {
  const all: Happening[] = [
    ...faults.map((fault): Happening => ({ what: 'fault', atMs: verdictMs, fault })),
    ...lossesOf(cluster, spec.world.traffic ?? []),
    ...cluster
      .changes('events')
      .filter(({ type, object }) => type === 'ADDED' && isTelling(object))
      .map(({ atMs, object }) => tellEvent(atMs, object)),
  ]
  return all.sort((a, b) => a.atMs - b.atMs).slice(0, mostHappenings)
}

function lossesOf(cluster: LiveCluster, traffic: readonly { name: string; url: string }[]): Happening[] {
  return traffic.flatMap(({ name, url }) =>
    (cluster.traffic(name)?.losses ?? []).map(
      ({ fromSecond, toSecond, sent, failed }): Happening => ({
        what: 'loss',
        atMs: fromSecond * 1000,
        untilMs: (toSecond + 1) * 1000,
        url,
        sent,
        failed,
      }),
    ),
  )
}

interface CoreEvent extends KubeObject {
  type?: string
  reason?: string
  message?: string
  involvedObject?: { kind?: string; namespace?: string; name?: string }
}

function isTelling(object: KubeObject): boolean {
  const { type, reason = '', metadata, involvedObject } = object as CoreEvent
  if (metadata.namespace?.startsWith('kube-') || involvedObject?.namespace?.startsWith('kube-')) return false
  return type === 'Warning' || tellingReasons.includes(reason)
}

function tellEvent(atMs: number, object: KubeObject): Happening {
  const { type = '', reason = '', message = '', involvedObject = {} } = object as CoreEvent
  return { what: 'event', atMs, type, reason, object: `${involvedObject.kind}/${involvedObject.name}`, message }
}
