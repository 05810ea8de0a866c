/**
 * Greenhouse as an assessment partner: it lists the exercises that are open, has candidates invited, and reads how they did when it is told that there
 * is news. By its public documentation (https://developers.greenhouse.io/assessment.html); not tried against Greenhouse itself, which gives
 * access to partners only. What was not found there: how often and on which answers it repeats a request, so each may be repeated here.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Mail } from '../accounts/mail.ts'
import type { Audit } from '../hiring/audit.ts'
import { candidatesOf, isCandidate, numberOf } from '../hiring/candidates.ts'
import type { Exercise, Exercises } from '../hiring/exercises.ts'
import { invite, readPerson, renew } from '../hiring/invitations.ts'
import { invitationLetter } from '../hiring/letter.ts'
import type { Work } from '../journal/journals.ts'
import type { AtsTest } from '../storage/ats-tests.ts'
import { createTurns } from '../storage/turns.ts'
import type { Storage } from '../storage/types.ts'
import { whenGraded } from './events.ts'
import type { OutboxDeps } from './outbox.ts'
import { askOutside, type OutsideOptions, problemOfUrl } from './outside.ts'

export interface GreenhouseDeps extends Omit<OutboxDeps, 'storage' | 'exercises'> {
  storage: Pick<Storage, 'participants' | 'candidates' | 'hiringJobs' | 'atsTests'>
  exercises: Exercises
  audit: Pick<Audit, 'enter'>
  mail: Mail | undefined
  /** By which it is known here, and this site there. */
  key: string
  publicUrl: string
  outside: OutsideOptions
  /** Of all that counts, of 100; undefined while nothing is judged. */
  percentOf(exercise: Exercise, work: Work): number | undefined
  onError(error: unknown): void
}

/** What is answered. */
export interface Answer {
  status: number
  body: unknown
}

const dayMs = 24 * 3_600_000
/** Invitations are good for so long. */
const windowDays = 14
const firstPauseMs = 5000
const longestPauseMs = 6 * 3_600_000
/** Some four days. */
const mostTries = 30

const sendForm = z.object({
  partner_test_id: z.string().regex(/^[a-f0-9]{18}$/),
  candidate: z.object({ first_name: z.string(), last_name: z.string(), email: z.string().min(3) }),
  url: z.string(),
})

const refusal = (status: number, error: string): Answer => ({ status, body: { error } })

export interface Greenhouse {
  listTests(): Promise<Answer>
  sendTest(body: unknown): Promise<Answer>
  testStatus(id: string): Promise<Answer>
  /** Tells it once of each who is graded since. @returns how many it was told of */
  tellNews(): Promise<number>
}

export function createGreenhouse(deps: GreenhouseDeps): Greenhouse {
  const { storage, exercises, now } = deps
  // It may repeat a request while the first one is under way.
  const inTurn = createTurns()

  /** Those to which somebody can be invited. */
  const openOnes = async () => {
    const found = await Promise.all(
      (await exercises.all()).map(async (exercise) => {
        const { life } = await exercises.course(exercise.id)
        const job = await storage.hiringJobs.find(exercise.exercise.jobId)
        const isOpen = life.state === 'open' || life.state === 'paused'
        return isOpen && !exercise.exercise.rehearsalOf && job && job.archivedAtMs === null
          ? { exercise, job }
          : undefined
      }),
    )
    return found.filter((one) => one !== undefined)
  }

  const write = async (exercise: Exercise, test: AtsTest, token: string, untilMs: number): Promise<boolean> => {
    const [job, person] = [
      await storage.hiringJobs.find(exercise.exercise.jobId),
      await storage.candidates.find(test.seat),
    ]
    if (!job || !person || !deps.mail) return false
    const day = () => new Date(untilMs).toISOString().slice(0, 10)
    const letter = invitationLetter({ job, exercise }, person, `${deps.publicUrl}/c/${token}`, { language: 'en' }, day)
    try {
      await deps.mail.send({ to: person.mail, ...letter })
      await storage.atsTests.update(test.seat, (one) => ({ ...one, isSent: true }))
      return true
    } catch (error) {
      deps.onError(error)
      return false
    }
  }

  const standingOf = async ({ sittingId, seat }: Pick<AtsTest, 'sittingId' | 'seat'>) => {
    const exercise = await exercises.find(sittingId)
    const standing = exercise && (await candidatesOf(deps, exercise)).find((one) => one.seat.id === seat)
    return exercise && standing ? { exercise, standing } : undefined
  }

  return {
    async listTests() {
      const open = await openOnes()
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
      const { partner_test_id: wanted, candidate, url } = read.data
      const person = readPerson(`${candidate.first_name} ${candidate.last_name}`, candidate.email)
      if ('why' in person) return refusal(422, `the candidate has no ${person.why} that can be used`)
      const problem = problemOfUrl(url, deps.outside)
      if (problem) return refusal(422, 'url is no address of the internet over https')
      const urlSha256 = createHash('sha256').update(url).digest('hex')
      return inTurn(urlSha256, async () => {
        const untilMs = now() + windowDays * dayMs
        const known = await storage.atsTests.ofUrl(urlSha256)
        const done = (test: AtsTest): Answer => ({ status: 200, body: { partner_interview_id: test.seat } })
        const notSent = refusal(502, 'the mail server did not take the invitation: send the test again')
        if (known?.isSent) return done(known)
        if (known) {
          const exercise = await exercises.find(known.sittingId)
          const seat = await storage.participants.find(known.sittingId, known.seat)
          if (!exercise || !seat || !isCandidate(seat)) return refusal(410, 'this candidate was erased')
          const token = await renew(deps, seat, exercise.ownerLearnerId, { opensAtMs: null, untilMs })
          return (await write(exercise, known, token, untilMs)) ? done(known) : notSent
        }
        const open = (await openOnes()).find(({ exercise }) => exercise.id === wanted)
        if (!open) return refusal(404, 'this exercise is not open')
        const terms = { opensAtMs: null, untilMs, multiplier: 1, language: 'en' as const }
        const made = await invite(deps, open.exercise, open.job.ownerLearnerId, person, terms)
        if (!made) return refusal(409, 'this exercise has as many candidates as it can have')
        const test: AtsTest = {
          ...{ seat: made.seat.id, sittingId: open.exercise.id, url, urlSha256, isSent: false, toldMs: null },
          ...{ tries: 0, nextTryMs: 0 },
        }
        await storage.atsTests.save(test)
        await deps.audit.enter('system', 'invited-by-greenhouse', { exercise: open.exercise.id, candidate: test.seat })
        return (await write(open.exercise, test, made.token, untilMs)) ? done(test) : notSent
      })
    },

    async testStatus(id) {
      const test = /^[a-f0-9]{18}$/.test(id) ? await storage.atsTests.find(id) : undefined
      const found = test && (await standingOf(test))
      if (!found) return refusal(404, 'there is no such partner_interview_id')
      const { exercise, standing } = found
      const isGraded = whenGraded(exercise, standing, now()) !== undefined
      const percent = isGraded ? deps.percentOf(exercise, standing.work) : undefined
      const page = `/hiring/jobs/${exercise.exercise.jobId}/exercises/${exercise.id}/candidates/${numberOf(standing.seat)}/report`
      const startedMs = standing.work.candidacy?.changes.find(({ event }) => event.event === 'start')?.atMs
      return {
        status: 200,
        body: {
          partner_status: isGraded ? 'complete' : standing.state,
          ...(isGraded ? { partner_profile_url: `${deps.publicUrl}${page}` } : {}),
          ...(percent === undefined ? {} : { partner_score: Math.round(percent) }),
          metadata: {
            ...(startedMs === undefined ? {} : { 'Started at': new Date(startedMs).toISOString() }),
            ...(standing.endedAtMs === null ? {} : { 'Ended at': new Date(standing.endedAtMs).toISOString() }),
          },
        },
      }
    },

    async tellNews() {
      let told = 0
      for (const test of await storage.atsTests.list()) {
        if (test.nextTryMs > now() || test.tries >= mostTries) continue
        const found = await standingOf(test)
        const endedMs = found?.standing.endedAtMs ?? null
        const isNews = found && endedMs !== null && endedMs !== test.toldMs
        if (!isNews || whenGraded(found.exercise, found.standing, now()) === undefined) continue
        const headers = { Authorization: `Basic ${Buffer.from(`${deps.key}:`).toString('base64')}` }
        const answer = await askOutside({ method: 'PATCH', url: test.url, headers, body: '' }, deps.outside)
        if ('status' in answer && answer.status >= 200 && answer.status < 300) {
          await storage.atsTests.update(test.seat, (one) => ({ ...one, toldMs: endedMs, tries: 0, nextTryMs: 0 }))
          told++
          continue
        }
        const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** test.tries)
        await storage.atsTests.update(test.seat, (one) => ({
          ...{ ...one, tries: one.tries + 1, nextTryMs: now() + pauseMs },
        }))
        deps.onError(new Error(`Greenhouse could not be told: ${'status' in answer ? answer.status : 'no answer'}`))
      }
      return told
    },
  }
}

const lookEveryMs = 5000

/** Looks for news as long as the server runs. @returns ends it */
export function createGreenhouseNews(
  greenhouse: Greenhouse,
  onError: (error: unknown) => void,
): { close(): Promise<void> } {
  let looking: Promise<unknown> | undefined
  const timer = setInterval(() => {
    looking ??= greenhouse
      .tellNews()
      .catch(onError)
      .finally(() => {
        looking = undefined
      })
  }, lookEveryMs)
  timer.unref()
  return {
    async close() {
      clearInterval(timer)
      await looking
    },
  }
}
