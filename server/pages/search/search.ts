/** Search over all content. */
import type { RequestHandler } from 'express'
import { type Found, searchCatalog } from '../../catalog/search.ts'
import type { AppDeps } from '../deps.ts'
import { query } from '../form.ts'

/** Characters of what is searched for; more is cut off. */
const maxWords = 100

export function searchPage(deps: AppDeps): RequestHandler {
  return (req, res) => {
    const words = query(req, 'q').trim().slice(0, maxWords)
    const found = words === '' ? [] : searchCatalog(deps.catalog(), words)
    const of = (kind: Found['kind']) => found.filter((item) => item.kind === kind)
    deps.renderer.send(req, res, {
      template: 'search/page',
      partial: 'search/results',
      title: words ? `Search: ${words}` : 'Search',
      section: 'search',
      model: {
        words,
        count: found.length,
        groups: [
          { title: 'Lessons', items: of('lesson') },
          { title: 'Questions', items: of('question') },
          { title: 'Challenges', items: of('challenge') },
        ].filter(({ items }) => items.length > 0),
      },
    })
  }
}
