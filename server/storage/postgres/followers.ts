/**
 * Those of this process who follow streams of one kind, to which others append as well. They are told in order, but for what others append in the
 * moment in which somebody begins to follow, before it is known where the streams end: that may come late, and is told all the same.
 */
import { createFollowers, type Sequenced, type Streams } from '../streams.ts'
import { createTurns } from '../turns.ts'
import type { News } from './news.ts'

interface Followers<E> extends Pick<Streams<E>, 'follow'> {
  /** This process has appended them behind `after`. */
  appended(stream: string, after: number, entries: readonly E[]): void
}

interface Told {
  from: number
  to: number
}

export interface FollowersOptions<E> {
  kind: string
  news: News
  read(stream: string, after: number): Promise<Sequenced<E>[]>
  /** The ends of all streams under the prefix. */
  headsOf(prefix: string): Promise<ReadonlyMap<string, number>>
}

export function sharedFollowers<E>({ kind, news, read, headsOf }: FollowersOptions<E>): Followers<E> {
  const topic = `appended ${kind}`
  const local = createFollowers<E>()
  const prefixes = new Map<string, number>()
  /** What followers were told of each stream: from where on, and up to where. */
  const told = new Map<string, Told>()
  /** Where the streams under each prefix ended when they were looked at last. */
  const looked = new Map<string, ReadonlyMap<string, number>>()
  const lookingFirst = new Map<string, Promise<void>>()
  const inTurn = createTurns()
  let stop: (() => void) | undefined

  const prefixesOf = (stream: string): string[] =>
    [...prefixes.keys()].filter((prefix) => stream === prefix || stream.startsWith(`${prefix}/`))
  const knownOf = (stream: string): Told | undefined => {
    const known = told.get(stream)
    const heads = prefixesOf(stream).flatMap((prefix) => looked.get(prefix) ?? [])
    if (known || heads.length === 0) return known
    const end = Math.max(...heads.map((ends) => ends.get(stream) ?? 0))
    return { from: end, to: end }
  }

  /** Tells what is there behind what was told. @param after where the news begin, @param end where they end */
  const bring = (stream: string, after: number, end: number): Promise<void> =>
    inTurn(stream, async () => {
      for (const prefix of prefixesOf(stream)) await lookingFirst.get(prefix)
      if (prefixesOf(stream).length === 0) return
      const before = knownOf(stream)
      // One that begins, and ends before what was told of it, was removed meanwhile.
      const isAnother = after === 0 && before && ((await headsOf(stream)).get(stream) ?? 0) < before.to
      if (isAnother) told.delete(stream)
      const known = isAnother ? undefined : before
      if (known && after >= known.from && end <= known.to) return
      // What came before the first look and is heard of only now is told all the same.
      const isLate = known !== undefined && end <= known.from
      const begin = isLate ? after : (known?.to ?? after)
      const entries = (await read(stream, begin)).filter(({ seq }) => !isLate || seq <= known.from)
      if (entries.length === 0) return
      const to = entries.at(-1)!.seq
      told.set(stream, { from: Math.min(begin, known?.from ?? begin), to: Math.max(to, known?.to ?? 0) })
      local.tell({ stream, seq: entries[0]!.seq, entries: entries.map(({ entry }) => entry) })
    })
  const look = async (): Promise<void> => {
    for (const prefix of [...prefixes.keys()]) {
      const heads = await headsOf(prefix)
      if (looked.has(prefix))
        for (const [stream, head] of heads) {
          const { to } = knownOf(stream)!
          if (head > to) await bring(stream, to, head)
        }
      if (prefixes.has(prefix)) looked.set(prefix, heads)
    }
  }
  const begin = (): (() => void) => {
    const stops = [
      news.listen(topic, (text) => {
        const [stream, after, end] = JSON.parse(text) as [string, number, number]
        // What cannot be read now is looked for again.
        void bring(stream, after, end).catch(() => undefined)
      }),
      news.lookAgain(look),
    ]
    return () => {
      for (const one of stops) one()
      told.clear()
      looked.clear()
    }
  }

  return {
    appended(stream, after, entries) {
      const end = after + entries.length
      news.tell(topic, JSON.stringify([stream, after, end]))
      if (prefixesOf(stream).length === 0) return
      const known = knownOf(stream)
      // Others have appended before, of which followers have not heard, or what came before is still being read.
      if (inTurn.isTaken(stream) || (after > 0 && known?.to !== after))
        return void bring(stream, after, end).catch(() => undefined)
      told.set(stream, { from: after === 0 ? 0 : known!.from, to: end })
      local.tell({ stream, seq: after + 1, entries })
    },
    follow(prefix, onNews) {
      stop ??= begin()
      prefixes.set(prefix, (prefixes.get(prefix) ?? 0) + 1)
      if (!looked.has(prefix) && !lookingFirst.has(prefix))
        lookingFirst.set(
          prefix,
          headsOf(prefix)
            .then((heads) => void (prefixes.has(prefix) && looked.set(prefix, heads)))
            // It is looked again in a few seconds.
            .catch(() => undefined)
            .finally(() => lookingFirst.delete(prefix)),
        )
      const unfollow = local.follow(prefix, onNews)
      let isOver = false
      return () => {
        if (isOver) return
        isOver = true
        unfollow()
        const left = prefixes.get(prefix)! - 1
        if (left > 0) return void prefixes.set(prefix, left)
        prefixes.delete(prefix)
        looked.delete(prefix)
        for (const stream of told.keys()) if (prefixesOf(stream).length === 0) told.delete(stream)
        if (prefixes.size > 0) return
        stop?.()
        stop = undefined
      }
    },
  }
}
