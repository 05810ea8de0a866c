/** The report of a workshop, for those who lead it: while it goes on, and afterwards. */
import type { Request, RequestHandler, Response } from 'express'
import { t } from '../../i18n/translate.ts'
import { contextOf } from '../../render/page.ts'
import { notFound } from '../../render/problem.ts'
import { may } from '../../sittings/roles.ts'
import { fewestPeople } from '../../statistics/thresholds.ts'
import { leadingRole } from '../../workshops/leaders.ts'
import type { Workshop } from '../../workshops/rooms.ts'
import type { AppDeps } from '../deps.ts'
import { query } from '../form.ts'
import { siteOrigin } from '../site-origin.ts'
import { printDay, printSpan } from '../time.ts'
import { seatsLeftOut } from '../unreadable.ts'
import { ownWorkshop } from './own-workshop.ts'
import { viewPoll } from './poll-view.ts'
import { type ReportFigures, reportOf } from './report-figures.ts'
import { csvOf, type FileStep, linesOf, statementsOf } from './report-files.ts'
import { viewRetention } from './retention.ts'
import { stateWords } from './seat-status.ts'
import { viewStep } from './steps.ts'
import { seatCells, withVotes } from './wall-live.ts'

export function reportPages(deps: AppDeps): Record<'show' | 'file', RequestHandler> {
  const gather = async (req: Request, res: Response, workshop: Workshop) => {
    const [room, acts, known] = await Promise.all([
      deps.rooms.room(workshop.id),
      deps.rooms.acts(workshop.id),
      seatCells(deps, workshop, seatsLeftOut(res)),
    ])
    const seats = withVotes(deps, workshop, room, known)
    const named = reportOf(room, acts, seats, deps.now())
    const isNameless = query(req, 'names') === 'off'
    const figures: ReportFigures = isNameless
      ? { ...named, people: named.people.map((one, n) => ({ ...one, nickname: t('Participant {n}', { n: n + 1 }) })) }
      : named
    return { room, acts, figures, isNameless }
  }

  return {
    show: async (req: Request, res: Response) => {
      const workshop = await ownWorkshop(deps, req, res)
      const { room, figures, isNameless } = await gather(req, res, workshop)
      const { openedMs, closedMs } = figures
      const endMs = closedMs ?? contextOf(res).nowMs
      deps.renderer.send(req, res, {
        template: 'workshops/report',
        title: t('Report: {title}', { title: room.title || t('Untitled workshop') }),
        section: 'none',
        wide: true,
        model: {
          id: workshop.id,
          title: room.title || t('Untitled workshop'),
          isNameless,
          isOver: closedMs !== undefined,
          opened: openedMs === undefined ? undefined : printDay(openedMs),
          length: openedMs === undefined ? undefined : printSpan(endMs - openedMs - figures.pausedMs),
          paused: figures.pausedMs === 0 ? undefined : printSpan(figures.pausedMs),
          planned: room.steps.reduce((sum, { minutes }) => sum + minutes, 0),
          hands: figures.hands.count,
          handWait: figures.hands.medianWaitMs === undefined ? undefined : printSpan(figures.hands.medianWaitMs),
          hints: figures.hints,
          slower: figures.slower,
          faster: figures.faster,
          fewestPeople,
          isOwner: leadingRole(workshop, contextOf(res).learnerId) === 'instructor',
          mayCreate: contextOf(res).roles.some((role) => may(role, 'create-sitting')),
          isGoingOn: openedMs !== undefined && closedMs === undefined,
          kept: viewRetention(workshop.retainUntilMs, closedMs),
          polls: room.steps.flatMap((step) => {
            const poll = viewPoll(deps.catalog(), workshop, room, step, endMs)
            return poll?.result ? [poll] : []
          }),
          steps: figures.steps.map(({ step, tookMs, facility, itemTotal, ...own }) => ({
            ...viewStep(deps.catalog(), workshop.id, step),
            ...own,
            took: tookMs === undefined ? undefined : printSpan(tookMs),
            facility: facility?.toFixed(2),
            itemTotal: itemTotal?.toFixed(2),
          })),
          people: figures.people.map(({ seat, nickname, joinedAtMs, lastMs, done, hands, cells }) => ({
            seat,
            nickname,
            hands,
            done,
            // Of whoever did nothing that has a time, such as an anonymous vote, it is not known.
            stayed: lastMs === joinedAtMs ? undefined : printSpan(lastMs - joinedAtMs),
            cells: cells.map(({ state, tries }) => ({
              state,
              tries,
              symbol: stateWords[state].symbol,
              word: t(stateWords[state].word),
            })),
          })),
        },
      })
    },

    file: async (req, res) => {
      const workshop = await ownWorkshop(deps, req, res)
      const { room, acts, figures, isNameless } = await gather(req, res, workshop)
      const origin = siteOrigin(req, deps.config)
      const url = `${origin}/w/${workshop.id}`
      const title = room.title || t('Untitled workshop')
      const steps: FileStep[] = room.steps.map((step) => {
        const shown = viewStep(deps.catalog(), workshop.id, step)
        return { id: step.id, title: shown.title, url: `${origin}${shown.href ?? `/w/${workshop.id}#${step.id}`}` }
      })
      const format = String(req.params.format)
      const name = `podium-workshop-${workshop.room.code.toLowerCase()}`
      switch (format) {
        case 'csv':
          res.attachment(`${name}.csv`).type('text/csv').send(csvOf(figures, steps))
          return
        case 'jsonl': {
          // What people typed or are called stands in acts, too.
          const told = isNameless ? acts.filter(({ act }) => !namingActs.has(act)) : acts
          res
            .attachment(`${name}.jsonl`)
            .type('application/jsonl')
            .send(linesOf(told, figures, steps))
          return
        }
        case 'xapi':
          res.attachment(`${name}-xapi.json`).json(statementsOf(figures, steps, { origin, url, title }))
          return
        default:
          throw notFound(t('This file'))
      }
    },
  }
}

const namingActs: ReadonlySet<string> = new Set([
  ...['joined', 'hand-raised', 'hand-taken', 'looked'],
  ...['co-instructor-joined', 'co-instructor-left', 'typing-offered', 'typing-allowed', 'fault-ordered', 'rewound'],
])
