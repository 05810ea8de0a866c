/** Where something that nobody keeps yet is to be kept: the same place for all who ask, and no place with much more than its share. */
import { createHash } from 'node:crypto'
import type { LivingPeer } from '../storage/leases.ts'

/** Times the mean that a process may hold. */
const mostOfMean = 1.25

/**
 * The first by rendezvous hashing that has room, of those with the newest simulator if they have some: during an update nothing goes back to an
 * older one. When a process comes or goes, only its own share moves. Source: Thaler and Ravishankar, "Using
 * name-based mappings to increase hit rates"; the bound is that of Mirrokni et al., "Consistent hashing with bounded loads"
 * @returns undefined when there is no process
 */
export function placeFor(name: string, peers: readonly LivingPeer[]): LivingPeer | undefined {
  const held = peers.reduce((sum, peer) => sum + peer.held, 0)
  const most = Math.ceil(((held + 1) / peers.length) * mostOfMean)
  const byWeight = peers
    .map((peer) => ({ peer, weight: weightOf(name, peer.id) }))
    .sort((a, b) => byVersion.compare(b.peer.engine, a.peer.engine) || (a.weight < b.weight ? 1 : -1))
  return byWeight.find(({ peer }) => peer.held < most)?.peer
}

const byVersion = new Intl.Collator('en', { numeric: true })

const weightOf = (name: string, id: string): string => createHash('sha256').update(`${id} ${name}`).digest('hex')
