/** Texts in addresses that only this server reads and writes: whoever has the address learns nothing from it, and can bend none. */
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto'

const cipher = 'aes-256-gcm'
const ivBytes = 12
const tagBytes = 16

const keyOf = (secret: string, kind: string, what: string): Buffer =>
  createHmac('sha256', secret).update(`podium/${kind}/1/${what}`).digest()

/** Always the same of the same text. @param kind what is sealed: the name of one kind is none of another */
export function seal(secret: string, kind: string, text: string): string {
  // Made of what it hides, so that no two texts have one.
  const iv = createHmac('sha256', keyOf(secret, kind, 'iv'))
    .update(text)
    .digest()
    .subarray(0, ivBytes)
  const made = createCipheriv(cipher, keyOf(secret, kind, 'key'), iv)
  const hidden = Buffer.concat([made.update(text, 'utf8'), made.final()])
  return Buffer.concat([iv, made.getAuthTag(), hidden]).toString('base64url')
}

/** Undefined when this server did not make it. */
export function unseal(secret: string, kind: string, name: string): string | undefined {
  if (!/^[A-Za-z0-9_-]{40,300}$/.test(name)) return undefined
  const bytes = Buffer.from(name, 'base64url')
  try {
    const made = createDecipheriv(cipher, keyOf(secret, kind, 'key'), bytes.subarray(0, ivBytes))
    made.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
    return Buffer.concat([made.update(bytes.subarray(ivBytes + tagBytes)), made.final()]).toString('utf8')
  } catch {
    return undefined
  }
}
