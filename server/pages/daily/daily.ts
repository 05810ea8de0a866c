/** The daily incident: one broken cluster a day, the same for everybody, five minutes by the server's clock. Later is yellow, never too late. */
import type { Request, RequestHandler, Response } from 'express'
import { t } from '../../i18n/translate.ts'
import {
  type DailyStanding,
  dayAfter,
  dayOf,
  incidentOf,
  type Square,
  standingOf,
  startOfDay,
  usedOf,
} from '../../practice/daily.ts'
import { beginDaily, challengeOfDaily, dailyTask, noteHandedIn, noteSeen } from '../../practice/daily-task.ts'
import { locksOf, refuseLocked } from '../../practice/locks.ts'
import { seal, unseal } from '../../practice/sealed.ts'
import { contextOf, redirectTo } from '../../render/page.ts'
import { notFound } from '../../render/problem.ts'
import type { DailyRun } from '../../storage/daily-schema.ts'
import type { AppDeps } from '../deps.ts'
import { deskPages, type FindDesk } from '../desk/desk.ts'
import { field, query } from '../form.ts'
import { siteOrigin } from '../site-origin.ts'
import { printRace, viewSquares } from '../squares.ts'
import { printDate } from '../time.ts'
import { workOf } from '../work.ts'
import { leftOf, shareText, untilNext, viewCalendar, viewDay, viewStrip } from './view.ts'

type Page = 'index' | 'begin' | 'show' | 'act' | 'draft' | 'result' | 'shown'

const scripts = ['js/daily.js']

export function dailyPages(deps: AppDeps): Record<Page, RequestHandler> {
  /** One's own of the day that the address names. @throws HttpProblem 404 */
  const getDaily = async (req: Request, res: Response): Promise<DailyRun> => {
    const { dailies = [] } = await workOf(deps, res)
    const daily = dailies.find(({ day }) => day === String(req.params.day))
    if (!daily) throw notFound(t('This day among those that you have begun'))
    refuseLocked(await locksOf(deps, contextOf(res).learnerId), `challenge:${daily.challengeId}`)
    return daily
  }
  const standOf = async (res: Response, daily: DailyRun) => {
    const { attempts } = await workOf(deps, res)
    const challenge = await challengeOfDaily(deps, daily)
    return { standing: standingOf(daily, attempts, challenge), challenge }
  }
  const findDesk: FindDesk = async (req, res) => {
    const arrivedMs = deps.now()
    const daily = await getDaily(req, res)
    const { seat } = contextOf(res)
    const { standing, challenge } = await standOf(res, daily)
    // What is over is looked back at; who has a page of it open still may go on with it.
    if (req.method !== 'POST' && standing.passedMs !== null) {
      redirectTo(req, res, `/daily/${daily.day}/result`)
      return undefined
    }
    if (standing.passedMs === null) await noteSeen(deps, seat, daily)
    const day = viewDay(standing, challenge)
    return {
      task: await dailyTask(deps, daily),
      href: day.href,
      isOpenBook: true,
      section: 'study',
      next: { href: day.result, title: t('Your squares') },
      whenHandedIn: (attempt) => noteHandedIn(deps, seat, daily, attempt, arrivedMs),
      frame: {
        template: 'daily/desk',
        model: { strip: viewStrip(day, usedOf(daily, arrivedMs), arrivedMs) },
        scripts,
        whenGraded: async () => {
          const { squares } = (await standOf(res, await getDaily(req, res))).standing
          const model = viewSquares(squares.map(({ square }) => square))
          return { id: 'daily-so-far', template: '/daily/squares', model }
        },
      },
    }
  }
  /** The link to a line of squares: it says nothing of its learner. */
  const linkOf = (req: Request, { day, squares, passedMs, hints }: DailyStanding): string => {
    const text = JSON.stringify([day, squares.map(({ square }) => square[0]).join(''), passedMs, hints])
    return `${siteOrigin(req, deps.config)}/daily/of/${seal(deps.secret, sealed, text)}`
  }

  return {
    ...deskPages(deps, findDesk),

    index: async (req, res) => {
      const nowMs = deps.now()
      const today = dayOf(nowMs)
      const { dailies = [], attempts } = await workOf(deps, res)
      const standings = new Map<string, DailyStanding>()
      for (const daily of dailies)
        standings.set(daily.day, standingOf(daily, attempts, await challengeOfDaily(deps, daily)))
      const dayModel = async (day: string) => {
        const daily = dailies.find((one) => one.day === day)
        return daily && viewDay(standings.get(day)!, await challengeOfDaily(deps, daily))
      }
      const begun = dailies.find(({ day }) => day === today)
      const before = dayAfter(today, -1)
      const last = incidentOf(deps.catalog(), before)
      deps.renderer.send(req, res, {
        template: 'daily/index',
        title: t('The daily incident'),
        section: 'study',
        model: {
          day: today,
          date: printDate(startOfDay(today)),
          isThere: incidentOf(deps.catalog(), today) !== undefined,
          isAnother: query(req, 'new') === 'day',
          today: await dayModel(today),
          left: begun && leftOf(usedOf(begun, nowMs)).left,
          yesterday: await dayModel(before),
          missed: last && { title: last.title, locale: last.locale, href: `/challenges/${last.id}` },
          calendar: viewCalendar(today, standings),
          next: untilNext(nowMs),
        },
      })
    },

    begin: async (req, res) => {
      const today = dayOf(deps.now())
      // The page may be from before midnight: nobody begins what they did not see.
      if (field(req, 'day') !== today) return redirectTo(req, res, '/daily?new=day')
      const challenge = incidentOf(deps.catalog(), today)
      if (!challenge) throw notFound(t('An incident of today'))
      const { learnerId, seat } = contextOf(res)
      refuseLocked(await locksOf(deps, learnerId), `challenge:${challenge.id}`)
      await beginDaily(deps, seat, today, challenge)
      redirectTo(req, res, `/daily/${today}`)
    },

    result: async (req, res) => {
      const daily = await getDaily(req, res)
      const { standing, challenge } = await standOf(res, daily)
      deps.renderer.send(req, res, {
        template: 'daily/result',
        title: t('The incident of {date}', { date: printDate(startOfDay(daily.day)) }),
        section: 'study',
        scripts,
        model: {
          day: viewDay(standing, challenge),
          share: shareText(standing, linkOf(req, standing)),
          isToday: daily.day === dayOf(deps.now()),
          next: untilNext(deps.now()),
        },
      })
    },

    shown: async (req, res) => {
      const text = unseal(deps.secret, sealed, String(req.params.token))
      if (text === undefined) throw notFound(t('This result'))
      const [day, letters, passedMs, hints] = JSON.parse(text) as [string, string, number | null, number]
      const date = printDate(startOfDay(day))
      deps.renderer.send(req, res, {
        template: 'daily/shown',
        title: t('The incident of {date}', { date }),
        section: 'study',
        model: {
          ...viewSquares([...letters].map((letter) => byLetter[letter] ?? 'none')),
          ...{ date, hints, isToday: day === dayOf(deps.now()) },
          time: passedMs === null ? undefined : printRace(passedMs),
        },
      })
    },
  }
}

const sealed = 'daily'
const byLetter: Readonly<Record<string, Square>> = { g: 'green', y: 'yellow', n: 'none' }
