/** Search over all content. */
import type { RequestHandler } from 'express'
import { type Found, searchCatalog } from '../../catalog/search.ts'
import { original, runInLocale } from '../../i18n/locale.ts'
import { t } from '../../i18n/translate.ts'
import { locksOf } from '../../practice/locks.ts'
import { contextOf } from '../../render/page.ts'
import type { AppDeps } from '../deps.ts'
import { query } from '../form.ts'

/** Characters of what is searched for; more is cut off. */
const maxWords = 100

export function searchPage(deps: AppDeps): RequestHandler {
  return async (req, res) => {
    const words = query(req, 'q').trim().slice(0, maxWords)
    const inOriginal = runInLocale(original, deps.catalog)
    const all = words === '' ? [] : await searchCatalog(deps.catalog(), words, inOriginal)
    const locks = await locksOf(deps, contextOf(res).learnerId)
    const found = all.filter(({ kind, href }) => !locks.has(`${kind}:${href.split('/').slice(2).join('/')}`))
    const of = (kind: Found['kind']) => found.filter((item) => item.kind === kind)
    deps.renderer.send(req, res, {
      template: 'search/page',
      partial: 'search/results',
      title: words ? t('Search: {words}', { words }) : t('Search'),
      section: 'search',
      model: {
        words,
        count: found.length,
        groups: [
          { title: t('Lessons'), items: of('lesson') },
          { title: t('Questions'), items: of('question') },
          { title: t('Challenges'), items: of('challenge') },
          { title: t('Old notes'), items: of('old-note') },
        ].filter(({ items }) => items.length > 0),
      },
    })
  }
}
