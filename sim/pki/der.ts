/** DER, as certificates are written in: values by tag. Source: ITU-T X.690 */

export const TAG = {
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
  set: 0x31,
  utcTime: 0x17,
  generalizedTime: 0x18,
  utf8: 0x0c,
  boolean: 0x01,
} as const

export interface DerValue {
  tag: number
  content: Uint8Array
  /** With tag and length. */
  whole: Uint8Array
}

/** The values that stand one after the other; undefined when the bytes are none. */
export function readDer(bytes: Uint8Array): DerValue[] | undefined {
  const values: DerValue[] = []
  let at = 0
  while (at < bytes.length) {
    const start = at
    const tag = bytes[at++]
    let length = bytes[at++]
    if (length === undefined) return undefined
    if (length >= 0x80) {
      const count = length & 0x7f
      if (count === 0 || count > 4 || at + count > bytes.length) return undefined
      length = 0
      for (let n = 0; n < count; n++) length = length * 256 + bytes[at++]
    }
    if (at + length > bytes.length) return undefined
    values.push({ tag, content: bytes.subarray(at, at + length), whole: bytes.subarray(start, at + length) })
    at += length
  }
  return values
}

export function writeDer(tag: number, ...parts: readonly (readonly number[] | Uint8Array)[]): number[] {
  const content = parts.flatMap((part) => [...part])
  const { length } = content
  if (length < 0x80) return [tag, length, ...content]
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return [tag, 0x80 | bytes.length, ...bytes, ...content]
}

/** `1.2.840.113549.1.1.11` */
export function writeOid(text: string): number[] {
  const [first, second, ...rest] = text.split('.').map(Number)
  const bytes = [first * 40 + second]
  for (const number of rest) {
    const group = [number % 128]
    for (let left = Math.floor(number / 128); left > 0; left = Math.floor(left / 128))
      group.unshift((left % 128) | 0x80)
    bytes.push(...group)
  }
  return writeDer(TAG.oid, bytes)
}
