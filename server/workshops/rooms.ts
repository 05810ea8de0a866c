/**
 * Workshops: sittings with a room. A room's acts lie in the stream of the sitting's id, beside the journals of its seats, so that who follows
 * that id hears of all that happens in it.
 */
import { randomBytes, randomInt } from 'node:crypto'
import type { SeatId } from '../seat.ts'
import type { SittingLife } from '../sittings/life.ts'
import { openedBy } from '../sittings/program.ts'
import { StreamMoved } from '../storage/streams.ts'
import type { OnUnreadable, Sitting, Storage } from '../storage/types.ts'
import { afterAct, newRoom, type Room } from './room.ts'
import { type NewRoomAct, type RoomAct, readRoomAct, toStoredAct } from './room-acts.ts'
import { untilDue, withDue } from './timed-steps.ts'

/** A sitting that has a room. */
export type Workshop = Sitting & { room: NonNullable<Sitting['room']> }

export interface Rooms {
  /** A new workshop, of which only the owner knows. */
  create(owner: string, from?: { guide?: string; rehearsalOf?: string }): Promise<Workshop>
  find(id: string): Promise<Workshop | undefined>
  /** By the code that people type: in any case, with spaces and hyphens. @param onUnreadable is told of damaged ones that may have it */
  ofCode(code: string, onUnreadable?: OnUnreadable): Promise<Workshop | undefined>
  ofProjector(token: string): Promise<Workshop | undefined>
  /** Those that somebody leads, without rehearsals. @param onUnreadable is told of damaged ones that are among them, or may be */
  ofOwner(learnerId: string, onUnreadable?: OnUnreadable): Promise<Workshop[]>
  ofCoInstructor(learnerId: string, onUnreadable?: OnUnreadable): Promise<Workshop[]>
  rehearsalsOf(learnerId: string): Promise<Workshop[]>
  /** As it stands. @throws DocumentUnreadable when some of what was done in it waits for repair */
  room(id: string): Promise<Room>
  /** All that was done in it, in order. @throws DocumentUnreadable */
  acts(id: string): Promise<RoomAct[]>
  /**
   * Does what is decided on the room as it stands; nobody else's act comes between. Durable when it resolves.
   * @param by the learner who does it
   * @param decide is pure, since it may be asked again
   * @throws DocumentUnreadable as `room` does: nothing is written behind a damaged part
   */
  act(id: string, by: string, decide: (room: Room) => readonly NewRoomAct[]): Promise<Room>
  /** Told of each change in the room and in the journals of its seats. @returns stops it */
  follow(id: string, told: (change: Change) => void): () => void
  lifeOf(id: string): Promise<SittingLife>
  standingOf(seat: SeatId): Promise<{ life: SittingLife; isRemoved: boolean }>
}

export interface Change {
  /** Whose journal it is; undefined for the room. */
  seat: string | undefined
  /** What was done in the room. */
  acts: readonly RoomAct[]
}

/** Without letters and digits that look alike. */
const codeLetters = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789'
const codeLength = 6

/** As it is printed on the projector. */
export const printCode = (code: string): string => `${code.slice(0, 3)} ${code.slice(3)}`

/** What somebody typed, as codes are kept. */
export const readCode = (typed: string): string => typed.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')

/** Somebody who does something in a room, and waits until it is durable. */
interface Waiting {
  by: string
  decide(room: Room): readonly NewRoomAct[]
  done(room: Room): void
  fail(error: unknown): void
}

interface Folded {
  seq: number
  room: Room
}

const mostKept = 200
/** A timer may come a little early. */
const timerMarginMs = 20
const longestTimerMs = 24 * 3_600_000

export function createRooms({
  storage,
  now,
  pin = async () => ({}),
}: {
  storage: Pick<Storage, 'sittings' | 'journals'>
  now(): number
  /** Keeps the content of items as it is now; for who opens no workshop it is not needed. @returns the hash of each */
  pin?(items: readonly string[]): Promise<Record<string, string>>
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
    if (head > known.seq) for (const { seq, entry } of await streams.read(id, known.seq)) take(known, seq, entry)
    return known
  }
  /** From its opening on a workshop has the content and the engine of then; a step that comes later, those of later. */
  const fix = async (id: string, { steps }: Room): Promise<void> => {
    const known = (await sittings.find(id))?.contentVersions ?? {}
    const items = steps.flatMap(({ item }) => (item === undefined || Object.hasOwn(known, item) ? [] : item))
    const pinned = await pin(items)
    await sittings.update(id, (sitting) =>
      openedBy({ ...sitting, contentVersions: { ...pinned, ...sitting.contentVersions } }),
    )
  }
  // Who comes while something is written waits for the next write, and shares it: a vote of a whole class takes a few.
  const queues = new Map<string, Waiting[]>()
  const work = async (id: string): Promise<void> => {
    for (;;) {
      const batch = queues.get(id)!.splice(0)
      if (batch.length === 0) break
      try {
        await actTogether(id, batch)
      } catch (error) {
        for (const { fail } of batch) fail(error)
      }
    }
    queues.delete(id)
  }
  const actTogether = async (id: string, batch: readonly Waiting[]): Promise<void> => {
    for (;;) {
      const folded = await current(id)
      const { seq } = folded
      let { room } = folded
      const acts: RoomAct[] = []
      const ends = batch.map(({ by, decide, done, fail }) => {
        try {
          room = withDue(room, now())
          for (const { act, data } of decide(room)) {
            const fresh = { id: randomBytes(9).toString('hex'), atMs: now(), act, data: { ...data, by } } as RoomAct
            // It would be left out by whoever reads it.
            if (!readRoomAct(toStoredAct(fresh))) throw new Error(`${act} has another form: ${JSON.stringify(data)}`)
            acts.push(fresh)
            room = afterAct(room, fresh)
          }
        } catch (error) {
          return () => fail(error)
        }
        const then = room
        return () => done(then)
      })
      if (acts.some(({ act }) => act === 'opened' || act === 'planned') && room.life.state !== 'draft')
        await fix(id, room)
      try {
        if (acts.length > 0) await streams.append(id, seq, acts.map(toStoredAct))
      } catch (error) {
        if (!(error instanceof StreamMoved)) throw error
        continue
      }
      for (const [n, act] of acts.entries()) take(folded, seq + n + 1, toStoredAct(act))
      for (const end of ends) end()
      return
    }
  }
  // What happens is read once, however many look on.
  const followed = new Map<string, { followers: Set<{ told(change: Change): void }>; stop(): void }>()
  const followRoom = (id: string) => {
    const followers = new Set<{ told(change: Change): void }>()
    const stop = streams.follow(id, ({ stream, entries }) => {
      const isRoom = stream === id
      const change: Change = {
        seat: isRoom ? undefined : stream.slice(id.length + 1),
        acts: isRoom ? entries.flatMap((entry) => readRoomAct(entry) ?? []) : [],
      }
      tell(change)
      if (isRoom) arm()
    })
    const tell = (change: Change): void => {
      for (const { told } of [...followers]) queueMicrotask(() => told(change))
    }
    // Who looks on hears when a step opens by itself. Nothing depends on it: who looks later sees the same.
    let timer: NodeJS.Timeout | undefined
    const wake = async (): Promise<void> => {
      const waitMs = untilDue((await current(id)).room, now())
      clearTimeout(timer)
      if (waitMs === undefined || followers.size === 0) return
      timer = setTimeout(
        () => {
          tell({ seat: undefined, acts: [] })
          arm()
        },
        Math.min(longestTimerMs, waitMs + timerMarginMs),
      )
      timer.unref()
    }
    // A room that cannot be read is told to whoever asks for it.
    const arm = (): void => void wake().catch(() => undefined)
    const room = {
      followers,
      stop: () => {
        clearTimeout(timer)
        stop()
      },
    }
    followed.set(id, room)
    queueMicrotask(arm)
    return room
  }
  const asWorkshop = (sitting: Sitting | undefined): Workshop | undefined =>
    sitting?.kind === 'workshop' && sitting.room ? (sitting as Workshop) : undefined

  const ledBy = async (learnerId: string, onUnreadable?: OnUnreadable): Promise<Workshop[]> =>
    (await sittings.ofOwner(learnerId, onUnreadable)).flatMap((one) => asWorkshop(one) ?? [])

  return {
    async create(owner, from = {}) {
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
          ...from,
        },
      }
      await sittings.save(sitting)
      return sitting
    },
    find: async (id) => asWorkshop(await sittings.find(id)),
    // Nobody comes into a rehearsal.
    ofCode: async (code, onUnreadable) => {
      const found = asWorkshop(await sittings.ofCode(readCode(code), onUnreadable))
      return found?.room.rehearsalOf === undefined ? found : undefined
    },
    ofProjector: async (token) => asWorkshop(await sittings.ofProjector(token)),
    ofCoInstructor: async (learnerId, onUnreadable) =>
      (await sittings.ofCoInstructor(learnerId, onUnreadable)).flatMap((one) => asWorkshop(one) ?? []),
    ofOwner: async (learnerId, onUnreadable) =>
      (await ledBy(learnerId, onUnreadable)).filter(({ room }) => room.rehearsalOf === undefined),
    rehearsalsOf: async (learnerId) => (await ledBy(learnerId)).filter(({ room }) => room.rehearsalOf !== undefined),
    room: async (id) => withDue((await current(id)).room, now()),
    acts: async (id) => (await streams.read(id)).flatMap(({ entry }) => readRoomAct(entry) ?? []),
    act: (id, by, decide) =>
      new Promise<Room>((done, fail) => {
        const waiting = queues.get(id)
        if (waiting) return void waiting.push({ by, decide, done, fail })
        queues.set(id, [{ by, decide, done, fail }])
        void work(id)
      }),
    follow(id, told) {
      const room = followed.get(id) ?? followRoom(id)
      const follower = { told }
      room.followers.add(follower)
      return () => {
        room.followers.delete(follower)
        if (room.followers.size > 0) return
        room.stop()
        followed.delete(id)
      }
    },
    lifeOf: async (id) => (await current(id)).room.life,
    async standingOf({ sittingId, participantId }) {
      const { life, removed } = (await current(sittingId)).room
      return { life, isRemoved: removed.has(participantId) }
    },
  }

  async function freeCode(): Promise<string> {
    for (;;) {
      const code = Array.from({ length: codeLength }, () => codeLetters[randomInt(codeLetters.length)]).join('')
      if (!(await sittings.ofCode(code))) return code
    }
  }
}
