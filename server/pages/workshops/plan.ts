/** The plan of a workshop as a form: its title and its steps, in order. */
import { randomBytes } from 'node:crypto'
import type { Request } from 'express'
import type { Catalog } from '../../catalog/types.ts'
import { t } from '../../i18n/translate.ts'
import type { Room } from '../../workshops/room.ts'
import type { NewRoomAct, Step } from '../../workshops/room-acts.ts'
import { field, fields } from '../form.ts'
import { type PollDraft, questionOfDraft, readPollDraft, titleOfPoll } from './poll-form.ts'
import { canBeVoted } from './poll-question.ts'
import { findItem } from './steps.ts'

export interface Plan {
  title: string
  steps: Step[]
}

export interface Planned {
  plan: Plan
  problem: string | undefined
  /** Of a poll that could not be added: what was typed. */
  draft?: PollDraft
}

const mostSteps = 60
const longestTitle = 120

/**
 * What was typed, after what the pressed button does. What cannot be taken is told, and nothing typed is lost.
 * @param asked steps that were voted on: their polls stay as they are
 */
export function readPlan(req: Request, catalog: Catalog, before: Plan, asked: ReadonlySet<string>): Planned {
  const title = oneLine(field(req, 'title')).slice(0, longestTitle) || before.title
  const [ids, titles, minutes] = [fields(req, 'step'), fields(req, 'name'), fields(req, 'minutes')]
  const [opening, openingMinutes] = [fields(req, 'opens'), fields(req, 'opens-minute')]
  const known = new Map(before.steps.map((step) => [step.id, step]))
  let problem: string | undefined
  const steps = ids.flatMap((id, n): Step[] => {
    const step = known.get(id)
    if (!step) return []
    const name = oneLine(titles[n] ?? '').slice(0, longestTitle)
    const named = { ...step, title: name || step.title, minutes: minutesOf(minutes[n]) ?? step.minutes }
    const changed = withOpening(named, opening[n], openingMinutes[n])
    if (!changed) {
      problem ??= t('Say after how many minutes step {n} opens: a whole number up to 1440.', { n: n + 1 })
      return [named]
    }
    if (asked.has(id)) return [changed]
    const polled = withPoll(req, catalog, changed)
    if ('problem' in polled) problem ??= polled.problem
    return ['problem' in polled ? changed : polled]
  })
  // A form without rows, such as that of a button elsewhere, changes none.
  const plan = { title, steps: ids.length > 0 ? steps : before.steps }
  if (problem) return { plan, problem }
  const [act = '', id = ''] = field(req, 'do').split(':')
  switch (act) {
    case 'up':
    case 'down':
      return { plan: { ...plan, steps: moved(plan.steps, id, act === 'up' ? -1 : 1) }, problem: undefined }
    case 'remove':
      return { plan: { ...plan, steps: plan.steps.filter((step) => step.id !== id) }, problem: undefined }
    case 'add':
      return added(plan, [stepOf(catalog, field(req, 'item'), '')])
    case 'talk':
      return added(plan, [stepOf(catalog, '', oneLine(field(req, 'talk')).slice(0, longestTitle))])
    case 'poll': {
      const draft = readPollDraft(req)
      const own = questionOfDraft(draft)
      if ('problem' in own) return { plan, problem: own.problem, draft }
      const step = { id: newStepId(), title: titleOfPoll(own.text), minutes: 5 }
      const planned = added(plan, [{ ...step, poll: { isAnonymous: draft.isAnonymous, own } }])
      return planned.problem ? { ...planned, draft } : planned
    }
    case 'track': {
      const track = catalog.tracks.get(field(req, 'track'))
      return added(
        plan,
        track ? track.steps.map(({ kind, id: item }) => stepOf(catalog, `${kind}:${item}`, '')) : [undefined],
      )
    }
    default:
      return { plan, problem: undefined }
  }
}

/** The act that makes the room's plan that one; none when it is so already. */
export const actOfPlan = (room: Room, plan: Plan): NewRoomAct[] =>
  JSON.stringify({ title: room.title, steps: room.steps }) === JSON.stringify(plan)
    ? []
    : [{ act: 'planned', data: plan }]

function added(plan: Plan, found: readonly (Step | undefined)[]): Planned {
  const steps = found.filter((step) => step !== undefined)
  if (steps.length === 0) return { plan, problem: t('Choose an item of the list, or type what is done together.') }
  const fresh = steps.filter((step) => !step.item || !plan.steps.some(({ item }) => item === step.item))
  if (fresh.length === 0) return { plan, problem: t('That is already a step.') }
  if (plan.steps.length + fresh.length > mostSteps)
    return { plan, problem: t('A workshop has {n} steps at most.', { n: mostSteps }) }
  return { plan: { ...plan, steps: [...plan.steps, ...fresh] }, problem: undefined }
}

const newStepId = (): string => randomBytes(5).toString('hex')

/** The step with what its row says about a poll. */
function withPoll(req: Request, catalog: Catalog, step: Step): Step | { problem: string } {
  if (step.poll?.own) {
    // A form that shows less of it changes nothing.
    if (field(req, `poll-text-${step.id}`) === '') return step
    const draft = readPollDraft(req, step.id)
    const own = questionOfDraft(draft)
    return 'problem' in own
      ? own
      : { ...step, title: titleOfPoll(own.text), poll: { isAnonymous: draft.isAnonymous, own } }
  }
  const { poll: _, ...bare } = step
  if (!fields(req, 'as-poll').includes(step.id) || !mayBePoll(catalog, step)) return bare
  return { ...bare, poll: { isAnonymous: fields(req, 'anonymous').includes(step.id) } }
}

/** @returns undefined when its minute is none */
function withOpening(step: Step, by: string | undefined, minute: string | undefined): Step | undefined {
  const { opens: _, ...bare } = step
  switch (by) {
    case 'hold':
      return bare
    case 'after':
      return { ...bare, opens: { by } }
    case 'time': {
      const n = Number(minute)
      const isMinute = minute !== undefined && minute.trim() !== '' && Number.isInteger(n) && n >= 0 && n <= 1440
      return isMinute ? { ...bare, opens: { by, minute: n } } : undefined
    }
    default:
      return step
  }
}

/** Its question is one that a room can vote on. */
export function mayBePoll(catalog: Catalog, { item = '' }: Step): boolean {
  const question = item.startsWith('question:') ? catalog.questions.get(item.slice('question:'.length)) : undefined
  return question !== undefined && canBeVoted(question.type)
}

/** @param talk what is done together, where no item is named */
function stepOf(catalog: Catalog, item: string, talk: string): Step | undefined {
  const id = newStepId()
  const found = findItem(catalog, item)
  if (!found) return talk === '' ? undefined : { id, title: talk, minutes: 10 }
  const usual = { lesson: 20, question: 3, challenge: 15 }[found.kind]
  const own = found.kind === 'lesson' ? catalog.lessons.get(found.id)?.minutes : undefined
  const task = found.kind === 'challenge' ? catalog.challenges.get(found.id)?.spec.minutes : undefined
  return { id, item, title: found.title, minutes: own ?? task ?? usual }
}

function moved(steps: readonly Step[], id: string, by: -1 | 1): Step[] {
  const from = steps.findIndex((step) => step.id === id)
  const to = from + by
  if (from < 0 || to < 0 || to >= steps.length) return [...steps]
  return steps.with(from, steps[to]!).with(to, steps[from]!)
}

const oneLine = (text: string): string => text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]|\s+/gu, ' ').trim()

function minutesOf(text: string | undefined): number | undefined {
  const n = Number(text)
  return Number.isInteger(n) && n >= 1 && n <= 480 ? n : undefined
}
