/** Faults for the clusters of a step, all at the same virtual second: ordered, tried before on a model solution, watched, taken back. */
import type { Request, RequestHandler, Response } from 'express'
import { t } from '../../i18n/translate.ts'
import { LabRefusal } from '../../labs/types.ts'
import { contextOf, redirectTo } from '../../render/page.ts'
import { HttpProblem } from '../../render/problem.ts'
import { sittingAt } from '../../sittings/life.ts'
import { presentIn } from '../../workshops/people.ts'
import type { Workshop } from '../../workshops/rooms.ts'
import type { AppDeps } from '../deps.ts'
import { field, query } from '../form.ts'
import { followRoom } from '../live-part.ts'
import { leftOut } from '../unreadable.ts'
import { type ChaosFields, faultChoices, readFields, readOrder } from './chaos-form.ts'
import { type ChaosPreview, previewFault } from './chaos-preview.ts'
import { createChaosTable } from './chaos-table.ts'
import { deliver, withdraw } from './deliver.ts'
import { refuseUnlessOpen } from './going-on.ts'
import { leaderName, ownWorkshop } from './own-workshop.ts'
import { viewRewinds } from './rewind.ts'
import { seatIn } from './seat-in.ts'
import { cellOf } from './seat-status.ts'
import { findItem, viewStep } from './steps.ts'

/** What came of a fault is computed for each cluster that goes on. */
const gatherMs = 2000

export function chaosPages(deps: AppDeps): Record<'show' | 'act' | 'live', RequestHandler> {
  const table = createChaosTable(deps)

  const challengeAt = (item: string | undefined) => {
    const found = findItem(deps.catalog(), item)
    return found?.kind === 'challenge' ? deps.catalog().challenges.get(found.id) : undefined
  }
  /** Everybody in a workshop has the same variant, so its nodes have the same names. */
  const nodesOf = async (who: string, workshop: Workshop, item: string | undefined): Promise<string[]> => {
    const challenge = challengeAt(item)
    const [person] = await presentIn(deps, workshop.id, () => undefined)
    if (!challenge) return []
    try {
      const seed = `${person?.seed ?? workshop.id}/${challenge.id}/1`
      return (await deps.labs.world(who, { spec: challenge.spec, seed })).shape.nodes.map(({ name }) => name)
    } catch (error) {
      if (!(error instanceof LabRefusal)) throw error
      return []
    }
  }
  const send = async (
    req: Request,
    res: Response,
    workshop: Workshop,
    given: ChaosFields,
    { problem = '', preview }: { problem?: string; preview?: ChaosPreview } = {},
  ): Promise<void> => {
    const { learnerId } = contextOf(res)
    const room = await deps.rooms.room(workshop.id)
    const people = await presentIn(deps, workshop.id, leftOut(res))
    const challenges = room.steps.filter(({ item }) => challengeAt(item))
    const step =
      challenges.find(({ id }) => id === given.step) ??
      challenges.find(({ id }) => id === room.current) ??
      challenges.find(({ id }) => room.open.has(id)) ??
      challenges[0]
    deps.renderer.send(req, res, {
      template: 'workshops/chaos',
      title: t('Faults'),
      section: 'none',
      wide: true,
      status: problem ? 422 : 200,
      model: {
        id: workshop.id,
        title: room.title || t('Untitled workshop'),
        isOpen: sittingAt(room.life, deps.now()).state === 'open',
        steps: challenges.map((one) => ({ ...viewStep(deps.catalog(), workshop.id, one), isChosen: one === step })),
        nodes: step ? await nodesOf(learnerId, workshop, step.item) : [],
        people: people.map(({ id, nickname }) => ({ id, nickname })),
        given: { ...given, step: step?.id ?? '' },
        choices: faultChoices(),
        mostSeconds: step ? challengeAt(step.item)!.spec.workspace.maxVirtualSeconds - 1 : 0,
        /** Of the next order: the same form sent twice is one. */
        order: deps.newId(),
        problem,
        preview,
        orders: await table.view(learnerId, workshop, room, people),
        rewinds: viewRewinds(deps, workshop, room),
      },
    })
  }

  return {
    show: async (req, res) => {
      const workshop = await ownWorkshop(deps, req, res)
      const room = await deps.rooms.room(workshop.id)
      const people = await presentIn(deps, workshop.id, () => undefined)
      // What was broken off is gone on with.
      if (sittingAt(room.life, deps.now()).state === 'open')
        for (const order of room.orders)
          if (order.isUndone) await withdraw(deps, workshop, order, people)
          else await deliver(deps, contextOf(res).learnerId, workshop, room, order, people)
      await send(req, res, workshop, { ...readFields(req), step: query(req, 'step') })
    },

    act: async (req, res) => {
      const workshop = await ownWorkshop(deps, req, res)
      const { learnerId } = contextOf(res)
      const [pressed = '', of = ''] = field(req, 'do').split(':')
      const people = await presentIn(deps, workshop.id, () => undefined)
      const before = await deps.rooms.room(workshop.id)
      const name = leaderName(workshop, contextOf(res))
      if (pressed === 'preview' || pressed === 'order') {
        const given = readFields(req)
        const step = before.steps.find(({ id }) => id === given.step)
        const challenge = challengeAt(step?.item)
        if (!step || !challenge) return send(req, res, workshop, given, { problem: t('Choose a challenge first.') })
        const read = readOrder(given, challenge.spec.workspace.maxVirtualSeconds)
        if ('problem' in read) return send(req, res, workshop, given, read)
        const seed = `${people[0]?.seed ?? workshop.id}/${challenge.id}/1`
        if (pressed === 'preview')
          return send(req, res, workshop, given, {
            preview: await previewFault(deps, learnerId, challenge, seed, read.fault, read.atMs),
          })
        await refuseUnlessOpen(deps, workshop.id)
        const id = /^[a-f0-9]{18}$/.test(field(req, 'order')) ? field(req, 'order') : deps.newId()
        const to = await seatsFor(workshop, given, step)
        if (to?.length === 0)
          return send(req, res, workshop, given, {
            problem: t('That selects nobody: choose somebody else, or everybody.'),
          })
        const { fault, atMs } = read
        const isSecret = given.says === 'something'
        const room = await deps.rooms.act(workshop.id, learnerId, (now) =>
          now.orders.some((order) => order.id === id)
            ? []
            : [{ act: 'fault-ordered', data: { id, step: step.id, fault, atMs, to, isSecret, name } }],
        )
        await deliver(deps, learnerId, workshop, room, room.orders.find((order) => order.id === id)!, people)
        return redirectTo(req, res, `/w/${workshop.id}/chaos?step=${step.id}#orders`)
      }
      if (pressed !== 'undo')
        throw new HttpProblem(400, t('This button is unknown here. Reload the page and try again.'))
      await refuseUnlessOpen(deps, workshop.id)
      // First the order: nobody is given it any more while it is taken back.
      const room = await deps.rooms.act(workshop.id, learnerId, ({ orders }) =>
        orders.some(({ id, isUndone }) => id === of && !isUndone) ? [{ act: 'fault-undone', data: { id: of } }] : [],
      )
      if (room.orders.some(({ id }) => id === of)) await withdraw(deps, workshop, { id: of, name }, people)
      redirectTo(req, res, `/w/${workshop.id}/chaos#orders`)
    },

    live: async (req, res) => {
      const workshop = await ownWorkshop(deps, req, res)
      const { learnerId } = contextOf(res)
      followRoom(deps, res, workshop.id, {
        isOfLeaders: true,
        concerns: () => true,
        gatherMs,
        draw: async () => {
          const room = await deps.rooms.room(workshop.id)
          const people = await presentIn(deps, workshop.id, () => undefined)
          const orders = await table.view(learnerId, workshop, room, people)
          const isOpen = sittingAt(room.life, deps.now()).state === 'open'
          const rewinds = viewRewinds(deps, workshop, room)
          const model = { id: workshop.id, isOpen, orders, rewinds }
          return { orders: deps.renderer.part(res, 'workshops/chaos-orders', model) }
        },
      })
    },
  }

  /** Null for everybody. */
  async function seatsFor(
    workshop: Workshop,
    { to, seat }: ChaosFields,
    step: Parameters<typeof cellOf>[1],
  ): Promise<string[] | null> {
    if (to === 'all') return null
    const people = await presentIn(deps, workshop.id, () => undefined)
    if (to === 'one') return people.filter(({ id }) => id === seat).map(({ id }) => id)
    const passing: string[] = []
    for (const person of people)
      if (cellOf(await deps.journals.work(seatIn(workshop, person)), step).state === 'done') passing.push(person.id)
    return passing
  }
}
