/**
 * Bodies that are too long are refused by what their head says, before a byte of them is read. Those a little too long are left to the
 * parsers, which read them to their end so that any client gets the answer; of a longer one the connection is closed with the answer.
 */
import type { RequestHandler } from 'express'
import { t } from '../i18n/translate.ts'
import type { AppDeps } from '../pages/deps.ts'
import { HttpProblem } from '../render/problem.ts'
import { leaveUnread } from '../unread-body.ts'
import { fileTooLarge, importPath } from './data-files.ts'

export const formBytes = 256 * 1024

/** Read for the sake of the answer. To read more would cost the other visitors. */
const mostReadBytes = 16 * formBytes

/** What a form's parsers say of what they did read. */
export const formTooLarge = (): string =>
  t(
    'A form may have 256 KB in all, and yours is larger, so it was not read. Shorten what you typed, or choose a smaller file.',
  )

export function bodyLengths({ config }: Pick<AppDeps, 'config'>): RequestHandler {
  return (req, res, next) => {
    const refuse = (problem: HttpProblem) => {
      leaveUnread(req, res)
      next(problem)
    }
    if (req.headers['transfer-encoding'] !== undefined)
      return refuse(new HttpProblem(411, t('A request here has to state its length (Content-Length).')))
    const bytes = Number(req.headers['content-length'] ?? 0)
    const isImport = req.path === importPath
    if (bytes <= (isImport ? config.importMb * 2 ** 20 + mostReadBytes : mostReadBytes)) return next()
    refuse(isImport ? fileTooLarge(config) : new HttpProblem(413, formTooLarge()))
  }
}
