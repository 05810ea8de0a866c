/** md5sum, sha1sum, sha256sum: checksums of texts, as their UTF-8 bytes. */
import { sha1 } from '../../api/meta/sha1.ts'
import { paddedMessage, sha256 } from '../../api/meta/sha256.ts'
import type { Process, Program } from '../../runtime/process.ts'
import { bytesOf } from './bytes.ts'
import { complain, linesOf, type Run, readFile, readInputs, withOptions } from './support.ts'

const rotateLeft = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits))

function hex(words: readonly number[], isLittleEndian: boolean): string {
  const view = new DataView(new ArrayBuffer(words.length * 4))
  for (const [index, word] of words.entries()) view.setUint32(index * 4, word >>> 0, isLittleEndian)
  let text = ''
  for (let at = 0; at < view.byteLength; at++) text += view.getUint8(at).toString(16).padStart(2, '0')
  return text
}

/** The digest, as hexadecimal digits. Source: RFC 1321 */
export function md5(bytes: readonly number[]): string {
  const shifts = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]
  const constants = Array.from({ length: 64 }, (_, n) => Math.floor(Math.abs(Math.sin(n + 1)) * 2 ** 32) | 0)
  const message = paddedMessage(bytes, true)
  let [a0, b0, c0, d0] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]
  for (let block = 0; block < message.byteLength; block += 64) {
    let [a, b, c, d] = [a0, b0, c0, d0]
    for (let n = 0; n < 64; n++) {
      const round = n >> 4
      const mixed =
        round === 0 ? (b & c) | (~b & d) : round === 1 ? (d & b) | (~d & c) : round === 2 ? b ^ c ^ d : c ^ (b | ~d)
      const word = [n, 5 * n + 1, 3 * n + 5, 7 * n][round] % 16
      const sum = (a + mixed + constants[n] + message.getUint32(block + word * 4, true)) | 0
      ;[a, d, c, b] = [d, c, b, (b + rotateLeft(sum, shifts[round * 4 + (n % 4)])) | 0]
    }
    ;[a0, b0, c0, d0] = [(a0 + a) | 0, (b0 + b) | 0, (c0 + c) | 0, (d0 + d) | 0]
  }
  return hex([a0, b0, c0, d0], true)
}

const checksum = (compute: (bytes: readonly number[]) => string): Program =>
  withOptions('cbs', function* (process: Process, options): Run {
    let status = 0
    if (options.has('c')) {
      const { text, failed } = yield* readInputs(process, options.rest)
      if (failed) return 1
      for (const line of linesOf(text)) {
        const [wanted, name] = line.split(/ [ *]/)
        const content = readFile(process, name ?? '')
        const isRight = content !== undefined && compute(bytesOf(content)) === wanted
        if (!isRight) status = 1
        if (!options.has('s')) process.stdout.write(`${name}: ${isRight ? 'OK' : 'FAILED'}\n`)
      }
      if (status) complain(process, 'WARNING: 1 computed checksums did NOT match')
      return status
    }
    for (const path of options.rest.length ? options.rest : ['-']) {
      const { text, failed } = yield* readInputs(process, [path])
      if (failed) status = 1
      else process.stdout.write(`${compute(bytesOf(text))}  ${path}\n`)
    }
    return status
  })

export const checksumPrograms: Readonly<Record<string, Program>> = {
  md5sum: checksum(md5),
  sha1sum: checksum((bytes) => hex(sha1(bytes), false)),
  sha256sum: checksum((bytes) => hex(sha256(bytes), false)),
}
