/**
 * Random numbers of a run: named streams derived from one seed, so that a new component does not shift the draws of the others.
 * The generator is sfc32 (public domain, by Chris Doty-Humphrey); streams are told apart by hashing their name into its state.
 */

export interface Random {
  /** A number in [0, 1). */
  next(): number
  /** An integer in [min, max], both included. */
  int(min: number, max: number): number
  /** One of the items, each as likely as the others. */
  pick<T>(items: readonly T[]): T
  /** `ms` lengthened by up to `factor` of itself, as wait.Jitter does. */
  jitter(ms: number, factor: number): number
}

/** FNV-1a over UTF-16 code units, 32 bits. */
export function hash32(text: string, seed = 0x811c9dc5): number {
  let h = seed >>> 0
  for (let i = 0; i < text.length; i++) {
    h ^= text.charCodeAt(i)
    h = Math.imul(h, 0x01000193)
  }
  return h >>> 0
}

/** A stream of random numbers that depends on the seed and the name alone. */
export function createRandom(seed: string, name: string): Random {
  let a = hash32(seed, 0x9e3779b9)
  let b = hash32(name, 0x85ebca6b)
  let c = hash32(`${seed}\u0000${name}`)
  let d = 1
  const next32 = (): number => {
    const t = (a + b + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return t >>> 0
  }
  for (let i = 0; i < 12; i++) next32()
  const next = (): number => next32() / 4294967296
  const int = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1))
  return {
    next,
    int,
    pick: (items) => items[int(0, items.length - 1)],
    jitter: (ms, factor) => ms + next() * factor * ms,
  }
}

const hexDigits = '0123456789abcdef'
/** `x` is any digit, `y` one of 8, 9, a, b. */
const uuidPattern = 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'

/** A UUID of version 4. */
export function randomUuid(random: Random): string {
  const codes: number[] = []
  for (let i = 0; i < uuidPattern.length; i++) {
    const sign = uuidPattern[i]
    if (sign === 'x') codes.push(hexDigits.charCodeAt(random.int(0, 15)))
    else if (sign === 'y') codes.push(hexDigits.charCodeAt(8 + random.int(0, 3)))
    else codes.push(uuidPattern.charCodeAt(i))
  }
  return String.fromCharCode(...codes)
}
