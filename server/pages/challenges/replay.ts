/** One's own attempt at a challenge, replayed. */
import type { Request, RequestHandler, Response } from 'express'
import { contentOf } from '../../grading/content-in-force.ts'
import { t } from '../../i18n/translate.ts'
import { contextOf } from '../../render/page.ts'
import { HttpProblem, notFound } from '../../render/problem.ts'
import { practiceSeat } from '../../seat.ts'
import type { AppDeps } from '../deps.ts'
import type { ReplayPlace } from '../replay/place.ts'
import { replayPages } from '../replay/replay.ts'

export const ownReplayPages = (deps: AppDeps): Record<'show' | 'ask' | 'fork', RequestHandler> =>
  replayPages(deps, ownAttempt(deps))

/** An attempt of one's own at a challenge, once it was graded. What is computed here would tell too much within an exam or a daily incident. */
const ownAttempt =
  (deps: AppDeps) =>
  async (req: Request, res: Response): Promise<ReplayPlace> => {
    const seat = practiceSeat(contextOf(res).learnerId)
    const { attempts } = await deps.journals.work(seat)
    const attempt = attempts.find(({ id }) => id === String(req.params.attempt))
    const present = deps.catalog().challenges.get(String(req.params.id))
    if (!attempt || !present || attempt.challengeId !== present.id || attempt.mock !== undefined)
      throw notFound(t('This attempt'))
    if (attempt.gradings.length === 0)
      throw new HttpProblem(409, t('There is nothing to look back at yet: have your work graded first.'))
    return {
      seat,
      attempt: attempt.id,
      challenge: (await contentOf(deps, present, attempt.contentHash)) ?? present,
      href: `/challenges/${present.id}/replay/${attempt.id}`,
      whose: '',
      back: {
        href: `/challenges/${present.id}/results/${attempt.id}/${attempt.gradings.length}`,
        text: t('Back to the result'),
      },
      withHidden: false,
      mayFork: true,
    }
  }
