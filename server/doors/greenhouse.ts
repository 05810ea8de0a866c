/**
 * Greenhouse as an assessment partner: it lists the exercises that are open, has candidates invited, and reads how they did when it is told that there
 * is news. By its public documentation (https://developers.greenhouse.io/assessment.html); not tried against Greenhouse itself, which gives
 * access to partners only. What was not found there: how often and on which answers it repeats a request, so each may be repeated here.
 */
import { z } from 'zod'
import { readPerson } from '../hiring/invitations.ts'
import {
  type Answer,
  type ApplicantDeps,
  type ApplicantSystem,
  basicAuthorization,
  createApplicantSystem,
  type NotInvited,
} from './applicant-system.ts'
import { problemOfUrl } from './outside.ts'

export interface GreenhouseDeps extends ApplicantDeps {
  /** By which it is known here, and this site there. */
  key: string
}

const sendForm = z.object({
  partner_test_id: z.string().regex(/^[a-f0-9]{18}$/),
  candidate: z.object({ first_name: z.string(), last_name: z.string(), email: z.string().min(3) }),
  url: z.string(),
})

const refusal = (status: number, error: string): Answer => ({ status, body: { error } })

const refusals: Readonly<Record<NotInvited, Answer>> = {
  closed: refusal(404, 'this exercise is not open'),
  full: refusal(409, 'this exercise has as many candidates as it can have'),
  already: refusal(409, 'this candidate is being assessed already'),
  'not-sent': refusal(502, 'the mail server did not take the invitation: send the test again'),
}

export interface Greenhouse extends Pick<ApplicantSystem, 'tellNews'> {
  listTests(): Promise<Answer>
  sendTest(body: unknown): Promise<Answer>
  testStatus(id: string): Promise<Answer>
}

export function createGreenhouse(deps: GreenhouseDeps): Greenhouse {
  const candidates = createApplicantSystem(deps, {
    ...{ system: 'greenhouse', name: 'Greenhouse', tells: ['graded'] },
    message: ({ test }) => ({
      ...{ method: 'PATCH', url: test.url ?? '', headers: { Authorization: basicAuthorization(deps.key) }, body: '' },
    }),
    acknowledges: (answer) => 'status' in answer && answer.status >= 200 && answer.status < 300,
  })

  return {
    tellNews: candidates.tellNews,

    async listTests() {
      const open = await candidates.openOnes()
      return {
        status: 200,
        body: open.map(({ exercise, job }) => ({
          partner_test_id: exercise.id,
          partner_test_name: `${job.title}: ${exercise.title}`,
        })),
      }
    },

    async sendTest(body) {
      const read = sendForm.safeParse(body)
      if (!read.success) return refusal(422, z.prettifyError(read.error))
      const { partner_test_id: exerciseId, candidate, url } = read.data
      const person = readPerson(`${candidate.first_name} ${candidate.last_name}`, candidate.email)
      if ('why' in person) return refusal(422, `the candidate has no ${person.why} that can be used`)
      const problem = problemOfUrl(url, deps.outside)
      if (problem) return refusal(422, 'url is not an https address on the internet')
      const test = await candidates.invited({ exerciseId, person, request: url, url })
      return typeof test === 'string' ? refusals[test] : { status: 200, body: { partner_interview_id: test.seat } }
    },

    async testStatus(id) {
      const found = await candidates.find(id)
      if (!found) return refusal(404, 'there is no such partner_interview_id')
      const { isGraded, percent, url, startedMs, endedMs } = candidates.resultOf(found)
      const time = (name: string, ms: number | undefined) =>
        ms === undefined ? {} : { [name]: new Date(ms).toISOString() }
      return {
        status: 200,
        body: {
          partner_status: isGraded ? 'complete' : found.standing.state,
          ...(isGraded ? { partner_profile_url: url } : {}),
          ...(percent === undefined ? {} : { partner_score: percent }),
          metadata: { ...time('Started at', startedMs), ...time('Ended at', endedMs) },
        },
      }
    },
  }
}
