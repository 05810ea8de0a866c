/**
 * Members of etcd in a cluster, for about one seed in four: the operations that break them, and what repairs them. What is true of the
 * members at every moment: the safety properties of Raft, and that what was written is not lost.
 */
import type { Random } from '../../sim/engine/random.ts'
import type { EtcdMembers, LoggedWrite } from '../../sim/etcd/members.ts'
import { entriesBetween, lastOf, termAt } from '../../sim/etcd/raft/log.ts'
import { quorumOf } from '../../sim/etcd/raft/membership.ts'
import type { Raft } from '../../sim/etcd/raft/types.ts'
import type { ClusterShape, Command, Fault } from '../../sim/index.ts'

/** The shape's part. */
export const etcdShape = (random: Random): Pick<ClusterShape, 'controlPlane'> =>
  random.next() < 0.25 ? { controlPlane: { members: random.pick([3, 3, 5] as const) } } : {}

export function etcdFault(random: Random, members: number): Fault {
  const node = `control-plane-${random.int(1, members)}`
  return random.pick<Fault>([
    { kind: 'etcd', node, state: random.pick(['stopped', 'started'] as const) },
    { kind: 'etcd', node, state: random.pick(['slow-disk', 'normal-disk'] as const) },
    { kind: 'partition', node, state: random.pick(['from-control-plane', 'from-all', 'healed', 'healed'] as const) },
    { kind: 'node', node, state: random.pick(['down', 'up', 'up'] as const) },
  ])
}

export const etcdMended = (members: number): Command[] =>
  Array.from({ length: members }, (_, i) => `control-plane-${i + 1}`).flatMap((node): Command[] => [
    { op: 'fault', fault: { kind: 'node', node, state: 'up' } },
    { op: 'fault', fault: { kind: 'partition', node, state: 'healed' } },
    { op: 'fault', fault: { kind: 'etcd', node, state: 'normal-disk' } },
    { op: 'fault', fault: { kind: 'etcd', node, state: 'started' } },
  ])

/**
 * @param revision of the store: everything up to there was acknowledged
 * @returns what is broken
 */
export function raftProblem(members: EtcdMembers, revision: number): string | undefined {
  const rafts = members.rafts()
  for (const [i, a] of rafts.entries()) {
    const uncommitted = a.raft.commit > lastOf(a.raft.log).index
    if (uncommitted) return `${a.name} has committed what it does not have`
    for (const b of rafts.slice(i + 1)) {
      const found = pairProblem(a.raft, b.raft)
      if (found) return `${a.name} and ${b.name}: ${found}`
    }
  }
  const { membership } = rafts.map(({ raft }) => raft).reduce((a, b) => (b.commit > a.commit ? b : a))
  const isHeld = (id: string): boolean =>
    rafts.some(
      ({ raft }) =>
        raft.id === id && (lastRevision(raft) >= revision || raft.snapshot.index >= Math.max(raft.commit, 1)),
    )
  const lacking = membership.voters.filter((id) => !isHeld(id))
  // Whoever could elect a leader has somebody among them who has it.
  if (lacking.length >= quorumOf(membership))
    return `revision ${revision} is lacking on ${lacking.length} of ${membership.voters.length} members`
  const last = Math.max(...rafts.map(({ raft }) => lastRevision(raft)))
  return last > revision ? `a member knows of revision ${last}, the store of ${revision}` : undefined
}

/** The revision of the last entry that tells one; of a log without, none. */
function lastRevision({ log }: Raft): number {
  const write = log.entries.findLast(({ payload }) => payload.kind === 'data')
  return write?.payload.kind === 'data' ? (write.payload.data as LoggedWrite).revision : 1
}

function pairProblem(a: Raft, b: Raft): string | undefined {
  if (a.role === 'leader' && b.role === 'leader' && a.term === b.term) return `both lead in term ${a.term}`
  const from = Math.max(a.log.base.index, b.log.base.index)
  const commit = Math.min(a.commit, b.commit)
  for (let index = Math.min(lastOf(a.log).index, lastOf(b.log).index); index > from; index--) {
    if (termAt(a.log, index) === termAt(b.log, index)) {
      const [own] = entriesBetween(a.log, index, index)
      const [other] = entriesBetween(b.log, index, index)
      // Logs share what was sent: an entry is the same value on each that has it since, and alike on one that has started again.
      return own === other || JSON.stringify(own) === JSON.stringify(other) ? undefined : `entry ${index} differs`
    }
    if (index <= commit) return `committed entry ${index} differs`
  }
  return undefined
}
