/** What stands above the pages of a workshop, for one of its seats. */
import type { Catalog } from '../../catalog/types.ts'
import { t } from '../../i18n/translate.ts'
import type { Work } from '../../journal/journals.ts'
import type { WorkshopStrip } from '../../render/page.ts'
import { sittingAt } from '../../sittings/life.ts'
import { hintFor, type Room } from '../../workshops/room.ts'
import type { Step } from '../../workshops/room-acts.ts'
import type { Workshop } from '../../workshops/rooms.ts'
import { viewNotices } from './cluster-notices.ts'
import { openPollOf } from './poll-view.ts'
import { viewStep } from './steps.ts'

/** Somebody who has looked so lately is shown as looking. */
const lookMs = 2 * 60_000

/** @param step that the page is */
export function viewStrip(
  catalog: Catalog,
  { id }: Pick<Workshop, 'id'>,
  room: Room,
  { id: seat, work }: { id: string; work: Work },
  nowMs: number,
  step?: Step,
): WorkshopStrip {
  const open = room.steps.filter((one) => room.open.has(one.id))
  const place = step ? open.indexOf(step) : -1
  const { state } = sittingAt(room.life, nowMs)
  const leadTo = (one: Step | undefined) => {
    const shown = one && viewStep(catalog, id, one)
    return shown && { href: shown.href ?? `/w/${id}`, title: shown.title }
  }
  const look = room.looks.get(seat)
  const asked = openPollOf(room)
  const handAt = room.hands.findIndex((hand) => hand.seat === seat)
  return {
    href: `/w/${id}`,
    live: `/w/${id}/pace?at=${step?.id ?? ''}`,
    title: room.title || t('Workshop'),
    here: place < 0 ? undefined : place + 1,
    count: open.length,
    current: step?.id === room.current ? undefined : leadTo(room.steps.find((one) => one.id === room.current)),
    next: leadTo(open[place + 1]),
    poll: asked && asked.id !== step?.id ? leadTo(asked) : undefined,
    banner: room.banner,
    isPaused: state === 'paused',
    isOver: state === 'closing' || state === 'closed' || state === 'archived',
    hint: step && hintFor(room, seat, step.id),
    looks: look && nowMs - look.atMs < lookMs ? look.name : undefined,
    cluster: viewNotices(id, room, seat, work, nowMs, step),
    hand: handAt < 0 ? undefined : { place: handAt + 1, helper: room.hands[handAt]!.taken?.name },
  }
}
