/** Hands-on exams: tasks in clusters, one for each, sat by the server's clock, graded as they were left, and looked back at. */
import type { Request, RequestHandler, Response } from 'express'
import { handsOnPools } from '../../catalog/exams.ts'
import { isClosed, isJudged, rulesOf } from '../../exams/mock.ts'
import { taskGroups } from '../../exams/pools.ts'
import { msg, t } from '../../i18n/translate.ts'
import { attemptThatCounts, examTask, gradeTasks } from '../../practice/exam-tasks.ts'
import { actOnMock, removeMock, saidOf, startMock } from '../../practice/mocks.ts'
import { contextOf, isHtmx, redirectTo } from '../../render/page.ts'
import { HttpProblem } from '../../render/problem.ts'
import type { Mock } from '../../storage/types.ts'
import type { AppDeps } from '../deps.ts'
import { deskPages, type FindDesk } from '../desk/desk.ts'
import { field, query } from '../form.ts'
import { getMock, mocksOf, placeOf } from '../mocks.ts'
import { workOf } from '../work.ts'
import { firstForm, lengths, modes, type Problems, pools, readForm, readSetup, type SetupForm, sizes } from './setup.ts'
import { poolTitle, viewResults, viewRow, viewStrip } from './view.ts'

type Page =
  | 'index'
  | 'create'
  | 'open'
  | 'show'
  | 'act'
  | 'draft'
  | 'flag'
  | 'finish'
  | 'handIn'
  | 'judge'
  | 'results'
  | 'remove'

/** Tasks that are graded before somebody who waits hears how far it is, and how long one of them is waited for. */
const gradedAtOnce = { most: 2, patienceMs: 6000 }

const scripts = ['js/exam.js']

export function handsOnPages(deps: AppDeps): Record<Page, RequestHandler> {
  const findDesk: FindDesk = async (req, res) => {
    const mock = await getMock(deps, req, res, 'hands-on')
    const place = placeOf(req, mock)
    const nowMs = deps.now()
    if (isClosed(mock, nowMs)) {
      // A page that saves by itself is told that nothing was saved.
      if (req.path.endsWith('/draft')) throw new HttpProblem(410, t(examOver))
      redirectTo(req, res, `${hrefOf(mock)}/results`)
      return undefined
    }
    const { attempts } = await workOf(deps, res)
    const strip = viewStrip(deps.catalog(), mock, place, attempts, nowMs)
    return {
      task: await examTask(deps, mock, place),
      href: taskHref(mock, place),
      isOpenBook: rulesOf(mock).showSolutions === 'at once',
      section: 'study',
      frame: { template: 'hands-on/desk', model: { strip }, scripts },
    }
  }

  return {
    ...deskPages(deps, findDesk),

    index: async (req, res) => {
      await sendIndex(deps, req, res, { form: { ...firstForm, ...readAgain(req) } })
    },

    create: async (req, res) => {
      const form = readForm(req)
      const read = readSetup(form)
      if ('problems' in read) return sendIndex(deps, req, res, { form, problems: read.problems })
      const { pool, count, minutes, within, mode, seed } = read.setup
      const mock = await startMock(deps, contextOf(res).seat, field(req, 'once'), {
        ...{ kind: 'hands-on', pool, mode, count, minutes, within, seed },
        groups: taskGroups(deps.catalog(), pool),
      })
      if (!mock) {
        const problems = { pool: t('There are no tasks to draw from here. Choose another exam.') }
        return sendIndex(deps, req, res, { form, problems })
      }
      redirectTo(req, res, taskHref(mock, 0))
    },

    // Where it was worked on last.
    open: async (req, res) => {
      const mock = await getMock(deps, req, res, 'hands-on')
      if (isClosed(mock, deps.now())) return res.redirect(303, `${hrefOf(mock)}/results`)
      const { attempts } = await workOf(deps, res)
      const latest = (mock.tasks ?? [])
        .map((task, place) => ({ place, atMs: attemptThatCounts(attempts, mock, task)?.updatedAtMs ?? 0 }))
        .sort((a, b) => b.atMs - a.atMs || a.place - b.place)
      res.redirect(303, taskHref(mock, latest[0]?.place ?? 0))
    },

    flag: async (req, res) => {
      const mock = await getMock(deps, req, res, 'hands-on')
      const place = placeOf(req, mock)
      const flagged = isClosed(mock, deps.now())
        ? mock
        : await actOnMock(deps, contextOf(res).seat, mock, (m) =>
            saidOf(m, place, { flag: field(req, 'flag') === 'on' }, m.current),
          )
      if (isClosed(flagged, deps.now())) return redirectTo(req, res, `${hrefOf(mock)}/results`)
      if (!isHtmx(req)) return res.redirect(303, taskHref(mock, place))
      const { attempts } = await workOf(deps, res)
      deps.renderer.send(req, res, {
        template: 'hands-on/desk',
        partial: 'hands-on/strip',
        title: poolTitle(mock),
        section: 'study',
        model: { strip: viewStrip(deps.catalog(), flagged, place, attempts, deps.now()) },
      })
    },

    finish: async (req, res) => {
      const mock = await getMock(deps, req, res, 'hands-on')
      if (isClosed(mock, deps.now())) return res.redirect(303, `${hrefOf(mock)}/results`)
      const { attempts } = await workOf(deps, res)
      const from = Number(query(req, 'from')) - 1
      const place = mock.tasks?.[from] ? from : 0
      deps.renderer.send(req, res, {
        template: 'hands-on/finish',
        title: t('Hand in?'),
        section: 'study',
        scripts,
        model: { strip: viewStrip(deps.catalog(), mock, place, attempts, deps.now()) },
      })
    },

    handIn: async (req, res) => {
      const mock = await getMock(deps, req, res, 'hands-on')
      const nowMs = deps.now()
      await actOnMock(deps, contextOf(res).seat, mock, (m) =>
        isClosed(m, nowMs) ? [] : [{ act: 'mock-handed-in', atMs: nowMs, data: { mock: m.id } }],
      )
      redirectTo(req, res, `${hrefOf(mock)}/results`)
    },

    judge: async (req, res) => {
      const mock = await getMock(deps, req, res, 'hands-on')
      if (!isClosed(mock, deps.now())) return redirectTo(req, res, hrefOf(mock))
      const graded = await gradeTasks(deps, contextOf(res).seat, mock, gradedAtOnce)
      if (isJudged(graded)) redirectTo(req, res, `${hrefOf(mock)}/results`)
      else sendGrading(deps, req, res, graded)
    },

    results: async (req, res) => {
      const mock = await getMock(deps, req, res, 'hands-on')
      if (!isClosed(mock, deps.now())) return res.redirect(303, hrefOf(mock))
      if (!isJudged(mock)) return sendGrading(deps, req, res, mock)
      deps.renderer.send(req, res, {
        template: 'hands-on/results',
        title: t('{pool} hands-on', { pool: poolTitle(mock) }),
        section: 'study',
        model: { results: viewResults(deps.catalog(), mock, deps.now()) },
      })
    },

    remove: async (req, res) => {
      const mock = await getMock(deps, req, res, 'hands-on')
      await removeMock(deps, contextOf(res).seat, mock)
      redirectTo(req, res, '/study/hands-on')
    },
  }
}

const examOver = msg('This exam is over, so your change was not saved. Everything saved before counts.')

const hrefOf = ({ id }: Mock): string => `/study/hands-on/${id}`
const taskHref = (mock: Mock, place: number): string => `${hrefOf(mock)}/tasks/${place + 1}`

/** What an address names of the form, so that results can lead to the same exam again. */
function readAgain(req: Request): Partial<SetupForm> {
  const named = {
    pool: handsOnPools.find((name) => name === query(req, 'pool')),
    size: Object.keys(sizes).find((name) => name === query(req, 'size')),
    mode: Object.keys(modes).find((name) => name === query(req, 'mode')),
    seed: query(req, 'seed').slice(0, 40),
  }
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value))
}

async function sendIndex(
  deps: AppDeps,
  req: Request,
  res: Response,
  { form, problems }: { form: SetupForm; problems?: Problems },
): Promise<void> {
  const rows = await mocksOf(deps, res, 'hands-on')
  const { attempts } = await workOf(deps, res)
  deps.renderer.send(req, res, {
    template: 'hands-on/index',
    title: t('Hands-on mock exams'),
    section: 'study',
    status: problems ? 422 : 200,
    model: {
      form,
      problems: problems ?? {},
      formId: deps.newId(),
      pools: handsOnPools.map((value) => ({ value, ...pools[value], lengths: lengths[value] })),
      sizes,
      modes,
      rows: rows.map((mock) => viewRow(mock, attempts, deps.now())),
    },
  })
}

function sendGrading(deps: AppDeps, req: Request, res: Response, mock: Mock): void {
  const tasks = mock.tasks ?? []
  deps.renderer.send(req, res, {
    template: 'hands-on/grading',
    partial: 'hands-on/grading-part',
    title: t('Grading your tasks'),
    section: 'study',
    model: { href: hrefOf(mock), done: tasks.filter(({ result }) => result !== null).length, count: tasks.length },
  })
}
