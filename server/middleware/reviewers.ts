/** Gives whoever reviews for a job the role that they have there, on the pages of that job only. */
import type { RequestHandler } from 'express'
import { isReviewer } from '../hiring/reviewers.ts'
import type { AppDeps } from '../pages/deps.ts'
import { contextOf } from '../render/page.ts'

const ofJob = /^\/hiring\/jobs\/([a-f0-9]{18})\//

export function reviewers({ storage }: Pick<AppDeps, 'storage'>): RequestHandler {
  return async (req, res, next) => {
    const [, id] = ofJob.exec(req.path) ?? []
    const job = id === undefined ? undefined : await storage.hiringJobs.find(id)
    const context = contextOf(res)
    if (job && context.account !== null && isReviewer(job, context.learnerId))
      context.roles = [...context.roles, 'reviewer']
    next()
  }
}
