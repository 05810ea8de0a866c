/** The exercise as its candidate works on it: sections with what is done and flagged, time, breaks, a notepad; handing in, and what comes then. */

import type { Request, RequestHandler, Response } from 'express'
import { isOver } from '../../hiring/candidates.ts'
import { erasedAt } from '../../hiring/erasure.ts'
import { saveGroupAnswers } from '../../hiring/group-answers.ts'
import { asksOf } from '../../hiring/group-questions.ts'
import { poolItem } from '../../hiring/pool.ts'
import { publicKeyOf, receiptKey, receiptOf } from '../../hiring/receipts.ts'
import { t } from '../../i18n/translate.ts'
import { handOver } from '../../practice/closing-exercise.ts'
import { attemptsThatCount, gradingOfHead } from '../../practice/counted-attempts.ts'
import { gradedTasks } from '../../practice/receipt-of-work.ts'
import { contextOf, isHtmx, redirectTo } from '../../render/page.ts'
import { HttpProblem } from '../../render/problem.ts'
import { takesWork } from '../../seats/life.ts'
import { hashLog } from '../../storage/evidence.ts'
import type { AppDeps } from '../deps.ts'
import { begunAt, field, query, textField } from '../form.ts'
import { followRoom, minuteTickMs, streamLimit } from '../live-part.ts'
import { printDate, printDay } from '../time.ts'
import { clockOf, type Invited, invitedBy, isFlagged, seatIdOf, viewStrip } from './candidate.ts'
import { mayAnswer, viewGroups } from './groups.ts'

type Page = 'show' | 'act' | 'live' | 'handInForm' | 'handIn' | 'done' | 'groups' | 'receipt'

/** Streams of one seat: a few tabs. */
const mostStreams = 8
const longestNote = 20_000
const notepad = 'exercise:notepad'
const scripts = ['js/exercise.js']

export function workPages(deps: AppDeps): Record<Page, RequestHandler> {
  const takeStream = streamLimit(mostStreams)
  const closing = {
    ...deps,
    onError: (error: unknown) => deps.logger.error({ err: error }, 'an exercise could not be graded'),
  }

  const invitation = (req: Request, res: Response): Promise<Invited> =>
    invitedBy(deps, String(req.params.token), contextOf(res).learnerId)
  /** Of who has handed in, or whose time is over. @returns undefined when it was led elsewhere */
  const openEnded = async (req: Request, res: Response): Promise<Invited | undefined> => {
    const invited = await invitation(req, res)
    if (invited.isTheirs && isOver(invited.standing.state)) return invited
    redirectTo(req, res, invited.href)
    return undefined
  }
  /** Of who has begun. @returns undefined when it was led elsewhere */
  const open = async (req: Request, res: Response): Promise<Invited | undefined> => {
    const invited = await invitation(req, res)
    const { isTheirs, standing, href } = invited
    const hasBegun = standing.state === 'started' || standing.state === 'on-break'
    if (isTheirs && hasBegun) return invited
    redirectTo(req, res, isTheirs && isOver(standing.state) ? `${href}/done` : href)
    return undefined
  }
  /** Of who has begun, also a little after the end for what was typed before it. @throws HttpProblem 410 for what came too late */
  const openKept = async (req: Request, res: Response): Promise<Invited> => {
    const invited = await invitation(req, res)
    const { isTheirs, standing, course } = invited
    if (!isTheirs) throw new HttpProblem(404, t('This link leads nowhere.'))
    if (!takesWork(course.life, standing.life, deps.now(), begunAt(req)))
      throw new HttpProblem(
        410,
        t('Your time is over, so your change was not saved. Everything saved before is there.'),
      )
    return invited
  }
  const modelOf = (invited: Invited) => {
    const { work, standing, course, exercise } = invited
    return {
      strip: viewStrip(deps.catalog(), invited),
      isOnBreak: standing.state === 'on-break',
      isPaused: course.life.state === 'paused',
      notes: work.studyBook.notes.find((note) => note.item === notepad)?.text ?? '',
      asksForTools: exercise.exercise.aiPolicy === 'declared',
      credits: (work.candidacy?.credits ?? []).map(({ ms, why, atMs }) => ({
        minutes: Math.round(ms / 6000) / 10,
        isOutage: why === 'outage',
        at: printDay(atMs),
      })),
    }
  }

  return {
    show: async (req, res) => {
      const invited = await open(req, res)
      if (!invited) return
      deps.renderer.send(req, res, {
        template: 'hiring/work',
        partial: 'hiring/work-part',
        title: invited.exercise.title,
        section: 'none',
        scripts,
        model: modelOf(invited),
      })
    },

    act: async (req, res) => {
      const [pressed = '', item = ''] = field(req, 'do').split(' ')
      // What a browser kept of the notepad is told whether it came in time, and led nowhere.
      const isKept = pressed === 'note' && begunAt(req) !== undefined
      const invited = isKept ? await openKept(req, res) : await open(req, res)
      if (!invited) return
      const { seat, href, exercise } = invited
      const seatId = seatIdOf(seat)
      switch (pressed) {
        case 'break':
          await deps.journals.write(seatId, () =>
            invited.standing.state === 'started' ? [{ act: 'on-break', data: {} }] : [],
          )
          return redirectTo(req, res, `${href}/work`)
        case 'back':
          await deps.journals.write(seatId, () =>
            invited.standing.state === 'on-break' ? [{ act: 'back', data: {} }] : [],
          )
          return redirectTo(req, res, `${href}/work`)
        case 'flag':
        case 'unflag': {
          if (!exercise.items.includes(item)) throw new HttpProblem(400, t('This is not part of the exercise.'))
          const isOn = pressed === 'flag'
          await deps.journals.write(seatId, (work) =>
            isFlagged(work, item) === isOn ? [] : [{ act: 'bookmarked', item, data: { isOn } }],
          )
          const back = field(req, 'back')
          return redirectTo(req, res, back.startsWith(`${href}/`) ? back : `${href}/work`)
        }
        case 'note': {
          const text = textField(req, 'text').slice(0, longestNote)
          const typedMs = begunAt(req)
          await deps.journals.write(
            seatId,
            ({ studyBook }) => {
              const before = studyBook.notes.find((note) => note.item === notepad)
              // Typed elsewhere since, of what a browser kept.
              const isOld = before !== undefined && before.atMs > (typedMs ?? deps.now())
              return (before?.text ?? '') === text || isOld ? [] : [{ act: 'noted', item: notepad, data: { text } }]
            },
            typedMs,
          )
          if (isHtmx(req)) return void res.status(204).end()
          return redirectTo(req, res, `${href}/work#notepad`)
        }
        default:
          throw new HttpProblem(400, t('This button is unknown here. Reload the page and try again.'))
      }
    },

    live: async (req, res) => {
      const { exercise, seat, isTheirs } = await invitation(req, res)
      if (!isTheirs) throw new HttpProblem(404, t('This link leads nowhere.'))
      const over = takeStream(seat.id)
      followRoom(deps, res, exercise.id, {
        concerns: (change) => change.seat === undefined || change.seat === seat.id,
        draw: async () => {
          // A link that was replaced meanwhile leads nowhere, and its stream ends.
          const { standing, course, href } = await invitation(req, res)
          const model = {
            clock: clockOf(standing),
            nowMs: deps.now(),
            href: isOver(standing.state) ? `${href}/done` : `${href}/work`,
            state: isOver(standing.state)
              ? 'over'
              : standing.state === 'on-break'
                ? 'break'
                : course.life.state === 'paused'
                  ? 'paused'
                  : 'going',
          }
          return { 'exercise-time': deps.renderer.part(res, 'hiring/clock', model) }
        },
        // Each drawing is an answer to what was done, or keeps a browser's clock right.
        nextMs: () => minuteTickMs,
        over,
      })
    },

    handInForm: async (req, res) => {
      const invited = await open(req, res)
      if (!invited) return
      const strip = viewStrip(deps.catalog(), invited)
      const items = strip.sections.flatMap((section) => section.items)
      deps.renderer.send(req, res, {
        template: 'hiring/hand-in',
        title: t('Hand in?'),
        section: 'none',
        scripts,
        model: {
          strip,
          empty: items.filter(({ isBegun }) => !isBegun),
          flagged: items.filter((one) => one.isFlagged && one.isBegun),
        },
      })
    },

    handIn: async (req, res) => {
      const invited = await open(req, res)
      if (!invited) return
      const { seat, exercise, href } = invited
      await deps.journals.write(seatIdOf(seat), () => [{ act: 'handed-in', data: {} }])
      // What takes longer is looked after by the server.
      await handOver(closing, exercise, seat)
      redirectTo(req, res, `${href}/done`)
    },

    // Hidden variants stand in it: it is for who has handed in, and says no points.
    receipt: async (req, res) => {
      const invited = await openEnded(req, res)
      if (!invited) return
      const { seat, exercise, work } = invited
      const waits = attemptsThatCount(exercise, work).some(
        ({ attempt }) => attempt.log.length > 0 && gradingOfHead(attempt) === undefined,
      )
      if (waits)
        throw new HttpProblem(409, t('Your work is still being graded. The receipt is ready when all of it is.'))
      const tasks = await gradedTasks(deps, deps.secret, exercise, work)
      if (tasks.length === 0)
        throw new HttpProblem(409, t('Nothing was handed in that could be graded: there is nothing to prove.'))
      const about = { candidate: seat.candidate.blindName, exercise: exercise.id }
      const text = receiptOf(tasks, { about, hasContent: false, hasPoints: false }, receiptKey(deps.secret))
      res.attachment('podium-receipt.json').type('application/json').send(text)
    },

    done: async (req, res) => {
      const invited = await openEnded(req, res)
      if (!invited) return
      const { seat, standing, exercise, course, work, href } = invited
      const job = await deps.storage.hiringJobs.find(exercise.exercise.jobId)
      const counted = new Map(attemptsThatCount(exercise, work).map(({ item, attempt }) => [item, attempt]))
      const rows = exercise.items.map((item) => {
        const shown = poolItem(deps.catalog(), item)
        const attempt = counted.get(item)
        const [kind, id] = item.split(':')
        const answer = kind === 'question' ? work.answers.findLast(({ questionId }) => questionId === id) : undefined
        const grading = attempt && gradingOfHead(attempt)
        return {
          ...{ title: shown?.title ?? item, locale: shown?.locale },
          isEmpty: !attempt && !answer,
          isTyped: attempt !== undefined && attempt.log.length === 0,
          isWaiting: attempt !== undefined && attempt.log.length > 0 && grading === undefined,
          sha256: attempt ? (grading?.proof?.sha256 ?? hashLog(attempt.log)) : undefined,
          contentHash: attempt?.contentHash ?? answer?.contentHash,
          engineVersion: grading?.proof?.engineVersion ?? attempt?.engineVersion,
        }
      })
      const isWaiting = rows.some((row) => row.isWaiting)
      const closedAtMs = course.life.closingAtMs
      deps.renderer.send(req, res, {
        template: 'hiring/done',
        partial: 'hiring/done-part',
        title: t('Handed in'),
        section: 'none',
        model: {
          ...{ href, title: exercise.title, contact: job?.contact ?? '', rows, isWaiting },
          isTimedOut: standing.state === 'timed-out',
          endedAt: standing.endedAtMs === null ? undefined : printDay(standing.endedAtMs),
          retentionDays: job?.retentionDays ?? 0,
          keptUntil: closedAtMs === null ? undefined : printDate(erasedAt(closedAtMs, job?.retentionDays ?? 0)),
          code: seat.candidate.blindName,
          hasReceipt: rows.some(({ contentHash }) => contentHash) && !isWaiting,
          publicKey: publicKeyOf(receiptKey(deps.secret)),
          groups: await viewGroups(deps, invited, query(req, 'said') === 'yes'),
        },
      })
    },

    groups: async (req, res) => {
      const invited = await openEnded(req, res)
      if (!invited) return
      const { seat, exercise, href } = invited
      if (!(await mayAnswer(deps, invited)))
        throw new HttpProblem(
          409,
          t('The exercise is over, and the answers have been counted: it is too late to answer.'),
        )
      const isTakenBack = field(req, 'do') === 'take-back'
      const answers = new Map(
        asksOf(exercise.exercise).map((question) => [question, isTakenBack ? '' : field(req, `group-${question}`)]),
      )
      await saveGroupAnswers(deps, seatIdOf(seat), answers)
      redirectTo(req, res, `${href}/done?said=yes#groups`)
    },
  }
}
