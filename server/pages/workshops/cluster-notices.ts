/** What somebody in a workshop is told of their own cluster, and what they answer: it is theirs, and they may say no. */
import type { Request, RequestHandler } from 'express'
import { t } from '../../i18n/translate.ts'
import type { KnownAct } from '../../journal/acts/registry.ts'
import type { Work } from '../../journal/journals.ts'
import { lineOf } from '../../labs/views/command-line.ts'
import { type ClusterNotices, contextOf, isHtmx, redirectTo } from '../../render/page.ts'
import { HttpProblem, notFound } from '../../render/problem.ts'
import { givenFault } from '../../storage/given-faults.ts'
import type { Attempt, BeforeRewind } from '../../storage/types.ts'
import { memberOf } from '../../workshops/people.ts'
import type { Room } from '../../workshops/room.ts'
import { seatsOn } from '../../workshops/room.ts'
import type { NewRoomAct, Step } from '../../workshops/room-acts.ts'
import { typingAt } from '../../workshops/typing.ts'
import { printClock } from '../clock.ts'
import type { AppDeps } from '../deps.ts'
import { field } from '../form.ts'
import { seatIn } from './seat-in.ts'

/** @param step that the page is; of all steps without one */
export function viewNotices(
  workshopId: string,
  room: Room,
  seat: string,
  { attempts, helped = [] }: Work,
  nowMs: number,
  step: Step | undefined,
): ClusterNotices {
  const { screen, offScreen } = room
  const hand = room.hands.find((one) => one.seat === seat)
  const typing = typingAt(room, seat, nowMs)
  const here = helped.filter(({ item }) => !step || step.item === item)
  const isThen = screen.what === 'cluster' && screen.past !== undefined
  return {
    action: `/w/${workshopId}/cluster`,
    screen: seatsOn(screen).includes(seat) ? (isThen ? 'then' : 'live') : undefined,
    isOffScreen: offScreen.has(seat),
    rewinds: openAt(attempts, step).flatMap(({ id: attempt, clockMs, before }) =>
      before ? [{ attempt, by: before.rewound?.by ?? '', ...clocksOf(before, clockMs) }] : [],
    ),
    offer: typing ? undefined : room.offers.get(seat)?.name,
    helper: typing || room.offers.has(seat) ? undefined : hand?.taken?.name,
    typing: typing && { name: typing.name, minutes: Math.ceil((typing.untilMs - nowMs) / 60_000) },
    helped: here
      .filter(({ act }) => typedActs.includes(act))
      .slice(-mostHelped)
      .map(({ by, text, values }) => ({ by, words: t(text, values) })),
    // Faults and rewinds as well: what is shown is not what it is any more.
    news: step?.item?.startsWith('challenge:')
      ? { count: here.length, href: `/w/${workshopId}/challenges/${step.item.slice('challenge:'.length)}?at=now` }
      : undefined,
    faults: openAt(attempts, step).flatMap(faultsTold),
  }
}

/** What somebody types, beside what is done to all. */
const typedActs: readonly string[] = ['ran', 'edited', 'undid'] satisfies KnownAct['act'][]
const mostHelped = 3

/** Where it was put, and where it was. */
const clocksOf = (before: BeforeRewind, clockMs: number) => ({
  at: printClock(before.rewound ? (before.rewound.toMs ?? 0) : clockMs),
  before: printClock(before.clockMs),
})

const openAt = (attempts: readonly Attempt[], step: Step | undefined): Attempt[] =>
  attempts.filter(({ state, challengeId }) => state === 'open' && (!step || step.item === `challenge:${challengeId}`))

/** The last of the faults that have come, as far as it may be told. */
function faultsTold({ log, clockMs }: Attempt): string[] {
  const last = log.findLast((entry) => (givenFault(entry)?.dueMs ?? Number.POSITIVE_INFINITY) <= clockMs)
  const given = last && givenFault(last)
  if (!last || !given) return []
  const at = printClock(given.dueMs)
  return given.isSecret
    ? [t('Something happened in your cluster at {at}. Find out what.', { at })]
    : [t('Your instructor let this happen in your cluster at {at}: {fault}.', { at, fault: lineOf(last.command) })]
}

/** Takes an answer. */
export function answerPage(deps: AppDeps): RequestHandler {
  return async (req, res) => {
    const workshop = await deps.rooms.find(String(req.params.id))
    const { learnerId } = contextOf(res)
    const person = workshop && (await memberOf(deps, workshop.id, learnerId))
    if (!workshop || !person) throw notFound(t('This workshop'))
    const [pressed, of = ''] = field(req, 'do').split(':')
    // Their own cluster, as they had it before it was put back.
    if (pressed === 'return')
      await deps.journals.write(seatIn(workshop, person), ({ attempts }) =>
        attempts
          .filter(({ id, before, state }) => id === of && before && state === 'open')
          .map(({ id, challengeId }) => ({ act: 'returned', item: `challenge:${challengeId}`, data: { attempt: id } })),
      )
    else await deps.rooms.act(workshop.id, learnerId, (room) => answerOf(req, room, person.id))
    // The stream of the page brings what has changed; another cluster is drawn from its beginning.
    if (isHtmx(req) && pressed === 'return') res.status(200).setHeader('HX-Refresh', 'true').end()
    else if (isHtmx(req)) res.status(204).end()
    else redirectTo(req, res, `/w/${workshop.id}`)
  }
}

function answerOf(req: Request, { offScreen, offers, hands, typing }: Room, seat: string): NewRoomAct[] {
  const pressed = field(req, 'do')
  switch (pressed) {
    case 'off-screen':
    case 'on-screen': {
      const isOff = pressed === 'off-screen'
      return offScreen.has(seat) === isOff ? [] : [{ act: 'screen-refused', data: { seat, isOff } }]
    }
    case 'allow-typing': {
      const taken = hands.find((hand) => hand.seat === seat)?.taken
      const to = offers.get(seat) ?? taken
      // Consent is for whoever the page named, not for who has come in their place.
      const named = field(req, 'to')
      if (named !== '' && named !== to?.name)
        throw new HttpProblem(409, t('{name} is no longer with you. Reload the page to see who is.', { name: named }))
      return to ? [{ act: 'typing-allowed', data: { seat, to: to.by, name: to.name } }] : []
    }
    case 'end-typing':
      return typing.has(seat) || offers.has(seat) ? [{ act: 'typing-ended', data: { seat } }] : []
    default:
      throw new HttpProblem(400, t('This button is unknown here. Reload the page and try again.'))
  }
}
