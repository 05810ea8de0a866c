/** What a step asks when a room votes on it: a question of the content, the same variant for everybody, or one of the instructor's own. */
import type { Catalog, Question } from '../../catalog/types.ts'
import { escapeHtml } from '../../escape-html.ts'
import { currentLocale, type Locale } from '../../i18n/locale.ts'
import { msg, t } from '../../i18n/translate.ts'
import { chanceOf } from '../../questions/chance.ts'
import type { OptionsQuestion } from '../../questions/options.ts'
import { type QuestionTypeName, questionType, questionTypeNames } from '../../questions/registry.ts'
import type { Chance, QuestionType, QuestionView, Variant } from '../../questions/types.ts'
import { variantOf } from '../../questions/variant.ts'
import { renderInline, renderMarkdown } from '../../render/markdown.ts'
import type { OwnQuestion, Step } from '../../workshops/room-acts.ts'

/** Controls that a vote is cast with. */
export type PollView = Extract<QuestionView, { control: 'radio' | 'checkbox' | 'order' | 'text' | 'lines' }>

export interface PollQuestion {
  /** What the content's question is; undefined for one of the instructor's own. */
  item: Question | undefined
  locale: Locale | undefined
  title: string
  /** HTML. */
  prompt: string
  view: PollView
  /** What is asked for when nothing was chosen that could be counted. */
  blank: string
  /** Nobody is right where an opinion is asked for. */
  hasRight: boolean
  /** What is right is known once the scenario has run. */
  isPredicted: boolean
  variant: Variant
  /** What the vote is, when it can be counted. */
  readVote(given: readonly string[]): readonly string[] | undefined
  barsOf(given: readonly string[]): string[]
  /** @param key of the simulated cluster, for what is predicted */
  isRight(given: readonly string[], key: string | undefined): boolean
  /** Of the choices, those that are right by themselves. */
  isRightBar(bar: string, key: string | undefined): boolean
  /** HTML. */
  answer(key: string | undefined): string
}

/** Whether a room can vote on questions of that type. */
export const canBeVoted = (name: QuestionTypeName): boolean => questionType(name).vote !== undefined

/** Of the types that a room cannot vote on, what they are called. */
export const notVotedTypes = (): string[] =>
  questionTypeNames.filter((name) => !canBeVoted(name)).map((name) => t(questionType(name).title))

/** @returns undefined for a step that nobody can vote on, or whose question is not there any more */
export function pollQuestionOf(catalog: Catalog, workshopId: string, step: Step): PollQuestion | undefined {
  if (!step.poll) return undefined
  const seed = `poll/${workshopId}/${step.id}`
  const source = step.poll.own ?? questionOf(catalog, step)
  if (!source) return undefined
  const bySeed = known.get(source) ?? new Map<string, PollQuestion>()
  known.set(source, bySeed)
  const key = `${seed} ${currentLocale()}`
  const asked = bySeed.get(key) ?? ('options' in source ? ofOwn(source, seed) : ofItem(source, seed))
  bySeed.set(key, asked)
  return asked
}

/** A room of people looks at the same question. */
const known = new WeakMap<OwnQuestion | Question, Map<string, PollQuestion>>()

function questionOf(catalog: Catalog, { item = '' }: Step): Question | undefined {
  const question = item.startsWith('question:') ? catalog.questions.get(item.slice('question:'.length)) : undefined
  return question && canBeVoted(question.type) ? question : undefined
}

/** In the order in which it was written. */
const asWritten: Chance = { shuffle: (values) => [...values], below: () => 0 }

function ofOwn({ text, several, options }: OwnQuestion, seed: string): PollQuestion {
  const data: OptionsQuestion = {
    options: options.map((option) => ({ id: option.id, text: option.text, correct: option.isRight, why: '' })),
  }
  const type = questionType(several ? 'multiple' : 'single')
  const hasRight = options.some(({ isRight }) => isRight)
  const asked = ofType(type, data, { seed, params: {} }, asWritten, hasRight)
  return { ...asked, item: undefined, locale: undefined, title: text, prompt: `<p>${renderInline(text)}</p>` }
}

function ofItem(question: Question, seed: string): PollQuestion {
  const variant = variantOf(question, seed)
  const type = questionType(question.type)
  return {
    ...ofType(type, question.data, variant, chanceOf(seed), true),
    item: question,
    locale: question.locale,
    title: question.title,
    prompt: renderMarkdown(question.prompt, variant.params),
    isPredicted: question.type === 'predict',
  }
}

function ofType(type: QuestionType<unknown>, data: unknown, variant: Variant, chance: Chance, hasRight: boolean) {
  const view = ruled(type.view(data, variant, chance) as PollView, hasRight)
  const ids = 'choices' in view ? view.choices.map(({ id }) => id) : undefined
  const gradeOf = (given: readonly string[], key: string | undefined) => type.grade(data, { ...variant, key }, given)
  const isKnown = (key: string | undefined): boolean =>
    hasRight && !(type === questionType('predict') && key === undefined)
  const verdicts = new Map<string, boolean>()
  const isRight = (given: readonly string[], key: string | undefined): boolean => {
    if (!isKnown(key)) return false
    const asked = JSON.stringify([given, key])
    const right = verdicts.get(asked) ?? gradeOf(given, key).verdict === 'right'
    if (verdicts.size < mostVerdicts) verdicts.set(asked, right)
    return right
  }
  const ticked = (data as Partial<OptionsQuestion>).options
  return {
    view,
    blank: t(type.blank),
    hasRight,
    isPredicted: false,
    variant,
    readVote: (given: readonly string[]) => {
      const said = view.control === 'text' ? given.map((text) => text.trim()) : given
      if (said.length > mostGiven || (ids && !said.every((id) => ids.includes(id)))) return undefined
      return type.isBlank(data, said) ? undefined : said
    },
    barsOf: (given: readonly string[]) => type.vote!.barsOf(data, given),
    isRight,
    isRightBar: (bar: string, key: string | undefined) =>
      view.control === 'checkbox' && ticked
        ? ticked.some(({ id, correct }) => id === bar && correct)
        : isRight(view.control === 'order' ? bar.split(' ') : [bar], key),
    answer: (key: string | undefined) => {
      if (!isKnown(key)) return ''
      const { answer } = gradeOf([''], key)
      return type.hasPlainAnswers ? escapeHtml(answer) : renderInline(answer)
    },
  }
}

const mostGiven = 40
const mostVerdicts = 500

/** Rules of scoring are none of a vote's. */
function ruled(view: PollView, hasRight: boolean): PollView {
  const rule = {
    radio: hasRight ? msg('One option is right.') : msg('Choose one option.'),
    checkbox: hasRight ? msg('Choose all that are right.') : msg('Choose all that apply.'),
    order: msg('Give each step its place.'),
    text: undefined,
    lines: undefined,
  }[view.control]
  return rule ? { ...view, rule: t(rule) } : view
}
