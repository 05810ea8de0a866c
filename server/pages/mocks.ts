/** What mock exams and mock interviews have in common on their pages. */
import type { Request, Response } from 'express'
import { type Exam, exams } from '../catalog/exams.ts'
import { msg, t } from '../i18n/translate.ts'
import { contextOf } from '../render/page.ts'
import { HttpProblem } from '../render/problem.ts'
import type { Mock } from '../storage/types.ts'
import type { AppDeps } from './deps.ts'
import { field } from './form.ts'
import { practitionerOf } from './practice.ts'
import { isSection, sectionTitle } from './sections.ts'

/** Exams and interviews that a learner keeps. */
const maxMocks = 200

const missing: Record<Mock['kind'], string> = {
  exam: msg('This exam does not exist.'),
  interview: msg('This interview does not exist.'),
}

/** One's own, of that kind; nobody else's is there. @throws HttpProblem 404 */
export async function getMock(deps: AppDeps, req: Request, res: Response, kind: Mock['kind']): Promise<Mock> {
  const id = String(req.params.id)
  const { participantId } = practitionerOf(contextOf(res).learnerId)
  const mock = /^[a-f0-9]{18}$/.test(id) ? await deps.storage.mocks.find(participantId, id) : undefined
  if (mock?.kind !== kind) throw new HttpProblem(404, t(missing[kind]))
  return mock
}

/** The place, from 0, of the question that the address names from 1. @throws HttpProblem 404 */
export function placeOf(req: Request, { items }: Mock): number {
  const text = String(req.params.n)
  const place = /^\d{1,3}$/.test(text) ? Number(text) - 1 : -1
  if (items[place] === undefined)
    throw new HttpProblem(
      404,
      t('Question {n} of {count} does not exist.', { n: text.slice(0, 20), count: items.length }),
    )
  return place
}

/** Stores it, unless the same form was sent before. */
export async function keepMock(deps: AppDeps, mock: Mock): Promise<void> {
  const all = await deps.storage.mocks.listOf(mock.participantId)
  if (all.length >= maxMocks)
    throw new HttpProblem(422, t('You have {n} mock exams and interviews. Remove one of them first.', { n: maxMocks }))
  await deps.storage.mocks.create(mock)
}

export async function mocksOf(deps: AppDeps, res: Response, kind: Mock['kind']): Promise<Mock[]> {
  const { participantId } = practitionerOf(contextOf(res).learnerId)
  const all = await deps.storage.mocks.listOf(participantId)
  return all.filter((mock) => mock.kind === kind).reverse()
}

/** What the form of a new one was given as its id, so that sending it twice makes one. */
export function idOf(deps: AppDeps, req: Request): string {
  const once = field(req, 'once')
  return /^[a-f0-9]{18}$/.test(once) ? once : deps.newId()
}

/** A seed that was typed, or a new one; undefined when it cannot be one. */
export function readSeed(deps: AppDeps, text: string): string | undefined {
  const typed = text.trim().toLowerCase()
  if (typed === '') return deps.newId().slice(-8)
  return /^[a-z0-9][a-z0-9-]{0,39}$/.test(typed) ? typed : undefined
}

export const seedProblem = msg('A seed is up to 40 letters, digits and hyphens. Leave it empty for a new one.')

/** Of an exam's domain, or a section. */
export function groupTitle(pool: string, group: string): string {
  const domains: Record<string, { title: string }> = Object.hasOwn(exams, pool) ? exams[pool as Exam].domains : {}
  const domain = domains[group]
  if (domain) return t(domain.title)
  return isSection(group) ? sectionTitle(group) : group
}

/** Rounded down, so that what is shown as the pass mark has reached it. */
export const percentOf = (score: number): number => Math.floor(score * 100 + 1e-9)
