/** Whether an exercise treats candidates alike: how groups of them fared. For who manages it; no candidate is named here. */
import type { RequestHandler } from 'express'
import type { Course } from '../../hiring/exercise.ts'
import type { Exercise } from '../../hiring/exercises.ts'
import { impactsIn, readingOf, readings } from '../../hiring/fairness.ts'
import { asksOf, groupQuestions } from '../../hiring/group-questions.ts'
import { t } from '../../i18n/translate.ts'
import type { GroupQuestionId } from '../../sittings/exercise-schema.ts'
import type { GroupImpact } from '../../statistics/adverse-impact.ts'
import { fewestOfGroup, fewestOutside } from '../../statistics/thresholds.ts'
import type { GroupCounts } from '../../storage/groups.ts'
import type { AppDeps } from '../deps.ts'
import { jobHref, managedExercise } from './managed.ts'

export function fairnessPage(deps: AppDeps): RequestHandler {
  return async (req, res) => {
    const { job, exercise, course, href } = await managedExercise(deps, req, res)
    deps.renderer.send(req, res, {
      template: 'hiring/fairness',
      title: t('Fairness: {title}', { title: exercise.title }),
      section: 'none',
      wide: true,
      model: {
        job: { title: job.title, href: jobHref(job) },
        ...{ href, title: exercise.title, passBar: exercise.exercise.passBar },
        groups: viewGroups(exercise, course, await deps.storage.groups.counts(exercise.id)),
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
            ? t('Candidates are asked once they have handed in. Figures are here when the exercise is closed.')
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

const percent = (share: number): string => `${Math.round(share * 100)} %`

/** In a hundred exercises. */
const chanceOf = (p: number): string =>
  p < 0.01 ? t('less than 1 in 100') : t('{n} in 100', { n: Math.round(p * 100) })
