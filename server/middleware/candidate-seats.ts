/** The seat of a candidate, for the pages of items under `/c/<token>/`, and for the workspace as they try it out. */
import { t } from '../i18n/translate.ts'
import type { AppDeps } from '../pages/deps.ts'
import { invitedBy, viewPracticeStrip, viewStrip, whereInstead, workingSeat } from '../pages/hiring/candidate.ts'
import { practiceItemOf, practisingSeat } from '../practice/trying-out.ts'
import { HttpProblem, notFound } from '../render/problem.ts'
import { takesWork } from '../seats/life.ts'
import type { FindSeat } from './found-seat.ts'

export type CandidateSeatDeps = Pick<AppDeps, 'storage' | 'exercises' | 'journals' | 'catalog' | 'now'>

export const candidateSeat =
  (deps: CandidateSeatDeps): FindSeat =>
  async (name, { item, isDraft, begunAtMs }, { learnerId }) => {
    const [token = '', practice] = name.split('/')
    const found = await invitedBy(deps, token, learnerId)
    const { exercise, seat, href, course, standing } = found
    if (!found.isTheirs) return { leadsTo: href }
    if (practice !== undefined) {
      if (item === undefined || item !== practiceItemOf(deps.catalog(), exercise)) throw notFound(t('This page'))
      const own = await practisingSeat(deps, seat)
      if (!own) return { leadsTo: `${href}/practice` }
      return { seat: own, context: { exercise: viewPracticeStrip(found) } }
    }
    const instead = whereInstead(found)
    // What was typed in time is taken a little later, too.
    const isLate = isDraft && takesWork(course.life, standing.life, deps.now(), begunAtMs)
    if (instead !== undefined && !isLate) {
      // A page that saves by itself is told that nothing was saved.
      if (isDraft)
        throw new HttpProblem(
          410,
          t('Your time is over, so your change was not saved. Everything saved before is there.'),
        )
      return { leadsTo: instead }
    }
    if (item === undefined || !exercise.items.includes(item)) throw notFound(t('This page'))
    const pinned = exercise.contentVersions[item]
    return {
      seat: { ...workingSeat(seat, learnerId), ...(pinned === undefined ? {} : { pinned }) },
      context: { exercise: viewStrip(deps.catalog(), found, item) },
    }
  }
