/** What somebody did here, act by act: what everything else on these pages is worked out from. */
import type { RequestHandler } from 'express'
import { t } from '../../i18n/translate.ts'
import { actKind, type KnownAct } from '../../journal/acts/registry.ts'
import { findItem, type Item } from '../../practice/items.ts'
import { contextOf } from '../../render/page.ts'
import type { AppDeps } from '../deps.ts'
import { query } from '../form.ts'
import { printDate, printTime } from '../time.ts'
import { workOf } from '../work.ts'

const perPage = 100

interface Line {
  day: string
  time: string
  text: string
  item: Item | undefined
  /** So often, one after the other. */
  times: number
}

export function journalPage(deps: AppDeps): RequestHandler {
  return async (req, res) => {
    // Says what cannot be read.
    await workOf(deps, res)
    const acts = await deps.journals.acts(contextOf(res).seat)
    const lines = linesOf(deps, acts).reverse()
    const pages = Math.max(1, Math.ceil(lines.length / perPage))
    const wanted = /^\d{1,5}$/.test(query(req, 'page')) ? Number(query(req, 'page')) : 1
    const page = Math.min(pages, Math.max(1, wanted))
    deps.renderer.send(req, res, {
      template: 'progress/journal',
      title: t('What you did here'),
      section: 'study',
      model: {
        days: byDay(lines.slice((page - 1) * perPage, page * perPage)),
        count: acts.length,
        page,
        pages,
      },
    })
  }
}

/** The oldest first; the same done to the same thing again and again is one line. */
function linesOf(deps: AppDeps, acts: readonly KnownAct[]): Line[] {
  const catalog = deps.catalog()
  const lines: Line[] = []
  for (const act of acts) {
    // The server notes for itself how far the time of an exam has come.
    if (act.act === 'mock-seen') continue
    const { text, values } = actKind(act.act)!.words(act as never)
    const [day, time] = [printDate(act.atMs), printTime(act.atMs).slice(0, 5)]
    const line = {
      day,
      time,
      text: t(text, values ?? {}),
      item: act.item === undefined ? undefined : findItem(catalog, act.item),
    }
    const last = lines.at(-1)
    if (last && last.text === line.text && last.day === day && last.item?.href === line.item?.href) {
      last.times++
      last.time = time
    } else lines.push({ ...line, times: 1 })
  }
  return lines
}

function byDay(lines: readonly Line[]): { day: string; lines: Line[] }[] {
  const days: { day: string; lines: Line[] }[] = []
  for (const line of lines) {
    if (days.at(-1)?.day !== line.day) days.push({ day: line.day, lines: [] })
    days.at(-1)!.lines.push(line)
  }
  return days
}
