/** The seat of somebody in a workshop, for the pages of items under `/w/<workshop>/`. */
import { t } from '../i18n/translate.ts'
import type { AppDeps } from '../pages/deps.ts'
import { deliverLate } from '../pages/workshops/deliver.ts'
import { viewStrip } from '../pages/workshops/strip.ts'
import { HttpProblem } from '../render/problem.ts'
import { givenAtOpening, ordersFor } from '../workshops/orders.ts'
import { refuseDamagedSeat, refuseRemoved, seatOf } from '../workshops/people.ts'
import type { FindSeat } from './found-seat.ts'

export type WorkshopSeatDeps = Pick<AppDeps, 'rooms' | 'storage' | 'journals' | 'catalog' | 'now'>

export const workshopSeat =
  (deps: WorkshopSeatDeps): FindSeat =>
  async (id, { item, rest, isReadMark }, { learnerId }) => {
    const workshop = await deps.rooms.find(id)
    const participant = workshop && (await seatOf(deps.storage, id, learnerId))
    if (workshop && !participant) await refuseDamagedSeat(deps, id, learnerId)
    if (!participant) throw new HttpProblem(404, t('You are not in this workshop. Join it with its code.'))
    const room = await deps.rooms.room(id)
    refuseRemoved(room, participant)
    const step = room.steps.find((one) => one.item === item)
    // What is no part of the workshop is looked at outside of it, and so is an address that writes an item's name in another way.
    if (!step && !isReadMark) return { leadsTo: rest }
    if (step && !room.open.has(step.id))
      throw new HttpProblem(423, t('This step is not open yet. Your instructor opens it.'))
    // Who votes has not seen the answer: the question itself is read afterwards.
    if (step?.poll && !room.polls.get(step.id)?.isRevealed) return { leadsTo: `/w/${id}/polls/${step.id}` }
    if (item !== undefined) await deliverLate(deps, workshop!, room, ordersFor(room, item, participant.id), participant)
    const work = await deps.journals.work({ sittingId: id, participantId: participant.id })
    const given = item === undefined ? [] : givenAtOpening(room, item, participant.id, work.attempts)
    const pinned = item === undefined ? undefined : workshop!.contentVersions[item]
    return {
      seat: {
        ...{ sittingId: id, participantId: participant.id, learnerId, seed: participant.seed, given },
        ...(pinned === undefined ? {} : { pinned }),
      },
      context: {
        workshop: viewStrip(deps.catalog(), workshop!, room, { id: participant.id, work }, deps.now(), step),
      },
    }
  }
