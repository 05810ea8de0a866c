/**
 * The signature of a file of one's data: that this server made it, for whom, and that nothing was changed since. It stands in the
 * file, which stays readable JSON; what is signed is the rest of the file without the spaces between its parts.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'

/** Whom a file was made for, and when. */
export interface Maker {
  learner: string
  /** The name of their account. */
  account: string | null
  atMs: number
}

export interface Signature extends Maker {
  hmac: string
}

/** The key of these signatures: of no use for anything else that the server's secret protects. */
export function exportKey(secret: string): string {
  return createHmac('sha256', secret).update('podium/export/1').digest('hex')
}

/** @param file all of it but the signature */
export function signatureOf(file: object, maker: Maker, key: string): Signature {
  return { ...maker, hmac: hmacOf(file, maker, key) }
}

/**
 * Who made a file that was read.
 * @param file as JSON.parse gives it
 * @returns null when this server did not sign it, or not as it is now
 */
export function makerOf(file: unknown, key: string): Maker | null {
  if (typeof file !== 'object' || file === null || !('signature' in file)) return null
  const { signature, ...rest } = file
  if (!isSignature(signature)) return null
  const { learner, account, atMs, hmac } = signature
  const maker = { learner, account, atMs }
  try {
    return timingSafeEqual(Buffer.from(hmac, 'hex'), Buffer.from(hmacOf(rest, maker, key), 'hex')) ? maker : null
  } catch (error) {
    // Nested too deeply to be written: this server never wrote it.
    if (error instanceof RangeError) return null
    throw error
  }
}

function isSignature(value: unknown): value is Signature {
  if (typeof value !== 'object' || value === null) return false
  const { learner, account, atMs, hmac } = value as Partial<Record<keyof Signature, unknown>>
  return (
    typeof learner === 'string' &&
    (account === null || typeof account === 'string') &&
    typeof atMs === 'number' &&
    typeof hmac === 'string' &&
    /^[0-9a-f]{64}$/.test(hmac)
  )
}

function hmacOf(file: object, { learner, account, atMs }: Maker, key: string): string {
  return createHmac('sha256', key)
    .update(JSON.stringify({ learner, account, atMs }))
    .update('\n')
    .update(JSON.stringify(file))
    .digest('hex')
}
