/** The seat that a candidate's link leads to, how it stands, and the strip above its pages. */
import type { Catalog } from '../../catalog/types.ts'
import { type Candidate, type CandidateStanding, isOver, standingOf } from '../../hiring/candidates.ts'
import type { Course } from '../../hiring/exercise.ts'
import type { Exercise } from '../../hiring/exercises.ts'
import { seatOfToken } from '../../hiring/invitations.ts'
import { poolItem } from '../../hiring/pool.ts'
import { t } from '../../i18n/translate.ts'
import type { Work } from '../../journal/journals.ts'
import { isWorkedOn } from '../../practice/exam-tasks.ts'
import type { ExerciseStrip } from '../../render/page.ts'
import { HttpProblem } from '../../render/problem.ts'
import type { Seat } from '../../seat.ts'
import { sittingAt } from '../../sittings/life.ts'
import { may } from '../../sittings/roles.ts'
import { allowedMs } from '../../sittings/watch.ts'
import type { AppDeps } from '../deps.ts'

export interface Invited {
  exercise: Exercise
  seat: Candidate
  course: Course
  work: Work
  standing: CandidateStanding
  /** Whether whoever asks may take part: the seat is theirs. Another browser first says the words that it was told. */
  isTheirs: boolean
  /** The address of its first page. */
  href: string
}

type InvitedDeps = Pick<AppDeps, 'storage' | 'exercises' | 'journals' | 'now'>

/**
 * @param learnerId who asks
 * @throws HttpProblem 404 for a link that leads nowhere; DocumentUnreadable when some of what they did is damaged
 */
export async function invitedBy(deps: InvitedDeps, token: string, learnerId: string): Promise<Invited> {
  let damaged = 0
  const found = await seatOfToken(deps, token, () => damaged++)
  if (!found && damaged > 0)
    throw new HttpProblem(
      404,
      t(
        'This link leads to nothing that can be read. The seat behind it may be among those of this server that cannot be read now ({n}): nothing has been overwritten, and they are kept for repair. Ask the person who invited you.',
        { n: damaged },
      ),
    )
  if (!found)
    throw new HttpProblem(
      404,
      t(
        'This link leads nowhere. A newer one may have replaced it: check your email, or ask the person who invited you.',
      ),
    )
  const { exercise, seat } = found
  const course = await deps.exercises.course(exercise.id)
  const work = await deps.journals.work(seatIdOf(seat))
  if (work.unreadable[0]) throw work.unreadable[0]
  return {
    exercise,
    seat,
    course,
    work,
    standing: standingOf(exercise, seat, course, work, deps.now()),
    isTheirs: isTheirs(seat, course, learnerId, deps.now()),
    href: `/c/${token}`,
  }
}

const isTheirs = (seat: Candidate, { life }: Course, learnerId: string, nowMs: number): boolean =>
  may('participant', 'take-part', sittingAt(life, nowMs).state, seat.learnerId === learnerId ? ['self'] : [])

export const seatIdOf = ({ sittingId, id }: Pick<Candidate, 'sittingId' | 'id'>) => ({ sittingId, participantId: id })

/** As whom a candidate works. */
export const workingSeat = ({ sittingId, id, seed }: Candidate, learnerId: string): Seat => ({
  ...{ sittingId, participantId: id, learnerId, seed },
})

/** Where somebody belongs who may not work now: undefined for who is at work. */
export function whereInstead({ standing, course, href }: Invited): string | undefined {
  if (isOver(standing.state)) return `${href}/done`
  if (standing.state === 'started') return course.life.state === 'open' ? undefined : `${href}/work`
  return standing.state === 'on-break' ? `${href}/work` : href
}

/** @param item that the page is */
export function viewStrip(catalog: Catalog, { exercise, work, standing, href }: Invited, item?: string): ExerciseStrip {
  const items = exercise.items
  const addressOf = (name: string | undefined) => name && `${href}/${name.replace(':', 's/')}`
  const place = item === undefined ? -1 : items.indexOf(item)
  return {
    ...{
      href,
      live: `${href}/work/live`,
      title: exercise.title,
      isPractice: false,
      showsChecks: exercise.exercise.showsChecks,
    },
    sections: exercise.exercise.sections.map((section, n) => ({
      title: section.title || t('Section {n}', { n: n + 1 }),
      items: section.items.map((name) => {
        const shown = poolItem(catalog, name)
        return {
          ...{ item: name, href: addressOf(name)!, n: items.indexOf(name) + 1 },
          ...{ title: shown?.title ?? name, locale: shown?.locale, kind: shown?.kind, minutes: shown?.minutes ?? 0 },
          isBegun: isBegun(work, name),
          isFlagged: isFlagged(work, name),
          isCurrent: name === item,
        }
      }),
    })),
    here: place < 0 ? undefined : { n: place + 1, item: items[place]!, isFlagged: isFlagged(work, items[place]!) },
    count: items.length,
    previous: addressOf(items[place - 1]),
    next: addressOf(place < 0 ? undefined : items[place + 1]),
    clock: clockOf(standing),
    isPaused: false,
  }
}

/** Above the workspace as somebody tries it out. */
export const viewPracticeStrip = ({ exercise, href }: Invited): ExerciseStrip => ({
  ...{
    href,
    live: '',
    title: exercise.title,
    isPractice: true,
    showsChecks: exercise.exercise.showsChecks,
    sections: [],
  },
  ...{ here: undefined, count: 0, previous: undefined, next: undefined, clock: undefined, isPaused: false },
})

/** Undefined where nobody counts, and while nothing is counted. */
export function clockOf({ leftMs, life }: CandidateStanding): ExerciseStrip['clock'] {
  if (leftMs === null || !Number.isFinite(leftMs) || !life.allowance) return undefined
  return {
    leftMs: Math.round(leftMs),
    totalMs: Math.round(allowedMs(life.allowance)),
    isRunning: life.watch?.isRunning === true,
  }
}

/** Something was done there that can be judged. */
function isBegun({ answers, attempts }: Work, item: string): boolean {
  const [kind, id] = item.split(':')
  if (kind === 'question') return answers.some(({ questionId }) => questionId === id)
  return isWorkedOn(attempts.findLast(({ challengeId }) => challengeId === id))
}

/** A flag is a bookmark of this seat. */
export const isFlagged = ({ studyBook }: Pick<Work, 'studyBook'>, item: string): boolean =>
  studyBook.bookmarks.some((one) => one.item === item)
