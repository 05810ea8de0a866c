/** SHA-256 of what a value says, in hexadecimal digits. */
import { utf8Bytes } from '../api/meta/base64.ts'
import { sha256 } from '../api/meta/sha256.ts'

export const digestOf = (value: unknown): string =>
  sha256(utf8Bytes(JSON.stringify(value)))
    .map((word) => (word >>> 0).toString(16).padStart(8, '0'))
    .join('')
