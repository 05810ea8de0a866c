/** What a browser keeps for a few minutes and cannot change: signed, and good until a moment. */
import { createHmac } from 'node:crypto'
import { isEqual } from '../accounts/tickets.ts'

const sign = (text: string, purpose: string, secret: string): string =>
  createHmac('sha256', secret).update(`${purpose}:${text}`).digest('base64url')

/** @param purpose tells it from what is sealed for anything else */
export function seal(value: object, purpose: string, untilMs: number, secret: string): string {
  const text = Buffer.from(JSON.stringify({ untilMs, value })).toString('base64url')
  return `${text}.${sign(text, purpose, secret)}`
}

/** @returns undefined for what is not whole, or not good any more */
export function unseal(sealed: string | undefined, purpose: string, nowMs: number, secret: string): unknown {
  const [, text, signature] = /^([\w-]{1,4000})\.([\w-]{43})$/.exec(sealed ?? '') ?? []
  if (text === undefined || signature === undefined || !isEqual(signature, sign(text, purpose, secret)))
    return undefined
  const { untilMs, value } = JSON.parse(Buffer.from(text, 'base64url').toString()) as {
    untilMs: number
    value: unknown
  }
  return untilMs > nowMs ? value : undefined
}

/** Of a request's cookies. */
export const cookieOf = (cookies: string | undefined, name: string): string | undefined =>
  new RegExp(`(?:^|;\\s*)${name}=([^;\\s]+)`).exec(cookies ?? '')?.[1]
