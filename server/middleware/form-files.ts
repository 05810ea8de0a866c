/** Forms with files, as a browser sends them without script: their texts go where those of any form go, their files beside them. */
import { type RequestHandler, raw } from 'express'
import { t } from '../i18n/translate.ts'
import type { FormFile } from '../pages/form.ts'
import { HttpProblem } from '../render/problem.ts'

const type = 'multipart/form-data'

/** @param limit of the whole form, in bytes */
export function formFiles(limit: number): RequestHandler[] {
  return [
    raw({ type, limit }),
    async (req, _res, next) => {
      if (!req.is(type) || !Buffer.isBuffer(req.body)) return next()
      const form = await new Response(new Uint8Array(req.body), {
        headers: { 'Content-Type': req.get('Content-Type') ?? '' },
      })
        .formData()
        .catch(() => {
          throw new HttpProblem(400, t('This form could not be read. Go back and send it again.'))
        })
      const body: Record<string, string | FormFile> = Object.create(null)
      for (const [name, value] of form)
        body[name] =
          typeof value === 'string' ? value : { fileName: value.name, bytes: Buffer.from(await value.arrayBuffer()) }
      req.body = body
      next()
    },
  ]
}
