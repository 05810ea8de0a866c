/** The first page of a candidate's link: the rules, consent per purpose, what can be asked for, and the way to the start. */

import { randomInt } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'
import { Throttle } from '../../accounts/throttle.ts'
import { words } from '../../accounts/words.ts'
import { bindSeat, isSameWords } from '../../hiring/binding.ts'
import { isOver } from '../../hiring/candidates.ts'
import { minutesOf } from '../../hiring/pool.ts'
import { t } from '../../i18n/translate.ts'
import { endTry, practiceItemOf, tryOut } from '../../practice/trying-out.ts'
import { contextOf, redirectTo } from '../../render/page.ts'
import { HttpProblem } from '../../render/problem.ts'
import { sittingAt } from '../../sittings/life.ts'
import { may } from '../../sittings/roles.ts'
import { callerOf } from '../caller.ts'
import type { AppDeps } from '../deps.ts'
import { field, query } from '../form.ts'
import { printDate, printDay } from '../time.ts'
import { type Invited, invitedBy, seatIdOf } from './candidate.ts'

type Page = 'show' | 'act' | 'practice' | 'practise' | 'start'

/** Tries at the words of one link from one address. */
const mostTries = 20
const triesMs = 10 * 60_000
const longestRequest = 1000

/** Uses of what is recorded that are voluntary. */
const voluntary = ['statistics'] as const

interface RulesState {
  problem?: string
  said?: string
  status?: number
}

export function rulesPages(deps: AppDeps): Record<Page, RequestHandler> {
  const tries = new Throttle({ most: mostTries, windowMs: triesMs, now: deps.now })

  const send = async (req: Request, res: Response, invited: Invited, over: RulesState = {}): Promise<void> => {
    const { exercise, seat, standing, work, href, isTheirs } = invited
    const job = await deps.storage.hiringJobs.find(exercise.exercise.jobId)
    const isFree = seat.learnerId === null
    const closed = whyClosed(invited, deps.now())
    const { multiplier = 1, creditsMs = 0 } = standing.life.allowance ?? {}
    const baseMinutes = (exercise.clock.durationMs ?? 0) / 60_000
    deps.renderer.send(req, res, {
      template: isFree || isTheirs ? 'hiring/rules' : 'hiring/come-back',
      title: exercise.title,
      section: 'none',
      status: over.status ?? (over.problem ? 422 : (closed?.status ?? 200)),
      model: {
        ...{ href, title: exercise.title, job: { title: job?.title ?? '', contact: job?.contact ?? '' } },
        closed: closed?.words,
        problem: over.problem,
        said:
          over.said ??
          (query(req, 'asked') === 'yes' ? t('Your request was sent. The answer shows here as time.') : undefined),
        isRehearsal: exercise.exercise.rehearsalOf !== undefined,
        hasAgreed: work.candidacy?.consent !== undefined && isTheirs,
        hasDeclined: standing.state === 'declined',
        asked: work.candidacy?.asked?.says,
        minutes: Math.round(baseMinutes * multiplier + creditsMs / 60_000),
        estimate: minutesOf(deps.catalog(), exercise.items),
        sections: exercise.exercise.sections.map(({ title, items }, n) => ({
          title: title || t('Section {n}', { n: n + 1 }),
          tasks: items.filter((item) => item.startsWith('challenge:')).length,
          questions: items.filter((item) => item.startsWith('question:')).length,
        })),
        aiPolicy: exercise.exercise.aiPolicy,
        showsChecks: exercise.exercise.showsChecks,
        retentionDays: job?.retentionDays ?? 0,
        until: printDate(seat.candidate.untilMs - 1),
        opens:
          seat.candidate.opensAtMs !== null && seat.candidate.opensAtMs > deps.now()
            ? printDay(seat.candidate.opensAtMs)
            : undefined,
        isPaused: invited.course.life.state === 'paused',
        canPractise: practiceItemOf(deps.catalog(), exercise) !== undefined,
      },
    })
  }
  /** Where somebody who has begun belongs. */
  const leadsOn = ({ standing, isTheirs, href }: Invited): string | undefined => {
    if (!isTheirs) return undefined
    if (isOver(standing.state)) return `${href}/done`
    return standing.state === 'started' || standing.state === 'on-break' ? `${href}/work` : undefined
  }
  const open = (req: Request, res: Response): Promise<Invited> =>
    invitedBy(deps, String(req.params.token), contextOf(res).learnerId)
  /** The link of the browser that has agreed. @returns undefined when it was led elsewhere */
  const openOwn = async (req: Request, res: Response): Promise<Invited | undefined> => {
    const invited = await open(req, res)
    const on = leadsOn(invited)
    const isReady = invited.isTheirs && invited.work.candidacy?.consent !== undefined
    if (on === undefined && isReady && !whyClosed(invited, deps.now())) return invited
    redirectTo(req, res, on ?? invited.href)
    return undefined
  }

  const consent = async (req: Request, res: Response, invited: Invited): Promise<void> => {
    const { learnerId } = contextOf(res)
    if (field(req, 'grading') !== 'yes')
      return send(req, res, invited, {
        problem: t('Without your consent to grading there is nothing to hand in. Tick it, or decline.'),
      })
    const resumeWords = `${words[randomInt(words.length)]} ${words[randomInt(words.length)]} ${randomInt(10, 100)}`
    const isIn = await bindSeat(deps, invited.seat, learnerId, resumeWords)
    // Another browser was faster.
    if (!isIn) return redirectTo(req, res, invited.href)
    const purposes = ['grading', ...voluntary.filter((purpose) => field(req, purpose) === 'yes')]
    // Who has begun and comes by a new link goes on.
    const hasBegun = invited.standing.life.watch !== null
    await deps.journals.write(seatIdOf(invited.seat), () =>
      hasBegun ? [] : [{ act: 'consented', data: { purposes } }],
    )
    deps.renderer.send(req, res, {
      template: 'hiring/welcome',
      title: t('Your words to come back'),
      section: 'none',
      // Told here and nowhere else.
      isSecret: true,
      model: { href: invited.href, title: invited.exercise.title, words: resumeWords },
    })
  }

  return {
    show: async (req, res) => {
      const invited = await open(req, res)
      const on = leadsOn(invited)
      if (on !== undefined) return res.redirect(303, on)
      await send(req, res, invited)
    },

    act: async (req, res) => {
      const invited = await open(req, res)
      const { learnerId } = contextOf(res)
      const on = leadsOn(invited)
      if (on !== undefined) return redirectTo(req, res, on)
      const { seat, work, href } = invited
      const pressed = field(req, 'do')
      if (pressed === 'back') {
        const key = `${seat.id} ${callerOf(req)}`
        if (tries.take(key) > 0) throw new HttpProblem(429, t('Too many tries. Wait ten minutes, then try again.'))
        if (!isSameWords(seat, field(req, 'words')))
          return send(req, res, invited, {
            problem: t(
              'These are not the words of this link. They are two words and a number, as shown when you agreed.',
            ),
          })
        await deps.storage.participants.update(seat.sittingId, seat.id, (one) => ({ ...one, learnerId }))
        return redirectTo(req, res, href)
      }
      if (seat.learnerId !== null && !invited.isTheirs) return redirectTo(req, res, href)
      if (whyClosed(invited, deps.now())) return send(req, res, invited)
      switch (pressed) {
        case 'consent':
          return work.candidacy?.consent && invited.isTheirs ? redirectTo(req, res, href) : consent(req, res, invited)
        case 'decline':
          await deps.journals.write(seatIdOf(seat), ({ candidacy }) =>
            candidacy?.declinedAtMs === undefined ? [{ act: 'declined', data: {} }] : [],
          )
          await endTry(deps, seat)
          return redirectTo(req, res, href)
        case 'ask': {
          const { state } = sittingAt(invited.course.life, deps.now())
          if (!may('participant', 'ask-time', state, ['self'])) return send(req, res, invited)
          const says = field(req, 'says')
            .replaceAll(/[^\S\n]+/g, ' ')
            .trim()
            .slice(0, longestRequest)
          if (says === '')
            return send(req, res, invited, { problem: t('Say what you need, for example more time or a break.') })
          await deps.journals.write(seatIdOf(seat), () => [{ act: 'time-asked', data: { says } }])
          return redirectTo(req, res, `${href}?asked=yes#ask`)
        }
        default:
          throw new HttpProblem(400, t('This button is unknown here. Reload the page and try again.'))
      }
    },

    practice: async (req, res) => {
      const invited = await openOwn(req, res)
      if (!invited) return
      deps.renderer.send(req, res, {
        template: 'hiring/practice',
        title: t('Try the workspace'),
        section: 'none',
        model: {
          ...{ href: invited.href, title: invited.exercise.title },
          canPractise: practiceItemOf(deps.catalog(), invited.exercise) !== undefined,
        },
      })
    },

    practise: async (req, res) => {
      const invited = await openOwn(req, res)
      if (!invited) return
      const { seat, exercise, href } = invited
      if (field(req, 'do') === 'end') {
        await endTry(deps, seat)
        return redirectTo(req, res, href)
      }
      const item = practiceItemOf(deps.catalog(), exercise)
      if (item === undefined) return redirectTo(req, res, `${href}/practice`)
      await tryOut(deps, seat, contextOf(res).learnerId)
      await deps.journals.write(seatIdOf(seat), ({ candidacy }) =>
        candidacy?.hasPractised ? [] : [{ act: 'practised', data: {} }],
      )
      redirectTo(req, res, `${href}/practice/${item.replace(':', 's/')}`)
    },

    start: async (req, res) => {
      const invited = await openOwn(req, res)
      if (!invited) return
      const { seat, href, exercise } = invited
      const { opensAtMs } = seat.candidate
      if (opensAtMs !== null && opensAtMs > deps.now()) return redirectTo(req, res, href)
      // Pressed twice it is started once.
      await deps.journals.write(seatIdOf(seat), ({ candidacy }) =>
        candidacy?.changes.some(({ event }) => event.event === 'start') ? [] : [{ act: 'started', data: {} }],
      )
      await endTry(deps, seat)
      const [first] = exercise.items
      redirectTo(req, res, first ? `${href}/${first.replace(':', 's/')}` : `${href}/work`)
    },
  }
}

/** Why nobody can begin by this link now, to who has not begun. */
function whyClosed({ standing, seat, course }: Invited, nowMs: number): { status: number; words: string } | undefined {
  if (seat.candidate.revokedAtMs !== null && standing.life.watch === null)
    return {
      status: 410,
      words: t('This invitation was taken back. Ask the person who invited you if you do not know why.'),
    }
  if (course.life.state === 'draft')
    return { status: 409, words: t('This exercise is not open yet. Your link works as soon as it is.') }
  if (standing.state === 'expired')
    return { status: 410, words: t('This invitation has expired. Ask the person who invited you for a new link.') }
  if (seat.candidate.untilMs <= nowMs && standing.life.watch === null)
    return { status: 410, words: t('This invitation has expired. Ask the person who invited you for a new link.') }
  return undefined
}
