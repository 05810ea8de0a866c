/** Who belongs to a group of members, and what a majority of them is. One member is added or removed at a time, so majorities overlap. */
import type { MemberId, Membership, MembershipChange } from './types.ts'

export const quorumOf = ({ voters }: Membership): number => Math.floor(voters.length / 2) + 1

export const isMajority = (membership: Membership, isFor: (member: MemberId) => boolean): boolean =>
  membership.voters.filter(isFor).length >= quorumOf(membership)

export const membersOf = ({ voters, learners }: Membership): readonly MemberId[] => [...voters, ...learners]

/** The greatest number that a majority has reached. */
export function majorityIndex(membership: Membership, indexOf: (member: MemberId) => number): number {
  const indexes = membership.voters.map(indexOf).sort((a, b) => b - a)
  return indexes[quorumOf(membership) - 1] ?? 0
}

export function changed({ voters, learners }: Membership, { act, member }: MembershipChange): Membership {
  const others = {
    voters: voters.filter((id) => id !== member),
    learners: learners.filter((id) => id !== member),
  }
  switch (act) {
    case 'add-voter':
      return { ...others, voters: [...others.voters, member] }
    case 'add-learner':
      return voters.includes(member) ? { voters, learners } : { ...others, learners: [...others.learners, member] }
    case 'remove':
      // A group without voters could decide nothing, not even to have one again.
      return others.voters.length > 0 ? others : { voters, learners }
  }
}
