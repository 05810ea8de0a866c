/** Accounts: made, signed in to by a passphrase or by a link, changed and removed. Who guesses is slowed down, and told nothing. */
import { createHash, randomBytes } from 'node:crypto'
import type { Account, SignInLink, Storage } from '../storage/types.ts'
import {
  createHashing,
  type Hashing,
  HashingBusy,
  type Lane,
  type PassphraseProblem,
  passphraseProblem,
} from './passphrase.ts'
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
  /** Enough accounts were made from the address. */
  | { refused: 'made'; waitMs: number }
  /** Enough names that were taken were tried from the address. */
  | { refused: 'names'; waitMs: number }
  /** Enough links were made for the account; the latest is good for as long as that lasts. */
  | { refused: 'links'; waitMs: number }
  | { refused: 'busy' }
  | { refused: 'mail-form' }
  | { refused: 'mail-taken' }
  | { refused: 'link' }

/** A try that was let through. */
interface Counted {
  lane: Lane
  wasRight(): void
  /** It came to nothing for no fault of the caller's. */
  takeBack(): void
}

/** Whom tries are counted for. */
export interface Caller {
  /** In the network. */
  address: string
  /**
   * Names the browser if somebody was let in by it before to the account with this name or mail address. Undefined for a stranger.
   * Known without a look at the account, so that the time it takes tells nothing of which accounts there are.
   */
  browserFor(typed: string): string | undefined
}

export interface Accounts {
  find(name: string): Promise<Account | undefined>
  /** @param by for who tries too often */
  create(learnerId: string, given: { name: string; passphrase: string }, by: Caller): Promise<Account | Refusal>
  /** By name and passphrase. */
  check(name: string, passphrase: string, by: Caller): Promise<Account | Refusal>
  changePassphrase(name: string, passphrase: string): Promise<Account | Refusal>
  /** A link for the account that a name or a confirmed address stands for; in a while, and undefined when there is none. */
  linkFor(nameOrMail: string, by: Caller): { link: Promise<{ account: Account; token: string } | undefined> } | Refusal
  /** A link that confirms an address. */
  linkToConfirm(name: string, mail: string, by: Caller): Promise<{ mail: string; token: string } | Refusal>
  /** What a link is for, as long as it is good. */
  readLink(token: string): Promise<SignInLink | undefined>
  /** Uses a link up. */
  useLink(token: string): Promise<{ account: Account; confirmed: string | null } | Refusal>
  /** An address that somebody trusted has confirmed. @returns false when it is none, or another account has it */
  claimMail(name: string, mail: string): Promise<boolean>
  removeMail(name: string): Promise<void>
  remove(name: string): Promise<void>
}

export interface AccountsOptions {
  storage: Pick<Storage, 'accounts' | 'signInLinks' | 'accountMails' | 'outsideIdentities' | 'ltiLines' | 'ltiCourses'>
  now: () => number
  hashing?: Hashing
}

export const linkMinutes = 15
const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs
const quarterMs = 15 * minuteMs
/** Wrong passphrases for an account, of all strangers together. */
const wrongPerAccount = { most: 10, windowMs: quarterMs }
/** Wrong passphrases of strangers from an address: a class sits behind one. */
const wrongPerAddress = { most: 60, windowMs: quarterMs }
/** Wrong passphrases for an account in a browser that it knows, whatever strangers do. */
const wrongPerBrowser = { most: 10, windowMs: quarterMs }
/** Accounts made from an address, names that were taken included. */
const madePerAddress = { most: 120, windowMs: 60 * minuteMs }
/** Names that were taken, from an address: who asks for many wants to know which accounts there are. */
const takenPerAddress = { most: 20, windowMs: 60 * minuteMs }
/**
 * Links for an account: of all strangers together, of those at one address, and in a browser that it knows. A link lives as long as these
 * are counted, so that whoever is refused has one that is good.
 */
const linksPerAccount = { most: 6, windowMs: quarterMs }
const linksPerPlace = { most: 3, windowMs: quarterMs }
/** Links from an address, for whatever accounts. */
const linksPerAddress = { most: 30, windowMs: quarterMs }
/** Letters that ask to confirm an address: of an account, to an address, and from one of the network. */
const lettersPerPerson = { most: 3, windowMs: quarterMs }
const lettersPerAddress = { most: 30, windowMs: quarterMs }

const namePattern = /^[a-z0-9](?:[a-z0-9]|-(?!-)){1,38}[a-z0-9]$/
/** What mail servers agree on; whether somebody reads it, a letter tells. */
const mailPattern = /^[^\s@<>(),;:"\\]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?$/

export const isRefusal = (value: object | undefined): value is Refusal => value !== undefined && 'refused' in value

/** As it is typed, with capitals or spaces around it. */
export const accountNameOf = (text: string): string => text.trim().toLowerCase()
const mailOf = accountNameOf

export function createAccounts({ storage, now, hashing = createHashing() }: AccountsOptions): Accounts {
  const throttle = (limit: { most: number; windowMs: number }) => new Throttle({ ...limit, now })
  const wrong = {
    account: throttle(wrongPerAccount),
    address: throttle(wrongPerAddress),
    browser: throttle(wrongPerBrowser),
  }
  const links = {
    account: throttle(linksPerAccount),
    place: throttle(linksPerPlace),
    address: throttle(linksPerAddress),
  }
  const letters = { person: throttle(lettersPerPerson), address: throttle(lettersPerAddress) }
  const made = throttle(madePerAddress)
  const taken = throttle(takenPerAddress)

  /**
   * Counts a try of a passphrase before the work is done, so that many at once count as many. Names that nobody has count alike.
   * @returns how long to wait when there were too many
   */
  const countTry = (typed: string, { address, browserFor }: Caller): Counted | { waitMs: number } => {
    const name = typed.slice(0, 64)
    const browser = browserFor(name)
    if (browser !== undefined) {
      const key = `${name} ${browser}`
      const waitMs = wrong.browser.take(key)
      return waitMs > 0
        ? { waitMs }
        : { lane: 'known', wasRight: () => wrong.browser.forget(key), takeBack: () => wrong.browser.giveBack(key) }
    }
    // The address first: who may not try any more uses up nothing of an account either.
    const waitAtMs = wrong.address.take(address)
    if (waitAtMs > 0) return { waitMs: waitAtMs }
    const waitForMs = wrong.account.take(name)
    if (waitForMs > 0) {
      wrong.address.giveBack(address)
      return { waitMs: waitForMs }
    }
    return {
      lane: 'stranger',
      wasRight: () => {
        wrong.account.forget(name)
        wrong.address.giveBack(address)
      },
      takeBack: () => {
        wrong.account.giveBack(name)
        wrong.address.giveBack(address)
      },
    }
  }

  /** Counts a link that is asked for. @returns why there is none, or undefined */
  const countLink = (typed: string, { address, browserFor }: Caller): Refusal | undefined => {
    const browser = browserFor(typed)
    if (browser !== undefined) {
      const waitMs = links.place.take(`${typed} in ${browser}`)
      return waitMs > 0 ? { refused: 'links', waitMs } : undefined
    }
    const waitAtMs = links.address.take(address)
    if (waitAtMs > 0) return { refused: 'wait', waitMs: waitAtMs }
    const waitForMs = links.place.take(`${typed} at ${address}`) || links.account.take(typed)
    return waitForMs > 0 ? { refused: 'links', waitMs: waitForMs } : undefined
  }

  const newLink = async (account: string, mail: string | null): Promise<string> => {
    const token = randomBytes(32).toString('base64url')
    const link = { sha256: sha256(token), account, mail, expiresAtMs: now() + linkMinutes * minuteMs, isUsed: false }
    await storage.signInLinks.keep(link, now() - dayMs)
    return token
  }
  const hashed = async (passphrase: string, lane: Lane) =>
    hashing.hash(passphrase, lane).catch((error: unknown): { refused: 'busy' } => {
      if (error instanceof HashingBusy) return { refused: 'busy' }
      throw error
    })

  return {
    find: async (name) => (namePattern.test(name) ? storage.accounts.find(name) : undefined),

    async create(learnerId, { name: typed, passphrase }, { address }) {
      const name = accountNameOf(typed)
      if (!namePattern.test(name)) return { refused: 'name-form' }
      const problem = passphraseProblem(passphrase, name)
      if (problem) return { refused: 'passphrase', problem }
      const waitMs = made.take(address)
      if (waitMs > 0) return { refused: 'made', waitMs }
      const waitNamesMs = taken.waitMs(address)
      if (waitNamesMs > 0) return { refused: 'names', waitMs: waitNamesMs }
      if (await storage.accounts.find(name)) {
        taken.take(address)
        return { refused: 'name-taken' }
      }
      const kept = await hashed(passphrase, 'stranger')
      if ('refused' in kept) return kept
      const account = { name, learnerId, createdAtMs: now(), passphrase: kept, mail: null }
      return (await storage.accounts.create(account)) ? account : { refused: 'name-taken' }
    },

    async check(typed, passphrase, by) {
      const name = accountNameOf(typed)
      const counted = countTry(name, by)
      if ('waitMs' in counted) return { refused: 'wait', waitMs: counted.waitMs }
      const account = namePattern.test(name) ? await storage.accounts.find(name) : undefined
      const isRight = await hashing
        .isSame(passphrase.slice(0, 1000), account?.passphrase, counted.lane)
        .catch((error: unknown) => {
          if (error instanceof HashingBusy) return 'busy' as const
          throw error
        })
      if (isRight === 'busy') {
        counted.takeBack()
        return { refused: 'busy' }
      }
      if (!account || !isRight) return { refused: 'wrong' }
      counted.wasRight()
      return account
    },

    async changePassphrase(name, passphrase) {
      const problem = passphraseProblem(passphrase, name)
      if (problem) return { refused: 'passphrase', problem }
      const kept = await hashed(passphrase, 'known')
      if ('refused' in kept) return kept
      await storage.signInLinks.removeOf(name)
      return storage.accounts.update(name, (account) => ({ ...account, passphrase: kept }))
    },

    linkFor(nameOrMail, by) {
      const typed = accountNameOf(nameOrMail).slice(0, 320)
      const refusal = countLink(typed, by)
      if (refusal) return refusal
      const make = async () => {
        const name = mailPattern.test(typed) ? await storage.accountMails.find(sha256(typed)) : typed
        const account = name !== undefined && namePattern.test(name) ? await storage.accounts.find(name) : undefined
        return account && { account, token: await newLink(account.name, null) }
      }
      return { link: make() }
    },

    async linkToConfirm(name, typed, { address }) {
      const mail = mailOf(typed)
      if (!mailPattern.test(mail)) return { refused: 'mail-form' }
      const waitMs =
        letters.person.take(`of ${name}`) || letters.person.take(`to ${mail}`) || letters.address.take(address)
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

    async claimMail(name, typed) {
      const mail = mailOf(typed)
      if (!mailPattern.test(mail)) return false
      if (!(await storage.accountMails.claim(sha256(mail), name))) return false
      await storage.accounts.update(name, (account) => ({ ...account, mail }))
      return true
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
      await storage.outsideIdentities.removeOf(name)
      await storage.ltiLines.removeOf(name)
      for (const { key } of await storage.ltiCourses.ofTeacher(account.learnerId))
        await storage.ltiCourses.leave(key, account.learnerId)
      await storage.accounts.remove(name)
    },
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
