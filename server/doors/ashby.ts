/**
 * Ashby as an assessment partner: it lists the exercises that are open, starts and cancels assessments, and is told how each of them goes.
 * By its public documentation (https://developers.ashbyhq.com/docs/creating-an-assessments-integration, and the reference of assessment.list, .start,
 * .cancel and .update); not tried against Ashby itself, which lets partners in only. What was found: ids are UUIDs; 409 of a start says that the
 * candidate is being assessed already, 422 has a `message` that people there see; a cancellation is answered by 200 with `success`, and `errors`
 * when it is refused; an update with `assessment_result` completes, one with `cancelled_reason` cancels. What was not: whether a start is repeated and by
 * what a repeated one is known (here by the application and the type), what a candidate who has begun means for a cancellation, what becomes of
 * an update that comes after one that cancelled, and whether timestamps have to grow (here they do).
 */
import { z } from 'zod'
import { readPerson } from '../hiring/invitations.ts'
import {
  type Answer,
  type ApplicantDeps,
  type ApplicantSystem,
  basicAuthorization,
  createApplicantSystem,
  type Found,
  type News,
  type NewsKind,
  type NotInvited,
} from './applicant-system.ts'

export interface AshbyDeps extends ApplicantDeps {
  /** By which this site is known there. */
  apiKey: string
  /** Where its API is; its own unless told. */
  apiUrl?: string
}

export interface Ashby extends Pick<ApplicantSystem, 'tellNews'> {
  list(): Promise<Answer>
  start(body: unknown): Promise<Answer>
  cancel(body: unknown): Promise<Answer>
}

const ownApiUrl = 'https://api.ashbyhq.com'

/** The hex digits of an id of this site as a UUID of version 8, whose form is free. */
export const uuidOf = (id: string): string =>
  `${id.slice(0, 8)}-${id.slice(8, 12)}-8${id.slice(12, 15)}-8${id.slice(15)}-000000000000`

/** @returns undefined for a UUID that is not one of this site */
export function idOfUuid(uuid: string): string | undefined {
  const parts = /^([a-f0-9]{8})-([a-f0-9]{4})-8([a-f0-9]{3})-8([a-f0-9]{3})-0{12}$/.exec(uuid.toLowerCase())
  return parts?.slice(1).join('')
}

const ashbyId = z.string().min(1).max(200)
const startForm = z.object({
  assessment_type_id: z.string(),
  candidate: z.object({ ashby_id: ashbyId, first_name: z.string(), last_name: z.string(), email: z.string() }),
  application: z.object({ ashby_id: ashbyId }),
})
const cancelForm = z.object({ assessment_id: z.string() })

const done = (results: unknown): Answer => ({ status: 200, body: { success: true, results } })
/** In both forms that are read there: `message` of a start, `errors` of all others. */
export const ashbyRefusal = (words: string) => ({ success: false, errors: [words], message: words })
const refusal = (status: number, words: string): Answer => ({ status, body: ashbyRefusal(words) })

const notStarted: Readonly<Record<NotInvited, Answer>> = {
  closed: refusal(422, 'This exercise is not open in Podium. Open it there, or choose another one.'),
  full: refusal(422, 'This exercise has as many candidates as it can have. Choose another one.'),
  already: refusal(409, 'This candidate is being assessed by this exercise already.'),
  'not-sent': refusal(422, 'The invitation could not be mailed. Start the assessment again in some minutes.'),
}

const statuses: Readonly<Record<Exclude<NewsKind, 'revoked' | 'declined'>, string>> = {
  sent: 'Sent',
  started: 'Started',
  expired: 'The invitation has expired. Start the assessment again to send a new one.',
  completed: 'Completed',
  graded: 'Graded',
}
const cancellations: Readonly<Record<'revoked' | 'declined', string>> = {
  revoked: 'The invitation was taken back',
  declined: 'The candidate declined',
}

/** A field as Ashby shows it. */
const shown = (identifier: string, label: string, type: string, value: string | number, description: string) => ({
  ...{ identifier, label, type, value, description },
})

export function createAshby(deps: AshbyDeps): Ashby {
  const { apiUrl = ownApiUrl, apiKey } = deps
  const candidates = createApplicantSystem(deps, {
    ...{ system: 'ashby', name: 'Ashby' },
    tells: ['sent', 'started', 'declined', 'revoked', 'expired', 'completed', 'graded'],
    message: (found, news, timestamp) => ({
      ...{ method: 'POST', url: `${apiUrl}/assessment.update` },
      headers: {
        Authorization: basicAuthorization(apiKey),
        'Content-Type': 'application/json',
        Accept: 'application/json; version=1',
      },
      body: JSON.stringify({ assessment_id: uuidOf(found.test.seat), timestamp, ...updateOf(found, news) }),
    }),
    // It answers 200 also to what it does not take.
    acknowledges: (answer) =>
      'status' in answer && answer.status >= 200 && answer.status < 300 && !/"success"\s*:\s*false/.test(answer.text),
  })

  function updateOf(found: Found, { kind }: News): Record<string, unknown> {
    if (kind === 'revoked' || kind === 'declined')
      return {
        cancelled_reason: shown('cancelled-reason', 'Reason', 'string', cancellations[kind], 'Why it was cancelled'),
      }
    const status = shown('status', 'Status', 'string', statuses[kind], 'How far the candidate is')
    if (kind !== 'graded') return { assessment_status: status }
    const { percent, url, startedMs, endedMs } = candidates.resultOf(found)
    const minutes =
      startedMs === undefined || endedMs === undefined ? undefined : Math.round((endedMs - startedMs) / 60_000)
    return {
      assessment_status: status,
      assessment_result:
        percent === undefined
          ? shown('result', 'Result', 'string', 'Not scored', 'Nothing of it is judged by the computer')
          : shown('score', 'Score', 'numeric_score', percent, 'Points of 100'),
      assessment_profile_url: shown('report', 'Report', 'url', url, 'Opens for people who have a role in Podium'),
      metadata:
        minutes === undefined
          ? []
          : [shown('duration', 'Duration', 'numeric_duration_minutes', minutes, 'From start to end, breaks included')],
    }
  }

  return {
    tellNews: candidates.tellNews,

    async list() {
      const open = await candidates.openOnes()
      return done(
        open.map(({ exercise, job }) => ({
          assessment_type_id: uuidOf(exercise.id),
          name: `${job.title}: ${exercise.title}`,
          description: `${Math.round((exercise.clock.durationMs ?? 0) / 60_000)} minutes of work in a simulated Kubernetes cluster`,
        })),
      )
    },

    async start(body) {
      const read = startForm.safeParse(body)
      if (!read.success) return refusal(422, z.prettifyError(read.error))
      const { assessment_type_id: type, candidate, application } = read.data
      const exerciseId = idOfUuid(type)
      if (exerciseId === undefined) return notStarted.closed
      const person = readPerson(`${candidate.first_name} ${candidate.last_name}`, candidate.email)
      if ('why' in person || person.mail === '')
        return refusal(422, `The candidate has no ${'why' in person ? person.why : 'mail'} that can be used.`)
      const request = JSON.stringify(['ashby', exerciseId, application.ashby_id])
      const test = await candidates.invited({ exerciseId, person, request, personId: candidate.ashby_id, url: null })
      return typeof test === 'string' ? notStarted[test] : done({ assessment_id: uuidOf(test.seat) })
    },

    async cancel(body) {
      const read = cancelForm.safeParse(body)
      if (!read.success) return refusal(422, z.prettifyError(read.error))
      switch (await candidates.cancel(idOfUuid(read.data.assessment_id) ?? '')) {
        case 'cancelled':
          return done({ assessment_id: read.data.assessment_id })
        case 'begun':
          return refusal(200, 'The candidate has begun, so the assessment goes on. What they hand in is told as usual.')
        case 'unknown':
          return refusal(200, 'There is no such assessment, or its candidate was erased.')
      }
    },
  }
}
