/** Charts as archives: tar within gzip, which is what repositories serve. */
import { gunzipSync, gzipSync } from 'fflate'
import { encodeBase64, utf8TextLossy } from '../../api/meta/base64.ts'
import { charge, chargeText } from '../../engine/work.ts'
import { HelmError } from '../errors.ts'
import { bytesOfFile, type ChartFile } from './chart.ts'

/** Bytes that an archive may unfold to. */
const mostBytes = 4 * 1024 * 1024

/** @throws HelmError for what is none, or too large */
export function gunzip(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 18 || bytes[0] !== 0x1f || bytes[1] !== 0x8b) throw new HelmError('gzip: invalid header')
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 4, true)
  if (size > mostBytes) throw new HelmError(`the archive unfolds to more than ${mostBytes} bytes`)
  charge(size / 4)
  try {
    return gunzipSync(bytes, { out: new Uint8Array(size) })
  } catch {
    throw new HelmError('gzip: invalid checksum')
  }
}

/** The same bytes for the same text, whenever it is done. */
export function gzip(bytes: Uint8Array): Uint8Array {
  charge(bytes.length / 2)
  return gzipSync(bytes, { mtime: 0, level: 6 })
}

const isText = (bytes: Uint8Array): boolean => !bytes.includes(0)

/** The files of a chart's archive, without the folder that holds them. */
export function unpackChart(file: ChartFile): ChartFile[] {
  const tar = gunzip(bytesOfFile(file))
  const files: ChartFile[] = []
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const field = (from: number, length: number): string => {
      const bytes = tar.slice(at + from, at + from + length)
      const end = bytes.indexOf(0)
      return utf8TextLossy([...(end < 0 ? bytes : bytes.slice(0, end))])
    }
    const size = Number.parseInt(field(124, 12).trim() || '0', 8)
    if (!(size >= 0) || at + 512 + size > tar.length) throw new HelmError('chart archive is corrupted: unexpected EOF')
    const prefix = field(345, 155)
    const name = (prefix ? `${prefix}/` : '') + field(0, 100)
    const bytes = tar.slice(at + 512, at + 512 + size)
    const inner = name.slice(name.indexOf('/') + 1)
    const type = field(156, 1)
    if ((type === '0' || type === '') && name.includes('/') && inner && !inner.split('/').includes('..')) {
      chargeText(size)
      files.push({ name: inner, data: isText(bytes) ? utf8TextLossy([...bytes]) : { base64: encodeBase64(bytes) } })
    }
    at += 512 + Math.ceil(size / 512) * 512
  }
  if (files.length === 0) throw new HelmError('no files in chart archive')
  return files
}

/** An archive whose files lie in a folder of the chart's name, in base64. */
export function packChart(name: string, files: readonly ChartFile[]): { base64: string } {
  const blocks: Uint8Array[] = []
  for (const file of files) {
    const bytes = bytesOfFile(file)
    blocks.push(header(`${name}/${file.name}`, bytes.length), bytes, new Uint8Array((512 - (bytes.length % 512)) % 512))
  }
  blocks.push(new Uint8Array(1024))
  const tar = new Uint8Array(blocks.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const block of blocks) {
    tar.set(block, at)
    at += block.length
  }
  if (tar.length > mostBytes) throw new HelmError(`the chart has more than ${mostBytes} bytes`)
  return { base64: encodeBase64(gzip(tar)) }
}

function header(path: string, size: number): Uint8Array {
  const bytes = new Uint8Array(512)
  const write = (text: string, from: number): void => {
    for (const [n, char] of [...text].entries()) bytes[from + n] = char.charCodeAt(0)
  }
  const cut = path.length > 100 ? path.lastIndexOf('/', 154) : -1
  write(cut < 0 ? path : path.slice(cut + 1), 0)
  if (cut > 0) write(path.slice(0, cut), 345)
  write('0000644\0', 100)
  write('0000000\0', 108)
  write('0000000\0', 116)
  write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  write('00000000000\0', 136)
  write('        ', 148)
  write('0', 156)
  write('ustar\x0000', 257)
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return bytes
}
