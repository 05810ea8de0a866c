/** Files of one's data are larger than any form: a limit of their own, and a few of them at a time. */
import type { ErrorRequestHandler, RequestHandler } from 'express'
import { t } from '../i18n/translate.ts'
import { callerOf } from '../pages/caller.ts'
import type { AppDeps } from '../pages/deps.ts'
import { HttpProblem } from '../render/problem.ts'
import { spooledFormFiles } from './form-files.ts'
import { keepContext } from './language.ts'

export const importPath = '/progress/import'

/** Each may take its size a few times over while it is read. */
const mostAtOnce = 8
/** From one address, so that who sends slowly holds up nobody else. */
const mostOfOne = 2

export function dataFiles({ config }: AppDeps): (RequestHandler | ErrorRequestHandler)[] {
  const underWay: string[] = []
  const few: RequestHandler = (req, res, next) => {
    const caller = callerOf(req)
    if (underWay.length >= mostAtOnce || underWay.filter((other) => other === caller).length >= mostOfOne)
      return next(new HttpProblem(503, t('Other files are being read just now. Try again in a moment.')))
    underWay.push(caller)
    res.once('close', () => underWay.splice(underWay.indexOf(caller), 1))
    next()
  }
  const tooLarge: ErrorRequestHandler = (error, req, res, next) =>
    keepContext(req, res, () =>
      next((error as { type?: unknown }).type === 'entity.too.large' ? fileTooLarge(config) : error),
    )
  return [few, spooledFormFiles(config.importMb * 2 ** 20), tooLarge]
}

export const fileTooLarge = ({ importMb }: AppDeps['config']): HttpProblem =>
  new HttpProblem(413, t('The file is larger than {n} MB, so it was not read. Nothing was added.', { n: importMb }))
