/** Accounts: made, signed in to by a passphrase or by a link, changed and removed. Who guesses is slowed down, and told nothing. */
import { createHash, randomBytes } from 'node:crypto'
import type { Account, SignInLink, Storage } from '../storage/types.ts'
import { createHashing, type Hashing, HashingBusy, type PassphraseProblem, passphraseProblem } from './passphrase.ts'
import { Throttle } from './throttle.ts'

/** Why nothing was done: expected, and told to who asked. */
export type Refusal =
  | { refused: 'name-form' }
  | { refused: 'name-taken' }
  | { refused: 'passphrase'; problem: PassphraseProblem }
  /** The name or the passphrase: nobody is told which. */
  | { refused: 'wrong' }
  /** The passphrase of an account that is signed in. */
  | { refused: 'current' }
  | { refused: 'wait'; waitMs: number }
  | { refused: 'busy' }
  | { refused: 'mail-form' }
  | { refused: 'mail-taken' }
  | { refused: 'link' }

export interface Accounts {
  find(name: string): Promise<Account | undefined>
  /** @param address of the caller, for who tries too often */
  create(learnerId: string, given: { name: string; passphrase: string }, address: string): Promise<Account | Refusal>
  /** By name and passphrase. */
  check(name: string, passphrase: string, address: string): Promise<Account | Refusal>
  changePassphrase(name: string, passphrase: string): Promise<Account | Refusal>
  /** A link for the account that a name or a confirmed address stands for; in a while, and undefined when there is none. */
  linkFor(
    nameOrMail: string,
    address: string,
  ): { link: Promise<{ account: Account; token: string } | undefined> } | Refusal
  /** A link that confirms an address. */
  linkToConfirm(name: string, mail: string, address: string): Promise<{ mail: string; token: string } | Refusal>
  /** What a link is for, as long as it is good. */
  readLink(token: string): Promise<SignInLink | undefined>
  /** Uses a link up. */
  useLink(token: string): Promise<{ account: Account; confirmed: string | null } | Refusal>
  removeMail(name: string): Promise<void>
  remove(name: string): Promise<void>
}

export interface AccountsOptions {
  storage: Pick<Storage, 'accounts' | 'signInLinks' | 'accountMails'>
  now: () => number
  hashing?: Hashing
}

export const linkMinutes = 15
const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs
/** Wrong passphrases for an account. */
const wrongPerAccount = { most: 10, windowMs: 15 * minuteMs }
/** Wrong passphrases from an address: a class sits behind one. */
const wrongPerAddress = { most: 60, windowMs: 15 * minuteMs }
/** Accounts made from an address, names that were taken included. */
const madePerAddress = { most: 120, windowMs: 60 * minuteMs }
const linksPerAccount = { most: 3, windowMs: 15 * minuteMs }
const linksPerAddress = { most: 30, windowMs: 15 * minuteMs }

const namePattern = /^[a-z0-9](?:[a-z0-9]|-(?!-)){1,38}[a-z0-9]$/
/** What mail servers agree on; whether somebody reads it, a letter tells. */
const mailPattern = /^[^\s@<>(),;:"\\]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?$/

export const isRefusal = (value: object | undefined): value is Refusal => value !== undefined && 'refused' in value

/** As it is typed, with capitals or spaces around it. */
export const accountNameOf = (text: string): string => text.trim().toLowerCase()
const mailOf = accountNameOf

export function createAccounts({ storage, now, hashing = createHashing() }: AccountsOptions): Accounts {
  const throttle = (limit: { most: number; windowMs: number }) => new Throttle({ ...limit, now })
  const wrong = { account: throttle(wrongPerAccount), address: throttle(wrongPerAddress) }
  const links = { account: throttle(linksPerAccount), address: throttle(linksPerAddress) }
  const made = throttle(madePerAddress)

  const newLink = async (account: string, mail: string | null): Promise<string> => {
    const token = randomBytes(32).toString('base64url')
    const link = { sha256: sha256(token), account, mail, expiresAtMs: now() + linkMinutes * minuteMs, isUsed: false }
    await storage.signInLinks.keep(link, now() - dayMs)
    return token
  }
  const hashed = async (passphrase: string) =>
    hashing.hash(passphrase).catch((error: unknown): { refused: 'busy' } => {
      if (error instanceof HashingBusy) return { refused: 'busy' }
      throw error
    })

  return {
    find: async (name) => (namePattern.test(name) ? storage.accounts.find(name) : undefined),

    async create(learnerId, { name: typed, passphrase }, address) {
      const name = accountNameOf(typed)
      if (!namePattern.test(name)) return { refused: 'name-form' }
      const problem = passphraseProblem(passphrase, name)
      if (problem) return { refused: 'passphrase', problem }
      const waitMs = made.take(address)
      if (waitMs > 0) return { refused: 'wait', waitMs }
      if (await storage.accounts.find(name)) return { refused: 'name-taken' }
      const kept = await hashed(passphrase)
      if ('refused' in kept) return kept
      const account = { name, learnerId, createdAtMs: now(), passphrase: kept, mail: null }
      return (await storage.accounts.create(account)) ? account : { refused: 'name-taken' }
    },

    async check(typed, passphrase, address) {
      const name = accountNameOf(typed)
      // Counted before the work is done, so that many at once count as many. Names that nobody has count alike.
      const waitMs = wrong.account.take(name.slice(0, 64)) || wrong.address.take(address)
      if (waitMs > 0) return { refused: 'wait', waitMs }
      const account = namePattern.test(name) ? await storage.accounts.find(name) : undefined
      const isRight = await hashing.isSame(passphrase.slice(0, 1000), account?.passphrase).catch((error: unknown) => {
        if (error instanceof HashingBusy) return 'busy' as const
        throw error
      })
      if (isRight === 'busy') return { refused: 'busy' }
      if (!account || !isRight) return { refused: 'wrong' }
      wrong.account.forget(name)
      wrong.address.giveBack(address)
      return account
    },

    async changePassphrase(name, passphrase) {
      const problem = passphraseProblem(passphrase, name)
      if (problem) return { refused: 'passphrase', problem }
      const kept = await hashed(passphrase)
      if ('refused' in kept) return kept
      await storage.signInLinks.removeOf(name)
      return storage.accounts.update(name, (account) => ({ ...account, passphrase: kept }))
    },

    linkFor(nameOrMail, address) {
      const typed = accountNameOf(nameOrMail)
      const waitMs = links.account.take(typed.slice(0, 320)) || links.address.take(address)
      if (waitMs > 0) return { refused: 'wait', waitMs }
      const make = async () => {
        const name = mailPattern.test(typed) ? await storage.accountMails.find(sha256(typed)) : typed
        const account = name !== undefined && namePattern.test(name) ? await storage.accounts.find(name) : undefined
        return account && { account, token: await newLink(account.name, null) }
      }
      return { link: make() }
    },

    async linkToConfirm(name, typed, address) {
      const mail = mailOf(typed)
      if (!mailPattern.test(mail)) return { refused: 'mail-form' }
      const waitMs = links.account.take(`confirm:${name}`) || links.account.take(mail) || links.address.take(address)
      if (waitMs > 0) return { refused: 'wait', waitMs }
      return { mail, token: await newLink(name, mail) }
    },

    async readLink(token) {
      const link = await storage.signInLinks.find(sha256(token))
      return link && !link.isUsed && link.expiresAtMs > now() ? link : undefined
    },

    async useLink(token) {
      const link = await storage.signInLinks.take(sha256(token), now())
      const account = link && (await storage.accounts.find(link.account))
      if (!link || !account) return { refused: 'link' }
      if (link.mail === null) return { account, confirmed: null }
      if (!(await storage.accountMails.claim(sha256(link.mail), account.name))) return { refused: 'mail-taken' }
      if (account.mail !== null && account.mail !== link.mail) await storage.accountMails.remove(sha256(account.mail))
      const changed = await storage.accounts.update(account.name, (known) => ({ ...known, mail: link.mail }))
      return { account: changed, confirmed: link.mail }
    },

    async removeMail(name) {
      const mail = (await storage.accounts.find(name))?.mail
      if (!mail) return
      await storage.accounts.update(name, (account) => ({ ...account, mail: null }))
      await storage.accountMails.remove(sha256(mail))
    },

    async remove(name) {
      const account = await storage.accounts.find(name)
      if (!account) return
      await storage.signInLinks.removeOf(name)
      if (account.mail) await storage.accountMails.remove(sha256(account.mail))
      await storage.accounts.remove(name)
    },
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
