/** Refuses changes that another site asked for: by where the browser says the request comes from, and by the form's token. */
import type { RequestHandler } from 'express'
import { isEqual } from '../accounts/tickets.ts'
import { t } from '../i18n/translate.ts'
import { contextOf } from '../render/page.ts'
import { HttpProblem } from '../render/problem.ts'

const safeMethods = ['GET', 'HEAD', 'OPTIONS']

export const csrf: RequestHandler = (req, res, next) => {
  if (safeMethods.includes(req.method)) return next()
  const site = req.get('Sec-Fetch-Site')
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    throw new HttpProblem(403, t('This form was sent from another site, so nothing was changed.'))
  const body = req.body as Record<string, unknown> | undefined
  const token = req.get('X-CSRF-Token') ?? body?._csrf
  if (typeof token !== 'string' || !isEqual(token, contextOf(res).csrfToken))
    throw new HttpProblem(403, t('This form is out of date. Go back, reload the page and send it again.'))
  next()
}
