/** What is simulated, and the keys. */
import type { RequestHandler } from 'express'
import { t } from '../../i18n/translate.ts'
import type { AppDeps } from '../deps.ts'

export function aboutPages(deps: AppDeps): Record<'simulated' | 'help', RequestHandler> {
  return {
    simulated: async (req, res) => {
      const facts = await deps.labs.about()
      deps.renderer.send(req, res, {
        template: 'about/simulated',
        title: t('What is simulated'),
        section: 'about',
        model: {
          facts,
          lead: t(
            'The clusters here behave like Kubernetes {version}. Anything not in this table is rejected, as a real API server rejects what it does not serve; a field without an effect is accepted with a warning.',
            { version: facts.kubernetes },
          ),
        },
      })
    },
    help: (req, res) => {
      // Asked for by script it is a sheet over the page that one is on.
      const page = { template: 'about/help', partial: 'about/sheet', title: t('Keys'), section: 'none' } as const
      deps.renderer.send(req, res, { ...page, model: {} })
    },
  }
}
