/** The work of a candidate at a task, replayed for those who judge it; moments of it can be pinned to their scores. */
import type { Request, RequestHandler, Response } from 'express'
import { contentOf } from '../../grading/content-in-force.ts'
import { isSent } from '../../hiring/scores.ts'
import { t } from '../../i18n/translate.ts'
import { attemptsThatCount } from '../../practice/counted-attempts.ts'
import { HttpProblem, notFound } from '../../render/problem.ts'
import { unlessDamaged } from '../../storage/documents.ts'
import type { AppDeps } from '../deps.ts'
import type { ReplayPlace } from '../replay/place.ts'
import { replayPages } from '../replay/replay.ts'
import { leftOut } from '../unreadable.ts'
import { seatIdOf } from './candidate.ts'
import { reviewedCandidate } from './reviewed.ts'

export const candidateReplayPages = (deps: AppDeps): Record<'show' | 'ask' | 'fork', RequestHandler> =>
  replayPages(deps, attemptOfCandidate(deps))

/** The attempt that counts. */
const attemptOfCandidate =
  (deps: AppDeps) =>
  async (req: Request, res: Response): Promise<ReplayPlace> => {
    const reviewed = await reviewedCandidate(deps, req, res)
    const { exercise, standing, blindName, href, learnerId } = reviewed
    const item = `challenge:${String(req.params.challenge)}`
    const present = deps.catalog().challenges.get(String(req.params.challenge))
    if (!present || !exercise.items.includes(item)) throw notFound(t('This task'))
    const attempt = attemptsThatCount(exercise, standing.work).find((one) => one.item === item)?.attempt
    if (!attempt) throw new HttpProblem(409, t('Nothing was done on this task: there is nothing to look back at.'))
    const seat = seatIdOf(standing.seat)
    const scores = await unlessDamaged(deps.scoreSheets.scores(seat), leftOut(res))
    const mayPin = reviewed.may('score', []) && scores !== undefined && !isSent(scores, learnerId)
    return {
      seat,
      attempt: attempt.id,
      challenge: (await contentOf(deps, present, attempt.contentHash)) ?? present,
      href: `${href}/replay/${present.id}`,
      whose: blindName,
      back: { href: `${href}/report`, text: t('Report: {name}', { name: blindName }) },
      withHidden: true,
      mayFork: reviewed.may('fork-cluster', ['submitted']),
      isOfCandidate: true,
      ...(mayPin
        ? {
            pin: {
              action: `${href}/score`,
              item,
              dimensions: exercise.exercise.rubric.map(({ id, title }) => ({ id, title })),
            },
          }
        : {}),
    }
  }
