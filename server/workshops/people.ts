/** Who takes part in a workshop: how they come in, and come back on another device. */
import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'
import { t } from '../i18n/translate.ts'
import { HttpProblem } from '../render/problem.ts'
import { practiceSeat, type SeatId } from '../seat.ts'
import { type SittingState, sittingAt } from '../sittings/life.ts'
import type { DocumentUnreadable } from '../storage/documents.ts'
import { StreamMoved } from '../storage/streams.ts'
import type { OnUnreadable, Participant, Storage } from '../storage/types.ts'
import { ledBy } from './leaders.ts'
import type { Room } from './room.ts'
import { toStoredAct, withoutWordsOf } from './room-acts.ts'
import type { Rooms, Workshop } from './rooms.ts'

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
export const likenessOf = (nickname: string): string =>
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

/** Why somebody does not come in. */
export type NotJoined = 'full' | 'nickname' | 'taken' | 'stopped' | 'over'
export type Joined = { seat: Participant; resumeWords: string } | { refused: NotJoined }

export interface PeopleDeps {
  storage: Pick<Storage, 'participants' | 'learners'>
  rooms: Pick<Rooms, 'act' | 'room'>
  now(): number
  words: readonly string[]
}

/**
 * Everybody in a workshop has the same variants: what is shown of one cluster is then true for all, and clusters to which the same was done are the
 * same, so that they can be compared.
 */
const seedOf = ({ id }: Workshop): string => createHash('sha256').update(`variants of ${id}`).digest('hex').slice(0, 12)

/** People come in until it ends. */
const takesPeople: ReadonlySet<SittingState> = new Set(['draft', 'scheduled', 'open', 'paused'])

/** Why nobody of that name comes in now. */
function whyNotIn(room: Room, nickname: string, nowMs: number): NotJoined | undefined {
  if (!takesPeople.has(sittingAt(room.life, nowMs).state)) return 'over'
  if (room.isJoiningStopped) return 'stopped'
  if (room.members.size - room.removed.size >= mostPeople) return 'full'
  const names = [...room.members.values()].map((one) => likenessOf(one.nickname))
  return names.includes(likenessOf(nickname)) ? 'taken' : undefined
}

/**
 * A seat for that learner under that name. The room decides, so that two who come in at once have two names; what was broken off behind its act
 * is gone on with when the form is sent again.
 */
export async function join(deps: PeopleDeps, workshop: Workshop, learnerId: string, typed: string): Promise<Joined> {
  const { storage, rooms, now, words } = deps
  const nickname = readNickname(typed)
  if (nickname === undefined) return { refused: 'nickname' }
  // Whose seat is damaged does not have another one: what is written in its place is refused.
  const known = new Set((await storage.participants.listOf(workshop.id, () => undefined)).map(({ id }) => id))
  let id = ''
  let refused: NotJoined | undefined
  await rooms.act(workshop.id, learnerId, (room) => {
    const [begun] = [...room.members].find(([seat, { by }]) => by === learnerId && !known.has(seat)) ?? []
    refused = begun === undefined ? whyNotIn(room, nickname, now()) : undefined
    id = begun ?? randomBytes(9).toString('hex')
    return begun !== undefined || refused ? [] : [{ act: 'joined', data: { seat: id, nickname } }]
  })
  if (refused) return { refused }
  const nowMs = now()
  if (!(await storage.learners.find(learnerId)))
    await storage.learners.save({ id: learnerId, createdAtMs: nowMs, keysOff: false })
  const resumeWords = drawResumeWords(words)
  const seat: Participant = {
    id,
    sittingId: workshop.id,
    learnerId,
    nickname: (await rooms.room(workshop.id)).members.get(id)?.nickname ?? nickname,
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

/** The seat that those words belong to, from now on this learner's. @throws DocumentUnreadable when that may be a damaged one */
export async function comeBack(
  { storage }: Pick<PeopleDeps, 'storage'>,
  workshop: Workshop,
  learnerId: string,
  typed: string,
  nickname?: string,
): Promise<Participant | undefined> {
  const hash = Buffer.from(hashOfWords(workshop.id, typed), 'hex')
  const damaged: DocumentUnreadable[] = []
  const people = await storage.participants.listOf(workshop.id, (error) => damaged.push(error))
  const known = people.find(({ resumeHash }) => resumeHash && timingSafeEqual(Buffer.from(resumeHash, 'hex'), hash))
  if (!known && damaged[0]) throw damaged[0]
  if (!known || (nickname !== undefined && likenessOf(known.nickname) !== likenessOf(nickname))) return undefined
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

/**
 * For somebody who has no seat there that can be read.
 * @throws DocumentUnreadable when they took one: they are not to be told that they take no part, nor to take another one
 */
export async function refuseDamagedSeat(
  deps: { storage: Pick<Storage, 'participants'>; rooms: Pick<Rooms, 'room'> },
  sittingId: string,
  learnerId: string,
): Promise<void> {
  const damaged: DocumentUnreadable[] = []
  await deps.storage.participants.listOf(sittingId, (error) => damaged.push(error))
  if (damaged.length === 0) return
  const { members } = await deps.rooms.room(sittingId)
  const own = damaged.find(({ key }) => members.get(key.slice(sittingId.length + 1))?.by === learnerId)
  if (own) throw own
}

/** What those who take part are called, to be left out of what is shown of them: also those whose seats are damaged. */
export async function nicknamesIn(
  deps: { storage: Pick<Storage, 'participants'>; rooms: Pick<Rooms, 'room'> },
  sittingId: string,
): Promise<string[]> {
  const people = await deps.storage.participants.listOf(sittingId, () => undefined)
  const { members } = await deps.rooms.room(sittingId)
  return [...new Set([...people, ...members.values()].map(({ nickname }) => nickname))].filter(Boolean)
}

/** Those who take part: without who was taken out. @param onUnreadable is told of seats that are damaged, and left out */
export async function presentIn(
  deps: { storage: Pick<Storage, 'participants'>; rooms: Pick<Rooms, 'room'> },
  sittingId: string,
  onUnreadable: OnUnreadable,
): Promise<Participant[]> {
  const [people, { removed }] = await Promise.all([
    deps.storage.participants.listOf(sittingId, onUnreadable),
    deps.rooms.room(sittingId),
  ])
  return people.filter(({ id }) => !removed.has(id))
}

/** @throws HttpProblem 403 for who was taken out */
export function refuseRemoved({ removed }: Room, { id }: Participant): void {
  if (removed.has(id))
    throw new HttpProblem(
      403,
      t('You were removed from this workshop. If that is a mistake, ask your instructor to let you back in.'),
    )
}

/** The seat by which a learner takes part; undefined also for who was taken out. */
export async function memberOf(
  deps: { storage: Pick<Storage, 'participants'>; rooms: Pick<Rooms, 'room'> },
  sittingId: string,
  learnerId: string,
): Promise<Participant | undefined> {
  const seat = await seatOf(deps.storage, sittingId, learnerId)
  return seat && !(await deps.rooms.room(sittingId)).removed.has(seat.id) ? seat : undefined
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
  nowMs: number,
): Promise<void> {
  const { participants, sittings } = storage
  for (const { id } of await sittings.ofCoInstructor(learnerId)) await sittings.update(id, ledBy(learnerId, undefined))
  const led = await sittings.ofOwner(learnerId)
  const own = (await participants.ofLearner(learnerId)).filter(
    ({ sittingId, candidate }) => sittingId !== practiceSeat(learnerId).sittingId && !candidate,
  )
  for (const { sittingId, id } of own) {
    await leaveRoom(storage.journals, sittingId, id, nowMs)
    await journals.remove({ sittingId, participantId: id })
    await participants.remove(sittingId, id)
  }
  for (const { id } of led) await removeSitting(storage, journals, id)
}

/** The room goes on without them: nobody waits for them, and neither their name nor what they said stands in its acts. */
async function leaveRoom(streams: Storage['journals'], sittingId: string, seat: string, atMs: number): Promise<void> {
  const id = randomBytes(9).toString('hex')
  const left = toStoredAct({ id, atMs, act: 'left', data: { seat, by: '' } })
  for (;;) {
    try {
      await streams.append(sittingId, await streams.head(sittingId), [left])
      break
    } catch (error) {
      if (!(error instanceof StreamMoved)) throw error
    }
  }
  await streams.redact(sittingId, (act) => withoutWordsOf(seat, act))
}

/** Takes a workshop away with all who were in it, and with what those who led it tried out of it. */
export async function removeSitting(
  storage: Pick<Storage, 'participants' | 'sittings' | 'journals'>,
  journals: { remove(seat: SeatId): Promise<void> },
  sittingId: string,
): Promise<void> {
  const { participants, sittings, journals: rooms } = storage
  const { ownerLearnerId, room } = (await sittings.find(sittingId)) ?? {}
  for (const leader of [ownerLearnerId, ...(room?.coInstructors ?? []).map(({ learnerId }) => learnerId)])
    for (const { id, room: own } of leader === undefined ? [] : await sittings.ofOwner(leader))
      if (own?.rehearsalOf === sittingId) await removeSitting(storage, journals, id)
  const damaged: string[] = []
  const people = await participants.listOf(sittingId, ({ key }) => damaged.push(key.slice(sittingId.length + 1)))
  for (const id of [...people.map((one) => one.id), ...damaged]) {
    await journals.remove({ sittingId, participantId: id })
    await participants.remove(sittingId, id)
  }
  await rooms.remove(sittingId)
  await sittings.remove(sittingId)
}
