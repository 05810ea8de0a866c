/** One seat of a workshop, for those who lead it: its cluster as it is, what was done there, and what fails. Its owner is told who looks. */
import type { RequestHandler } from 'express'
import { t } from '../../i18n/translate.ts'
import { LabRefusal } from '../../labs/types.ts'
import { lineOf } from '../../labs/views/command-line.ts'
import { openOrUnsaved, work } from '../../practice/open-attempt.ts'
import { contextOf } from '../../render/page.ts'
import { notFound } from '../../render/problem.ts'
import { printClock } from '../clock.ts'
import { summaryOf } from '../cluster-summary.ts'
import type { AppDeps } from '../deps.ts'
import { originalFiles } from '../desk/workspace.ts'
import { query } from '../form.ts'
import { seatIn } from './room.ts'
import { cellOf, stateWords } from './seat-status.ts'
import { viewStep } from './steps.ts'
import { leaderName, ownWorkshop } from './workshops.ts'

/** The owner is told once in so long. */
const toldMs = 60_000
/** Of the lines that were run, the last ones are shown. */
const mostLines = 40

export function seatPage(deps: AppDeps): RequestHandler {
  return async (req, res) => {
    const workshop = await ownWorkshop(deps, req, res)
    const person = await deps.storage.participants.find(workshop.id, String(req.params.seat))
    if (!person) throw notFound(t('This seat'))
    const { learnerId } = contextOf(res)
    const nowMs = deps.now()
    const room = await deps.rooms.act(workshop.id, learnerId, (now) => {
      const look = now.looks.get(person.id)
      const isTold = look?.by === learnerId && nowMs - look.atMs < toldMs
      return isTold ? [] : [{ act: 'looked', data: { seat: person.id, name: leaderName(workshop, contextOf(res)) } }]
    })
    const seat = seatIn(workshop, person)
    const done = await deps.journals.work(seat)
    const steps = room.steps.map((step) => {
      const cell = cellOf(done, step)
      return {
        ...viewStep(deps.catalog(), workshop.id, step),
        item: step.item,
        cell,
        word: t(stateWords[cell.state].word),
      }
    })
    const challenges = steps.filter(({ kind, cell }) => kind === 'challenge' && cell.state !== 'none')
    const latest = [...challenges].sort((a, b) => (b.cell.lastMs ?? 0) - (a.cell.lastMs ?? 0))[0]
    const shown = challenges.find(({ id }) => id === query(req, 'step')) ?? latest
    const hand = room.hands.find((one) => one.seat === person.id)
    deps.renderer.send(req, res, {
      template: 'workshops/seat',
      title: person.nickname,
      section: 'none',
      wide: true,
      model: {
        id: workshop.id,
        title: room.title || t('Untitled workshop'),
        seat: person.id,
        nickname: person.nickname,
        says: hand?.says,
        steps: steps.map(({ cell, ...step }) => ({
          ...step,
          symbol: stateWords[cell.state].symbol,
          state: cell.state,
          tries: cell.tries,
          failing: cell.failing,
          hasCluster: challenges.some(({ id }) => id === step.id),
          isShown: step.id === shown?.id,
        })),
        desk: shown && (await viewDesk(shown.item!.slice('challenge:'.length))),
      },
    })

    async function viewDesk(id: string) {
      const found = deps.catalog().challenges.get(id)
      if (!found) return undefined
      const { challenge, attempt } = await openOrUnsaved(deps, seat, { challenge: found }, done.attempts)
      const files = (params: Record<string, string | number>) =>
        Object.entries({ ...originalFiles(challenge, params), ...attempt.drafts }).map(([name, text]) => ({
          name,
          text,
        }))
      const lines = attempt.log
        .slice(-mostLines)
        .map(({ atMs, command }) => ({ at: printClock(atMs), line: lineOf(command) }))
      try {
        // As whoever looks: it is their patience, not the learner's.
        const { view, checks, params, clockMs } = await work(deps, learnerId, challenge, attempt, { do: 'look' })
        return {
          view,
          checks,
          lines,
          files: files(params),
          at: printClock(clockMs),
          summary: summaryOf(view),
          problem: '',
        }
      } catch (error) {
        if (!(error instanceof LabRefusal)) throw error
        return { view: undefined, checks: [], lines, files: files({}), at: '', summary: '', problem: error.message }
      }
    }
  }
}
