/** Files for other systems: a learner's own work as xAPI statements, and questions with their keys as a QTI package, for those who teach. */
import { createHash } from 'node:crypto'
import type { RequestHandler } from 'express'
import { gatherWork } from '../../belongings/belongings.ts'
import { isExportable, packageOf } from '../../doors/qti.ts'
import { statementsOf } from '../../doors/xapi.ts'
import { languageTags } from '../../i18n/locale.ts'
import { t } from '../../i18n/translate.ts'
import { isSecret, itemsOf } from '../../practice/locks.ts'
import { contextOf } from '../../render/page.ts'
import { notFound } from '../../render/problem.ts'
import { practiceSeat } from '../../seat.ts'
import type { AppDeps } from '../deps.ts'
import { query } from '../form.ts'
import { sectionChoices } from '../sections.ts'
import { siteOrigin } from '../site-origin.ts'

type Page = 'statements' | 'questions' | 'package'

export function fileDoors(deps: AppDeps): Record<Page, RequestHandler> {
  const sections = () => {
    const all = [...deps.catalog().questions.values()]
    return sectionChoices().flatMap(([section, title]) => {
      const questions = all.filter((question) => question.section === section)
      return questions.length > 0 ? [{ section, title, questions }] : []
    })
  }
  return {
    statements: async (req, res) => {
      const { learnerId, account } = contextOf(res)
      const work = await gatherWork(deps, practiceSeat(learnerId))
      const { lessons, questions, challenges } = deps.catalog()
      const open = work.mocks.filter((mock) => isSecret(mock, deps.now()))
      // What an exam asks is told when it is over.
      const secret = new Set(open.flatMap(itemsOf))
      const kinds = { lesson: lessons, question: questions, challenge: challenges }
      const statements = statementsOf(work, {
        home: siteOrigin(req, deps.config),
        // Not the id itself: it is in the cookie of who has no account.
        name: account ?? createHash('sha256').update(`xapi ${learnerId}`).digest('hex').slice(0, 24),
        titleOf: (item) => {
          const [kind = '', id = ''] = item.split(':')
          const found = Object.hasOwn(kinds, kind) ? kinds[kind as keyof typeof kinds].get(id) : undefined
          return found && { title: found.title, language: languageTags[found.locale] }
        },
        isSecret: (item) => secret.has(item),
      })
      res.attachment('podium-xapi.json').type('json').set('Cache-Control', 'no-store')
      res.send(JSON.stringify(statements, undefined, 1))
    },

    questions: (req, res) =>
      deps.renderer.send(req, res, {
        template: 'doors/qti',
        title: t('Questions for other systems'),
        section: 'none',
        model: {
          sets: sections().map(({ section, title, questions }) => ({
            ...{ section, title, all: questions.length, count: questions.filter(isExportable).length },
          })),
        },
      }),

    package: (req, res) => {
      const wanted = query(req, 'section')
      const set = sections().find(({ section }) => section === wanted)
      if (!set) throw notFound(t('This page'))
      const { zip } = packageOf(`Podium: ${set.section}`, set.questions)
      res.attachment(`podium-${set.section}-qti3.zip`).type('zip').set('Cache-Control', 'no-store')
      res.send(Buffer.from(zip))
    },
  }
}
