/** What pages that ask questions have in common: a variant with what the simulator says of it, and its form and verdict as they are shown. */
import type { Catalog, Question } from '../catalog/types.ts'
import { percentOf } from '../exams/score.ts'
import { msg, t } from '../i18n/translate.ts'
import { fillText } from '../questions/params.ts'
import { questionType } from '../questions/registry.ts'
import type { OptionFeedback, QuestionView, Variant, Verdict } from '../questions/types.ts'
import { renderMarkdown } from '../render/markdown.ts'
import type { Confidence } from '../storage/types.ts'
import { sectionTitle } from './sections.ts'

/** What stands above a question wherever it is asked. */
export function viewHeading(catalog: Catalog, question: Question) {
  return {
    id: question.id,
    locale: question.locale,
    title: question.title,
    type: question.type,
    typeTitle: t(questionType(question.type).title),
    difficulty: question.difficulty,
    isTrap: question.trap,
    section: question.section,
    sectionTitle: sectionTitle(question.section),
    topics: question.topics.map((id) => catalog.topics.get(id)?.title ?? id),
    hasVariants: question.type === 'predict',
  }
}

const usualWords = { right: msg('Right'), partly: msg('Partly right'), wrong: msg('Not right') }
const icons = { right: '✓', partly: '◐', wrong: '✕' }

/** @param words of the verdicts, where they are not the usual ones */
export function viewVerdict(verdict: Verdict, view: QuestionView, words = usualWords) {
  return {
    kind: verdict.verdict,
    word: t(words[verdict.verdict]),
    icon: icons[verdict.verdict],
    percent: percentOf(verdict.score),
    feedback: inOrderOf(view, verdict.feedback),
    answer: verdict.answer,
  }
}

/** Whether the question that is shown is the one that was answered, is so but another today (`former`), or is today's in its place (`lost`). */
export type Asked = 'same' | 'former' | 'lost'

/** @param hash of the question that was asked @param shown that one, where it was kept @param today undefined when it is gone */
export function askedAs(hash: string, shown: Pick<Question, 'hash'>, today: Pick<Question, 'hash'> | undefined): Asked {
  if (hash !== shown.hash) return 'lost'
  return today?.hash === shown.hash ? 'same' : 'former'
}

/**
 * A verdict that was given once stays, with the reasons of the question that is shown.
 * @param shown what today's program says of it @param today what today's question would be judged to, where it is another
 * @returns also `since`: what changed meanwhile, in words, or nothing
 */
export function viewKeptVerdict(
  kept: Pick<Verdict, 'verdict' | 'score'>,
  shown: Verdict,
  asked: Asked,
  view: QuestionView,
  words = usualWords,
  today: Pick<Verdict, 'verdict' | 'score'> = shown,
) {
  const told = ({ verdict, score }: Pick<Verdict, 'verdict' | 'score'>): string =>
    verdict === 'partly' ? `${t(words.partly)}, ${t('{share} %', { share: percentOf(score) })}` : t(words[verdict])
  const values = { was: told(kept), now: told(today) }
  const isOther = values.was !== values.now
  const since = {
    same: isOther
      ? t('This is judged differently today. Your verdict stands: {was}. Today it would be: {now}.', values)
      : '',
    former: isOther
      ? `${toldFormer()} ${t('Your verdict stands: {was}. Today it would be: {now}.', values)}`
      : toldFormer(),
    lost: isOther
      ? t('This question has changed since you answered. Your verdict stands: {was}. Today it would be: {now}.', values)
      : t('This question has changed since you answered. Your verdict stands; the reasons are those of today.'),
  }
  return { ...viewVerdict({ ...shown, verdict: kept.verdict, score: kept.score }, view, words), since: since[asked] }
}

/** Of a question that is another today. */
export const toldFormer = (): string => t('This question has changed since. You see it as you were asked.')

/** With what the variant drew and what its answer is. HTML. */
export function renderExplanation({ type, explanation }: Question, { params, key }: Variant, verdict: Verdict): string {
  const answer = key ?? verdict.answer
  return questionType(type).hasPlainAnswers
    ? renderMarkdown(explanation, { ...params, answer })
    : renderMarkdown(fillText(explanation, { answer }), params)
}

/** Options as they stood in the form, so that letters can be compared; steps in their right order. */
function inOrderOf(view: QuestionView, feedback: readonly OptionFeedback[]): OptionFeedback[] {
  if (view.control !== 'radio' && view.control !== 'checkbox') return [...feedback]
  const place = ({ id }: OptionFeedback) => view.choices.findIndex((choice) => choice.id === id)
  return [...feedback].sort((a, b) => place(a) - place(b))
}

/** The choices in the order that the learner has made so far. */
export function arranged(view: QuestionView, order: readonly string[] | undefined): QuestionView {
  if (view.control !== 'order' || !order) return view
  const ids = view.choices.map(({ id }) => id)
  if (order.length !== ids.length || new Set(order).size !== ids.length || !order.every((id) => ids.includes(id)))
    return view
  return { ...view, choices: order.map((id) => view.choices.find((choice) => choice.id === id)!) }
}

/** What an order becomes by a button that says `up:ID` or `down:ID`; undefined when it says something else. */
export function movedBy(act: string, order: readonly string[]): string[] | undefined {
  const [, direction, id] = /^(up|down):(.+)$/.exec(act) ?? []
  if (id === undefined) return undefined
  const from = order.indexOf(id)
  const to = from + (direction === 'up' ? -1 : 1)
  if (from < 0 || to < 0 || to >= order.length) return [...order]
  const next = [...order]
  ;[next[from], next[to]] = [next[to]!, next[from]!]
  return next
}

/** Who comes back after so long has done something else meanwhile. */
const longestMs = 3_600_000

/** The form says when it was shown; what is not plausible is not known. */
export function tookMs(shown: string, nowMs: number): number | null {
  const took = nowMs - Number(shown)
  return /^\d{1,15}$/.test(shown) && took >= 0 && took < longestMs ? took : null
}

/** Null for nothing, and for what is none. */
export function readConfidence(text: string): Confidence | null {
  return text === 'sure' || text === 'fairly' || text === 'guess' ? text : null
}
