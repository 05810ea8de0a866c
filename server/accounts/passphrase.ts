/** Passphrases: what one may be, and how one is kept and compared. */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import type { HashedPassphrase } from '../storage/types.ts'

/** Characters. */
export const shortest = 15
export const longest = 200
/** One letter over and over has the length, and nothing else. */
const fewestDifferent = 5

export type Cost = Pick<HashedPassphrase, 'logN' | 'r' | 'p'>

/** 128 MiB and about a third of a second. Source: OWASP Password Storage Cheat Sheet, scrypt. */
const fullCost: Cost = { logN: 17, r: 8, p: 1 }

const hashBytes = 32

/** The same passphrase is the same however a keyboard writes its letters, and whatever space is between its words. */
const normalized = (text: string): string => text.normalize('NFKC').trim().replace(/\s+/g, ' ')

export type PassphraseProblem = 'empty' | 'short' | 'long' | 'plain' | 'name'

/** Why it cannot be one; undefined when it can. */
export function passphraseProblem(text: string, accountName: string): PassphraseProblem | undefined {
  const phrase = normalized(text)
  const characters = [...phrase]
  if (phrase === '') return 'empty'
  if (characters.length < shortest) return 'short'
  if (characters.length > longest) return 'long'
  if (new Set(characters).size < fewestDifferent) return 'plain'
  const rest = accountName === '' ? phrase : phrase.toLowerCase().replaceAll(accountName.toLowerCase(), '')
  return [...rest].length < fewestDifferent ? 'name' : undefined
}

/** More of them wait than it is worth: try again in a moment. */
export class HashingBusy extends Error {
  override readonly name = 'HashingBusy'
}

/** Who waits for it: known ones do not stand behind strangers, who may be many. */
export type Lane = 'known' | 'stranger'

export interface Hashing {
  hash(phrase: string, lane: Lane): Promise<HashedPassphrase>
  /** Takes as long for an account that is not there, whose passphrase nothing is. */
  isSame(phrase: string, kept: HashedPassphrase | undefined, lane: Lane): Promise<boolean>
}

/**
 * Two at a time: each takes memory and one of the threads that also read files. @throws HashingBusy from its functions when too many wait
 * @param limits of `waiting` each lane has as many
 */
export function createHashing(cost: Cost = fullCost, limits = { together: 2, waiting: 60 }): Hashing {
  let running = 0
  const waiting: Record<Lane, (() => void)[]> = { known: [], stranger: [] }
  const takeTurn = async (lane: Lane): Promise<void> => {
    if (running < limits.together) {
      running++
      return
    }
    if (waiting[lane].length >= limits.waiting) throw new HashingBusy('too many passphrases are being checked')
    // Who has ended hands the turn on.
    await new Promise<void>((go) => waiting[lane].push(go))
  }
  const endTurn = (): void => {
    const next = waiting.known.shift() ?? waiting.stranger.shift()
    if (next) next()
    else running--
  }
  const derive = async (phrase: string, salt: Buffer, by: Cost, lane: Lane): Promise<Buffer> => {
    await takeTurn(lane)
    try {
      return await scryptOf(normalized(phrase), salt, by)
    } finally {
      endTurn()
    }
  }
  const nobodys = { ...cost, salt: randomBytes(16).toString('base64'), hash: randomBytes(hashBytes).toString('base64') }
  return {
    async hash(phrase, lane) {
      const salt = randomBytes(16)
      const hash = await derive(phrase, salt, cost, lane)
      return { ...cost, salt: salt.toString('base64'), hash: hash.toString('base64') }
    },
    async isSame(phrase, kept, lane) {
      const { salt, hash, ...by } = kept ?? nobodys
      const expected = Buffer.from(hash, 'base64')
      const found = await derive(phrase, Buffer.from(salt, 'base64'), by, lane)
      return found.length === expected.length && timingSafeEqual(found, expected) && kept !== undefined
    },
  }
}

function scryptOf(phrase: string, salt: Buffer, { logN, r, p }: Cost): Promise<Buffer> {
  const options: ScryptOptions = { N: 2 ** logN, r, p, maxmem: 256 * 2 ** logN * r }
  return new Promise((done, fail) =>
    scrypt(phrase, salt, hashBytes, options, (error, key) => (error ? fail(error) : done(key))),
  )
}
