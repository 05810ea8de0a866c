/** Puts the clusters of a step back, all at once: to their start, or to before a fault. Files stay, and nobody loses what they had. */
import type { RequestHandler } from 'express'
import { t, tn } from '../../i18n/translate.ts'
import { ActRefused } from '../../journal/journals.ts'
import { faultTitle } from '../../labs/views/command-line.ts'
import { contextOf, redirectTo } from '../../render/page.ts'
import { HttpProblem, notFound } from '../../render/problem.ts'
import { canonical } from '../../storage/canonical.ts'
import { givenFault, runBefore } from '../../storage/given-faults.ts'
import type { Attempt } from '../../storage/types.ts'
import type { Room } from '../../workshops/room.ts'
import type { NewRoomAct } from '../../workshops/room-acts.ts'
import type { Workshop } from '../../workshops/rooms.ts'
import type { AppDeps } from '../deps.ts'
import { field } from '../form.ts'
import { refuseUnlessOpen } from './going-on.ts'
import { leaderName, ownWorkshop } from './own-workshop.ts'
import { seatIn } from './seat-in.ts'
import { viewStep } from './steps.ts'

export function rewindPage(deps: AppDeps): RequestHandler {
  return async (req, res) => {
    const workshop = await ownWorkshop(deps, req, res)
    await refuseUnlessOpen(deps, workshop.id)
    const { learnerId } = contextOf(res)
    const name = leaderName(workshop, contextOf(res))
    const [pressed, of = ''] = field(req, 'do').split(':')
    const back = `/w/${workshop.id}/chaos`
    const room = await deps.rooms.room(workshop.id)
    if (pressed === 'undo') {
      const known = room.rewinds.find(({ id, isUndone }) => id === of && !isUndone)
      if (!known) throw notFound(t('This act'))
      await forEachAttempt(deps, workshop, itemOf(room, known.step), (attempt) =>
        isUntouched(attempt) ? { act: 'returned', by: name, data: { attempt: attempt.id } } : undefined,
      )
      await deps.rooms.act(workshop.id, learnerId, () => [{ act: 'rewind-undone', data: { id: of } }])
      return redirectTo(req, res, `${back}#orders`)
    }
    if (pressed !== 'rewind')
      throw new HttpProblem(400, t('This button is unknown here. Reload the page and try again.'))
    const [step, orderId] = [field(req, 'step'), field(req, 'order')]
    const order = room.orders.find(({ id }) => id === orderId)
    if (orderId !== '' && order?.step !== step) throw notFound(t('This fault'))
    const item = itemOf(room, step)
    // First the orders: what was put back is not given them again.
    const first = order ? room.orders.indexOf(order) : 0
    await deps.rooms.act(workshop.id, learnerId, ({ orders }) =>
      orders
        .filter((one, n) => n >= first && one.step === step && !one.isUndone)
        .map(({ id }): NewRoomAct => ({ act: 'fault-undone', data: { id } })),
    )
    const clusters = await forEachAttempt(deps, workshop, item, (attempt) => {
      const toMs = order ? attempt.log.map(givenFault).find((given) => given?.id === order.id)?.dueMs : null
      if (toMs === undefined || (toMs ?? 0) > attempt.clockMs) return undefined
      const isThere = canonical(runBefore(attempt, toMs)) === canonical({ log: attempt.log, clockMs: attempt.clockMs })
      return isThere ? undefined : { act: 'rewound', by: name, data: { attempt: attempt.id, toMs } }
    })
    await deps.rooms.act(workshop.id, learnerId, () => [
      { act: 'rewound', data: { id: deps.newId(), step, order: order?.id ?? null, clusters, name } },
    ])
    redirectTo(req, res, `${back}?step=${step}#orders`)
  }
}

/** The challenge of a step. @throws HttpProblem 404 */
function itemOf(room: Room, step: string): string {
  const item = room.steps.find(({ id }) => id === step)?.item
  if (!item?.startsWith('challenge:')) throw notFound(t('This step'))
  return item
}

type RewindAct = { by: string } & (
  | { act: 'rewound'; data: { attempt: string; toMs: number | null } }
  | { act: 'returned'; data: { attempt: string } }
)

/** Of everybody. @returns in how many something was done */
async function forEachAttempt(
  deps: AppDeps,
  workshop: Workshop,
  item: string,
  decide: (attempt: Attempt) => RewindAct | undefined,
): Promise<number> {
  let count = 0
  for (const person of await deps.storage.participants.listOf(workshop.id, () => undefined)) {
    let acts: RewindAct[] = []
    try {
      await deps.journals.write(seatIn(workshop, person), ({ attempts }) => {
        acts = attempts
          .filter(({ state, challengeId }) => state === 'open' && item === `challenge:${challengeId}`)
          .flatMap((attempt) => decide(attempt) ?? [])
        return acts.map((act) => ({ ...act, item }))
      })
      count += acts.length
    } catch (error) {
      // Who may not work any more is left as they are.
      if (!(error instanceof ActRefused)) throw error
    }
  }
  return count
}

/** Nothing was done since it was put back. */
function isUntouched({ log, clockMs, before }: Attempt): boolean {
  if (!before?.rewound) return false
  return canonical(runBefore(before, before.rewound.toMs)) === canonical({ log, clockMs })
}

/** What was put back, the latest first. */
export const viewRewinds = (deps: AppDeps, workshop: Workshop, room: Room) =>
  room.rewinds.toReversed().map(({ id, step: stepId, order: orderId, clusters, name, isUndone }) => {
    const step = room.steps.find((one) => one.id === stepId)
    const order = room.orders.find((one) => one.id === orderId)
    const title = step ? viewStep(deps.catalog(), workshop.id, step).title : ''
    const values = { title, fault: order ? faultTitle(order.fault) : '' }
    return {
      ...{ id, name, isUndone },
      words: order
        ? tn(
            clusters,
            '{title}: {n} cluster is back to before “{fault}”.',
            '{title}: {n} clusters are back to before “{fault}”.',
            values,
          )
        : tn(
            clusters,
            '{title}: {n} cluster is back to its start.',
            '{title}: {n} clusters are back to their start.',
            values,
          ),
    }
  })
