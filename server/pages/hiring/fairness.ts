/** Whether an exercise treats candidates alike: how groups of them fared, and whether variants are equally hard. For who manages it; no candidate is named here. */
import type { RequestHandler, Response } from 'express'
import { candidatesOf, isOver } from '../../hiring/candidates.ts'
import type { Course } from '../../hiring/exercise.ts'
import type { Exercise } from '../../hiring/exercises.ts'
import { impactsIn, readingOf, readings } from '../../hiring/fairness.ts'
import { asksOf, groupQuestions } from '../../hiring/group-questions.ts'
import { poolItem } from '../../hiring/pool.ts'
import { t } from '../../i18n/translate.ts'
import { type ItemDrift, variantDrifts } from '../../practice/variant-tries.ts'
import type { GroupQuestionId } from '../../sittings/exercise-schema.ts'
import type { GroupImpact } from '../../statistics/adverse-impact.ts'
import { enoughPeople, fewestOfGroup, fewestOfVariant, fewestOutside } from '../../statistics/thresholds.ts'
import type { GroupCounts } from '../../storage/groups.ts'
import type { AppDeps } from '../deps.ts'
import { candidatesLeftOut } from '../unreadable.ts'
import { jobHref, managedExercise } from './managed.ts'

export function fairnessPage(deps: AppDeps): RequestHandler {
  return async (req, res) => {
    const { job, exercise, course, href } = await managedExercise(deps, req, res)
    deps.renderer.send(req, res, {
      template: 'hiring/fairness',
      title: t('Fairness: {title}', { title: exercise.title }),
      section: 'none',
      model: {
        job: { title: job.title, href: jobHref(job) },
        ...{ href, title: exercise.title, passBar: exercise.exercise.passBar },
        groups: viewGroups(exercise, course, await deps.storage.groups.counts(exercise.id)),
        variants: await viewVariants(deps, res, exercise),
      },
    })
  }
}

function viewGroups({ exercise: plan }: Exercise, { life }: Course, counts: GroupCounts | undefined) {
  const limits = { fewest: fewestOfGroup, outside: fewestOutside }
  const whyNone =
    plan.passBar === null
      ? t('This exercise has no pass bar, so nobody is above or below it, and candidates are not asked.')
      : asksOf(plan).length === 0
        ? t('This exercise does not ask. Duplicate it, and choose questions under Rules.')
        : counts
          ? undefined
          : life.state === 'draft' || life.state === 'scheduled'
            ? t('Candidates are asked once they have handed in. Figures appear here when the exercise is closed.')
            : t(
                'Answers are counted once, when the exercise is closed and all of it is graded: figures that change with each candidate would tell who they are.',
              )
  if (!counts || whyNone !== undefined) return { ...limits, whyNone, all: undefined, tables: [] }
  const { people, selected } = counts.all
  return {
    ...limits,
    whyNone,
    all: { people, selected },
    tables: impactsIn(counts).map(({ question, groups }) => {
      const known = groupQuestions[question as GroupQuestionId]
      return {
        title: t(known.title),
        rows: groups.map((one) => ({ title: t(known.groups[one.group] ?? one.group), ...viewImpact(one) })),
      }
    }),
  }
}

function viewImpact(impact: GroupImpact) {
  const { people = 0, rate = 0, ratio, interval, p } = impact
  const reading = readingOf(impact)
  return {
    people,
    rate: percent(rate),
    ratio: ratio?.toFixed(2) ?? '–',
    interval: interval ? t('{low} to {high}', { low: interval.low.toFixed(2), high: interval.high.toFixed(2) }) : '–',
    p: p === undefined ? '–' : chanceOf(p),
    isStriking: reading === 'clearly less' || reading === 'a little less',
    reading: t(readings[reading]),
  }
}

async function viewVariants(deps: AppDeps, res: Response, exercise: Exercise) {
  const catalog = deps.catalog()
  const works = (await candidatesOf(deps, exercise, candidatesLeftOut(res)))
    .filter(({ state }) => isOver(state))
    .map(({ work }) => work)
  const { items, compared } = variantDrifts(exercise, works, catalog)
  const valuesOf = ({ params }: ItemDrift) => params.flatMap(({ values }) => values)
  return {
    ...{ people: works.length, fewest: fewestOfVariant, enough: enoughPeople, compared },
    striking: items.flatMap(valuesOf).filter(({ isStriking }) => isStriking).length,
    items: items.map((one) => {
      const known = poolItem(catalog, one.item)
      return {
        ...{ title: known?.title ?? one.item, locale: known?.locale ?? ('en' as const), n: one.n },
        isStriking: valuesOf(one).some(({ isStriking }) => isStriking),
        isTooFew: one.params.length > 0 && one.params.every(({ isTooFew }) => isTooFew),
        params: one.params.flatMap(({ param, values }) => values.map((value) => ({ param, ...viewValue(value) }))),
      }
    }),
  }
}

function viewValue({ difference, oddsRatio, oddsInterval, p, ...one }: ItemDrift['params'][number]['values'][number]) {
  const between = (own: { low: number; high: number } | undefined, print: (value: number) => string) =>
    own ? t('{low} to {high}', { low: print(own.low), high: print(own.high) }) : ''
  return {
    ...{ value: one.value, n: one.n, others: one.others, isStriking: one.isStriking },
    ...{ facility: percent(one.facility), facilityElsewhere: percent(one.facilityElsewhere) },
    difference: difference ? signed(difference.difference) : '–',
    interval: between(difference?.interval, signed),
    odds: oddsRatio === undefined ? '–' : Number.isFinite(oddsRatio) ? oddsRatio.toFixed(2) : '∞',
    oddsInterval: between(oddsInterval, (value) => value.toFixed(2)),
    p: p === undefined ? '–' : chanceOf(p),
    says: !difference
      ? t('Too few to say.')
      : one.isStriking
        ? difference.difference < 0
          ? t('Harder than the others.')
          : t('Easier than the others.')
        : t('No difference that stands out.'),
  }
}

/** In points of 100. */
const signed = (share: number): string => {
  const points = Math.round(share * 100)
  return `${points > 0 ? '+' : points < 0 ? '−' : ''}${Math.abs(points)}`
}

const percent = (share: number): string => `${Math.round(share * 100)} %`

/** In a hundred exercises. */
const chanceOf = (p: number): string =>
  p < 0.01 ? t('less than 1 in 100') : t('{n} in 100', { n: Math.round(p * 100) })
