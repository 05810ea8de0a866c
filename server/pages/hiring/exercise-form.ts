/** The plan of an exercise as a form: what was typed, after what the pressed button does. */
import { randomBytes } from 'node:crypto'
import type { Request } from 'express'
import type { Catalog } from '../../catalog/types.ts'
import { minutesOf, poolItem } from '../../hiring/pool.ts'
import { t } from '../../i18n/translate.ts'
import { aiPolicies, type Dimension, type ExercisePlan, groupQuestionIds } from '../../sittings/exercise-schema.ts'
import { field, fields } from '../form.ts'
import { oneLine } from './managed.ts'

export interface ExerciseForm {
  title: string
  minutes: number
  plan: ExercisePlan
}

export interface ReadExercise {
  form: ExerciseForm
  problem: string | undefined
}

const longestTitle = 120
const longestAnchor = 400
const mostSections = 12
const mostItems = 40
const mostDimensions = 6
const maxMinutes = 480

type Section = ExercisePlan['sections'][number]

/** What cannot be taken is told, and nothing typed is lost. */
export function readExerciseForm(req: Request, catalog: Catalog, before: ExerciseForm): ReadExercise {
  const typed = typedForm(req, before)
  const { form, problem } = typed
  if (problem) return typed
  const { plan } = form
  const { sections, rubric } = plan
  const [act = '', id = '', item = ''] = field(req, 'do').split(' ')
  const withSections = (changed: Section[]): ReadExercise => ({
    form: { ...form, plan: { ...plan, sections: changed } },
    problem: undefined,
  })
  const withRubric = (changed: Dimension[]): ReadExercise => ({
    form: { ...form, plan: { ...plan, rubric: changed } },
    problem: undefined,
  })
  const changeSection = (change: (section: Section) => Section) =>
    withSections(sections.map((section) => (section.id === id ? change(section) : section)))
  const refuse = (why: string): ReadExercise => ({ form, problem: why })
  switch (act) {
    case 'add': {
      if (!poolItem(catalog, item || id)) return refuse(t('This is not in the pool. Search for it again.'))
      return added(form, field(req, 'to'), item || id)
    }
    case 'remove':
      return changeSection((section) => ({ ...section, items: section.items.filter((one) => one !== item) }))
    case 'up':
    case 'down':
      return withSections(moved(sections, id, item, act === 'up' ? -1 : 1))
    case 'section-new':
      return sections.length >= mostSections
        ? refuse(t('An exercise has {n} sections at most.', { n: mostSections }))
        : withSections([...sections, { id: newId(), title: '', items: [] }])
    case 'section-remove':
      return withSections(sections.filter((section) => section.id !== id))
    case 'dimension-new':
      return rubric.length >= mostDimensions
        ? refuse(t('A rubric has {n} dimensions at most.', { n: mostDimensions }))
        : withRubric([...rubric, { id: newId(), title: t('New dimension'), anchors: ['', '', '', '', ''] }])
    case 'dimension-remove':
      return withRubric(rubric.filter((one) => one.id !== id))
    case 'take-minutes':
      return {
        form: {
          ...form,
          minutes: Math.max(
            5,
            minutesOf(
              catalog,
              sections.flatMap(({ items }) => items),
            ),
          ),
        },
        problem: undefined,
      }
    default:
      return typed
  }
}

/** What the fields say; a form without them, such as that of a button elsewhere, changes nothing. */
function typedForm(req: Request, before: ExerciseForm): ReadExercise {
  if (field(req, 'minutes') === '' && field(req, 'title') === '' && fields(req, 'section').length === 0)
    return { form: before, problem: undefined }
  const known = new Map(before.plan.sections.map((section) => [section.id, section]))
  const titles = fields(req, 'section-title')
  const sections = fields(req, 'section').flatMap((id, n): Section[] => {
    const section = known.get(id)
    if (!section) return []
    const items = fields(req, `item-${id}`).filter((item) => section.items.includes(item))
    return [{ id, title: oneLine(titles[n] ?? '').slice(0, longestTitle), items }]
  })
  const dimensions = new Map(before.plan.rubric.map((one) => [one.id, one]))
  const dimensionTitles = fields(req, 'dimension-title')
  const rubric = fields(req, 'dimension').flatMap((id, n): Dimension[] => {
    const dimension = dimensions.get(id)
    if (!dimension) return []
    const anchors = fields(req, `anchor-${id}`).map((text) => oneLine(text).slice(0, longestAnchor))
    const title = oneLine(dimensionTitles[n] ?? '').slice(0, longestTitle) || dimension.title
    return [{ id, title, anchors: anchors.length === 5 ? anchors : dimension.anchors }]
  })
  const bar = field(req, 'bar').trim()
  const passBar = bar === '' ? null : Number(bar)
  const minutes = Number(field(req, 'minutes').trim())
  const aiPolicy = aiPolicies.find((policy) => policy === field(req, 'ai')) ?? before.plan.aiPolicy
  const isBar = passBar === null || (Number.isInteger(passBar) && passBar >= 1 && passBar <= 100)
  const isTime = Number.isInteger(minutes) && minutes >= 5 && minutes <= maxMinutes
  return {
    form: {
      title: oneLine(field(req, 'title')).slice(0, longestTitle),
      minutes: isTime ? minutes : before.minutes,
      plan: {
        ...{ ...before.plan, sections, rubric, aiPolicy },
        passBar: isBar ? passBar : before.plan.passBar,
        showsChecks: field(req, 'shows') === 'yes',
        asksGroups: groupQuestionIds.filter((one) => fields(req, 'asks').includes(one)),
      },
    },
    problem: !isTime
      ? t('The time is a whole number of minutes, from 5 to {n}.', { n: maxMinutes })
      : isBar
        ? undefined
        : t('The pass bar is a whole number of percent, from 1 to 100, or empty.'),
  }
}

function added(form: ExerciseForm, to: string, item: string): ReadExercise {
  const { plan } = form
  const items = plan.sections.flatMap((section) => section.items)
  if (items.includes(item)) return { form, problem: t('That is already asked.') }
  if (items.length >= mostItems) return { form, problem: t('An exercise asks {n} items at most.', { n: mostItems }) }
  const sections = plan.sections.length > 0 ? plan.sections : [{ id: newId(), title: '', items: [] }]
  const place = Math.max(
    0,
    sections.findIndex(({ id }) => id === to),
  )
  return {
    form: {
      ...form,
      plan: {
        ...plan,
        sections: sections.map((one, n) => (n === place ? { ...one, items: [...one.items, item] } : one)),
      },
    },
    problem: undefined,
  }
}

/** Up and down within its section, and over its edge into the next one. */
function moved(sections: readonly Section[], id: string, item: string, by: -1 | 1): Section[] {
  const at = sections.findIndex((section) => section.id === id)
  const from = sections[at]?.items.indexOf(item) ?? -1
  if (from < 0) return [...sections]
  const items = sections[at]!.items.filter((one) => one !== item)
  const to = from + by
  if (to >= 0 && to <= items.length) return sections.with(at, { ...sections[at]!, items: items.toSpliced(to, 0, item) })
  const next = sections[at + by]
  if (!next) return [...sections]
  const there = by < 0 ? [...next.items, item] : [item, ...next.items]
  return sections.with(at, { ...sections[at]!, items }).with(at + by, { ...next, items: there })
}

const newId = (): string => randomBytes(5).toString('hex')

/** Why it cannot be opened as it is; undefined when it can. */
export function whyNotReady({ title, plan }: ExerciseForm, catalog: Catalog): string | undefined {
  const items = plan.sections.flatMap((section) => section.items)
  if (title === '') return t('The exercise has no title yet. Candidates see it.')
  if (items.length === 0) return t('The exercise asks nothing yet. Add a challenge or a question.')
  const gone = items.filter((item) => !poolItem(catalog, item))
  if (gone.length > 0)
    return t('These items are no longer there: {items}. Remove them first.', { items: gone.join(t(', ')) })
  return undefined
}
