/** What the pages of a mock exam show. Pure. */
import { type Exam, exams, passMark } from '../../catalog/exams.ts'
import type { Catalog, Question } from '../../catalog/types.ts'
import { closedAtMs, isAnswered, isJudged, leftMs, rulesOf } from '../../exams/mock.ts'
import { percentOf, scoreByGroup, scoreOf, totalScore } from '../../exams/score.ts'
import type { Locale } from '../../i18n/locale.ts'
import { msg, t, tn } from '../../i18n/translate.ts'
import { answerId, gradeAgain, gradeToday, judgedVariant, whyMisfit, whyVoid } from '../../practice/mock-answers.ts'
import { chanceOf } from '../../questions/chance.ts'
import { questionType } from '../../questions/registry.ts'
import type { QuestionView, Verdict } from '../../questions/types.ts'
import { renderMarkdown } from '../../render/markdown.ts'
import type { Mock, MockItem } from '../../storage/types.ts'
import { groupTitle } from '../mocks.ts'
import { originTold } from '../origins.ts'
import {
  arranged,
  askedAs,
  renderExplanation,
  toldFormer,
  viewHeading,
  viewKeptVerdict,
  viewVerdict,
} from '../question-view.ts'
import { sectionIds } from '../sections.ts'
import { printDay, printSpan, printTime } from '../time.ts'
import { modes, poolTitles } from './setup.ts'

const isExam = (pool: string): pool is Exam => Object.hasOwn(exams, pool)

export const poolTitle = ({ pool }: Mock): string =>
  Object.hasOwn(poolTitles, pool) ? t(poolTitles[pool as keyof typeof poolTitles]) : pool

/** A mock exam in a line. */
export function viewRow(mock: Mock, nowMs: number) {
  const closed = closedAtMs(mock, nowMs)
  const { score } = totalScore(mock.items)
  return {
    id: mock.id,
    title: tn(mock.items.length, '{pool}, {n} question', '{pool}, {n} questions', { pool: poolTitle(mock) }),
    mode: t(modes[mock.mode].title),
    seed: mock.seed,
    at: printDay(mock.startedAtMs),
    isOpen: closed === null,
    isJudged: closed !== null && isJudged(mock),
    answered: mock.items.filter(({ given }) => given.length > 0).length,
    count: mock.items.length,
    left: mock.endsAtMs !== null && closed === null ? printSpan(leftMs(mock, nowMs)) : undefined,
    percent: percentOf(score),
    isPassed: percentOf(score) >= passMark,
    isFromFile: mock.origin !== undefined,
  }
}

/** What stands around a question while the exam is sat. */
export function viewFrame(catalog: Catalog, mock: Mock, place: number, nowMs: number) {
  const items = mock.items.map((item, n) => ({
    n: n + 1,
    isCurrent: n === place,
    isAnswered: isAnswered(item, catalog.questions.get(item.questionId)),
    isFlagged: item.isFlagged,
    // Only training judges before the end.
    verdict: item.result?.verdict,
  }))
  return {
    id: mock.id,
    href: `/study/exams/${mock.id}`,
    title: poolTitle(mock),
    mode: mock.mode,
    modeTitle: t(modes[mock.mode].title),
    seed: mock.seed,
    n: place + 1,
    count: mock.items.length,
    items,
    answered: items.filter((item) => item.isAnswered).length,
    flagged: items.filter((item) => item.isFlagged).length,
    clock:
      mock.endsAtMs === null
        ? undefined
        : {
            leftMs: Math.max(0, leftMs(mock, nowMs)),
            totalMs: mock.endsAtMs - mock.startedAtMs,
            left: printSpan(leftMs(mock, nowMs)),
            until: printTime(mock.endsAtMs),
          },
    groups: viewGroups(catalog, mock),
  }
}

/** The weights as they were drawn, and how much of each is answered. */
function viewGroups(catalog: Catalog, { pool, items }: Mock) {
  const order: readonly string[] = isExam(pool) ? Object.keys(exams[pool].domains) : sectionIds
  return [...new Set(items.map(({ group }) => group))]
    .sort((a, b) => order.indexOf(a) - order.indexOf(b))
    .map((group) => {
      const own = items.filter((item) => item.group === group)
      return {
        title: groupTitle(pool, group),
        weight: isExam(pool) ? weightOf(pool, group) : undefined,
        count: own.length,
        answered: own.filter((item) => isAnswered(item, catalog.questions.get(item.questionId))).length,
      }
    })
}

const weightOf = (pool: Exam, group: string): number | undefined =>
  (exams[pool].domains as Record<string, { weight: number }>)[group]?.weight

/** The question of an item as its form shows it, without anything of its key. */
export function viewAsked(catalog: Catalog, mock: Mock, item: MockItem, question: Question) {
  const variant = judgedVariant(question, { ...item, result: null })
  const view = questionType(question.type).view(question.data, variant, chanceOf(item.seed), rulesOf(mock))
  return {
    ...viewHeading(catalog, question),
    prompt: renderMarkdown(question.prompt, variant.params),
    view: arranged(view, item.given),
    given: item.given,
    confidence: item.confidence,
  }
}

/**
 * The question of an item that is judged, with its verdict and every reason.
 * @param catalog the content of the exam @param today that of today
 */
export function viewJudged(
  catalog: Catalog,
  mock: Mock,
  item: MockItem,
  question: Question,
  today: Pick<Catalog, 'questions'>,
) {
  const { result } = item
  const variant = judgedVariant(question, item)
  const type = questionType(question.type)
  const view = type.view(question.data, variant, chanceOf(item.seed), rulesOf(mock))
  const verdict = result && 'score' in result ? gradeAgain(question, item, rulesOf(mock)) : keyOf(question, item, view)
  const isGiven = result !== null && 'score' in result
  const present = today.questions.get(question.id)
  const asked = askedAs(item.contentHash, question, present)
  const judgedToday = asked === 'former' ? gradeToday(present, item, rulesOf(mock)) : undefined
  return {
    q: {
      ...viewHeading(catalog, question),
      prompt: renderMarkdown(question.prompt, variant.params),
      // What was not answered has no places, lines or manifest of the learner's to be compared with.
      view: isGiven || view.control === 'radio' || view.control === 'checkbox' ? view : { ...view, control: 'text' },
      given: item.given,
    },
    v: {
      ...(isGiven
        ? viewKeptVerdict(result, verdict, asked, view, type.words, judgedToday)
        : { ...viewVerdict(verdict, view, type.words), since: asked === 'former' ? toldFormer() : '' }),
      explanation: renderExplanation(question, variant, verdict),
      model: undefined,
      follow: undefined,
      sources: question.sources ?? [],
    },
    isGiven,
    solution: !isGiven && view.control === 'manifest' ? verdict.answer : undefined,
    lesson: lessonOf(catalog, question),
  }
}

function lessonOf({ lessons }: Catalog, { lesson: place }: Question) {
  if (place === undefined) return undefined
  const lesson = lessons.get(place.split('#')[0]!)
  return { place, locale: lesson?.locale, title: lesson?.title ?? t('the lesson') }
}

/** The key of a question that was not answered, in the form of a verdict. */
function keyOf(question: Question, item: MockItem, view: QuestionView): Verdict {
  const variant = judgedVariant(question, item)
  const held = view.control === 'manifest' ? { judged: { held: [], refused: '' } } : {}
  const given = ['radio', 'checkbox', 'order', 'match', 'manifest'].includes(view.control) ? [] : ['']
  const graded = questionType(question.type).grade(
    question.data,
    { ...variant, ...held },
    question.type === 'predict' ? [''] : given,
  )
  // Of a prediction and of a line that nobody gave there is nothing to say.
  const isGiven = (id: string) => id === 'given' || (view.control === 'lines' && id === '0')
  const keyed = graded.feedback
    .filter(({ id }) => !isGiven(id) && view.control !== 'manifest')
    .map((feedback) => ({ ...feedback, chosen: false }))
  if (view.control === 'radio' || view.control === 'checkbox') return { ...graded, feedback: keyed }
  return { ...graded, feedback: keyed.map((feedback) => ({ ...feedback, correct: true, word: t('right') })) }
}

const resultWords = {
  right: ['✓', msg('Right')],
  partly: ['◐', msg('Partly right')],
  wrong: ['✕', msg('Not right')],
  none: ['–', msg('Not answered')],
  void: ['–', msg('Not counted')],
} as const

/** @param catalog the content of the exam @param today that of today: where the links lead */
export function viewResults(catalog: Catalog, mock: Mock, nowMs: number, today: Pick<Catalog, 'questions'>) {
  const total = totalScore(mock.items)
  const percent = percentOf(total.score)
  const closed = closedAtMs(mock, nowMs) ?? nowMs
  return {
    id: mock.id,
    href: `/study/exams/${mock.id}`,
    title: poolTitle(mock),
    pool: mock.pool,
    mode: mock.mode,
    modeTitle: t(modes[mock.mode].title),
    seed: mock.seed,
    origin: mock.origin && originTold(mock.origin),
    count: mock.items.length,
    at: printDay(mock.startedAtMs),
    took: printSpan(closed - mock.startedAtMs),
    again: againHref(mock),
    wasCutShort: mock.endsAtMs !== null && closed === mock.endsAtMs,
    total: { ...total, percent },
    passMark,
    isPassed: percent >= passMark,
    groups: scoreByGroup(mock.items).map((group) => ({
      ...group,
      title: groupTitle(mock.pool, group.group),
      weight: isExam(mock.pool) ? weightOf(mock.pool, group.group) : undefined,
      percent: percentOf(group.score),
      practise: practice(catalog, mock, group.group),
    })),
    items: mock.items.map((item, place) => {
      const question = catalog.questions.get(item.questionId)
      const { result } = item
      const misfit = question && whyMisfit(question, item)
      const [icon, word] = resultWords[result?.verdict ?? 'none']
      return {
        n: place + 1,
        locale: question?.locale,
        title: question?.title ?? item.questionId,
        verdict: result?.verdict ?? 'none',
        icon,
        word: t(word),
        why: whyVoid(item) ?? misfit,
        percent: result?.verdict === 'partly' ? percentOf(scoreOf(item)) : undefined,
        isFlagged: item.isFlagged,
        spent: item.spentMs > 0 ? printSpan(item.spentMs) : undefined,
        group: groupTitle(mock.pool, item.group),
        shown:
          question && result?.verdict !== 'void' && !misfit
            ? viewJudged(catalog, mock, item, question, today)
            : undefined,
        href:
          question &&
          today.questions.has(question.id) &&
          (result && 'score' in result ? answerHref(mock, place, question) : `/questions/${question.id}`),
      }
    }),
  }
}

/** The form of a new exam as this one's was filled in. */
function againHref({ pool, mode, items, startedAtMs, endsAtMs }: Mock): string {
  const minutes = endsAtMs === null ? '' : `&minutes=${Math.round((endsAtMs - startedAtMs) / 60_000)}`
  return `/study/exams?pool=${pool}&mode=${mode}&count=${items.length}${minutes}`
}

const answerHref = (mock: Mock, place: number, question: Question): string =>
  `/questions/${question.id}?answer=${answerId(mock, place)}`

/** Where to practise what a group lost most points by; undefined when it lost none. */
function practice(
  catalog: Catalog,
  { pool, items }: Mock,
  group: string,
): { href: string; title: string; locale?: Locale } | undefined {
  const lost = new Map<string, number>()
  for (const item of items.filter((one) => one.group === group && one.result?.verdict !== 'void')) {
    const topic = catalog.questions.get(item.questionId)?.topics[0]
    const points = 1 - scoreOf(item)
    if (topic !== undefined && points > 0) lost.set(topic, (lost.get(topic) ?? 0) + points)
  }
  const [worst] = [...lost].sort(([, a], [, b]) => b - a)
  if (!worst) return undefined
  if (!isExam(pool)) return { href: `/questions?section=${group}`, title: groupTitle(pool, group) }
  const { title, locale } = catalog.topics.get(worst[0]) ?? { title: worst[0] }
  return { href: `/questions?topic=${worst[0]}`, title, locale }
}
