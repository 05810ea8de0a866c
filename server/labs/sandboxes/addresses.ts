/**
 * Secrets that open sandboxes: the address of the API, and the read-only link. A secret is drawn from a nonce in the record by the server's
 * own secret; stored is its hash, which opens nothing.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { SandboxRecord } from '../../storage/types.ts'
import type { SandboxAddress } from './types.ts'

export class Addresses {
  readonly #secret: string
  readonly #nowMs: () => number
  /** Told when an address ends, by its hash. */
  readonly #ends = new Map<string, Set<() => void>>()

  constructor(secret: string, nowMs: () => number) {
    this.#secret = secret
    this.#nowMs = nowMs
  }

  /** What is stored of a secret. */
  hashOf = sha256

  isOpen({ address }: SandboxRecord): boolean {
    return address !== null && address.expiresAtMs > this.#nowMs()
  }

  /** Undefined when it is over, or drawn by another key: then it opens nothing any more. */
  addressOf(record: SandboxRecord): SandboxAddress | undefined {
    const { id, address } = record
    if (!address || !this.isOpen(record)) return undefined
    const secret = this.#drawn('address', id, address.nonce)
    return sha256(secret) === address.sha256 ? { secret, expiresAtMs: address.expiresAtMs } : undefined
  }

  /** Another address in the place of the one that there is. @returns what is to be stored, and what it stands for */
  rotate(record: SandboxRecord, hours: number): { stored: SandboxRecord['address']; address: SandboxAddress } {
    this.end(record)
    const nonce = newNonce()
    const secret = this.#drawn('address', record.id, nonce)
    const hash = sha256(secret)
    const expiresAtMs = this.#nowMs() + hours * 3_600_000
    return { stored: { nonce, sha256: hash, expiresAtMs }, address: { secret, expiresAtMs } }
  }

  end({ address }: SandboxRecord): void {
    if (!address) return
    const hash = address.sha256
    const acts = this.#ends.get(hash)
    this.#ends.delete(hash)
    for (const act of acts ?? []) act()
  }

  endExpired(record: SandboxRecord): void {
    if (!this.isOpen(record)) this.end(record)
  }

  whenEnds(secret: string, act: () => void): () => void {
    const hash = sha256(secret)
    const acts = this.#ends.get(hash) ?? new Set()
    this.#ends.set(hash, acts)
    acts.add(act)
    return () => {
      acts.delete(act)
      if (acts.size === 0) this.#ends.delete(hash)
    }
  }

  /** The token of the link as it was drawn; by another key it opens nothing any more. */
  shareOf({ id, share }: SandboxRecord): string | undefined {
    return share ? this.#drawn('share', id, share.nonce) : undefined
  }

  /** Whether the link opens the sandbox. */
  isShared(record: SandboxRecord): boolean {
    const token = this.shareOf(record)
    return token !== undefined && sha256(token) === record.share!.sha256
  }

  /** Another link in the place of the one that there may be. */
  share(record: SandboxRecord): { stored: SandboxRecord['share']; token: string } {
    const nonce = newNonce()
    const token = this.#drawn('share', record.id, nonce)
    const hash = sha256(token)
    return { stored: { nonce, sha256: hash }, token }
  }

  /** What nobody guesses who has not the key. */
  #drawn(use: 'address' | 'share', id: string, nonce: string): string {
    return createHmac('sha256', this.#secret).update(`sandbox ${use}:${id}:${nonce}`).digest('base64url')
  }
}

const newNonce = (): string => randomBytes(12).toString('hex')

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
