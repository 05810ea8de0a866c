/** A poll as pages and the projector show it. While votes are taken nothing tells how they are spread. */
import type { Catalog } from '../../catalog/types.ts'
import { escapeHtml } from '../../escape-html.ts'
import { percentOf } from '../../exams/score.ts'
import { t } from '../../i18n/translate.ts'
import { withUnit } from '../../questions/unit.ts'
import { sittingAt } from '../../sittings/life.ts'
import { changesOf, mostRounds, type Poll, type Round, roundOf } from '../../workshops/polls.ts'
import type { Room } from '../../workshops/room.ts'
import type { Step } from '../../workshops/room-acts.ts'
import type { Workshop } from '../../workshops/rooms.ts'
import { type PollQuestion, pollQuestionOf } from './poll-question.ts'

export type PollState = 'waiting' | 'open' | 'closed' | 'revealed'

export const letters = 'abcdefghijklmnop'
/** Of answers that were typed or put in order, those that got the most votes are told by name. */
const mostBars = 8
/** Rounds that are compared. */
const comparedRounds = 2

export interface Bar {
  letter: string
  /** HTML. */
  text: string
  /** Undefined while that is not told. */
  isRight: boolean | undefined
  rounds: { votes: number; percent: number }[]
}

const pollAddress = (workshopId: string, step: string): string => `/w/${workshopId}/polls/${step}`

/** The poll that takes votes now; of several the one that was asked last. */
export const openPollOf = (room: Room): Step | undefined =>
  room.steps.findLast((step) => step.id === room.current && isOpenPoll(room, step)) ??
  room.steps.findLast((step) => isOpenPoll(room, step))

const isOpenPoll = (room: Room, { id, poll }: Step): boolean => {
  const asked = poll && room.polls.get(id)
  return asked !== undefined && roundOf(asked).isOpen
}

/** What every side of it sees; undefined where nothing can be voted on. */
export function viewPoll(catalog: Catalog, { id }: Pick<Workshop, 'id'>, room: Room, step: Step, nowMs: number) {
  const question = pollQuestionOf(catalog, id, step)
  if (!question) return undefined
  const poll = room.polls.get(step.id)
  const life = sittingAt(room.life, nowMs).state
  const state: PollState = !poll ? 'waiting' : roundOf(poll).isOpen ? 'open' : poll.isRevealed ? 'revealed' : 'closed'
  const { view, locale, prompt, isPredicted, hasRight } = question
  return {
    id,
    step: step.id,
    address: pollAddress(id, step.id),
    title: question.title,
    locale,
    prompt,
    view,
    letters,
    hasRight,
    isPredicted,
    isAnonymous: step.poll!.isAnonymous,
    state,
    /** Votes are taken at this moment. */
    takesVotes: state === 'open' && life === 'open',
    isPaused: life === 'paused',
    isOver: life !== 'open' && life !== 'paused' && life !== 'draft' && life !== 'scheduled',
    round: poll?.rounds.length ?? 0,
    mayAskAgain: state === 'closed' && poll!.rounds.length < mostRounds,
    count: poll ? roundOf(poll).votes.size : 0,
    result: poll && state !== 'open' ? viewResult(question, poll) : undefined,
    why: question.item && state === 'revealed' ? `/w/${id}/questions/${question.item.id}` : undefined,
  }
}

/** How the votes are spread, in the last round and in the one before it. */
export function viewResult(question: PollQuestion, poll: Poll) {
  const rounds = poll.rounds.slice(-comparedRounds)
  const isTold = poll.isRevealed && question.hasRight
  const isRight = (given: readonly string[]) => question.isRight(given, poll.key)
  const [before, after] = rounds
  return {
    rounds: rounds.map(({ votes }, n) => ({
      number: poll.rounds.length - rounds.length + n + 1,
      count: votes.size,
      right: isTold ? [...votes.values()].filter(isRight).length : undefined,
    })),
    bars: barsOf(question, rounds, isTold ? poll.key : undefined, isTold),
    changes: isTold && before && after ? changesOf(before, after, isRight) : undefined,
    answer: isTold ? question.answer(poll.key) : '',
  }
}

function barsOf(question: PollQuestion, rounds: readonly Round[], key: string | undefined, isTold: boolean): Bar[] {
  const { view } = question
  const counts = rounds.map(({ votes }) => {
    const count = new Map<string, number>()
    for (const given of votes.values())
      for (const bar of question.barsOf(given)) count.set(bar, (count.get(bar) ?? 0) + 1)
    return count
  })
  const bar = (id: string, letter: string, text: string): Bar => ({
    letter,
    text,
    isRight: isTold ? question.isRightBar(id, key) : undefined,
    rounds: rounds.map(({ votes }, n) => spread(counts[n]!.get(id) ?? 0, votes.size)),
  })
  if (view.control === 'radio' || view.control === 'checkbox')
    return view.choices.map(({ id, text }, n) => bar(id, letters[n] ?? '', text))
  const found = new Set(counts.flatMap((count) => [...count.keys()]))
  const votesFor = (id: string): number => counts.at(-1)!.get(id) ?? 0
  const named = [...found].sort((a, b) => votesFor(b) - votesFor(a) || (a < b ? -1 : 1)).slice(0, mostBars)
  const rest = [...found].filter((id) => !named.includes(id))
  const told = named.map((id) => bar(id, '', textOfBar(view, id)))
  if (rest.length === 0) return told
  const sum = (count: Map<string, number>): number => rest.reduce((all, id) => all + (count.get(id) ?? 0), 0)
  const others = rounds.map(({ votes }, n) => spread(sum(counts[n]!), votes.size))
  return [...told, { letter: '', text: t('Other answers'), isRight: undefined, rounds: others }]
}

const spread = (votes: number, of: number) => ({ votes, percent: of === 0 ? 0 : percentOf(votes / of) })

/** HTML. */
function textOfBar(view: PollQuestion['view'], id: string): string {
  switch (view.control) {
    case 'order': {
      const places = id.split(' ').map((code) => view.choices.findIndex((choice) => choice.id === code))
      return places.map((place) => (letters[place] ?? '').toUpperCase()).join(' → ')
    }
    case 'lines':
      return `${t('Line {n}', { n: id })}: <code>${view.choices.find((line) => line.id === id)?.text.trim() ?? ''}</code>`
    case 'text':
      return id === '' ? t('Something else') : escapeHtml(withUnit(id, view.unit))
    default:
      return ''
  }
}
