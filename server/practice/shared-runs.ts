/** Links to runs that their learners have shared. A link tells nothing but to the server that made it, and ends with the sharing. */
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto'

/** The run of a grading, by whose it is. */
export interface SharedRun {
  learnerId: string
  attempt: string
  /** From 1. */
  grading: number
}

const cipher = 'aes-256-gcm'
const ivBytes = 12
const tagBytes = 16

const keyOf = (secret: string, what: string): Buffer =>
  createHmac('sha256', secret).update(`podium/shared-run/1/${what}`).digest()

/** The name of a run in an address; always the same of the same run. */
export function sealRun(secret: string, { learnerId, attempt, grading }: SharedRun): string {
  const text = JSON.stringify([learnerId, attempt, grading])
  // Made of what it hides, so that no two runs have one.
  const iv = createHmac('sha256', keyOf(secret, 'iv')).update(text).digest().subarray(0, ivBytes)
  const made = createCipheriv(cipher, keyOf(secret, 'key'), iv)
  const hidden = Buffer.concat([made.update(text, 'utf8'), made.final()])
  return Buffer.concat([iv, made.getAuthTag(), hidden]).toString('base64url')
}

/** The run that a name is of; undefined when this server did not make it. */
export function openRun(secret: string, name: string): SharedRun | undefined {
  if (!/^[A-Za-z0-9_-]{40,300}$/.test(name)) return undefined
  const bytes = Buffer.from(name, 'base64url')
  try {
    const made = createDecipheriv(cipher, keyOf(secret, 'key'), bytes.subarray(0, ivBytes))
    made.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
    const text = Buffer.concat([made.update(bytes.subarray(ivBytes + tagBytes)), made.final()]).toString('utf8')
    const [learnerId, attempt, grading] = JSON.parse(text) as [string, string, number]
    return { learnerId, attempt, grading }
  } catch {
    return undefined
  }
}
