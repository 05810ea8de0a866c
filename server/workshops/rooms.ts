/**
 * Workshops: sittings with a room. A room's acts lie in the stream of the sitting's id, beside the journals of its seats, so that who follows
 * that id hears of all that happens in it.
 */
import { randomBytes, randomInt } from 'node:crypto'
import type { SittingLife } from '../sittings/life.ts'
import { StreamMoved } from '../storage/streams.ts'
import type { Sitting, Storage } from '../storage/types.ts'
import { afterAct, newRoom, type Room } from './room.ts'
import { type NewRoomAct, type RoomAct, readRoomAct, toStoredAct } from './room-acts.ts'

/** A sitting that has a room. */
export type Workshop = Sitting & { room: NonNullable<Sitting['room']> }

export interface Rooms {
  /** A new workshop, of which only the owner knows. */
  create(owner: string): Promise<Workshop>
  find(id: string): Promise<Workshop | undefined>
  /** By the code that people type: in any case, with spaces and hyphens. */
  ofCode(code: string): Promise<Workshop | undefined>
  ofProjector(token: string): Promise<Workshop | undefined>
  ofOwner(learnerId: string): Promise<Workshop[]>
  ofCoInstructor(learnerId: string): Promise<Workshop[]>
  /** As it stands. */
  room(id: string): Promise<Room>
  /** All that was done in it, in order. */
  acts(id: string): Promise<RoomAct[]>
  /**
   * Does what is decided on the room as it stands; nobody else's act comes between. Durable when it resolves.
   * @param by the learner who does it
   * @param decide is pure, since it may be asked again
   */
  act(id: string, by: string, decide: (room: Room) => readonly NewRoomAct[]): Promise<Room>
  /** Told of each change in the room and in the journals of its seats. @returns stops it */
  follow(id: string, told: (change: { seat: string | undefined }) => void): () => void
  lifeOf(id: string): Promise<SittingLife>
}

/** Without letters and digits that look alike. */
const codeLetters = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789'
const codeLength = 6

/** As it is printed on the projector. */
export const printCode = (code: string): string => `${code.slice(0, 3)} ${code.slice(3)}`

/** What somebody typed, as codes are kept. */
export const readCode = (typed: string): string => typed.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')

interface Folded {
  seq: number
  room: Room
}

const mostKept = 200

export function createRooms({
  storage,
  now,
}: {
  storage: Pick<Storage, 'sittings' | 'journals'>
  now(): number
}): Rooms {
  const { sittings, journals: streams } = storage
  const kept = new Map<string, Folded>()

  const take = (folded: Folded, seq: number, entry: Parameters<typeof readRoomAct>[0]): void => {
    if (seq <= folded.seq) return
    folded.seq = seq
    const act = readRoomAct(entry)
    if (act) folded.room = afterAct(folded.room, act)
  }
  const current = async (id: string): Promise<Folded> => {
    const head = await streams.head(id)
    const cached = kept.get(id)
    // One that was removed begins anew.
    const known = cached && cached.seq <= head ? cached : { seq: 0, room: newRoom }
    kept.delete(id)
    kept.set(id, known)
    for (const oldest of kept.keys()) {
      if (kept.size <= mostKept) break
      kept.delete(oldest)
    }
    if (head > known.seq)
      for (const { seq, entry } of await streams.read(id, known.seq, () => undefined)) take(known, seq, entry)
    return known
  }
  const asWorkshop = (sitting: Sitting | undefined): Workshop | undefined =>
    sitting?.kind === 'workshop' && sitting.room ? (sitting as Workshop) : undefined

  return {
    async create(owner) {
      const sitting: Workshop = {
        id: randomBytes(9).toString('hex'),
        kind: 'workshop',
        title: '',
        createdAtMs: now(),
        ownerLearnerId: owner,
        items: [],
        contentVersions: {},
        clock: { opensAtMs: null, closesAtMs: null, durationMs: null },
        rules: { wrongPicksCancel: false, showSolutions: 'at once', maxAttempts: null, hints: true, hiddenSeeds: 0 },
        retainUntilMs: null,
        room: {
          code: await freeCode(),
          projectorToken: randomBytes(18).toString('hex'),
          coInstructors: [],
          invites: [],
        },
      }
      await sittings.save(sitting)
      return sitting
    },
    find: async (id) => asWorkshop(await sittings.find(id)),
    ofCode: async (code) => asWorkshop(await sittings.ofCode(readCode(code))),
    ofProjector: async (token) => asWorkshop(await sittings.ofProjector(token)),
    ofOwner: async (learnerId) => (await sittings.ofOwner(learnerId)).flatMap((one) => asWorkshop(one) ?? []),
    ofCoInstructor: async (learnerId) =>
      (await sittings.ofCoInstructor(learnerId)).flatMap((one) => asWorkshop(one) ?? []),
    room: async (id) => (await current(id)).room,
    acts: async (id) => (await streams.read(id, 0, () => undefined)).flatMap(({ entry }) => readRoomAct(entry) ?? []),
    async act(id, by, decide) {
      for (;;) {
        const folded = await current(id)
        const { seq } = folded
        const acts = decide(folded.room).map(
          ({ act, data }) =>
            ({ id: randomBytes(9).toString('hex'), atMs: now(), act, data: { ...data, by } }) as RoomAct,
        )
        if (acts.length === 0) return folded.room
        // What could not be read again would be lost without a word.
        for (const act of acts)
          if (!readRoomAct(toStoredAct(act))) throw new Error(`the act ${act.act} is not as its form says`)
        try {
          await streams.append(id, seq, acts.map(toStoredAct))
        } catch (error) {
          if (!(error instanceof StreamMoved)) throw error
          continue
        }
        for (const [n, act] of acts.entries()) take(folded, seq + n + 1, toStoredAct(act))
        return folded.room
      }
    },
    follow: (id, told) =>
      streams.follow(id, ({ stream }) => told({ seat: stream === id ? undefined : stream.slice(id.length + 1) })),
    lifeOf: async (id) => (await current(id)).room.life,
  }

  async function freeCode(): Promise<string> {
    for (;;) {
      const code = Array.from({ length: codeLength }, () => codeLetters[randomInt(codeLetters.length)]).join('')
      if (!(await sittings.ofCode(code))) return code
    }
  }
}
