/** How the items of an exercise have done, for who manages it: no candidate is named here, and nothing is told of few. */
import type { RequestHandler } from 'express'
import { calibrate } from '../../hiring/calibration.ts'
import { candidatesOf } from '../../hiring/candidates.ts'
import { poolItem } from '../../hiring/pool.ts'
import { msg, t } from '../../i18n/translate.ts'
import { questionType } from '../../questions/registry.ts'
import type { ItemFigures, ItemFlag } from '../../statistics/items.ts'
import { enoughPeople, fewestPeople } from '../../statistics/thresholds.ts'
import type { AppDeps } from '../deps.ts'
import { printSpan } from '../time.ts'
import { candidatesLeftOut } from '../unreadable.ts'
import { jobHref, managedExercise } from './managed.ts'

const flagWords: Readonly<Record<ItemFlag, string>> = {
  suppressed: msg('too few people'),
  'few people': msg('few people: rough'),
  'too hard': msg('too hard'),
  'too easy': msg('too easy'),
  'does not tell people apart': msg('does not tell people apart'),
  'a wrong option draws the better': msg('a wrong option attracts the stronger candidates'),
}

export function calibratePage(deps: AppDeps): RequestHandler {
  return async (req, res) => {
    const { job, exercise, href } = await managedExercise(deps, req, res)
    const catalog = deps.catalog()
    const works = (await candidatesOf(deps, exercise, candidatesLeftOut(res)))
      .filter(({ state }) => state === 'handed-in' || state === 'timed-out')
      .map(({ seat, work }) => ({ person: seat.id, work }))
    const optionsOf = (item: string) => {
      const question = catalog.questions.get(item.replace(/^question:/, ''))
      return question && questionType(question.type).options?.(question.data)
    }
    const { people, items, reliability, distribution } = calibrate(exercise.items, works, optionsOf, deps.now())
    const { alpha, sem } = reliability
    const isTold = people >= fewestPeople
    deps.renderer.send(req, res, {
      template: 'hiring/calibrate',
      title: t('Items: {title}', { title: exercise.title }),
      section: 'none',
      model: {
        job: { title: job.title, href: jobHref(job) },
        href,
        title: exercise.title,
        people,
        fewest: fewestPeople,
        enough: enoughPeople,
        isTold,
        isRough: people < enoughPeople,
        alpha: alpha?.toFixed(2),
        // Of all items, in the points of 100 that a report tells.
        sem: sem === undefined ? undefined : ((sem / Math.max(1, items.length)) * 100).toFixed(1),
        distribution: isTold ? distribution : [],
        most: Math.max(1, ...distribution),
        items: items.map(({ item, figures }) => {
          const known = poolItem(catalog, item)
          return {
            title: known?.title ?? item,
            locale: known?.locale ?? ('en' as const),
            planned: known?.minutes,
            ...viewFigures(figures),
          }
        }),
      },
    })
  }
}

/** A dash where nothing is told. */
function viewFigures(figures: ItemFigures | undefined) {
  const { n = 0, facility, itemTotal, upperLower, p50Ms, p90Ms, notReached, flags = [] } = figures ?? {}
  const number = (value: number | undefined): string => value?.toFixed(2) ?? '–'
  const share = (value: number | undefined): string => (value === undefined ? '–' : `${Math.round(value * 100)} %`)
  return {
    n,
    facility: share(facility),
    itemTotal: number(itemTotal),
    upperLower: number(upperLower),
    p50: p50Ms === undefined ? '–' : printSpan(p50Ms),
    p90: p90Ms === undefined ? '–' : printSpan(p90Ms),
    notReached: share(notReached),
    flags: flags.filter((flag) => flag !== 'suppressed').map((flag) => t(flagWords[flag])),
  }
}
