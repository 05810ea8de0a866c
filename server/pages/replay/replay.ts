/** One attempt as it was worked on: cluster, files and terminal at any moment of it, where checks turned, and what else could have been. */
import type { Request, RequestHandler, Response } from 'express'
import type { Challenge } from '../../catalog/types.ts'
import { t } from '../../i18n/translate.ts'
import { LabRefusal } from '../../labs/types.ts'
import { work } from '../../practice/open-attempt.ts'
import { type ReplayPoint, replayOf, turnsOf } from '../../practice/replay.ts'
import { contextOf, redirectTo } from '../../render/page.ts'
import { HttpProblem, notFound } from '../../render/problem.ts'
import { gradedRun } from '../../storage/evidence.ts'
import { summaryOf } from '../cluster-summary.ts'
import type { AppDeps } from '../deps.ts'
import { field, query } from '../form.ts'
import { replayScripts } from '../scripts.ts'
import type { ReplayPlace } from './place.ts'
import { createStandingsOf } from './standings.ts'
import { viewCheck, viewFiles, viewTerminal, viewTimeline } from './view.ts'
import { changedLog, textOf, type WhatIf, whatIf } from './what-if.ts'

/** Gradings of which it is known whether their runs are the same today. */
const mostKept = 500

export function replayPages(
  deps: AppDeps,
  find: (req: Request, res: Response) => Promise<ReplayPlace>,
): Record<'show' | 'ask' | 'fork', RequestHandler> {
  const standingsOf = createStandingsOf(deps)
  /** Whether the run that was graded is made by the same commands today; by grading. */
  const isSame = new Map<string, boolean>()

  const send = async (req: Request, res: Response, asked?: Asked): Promise<void> => {
    const place = await find(req, res)
    const { points, model } = await viewReplay(req, res, place, asked)
    if (points.length === 0) throw notFound(t('This attempt'))
    deps.renderer.send(req, res, {
      template: 'replay/replay',
      partial: 'replay/part',
      title: place.whose ? t('Replay: {name}', { name: place.whose }) : t('Replay'),
      section: 'none',
      wide: true,
      scripts: replayScripts,
      status: asked?.problem ? 422 : 200,
      model,
    })
  }

  const pointsOf = async ({ seat, attempt }: ReplayPlace): Promise<ReplayPoint[]> =>
    replayOf(seat, await deps.journals.acts(seat), attempt)

  const viewReplay = async (req: Request, res: Response, place: ReplayPlace, asked?: Asked) => {
    const { learnerId } = contextOf(res)
    const points = await pointsOf(place)
    const standings = await standingsOf(learnerId, place.challenge, points, place.withHidden)
    const at = placeAt(points, asked?.atMs ?? momentOf(query(req, 'at')))
    const turns = turnsOf(points, standings)
    const point = points[at]
    const model = point && {
      ...viewTimeline(place, points, at, turns, standings),
      ...(await viewMoment(learnerId, place, points, at, query(req, 'file'))),
      checks: (standings[at] ?? []).map((check) => viewCheck(check)),
      isUnknown: standings.length === 0,
      isOther: !(await isGradedRun(learnerId, place.challenge, points)),
      canBeChanged:
        point.act.act === 'ran' && point.act.data.logged ? textOf(point.act.data.logged.command) : undefined,
      canBeLeftOut: placeInRun(points, at) !== undefined,
      asked,
    }
    return { points, model }
  }

  /** Whether the last grading's run is what the same commands make today. */
  async function isGradedRun(who: string, challenge: Challenge, points: readonly ReplayPoint[]): Promise<boolean> {
    const { attempt } = points.at(-1)!
    const grading = attempt.gradings.findLast(({ result }) => result.gradable)
    if (!grading) return true
    const key = `${attempt.id} ${grading.atMs}`
    const known = isSame.get(key)
    if (known !== undefined) return known
    const { seed, log, proof } = gradedRun(attempt, grading)
    if (proof === 'differs') return false
    try {
      const { stateHash } = grading.result
      const request = { spec: challenge.spec, contentHash: challenge.hash, seed, log, stateHash }
      const is = (await deps.labs.moment(who, request)).isGradedRun
      isSame.set(key, is)
      for (const oldest of isSame.keys()) {
        if (isSame.size <= mostKept) break
        isSame.delete(oldest)
      }
      return is
    } catch (error) {
      if (!(error instanceof LabRefusal)) throw error
      return true
    }
  }

  /** The cluster, the files and the terminal at a point. */
  async function viewMoment(
    who: string,
    { challenge }: ReplayPlace,
    points: readonly ReplayPoint[],
    at: number,
    wantedFile: string,
  ) {
    const { attempt, act } = points[at]!
    const logged = act.act === 'ran' ? act.data.logged : undefined
    const before = points[at - 1]?.attempt
    try {
      const result =
        logged && before
          ? await work(deps, who, challenge, before, { do: 'command', command: logged.command })
          : await work(deps, who, challenge, attempt, { do: 'look' })
      return {
        view: result.view,
        summary: summaryOf(result.view),
        problem: '',
        files: viewFiles(challenge, result.params, points, at, wantedFile),
        terminal: viewTerminal(points, at, result.output),
      }
    } catch (error) {
      if (!(error instanceof LabRefusal)) throw error
      return {
        view: undefined,
        summary: '',
        problem: error.message,
        files: viewFiles(challenge, {}, points, at, wantedFile),
        terminal: viewTerminal(points, at),
      }
    }
  }

  return {
    show: (req, res) => send(req, res),

    ask: async (req, res) => {
      const place = await find(req, res)
      const { learnerId } = contextOf(res)
      const points = await pointsOf(place)
      const atMs = momentOf(field(req, 'at'))
      const at = placeAt(points, atMs)
      const of = placeInRun(points, at)
      if (of === undefined)
        throw new HttpProblem(
          409,
          t('This was taken back later, or is not a command: choose one that is part of the run.'),
        )
      const { log, seed } = points.at(-1)!.attempt
      const isDropped = field(req, 'do') === 'drop'
      const text = field(req, 'text')
      const problem = isDropped || text.trim() !== '' ? '' : t('Type what should have been done instead.')
      const asked: Asked = { atMs: points[at]!.axisMs, text, isDropped, problem }
      if (problem) return send(req, res, asked)
      try {
        const changed = changedLog(log, of, isDropped ? undefined : text.replaceAll('\r\n', '\n'))
        const answer = await whatIf(deps, learnerId, place.challenge, seed, [log, changed], place.withHidden)
        await send(req, res, { ...asked, answer })
      } catch (error) {
        if (!(error instanceof LabRefusal)) throw error
        await send(req, res, { ...asked, problem: error.message })
      }
    },

    fork: async (req, res) => {
      const place = await find(req, res)
      if (!place.mayFork) throw new HttpProblem(403, t('Only those who score this cluster can copy it.'))
      const { learnerId } = contextOf(res)
      const points = await pointsOf(place)
      const { attempt } = points[placeAt(points, momentOf(field(req, 'at')))] ?? {}
      if (!attempt) throw notFound(t('This attempt'))
      const { challenge } = place
      try {
        const { log, ...world } = await deps.labs.world(learnerId, { spec: challenge.spec, seed: attempt.seed })
        const sandbox = await deps.sandboxes.create(learnerId, {
          ...world,
          // Nobody's name.
          name: t('Copy: {title}', { title: challenge.title }).slice(0, 60),
          past: { log: [...log, ...attempt.log], virtualMs: attempt.clockMs },
          ...(place.isOfCandidate ? { copyOf: place.seat } : {}),
        })
        redirectTo(req, res, `/sandboxes/${sandbox.id}`)
      } catch (error) {
        if (!(error instanceof LabRefusal)) throw error
        throw new HttpProblem(error.status, error.message)
      }
    },
  }
}

/** What was asked, and the answer to it. */
interface Asked {
  /** On the axis. */
  atMs: number
  text: string
  isDropped: boolean
  problem: string
  answer?: WhatIf
}

const momentOf = (text: string): number | undefined => (/^\d{1,12}$/.test(text) ? Number(text) : undefined)

/** The last point by then; the end unless told. */
function placeAt(points: readonly ReplayPoint[], atMs: number | undefined): number {
  const last = points.length - 1
  return atMs === undefined
    ? last
    : Math.max(
        0,
        points.findLastIndex(({ axisMs }) => axisMs <= atMs),
      )
}

/** Where the command of a point stands in the run as it was left; undefined for none, and for one that was taken back. */
function placeInRun(points: readonly ReplayPoint[], at: number): number | undefined {
  const act = points[at]?.act
  const logged = act?.act === 'ran' ? act.data.logged : undefined
  const place = logged ? points.at(-1)!.attempt.log.indexOf(logged) : -1
  return place < 0 ? undefined : place
}
