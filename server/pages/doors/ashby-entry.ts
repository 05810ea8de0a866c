/** What Ashby asks for. */
import { Router } from 'express'
import { ashbyRefusal } from '../../doors/ashby.ts'
import type { AppDeps } from '../deps.ts'
import { applicantEntry } from './applicant-entry.ts'

export function ashbyEntry(deps: AppDeps): Router {
  const { config, ashby } = deps
  if (!ashby || !config.ashby) return Router()
  return applicantEntry(deps, {
    ...{ place: '/ats/ashby', key: config.ashby.key, refusal: ashbyRefusal },
    calls: {
      'POST assessment.list': () => ashby.list(),
      'POST assessment.start': (req) => ashby.start(req.body),
      'POST assessment.cancel': (req) => ashby.cancel(req.body),
    },
  })
}
