/** Every part that pages are built of, with samples: for those who design a page, and to see a change of the styles at once. */
import type { RequestHandler } from 'express'
import type { Question } from '../../catalog/types.ts'
import { t } from '../../i18n/translate.ts'
import { chanceOf } from '../../questions/chance.ts'
import { type QuestionTypeName, questionType, questionTypeNames } from '../../questions/registry.ts'
import { layOutDiagram } from '../../render/diagram.ts'
import { renderInline, renderMarkdown } from '../../render/markdown.ts'
import { viewRun } from '../demo-view.ts'
import type { AppDeps } from '../deps.ts'
import { narrow } from '../filters.ts'
import { viewVerdict } from '../question-view.ts'
import { timeScripts } from '../scripts.ts'
import { sampleDiagram, sampleProse, sampleRun, sampleView } from './samples.ts'

export function componentPages(deps: AppDeps): Record<'show', RequestHandler> {
  return {
    show: (req, res) => {
      const { filter } = narrow(
        req,
        '/components',
        [1, 2, 3],
        [{ name: 'level', label: t('Level'), choices: [['1', '1']], fits: (item, value) => String(item) === value }],
      )
      deps.renderer.send(req, res, {
        template: 'components/page',
        title: t('Components'),
        section: 'about',
        scripts: timeScripts,
        model: {
          prose: renderMarkdown(sampleProse),
          view: sampleView,
          run: viewRun(sampleRun, ['timeline', 'sequence', 'objects', 'events'], 30, { id: 'sample' }),
          diagram: { id: 'sample', title: sampleDiagram.title, picture: layOutDiagram(sampleDiagram) },
          filter,
          controls: controlsOf([...deps.catalog().questions.values()]),
          verdicts: (['right', 'partly', 'wrong'] as const).map((verdict) =>
            viewVerdict(
              {
                verdict,
                score: { right: 1, partly: 0.5, wrong: 0 }[verdict],
                feedback: [
                  {
                    id: 'a',
                    text: renderInline('`Always`'),
                    why: sampleWhy,
                    chosen: verdict !== 'wrong',
                    correct: true,
                  },
                  {
                    id: 'b',
                    text: renderInline('`Never`'),
                    why: sampleWhy,
                    chosen: verdict !== 'right',
                    correct: false,
                  },
                ],
                answer: '',
              },
              { control: 'radio', choices: [], rule: '' },
            ),
          ),
        },
      })
    },
  }
}

const sampleWhy = 'It is the default, and the kubelet starts the container again whatever its exit code was.'

/** A form of each type, of the first question of the content that has it. */
function controlsOf(questions: readonly Question[]) {
  const shown = new Set<string>()
  return questionTypeNames.flatMap((name: QuestionTypeName) => {
    const question = questions.find(({ type }) => type === name)
    if (!question) return []
    const view = questionType(name).view(question.data, { seed: 'components', params: {} }, chanceOf('components'))
    // Two types may ask in the same way, and ids stand on a page once.
    if (shown.has(view.control)) return []
    shown.add(view.control)
    const model = {
      id: question.id,
      locale: question.locale,
      place: `components/${name}`,
      given: [],
      revealed: undefined,
    }
    return [{ title: t(questionType(name).title), view, q: { ...model, view } }]
  })
}
