/** Who is invited to an exercise: one person or a file of them, a window, more time where it is needed, and a link that is told once. */
import type { Request, RequestHandler, Response } from 'express'
import { candidatesOf, isOver, numberOf } from '../../hiring/candidates.ts'
import {
  type BadLine,
  invite,
  type Person,
  readPeople,
  readPerson,
  renew,
  revoke,
  type Terms,
} from '../../hiring/invitations.ts'
import { invitationLetter } from '../../hiring/letter.ts'
import { t } from '../../i18n/translate.ts'
import { contextOf, redirectTo } from '../../render/page.ts'
import { HttpProblem, notFound } from '../../render/problem.ts'
import type { AppDeps } from '../deps.ts'
import { field, fileField } from '../form.ts'
import { siteOrigin } from '../site-origin.ts'
import { printDate } from '../time.ts'
import { refuseUnreadable } from '../unreadable.ts'
import { mayReadNames, readName } from './identities.ts'
import { jobHref, type Managed, managedExercise } from './managed.ts'

type Page = 'form' | 'invite' | 'again'

const dayMs = 24 * 3_600_000
const usualDays = 14
const mostDays = 180

interface InviteForm {
  name: string
  mail: string
  from: string
  until: string
  factor: string
  language: string
  list: string
}

/** A link that was made, and where it went. */
interface Told {
  name: string
  mail: string
  blindName: string
  link: string
  /** The letter was taken by the mail server; null where there was none to send. */
  isSent: boolean | null
}

export function invitePages(deps: AppDeps): Record<Page, RequestHandler> {
  const firstForm = (): InviteForm => ({
    ...{ name: '', mail: '', from: '', until: isoDay(deps.now() + usualDays * dayMs) },
    ...{ factor: '1', language: 'en', list: '' },
  })
  const send = (
    req: Request,
    res: Response,
    { job, exercise, state, href }: Managed,
    over: { form?: InviteForm; problem?: string; told?: Told[]; bad?: BadLine[] } = {},
  ): void =>
    deps.renderer.send(req, res, {
      template: 'hiring/invite',
      title: t('Invite candidates'),
      section: 'none',
      status: over.problem ? 422 : 200,
      // The links stand in it.
      isSecret: true,
      model: {
        job: { title: job.title, href: jobHref(job) },
        ...{ href, title: exercise.title, state, isOpen: state === 'open' || state === 'paused' },
        ...{ hasMail: deps.mail !== undefined, form: over.form ?? firstForm(), problem: over.problem },
        told: over.told ?? [],
        bad: (over.bad ?? []).map(({ line, why }) => ({ line, why: badWords(why) })),
      },
    })

  /** The letter with the link, in the candidate's language. */
  const write = async (
    { job, exercise }: Managed,
    { name, mail }: Person,
    link: string,
    { untilMs, language }: Pick<Terms, 'untilMs' | 'language'>,
  ): Promise<boolean | null> => {
    if (!deps.mail || mail === '') return null
    const letter = invitationLetter({ job, exercise }, { name }, link, { language }, () => printDate(untilMs))
    try {
      await deps.mail.send({ to: mail, ...letter })
      return true
    } catch (error) {
      deps.logger.error({ err: error }, 'an invitation could not be sent')
      return false
    }
  }

  return {
    form: async (req, res) => send(req, res, await managedExercise(deps, req, res)),

    invite: async (req, res) => {
      const managed = await managedExercise(deps, req, res)
      const { exercise, state } = managed
      if (state !== 'open' && state !== 'paused' && state !== 'draft')
        throw new HttpProblem(409, t('This exercise is closed. Duplicate it to invite others.'))
      const form = readForm(req)
      const refuse = (problem: string, bad: BadLine[] = []) => send(req, res, managed, { form, problem, bad })
      const terms = readTerms(form, deps.now())
      if ('problem' in terms) return refuse(terms.problem)
      const read = readWho(req, form)
      if ('problem' in read) return refuse(read.problem)
      if (read.people.length === 0) return refuse(t('Nobody was invited: no line has a name.'), read.bad)
      const told: Told[] = []
      for (const person of read.people) {
        const made = await invite(deps, exercise, contextOf(res).learnerId, person, terms)
        if (!made)
          return send(req, res, managed, {
            form,
            problem: t('This exercise has no room for more candidates.'),
            told,
            bad: read.bad,
          })
        const link = `${siteOrigin(req, deps.config)}/c/${made.token}${terms.language === 'zh' ? '?lang=zh' : ''}`
        told.push({
          ...person,
          blindName: made.seat.candidate.blindName,
          link,
          isSent: await write(managed, person, link, terms),
        })
      }
      send(req, res, managed, { told, bad: read.bad })
    },

    again: async (req, res) => {
      const managed = await managedExercise(deps, req, res)
      const { exercise, href } = managed
      const candidates = await candidatesOf(deps, exercise, () => undefined)
      const found = candidates.find(({ seat }) => numberOf(seat) === String(req.params.n))
      if (!found) throw notFound(t('This candidate'))
      refuseUnreadable(found)
      const { seat, state } = found
      const hasBegun = state === 'started' || state === 'on-break'
      if (isOver(state) || (hasBegun && field(req, 'do') === 'revoke'))
        throw new HttpProblem(409, t('They have begun, so their invitation stays as it is.'))
      const { learnerId } = contextOf(res)
      if (field(req, 'do') === 'revoke') {
        await revoke(deps, seat, learnerId)
        return redirectTo(req, res, `${href}#candidates`)
      }
      const untilMs = endOfDay(isoDay(deps.now() + usualDays * dayMs))!
      const token = await renew(deps, seat, learnerId, { opensAtMs: null, untilMs })
      const who = mayReadNames(managed.job, contextOf(res)) ? await readName(deps, seat, learnerId) : undefined
      const person = { name: who?.name ?? seat.candidate.blindName, mail: who?.mail ?? '' }
      const { language } = seat.candidate
      const link = `${siteOrigin(req, deps.config)}/c/${token}${language === 'zh' ? '?lang=zh' : ''}`
      const isSent = await write(managed, person, link, { untilMs, language })
      send(req, res, managed, { told: [{ ...person, blindName: seat.candidate.blindName, link, isSent }] })
    },
  }
}

const readForm = (req: Request): InviteForm => ({
  name: field(req, 'name').slice(0, 200),
  mail: field(req, 'mail').slice(0, 300),
  from: field(req, 'from').trim(),
  until: field(req, 'until').trim(),
  factor: field(req, 'factor').trim(),
  language: field(req, 'language'),
  list: field(req, 'list').slice(0, 60_000),
})

const isoDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

function startOfDay(day: string): number | undefined {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN
  return Number.isNaN(ms) ? undefined : ms
}

const endOfDay = (day: string): number | undefined => {
  const ms = startOfDay(day)
  return ms === undefined ? undefined : ms + dayMs
}

function readTerms({ from, until, factor, language }: InviteForm, nowMs: number): Terms | { problem: string } {
  const untilMs = endOfDay(until)
  const opensAtMs = from === '' ? null : startOfDay(from)
  const multiplier = Number(factor)
  if (untilMs === undefined || opensAtMs === undefined) return { problem: t('A day is written as 2026-05-31.') }
  if (untilMs <= nowMs) return { problem: t('The last day is already over. Choose a later one.') }
  if (untilMs > nowMs + mostDays * dayMs)
    return { problem: t('An invitation is valid for {n} days at most.', { n: mostDays }) }
  if (opensAtMs !== null && opensAtMs >= untilMs) return { problem: t('The first day is after the last one.') }
  if (!(multiplier >= 1 && multiplier <= 3)) return { problem: t('The multiplier is a number from 1 to 3.') }
  return { untilMs, opensAtMs, multiplier, language: language === 'zh' ? 'zh' : 'en' }
}

type Who = { people: readonly Person[]; bad: BadLine[] }

/** One person, or those of a file or of a list that was pasted. */
function readWho(req: Request, { name, mail, list }: InviteForm): Who | { problem: string } {
  const file = fileField(req, 'file')
  if (field(req, 'do') === 'one') {
    const person = readPerson(name, mail)
    return 'why' in person ? { problem: badWords(person.why) } : { people: [person], bad: [] }
  }
  const text = file ? file.bytes.toString('utf8') : list
  if (text.trim() === '') return { problem: t('Choose a file, or paste lines with a name and an address.') }
  return readPeople(text) ?? { problem: t('This is not a list of at most 200 lines with a name and an address each.') }
}

function badWords(why: BadLine['why']): string {
  switch (why) {
    case 'name':
      return t('A name has 1 to 100 characters.')
    case 'mail':
      return t('The address is not written as name@example.org.')
    case 'twice':
      return t('This person is already in the list.')
    case 'columns':
      return t('A line has a name and an address, and this one has more.')
  }
}
