/** An address of content that is called otherwise now leads to it: bookmarks and links of others stay good. */
import type { RequestHandler } from 'express'
import type { AppDeps } from '../pages/deps.ts'

export function movedContent(deps: AppDeps): RequestHandler {
  return (req, res, next) => {
    const { moved } = deps.catalog()
    const [, kind, id, rest] =
      /^\/(lesson|question|challenge)s\/((?<=challenges\/)[^/]+|[^/]+\/[^/]+)(.*)$/.exec(req.path) ?? []
    const name = moved?.get(`${kind}:${id}`)
    if (name === undefined) return next()
    const search = req.originalUrl.slice(req.originalUrl.split('?')[0]!.length)
    // 308 keeps a form's method and body.
    res.redirect(
      req.method === 'GET' || req.method === 'HEAD' ? 301 : 308,
      `/${name.replace(':', 's/')}${rest}${search}`,
    )
  }
}
