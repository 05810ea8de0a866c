/** What mock exams and mock interviews have in common on their pages. */
import type { Request, Response } from 'express'
import { type HandsOnPool, handsOnGroups } from '../catalog/exams.ts'
import { isClosed, isJudged, partsOf } from '../exams/mock.ts'
import { msg, t } from '../i18n/translate.ts'
import { isSecret, itemsOf, locksOf, refuseLocked } from '../practice/locks.ts'
import { missingMock, seen } from '../practice/mocks.ts'
import { contextOf } from '../render/page.ts'
import { HttpProblem } from '../render/problem.ts'
import type { Mock } from '../storage/types.ts'
import type { AppDeps } from './deps.ts'
import { isSection, sectionTitle } from './sections.ts'
import { workOf } from './work.ts'

/** One's own, of that kind; nobody else's is there. @throws HttpProblem 404, or 423 for one that tells what is locked now */
export async function getMock(deps: AppDeps, req: Request, res: Response, kind: Mock['kind']): Promise<Mock> {
  const id = String(req.params.id)
  const mock = (await workOf(deps, res)).mocks.find((one) => one.id === id)
  if (mock?.kind !== kind) throw missingMock(kind)
  const now = await seen(deps, contextOf(res).seat, mock)
  // Verdicts and reasons of what is asked elsewhere just now. To be judged, or removed, tells nothing; but what a task earned is told on many pages.
  const isTold = now.mode === 'training' || (kind === 'hands-on' && req.path.endsWith('/judge'))
  const isTelling = req.method !== 'POST' || (isTold && !req.path.endsWith('/remove'))
  if (isTelling && !isSecret(now, deps.now()))
    refuseLocked(await locksOf(deps, contextOf(res).learnerId, { except: id }), ...itemsOf(now))
  return now
}

/** All of a learner's, the oldest first. */
export async function allMocks(deps: AppDeps, res: Response): Promise<Mock[]> {
  const { mocks } = await workOf(deps, res)
  return Promise.all(mocks.map((mock) => seen(deps, contextOf(res).seat, mock)))
}

/** The exams and the interview that were begun last and are not over, and the exam that was over before its answers were judged. */
export function openMocks(mocks: readonly Mock[], nowMs: number) {
  const open = mocks.filter((mock) => !isClosed(mock, nowMs))
  const unjudged = (kind: Mock['kind']) =>
    mocks.findLast((mock) => mock.kind === kind && isClosed(mock, nowMs) && !isJudged(mock))?.id
  return {
    exam: open.findLast(({ kind }) => kind === 'exam')?.id,
    handsOn: open.findLast(({ kind }) => kind === 'hands-on')?.id,
    unjudged: unjudged('exam'),
    ungraded: unjudged('hands-on'),
    interview: open.findLast(({ kind }) => kind === 'interview')?.id,
  }
}

/** The place, from 0, of the question or task that the address names from 1. @throws HttpProblem 404 */
export function placeOf(req: Request, mock: Mock): number {
  const text = String(req.params.n)
  const place = /^\d{1,3}$/.test(text) ? Number(text) - 1 : -1
  const { length } = partsOf(mock)
  if (place < 0 || place >= length) {
    const named = { n: text.slice(0, 20), count: length }
    throw new HttpProblem(
      404,
      mock.tasks
        ? t('Task {n} of {count} does not exist.', named)
        : t('Question {n} of {count} does not exist.', named),
    )
  }
  return place
}

/** One's own of that kind, the latest first. */
export async function mocksOf(deps: AppDeps, res: Response, kind: Mock['kind']): Promise<Mock[]> {
  const all = await allMocks(deps, res)
  return all.filter((mock) => mock.kind === kind).reverse()
}

/** As it was typed, or empty when none was; undefined when it cannot be one. */
export function readSeed(text: string): string | undefined {
  const typed = text.trim().toLowerCase()
  return /^(?:[a-z0-9][a-z0-9-]{0,39})?$/.test(typed) ? typed : undefined
}

export const seedProblem = msg('A seed is up to 40 letters, digits and hyphens. Leave it empty for a new one.')

/** Of an exam's domain, a kind of work, or a section. */
export function groupTitle(pool: string, group: string): string {
  const groups = Object.hasOwn(handsOnGroups, pool) ? handsOnGroups[pool as HandsOnPool] : {}
  if (Object.hasOwn(groups, group)) return t(groups[group]!.title)
  return isSection(group) ? sectionTitle(group) : group
}
