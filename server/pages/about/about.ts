/** What is simulated, and the keys. */
import type { RequestHandler } from 'express'
import { t } from '../../i18n/translate.ts'
import type { AppDeps } from '../deps.ts'

export function aboutPages(deps: AppDeps): Record<'simulated' | 'help', RequestHandler> {
  return {
    simulated: async (req, res) => {
      deps.renderer.send(req, res, {
        template: 'about/simulated',
        title: t('What is simulated'),
        section: 'about',
        model: { facts: await deps.labs.about() },
      })
    },
    help: (req, res) => {
      deps.renderer.send(req, res, { template: 'about/help', title: t('Keys'), section: 'none', model: {} })
    },
  }
}
