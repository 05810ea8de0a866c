/** Ready-made exercises: what of one is shown before it is taken, and the exercise that begins from it. */
import type { Catalog } from '../../catalog/types.ts'
import type { ExerciseDraft } from '../../hiring/exercises.ts'
import { usualGroupQuestions } from '../../hiring/group-questions.ts'
import { t } from '../../i18n/translate.ts'
import { notFound } from '../../render/problem.ts'

/** In the language of the request. */
export const viewReadyMade = (catalog: Catalog) =>
  [...catalog.exercises.values()].map(({ id, title, summary, about, minutes, sections, locale }) => ({
    ...{ id, title, summary, about, minutes, locale },
    items: sections.reduce((sum, { items }) => sum + items.length, 0),
  }))

/** @throws HttpProblem 404 */
export function draftOfReadyMade(catalog: Catalog, id: string): ExerciseDraft {
  const found = catalog.exercises.get(id)
  if (!found) throw notFound(t('This exercise'))
  const { title, minutes, sections, aiPolicy, passBar, rubric } = found
  return {
    ...{ title, minutes },
    plan: {
      sections: structuredClone(sections),
      aiPolicy,
      passBar,
      rubric: structuredClone(rubric),
      showsChecks: false,
      asksGroups: usualGroupQuestions,
      readyMade: id,
    },
  }
}
