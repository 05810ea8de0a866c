/** What a workshop shows on the projector: how to join, what everybody is at, and what is said. It names nobody, and takes nothing. */
import type { Request, RequestHandler, Response } from 'express'
import { renderSVG } from 'uqr'
import { t } from '../../i18n/translate.ts'
import { notFound } from '../../render/problem.ts'
import { sittingAt } from '../../sittings/life.ts'
import { may } from '../../sittings/roles.ts'
import { presentIn } from '../../workshops/people.ts'
import { seatsOn } from '../../workshops/room.ts'
import { printCode, type Workshop } from '../../workshops/rooms.ts'
import type { AppDeps } from '../deps.ts'
import { followRoom, streamLimit } from '../live-part.ts'
import { timeScripts } from '../scripts.ts'
import { joinAddress, stateWords } from './own-workshop.ts'
import { viewScreen } from './screens.ts'

/** Screens that one workshop has at a time. */
const mostScreens = 20

export function projectorPages(deps: AppDeps): Record<'show' | 'live', RequestHandler> {
  const takeStream = streamLimit(mostScreens)

  const find = async (req: Request): Promise<Workshop> => {
    const workshop = await deps.rooms.ofProjector(String(req.params.token))
    if (!workshop) throw notFound(t('This page'))
    return workshop
  }
  const modelOf = async (req: Request, workshop: Workshop) => {
    const [room, people] = await Promise.all([
      deps.rooms.room(workshop.id),
      presentIn(deps, workshop.id, () => undefined),
    ])
    const nowMs = deps.now()
    const { state } = sittingAt(room.life, nowMs)
    const address = joinAddress(deps, req)
    return {
      title: room.title || t('Workshop'),
      isJoining: !room.isJoiningStopped && may('instructor', 'run-room', state),
      code: printCode(workshop.room.code),
      address,
      qr: renderSVG(`${address}/${workshop.room.code}`, { border: 1 }),
      people: people.length,
      state,
      stateTitle: t(stateWords[state]),
      banner: room.banner,
      screen: await viewScreen(deps, workshop, room),
    }
  }

  return {
    show: async (req, res) => {
      const workshop = await find(req)
      const model = await modelOf(req, workshop)
      deps.renderer.send(req, res, {
        template: 'workshops/projector',
        title: model.title,
        section: 'none',
        wide: true,
        scripts: [...timeScripts, 'js/projector.js'],
        model: { ...model, live: `/p/${workshop.room.projectorToken}/live` },
      })
    },

    live: async (req: Request, res: Response) => {
      const workshop = await find(req)
      const over = takeStream(workshop.id)
      /** Whose clusters are on the screen. */
      let seats: readonly string[] = []
      followRoom(deps, res, workshop.id, {
        concerns: ({ seat }) => seat === undefined || seats.includes(seat),
        draw: async () => {
          seats = seatsOn((await deps.rooms.room(workshop.id)).screen)
          const model = await modelOf(req, workshop)
          // Each by itself: who comes in does not disturb what is shown.
          return {
            'projector-now': deps.renderer.part(res, 'workshops/projector-now', model),
            'projector-join': deps.renderer.part(res, 'workshops/projector-join', model),
          }
        },
        over,
      })
    },
  }
}
