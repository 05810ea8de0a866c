/** What a person sees when a request fails, and what the log says about it. */
import type { ErrorRequestHandler, RequestHandler } from 'express'
import { original, runInLocale } from '../i18n/locale.ts'
import { msg, t } from '../i18n/translate.ts'
import { LabRefusal } from '../labs/types.ts'
import type { AppDeps } from '../pages/deps.ts'
import { readRefused } from '../pages/refused.ts'
import { contextOf } from '../render/page.ts'
import { HttpProblem, notFound } from '../render/problem.ts'
import { NotAKey } from '../storage/documents.ts'
import { StoreAway } from '../storage/store.ts'
import { formTooLarge } from './body-lengths.ts'

const titles: Record<number, string> = {
  400: msg('This request cannot be read'),
  403: msg('Not allowed'),
  404: msg('Not here'),
  405: msg('Not that way'),
  409: msg('Changed meanwhile'),
  411: msg('This request cannot be read'),
  413: msg('Too large'),
  415: msg('This request cannot be read'),
  422: msg('Not accepted'),
  429: msg('Too fast'),
  500: msg('Our mistake'),
  503: msg('Busy'),
}

export const noSuchPage: RequestHandler = () => {
  throw notFound(t('This page'))
}

/** For the end of a route: whatever method is left is not one of its own. */
export function allowOnly(...methods: string[]): RequestHandler {
  return (req, res) => {
    res.setHeader('Allow', methods.join(', '))
    throw new HttpProblem(
      405,
      t('{method} is not possible here, only {others}.', { method: req.method, others: methods.join(', ') }),
    )
  }
}

export function errorPages(deps: AppDeps): ErrorRequestHandler {
  return (given, req, res, _next) => {
    const locale = <T>(act: () => T) => runInLocale(contextOf(res).locale ?? original, act)
    const error = given instanceof NotAKey ? locale(() => notFound(t('This page'))) : given
    const { status, message } = locale(() => explain(error))
    const requestId = contextOf(res).requestId
    if (isRefusal(error)) {
      if (error instanceof LabRefusal) res.locals.refusedBy = 'simulations'
      if (error instanceof StoreAway) res.locals.refusedBy = 'storage'
      // Expected when there is much to do: its stack would tell nothing.
      const reason = runInLocale(original, () => error.message)
      if (status >= 500)
        deps.logger.warn({ requestId, status, method: req.method, path: req.path }, `request refused: ${reason}`)
    } else if (status >= 500)
      deps.logger.error({ requestId, err: error, method: req.method, path: req.path }, 'request failed')
    if (res.headersSent) {
      res.end()
      return
    }
    const model = {
      ...{ status, message, heading: locale(() => t(titles[status] ?? msg('Something went wrong'))) },
      // Whoever runs the server finds it in the log.
      reference: status >= 500 ? requestId : undefined,
    }
    res.locals.csrfToken ??= ''
    res.locals.nowMs ??= deps.now()
    // With script the page stays as it is, work included, and the problem is shown above it.
    res.setHeader('HX-Retarget', '#page-problem')
    res.setHeader('HX-Reswap', 'innerHTML')
    deps.renderer.send(req, res, {
      template: 'error/page',
      partial: 'error/message',
      title: model.heading,
      section: 'none',
      status,
      model,
    })
  }
}

const isRefusal = (error: unknown): error is HttpProblem | LabRefusal | StoreAway =>
  error instanceof HttpProblem || error instanceof LabRefusal || error instanceof StoreAway

function explain(error: unknown): { status: number; message: string } {
  const refused = readRefused(error)
  if (refused) return refused
  const http = error as { status?: unknown; type?: unknown; charset?: unknown; encoding?: unknown }
  if (typeof http.status === 'number' && http.status >= 400 && http.status < 500)
    return { status: http.status, message: unreadWords(http) }
  return { status: 500, message: t('Something failed on our side. Nothing you had saved is lost; try again.') }
}

/** Why a request was not read, by what the parsers of forms call it. */
function unreadWords({ type, charset, encoding }: { type?: unknown; charset?: unknown; encoding?: unknown }): string {
  switch (type) {
    case 'entity.too.large':
      return formTooLarge()
    case 'parameters.too.many':
      return t('A form may have 200 fields, and yours has more, so it was not read.')
    case 'charset.unsupported':
      return t('Forms are read in UTF-8 and in ISO-8859-1, and this one came in {charset}, so it was not read.', {
        charset: String(charset).slice(0, 40).toUpperCase(),
      })
    case 'encoding.unsupported':
      return t('Forms are read plain or packed with gzip, deflate or br, and this one came in {encoding}.', {
        encoding: String(encoding).slice(0, 40),
      })
    default:
      return t('The request is malformed, so nothing was done.')
  }
}
