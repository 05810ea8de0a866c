/**
 * What is done in the room of a workshop, by whoever leads it and by those who take part: the acts of its stream. All that is shown of a
 * room is folded of them (`room.ts`).
 */
import { z } from 'zod'
import { faultSchema } from '../../sim/forms.ts'
import type { StoredAct } from '../storage/stored-acts.ts'

const stepId = z.string().regex(/^[a-z0-9]{1,24}$/)
const seat = z.string().min(1)

/** A question of the instructor's own. */
const ownQuestion = z.object({
  text: z.string().min(1).max(400),
  /** More than one option may be chosen. */
  several: z.boolean(),
  /** With none that is right it asks for an opinion. */
  options: z
    .array(z.object({ id: z.string().regex(/^[a-f]$/), text: z.string().min(1).max(200), isRight: z.boolean() }))
    .min(2)
    .max(6),
})
export type OwnQuestion = z.infer<typeof ownQuestion>

/** Everybody votes on it at once. */
const poll = z.object({
  /** No vote says whose it is. */
  isAnonymous: z.boolean(),
  /** Undefined where the step's item is the question. */
  own: ownQuestion.optional(),
})

export const step = z.object({
  id: stepId,
  /** `lesson:pod/probes`, `question:…`, `challenge:…`; none for a talk or a break. */
  item: z.string().optional(),
  title: z.string().min(1).max(120),
  minutes: z.int().min(1).max(480),
  poll: poll.optional(),
  /** By itself: when the step before is over, or so many minutes after the beginning; undefined where somebody opens it. */
  opens: z
    .discriminatedUnion('by', [
      z.object({ by: z.literal('after') }),
      z.object({ by: z.literal('time'), minute: z.int().min(0).max(1440) }),
    ])
    .optional(),
})
export type Step = z.infer<typeof step>

/** At most so many clusters stand side by side. */
export const mostCompared = 4

/** What the projector shows beside the way in: `what` names its view, `views/workshops/screen-<what>.eta`. */
export const screen = z.discriminatedUnion('what', [
  z.object({ what: z.literal('step') }),
  // The cluster of a seat: live, or as it was at a virtual moment of its work up to an act of its journal.
  z.object({
    what: z.literal('cluster'),
    step: stepId,
    seat,
    past: z.object({ act: z.string().min(1), atMs: z.number().min(0) }).optional(),
    /** The last lines that were run stand beside it. */
    lines: z.boolean(),
  }),
  // Clusters of several seats side by side, live.
  z.object({ what: z.literal('compare'), step: stepId, seats: z.array(seat).min(2).max(mostCompared) }),
  z.object({ what: z.literal('poll'), step: stepId }),
  /** The scenario of a prediction is played; `take` counts how often. */
  z.object({ what: z.literal('run'), step: stepId, take: z.int().min(1) }),
])
export type Screen = z.infer<typeof screen>

/** By name: the form of an act's data. A changed form needs a new name. */
const acts = {
  // Of the sitting's life.
  opened: z.object({}),
  paused: z.object({}),
  resumed: z.object({}),
  closed: z.object({}),
  archived: z.object({}),
  // Of its steps.
  /** Without a title until somebody types one. */
  planned: z.object({ title: z.string().max(120), steps: z.array(step).max(60) }),
  'step-opened': z.object({ step: stepId }),
  'step-held': z.object({ step: stepId }),
  // Said to everybody; an empty text takes it away.
  announced: z.object({ text: z.string().max(500) }),
  'screen-set': z.object({ screen }),
  // Of those who take part.
  joined: z.object({ seat, nickname: z.string().max(60) }),
  /** With all that was theirs: their name is taken out of what stands before. */
  left: z.object({ seat }),
  // By who leads: nobody new comes in, or somebody is taken out.
  'joining-stopped': z.object({}),
  'joining-resumed': z.object({}),
  removed: z.object({ seat }),
  readmitted: z.object({ seat }),
  'hand-raised': z.object({
    ...{ seat, step: stepId.optional(), says: z.string().max(300) },
    /** Whoever takes it may type in the seat's cluster for a while. */
    mayType: z.boolean().optional(),
  }),
  'hand-taken': z.object({ seat, name: z.string().max(60) }),
  'hand-left': z.object({ seat }),
  'hand-lowered': z.object({ seat }),
  // Of those who lead it beside the owner.
  'co-instructor-joined': z.object({ name: z.string().max(60) }),
  'co-instructor-left': z.object({ name: z.string().max(60) }),
  // Typing in a seat's cluster: offered by who leads, allowed by the seat to one of them, ended by either.
  'typing-offered': z.object({ seat, name: z.string().max(60) }),
  'typing-allowed': z.object({ seat, to: z.string().min(1), name: z.string().max(60) }),
  'typing-ended': z.object({ seat }),
  // To those of a step who share what fails.
  'hint-sent': z.object({
    step: stepId,
    cause: z.string().max(300),
    text: z.string().min(1).max(500),
    seats: z.array(seat),
  }),
  /** Taken back, where a seat has it still. */
  'hint-withdrawn': z.object({ step: stepId, text: z.string(), seats: z.array(seat) }),
  // Of polls: each opening is a round of votes.
  'poll-opened': z.object({ step: stepId }),
  'poll-closed': z.object({ step: stepId }),
  /** The last round goes on. */
  'poll-reopened': z.object({ step: stepId }),
  /** With what the simulated cluster did, where the question asks that. */
  'poll-revealed': z.object({ step: stepId, key: z.string().max(200).optional() }),
  /** By a seat, or by the mark of one in an anonymous poll (`server/workshops/ballots.ts`): then nobody is named as who did it, either. */
  voted: z.object({
    step: stepId,
    round: z.int().min(1),
    voter: z.string().min(1).max(60),
    given: z.array(z.string().max(200)).max(40),
  }),
  // Somebody who leads it looks at a seat's work.
  looked: z.object({ seat, name: z.string().max(60) }),
  // A seat keeps its cluster off the projector, or allows it again.
  'screen-refused': z.object({ seat, isOff: z.boolean() }),
  // Faults for the clusters of a step: at a virtual moment of each, or at its present one; for some seats, or for everybody.
  'fault-ordered': z.object({
    ...{ id: z.string().min(1).max(40), step: stepId, fault: faultSchema, isSecret: z.boolean() },
    ...{ atMs: z.number().min(0).nullable(), to: z.array(seat).nullable(), name: z.string().max(60) },
  }),
  // Clusters that could not be given it.
  'fault-missed': z.object({
    id: z.string(),
    missed: z.array(z.object({ seat, why: z.enum(['past', 'limit', 'not-begun', 'not-open']) })),
  }),
  'fault-undone': z.object({ id: z.string() }),
  // The clusters of a step were put back: to before a fault, or with null to their start.
  rewound: z.object({
    id: z.string(),
    step: stepId,
    order: z.string().nullable(),
    clusters: z.int(),
    name: z.string().max(60),
  }),
  'rewind-undone': z.object({ id: z.string() }),
  paced: z.object({ seat, pace: z.enum(['slower', 'fine', 'faster']) }),
} as const

export type RoomActName = keyof typeof acts
type DataOf<Name extends RoomActName> = z.infer<(typeof acts)[Name]>
export type RoomAct = {
  [Name in RoomActName]: { id: string; atMs: number; act: Name; data: DataOf<Name> & { by: string } }
}[RoomActName]
/** As whoever does it says it. `by` is a learner's id. */
export type NewRoomAct = { [Name in RoomActName]: { act: Name; data: DataOf<Name> } }[RoomActName]

export const toStoredAct = ({ data, ...act }: RoomAct): StoredAct => ({ ...act, v: 1, data })

/** An act of the stream without a name or a word of that seat's person. */
export function withoutWordsOf(seat: string, stored: StoredAct): StoredAct {
  const act = readRoomAct(stored)
  if (!act || !('seat' in act.data) || act.data.seat !== seat) return stored
  if (act.act === 'joined') return toStoredAct({ ...act, data: { ...act.data, nickname: '' } })
  return act.act === 'hand-raised' ? toStoredAct({ ...act, data: { ...act.data, says: '' } }) : stored
}

/** @returns undefined for an act that this program does not know: it is left out */
export function readRoomAct({ id, atMs, act, data }: StoredAct): RoomAct | undefined {
  if (!Object.hasOwn(acts, act)) return undefined
  const read = z
    .object({ by: z.string() })
    .and(acts[act as RoomActName])
    .safeParse(data)
  return read.success ? ({ id, atMs, act, data: read.data } as RoomAct) : undefined
}
