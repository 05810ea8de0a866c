/** What Greenhouse asks for. */
import { Router } from 'express'
import type { AppDeps } from '../deps.ts'
import { query } from '../form.ts'
import { applicantEntry } from './applicant-entry.ts'

export function greenhouseEntry(deps: AppDeps): Router {
  const { config, greenhouse, logger } = deps
  const key = config.greenhouseKey
  if (!greenhouse || key === undefined) return Router()
  return applicantEntry(deps, {
    ...{ place: '/ats/greenhouse', key, refusal: (error) => ({ error }) },
    calls: {
      'GET list_tests': () => greenhouse.listTests(),
      'POST send_test': (req) => greenhouse.sendTest(req.body),
      'GET test_status': (req) => greenhouse.testStatus(query(req, 'partner_interview_id')),
      'POST response_error': async (req) => {
        const { api_call: call, errors } = (req.body ?? {}) as Record<string, unknown>
        // Not the rest of it: a mail address stands there.
        const said = Array.isArray(errors) ? errors.map((one) => String(one).slice(0, 200)).slice(0, 10) : []
        logger.warn({ call: String(call).slice(0, 40), errors: said }, 'Greenhouse could not use an answer')
        return { status: 204, body: undefined }
      },
    },
  })
}
