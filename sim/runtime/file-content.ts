/** Bytes as files and the log of commands keep them: as text where they are some, in base64 where not. */
import { decodeBase64, encodeBase64 } from '../api/meta/base64.ts'
import type { FileContent } from '../scenario/types.ts'
import { decodeBytes, encodeBytes } from './text-bytes.ts'

// A byte that is no text stands as half a surrogate pair; a database's JSON may not hold that, nor a NUL.
const isNoText = /[\0\p{Surrogate}]/u

export function encodeContent(bytes: Uint8Array): FileContent {
  const text = decodeBytes(bytes)
  return isNoText.test(text) ? { base64: encodeBase64(bytes) } : text
}

export function decodeContent(content: FileContent): Uint8Array {
  if (typeof content === 'string') return encodeBytes(content)
  const decoded = decodeBase64(content.base64)
  return Uint8Array.from('bytes' in decoded ? decoded.bytes : [])
}
