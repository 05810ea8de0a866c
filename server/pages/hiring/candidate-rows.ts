/** The rows of an exercise's candidates, as those see them who manage it; and the page's live parts of them. */
import type { Request, RequestHandler, Response } from 'express'
import {
  type CandidateStanding,
  type CandidateState,
  candidatesOf,
  funnelOf,
  isOver,
  numberOf,
} from '../../hiring/candidates.ts'
import { mayWithJob } from '../../hiring/jobs.ts'
import { msg, t } from '../../i18n/translate.ts'
import { contextOf } from '../../render/page.ts'
import { sittingAt } from '../../sittings/life.ts'
import type { DocumentUnreadable } from '../../storage/documents.ts'
import type { AppDeps } from '../deps.ts'
import { query } from '../form.ts'
import { followRoom, minuteTickMs, streamLimit } from '../live-part.ts'
import { printDay, printSpan } from '../time.ts'
import { candidatesLeftOut, leftOut } from '../unreadable.ts'
import { mayReadNames, readNames } from './identities.ts'
import { exerciseHref, type Managed, managedExercise } from './managed.ts'

/** Streams of one exercise: a few managers, with a few tabs each. */
const mostStreams = 20
/** Candidates do something all the time: the table follows a little later. */
const gatherMs = 2000

/** What the table shows. Names are read for whom `see-names` is, and that enters the audit log. */
export async function candidateTable(deps: AppDeps, { job, exercise, course, state, href }: Managed, res: Response) {
  const who = contextOf(res)
  const candidates = await candidatesOf(deps, exercise, candidatesLeftOut(res))
  const isOwn = (error: DocumentUnreadable): boolean => candidates.some(({ seat }) => seat.id === error.key)
  const onUnreadable = (error: DocumentUnreadable): void => {
    if (isOwn(error)) leftOut(res)(error)
  }
  const people = mayReadNames(job, who) ? await readNames(deps, exercise.id, who.learnerId, onUnreadable) : []
  return {
    ...{ href, state },
    funnel: funnelOf(candidates, course, deps.now()),
    candidates: candidates.map((one) => {
      const { name, mail } = people.find(({ id }) => id === one.seat.id) ?? {}
      return { ...viewCandidate(one, href), name, mail }
    }),
  }
}

/** Follows all that is done in the exercise. Names are read again only for a table that has other rows. */
export function liveCandidates(deps: AppDeps): RequestHandler {
  const takeStream = streamLimit(mostStreams)
  return async (req: Request, res: Response) => {
    const { job, exercise } = await managedExercise(deps, req, res)
    const who = contextOf(res)
    let known = query(req, 'rows')
    let managed: Managed | undefined
    followRoom(deps, res, exercise.id, {
      concerns: () => true,
      gatherMs,
      nextMs: () => minuteTickMs,
      over: takeStream(exercise.id),
      mayGoOn: async () => {
        managed = await managedAgain(deps, job.id, exercise.id, who)
        return managed !== undefined
      },
      draw: async () => {
        if (!managed) return {}
        const { state, href } = managed
        const candidates = await candidatesOf(deps, managed.exercise, () => undefined)
        const rows = candidates.map((one) => viewCandidate(one, href))
        const funnel = {
          'hiring-funnel': deps.renderer.part(res, 'hiring/funnel', {
            funnel: funnelOf(candidates, managed.course, deps.now()),
          }),
        }
        const now = rowsKey(rows)
        if (now !== known || state === 'erased') {
          known = now
          const table = await candidateTable(deps, managed, res)
          return { ...funnel, 'hiring-table': deps.renderer.part(res, 'hiring/candidates-table', table) }
        }
        const cells = rows.flatMap((c) =>
          (['state', 'time', 'do'] as const).map((cell) => [
            `${cell}-${c.n}`,
            deps.renderer.part(res, `hiring/candidate-${cell}`, { c, state }),
          ]),
        )
        return { ...funnel, ...(Object.fromEntries(cells) as Record<string, string>) }
      },
    })
  }
}

/** By which it is known whether there are other rows than those that a page has. */
export const rowsKey = (rows: readonly { n: string }[]): string => rows.map(({ n }) => n).join('.')

/** The exercise as it is now. @returns undefined for who does not manage it any more */
async function managedAgain(
  deps: AppDeps,
  jobId: string,
  id: string,
  who: ReturnType<typeof contextOf>,
): Promise<Managed | undefined> {
  const job = await deps.storage.hiringJobs.find(jobId)
  const exercise = await deps.exercises.find(id)
  if (!job || !exercise || !mayWithJob(job, who, 'manage-job')) return undefined
  const course = await deps.exercises.course(id)
  return { job, exercise, course, state: sittingAt(course.life, deps.now()).state, href: exerciseHref(exercise) }
}

const candidateStates: Readonly<Record<CandidateState, { symbol: string; word: string }>> = {
  invited: { symbol: '·', word: msg('invited') },
  expired: { symbol: '✕', word: msg('expired') },
  revoked: { symbol: '✕', word: msg('taken back') },
  declined: { symbol: '✕', word: msg('declined') },
  agreed: { symbol: '○', word: msg('agreed, not started') },
  started: { symbol: '▸', word: msg('at work') },
  'on-break': { symbol: '‖', word: msg('on a break') },
  'handed-in': { symbol: '✓', word: msg('handed in') },
  'timed-out': { symbol: '✓', word: msg('handed in, time over') },
  unreadable: { symbol: '!', word: msg('cannot be read: please tell whoever runs this server') },
}

function viewCandidate({ seat, state, leftMs, life, work }: CandidateStanding, href: string) {
  const { symbol, word } = candidateStates[state]
  const isReadable = state !== 'unreadable'
  const { multiplier = seat.timeMultiplier, creditsMs = 0 } = (isReadable && life.allowance) || {}
  return {
    n: numberOf(seat),
    href: `${href}/candidates/${numberOf(seat)}`,
    isIn: isOver(state),
    blindName: seat.candidate.blindName,
    ...{ state, symbol, word: t(word) },
    left: leftMs === null ? undefined : printSpan(leftMs),
    untilDay: state === 'invited' || state === 'agreed' ? printDay(seat.candidate.untilMs) : undefined,
    multiplier: multiplier === 1 ? undefined : multiplier,
    credit: creditsMs === 0 ? undefined : printSpan(creditsMs),
    asked: isReadable ? work.candidacy?.asked?.says : undefined,
    mayHaveTime:
      state === 'agreed' || state === 'invited' || state === 'started' || state === 'on-break' || state === 'timed-out',
    mayInvite: isReadable && !isOver(state),
    mayRevoke: state === 'invited' || state === 'expired' || state === 'declined' || state === 'agreed',
  }
}
