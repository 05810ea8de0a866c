/**
 * Grades go back to the platform. What was graded stands in the learner's journal first; here the best of it is compared with what the platform has,
 * so that a process that is killed at any moment loses none, and a grade that is sent twice is the same.
 */
import { createHash } from 'node:crypto'
import type { Journals } from '../journal/journals.ts'
import { practiceSeat } from '../seat.ts'
import type { LtiLine } from '../storage/lti-lines.ts'
import type { Storage } from '../storage/types.ts'
import { type Lti, scoreScope } from './lti.ts'

export interface LtiGradeDeps {
  lti: Lti
  storage: Pick<Storage, 'ltiLines' | 'journals'>
  journals: Pick<Journals, 'work'>
  now(): number
  onError(error: unknown): void
}

/** The key of a person's line. */
export const hashOfLine = (lineItem: string, learnerId: string): string =>
  createHash('sha256').update(`${lineItem}\n${learnerId}`).digest('hex')

const patienceMs = 10_000
const hourMs = 3_600_000
const firstPauseMs = 5000
const longestPauseMs = 6 * hourMs
/** A platform that took nothing for so many tries, some four days, will take nothing. */
const mostTries = 30

/** The best that somebody was graded with, of 1; undefined before. What came from elsewhere counts when it was computed again here. */
async function bestOf({ journals }: LtiGradeDeps, { learnerId, item }: LtiLine) {
  const { attempts } = await journals.work(practiceSeat(learnerId))
  const scores = attempts
    .filter(({ challengeId, mock }) => item === `challenge:${challengeId}` && mock === undefined)
    .flatMap(({ gradings }) => gradings)
    .filter(({ result, origin }) => result.gradable && !origin)
    .map(({ result }) => Math.min(1, Math.max(0, result.score / Math.max(1, result.maxScore))))
  return scores.length === 0 ? undefined : Math.max(...scores)
}

/** Looks once at all lines. @returns how many grades were taken */
export async function sendGrades(deps: LtiGradeDeps): Promise<number> {
  const { storage, now } = deps
  let sent = 0
  for (const line of await storage.ltiLines.list()) {
    if (line.nextTryMs > now() || line.tries >= mostTries) continue
    const { sittingId, participantId } = practiceSeat(line.learnerId)
    const seq = await storage.journals.head(`${sittingId}/${participantId}`)
    if (seq === line.seenSeq && line.tries === 0) continue
    const best = await bestOf(deps, line)
    if (best === undefined || best === line.sent) {
      await storage.ltiLines.update(line.key, (one) => ({ ...one, seenSeq: seq }))
      continue
    }
    try {
      await post(deps, line, best)
      await storage.ltiLines.update(line.key, (one) => ({ ...one, seenSeq: seq, sent: best, tries: 0, nextTryMs: 0 }))
      sent++
    } catch (error) {
      const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** line.tries)
      await storage.ltiLines.update(line.key, (one) => ({ ...one, tries: one.tries + 1, nextTryMs: now() + pauseMs }))
      deps.onError(error)
    }
  }
  return sent
}

/** @throws Error when it is not taken */
async function post({ lti, now }: LtiGradeDeps, line: LtiLine, share: number): Promise<void> {
  const platform = lti.platformOf(line.platform)
  if (!platform) throw new Error('a platform that waits for grades is not registered any more')
  const token = await lti.accessToken(platform, scoreScope)
  const url = new URL(line.lineItem)
  // The address of a line may have a query, which stays behind.
  url.pathname = `${url.pathname.replace(/\/$/, '')}/scores`
  const answer = await fetch(url, {
    ...{ method: 'POST', redirect: 'error', signal: AbortSignal.timeout(patienceMs) },
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/vnd.ims.lis.v1.score+json' },
    body: JSON.stringify({
      ...{ userId: line.subject, scoreGiven: Math.round(share * 1000) / 10, scoreMaximum: 100 },
      ...{ activityProgress: 'Completed', gradingProgress: 'FullyGraded', timestamp: new Date(now()).toISOString() },
    }),
  })
  await answer.body?.cancel()
  if (!answer.ok) throw new Error(`the platform did not take a grade: ${answer.status}`)
}

const lookEveryMs = 5000

/** Looks for grades as long as the server runs. @returns ends it */
export function createLtiGrades(deps: LtiGradeDeps): { close(): Promise<void> } {
  let looking: Promise<unknown> | undefined
  const timer = setInterval(() => {
    looking ??= sendGrades(deps)
      .catch(deps.onError)
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
