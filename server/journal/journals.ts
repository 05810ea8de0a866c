/**
 * The journal of each seat, somebody in a sitting: the stream of what they did there. All that is shown of their work is folded of it, and
 * kept beside the place up to which it was read.
 */
import { randomBytes } from 'node:crypto'
import type { SeatId } from '../seat.ts'
import { type CourseOfExercise, createStandings, type StandingInRoom } from '../seats/stored-standing.ts'
import { DocumentUnreadable } from '../storage/documents.ts'
import type { StoredAct } from '../storage/stored-acts.ts'
import { StreamMoved, type Streams } from '../storage/streams.ts'
import { createTurns } from '../storage/turns.ts'
import type { Storage } from '../storage/types.ts'
import { aboutOf, type Present } from './about.ts'
import type { NewAct } from './act.ts'
import type { KnownAct } from './acts/registry.ts'
import { type FormerPlaces, forgetFormer, formerWork } from './former.ts'
import { mayAct, type WhyNot } from './may-act.ts'
import { ActUnreadable, fromStored, toStored } from './stored.ts'
import { actsOfWork, beginWork, type FoldedWork, takeInAct, viewWork, type WorkStates, workOfActs } from './work.ts'

/** What a seat's acts come to. */
export interface Work extends FoldedWork {
  /** What waits for repair, and is left out of the rest. */
  readonly unreadable: readonly DocumentUnreadable[]
}

export interface Journals {
  work(seat: SeatId): Promise<Work>
  /**
   * Does what is decided on the work as it stands, all of it or nothing; nobody else's act comes between. Durable when it resolves.
   * @param decide is pure, since it may be asked again. What it throws is thrown, and nothing is done.
   * @param begunAtMs when it was typed, of what was kept in a browser meanwhile
   * @throws ActRefused when one of the acts may not be done now (`mayAct`); DocumentUnreadable when some of what a candidate did is damaged
   */
  write(seat: SeatId, decide: (work: Work) => readonly NewAct<KnownAct>[], begunAtMs?: number): Promise<Work>
  /** All acts that can be read, in the order in which they came in. */
  acts(seat: SeatId): Promise<KnownAct[]>
  /**
   * Adds those of the acts that are not there yet, by their ids: all of them or none.
   * @param acts or how they are chosen by the work as it stands; may be asked again
   * @returns how many those were
   */
  add(seat: SeatId, acts: readonly KnownAct[] | ChooseActs): Promise<number>
  /** What the work would come to with the acts that `add` would add; nothing is added. */
  preview(seat: SeatId, choose: ChooseActs): Promise<{ before: Work; after: FoldedWork }>
  /** With what the seat has of its own beside its tasks. */
  remove(seat: SeatId): Promise<void>
}

/** `isKnown` tells whether there is an act of that id. */
export type ChooseActs = (work: Work, isKnown: (id: string) => boolean) => readonly KnownAct[]

export interface JournalsOptions extends Present {
  storage: Pick<Storage, 'journals' | 'sittings' | 'participants' | 'taskTerminals'> & FormerPlaces
  /** Milliseconds since 1970. */
  now(): number
  /** Items that have another name by now: from the former one to the present one. */
  moved?(): Moved
  /** Of sittings with a room. */
  standingInRoom?: StandingInRoom
  /** Of hiring exercises. */
  courseOfExercise?: CourseOfExercise
  /** What is kept in memory after use, in characters of the acts that it was made of. */
  keptCharacters?: number
  /** How much one seat may do, in characters of its acts. */
  mostCharacters?: number
}

/** It may not be done now: nothing was added. */
export class ActRefused extends Error {
  override readonly name = 'ActRefused'
  readonly why: WhyNot
  constructor(act: string, why: WhyNot) {
    super(`${act} is refused: ${why}`)
    this.why = why
  }
}

/** Somebody has done as much as one seat may: nothing was added. */
export class JournalFull extends Error {
  override readonly name = 'JournalFull'
}

type Moved = ReadonlyMap<string, string> | undefined

const usualCharacters = 32 << 20
/** What is damaged is read again after so long: a damaged journal of somebody who goes on is not read whole with each page. */
const lookAgainMs = 10_000
/** Of one seat, in characters of its acts: it is read as a whole. */
const usualMost = 24 << 20

/** A seat's work in memory. */
interface Kept extends WorkStates {
  /** Under whose names it was folded. */
  moved: Moved
  /** Up to which its stream was read. */
  seq: number
  unreadable: readonly DocumentUnreadable[]
  /** When a part of its stream could not be read; undefined when all of them could. */
  damagedAtMs: number | undefined
  /** Why what was done before there were journals is not among it. */
  formerProblems: readonly DocumentUnreadable[]
  characters: number
}

const streamOf = ({ sittingId, participantId }: SeatId): string => `${sittingId}/${participantId}`

export function createJournals(options: JournalsOptions): Journals {
  const {
    storage,
    now,
    moved = () => undefined,
    keptCharacters = usualCharacters,
    mostCharacters = usualMost,
  } = options
  const { journals: streams } = storage
  const standing = createStandings(storage, options.standingInRoom, options.courseOfExercise)
  const recent = new RecentWork(keptCharacters)
  const loading = new Map<string, Promise<Kept>>()
  const inTurn = createTurns()

  /** Reads on from where it was read to. */
  const readOn = async (seat: SeatId, kept: Kept): Promise<Kept> => {
    const stream = streamOf(seat)
    const head = await streams.head(stream)
    // It was removed, or its items have other names now: from the beginning.
    if (head < kept.seq || kept.moved !== moved()) Object.assign(kept, begin(seat, moved()))
    if (head <= kept.seq) return kept
    const unreadable: DocumentUnreadable[] = []
    for (const { seq, entry } of await streams.read(stream, kept.seq, (error) => unreadable.push(error)))
      takeIn(kept, seq, entry)
    // Behind a damaged part it is further than the last act that could be read.
    kept.seq = Math.max(kept.seq, head)
    kept.unreadable = [...kept.unreadable, ...unreadable]
    if (unreadable.length > 0) kept.damagedAtMs = now()
    return kept
  }
  /** Takes over what was done before there were journals. What is damaged of it is asked for again until it is repaired. */
  const takeOver = async (seat: SeatId, kept: Kept): Promise<Kept> => {
    const { acts, unreadable, forget } = await formerWork(storage, seat)
    if (acts.length > 0) {
      // However much it is: it was accepted.
      const all = async () => unknownOf(await readAll(streams, streamOf(seat)), acts)
      await append(seat, kept, all, Number.POSITIVE_INFINITY)
      await forget()
    }
    kept.formerProblems = unreadable
    return kept
  }
  const load = async (seat: SeatId, known = begin(seat, moved())): Promise<Kept> =>
    takeOver(seat, await readOn(seat, known))
  const current = async (seat: SeatId): Promise<Kept> => {
    const stream = streamOf(seat)
    const found = recent.find(stream)
    // What is damaged of it may be repaired by now, without a restart.
    const isDue = found?.damagedAtMs !== undefined && now() - found.damagedAtMs >= lookAgainMs
    const known = isDue ? undefined : found
    if (known?.formerProblems.length === 0) return recent.use(stream, await readOn(seat, known))
    const begun = loading.get(stream) ?? load(seat, known).finally(() => loading.delete(stream))
    loading.set(stream, begun)
    return recent.use(stream, await begun)
  }
  /** Appends what is chosen as long as it takes for nobody to come between. @returns how many */
  const append = async (
    seat: SeatId,
    kept: Kept,
    choose: () => readonly KnownAct[] | Promise<readonly KnownAct[]>,
    most = mostCharacters,
  ): Promise<number> => {
    for (;;) {
      const expected = kept.seq
      const entries = (await choose()).map(toStored)
      if (entries.length === 0) return 0
      const characters = JSON.stringify(entries).length
      if (kept.characters + characters > most)
        throw new JournalFull(
          `${streamOf(seat)} has ${kept.characters} characters, and ${characters} would be too many`,
        )
      try {
        await streams.append(streamOf(seat), expected, entries)
      } catch (error) {
        if (!(error instanceof StreamMoved)) throw error
        await readOn(seat, kept)
        continue
      }
      // Some reader may have taken them in by now.
      for (const [n, entry] of entries.entries()) takeIn(kept, expected + n + 1, entry)
      return entries.length
    }
  }

  return {
    work: async (seat) => viewOf(await current(seat)),
    write: (seat, decide, begunAtMs) =>
      inTurn(streamOf(seat), async () => {
        const [kept, stands] = [await current(seat), await standing(seat)]
        await append(seat, kept, () => {
          const work = viewOf(kept)
          // Their clock is folded of what they did: without some of it they could begin anew.
          if (stands.candidate && work.unreadable[0]) throw work.unreadable[0]
          return decide(work).map((act) => {
            const whyNot = mayAct(stands, work, act, now(), begunAtMs)
            if (whyNot) throw new ActRefused(act.act, whyNot)
            return {
              ...{ id: randomBytes(9).toString('hex'), atMs: now() },
              ...aboutOf(work, act, options),
              ...act,
            } as KnownAct
          })
        })
        recent.use(streamOf(seat), kept)
        return viewOf(kept)
      }),
    acts: async (seat) => {
      await current(seat)
      return (await readAll(streams, streamOf(seat))).flatMap((entry) => readable(entry) ?? [])
    },
    add: (seat, acts) =>
      inTurn(streamOf(seat), async () => {
        const kept = await current(seat)
        return append(seat, kept, async () => chosenOf(await readAll(streams, streamOf(seat)), viewOf(kept), acts))
      }),
    preview: async (seat, choose) => {
      const before = viewOf(await current(seat))
      const known = await readAll(streams, streamOf(seat))
      // As it stands, and not act by act from the beginning: that may be long.
      const acts = [...actsOfWork(before), ...chosenOf(known, before, choose)]
      return { before, after: workOfActs(seat, acts, namesOf(moved())) }
    },
    remove: (seat) =>
      inTurn(streamOf(seat), async () => {
        const stream = streamOf(seat)
        await streams.remove(stream)
        await forgetFormer(storage, seat)
        await storage.taskTerminals.removeOf(seat)
        recent.forget(stream)
      }),
  }
}

const begin = (seat: SeatId, moved: Moved): Kept => ({
  moved,
  seq: 0,
  ...beginWork(seat),
  unreadable: [],
  damagedAtMs: undefined,
  formerProblems: [],
  characters: 0,
})

/** Does nothing for an act that it has. */
function takeIn(kept: Kept, seq: number, entry: StoredAct): void {
  if (seq <= kept.seq) return
  kept.seq = seq
  kept.characters += JSON.stringify(entry).length
  const act = readable(entry, (error) => {
    kept.unreadable = [...kept.unreadable, error]
  })
  if (!act) return
  takeInAct(kept, act, namesOf(kept.moved))
}

const namesOf =
  (moved: Moved) =>
  (item: string): string =>
    moved?.get(item) ?? item

function viewOf(kept: Kept): Work {
  return { ...viewWork(kept), unreadable: [...kept.unreadable, ...kept.formerProblems] }
}

function readable(entry: StoredAct, onUnreadable?: (error: DocumentUnreadable) => void): KnownAct | undefined {
  try {
    return fromStored(entry)
  } catch (error) {
    if (!(error instanceof ActUnreadable)) throw error
    onUnreadable?.(new DocumentUnreadable('journals', entry.id, error.message))
    return undefined
  }
}

const readAll = async (streams: Streams<StoredAct>, stream: string): Promise<StoredAct[]> =>
  (await streams.read(stream, 0, () => undefined)).map(({ entry }) => entry)

function chosenOf(known: readonly StoredAct[], work: Work, acts: readonly KnownAct[] | ChooseActs): KnownAct[] {
  const ids = new Set(known.map(({ id }) => id))
  return unknownOf(known, typeof acts === 'function' ? acts(work, (id) => ids.has(id)) : acts)
}

function unknownOf(known: readonly StoredAct[], acts: readonly KnownAct[]): KnownAct[] {
  const ids = new Set(known.map(({ id }) => id))
  return acts.filter(({ id }) => !ids.has(id) && ids.add(id))
}

/** Work that was used lately, as much as fits. */
class RecentWork {
  readonly #most: number
  readonly #kept = new Map<string, { kept: Kept; characters: number }>()
  #characters = 0

  constructor(mostCharacters: number) {
    this.#most = mostCharacters
  }

  find(stream: string): Kept | undefined {
    return this.#kept.get(stream)?.kept
  }

  /** It is used now. */
  use(stream: string, kept: Kept): Kept {
    this.forget(stream)
    const characters = kept.characters + charactersOfNothing
    this.#kept.set(stream, { kept, characters })
    this.#characters += characters
    for (const oldest of this.#kept.keys()) {
      if (this.#characters <= this.#most || oldest === stream) break
      this.forget(oldest)
    }
    return kept
  }

  forget(stream: string): void {
    this.#characters -= this.#kept.get(stream)?.characters ?? 0
    this.#kept.delete(stream)
  }
}

/** What one takes who did nothing yet. */
const charactersOfNothing = 500
