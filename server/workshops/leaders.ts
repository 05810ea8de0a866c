/** Who leads a workshop: its owner, and those who came in by a link of the owner's. */
import { createHash, randomBytes } from 'node:crypto'
import type { SittingState } from '../sittings/life.ts'
import { type Action, type Fact, may } from '../sittings/roles.ts'
import type { Sitting, Storage } from '../storage/types.ts'
import type { Workshop } from './rooms.ts'

/** A link is good for so long. */
const inviteMs = 7 * 24 * 60 * 60_000
/** Links that lie about unused. */
const mostInvites = 20
const mostCoInstructors = 20

export type LeadingRole = 'instructor' | 'co-instructor'

/** @returns undefined for who does not lead it */
export function leadingRole(
  { ownerLearnerId, room }: Pick<Workshop, 'ownerLearnerId' | 'room'>,
  learnerId: string,
): LeadingRole | undefined {
  if (ownerLearnerId === learnerId) return 'instructor'
  return room.coInstructors.some((one) => one.learnerId === learnerId) ? 'co-instructor' : undefined
}

/** Whether somebody who leads it may do that there, in the state that it is in. */
export function mayLead(
  workshop: Workshop,
  learnerId: string,
  action: Action,
  state: SittingState,
  facts: readonly Fact[] = [],
): boolean {
  const role = leadingRole(workshop, learnerId)
  return role !== undefined && may(role, action, state, role === 'instructor' ? ['own', ...facts] : facts)
}

/** A link's token for a co-instructor, good once. Told here and nowhere else. */
export async function invite(
  { sittings }: Pick<Storage, 'sittings'>,
  workshop: Workshop,
  nowMs: number,
): Promise<string> {
  const secret = randomBytes(18).toString('hex')
  await sittings.update(workshop.id, (sitting) =>
    withRoom(sitting, ({ invites }) => ({
      invites: [
        ...invites.filter(({ untilMs }) => untilMs > nowMs).slice(1 - mostInvites),
        { sha256: sha256(secret), untilMs: nowMs + inviteMs },
      ],
    })),
  )
  return `${workshop.id}${secret}`
}

/** The workshop that a link of an owner's leads to. @returns undefined when it was used, taken back, or is too old */
export async function invitedTo(
  { find }: { find(id: string): Promise<Workshop | undefined> },
  token: string,
  nowMs: number,
): Promise<Workshop | undefined> {
  const workshop = await find(token.slice(0, 18))
  return workshop && isGood(workshop, token, nowMs) ? workshop : undefined
}

/** Uses a link up. @returns false when it is no longer good, or when there are enough who lead */
export async function accept(
  { sittings }: Pick<Storage, 'sittings'>,
  workshop: Workshop,
  token: string,
  who: { learnerId: string; name: string },
  nowMs: number,
): Promise<boolean> {
  let isIn = false
  await sittings.update(workshop.id, (sitting) => {
    isIn = false
    const { room } = sitting as Workshop
    if (!isGood(sitting as Workshop, token, nowMs) || room.coInstructors.length >= mostCoInstructors) return sitting
    isIn = true
    return withRoom(sitting, ({ invites, coInstructors }) => ({
      invites: invites.filter(({ sha256: hash }) => hash !== sha256(token.slice(18))),
      coInstructors: [...coInstructors.filter(({ learnerId }) => learnerId !== who.learnerId), who],
    }))
  })
  return isIn
}

/** Takes a co-instructor out, and all links that lie about: one of them may be theirs. */
export const leave = ({ sittings }: Pick<Storage, 'sittings'>, workshop: Workshop, learnerId: string) =>
  sittings.update(workshop.id, (sitting) => withRoom(ledBy(learnerId, undefined)(sitting), () => ({ invites: [] })))

/** The sitting with another learner in a co-instructor's place, or with nobody. */
export const ledBy =
  (from: string, to: string | undefined) =>
  (sitting: Sitting): Sitting =>
    withRoom(sitting, ({ coInstructors }) => ({
      coInstructors: coInstructors.flatMap((one) => {
        if (one.learnerId !== from) return [one]
        return to === undefined || coInstructors.some(({ learnerId }) => learnerId === to)
          ? []
          : [{ ...one, learnerId: to }]
      }),
    }))

type RoomOf = Workshop['room']

const withRoom = (sitting: Sitting, change: (room: RoomOf) => Partial<RoomOf>): Sitting =>
  sitting.room ? { ...sitting, room: { ...sitting.room, ...change(sitting.room) } } : sitting

const isGood = ({ room }: Workshop, token: string, nowMs: number): boolean =>
  room.invites.some(({ sha256: hash, untilMs }) => hash === sha256(token.slice(18)) && untilMs > nowMs)

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
