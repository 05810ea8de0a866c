/**
 * What the applicant systems have in common: exercises that are open, candidates who are invited by mail, how they stand, and news that is told until
 * it is acknowledged. What there is to tell is read from the journals, so a process that is killed at any moment loses none of it.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { Mail } from '../accounts/mail.ts'
import type { Audit } from '../hiring/audit.ts'
import {
  type CandidateDeps,
  type CandidateStanding,
  type CandidateState,
  candidateOf,
  candidatesOf,
  numberOf,
  recordOf,
} from '../hiring/candidates.ts'
import type { Exercise, Exercises } from '../hiring/exercises.ts'
import { invite, type Person, renew, revoke } from '../hiring/invitations.ts'
import { invitationLetter } from '../hiring/letter.ts'
import type { Work } from '../journal/journals.ts'
import { NoTurn, type Turns } from '../peers/turns.ts'
import type { AtsTest } from '../storage/ats-tests.ts'
import { damageOnce, unlessDamaged } from '../storage/documents.ts'
import type { Job } from '../storage/hiring.ts'
import type { Storage } from '../storage/types.ts'
import { whenGraded } from './events.ts'
import { askOutside, type OutsideAnswer, type OutsideOptions, type OutsideRequest } from './outside.ts'

export interface ApplicantDeps extends Omit<CandidateDeps, 'storage' | 'exercises'> {
  storage: Pick<Storage, 'participants' | 'candidates' | 'hiringJobs' | 'atsTests'>
  exercises: Exercises
  audit: Pick<Audit, 'enter'>
  mail: Mail | undefined
  publicUrl: string
  outside: OutsideOptions
  /** Among all processes of the site. */
  inTurn: Turns
  /** Of all that counts, of 100; undefined while nothing is judged. */
  percentOf(exercise: Exercise, work: Work): number | undefined
  onError(error: unknown): void
}

/** What is answered to a system. */
export interface Answer {
  status: number
  body: unknown
}

/** A candidate whom the system has sent, as they stand. */
export interface Found {
  test: AtsTest
  exercise: Exercise
  standing: CandidateStanding
}

/** How far somebody is who has been graded or not. */
export interface Result {
  isGraded: boolean
  /** Of 100, whole; undefined before, and where nothing is judged. */
  percent: number | undefined
  /** Of the report, for people of this site. */
  url: string
  startedMs: number | undefined
  endedMs: number | undefined
}

export type NewsKind = 'sent' | 'started' | 'declined' | 'revoked' | 'expired' | 'completed' | 'graded'

export interface News {
  kind: NewsKind
  /** Tells it from all others of the same candidate. */
  what: string
  atMs: number
}

/** In what the systems differ. */
export interface SystemTraits {
  system: AtsTest['system']
  /** For people who read a log. */
  name: string
  /** What it wants to hear of. */
  tells: readonly NewsKind[]
  /** @param timestampMs greater than that of any news before */
  message(found: Found, news: News, timestampMs: number): OutsideRequest
  acknowledges(answer: OutsideAnswer): boolean
}

/** What the system asks for. */
export interface Wanted {
  exerciseId: string
  person: Person
  request: string
  /** The system's own id of the person, where it tells one: nobody is assessed twice at a time. */
  personId?: string
  url: string | null
}

export type NotInvited = 'closed' | 'full' | 'already' | 'not-sent'

export interface ApplicantSystem {
  /** Those to which somebody can be invited. */
  openOnes(): Promise<{ exercise: Exercise; job: Job }[]>
  /** Invites once, however often it is repeated, also at the same time. Who was taken back or has declined is invited anew. */
  invited(wanted: Wanted): Promise<AtsTest | NotInvited>
  find(seat: string): Promise<Found | undefined>
  resultOf(found: Found): Result
  /** Takes the invitation back as long as the candidate has not begun. */
  cancel(seat: string): Promise<'cancelled' | 'begun' | 'unknown'>
  /** Tells each piece of news once that is acknowledged. @returns how many were */
  tellNews(): Promise<number>
}

const dayMs = 24 * 3_600_000
/** Invitations are good for so long. */
const windowDays = 14
const firstPauseMs = 5000
const longestPauseMs = dayMs
/** Nobody else tells the same meanwhile; longer than a request may take. */
const leaseMs = 30_000

const hash = (text: string): string => createHash('sha256').update(text).digest('hex')
export const basicAuthorization = (key: string): string => `Basic ${Buffer.from(`${key}:`).toString('base64')}`

const isWithdrawn = (state: CandidateState): boolean => state === 'revoked' || state === 'declined'
const isBeforeStart = (state: CandidateState): boolean =>
  state === 'invited' || state === 'agreed' || state === 'expired' || isWithdrawn(state)
const isUnderWay = (state: CandidateState): boolean =>
  state === 'invited' || state === 'agreed' || state === 'started' || state === 'on-break'

/** All that there is to tell of somebody, in order. Pure. */
function newsOf({ test, exercise, standing }: Found, nowMs: number): News[] {
  const { seat, state, work, endedAtMs } = standing
  const { declinedAtMs, changes } = work.candidacy ?? {}
  const startedMs = changes?.find(({ event }) => event.event === 'start')?.atMs
  const { revokedAtMs, untilMs } = seat.candidate
  const gradedMs = whenGraded(exercise, standing, nowMs)
  const all: (Omit<News, 'what' | 'atMs'> & { of?: number; atMs: number | null | undefined })[] = [
    // With a new link it is news again.
    { kind: 'sent', atMs: test.isSent ? seat.joinedAtMs : null, of: untilMs },
    { kind: 'declined', atMs: declinedAtMs, ...(declinedAtMs === undefined ? {} : { of: declinedAtMs }) },
    { kind: 'revoked', atMs: state === 'revoked' ? revokedAtMs : null, of: revokedAtMs ?? 0 },
    { kind: 'expired', atMs: state === 'expired' ? Math.min(untilMs, nowMs) : null, of: untilMs },
    { kind: 'started', atMs: startedMs },
    // Who is given more time afterwards comes to another end.
    { kind: 'completed', atMs: endedAtMs, of: endedAtMs ?? 0 },
    { kind: 'graded', atMs: gradedMs, of: endedAtMs ?? 0 },
  ]
  return all
    .flatMap(({ kind, of, atMs }) =>
      atMs == null ? [] : [{ kind, what: of === undefined ? kind : `${kind} ${of}`, atMs }],
    )
    .sort((a, b) => a.atMs - b.atMs)
}

export function createApplicantSystem(deps: ApplicantDeps, traits: SystemTraits): ApplicantSystem {
  const { storage, exercises, now } = deps
  const { system } = traits
  // Of what waits for repair nothing is told before it is repaired, and all of it then.
  const onDamage = damageOnce(deps.onError)
  // A system may repeat a request while the first one is under way.
  const inTurn: Turns = (request, act) => deps.inTurn(`applicant ${request}`, act)

  const openOnes = async () => {
    const found = await Promise.all(
      (await exercises.all()).map(async (exercise) => {
        const course = await unlessDamaged(exercises.course(exercise.id), onDamage)
        const job = await unlessDamaged(storage.hiringJobs.find(exercise.exercise.jobId), onDamage)
        const isOpen = course?.life.state === 'open' || course?.life.state === 'paused'
        return isOpen && !exercise.exercise.rehearsalOf && job && job.archivedAtMs === null
          ? { exercise, job }
          : undefined
      }),
    )
    return found.filter((one) => one !== undefined)
  }

  const standingOf = async (test: AtsTest): Promise<Found | undefined> => {
    const exercise = await exercises.find(test.sittingId)
    const standing = exercise && (await candidateOf(deps, exercise, test.seat))
    return exercise && standing ? { test, exercise, standing } : undefined
  }

  const find = async (seat: string): Promise<Found | undefined> => {
    const test = /^[a-f0-9]{18}$/.test(seat) ? await storage.atsTests.find(seat) : undefined
    return test?.system === system ? standingOf(test) : undefined
  }

  const write = async (
    exercise: Exercise,
    test: AtsTest,
    token: string,
    untilMs: number,
  ): Promise<AtsTest | NotInvited> => {
    const [job, person] = [
      await storage.hiringJobs.find(exercise.exercise.jobId),
      await storage.candidates.find(test.seat),
    ]
    if (!job || !person || !deps.mail) return 'not-sent'
    const day = () => new Date(untilMs).toISOString().slice(0, 10)
    const letter = invitationLetter({ job, exercise }, person, `${deps.publicUrl}/c/${token}`, { language: 'en' }, day)
    try {
      await deps.mail.send({ to: person.mail, ...letter })
    } catch (error) {
      // Not what it said: a mail server repeats the address.
      const { code } = error as { code?: unknown }
      deps.onError(
        new Error(`the mail server did not take an invitation (${typeof code === 'string' ? code : 'no code'})`),
      )
      return 'not-sent'
    }
    await storage.atsTests.update(test.seat, (one) => ({ ...one, isSent: true }))
    return { ...test, isSent: true }
  }

  const isAssessedElsewhere = async ({ exerciseId }: Wanted, requestSha256: string, personSha256: string) => {
    for (const test of await storage.atsTests.list()) {
      if (test.system !== system || test.sittingId !== exerciseId || test.personSha256 !== personSha256) continue
      if (test.requestSha256 === requestSha256 || test.isCancelled) continue
      const found = await standingOf(test)
      if (found && isUnderWay(found.standing.state)) return true
    }
    return false
  }

  const inviteNow = async (wanted: Wanted, requestSha256: string): Promise<AtsTest | NotInvited> => {
    const untilMs = now() + windowDays * dayMs
    const before = (await storage.atsTests.ofRequest(requestSha256)).filter((one) => !one.isCancelled)
    const known = await Promise.all(before.map(async (test) => ({ test, found: await standingOf(test) })))
    const open = (await openOnes()).find(({ exercise }) => exercise.id === wanted.exerciseId)
    const last = known.find(({ found }) => found && !isWithdrawn(found.standing.state))
    if (last?.found) {
      const { test, standing, exercise } = last.found
      const hasExpired = standing.state === 'expired'
      if (test.isSent && !hasExpired) return test
      if (!isBeforeStart(standing.state)) return test
      if (!open) return 'closed'
      const token = await renew(deps, standing.seat, exercise.ownerLearnerId, { opensAtMs: null, untilMs })
      return write(exercise, test, token, untilMs)
    }
    if (!open) return 'closed'
    const personSha256 = wanted.personId === undefined ? null : hash(`${system} ${wanted.personId}`)
    if (personSha256 && (await isAssessedElsewhere(wanted, requestSha256, personSha256))) return 'already'
    // It stands before the seat: who was killed between the two goes on with the same.
    const test: AtsTest = known.find(({ found }) => !found)?.test ?? {
      ...{ seat: randomBytes(9).toString('hex'), system, sittingId: open.exercise.id, url: wanted.url },
      ...{ requestSha256, personSha256, isSent: false, isCancelled: false },
      ...{ told: [], toldMs: null, tries: 0, nextTryMs: 0 },
    }
    await storage.atsTests.save(test)
    const terms = { opensAtMs: null, untilMs, multiplier: 1, language: 'en' as const }
    const made = await invite(deps, open.exercise, open.job.ownerLearnerId, wanted.person, terms, test.seat)
    if (!made) {
      await storage.atsTests.remove(test.seat)
      return 'full'
    }
    // Who has declined may think better of it by the link of before: from now on there is one.
    for (const { found } of known)
      if (found?.standing.state === 'declined') await revoke(deps, found.standing.seat, found.exercise.ownerLearnerId)
    await deps.audit.enter('system', `invited-by-${system}`, {
      ...{ exercise: open.exercise.id, candidate: recordOf(made.seat) },
    })
    return write(open.exercise, test, made.token, untilMs)
  }

  /** For this process to tell of; undefined while another one does. @returns it as it is stored now */
  const claim = async (seat: string): Promise<AtsTest | undefined> => {
    let mine: AtsTest | undefined
    await storage.atsTests.update(seat, (one) => {
      mine = one.nextTryMs <= now() ? { ...one, nextTryMs: now() + leaseMs } : undefined
      return mine ?? one
    })
    return mine
  }

  const owedOf = (found: Found): News[] => {
    const { told, isCancelled } = found.test
    return newsOf(found, now()).filter(
      ({ kind, what }) =>
        traits.tells.includes(kind) &&
        !told.includes(what) &&
        // Of what it has cancelled itself it hears that, and no more.
        (!isCancelled || kind === 'revoked'),
    )
  }

  const tell = async (seen: Found): Promise<number> => {
    const { seat } = seen.test
    const test = owedOf(seen).length === 0 ? undefined : await claim(seat)
    if (!test) return 0
    const found = { ...seen, test }
    let { toldMs } = test
    let count = 0
    for (const news of owedOf(found)) {
      const timestampMs = Math.max(news.atMs, (toldMs ?? -1) + 1)
      const answer = await askOutside(traits.message(found, news, timestampMs), deps.outside)
      if (!traits.acknowledges(answer)) {
        await storage.atsTests.update(seat, (one) => ({
          ...{ ...one, tries: one.tries + 1 },
          nextTryMs: now() + Math.min(longestPauseMs, firstPauseMs * 2 ** one.tries),
        }))
        deps.onError(new Error(`${traits.name} could not be told: ${'status' in answer ? answer.status : 'no answer'}`))
        return count
      }
      toldMs = timestampMs
      count++
      await storage.atsTests.update(seat, (one) => ({
        ...{ ...one, told: [...one.told, news.what], toldMs: timestampMs, tries: 0, nextTryMs: now() + leaseMs },
      }))
    }
    await storage.atsTests.update(seat, (one) => ({ ...one, nextTryMs: 0 }))
    return count
  }

  return {
    openOnes,
    find,

    invited(wanted) {
      const requestSha256 = hash(wanted.request)
      return inTurn(requestSha256, () => inviteNow(wanted, requestSha256)).catch((error: unknown) => {
        if (!(error instanceof NoTurn)) throw error
        deps.onError(error)
        return 'not-sent'
      })
    },

    resultOf({ exercise, standing }) {
      const isGraded = whenGraded(exercise, standing, now()) !== undefined
      const percent = isGraded ? deps.percentOf(exercise, standing.work) : undefined
      const page = `/hiring/jobs/${exercise.exercise.jobId}/exercises/${exercise.id}/candidates/${numberOf(standing.seat)}/report`
      return {
        ...{ isGraded, url: `${deps.publicUrl}${page}`, endedMs: standing.endedAtMs ?? undefined },
        percent: percent === undefined ? undefined : Math.round(percent),
        startedMs: standing.work.candidacy?.changes.find(({ event }) => event.event === 'start')?.atMs,
      }
    },

    async cancel(seat) {
      const before = await find(seat)
      if (!before) return 'unknown'
      return inTurn(before.test.requestSha256, async () => {
        const found = await find(seat)
        if (!found) return 'unknown'
        if (found.test.isCancelled) return 'cancelled'
        if (!isBeforeStart(found.standing.state)) return 'begun'
        await revoke(deps, found.standing.seat, found.exercise.ownerLearnerId)
        // They may have begun at the same moment: then they go on.
        const after = await find(seat)
        if (after && !isBeforeStart(after.standing.state)) return 'begun'
        await storage.atsTests.update(seat, (one) => ({ ...one, isCancelled: true }))
        await deps.audit.enter('system', `cancelled-by-${system}`, {
          ...{ exercise: found.exercise.id, candidate: recordOf(found.standing.seat) },
        })
        return 'cancelled'
      })
    },

    async tellNews() {
      const due = (await storage.atsTests.list()).filter((one) => one.system === system && one.nextTryMs <= now())
      let count = 0
      for (const sittingId of new Set(due.map((one) => one.sittingId))) {
        const exercise = await unlessDamaged(exercises.find(sittingId), onDamage)
        if (!exercise) continue
        const people = (await unlessDamaged(candidatesOf(deps, exercise, onDamage), onDamage)) ?? []
        const readable = people.filter(({ state }) => state !== 'unreadable')
        const standings = new Map(readable.map((one) => [one.seat.id, one]))
        for (const test of due) {
          const standing = test.sittingId === sittingId ? standings.get(test.seat) : undefined
          if (standing) count += await tell({ test, exercise, standing })
        }
      }
      return count
    },
  }
}

const lookEveryMs = 5000

/** Looks for news as long as the server runs. @returns ends it */
export function lookForNews(
  system: Pick<ApplicantSystem, 'tellNews'>,
  onError: (error: unknown) => void,
): { close(): Promise<void> } {
  let looking: Promise<unknown> | undefined
  const timer = setInterval(() => {
    looking ??= system
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
