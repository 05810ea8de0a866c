/** What the segments of a write-ahead log say of each document. Pure. */
import { crc32 } from 'node:zlib'
import { applySplices, type Splice } from './document-text.ts'
import { logFormat, type ReadRecord, type ReadSegment } from './log-records.ts'

export interface ReplayedDocument {
  kind: string
  key: string
  /** Undefined when it was removed. */
  now: { version: number; text: string } | undefined
  seq: number
  /** It was removed at some time, so what was set aside of it goes as well. */
  wasRemoved: boolean
  /** Its newest change is acknowledged and cannot be read. What is left of the change. */
  lost?: Buffer
}

export interface Replay {
  /** A document whose only record is lost has nothing in `now`, and `wasRemoved` is false. */
  documents: ReplayedDocument[]
  /** The `seq` of the next record. */
  nextSeq: number
  /** In words, of what is damaged and belongs to no document that is known. */
  problems: string[]
  /** Names of the segments that are not as they were written. */
  damaged: Set<string>
}

export class LogTooNew extends Error {
  override readonly name = 'LogTooNew'
}

/**
 * @param segments in the order of their numbers
 * @throws LogTooNew when a newer program wrote one
 */
export function replaySegments(segments: readonly { name: string; read: ReadSegment }[]): Replay {
  for (const { name, read } of segments)
    if (read.mark && read.mark.format > logFormat)
      throw new LogTooNew(
        `${name} is a write-ahead log of format ${read.mark.format}, and this program knows ${logFormat} at most: start the newer program`,
      )
  const records = segments.flatMap(({ read }) => read.records)
  // Later groups are begun once the former one is on the disk: what is before the last one was acknowledged.
  const lastGroup = Math.max(0, ...records.slice(-1).map(({ mark }) => mark.group), ...segments.map(firstOf))
  const replay: Replay = { documents: [], nextSeq: 1, problems: [], damaged: new Set() }
  const documents = new Map<string, ReplayedDocument>()
  for (const [index, { name, read }] of segments.entries()) {
    if (read.isDamaged) replay.damaged.add(name)
    const first = index === 0 ? (read.mark?.first ?? read.records[0]?.mark.seq) : replay.nextSeq
    replay.nextSeq = Math.max(replay.nextSeq, first ?? 1)
    if (read.mark && read.mark.first > replay.nextSeq) {
      replay.problems.push(missing(name, replay.nextSeq, read.mark.first - 1))
      replay.nextSeq = read.mark.first
    }
    for (const record of read.records) {
      const { seq, group, kind, key } = record.mark
      if (seq < replay.nextSeq) continue
      if (seq > replay.nextSeq) replay.problems.push(missing(name, replay.nextSeq, seq - 1))
      replay.nextSeq = seq + 1
      const id = `${kind}/${key}`
      const next = nextOf(documents.get(id), record)
      if (next.lost) replay.damaged.add(name)
      if (next.lost && group >= lastGroup)
        replay.problems.push(
          `${name}: record ${seq}, a change of ${id}, cannot be read. The server ended while it was written, or right afterwards, so it may not have been acknowledged: ${id} stays as it was before.`,
        )
      else documents.set(id, next)
    }
    if (read.end === 'unreadable')
      replay.problems.push(`${name} ends in something that is not a record. It is unknown whether it was acknowledged.`)
  }
  replay.documents = [...documents.values()]
  return replay
}

const firstOf = ({ read }: { read: ReadSegment }): number => read.mark?.first ?? 0

const missing = (name: string, from: number, to: number): string =>
  `${name}: ${from === to ? `record ${from} is` : `records ${from} to ${to} are`} missing or damaged beyond telling which documents they changed`

function nextOf(known: ReplayedDocument | undefined, { mark, body, damaged }: ReadRecord): ReplayedDocument {
  const { kind, key, seq } = mark
  const wasRemoved = known?.wasRemoved ?? false
  const lostAs = (lost: Buffer): ReplayedDocument => ({ kind, key, now: known?.now, seq, wasRemoved, lost })
  if (body === undefined) return lostAs(damaged ?? Buffer.alloc(0))
  if (mark.op === 'remove') return { kind, key, now: undefined, seq, wasRemoved: true }
  if (mark.op === 'put') return { kind, key, now: { version: mark.version, text: body }, seq, wasRemoved }
  const text =
    known?.seq === mark.base && !known.lost && known.now ? patched(known.now.text, body, mark.result) : undefined
  return text === undefined
    ? lostAs(Buffer.from(body))
    : { kind, key, now: { version: mark.version, text }, seq, wasRemoved }
}

function patched(text: string, body: string, result: number): string | undefined {
  try {
    const next = applySplices(text, JSON.parse(body) as Splice[])
    return crc32(next) === result ? next : undefined
  } catch {
    return undefined
  }
}
