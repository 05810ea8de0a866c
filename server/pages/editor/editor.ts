/** What the editor asks while somebody types: what is wrong, and what could stand here. JSON, for its script. */
import type { RequestHandler } from 'express'
import { t } from '../../i18n/translate.ts'
import { contextOf } from '../../render/page.ts'
import { HttpProblem, notFound } from '../../render/problem.ts'
import type { AppDeps } from '../deps.ts'
import { query, textField } from '../form.ts'

/** Characters. What is longer is not looked at while it is typed; applying it says the rest. */
const maxText = 100_000

export function editorPages(deps: AppDeps): Record<'lint' | 'schema' | 'kinds', RequestHandler> {
  return {
    lint: async (req, res) => {
      const text = textField(req, 'text')
      if (text.length > maxText)
        throw new HttpProblem(422, t('Only {most} characters are checked while you type.', { most: maxText }))
      res.json({ diagnostics: await deps.labs.lint(contextOf(res).learnerId, text) })
    },

    schema: async (req, res) => {
      const type = { apiVersion: query(req, 'apiVersion'), kind: query(req, 'kind') }
      const outline = await deps.labs.outline(contextOf(res).learnerId, type)
      if (!outline)
        throw notFound(
          t('The kind "{kind}" of "{apiVersion}"', {
            kind: type.kind.slice(0, 80),
            apiVersion: type.apiVersion.slice(0, 80),
          }),
        )
      res.setHeader('Cache-Control', 'private, max-age=86400')
      res.json(outline)
    },

    kinds: async (_req, res) => {
      const { kinds } = await deps.labs.about()
      res.setHeader('Cache-Control', 'private, max-age=86400')
      res.json(kinds.map(({ apiVersion, kind }) => ({ apiVersion, kind })))
    },
  }
}
