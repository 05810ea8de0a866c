/** Stored work graded again by a fixed check: who would move and why, approved by two people before anything is written. Blind, as all that judges. */
import { randomBytes } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'
import type { Challenge } from '../../catalog/types.ts'
import { candidatesOf } from '../../hiring/candidates.ts'
import type { Course } from '../../hiring/exercise.ts'
import type { NewExerciseAct } from '../../hiring/exercise-acts.ts'
import type { Exercise } from '../../hiring/exercises.ts'
import { mayWithJob } from '../../hiring/jobs.ts'
import {
  applyRegrade,
  approveRegrade,
  changesOf,
  hashOfTable,
  isApproved,
  type Move,
  proposeRegrade,
  type Regrading,
  regradeRefusals,
} from '../../hiring/regrade.ts'
import { enterRegrade, type Regraded, regrade } from '../../hiring/regrading.ts'
import { msg, t } from '../../i18n/translate.ts'
import { LabRefusal } from '../../labs/types.ts'
import { contextOf, redirectTo } from '../../render/page.ts'
import { HttpProblem, notFound } from '../../render/problem.ts'
import { may } from '../../sittings/roles.ts'
import type { AppDeps } from '../deps.ts'
import { field, query, textField } from '../form.ts'
import { candidatesLeftOut } from '../unreadable.ts'
import { exerciseHref } from './managed.ts'

/** A table that is being made, or was. */
type Making =
  | { state: 'making'; made: Promise<Regraded>; progress: { done: number; of: number } }
  | { state: 'made'; made: Regraded }
  | { state: 'failed'; why: string }

/** What two people have approved, while it is entered and when that failed. */
type Entering = { state: 'entering' } | { state: 'failed'; why: string }

const mostKept = 20
/** What takes longer is entered while the page shows how far it is. */
const patienceMs = 1500

const stateWords: Readonly<Record<Regrading['state'], string>> = {
  proposed: msg('waits for approval'),
  withdrawn: msg('withdrawn'),
  applied: msg('entered'),
}

const directionWords: Readonly<Record<Move['goes'], { symbol: string; word: string }>> = {
  up: { symbol: '↑', word: msg('up') },
  down: { symbol: '↓', word: msg('down') },
  nowhere: { symbol: '=', word: msg('stays') },
  'not computed': { symbol: '!', word: msg('not computed') },
}

export function regradePages(deps: AppDeps): Record<'show' | 'act', RequestHandler> {
  const kept = new Map<string, Making>()
  /** By regrading. */
  const entering = new Map<string, Entering>()
  const keyOf = (exercise: Exercise, { id, hash }: Challenge): string => `${exercise.id} ${id} ${hash}`

  /** Begins to make the table, unless it is there. Takes a while with many candidates: the page asks again. */
  const tableOf = (exercise: Exercise, challenge: Challenge): Making => {
    const key = keyOf(exercise, challenge)
    const known = kept.get(key)
    if (known) return known
    const progress = { done: 0, of: 0 }
    const made = regrade(deps, exercise, challenge, (done, of) => void Object.assign(progress, { done, of }))
    const making: Making = { state: 'making', made, progress }
    kept.set(key, making)
    for (const oldest of kept.keys()) {
      if (kept.size <= mostKept) break
      kept.delete(oldest)
    }
    made.then(
      (done) => kept.set(key, { state: 'made', made: done }),
      (error: unknown) => {
        if (!(error instanceof LabRefusal)) deps.logger.error({ err: error }, 'a regrading could not be computed')
        kept.set(key, { state: 'failed', why: error instanceof LabRefusal ? error.message : '' })
      },
    )
    return making
  }

  const send = async (req: Request, res: Response, place: Place, problem = '', status = 422): Promise<void> => {
    const { exercise, course, href } = place
    const { learnerId } = contextOf(res)
    const seats = (await candidatesOf(deps, exercise, candidatesLeftOut(res))).map(({ seat }) => seat)
    const nameOf = (seat: string): string => seats.find(({ id }) => id === seat)?.candidate.blindName ?? '–'
    const items = exercise.items.flatMap((item) => viewItem(deps, exercise, item))
    const chosen = items.find(({ item }) => item === (field(req, 'item') || query(req, 'item')))
    const isOver = isClosed(course)
    const making = chosen?.isOther && isOver ? tableOf(exercise, chosen.challenge) : undefined
    // One that failed is made again the next time.
    if (making?.state === 'failed') kept.delete(keyOf(exercise, chosen!.challenge))
    deps.renderer.send(req, res, {
      template: 'hiring/regrade',
      partial: 'hiring/regrade-part',
      title: t('Grade again'),
      section: 'none',
      status: problem ? status : 200,
      model: {
        ...{ href, back: place.back, problem, isOver, mayPropose: place.mayPropose },
        items: items.map(({ item, title, locale, isOther }) => ({
          ...{ item, title, locale, isOther, isChosen: item === chosen?.item },
        })),
        chosen: chosen && { item: chosen.item, title: chosen.title, locale: chosen.locale, isOther: chosen.isOther },
        making: making?.state,
        progress: making?.state === 'making' && making.progress.of > 0 ? making.progress : undefined,
        isEntering: [...course.regradings.keys()].some((id) => entering.get(id)?.state === 'entering'),
        why: making?.state === 'failed' ? making.why : '',
        reason: problem ? textField(req, 'reason') : '',
        table: making?.state === 'made' ? viewTable(making.made.moves, nameOf) : undefined,
        isProposed: [...course.regradings.values()].some(
          (one) => one.item === chosen?.item && one.state === 'proposed',
        ),
        regradings: [...course.regradings.values()].reverse().map((one) => ({
          ...{ id: one.id, item: one.item, table: one.table, reason: one.reason, state: one.state },
          title: deps.catalog().challenges.get(one.item.split(':')[1]!)?.title ?? one.item,
          stateTitle: t(stateWords[one.state]),
          approvals: one.approvedBy.length,
          isEntering: entering.get(one.id)?.state === 'entering',
          whyNot: whyNotEntered(one.id),
          hasApproved: one.approvedBy.includes(learnerId),
        })),
      },
    })
  }

  /** A text of this language. */
  const whyNotEntered = (id: string): string => {
    const known = entering.get(id)
    return known?.state === 'failed' ? t(known.why) : ''
  }

  /** Enters what two people have approved. A table that is another one by now has to be looked at again. */
  const enter = async (place: Place, id: string, by: string): Promise<string | undefined> => {
    const { exercise } = place
    const one = (await deps.exercises.course(exercise.id)).regradings.get(id)
    if (!one || !isApproved(one)) return undefined
    const challenge = deps.catalog().challenges.get(one.item.split(':')[1]!)
    if (challenge?.hash !== one.to) return regradeRefusals.otherTable
    // Whoever approves has just looked at it. Work that was changed since is left alone when it is entered.
    const known = tableOf(exercise, challenge)
    if (known.state === 'failed') kept.delete(keyOf(exercise, challenge))
    const made = known.state === 'failed' ? await regrade(deps, exercise, challenge) : await known.made
    let refusal: string | undefined
    if (one.state === 'proposed')
      await deps.exercises.act(exercise.id, by, (course) => {
        const decided = applyRegrade(course.regradings, id, made.moves)
        refusal = 'refused' in decided ? decided.refused : undefined
        return 'refused' in decided ? [] : [decided as NewExerciseAct]
      })
    if (refusal) return refusal
    // After the act: what a crash leaves out is entered when it is pressed again.
    const entered = await enterRegrade(deps, exercise, made, one.reason)
    // By this whoever has read the exercise up to here knows that its grades have changed.
    await deps.exercises.act(exercise.id, by, ({ regradings }) =>
      entered > 0 || !regradings.get(id)?.isEntered ? [{ act: 'regrade-entered', data: { id, grades: entered } }] : [],
    )
    await deps.audit.enter(by, 'regrade-entered', { exercise: exercise.id, regrading: id, grades: entered })
    kept.delete(keyOf(exercise, challenge))
    return undefined
  }

  /** Enters it outside of the request when it takes long. @returns why it was not entered, when that is known at once */
  const beginEntering = async (place: Place, id: string, by: string): Promise<string | undefined> => {
    if (entering.get(id)?.state === 'entering') return undefined
    entering.set(id, { state: 'entering' })
    let isWaitedFor = true
    const entered = enter(place, id, by).then(
      (refusal) => {
        if (refusal && !isWaitedFor) entering.set(id, { state: 'failed', why: refusal })
        else entering.delete(id)
        return refusal
      },
      (error: unknown) => {
        if (!(error instanceof LabRefusal)) deps.logger.error({ err: error }, 'a regrading could not be entered')
        entering.set(id, { state: 'failed', why: notEntered })
        return notEntered
      },
    )
    const late = new Promise<undefined>((done) => setTimeout(() => done(undefined), patienceMs).unref())
    const refusal = await Promise.race([entered, late])
    isWaitedFor = false
    return refusal
  }

  return {
    show: async (req, res) => send(req, res, await approvable(deps, req, res)),

    act: async (req, res) => {
      const place = await approvable(deps, req, res)
      const { exercise, course, href } = place
      const { learnerId } = contextOf(res)
      const [pressed = '', id = '', table = ''] = field(req, 'do').split(' ')
      /** Does what is decided, or tells why not. */
      const decide = async (decideOn: (now: Course) => readonly NewExerciseAct[] | { refused: string }) => {
        let refusal: string | undefined
        await deps.exercises.act(exercise.id, learnerId, (now) => {
          const decided = decideOn(now)
          refusal = 'refused' in decided ? decided.refused : undefined
          return 'refused' in decided ? [] : decided
        })
        return refusal
      }
      const audit = (act: string, regrading: string) =>
        deps.audit.enter(learnerId, act, { exercise: exercise.id, regrading })
      let refusal: string | undefined
      switch (pressed) {
        case 'propose': {
          if (!place.mayPropose) throw new HttpProblem(403, t('Only a manager of the job or an author can propose it.'))
          if (!isClosed(course))
            throw new HttpProblem(
              409,
              t(
                'Close the exercise first: candidates who are still working are graded by the version that they began with.',
              ),
            )
          const item = field(req, 'item')
          const found = exercise.items.includes(item) ? viewItem(deps, exercise, item)[0] : undefined
          if (!found?.isOther) throw new HttpProblem(409, t('This task is the same as when the exercise was opened.'))
          const making = tableOf(exercise, found.challenge)
          if (making.state !== 'made' || hashOfTable(making.made.moves) !== id)
            return send(req, res, place, t(regradeRefusals.otherTable), 409)
          const about = {
            ...{
              id: randomBytes(6).toString('hex'),
              item,
              from: exercise.contentVersions[item]!,
              to: found.challenge.hash,
            },
            reason: textField(req, 'reason').trim().slice(0, 2000),
          }
          const { moves } = making.made
          refusal = await decide(({ regradings }) => {
            if ([...regradings.values()].some((one) => one.item === item && one.state === 'proposed'))
              return { refused: alreadyProposed }
            const proposed = proposeRegrade(moves, about)
            if ('refused' in proposed) return proposed
            // Whoever proposes it has approved it.
            const data = { id: about.id, table: hashOfTable(moves) }
            return [proposed as NewExerciseAct, { act: 'regrade-approved', data }]
          })
          if (!refusal) await audit('regrade-proposed', about.id)
          break
        }
        case 'approve':
          refusal = await decide(({ regradings }) => {
            const approved = approveRegrade(regradings, id, learnerId, table)
            return 'refused' in approved ? approved : [approved as NewExerciseAct]
          })
          if (!refusal) {
            await audit('regrade-approved', id)
            refusal = await beginEntering(place, id, learnerId)
          }
          break
        case 'enter':
          refusal = await beginEntering(place, id, learnerId)
          break
        case 'withdraw':
          refusal = await decide(({ regradings }) =>
            regradings.get(id)?.state === 'proposed'
              ? [{ act: 'regrade-withdrawn', data: { id } }]
              : { refused: regradeRefusals.over },
          )
          if (!refusal) await audit('regrade-withdrawn', id)
          break
        default:
          throw new HttpProblem(400, t('This button is unknown here. Reload the page and try again.'))
      }
      if (refusal)
        return send(req, res, { ...place, course: await deps.exercises.course(exercise.id) }, t(refusal), 409)
      redirectTo(req, res, href)
    },
  }
}

const notEntered = msg('It could not be entered right now: press “Enter what is missing” in a while.')
const alreadyProposed = msg('A regrading of this task already waits for approval. Approve it or withdraw it first.')

interface Place {
  exercise: Exercise
  course: Course
  href: string
  /** Whether they may say that stored work is graded again: others approve that alone. */
  mayPropose: boolean
  back: { href: string; text: string }
}

/** Who leads the job; and anybody else who may approve, once there is something to approve. @throws HttpProblem 404 */
async function approvable(deps: AppDeps, req: Request, res: Response): Promise<Place> {
  const context = contextOf(res)
  const [jobId, id] = [req.params.id, req.params.sitting].map((part) => String(part).replace(/[^a-f0-9]/g, '') || 'x')
  const job = await deps.storage.hiringJobs.find(jobId!)
  const exercise = await deps.exercises.find(id!)
  if (!job || exercise?.exercise.jobId !== job.id || exercise.exercise.rehearsalOf) throw notFound(t('This exercise'))
  const course = await deps.exercises.course(exercise.id)
  const mayApprove = context.roles.some((role) => may(role, 'approve-check', course.life.state))
  const isAsked = [...course.regradings.values()].some(({ state }) => state === 'proposed')
  if (!mayApprove || !(isAsked || mayWithJob(job, context, 'manage-job'))) throw notFound(t('This exercise'))
  const mayPropose = mayWithJob(job, context, 'draft-check')
  const back = mayWithJob(job, context, 'manage-job')
    ? { href: exerciseHref(exercise), text: exercise.title }
    : { href: '/hiring', text: t('Hiring') }
  return { exercise, course, href: `${exerciseHref(exercise)}/regrade`, mayPropose, back }
}

const isClosed = ({ life }: Course): boolean => life.state === 'closed' || life.state === 'archived'

/** @returns none for a question, and for what is not in the content any more */
function viewItem(deps: AppDeps, exercise: Exercise, item: string) {
  const [kind, id = ''] = item.split(':')
  const challenge = kind === 'challenge' ? deps.catalog().challenges.get(id) : undefined
  if (!challenge) return []
  const pinned = exercise.contentVersions[item]
  const isOther = pinned !== undefined && pinned !== challenge.hash
  return [{ item, challenge, title: challenge.title, locale: challenge.locale, isOther }]
}

function viewTable(moves: readonly Move[], nameOf: (seat: string) => string) {
  const pointsOf = (points: Move['before']): string => `${points.score} / ${points.maxScore}`
  const order = ['down', 'up', 'not computed', 'nowhere']
  return {
    hash: hashOfTable(moves),
    falls: moves.filter(({ goes }) => goes === 'down').length,
    isAny: changesOf(moves, 'any').length > 0,
    rows: [...moves]
      .sort((a, b) => order.indexOf(a.goes) - order.indexOf(b.goes) || (nameOf(a.seat) < nameOf(b.seat) ? -1 : 1))
      .map(({ seat, goes, before, after, why, checks }) => ({
        name: nameOf(seat),
        goes,
        symbol: directionWords[goes].symbol,
        word: t(directionWords[goes].word),
        before: pointsOf(before),
        after: after ? pointsOf(after) : '–',
        verdict:
          after && before.passed !== after.passed ? (after.passed ? t('passes now') : t('no longer passes')) : '',
        why: why ? t(why.text, why.values) : '',
        checks: checks.map((check) => ({
          ...{ title: check.title, message: check.message },
          points: `${check.before ?? '–'} → ${check.after ?? '–'}`,
        })),
      })),
  }
}
