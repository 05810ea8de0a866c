/** Cluster golf: the challenges that somebody has passed, with par, their own strokes, and the best that others show. */
import type { RequestHandler } from 'express'
import { t } from '../../i18n/translate.ts'
import { hasCard } from '../../practice/attempts.ts'
import { createGolfCourse, type Score } from '../../practice/golf.ts'
import { sealRun } from '../../practice/shared-runs.ts'
import { contextOf } from '../../render/page.ts'
import { practiceSeat } from '../../seat.ts'
import type { GolfCard } from '../../storage/golf.ts'
import type { AppDeps } from '../deps.ts'
import { workOf } from '../work.ts'

export function golfPages(deps: AppDeps): Record<'index', RequestHandler> {
  const course = createGolfCourse(deps)
  /** As long as its learner shows it, and it is what it was. */
  const isShared = async ({ learnerId, attempt: id, grading: number }: GolfCard): Promise<boolean> => {
    const { attempts, shared = [] } = await deps.journals.work(practiceSeat(learnerId))
    const attempt = attempts.find((one) => one.id === id)
    const grading = attempt?.gradings[number - 1]
    return (
      attempt !== undefined && grading !== undefined && hasCard(attempt, grading) && shared.includes(`${id}/${number}`)
    )
  }
  return {
    index: async (req, res) => {
      const { learnerId, seat } = contextOf(res)
      const { attempts } = await workOf(deps, res)
      const holes = await course.holes(seat.participantId, attempts)
      const rows = []
      for (const { challenge, par, own } of holes) {
        const best = await course.bestShown(challenge.id, isShared)
        rows.push({
          id: challenge.id,
          title: challenge.title,
          locale: challenge.locale,
          par,
          own: {
            ...{ strokes: own.strokes, lines: own.lines, isSeen: own.isSeen },
            told: par && toldBy(own, par),
            href: `/challenges/${challenge.id}/results/${own.attempt.id}/${own.number}`,
          },
          best: best && {
            ...{ strokes: best.strokes, lines: best.lines, isYours: best.learnerId === learnerId },
            href: `/runs/${sealRun(deps.secret, best)}`,
          },
        })
      }
      const counted = rows.filter(({ par }) => par !== undefined)
      deps.renderer.send(req, res, {
        template: 'golf/index',
        title: t('Cluster golf'),
        section: 'challenges',
        model: {
          rows,
          total:
            counted.length > 0
              ? signed(counted.reduce((sum, { own, par }) => sum + own.strokes - par!.strokes, 0))
              : undefined,
        },
      })
    },
  }
}

/** How it compares with par, as golfers say it. */
function toldBy(own: Score, par: Score): string {
  const over = own.strokes - par.strokes
  if (over === 0) return own.lines < par.lines ? t('par, with fewer lines') : t('par')
  return signed(over)
}

const signed = (over: number): string => (over === 0 ? t('par') : over > 0 ? `+${over}` : `−${-over}`)
