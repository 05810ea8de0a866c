/** Who takes part in a workshop: how they come in, and come back on another device. */
import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'
import { practiceSeat, type SeatId } from '../seat.ts'
import type { Participant, Storage } from '../storage/types.ts'
import { ledBy } from './leaders.ts'
import type { Workshop } from './rooms.ts'

/** A room is full with so many. */
const mostPeople = 300

const longestNickname = 30

/** A name as it is shown, or undefined when it is none. Spaces are made one, what cannot be seen is left out. */
export function readNickname(typed: string): string | undefined {
  const name = typed
    .normalize('NFC')
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
    .replaceAll(/\s+/gu, ' ')
    .trim()
  return name === '' || [...name].length > longestNickname || !/[\p{L}\p{N}]/u.test(name) ? undefined : name
}

/** What makes two names the same to somebody who reads them. */
const likenessOf = (nickname: string): string =>
  nickname
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '')

/** Words by which somebody comes back, easily said: `maple otter 47`. Told once. */
const drawResumeWords = (words: readonly string[]): string =>
  `${words[randomInt(words.length)]} ${words[randomInt(words.length)]} ${randomInt(10, 100)}`

const hashOfWords = (sittingId: string, typed: string): string =>
  createHash('sha256')
    .update(
      `${sittingId} ${typed
        .toLowerCase()
        .split(/[^a-z0-9]+/)
        .filter(Boolean)
        .join(' ')}`,
    )
    .digest('hex')

export type Joined = { seat: Participant; resumeWords: string } | { refused: 'full' | 'nickname' | 'taken' }

export interface PeopleDeps {
  storage: Pick<Storage, 'participants' | 'learners'>
  now(): number
  words: readonly string[]
}

/**
 * Everybody in a workshop has the same variants: what is shown of one cluster is then true for all, and clusters to which the same was done are the
 * same, so that they can be compared.
 */
const seedOf = ({ id }: Workshop): string => createHash('sha256').update(`variants of ${id}`).digest('hex').slice(0, 12)

/** A seat for that learner under that name. */
export async function join(deps: PeopleDeps, workshop: Workshop, learnerId: string, typed: string): Promise<Joined> {
  const { storage, now, words } = deps
  const nickname = readNickname(typed)
  if (nickname === undefined) return { refused: 'nickname' }
  const people = await storage.participants.listOf(workshop.id)
  if (people.length >= mostPeople) return { refused: 'full' }
  if (people.some((one) => likenessOf(one.nickname) === likenessOf(nickname))) return { refused: 'taken' }
  const nowMs = now()
  if (!(await storage.learners.find(learnerId)))
    await storage.learners.save({ id: learnerId, createdAtMs: nowMs, keysOff: false })
  const resumeWords = drawResumeWords(words)
  const seat: Participant = {
    id: randomBytes(9).toString('hex'),
    sittingId: workshop.id,
    learnerId,
    nickname,
    joinedAtMs: nowMs,
    startedAtMs: nowMs,
    finishedAtMs: null,
    seed: seedOf(workshop),
    timeMultiplier: 1,
    consent: null,
    resumeHash: hashOfWords(workshop.id, resumeWords),
  }
  await storage.participants.save(seat)
  return { seat, resumeWords }
}

/** The seat that those words belong to, from now on this learner's. */
export async function comeBack(
  { storage }: Pick<PeopleDeps, 'storage'>,
  workshop: Workshop,
  learnerId: string,
  typed: string,
): Promise<Participant | undefined> {
  const hash = Buffer.from(hashOfWords(workshop.id, typed), 'hex')
  const people = await storage.participants.listOf(workshop.id)
  const known = people.find(({ resumeHash }) => resumeHash && timingSafeEqual(Buffer.from(resumeHash, 'hex'), hash))
  if (!known) return undefined
  const seat = { ...known, learnerId }
  await storage.participants.save(seat)
  return seat
}

/** The seat of a learner in that workshop; the last one, should there be several. */
export async function seatOf(
  storage: Pick<Storage, 'participants'>,
  sittingId: string,
  learnerId: string,
): Promise<Participant | undefined> {
  const own = await storage.participants.ofLearner(learnerId)
  return own.filter((one) => one.sittingId === sittingId).sort((a, b) => b.joinedAtMs - a.joinedAtMs)[0]
}

/** Gives the seats of one learner in workshops, and the workshops that they lead or help to lead, to another. */
export async function moveSeats(
  { participants, sittings }: Pick<Storage, 'participants' | 'sittings'>,
  from: string,
  to: string,
): Promise<void> {
  for (const seat of await participants.ofLearner(from))
    if (seat.sittingId !== practiceSeat(from).sittingId) await participants.save({ ...seat, learnerId: to })
  for (const { id } of await sittings.ofOwner(from))
    await sittings.update(id, (workshop) => ({ ...workshop, ownerLearnerId: to }))
  for (const { id } of await sittings.ofCoInstructor(from)) await sittings.update(id, ledBy(from, to))
}

/**
 * Takes a learner's seats in workshops away, and the workshops that they lead with all who were in them. What somebody handed in as a candidate
 * is kept as long as its job says.
 */
export async function removeSeats(
  storage: Pick<Storage, 'participants' | 'sittings' | 'journals'>,
  journals: { remove(seat: SeatId): Promise<void> },
  learnerId: string,
): Promise<void> {
  const { participants, sittings } = storage
  for (const { id } of await sittings.ofCoInstructor(learnerId)) await sittings.update(id, ledBy(learnerId, undefined))
  const led = await sittings.ofOwner(learnerId)
  const own = (await participants.ofLearner(learnerId)).filter(
    ({ sittingId, candidate }) => sittingId !== practiceSeat(learnerId).sittingId && !candidate,
  )
  for (const { sittingId, id } of own) {
    await journals.remove({ sittingId, participantId: id })
    await participants.remove(sittingId, id)
  }
  for (const { id } of led) await removeSitting(storage, journals, id)
}

/** Takes a workshop away with all who were in it. */
export async function removeSitting(
  { participants, sittings, journals: rooms }: Pick<Storage, 'participants' | 'sittings' | 'journals'>,
  journals: { remove(seat: SeatId): Promise<void> },
  sittingId: string,
): Promise<void> {
  for (const { id } of await participants.listOf(sittingId)) {
    await journals.remove({ sittingId, participantId: id })
    await participants.remove(sittingId, id)
  }
  await rooms.remove(sittingId)
  await sittings.remove(sittingId)
}
