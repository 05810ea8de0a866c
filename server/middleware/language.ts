/**
 * The language of a request: what its cookie says, else what the browser prefers. Any page's address with `?lang=zh` chooses one, and
 * leads to the page itself.
 */
import type { RequestHandler } from 'express'
import { isLocale, locales, runInLocale } from '../i18n/locale.ts'
import { callerOf } from '../pages/caller.ts'
import type { AppDeps } from '../pages/deps.ts'
import { urlOfAddress } from '../render/local-address.ts'
import { contextOf } from '../render/page.ts'
import { runForCaller } from '../request-caller.ts'
import { runInRequest } from '../request-id.ts'

const cookieName = 'podium-lang'
const yearMs = 365 * 24 * 3_600_000

export function language(deps: AppDeps): RequestHandler {
  return (req, res, next) => {
    const url = urlOfAddress(req.originalUrl)
    const asked = url.searchParams.get('lang')
    if (req.method === 'GET' && isLocale(asked)) {
      url.searchParams.delete('lang')
      res.cookie(cookieName, asked, {
        httpOnly: true,
        sameSite: 'lax',
        secure: deps.config.secureCookies,
        maxAge: yearMs,
        path: '/',
      })
      res.redirect(303, url.pathname + url.search)
      return
    }
    const [, chosen] = /(?:^|;\s*)podium-lang=(\w+)/.exec(req.headers.cookie ?? '') ?? []
    const preferred = req.acceptsLanguages([...locales])
    const locale = isLocale(chosen) ? chosen : isLocale(preferred) ? preferred : locales[0]
    Object.assign(res.locals, { locale, address: addressOf(req.method, req.originalUrl, req.get('Referer')) })
    runInLocale(locale, next)
  }
}

/** For after a middleware that reads bodies: what it calls back has lost the request's language, and whose request it is. */
export const keepContext: RequestHandler = (req, res, next) => {
  const { locale, account, requestId } = contextOf(res)
  const caller = { address: callerOf(req), account: account ?? undefined }
  runInRequest(requestId, () => runInLocale(locale, () => runForCaller(caller, next)))
}

/** Where the page that is sent can be had again: of a form that is refused, the page that it stood on. */
function addressOf(method: string, requested: string, referer: string | undefined): string {
  if (method === 'GET' || method === 'HEAD') return requested
  return referer !== undefined && URL.canParse(referer) ? new URL(referer).pathname + new URL(referer).search : '/'
}
