/** Who has which role: shown to admins, who give and take them. */
import type { Request, RequestHandler, Response } from 'express'
import { accountNameOf } from '../../accounts/accounts.ts'
import { msg, t } from '../../i18n/translate.ts'
import { contextOf, redirectTo } from '../../render/page.ts'
import { HttpProblem } from '../../render/problem.ts'
import { type GivenRole, givenRoles } from '../../sittings/roles.ts'
import type { AppDeps } from '../deps.ts'
import { field, query } from '../form.ts'
import { printDay } from '../time.ts'

const words: Readonly<Record<GivenRole, { title: string; about: string }>> = {
  author: { title: msg('Author'), about: msg('writes content and drafts checks') },
  instructor: { title: msg('Instructor'), about: msg('leads workshops') },
  'hiring-manager': { title: msg('Hiring manager'), about: msg('runs hiring exercises') },
  reviewer: { title: msg('Reviewer'), about: msg('scores what candidates handed in') },
  admin: { title: msg('Admin'), about: msg('grants and revokes roles, and may end any sitting') },
}

export function rolePages(deps: AppDeps): Record<'show' | 'change', RequestHandler> {
  const send = async (req: Request, res: Response, problem = '', status = 200): Promise<void> => {
    const { account } = contextOf(res)
    const members = await deps.staff.list()
    deps.renderer.send(req, res, {
      template: 'admin/roles',
      title: t('Roles'),
      section: 'account',
      status,
      model: {
        done:
          query(req, 'done') === 'granted'
            ? t('Role granted.')
            : query(req, 'done') === 'revoked'
              ? t('Role revoked.')
              : '',
        problem,
        name: problem ? field(req, 'name') : '',
        chosen: problem ? field(req, 'role') : 'instructor',
        roles: givenRoles.map((role) => ({ role, title: t(words[role].title), about: t(words[role].about) })),
        members: members.map(({ account: name, roles }) => ({
          name,
          isOneself: name === account,
          roles: roles.map(({ role, by, atMs }) => ({
            role,
            title: t(words[role].title),
            by: by ?? t('the operator'),
            day: printDay(atMs),
          })),
        })),
      },
    })
  }
  return {
    show: (req, res) => send(req, res),

    change: async (req, res) => {
      const role = givenRoles.find((one) => one === field(req, 'role'))
      const name = accountNameOf(field(req, 'name'))
      if (!role) return send(req, res, t('Choose one of the roles.'), 422)
      const account = await deps.accounts.find(name)
      if (!account)
        return send(req, res, t('There is no account named “{name}”. Ask its owner to make one first.', { name }), 422)
      const pressed = field(req, 'do')
      if (pressed !== 'take' && pressed !== 'give')
        throw new HttpProblem(400, t('The request is malformed, so nothing was done.'))
      if (pressed === 'take') {
        if (!(await deps.staff.revoke(name, role)))
          return send(req, res, t('{name} is the only admin. Make somebody else an admin first.', { name }), 422)
        return redirectTo(
          req,
          res,
          name === contextOf(res).account && role === 'admin' ? '/account' : '/admin/roles?done=revoked',
        )
      }
      await deps.staff.grant(account, role, contextOf(res).account)
      redirectTo(req, res, '/admin/roles?done=granted')
    },
  }
}
