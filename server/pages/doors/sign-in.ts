/**
 * Signing in by a provider. Who comes for the first time makes an account of it, or connects one that they have by its passphrase: an address that
 * the provider tells takes over nothing.
 */
import { randomBytes } from 'node:crypto'
import type { CookieOptions, Request, RequestHandler, Response } from 'express'
import { z } from 'zod'
import { accountNameOf, isRefusal } from '../../accounts/accounts.ts'
import { drawAccountName } from '../../accounts/words.ts'
import { flowMinutes, type OidcRefusal, type OutsidePerson } from '../../doors/oidc.ts'
import { cookieOf, seal, unseal } from '../../doors/sealed-cookie.ts'
import { t } from '../../i18n/translate.ts'
import { urlOfAddress } from '../../render/local-address.ts'
import { contextOf } from '../../render/page.ts'
import { notFound } from '../../render/problem.ts'
import { givenRoles } from '../../sittings/roles.ts'
import type { Account } from '../../storage/types.ts'
import { accountCallerOf } from '../caller.ts'
import type { AppDeps } from '../deps.ts'
import { enterAccount, enterNewAccount } from '../enter-account.ts'
import { field } from '../form.ts'
import { refusalWords, statusOf } from '../refusals.ts'

type Page = 'begin' | 'back' | 'form' | 'connect' | 'out'

const markCookie = 'podium-oidc'
const personCookie = 'podium-oidc-person'
const minuteMs = 60_000

const personSchema = z.object({
  ...{ key: z.string(), name: z.string(), mail: z.string().nullable() },
  roles: z.array(z.enum(givenRoles)).optional(),
})

export function outsideSignInPages(deps: AppDeps): Record<Page, RequestHandler> {
  const cookie: CookieOptions = { httpOnly: true, sameSite: 'lax', secure: deps.config.secureCookies, path: '/account' }
  const provider = () => {
    if (!deps.oidc) throw notFound(t('This page'))
    return deps.oidc
  }

  const refuse = (req: Request, res: Response, refusal: OidcRefusal): void => {
    const { name } = provider()
    if ('code' in refusal) deps.logger.warn({ code: refusal.code }, 'nobody was signed in by the provider')
    deps.renderer.send(req, res, {
      template: 'doors/not-signed-in',
      title: t('Sign in'),
      section: 'account',
      status: refusal.refused === 'unreachable' ? 503 : 422,
      model: { name, problem: wordsOf(refusal, name) },
    })
  }

  const sendForm = (
    req: Request,
    res: Response,
    person: OutsidePerson,
    over: Partial<ConnectForm> = {},
    status = 200,
  ) =>
    deps.renderer.send(req, res, {
      template: 'doors/connect',
      title: t('Sign in with {name}', { name: provider().name }),
      section: 'account',
      isSecret: true,
      status,
      model: {
        ...{ provider: provider().name, mail: person.mail, signedInAs: contextOf(res).account },
        form: {
          ...{ name: suggested(person.name), own: contextOf(res).account ?? '', problem: '', at: 'make' },
          ...over,
        },
      },
    })

  /** Whom the provider has named a moment ago, in this browser. */
  const personOf = (req: Request): OutsidePerson | undefined => {
    const kept = unseal(cookieOf(req.headers.cookie, personCookie), personCookie, deps.now(), deps.secret)
    const read = personSchema.safeParse(kept)
    return read.success ? { ...read.data, roles: read.data.roles } : undefined
  }

  /** The account that the provider's person has here. */
  const accountOf = async ({ key }: OutsidePerson): Promise<Account | undefined> => {
    const known = await deps.storage.outsideIdentities.find(key)
    const account = known && (await deps.accounts.find(known.account))
    return account?.learnerId === known?.learnerId ? account : undefined
  }

  /** @returns false when the person has another account meanwhile */
  const tie = async ({ key }: OutsidePerson, account: Account): Promise<boolean> => {
    const known = await deps.storage.outsideIdentities.find(key)
    const former = known && (await deps.accounts.find(known.account))
    const isGone = former?.learnerId !== known?.learnerId || former === undefined
    const identity = { key, account: account.name, learnerId: account.learnerId, createdAtMs: deps.now() }
    const claimed = await deps.storage.outsideIdentities.claim(
      identity,
      (one) => isGone && one.account === known?.account && one.learnerId === known.learnerId,
    )
    if (claimed.account !== account.name || claimed.learnerId !== account.learnerId) return false
    await deps.audit.enter(account.learnerId, 'account-connected', { identity: key.slice(0, 16) })
    return true
  }

  const enter = async (req: Request, res: Response, person: OutsidePerson, account: Account): Promise<void> => {
    await followRoles(deps, person, account)
    res.clearCookie(personCookie, cookie)
    await enterAccount(deps, req, res, account, 'provider')
  }

  return {
    begin: async (req, res) => {
      const begun = await provider().begin()
      if ('refused' in begun) return refuse(req, res, begun)
      res.cookie(markCookie, seal({ mark: begun.mark }, markCookie, deps.now() + flowMinutes * minuteMs, deps.secret), {
        ...{ ...cookie, maxAge: flowMinutes * minuteMs },
      })
      contextOf(res).leaveTo(begun.url, await provider().origins())
    },

    back: async (req, res) => {
      const kept = unseal(cookieOf(req.headers.cookie, markCookie), markCookie, deps.now(), deps.secret)
      res.clearCookie(markCookie, cookie)
      const { mark = '' } = (kept ?? {}) as { mark?: string }
      const person = await provider().finish(urlOfAddress(req.originalUrl).search, mark)
      if ('refused' in person) return refuse(req, res, person)
      const account = await accountOf(person)
      if (account) return enter(req, res, person, account)
      res.cookie(personCookie, seal(person, personCookie, deps.now() + flowMinutes * minuteMs, deps.secret), {
        ...{ ...cookie, maxAge: flowMinutes * minuteMs },
      })
      res.redirect(303, '/account/oidc/connect')
    },

    form: (req, res) => {
      provider()
      const person = personOf(req)
      return person ? sendForm(req, res, person) : refuse(req, res, { refused: 'flow' })
    },

    connect: async (req, res) => {
      provider()
      const person = personOf(req)
      if (!person) return refuse(req, res, { refused: 'flow' })
      const { learnerId, account: signedInAs } = contextOf(res)
      const name = field(req, 'name')
      if (field(req, 'do') === 'connect') {
        const problemAt = (problem: string, status: number) =>
          sendForm(req, res, person, { own: name, at: 'connect', problem }, status)
        const found = await deps.accounts.check(name, field(req, 'passphrase'), accountCallerOf(req, res, deps))
        if (isRefusal(found)) return problemAt(refusalWords(found), statusOf(found))
        if (!(await tie(person, found))) return problemAt(taken(), 409)
        return enter(req, res, person, found)
      }
      if (signedInAs !== null) return res.redirect(303, '/account/oidc/connect')
      // Nobody knows it: a passphrase of one's own can be set within the first minutes, or by a link.
      const passphrase = randomBytes(30).toString('base64url')
      const made = await deps.accounts.create(learnerId, { name, passphrase }, accountCallerOf(req, res, deps))
      if (isRefusal(made))
        return sendForm(req, res, person, { name, at: 'make', problem: refusalWords(made) }, statusOf(made))
      if (!(await tie(person, made))) {
        await deps.accounts.remove(made.name)
        return sendForm(req, res, person, { name, at: 'make', problem: taken() }, 409)
      }
      if (person.mail !== null) await deps.accounts.claimMail(made.name, person.mail)
      await followRoles(deps, person, made)
      res.clearCookie(personCookie, cookie)
      await enterNewAccount(deps, req, res, made, 'provider')
    },

    out: async (_req, res) => {
      const url = await provider().signOutUrl()
      if (url === undefined) return res.redirect(303, '/account')
      contextOf(res).leaveTo(url, await provider().origins())
    },
  }
}

interface ConnectForm {
  name: string
  own: string
  problem: string
  at: 'make' | 'connect'
}

const taken = (): string => t('You already have an account here with that sign-in. Sign in again.')

function wordsOf(refusal: OidcRefusal, name: string): string {
  switch (refusal.refused) {
    case 'flow':
      return t('This sign-in was begun in another browser, or too long ago. Begin again.')
    case 'denied':
      return t('You did not go on at {name}, so you are not signed in.', { name })
    case 'unreachable':
      return t('{name} cannot be reached right now. Try again later, or sign in with a passphrase.', { name })
    case 'answer':
      return t(
        'The answer from {name} could not be verified, so you are not signed in. Begin again; if this keeps happening, tell whoever runs this site.',
        {
          name,
        },
      )
  }
}

/** What somebody is called elsewhere, as a name of an account. */
function suggested(name: string): string {
  const own = accountNameOf(name)
    .replace(/@.*$/, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40)
    .replace(/-$/, '')
  return own.length >= 3 ? own : drawAccountName()
}

/** Roles that the provider decides are as it says, at each sign-in; the last admin stays one. */
async function followRoles(deps: AppDeps, { roles }: OutsidePerson, account: Account): Promise<void> {
  if (!roles) return
  const has = await deps.staff.rolesOf(account)
  for (const role of givenRoles) {
    if (deps.config.oidc?.roleNames[role] === undefined || roles.includes(role) === has.includes(role)) continue
    const isGiven = roles.includes(role)
    if (isGiven) await deps.staff.grant(account, role, null)
    else if (!(await deps.staff.revoke(account.name, role))) continue
    await deps.audit.enter('system', isGiven ? 'role-granted' : 'role-revoked', { learner: account.learnerId, role })
  }
}
