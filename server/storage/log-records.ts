/**
 * The form of a segment of the write-ahead log on the disk: lines of UTF-8, to be read with any pager.
 *
 *     journal {"format":1,"segment":3,"first":17} 5e0c1a2b
 *     begin {"seq":17,"group":17,"op":"put","kind":"answers","key":"ann","version":2,"bytes":41,"crc":123} 90ab12cd
 *     {"participantId":"ann","answers":[…]}
 *     end {"seq":17,"group":17,"op":"put","kind":"answers","key":"ann","version":2,"bytes":41,"crc":123} 90ab12cd
 *
 * A record is a document's change: `put` has the new data, `patch` the splices ([at, drop, insert], characters of the former data's
 * JSON) that turn the data of record `base` of the same segment into the new one, whose checksum is `result`, and `remove` an empty
 * line. `seq` counts the records without a gap, from segment to segment. `group` is the `seq` of the first record that was synced
 * together with this one, so a record of a later group proves that this one reached the disk.
 *
 * Checksums are CRC-32: that of a mark (`journal`, `begin`, `end`) stands behind its JSON, that of the line between in the mark. The
 * mark stands at both ends so that damage in one place never hides which document it hit: with one mark and the line whole, nothing is lost.
 */
import { crc32 } from 'node:zlib'

export interface SegmentMark {
  format: number
  segment: number
  /** The `seq` of its first record. */
  first: number
}

interface Place {
  seq: number
  group: number
  kind: string
  key: string
}

export type RecordMark = Place & { bytes: number; crc: number } & (
    | { op: 'put'; version: number }
    | { op: 'patch'; version: number; base: number; result: number }
    | { op: 'remove' }
  )

/** What a mark says of a change before the change is written. */
export type Change = Place &
  ({ op: 'put'; version: number } | { op: 'patch'; version: number; base: number; result: number } | { op: 'remove' })

export interface ReadRecord {
  mark: RecordMark
  /** Undefined when it is damaged; `damaged` then has what is left. */
  body?: string
  damaged?: Buffer
}

export interface ReadSegment {
  /** Undefined when its first line is damaged. */
  mark?: SegmentMark
  /** In order; damaged ones are among them when a mark of them is whole. */
  records: ReadRecord[]
  /** How the segment ends: whole, cut off in a record (as a crash leaves it), or in something that is no record. */
  end: 'whole' | 'cut off' | 'unreadable'
  /** Some bytes are not as they were written, although nothing may be lost by it. */
  isDamaged: boolean
}

export const logFormat = 1

export const printSegmentMark = (mark: SegmentMark): string => printMark('journal', mark)

/**
 * @param body JSON, which has no line break
 * @returns the record in parts: a long body is not copied once more
 */
export function printRecord(change: Change, body: string): Buffer[] {
  const line = Buffer.from(body)
  const mark = { ...change, bytes: line.length, crc: crc32(line) }
  return [Buffer.from(printMark('begin', mark)), line, Buffer.from(`\n${printMark('end', mark)}`)]
}

function printMark(word: string, mark: object): string {
  const json = JSON.stringify(mark)
  return `${word} ${json} ${crc32(json).toString(16).padStart(8, '0')}\n`
}

function parseMark(line: string): { word: string; mark: unknown } | undefined {
  const parts = /^(journal|begin|end) (\{.*\}) ([0-9a-f]{8})$/s.exec(line)
  if (!parts || crc32(parts[2]!) !== Number.parseInt(parts[3]!, 16)) return undefined
  return { word: parts[1]!, mark: JSON.parse(parts[2]!) }
}

const newline = 10
/** Longer lines are no marks: they need not be looked at as text. */
const longestMark = 2048

/** Reads all that can be read. Pure; never throws. */
export function readSegment(bytes: Buffer): ReadSegment {
  const found: ReadSegment = { records: [], end: 'whole', isDamaged: false }
  const lineAt = (at: number) => {
    const end = bytes.indexOf(newline, at)
    const stop = end < 0 ? bytes.length : end
    const text = stop - at <= longestMark ? bytes.toString('utf8', at, stop) : ''
    return { isWhole: end >= 0, next: stop + 1, parsed: end < 0 ? undefined : parseMark(text) }
  }
  const add = (record: ReadRecord) => {
    const last = found.records.at(-1)
    if (record.damaged) found.isDamaged = true
    if (!last || last.mark.seq < record.mark.seq) found.records.push(record)
    // Both ends of a damaged record tell of it; the second may know its line.
    else if (last.mark.seq === record.mark.seq && last.damaged && !record.damaged) found.records.splice(-1, 1, record)
  }
  let at = 0
  while (at < bytes.length) {
    const { isWhole, next, parsed } = lineAt(at)
    if (!isWhole) {
      found.end = found.end === 'unreadable' ? 'unreadable' : 'cut off'
      break
    }
    if (!parsed) {
      found.end = 'unreadable'
      found.isDamaged = true
      at = next
      continue
    }
    found.end = 'whole'
    if (parsed.word === 'journal') {
      found.mark = parsed.mark as SegmentMark
      at = next
      continue
    }
    const mark = parsed.mark as RecordMark
    if (parsed.word === 'end') {
      const line = bytes.subarray(Math.max(0, at - 1 - mark.bytes), Math.max(0, at - 1))
      if (found.records.at(-1)?.mark.seq !== mark.seq || found.records.at(-1)?.damaged) {
        found.isDamaged = true
        add(crc32(line) === mark.crc ? { mark, body: line.toString('utf8') } : { mark, damaged: line })
      }
      at = next
      continue
    }
    const line = bytes.subarray(next, next + mark.bytes)
    if (line.length < mark.bytes) {
      found.end = 'cut off'
      break
    }
    if (crc32(line) !== mark.crc) {
      add({ mark, damaged: line })
      at = next
      continue
    }
    add({ mark, body: line.toString('utf8') })
    at = Math.min(bytes.length, next + mark.bytes + 1)
    // Its last line says nothing new, so damage in it costs nothing.
    const last = Buffer.from(printMark('end', mark))
    const written = bytes.subarray(at, at + last.length)
    if (written.length < last.length) {
      if (written.length > 0) found.end = 'cut off'
      break
    }
    if (!written.equals(last)) found.isDamaged = true
    at += last.length
  }
  return found
}
