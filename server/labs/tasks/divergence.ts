/** Where two runs of one variant part: the first thing that happened in one of their clusters and not, or otherwise, in the other. */
import { type EngineLimits, type KubeObject, type LiveCluster, openChallenge } from '../../../sim/index.ts'
import { canonical } from '../../storage/canonical.ts'
import type { Compared, DivergenceRequest, Parted } from '../types.ts'
import { differences, printSteps } from './counterfactual.ts'

/** Of what an event changed, so many fields are told. */
const mostFields = 3
/** They tell of the others, and come a moment later. */
const echoes = ['events', 'leases']

type Change = ReturnType<LiveCluster['server']['etcd']['history']>[number]

/**
 * Both logs are replayed from one seed up to the virtual time that both have reached. With the same seed, clusters are the same in every name and
 * millisecond for as long as the same is done to them: so the first difference of their histories is what was done otherwise.
 * @throws BudgetError when a run costs too much
 */
export function findDivergence({ spec, seed, runs }: DivergenceRequest, limits: Partial<EngineLimits>): Compared {
  const untilMs = Math.min(...runs.map(({ clockMs }) => clockMs))
  const [a, b] = runs.map(({ log }) => historyOf(spec, seed, log, untilMs, limits)) as [History, History]
  const length = Math.max(a.changes.length, b.changes.length)
  for (let n = 0; n < length; n++) {
    const [one, other] = [a.changes[n], b.changes[n]]
    if (one && other && isSame(one, other)) continue
    const atMs = Math.min(one?.atMs ?? Number.POSITIVE_INFINITY, other?.atMs ?? Number.POSITIVE_INFINITY)
    return {
      untilMs,
      atMs: atMs - a.originMs,
      parted: [one, other].map((change, side) =>
        change?.atMs === atMs ? tell(change, [a, b][side]!, n) : undefined,
      ) as [Parted?, Parted?],
    }
  }
  return { untilMs, atMs: undefined, parted: [undefined, undefined] }
}

interface History {
  /** The engine's time at the hand-over. */
  originMs: number
  /** Since the hand-over, in order. */
  changes: Change[]
  /** As it was handed over, by resource, namespace and name. */
  first: ReadonlyMap<string, KubeObject>
}

function historyOf(
  spec: DivergenceRequest['spec'],
  seed: string,
  log: DivergenceRequest['runs'][number]['log'],
  untilMs: number,
  limits: Partial<EngineLimits>,
): History {
  const { cluster } = openChallenge(spec, seed, limits)
  const originMs = cluster.engine.nowMs
  const before = cluster.server.etcd.history().length
  for (const { atMs, command } of log) {
    if (atMs > untilMs) break
    if (atMs > cluster.nowMs) cluster.advance(atMs - cluster.nowMs)
    cluster.execute(command)
  }
  if (untilMs > cluster.nowMs) cluster.advance(untilMs - cluster.nowMs)
  const history = cluster.server.etcd.history()
  const first = new Map<string, KubeObject>()
  for (const change of history.slice(0, before)) first.set(placeOf(change), change.value)
  const isOfInterest = ({ bucket, atMs }: Change): boolean => !isEcho(bucket) && atMs <= originMs + untilMs
  return { originMs, changes: history.slice(before).filter(isOfInterest), first }
}

const isEcho = (bucket: string): boolean => echoes.some((name) => bucket === name || bucket.startsWith(`${name}.`))

const placeOf = ({ bucket, value }: Change): string =>
  `${bucket}/${value.metadata.namespace ?? ''}/${value.metadata.name}`

const isSame = (a: Change, b: Change): boolean =>
  a.atMs === b.atMs && a.type === b.type && placeOf(a) === placeOf(b) && canonical(a.value) === canonical(b.value)

function tell(change: Change, { changes, first }: History, n: number): Parted {
  const { type, value } = change
  const place = placeOf(change)
  const before = changes.slice(0, n).findLast((earlier) => placeOf(earlier) === place)?.value ?? first.get(place)
  const edits = type === 'MODIFIED' && before ? differences([before], [value]) : []
  return {
    type,
    object: `${value.kind}/${value.metadata.name}`,
    fields: edits
      .slice(0, mostFields)
      .map(({ steps, from, to }) => ({ field: printSteps(steps), from: printValue(from), to: printValue(to) })),
  }
}

/** Short enough for a line. */
function printValue(value: unknown): string {
  const text = value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
