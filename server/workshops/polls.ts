/** Votes of a room, round by round: asked, closed, asked again after a discussion, and revealed. Pure. */
import type { NewRoomAct } from './room-acts.ts'

/** One vote of the room; a second one follows a discussion. */
export interface Round {
  isOpen: boolean
  /** What was chosen, by who votes: a seat, or its mark in an anonymous poll. */
  votes: ReadonlyMap<string, readonly string[]>
}

export interface Poll {
  /** The earliest first; never empty. */
  rounds: readonly Round[]
  /** Everybody may see what is right. */
  isRevealed: boolean
  /** What the simulated cluster did, once that was asked. */
  key: string | undefined
}

export const mostRounds = 5

type PollAct = Extract<NewRoomAct, { act: 'poll-opened' | 'poll-closed' | 'poll-reopened' | 'poll-revealed' | 'voted' }>

/** The poll of a step after one more act; as it was when that cannot follow. */
export function afterPollAct(poll: Poll | undefined, { act, data }: PollAct): Poll | undefined {
  if (act === 'poll-opened') {
    if (!poll) return { rounds: [{ isOpen: true, votes: new Map() }], isRevealed: false, key: undefined }
    if (roundOf(poll).isOpen || poll.isRevealed || poll.rounds.length >= mostRounds) return poll
    return { ...poll, rounds: [...poll.rounds, { isOpen: true, votes: new Map() }] }
  }
  if (!poll) return poll
  const round = roundOf(poll)
  switch (act) {
    case 'poll-closed':
      return closed(poll)
    case 'poll-reopened':
      return round.isOpen || poll.isRevealed ? poll : withRound(poll, { ...round, isOpen: true })
    case 'poll-revealed':
      return round.isOpen || poll.isRevealed ? poll : { ...poll, isRevealed: true, key: data.key }
    case 'voted':
      if (!round.isOpen || data.round !== poll.rounds.length) return poll
      return withRound(poll, { ...round, votes: new Map(round.votes).set(data.voter, data.given) })
  }
}

/** The last one. */
export const roundOf = (poll: Poll): Round => poll.rounds.at(-1)!

/** No vote is taken any more. */
export function closed(poll: Poll): Poll {
  const round = roundOf(poll)
  return round.isOpen ? withRound(poll, { ...round, isOpen: false }) : poll
}

const withRound = (poll: Poll, round: Round): Poll => ({ ...poll, rounds: [...poll.rounds.slice(0, -1), round] })

/** How many of those who voted in both rounds came to the right answer, and how many left it. */
export function changesOf(
  before: Round,
  after: Round,
  isRight: (given: readonly string[]) => boolean,
): { toRight: number; fromRight: number; both: number } {
  const pairs = [...after.votes].flatMap(([voter, given]) => {
    const earlier = before.votes.get(voter)
    return earlier ? [{ was: isRight(earlier), is: isRight(given) }] : []
  })
  return {
    toRight: pairs.filter(({ was, is }) => !was && is).length,
    fromRight: pairs.filter(({ was, is }) => was && !is).length,
    both: pairs.length,
  }
}
