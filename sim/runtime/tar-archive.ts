/**
 * The form of a tar archive: blocks of 512 bytes, a header before each member.
 * Sources: tar(5); https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html (ustar, extended headers); the `L` and `K`
 * members of GNU tar for long names
 */
import { decodeBytes, encodeBytes, joinBytes } from './text-bytes.ts'

export interface Member {
  name: string
  type: 'file' | 'directory' | 'symlink' | 'hardlink'
  mode: number
  uid: number
  gid: number
  user: string
  group: string
  modifiedEpochMs: number
  /** Where a link leads. */
  target: string
  content: Uint8Array
}

const blockSize = 512
const nameSize = 100
const typeFlags: Readonly<Record<Member['type'], string>> = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  directory: '5',
}
/** Of what no container here has: character and block devices, pipes. */
const nothingFlags = '346'

/** @param blocking blocks that a record has: the archive is filled up to whole records */
export function writeArchive(members: readonly Member[], blocking: number): Uint8Array {
  const pieces: Uint8Array[] = []
  const put = (bytes: Uint8Array): void => {
    pieces.push(bytes)
    if (bytes.length % blockSize) pieces.push(new Uint8Array(blockSize - (bytes.length % blockSize)))
  }
  const putLong = (flag: string, text: string): void => {
    const bytes = encodeBytes(`${text}\0`)
    put(headerOf({ ...longLink, content: bytes }, flag))
    put(bytes)
  }
  for (const member of members) {
    if (encodeBytes(member.target).length > nameSize) putLong('K', member.target)
    if (encodeBytes(member.name).length > nameSize) putLong('L', member.name)
    put(headerOf(member, typeFlags[member.type]))
    put(member.content)
  }
  const size = pieces.reduce((sum, { length }) => sum + length, 0)
  const record = blocking * blockSize
  pieces.push(new Uint8Array(Math.ceil((size + 2 * blockSize) / record) * record - size))
  return joinBytes(pieces)
}

const longLink: Member = {
  name: '././@LongLink',
  type: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  user: 'root',
  group: 'root',
  modifiedEpochMs: 0,
  target: '',
  content: new Uint8Array(),
}

function headerOf(member: Member, flag: string): Uint8Array {
  const header = new Uint8Array(blockSize)
  const text = (at: number, size: number, value: string): void => header.set(encodeBytes(value).slice(0, size), at)
  const octal = (at: number, size: number, value: number): void =>
    text(
      at,
      size,
      Math.max(0, value)
        .toString(8)
        .padStart(size - 1, '0'),
    )
  text(0, nameSize, member.name)
  octal(100, 8, member.mode & 0o7777)
  octal(108, 8, member.uid)
  octal(116, 8, member.gid)
  octal(124, 12, member.content.length)
  octal(136, 12, Math.floor(member.modifiedEpochMs / 1000))
  text(148, 8, '        ')
  text(156, 1, flag)
  text(157, nameSize, member.target)
  text(257, 8, 'ustar  \0')
  text(265, 32, member.user)
  text(297, 32, member.group)
  text(148, 8, `${checksumOf(header).toString(8).padStart(6, '0')}\0 `)
  return header
}

/** The sum of a header's bytes, with its own field as blanks. */
const checksumOf = (header: Uint8Array): number =>
  header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 32 : byte), 0)

export interface Archive {
  members: Member[]
  /** Why there are no more: a block that is no header, or an end before its time. */
  problem?: 'no-header' | 'short'
  /** The empty block that ends an archive was there. */
  isEnded?: true
}

/** The members in order. */
export function readArchive(bytes: Uint8Array): Archive {
  const members: Member[] = []
  const global: Record<string, string> = {}
  let own: Record<string, string> = {}
  if (bytes.length < blockSize) return { members, problem: bytes.length === 0 ? 'short' : 'no-header' }
  for (let at = 0; at + blockSize <= bytes.length; ) {
    const header = bytes.subarray(at, at + blockSize)
    at += blockSize
    if (header.every((byte) => byte === 0)) return { members, isEnded: true }
    const text = (from: number, size: number): string => cString(header.subarray(from, from + size))
    const octal = (from: number, size: number): number => numberOf(header.subarray(from, from + size))
    if (octal(148, 8) !== checksumOf(header)) return { members, problem: 'no-header' }
    const flag = text(156, 1) || '0'
    const size = own.size !== undefined && !'xgLK'.includes(flag) ? Number(own.size) : octal(124, 12)
    if (at + size > bytes.length) return { members, problem: 'short' }
    const content = bytes.slice(at, at + size)
    at += Math.ceil(size / blockSize) * blockSize
    if (flag === 'x') own = { ...own, ...recordsOf(content) }
    else if (flag === 'g') Object.assign(global, recordsOf(content))
    else if (flag === 'L') own.path = cString(content)
    else if (flag === 'K') own.linkpath = cString(content)
    else {
      const told = { ...global, ...own }
      own = {}
      if (nothingFlags.includes(flag)) continue
      const prefix = text(257, 6) === 'ustar' && header[262] === 0 ? text(345, 155) : ''
      const name = told.path ?? (prefix ? `${prefix}/${text(0, nameSize)}` : text(0, nameSize))
      const type =
        flag === '5' || (flag === '0' && name.endsWith('/'))
          ? 'directory'
          : flag === '2'
            ? 'symlink'
            : flag === '1'
              ? 'hardlink'
              : 'file'
      members.push({
        name,
        type,
        mode: octal(100, 8) & 0o7777,
        uid: told.uid ? Number(told.uid) : octal(108, 8),
        gid: told.gid ? Number(told.gid) : octal(116, 8),
        user: told.uname ?? text(265, 32),
        group: told.gname ?? text(297, 32),
        modifiedEpochMs: (told.mtime ? Number(told.mtime) : octal(136, 12)) * 1000,
        target: told.linkpath ?? text(157, nameSize),
        content,
      })
    }
  }
  return { members }
}

function cString(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return decodeBytes(end < 0 ? bytes : bytes.subarray(0, end))
}

/** Octal digits, or, with the first bit set, a binary number (base-256). */
function numberOf(bytes: Uint8Array): number {
  if (bytes[0] & 0x80) return bytes.reduce((value, byte, at) => value * 256 + (at === 0 ? byte & 0x7f : byte), 0)
  return Number.parseInt(cString(bytes).trim() || '0', 8)
}

/** Records of an extended header: `LENGTH KEY=VALUE\n`, the length that of the whole record in bytes. */
function recordsOf(bytes: Uint8Array): Record<string, string> {
  const records: Record<string, string> = {}
  for (let at = 0; at < bytes.length; ) {
    const length = Number.parseInt(decodeBytes(bytes.subarray(at, at + 20)), 10)
    if (!(length > 0)) break
    const record = decodeBytes(bytes.subarray(at, at + length))
    const [, key, value] = /^\d+ ([^=]*)=([\s\S]*)\n$/.exec(record) ?? []
    if (key && Object.hasOwn(paxKeys, key)) records[key] = value
    at += length
  }
  return records
}

/** Those with an effect here. */
const paxKeys = { path: 1, linkpath: 1, size: 1, uid: 1, gid: 1, uname: 1, gname: 1, mtime: 1 }
