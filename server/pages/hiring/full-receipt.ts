/** The whole receipt of a candidate for those who judged them: with points, and with the content, checks included. After the scores. */
import type { RequestHandler } from 'express'
import { receiptKey, receiptOf } from '../../hiring/receipts.ts'
import { factsOfScores } from '../../hiring/scores.ts'
import { t } from '../../i18n/translate.ts'
import { gradedTasks } from '../../practice/receipt-of-work.ts'
import { HttpProblem } from '../../render/problem.ts'
import type { AppDeps } from '../deps.ts'
import { seatIdOf } from './candidate.ts'
import { reviewedCandidate } from './reviewed.ts'

export function fullReceipt(deps: AppDeps): RequestHandler {
  return async (req, res) => {
    const reviewed = await reviewedCandidate(deps, req, res)
    const { exercise, standing, blindName, as, job, learnerId } = reviewed
    const scores = await deps.scoreSheets.scores(seatIdOf(standing.seat))
    const wanted = job.reviewers.map((one) => one.learnerId)
    if (!reviewed.may('see-scores', factsOfScores(scores, learnerId, wanted)))
      throw new HttpProblem(
        409,
        as === 'reviewer'
          ? t('Send your scores first: the receipt shows what the checks are.')
          : t('The receipt is here once all reviewers have sent their scores.'),
      )
    const tasks = await gradedTasks(deps, deps.secret, exercise, standing.work)
    if (tasks.length === 0)
      throw new HttpProblem(409, t('Nothing was handed in that could be graded: there is nothing to prove.'))
    const options = { about: { candidate: blindName, exercise: exercise.id }, hasContent: true, hasPoints: true }
    const name = `podium-receipt-${blindName.split(' ').at(-1)!.toLowerCase()}.json`
    res
      .attachment(name)
      .type('application/json')
      .send(receiptOf(tasks, options, receiptKey(deps.secret)))
  }
}
