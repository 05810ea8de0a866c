/** The account: made, signed in to, changed and removed. A learner needs none; with one, the same work is on other devices. */
import { createHmac } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'
import { accountNameOf, isRefusal, type Refusal } from '../../accounts/accounts.ts'
import { giveCookie, rememberBrowser, takeCookie } from '../../accounts/cookies.ts'
import { passphraseProblem } from '../../accounts/passphrase.ts'
import { drawAccountName, drawPassphrase, words } from '../../accounts/words.ts'
import { countAll, gatherWork, isNothing } from '../../belongings/belongings.ts'
import { moveAll } from '../../belongings/keep.ts'
import { limitsPassed } from '../../belongings/limits.ts'
import { coursesOf } from '../../doors/lti-roster.ts'
import { msg, t } from '../../i18n/translate.ts'
import { attemptsOf } from '../../practice/act-on-attempt.ts'
import { takeSeat } from '../../practice/take-seat.ts'
import { contextOf } from '../../render/page.ts'
import { practiceSeat } from '../../seat.ts'
import { may } from '../../sittings/roles.ts'
import { accountCallerOf } from '../caller.ts'
import { inWords } from '../counts.ts'
import type { AppDeps } from '../deps.ts'
import { enterAccount, enterNewAccount } from '../enter-account.ts'
import { field, query } from '../form.ts'
import { isFresh, reassure } from '../reassure.ts'
import { refusalWords, statusOf } from '../refusals.ts'
import { linkMail } from './link-mail.ts'
import { doneWords, loggedLink, mailedLink, type PassphraseForm } from './words.ts'

type Page =
  | 'show'
  | 'create'
  | 'signInForm'
  | 'signIn'
  | 'askLink'
  | 'link'
  | 'useLink'
  | 'beforeForm'
  | 'before'
  | 'signOut'
  | 'passphrase'
  | 'mail'
  | 'removeForm'
  | 'remove'

const beingGraded = msg('Some of this work is being graded right now. Nothing was changed; try again in a moment.')

export function accountPages(deps: AppDeps): Record<Page, RequestHandler> {
  const mailer = linkMail(deps)

  const sendPage = (req: Request, res: Response, template: string, title: string, model: object, status = 200) => {
    // A passphrase stands on some of these pages.
    deps.renderer.send(req, res, {
      template: `account/${template}`,
      ...{ title, section: 'account', status, model, isSecret: true },
    })
  }

  const sendMake = (req: Request, res: Response, over: Partial<MakeForm> = {}, status = 200) => {
    const form: MakeForm = {
      ...passphraseForm(req),
      name: field(req, 'name').trim() || drawAccountName(),
      nameProblem: '',
      problem: '',
      ...over,
    }
    const about = t(
      'You need no account: your work belongs to this browser, by a cookie. With an account you sign in elsewhere and go on there, and your work is still yours when the cookie is gone.',
    )
    const isOut = query(req, 'done') === 'signed-out' && query(req, 'from') === 'provider'
    sendPage(
      req,
      res,
      'make',
      t('Account'),
      {
        ...{ form, about, done: doneWords(query(req, 'done')), provider: deps.oidc?.name },
        signedInAt: isOut ? deps.oidc?.name : undefined,
      },
      status,
    )
  }

  const sendOwn = async (
    req: Request,
    res: Response,
    name: string,
    over: { passphrase?: Partial<PassphraseForm>; mailProblem?: string; mailAt?: 'mail' | 'current' } = {},
    status = 200,
  ) => {
    const context = contextOf(res)
    const [account, found] = [await deps.accounts.find(name), await deps.sessions.find(context)]
    if (account && accountCallerOf(req, res, deps).browserFor(name) === context.token)
      rememberBrowser(req, res, account, deps)
    const before = context.before && (await countAll(deps, practiceSeat(context.before)))
    sendPage(
      req,
      res,
      'own',
      t('Account'),
      {
        name,
        mail: account?.mail ?? null,
        hasMail: deps.mail !== undefined,
        others: found?.others ?? 0,
        isFresh: await isFresh(deps, res),
        cameBy: found?.current.by,
        before: before && !isNothing(before) ? inWords(before) : undefined,
        form: { ...passphraseForm(req), ...over.passphrase },
        mailTyped: field(req, 'mail'),
        mailProblem: over.mailProblem ?? '',
        mailAt: over.mailAt ?? 'mail',
        done: doneWords(query(req, 'done')),
        courses: await coursesOf(deps, context.learnerId),
        mayGrant: context.roles.some((role) => may(role, 'grant-roles')),
        mayLead: context.roles.some((role) => may(role, 'see-wall')),
        mayExport: context.roles.some((role) => may(role, 'export-questions')),
        mayHire: context.roles.some((role) => may(role, 'create-job')),
      },
      status,
    )
  }

  const sendSignIn = (
    req: Request,
    res: Response,
    over: { problem?: string; linkProblem?: string; isLinkSent?: boolean; isLinkAsked?: boolean } = {},
    status = 200,
  ) => {
    const hasMail = deps.mail !== undefined
    sendPage(
      req,
      res,
      'sign-in',
      t('Sign in'),
      {
        name: field(req, 'name'),
        who: field(req, 'who'),
        problem: '',
        linkProblem: '',
        isLinkSent: false,
        hasMail,
        hasLinks: mailer.isPossible,
        provider: deps.oidc?.name,
        linkTold: hasMail ? mailedLink() : loggedLink(),
        isLinkAsked: query(req, 'link') === 'yes' || over.linkProblem !== undefined,
        ...over,
      },
      status,
    )
  }

  return {
    show: async (req, res) => {
      const { account } = contextOf(res)
      if (account === null) sendMake(req, res)
      else await sendOwn(req, res, account)
    },

    create: async (req, res) => {
      const { learnerId, account } = contextOf(res)
      if (account !== null) return res.redirect(303, '/account')
      const form = readPassphrase(req, accountNameOf(field(req, 'name')))
      if ('problem' in form) return sendMake(req, res, { problem: form.problem, at: form.at }, 422)
      const name = field(req, 'name')
      const made = await deps.accounts.create(
        learnerId,
        { name, passphrase: form.passphrase },
        accountCallerOf(req, res, deps),
      )
      if (isRefusal(made)) {
        const words = refusalWords(made)
        const isOfName = made.refused === 'name-form' || made.refused === 'name-taken'
        return sendMake(req, res, isOfName ? { nameProblem: words } : { problem: words }, statusOf(made))
      }
      await enterNewAccount(deps, req, res, made, 'passphrase')
    },

    signInForm: (req, res) => {
      if (contextOf(res).account !== null) return res.redirect(303, '/account')
      sendSignIn(req, res, { isLinkSent: query(req, 'link') === 'sent' })
    },

    signIn: async (req, res) => {
      if (contextOf(res).account !== null) return res.redirect(303, '/account')
      const account = await deps.accounts.check(
        field(req, 'name'),
        field(req, 'passphrase'),
        accountCallerOf(req, res, deps),
      )
      if (isRefusal(account)) {
        const isLocked = account.refused === 'wait'
        const otherWays = t(
          'Other people’s attempts do not block a browser in which you have signed in before, and a link to sign in works too.',
        )
        const problem = isLocked ? `${refusalWords(account)} ${otherWays}` : refusalWords(account)
        return sendSignIn(req, res, { problem, ...(isLocked ? { isLinkAsked: true } : {}) }, statusOf(account))
      }
      await enterAccount(deps, req, res, account, 'passphrase')
    },

    askLink: async (req, res) => {
      if (!mailer.isPossible || field(req, 'who').trim() === '')
        return sendSignIn(req, res, { linkProblem: t('Type the name of the account first.') }, 422)
      const asked = deps.accounts.linkFor(field(req, 'who'), accountCallerOf(req, res, deps))
      if (isRefusal(asked)) return sendSignIn(req, res, { linkProblem: refusalWords(asked) }, statusOf(asked))
      const site = mailer.siteOf(req)
      // Not waited for: how long it takes would tell whether there is such an account.
      asked.link.then(
        (link) => link && mailer.sendLink(site, link.account, link.token),
        (error: unknown) => deps.logger.error({ err: error }, 'a link could not be made'),
      )
      res.redirect(303, '/account/sign-in?link=sent')
    },

    link: async (req, res) => {
      const token = query(req, 'token')
      const link = await deps.accounts.readLink(token)
      const { account } = contextOf(res)
      const isElsewhere = link !== undefined && link.mail !== null && link.account !== account
      sendPage(
        req,
        res,
        'link',
        t('Sign in'),
        { token, link, isElsewhere, signedInAs: account, problem: link ? '' : refusalWords({ refused: 'link' }) },
        link ? 200 : 410,
      )
    },

    useLink: async (req, res) => {
      const token = field(req, 'token')
      const link = await deps.accounts.readLink(token)
      const isElsewhere = link !== undefined && link.mail !== null && link.account !== contextOf(res).account
      const used: Awaited<ReturnType<typeof deps.accounts.useLink>> =
        link === undefined || isElsewhere ? { refused: 'link' } : await deps.accounts.useLink(token)
      if (isRefusal(used)) {
        const model = { token, link: undefined, isElsewhere, signedInAs: null, problem: refusalWords(used) }
        return sendPage(req, res, 'link', t('Sign in'), model, statusOf(used))
      }
      if (used.confirmed !== null) {
        rememberBrowser(req, res, used.account, deps)
        return res.redirect(303, '/account?done=mail')
      }
      await enterAccount(deps, req, res, used.account, 'link')
    },

    beforeForm: async (req, res) => {
      await sendBefore(req, res, query(req, 'choose') === 'yes' ? t('First choose what to do with this work.') : '')
    },

    before: async (req, res) => {
      const { learnerId, account, before } = contextOf(res)
      const act = field(req, 'do')
      if (account === null || !before) return res.redirect(303, '/account')
      if (act === 'leave') return res.redirect(303, '/account?done=left')
      if (act !== 'merge') return res.redirect(303, '/account/before?choose=yes')
      const [own, left] = await Promise.all([learnerId, before].map((id) => gatherWork(deps, practiceSeat(id))))
      const most = inWords(limitsPassed(own!, left!))
      if (most.length > 0) {
        const problem = t(
          'Together this is more than one learner may have: {most}. Nothing was changed; the work stays in this browser.',
          { most: most.join(t(', ')) },
        )
        return sendBefore(req, res, problem, 422)
      }
      if (await deps.gradings.owes(before)) return sendBefore(req, res, t(beingGraded), 409)
      await takeSeat(deps, practiceSeat(learnerId))
      await moveAll(deps, practiceSeat(before), practiceSeat(learnerId))
      takeCookie(res, 'podium-before')
      res.redirect(303, '/account?done=merged')
    },

    signOut: async (req, res) => {
      const { learnerId, token, account, before } = contextOf(res)
      if (account === null) return res.redirect(303, '/account')
      if (field(req, 'which') === 'others') {
        await deps.sessions.closeOthers({ learnerId, token })
        return res.redirect(303, '/account?done=others')
      }
      if (before) giveCookie(res, 'podium', { learnerId: before, token: undefined }, deps)
      else takeCookie(res, 'podium')
      takeCookie(res, 'podium-before')
      const by = (await deps.sessions.find({ learnerId, token }))?.current.by
      await deps.sessions.close({ learnerId, token })
      res.redirect(303, `/account?done=signed-out${by === 'provider' ? '&from=provider' : ''}`)
    },

    passphrase: async (req, res) => {
      const { account } = contextOf(res)
      if (account === null) return res.redirect(303, '/account')
      const refuse = (passphrase: Partial<PassphraseForm>, status = 422) =>
        sendOwn(req, res, account, { passphrase: { isOpen: true, ...passphrase } }, status)
      const form = readPassphrase(req, account)
      if ('problem' in form) return refuse(form)
      const doubt = await reassure(deps, req, res, account)
      if (doubt) return refuse({ at: 'current', problem: doubt.problem }, doubt.status)
      const changed = await deps.accounts.changePassphrase(account, form.passphrase)
      if (isRefusal(changed)) return refuse({ at: 'own', problem: refusalWords(changed) }, statusOf(changed))
      await deps.sessions.closeOthers(contextOf(res))
      res.redirect(303, '/account?done=passphrase')
    },

    mail: async (req, res) => {
      const { account } = contextOf(res)
      if (account === null) return res.redirect(303, '/account')
      const refuse = (mailProblem: string, status = 422, mailAt: 'mail' | 'current' = 'mail') =>
        sendOwn(req, res, account, { mailProblem, mailAt }, status)
      const isRemoved = field(req, 'do') === 'remove'
      if (!isRemoved && !deps.mail) return refuse(t('This server sends no email.'))
      const doubt = await reassure(deps, req, res, account)
      if (doubt) return refuse(doubt.problem, doubt.status, 'current')
      if (isRemoved) {
        await deps.accounts.removeMail(account)
        return res.redirect(303, '/account?done=mail-removed')
      }
      const site = mailer.siteOf(req)
      const link = await deps.accounts.linkToConfirm(account, field(req, 'mail'), accountCallerOf(req, res, deps))
      if (isRefusal(link)) return refuse(refusalWords(link), statusOf(link))
      if (!(await mailer.sendConfirmation(site, account, link)))
        return refuse(t('The mail server did not accept the email. Try again later.'), 503)
      res.redirect(303, '/account?done=mail-sent')
    },

    removeForm: async (req, res) => {
      const { account } = contextOf(res)
      if (account === null) return res.redirect(303, '/account')
      await sendRemove(req, res, account)
    },

    remove: async (req, res) => {
      const { learnerId, account, before } = contextOf(res)
      if (account === null) return res.redirect(303, '/account')
      if (field(req, 'confirm') !== 'yes')
        return sendRemove(req, res, account, { problem: t('Tick the box first. Nothing was deleted.') })
      const doubt = await reassure(deps, req, res, account)
      if (doubt) return sendRemove(req, res, account, { at: 'current', ...doubt })
      // The cookies of before the account, and of all its sessions, open nothing of this. Done again after a breakdown, it is the same one.
      const stays =
        before ?? createHmac('sha256', deps.secret).update(`left:${learnerId}`).digest('hex').slice(0, learnerId.length)
      if (await deps.gradings.owes(learnerId))
        return sendRemove(req, res, account, { problem: t(beingGraded), status: 409 })
      if (!(await deps.staff.remove(account)))
        return sendRemove(req, res, account, {
          problem: t('You are the only admin of this site. Make somebody else an admin first. Nothing was deleted.'),
        })
      await takeSeat(deps, practiceSeat(stays))
      await moveAll(deps, practiceSeat(learnerId), practiceSeat(stays))
      await deps.accounts.remove(account)
      giveCookie(res, 'podium', { learnerId: stays, token: undefined }, deps)
      takeCookie(res, 'podium-before')
      await deps.sessions.forget(learnerId)
      res.redirect(303, '/account?done=removed')
    },
  }

  async function sendBefore(req: Request, res: Response, problem: string, status = 200): Promise<void> {
    const { learnerId, account, before } = contextOf(res)
    const left = before && (await countAll(deps, practiceSeat(before)))
    if (account === null || !before || !left || isNothing(left)) return res.redirect(303, '/account')
    const model = {
      name: account,
      left: inWords(left),
      own: inWords(await countAll(deps, practiceSeat(learnerId))),
      openOnBoth: await openOnBoth(deps, before, learnerId),
      problem,
    }
    sendPage(req, res, 'before', t('Work from before you signed in'), model, status)
  }

  async function sendRemove(
    req: Request,
    res: Response,
    name: string,
    refused?: { problem: string; at?: 'current'; status?: number },
  ): Promise<void> {
    const { learnerId, before } = contextOf(res)
    const model = {
      name,
      problem: refused?.problem ?? '',
      at: refused?.at ?? 'confirm',
      isTicked: field(req, 'confirm') === 'yes',
      isFresh: await isFresh(deps, res),
      stays: inWords(await countAll(deps, practiceSeat(learnerId))),
      before: before ? inWords(await countAll(deps, practiceSeat(before))) : [],
    }
    sendPage(req, res, 'delete', t('Delete the account'), model, refused ? (refused.status ?? 422) : 200)
  }
}

interface MakeForm extends PassphraseForm {
  name: string
  nameProblem: string
}

/** The form for a new passphrase: one that was drawn, or one's own. */
function passphraseForm(req: Request): PassphraseForm {
  const sent = field(req, 'made')
  return {
    which: field(req, 'which') === 'own' ? 'own' : 'made',
    // The same again after a form that was refused: somebody may have written it down.
    made: isDrawn(sent) ? sent : drawPassphrase(),
    advice: t(
      'It is shown here and never again: the server keeps nothing from which it could be read. Write it down, print it, or save it in your browser’s password manager.',
    ),
    isOpen: false,
    problem: '',
    at: undefined,
  }
}

const isDrawn = (text: string): boolean => {
  const drawn = text.split(' ')
  return drawn.length === drawPassphrase(() => 0).split(' ').length && drawn.every((word) => words.includes(word))
}

function readPassphrase(
  req: Request,
  name: string,
): { passphrase: string } | { problem: string; at: 'own' | 'again' | 'saved' } {
  if (field(req, 'which') !== 'own') {
    const made = field(req, 'made')
    if (!isDrawn(made)) return { at: 'saved', problem: t('This passphrase was changed in transit. Use the new one.') }
    if (field(req, 'saved') !== 'yes')
      return { at: 'saved', problem: t('Keep the passphrase first, then tick the box: it is not shown again.') }
    return { passphrase: made }
  }
  const [own, again] = [field(req, 'own'), field(req, 'again')]
  const problem = ownProblem(own, name)
  if (problem) return { at: 'own', problem }
  return own === again
    ? { passphrase: own }
    : { at: 'again', problem: t('The two passphrases differ. Type the passphrase again in both fields.') }
}

function ownProblem(own: string, name: string): string {
  const problem = passphraseProblem(own, name)
  return problem === undefined ? '' : refusalWords({ refused: 'passphrase', problem } satisfies Refusal)
}

/** Challenges that both have open: of each, the attempt that was begun last is the one that opens. */
async function openOnBoth(deps: AppDeps, one: string, other: string): Promise<number> {
  const openOf = async (learnerId: string) => {
    const attempts = await attemptsOf(deps, practiceSeat(learnerId))
    return new Set(attempts.filter(({ state }) => state === 'open').map(({ challengeId }) => challengeId))
  }
  const [mine, theirs] = [await openOf(one), await openOf(other)]
  return [...mine].filter((id) => theirs.has(id)).length
}
