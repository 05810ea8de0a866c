/** The moments of a run at which there is something to see, each with the cluster's picture. Pure. */
import type { Cluster, LiveCluster } from '../../../sim/index.ts'
import type { MomentView } from '../types.ts'
import { asOf } from './past.ts'
import { viewPicture, viewTimeline, wordOfNode } from './view.ts'

/** Pods and nodes that all pictures together show at most, about. */
const mostCards = 240
const mostMoments = 16
const fewestMoments = 5

/** @param doneMs when something was done from outside */
export function viewMoments(cluster: LiveCluster, doneMs: readonly number[]): MomentView[] {
  const { nowMs } = cluster
  const seen = [...podTurns(cluster), ...nodeTurns(cluster), ...cluster.etcdTurns(), ...doneMs].filter(
    (ms) => ms > 0 && ms < nowMs,
  )
  const cards = cluster.objects('pods').length + cluster.objects('nodes').length
  const most = Math.max(fewestMoments, Math.min(mostMoments, Math.floor(mostCards / Math.max(1, cards))))
  const times = thin(
    [0, ...new Set(seen.map(Math.ceil)), nowMs].toSorted((a, b) => a - b),
    most,
  )
  return times.map((atMs) => ({ atMs, ...viewPicture(atMs >= nowMs ? cluster : asOf(cluster, atMs)) }))
}

const podTurns = (cluster: Cluster): number[] =>
  viewTimeline(cluster, 0).flatMap(({ spans }) =>
    spans.flatMap(({ fromSeconds, toSeconds }) => [fromSeconds * 1000, toSeconds * 1000]),
  )

/** When a node has turned ready or not, or was cordoned. */
function nodeTurns(cluster: LiveCluster): number[] {
  const words = new Map(
    asOf(cluster, 0)
      .objects('nodes')
      .map((node) => [node.metadata.name, wordOfNode(node)]),
  )
  return cluster.changes('nodes').flatMap(({ object, atMs }) => {
    const word = wordOfNode(object)
    if (words.get(object.metadata.name) === word) return []
    words.set(object.metadata.name, word)
    return [atMs]
  })
}

/** So many at most, the first and the last among them: of those that are closest together the later one stays, which shows both. */
export function thin(times: readonly number[], most: number): number[] {
  const [first = 0] = times
  const last = times.at(-1) ?? first
  const least = (last - first) / (most * 8)
  const kept = times.filter((ms, n) => n === 0 || n === times.length - 1 || times[n + 1]! - ms >= least)
  while (kept.length > Math.max(2, most)) {
    let closest = 1
    for (let n = 1; n < kept.length - 1; n++)
      if (kept[n + 1]! - kept[n]! < kept[closest + 1]! - kept[closest]!) closest = n
    kept.splice(closest, 1)
  }
  return kept
}
