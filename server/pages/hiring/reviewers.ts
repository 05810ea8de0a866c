/** Who reviews for a job: seen, invited and removed by its manager; and the page that a reviewer's link leads to. */
import type { Request, RequestHandler, Response } from 'express'
import {
  acceptReview,
  inviteReviewer,
  isReviewer,
  jobOfInvite,
  removeReviewer,
  whyNotReviewer,
  withdrawInvites,
} from '../../hiring/reviewers.ts'
import { t } from '../../i18n/translate.ts'
import { contextOf, redirectTo } from '../../render/page.ts'
import { HttpProblem } from '../../render/problem.ts'
import type { Job } from '../../storage/hiring.ts'
import { readNickname } from '../../workshops/people.ts'
import type { AppDeps } from '../deps.ts'
import { field } from '../form.ts'
import { siteOrigin } from '../site-origin.ts'
import { jobHref, managedJob } from './managed.ts'

type Page = 'show' | 'change' | 'invited' | 'accept'

export function reviewerPages(deps: AppDeps): Record<Page, RequestHandler> {
  const send = (req: Request, res: Response, job: Job, link = ''): void =>
    deps.renderer.send(req, res, {
      template: 'hiring/reviewers',
      title: t('Reviewers'),
      section: 'none',
      isSecret: link !== '',
      model: {
        job: { title: job.title, href: jobHref(job) },
        link,
        reviewers: job.reviewers.map(({ name }) => name),
        unused: job.invites.filter(({ untilMs }) => untilMs > deps.now()).length,
      },
    })
  const invitation = async (req: Request): Promise<Job> => {
    const job = await jobOfInvite(deps.storage, String(req.params.token), deps.now())
    if (!job) throw new HttpProblem(404, t('This link was used or has expired. Ask the sender for a new one.'))
    return job
  }
  const sendInvitation = async (req: Request, res: Response, job: Job, problem = ''): Promise<void> => {
    const { account, learnerId } = contextOf(res)
    deps.renderer.send(req, res, {
      template: 'hiring/reviewer-invited',
      title: t('Reviewer'),
      section: 'none',
      isSecret: true,
      status: problem ? 422 : 200,
      model: {
        title: job.title,
        action: `/review/${String(req.params.token)}`,
        account,
        name: problem ? field(req, 'name').slice(0, 60) : (account ?? ''),
        whyNot: account === null ? undefined : await whyNotReviewer(deps.storage, job, learnerId),
        problem,
      },
    })
  }

  return {
    show: async (req, res) => send(req, res, await managedJob(deps, req, res)),

    change: async (req, res) => {
      const job = await managedJob(deps, req, res)
      const { learnerId } = contextOf(res)
      const [, pressed = '', at = ''] = /^(\w+):?(.*)$/s.exec(field(req, 'do')) ?? []
      if (pressed === 'invite') {
        const token = await inviteReviewer(deps.storage, job, deps.now())
        await deps.audit.enter(learnerId, 'reviewer-invited', { job: job.id })
        const link = `${siteOrigin(req, deps.config)}/review/${token}`
        return send(req, res, (await deps.storage.hiringJobs.find(job.id)) ?? job, link)
      }
      if (pressed === 'withdraw') {
        await withdrawInvites(deps.storage, job)
        return redirectTo(req, res, `${jobHref(job)}/reviewers`)
      }
      // By name: the list may have changed since the page was drawn.
      const other = job.reviewers.find(({ name }) => name === at)
      if (pressed !== 'remove' || !other)
        throw new HttpProblem(409, t('This person is no longer a reviewer. Reload the page.'))
      await removeReviewer(deps.storage, job, other.learnerId)
      await deps.audit.enter(learnerId, 'reviewer-removed', { job: job.id, reviewer: other.learnerId })
      redirectTo(req, res, `${jobHref(job)}/reviewers`)
    },

    invited: async (req, res) => {
      const job = await invitation(req)
      if (isReviewer(job, contextOf(res).learnerId)) return res.redirect(303, '/hiring/reviews')
      await sendInvitation(req, res, job)
    },

    accept: async (req, res) => {
      const job = await invitation(req)
      const { learnerId, account } = contextOf(res)
      if (isReviewer(job, learnerId)) return redirectTo(req, res, '/hiring/reviews')
      if (account === null) throw new HttpProblem(403, t('Sign in first, then open the link again.'))
      if (await whyNotReviewer(deps.storage, job, learnerId)) return sendInvitation(req, res, job)
      const name = readNickname(field(req, 'name'))
      if (name === undefined)
        return sendInvitation(req, res, job, t('A name has 1 to 30 characters, and a letter or a digit among them.'))
      if (job.reviewers.some((one) => one.name === name))
        return sendInvitation(req, res, job, t('Somebody here has this name. Add a letter, or your town.'))
      if (!(await acceptReview(deps.storage, job, String(req.params.token), { learnerId, name }, deps.now())))
        throw new HttpProblem(409, t('This link was used or has expired. Ask the sender for a new one.'))
      await deps.audit.enter(learnerId, 'reviewer-joined', { job: job.id })
      redirectTo(req, res, '/hiring/reviews')
    },
  }
}
