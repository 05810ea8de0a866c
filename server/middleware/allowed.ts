/** Closes a page to whom its action is not for, whatever it is about. What it is about decides in the page, by `may`. */
import type { RequestHandler } from 'express'
import { t } from '../i18n/translate.ts'
import { contextOf } from '../render/page.ts'
import { HttpProblem } from '../render/problem.ts'
import { type Action, mayEver } from '../sittings/roles.ts'

/** The page behind it finds its action in the context. @throws HttpProblem 403 */
export function allowed(action: Action): RequestHandler {
  return (_req, res, next) => {
    const context = contextOf(res)
    const { roles, account } = context
    context.action = action
    if (roles.some((role) => mayEver(role, action))) return next()
    throw new HttpProblem(
      403,
      account === null
        ? t('This page needs another role. Sign in with an account that has it.')
        : t('The account {name} does not have the role this page needs. An admin of this site can grant it.', {
            name: account,
          }),
    )
  }
}
