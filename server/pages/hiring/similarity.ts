/**
 * Candidates who went about a task alike, by what they did: with how usual that is, as information alone. Nobody sees a pair before the scores of
 * both are in, so that no score comes of it; it stands in no report, and nothing follows from it by itself.
 */
import type { Request, RequestHandler, Response } from 'express'
import { type CandidateStanding, candidatesOf, isOver, numberOf } from '../../hiring/candidates.ts'
import { factsOfScores } from '../../hiring/scores.ts'
import { alignedSteps, type Pairs, pairsOf, type Run } from '../../hiring/similarity.ts'
import { t } from '../../i18n/translate.ts'
import { createBehaviours } from '../../practice/behaviours.ts'
import { notFound } from '../../render/problem.ts'
import { fewestPeople } from '../../statistics/thresholds.ts'
import { unlessDamaged } from '../../storage/documents.ts'
import type { OnUnreadable } from '../../storage/types.ts'
import type { AppDeps } from '../deps.ts'
import { query } from '../form.ts'
import { candidatesLeftOut, leftOut } from '../unreadable.ts'
import { seatIdOf } from './candidate.ts'
import { exerciseHref } from './managed.ts'
import { type ReviewedExercise, reviewedExercise } from './reviewed.ts'

export function similarityPages(deps: AppDeps): Record<'show' | 'pair', RequestHandler> {
  const behaviours = createBehaviours({
    ...deps,
    onError: (error) => deps.logger.error({ err: error }, 'runs could not be compared'),
  })
  const open = async (req: Request, res: Response) => {
    const reviewed = await reviewedExercise(deps, req, res)
    const { exercise, learnerId, isOwn, as } = reviewed
    if (!isOwn && as === 'lead') await deps.audit.enter(learnerId, 'seen-as-admin', { exercise: exercise.id })
    const people = (await candidatesOf(deps, exercise, candidatesLeftOut(res))).filter(({ state }) => isOver(state))
    const tasks = exercise.items.flatMap((item) => {
      const challenge = item.startsWith('challenge:') ? deps.catalog().challenges.get(item.slice(10)) : undefined
      return challenge ? [{ id: challenge.id, title: challenge.title, locale: challenge.locale }] : []
    })
    return { reviewed, people, tasks, href: `${exerciseHref(exercise)}/similarity` }
  }
  /** Candidates whom everybody who is to has scored; for a reviewer, whom they have scored themselves. Never themselves. */
  const scored = async (
    reviewed: ReviewedExercise,
    people: readonly CandidateStanding[],
    onUnreadable: OnUnreadable,
  ): Promise<Set<string>> => {
    const { job, learnerId } = reviewed
    const wanted = job.reviewers.map((one) => one.learnerId)
    const known = await Promise.all(
      people.map(async ({ seat }) => {
        const scores = await unlessDamaged(deps.scoreSheets.scores(seatIdOf(seat)), onUnreadable)
        const mayCompare = scores && reviewed.may('see-scores', factsOfScores(scores, learnerId, wanted))
        return mayCompare && seat.learnerId !== learnerId ? [seat.id] : []
      }),
    )
    return new Set(known.flat())
  }
  const runsOf = ({ exercise }: ReviewedExercise, people: readonly CandidateStanding[], challenge: string) =>
    behaviours.of(
      exercise,
      challenge,
      people.map(({ seat, work }) => ({ seat: seat.id, work })),
    )

  return {
    show: async (req, res) => {
      const { reviewed, people, tasks, href } = await open(req, res)
      const chosen = tasks.find(({ id }) => id === query(req, 'task')) ?? tasks[0]
      const isIn = await scored(reviewed, people, leftOut(res))
      // Nothing is replayed for who may see nothing of it.
      const found = chosen && isIn.size > 1 ? runsOf(reviewed, people, chosen.id) : undefined
      const isDone = found !== undefined && found.runs.length >= found.of
      const pairs = isDone ? pairsOf(found.runs) : undefined
      const numbers = new Map(people.map(({ seat }) => [seat.id, seat]))
      deps.renderer.send(req, res, {
        template: 'hiring/similarity',
        partial: 'hiring/similarity-part',
        title: t('Similar runs'),
        section: 'none',
        model: {
          ...{ href, back: reviewed.back, title: reviewed.exercise.title, as: reviewed.as, fewest: fewestPeople },
          tasks: tasks.map((task) => ({ ...task, isChosen: task.id === chosen?.id })),
          chosen,
          handedIn: people.length,
          scored: isIn.size,
          isDone,
          progress: found && { done: found.runs.length, of: found.of },
          pairs: pairs && viewPairs(pairs, isIn, (seat) => numbers.get(seat)!, href, chosen!.id),
        },
      })
    },

    pair: async (req, res) => {
      const { reviewed, people, tasks, href } = await open(req, res)
      const task = tasks.find(({ id }) => id === String(req.params.challenge))
      const isIn = await scored(reviewed, people, leftOut(res))
      const [one, other] = [req.params.one, req.params.other].map((n) =>
        people.find(({ seat }) => numberOf(seat) === String(n) && isIn.has(seat.id)),
      )
      if (!task || !one || !other || one === other) throw notFound(t('This pair'))
      const { runs } = runsOf(reviewed, people, task.id)
      const stepsOf = ({ seat }: CandidateStanding): Run['steps'] | undefined =>
        runs.find((run) => run.seat === seat.id)?.steps
      const [left, right] = [stepsOf(one), stepsOf(other)]
      deps.renderer.send(req, res, {
        template: 'hiring/similarity-pair',
        title: t('{one} and {other}', { one: one.seat.candidate.blindName, other: other.seat.candidate.blindName }),
        section: 'none',
        model: {
          back: { href: `${href}?task=${task.id}`, text: t('Similar runs') },
          task,
          rows: left && right ? alignedSteps(left, right) : undefined,
          people: [one, other].map(({ seat }) => ({
            name: seat.candidate.blindName,
            replay: `${exerciseHref(reviewed.exercise)}/candidates/${numberOf(seat)}/replay/${task.id}`,
          })),
        },
      })
    },
  }
}

function viewPairs(
  { runs, pairs, isTooFew, usual, told }: Pairs,
  isIn: ReadonlySet<string>,
  seatOf: (seat: string) => CandidateStanding['seat'],
  href: string,
  task: string,
) {
  const percent = (share: number): string => `${Math.round(share * 100)} %`
  const shown = told.filter(({ seats }) => seats.every((seat) => isIn.has(seat)))
  return {
    ...{ runs, pairs, isTooFew, held: told.length - shown.length },
    median: usual && percent(usual.median),
    top: usual && percent(usual.top),
    topPairs: Math.ceil(pairs / 100),
    rows: shown.map(({ seats, share, asAlike, shared, asRare, rarest }) => {
      const [one, other] = [seatOf(seats[0]), seatOf(seats[1])]
      return {
        names: [one.candidate.blindName, other.candidate.blindName],
        href: `${href}/${task}/${numberOf(one)}/${numberOf(other)}`,
        share: percent(share),
        ...{ asAlike, asRare, shared },
        rarest: rarest.map(({ steps, sharedBy }) => ({ steps: steps.join(' → '), sharedBy })),
      }
    }),
  }
}
