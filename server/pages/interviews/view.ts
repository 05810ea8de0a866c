/** What the pages of a mock interview show. Pure. */
import type { Catalog, Question } from '../../catalog/types.ts'
import { percentOf, scoreOf, totalScore } from '../../exams/score.ts'
import { t, tn } from '../../i18n/translate.ts'
import { answerId, gradeAgain, gradeToday } from '../../practice/mock-answers.ts'
import type { OpenQuestion } from '../../questions/open.ts'
import { questionType } from '../../questions/registry.ts'
import { practiceRules } from '../../questions/types.ts'
import { renderInline, renderMarkdown } from '../../render/markdown.ts'
import type { Answer, Mock, MockItem } from '../../storage/types.ts'
import { groupTitle } from '../mocks.ts'
import { originTold } from '../origins.ts'
import { askedAs, viewHeading, viewKeptVerdict } from '../question-view.ts'
import { printDay, printSpan } from '../time.ts'

export const poolTitle = (pool: string): string => (pool === 'all' ? t('All sections') : groupTitle('all', pool))

/** The question of an item, unless it is gone, or has become one that is not talked about. */
export function askedOf({ questions }: Catalog, { questionId }: MockItem): Question | undefined {
  const question = questions.get(questionId)
  return question?.type === 'open' ? question : undefined
}

const isMarked = ({ result }: MockItem): boolean => result !== null

export function viewRow(mock: Mock) {
  const marked = mock.items.filter(isMarked)
  return {
    id: mock.id,
    title: tn(mock.items.length, '{pool}, {n} question', '{pool}, {n} questions', { pool: poolTitle(mock.pool) }),
    seed: mock.seed,
    origin: mock.origin && originTold(mock.origin),
    at: printDay(mock.startedAtMs),
    isOpen: mock.handedInAtMs === null,
    marked: marked.length,
    count: mock.items.length,
    percent: percentOf(totalScore(marked).score),
  }
}

export function viewFrame(mock: Mock, place: number) {
  return {
    id: mock.id,
    href: `/study/interview/${mock.id}`,
    pool: poolTitle(mock.pool),
    seed: mock.seed,
    n: place + 1,
    count: mock.items.length,
    items: mock.items.map((item, n) => ({ n: n + 1, isCurrent: n === place, isMarked: isMarked(item) })),
  }
}

/**
 * What a question shows at its stage: the words first, then the model answer to be marked by, then how it was marked.
 * @param catalog the content of the interview @param today that of today
 */
export function viewStage(
  catalog: Catalog,
  mock: Mock,
  place: number,
  question: Question,
  given: readonly string[],
  today: Pick<Catalog, 'questions'>,
) {
  const item = mock.items[place]!
  const type = questionType(question.type)
  const isMarking = !item.result && item.given.length > 0
  const kept = keptVerdict(question, item, today)
  const revealed = type.reveal?.(question.data)
  return {
    q: {
      ...viewHeading(catalog, question),
      prompt: renderMarkdown(question.prompt),
      view: type.view(question.data, { seed: item.seed, params: {} }, { below: () => 0, shuffle: (all) => [...all] }),
      given,
      confidence: item.confidence,
      revealed: isMarking ? revealed : undefined,
      place: `${mock.id}.${place + 1}`,
    },
    v: kept && {
      ...kept,
      explanation: renderMarkdown(question.explanation),
      model: revealed?.model,
      follow: revealed?.follow,
      sources: question.sources ?? [],
    },
  }
}

/**
 * @param catalog the content of the interview @param answers all of the learner's: what was left out before counts as well
 * @param today the content of today: where the links lead, and what is compared
 */
export function viewSummary(
  catalog: Catalog,
  mock: Mock,
  answers: readonly Answer[],
  today: Pick<Catalog, 'questions'>,
) {
  const marked = mock.items.filter(isMarked)
  return {
    id: mock.id,
    href: `/study/interview/${mock.id}`,
    pool: mock.pool,
    title: poolTitle(mock.pool),
    seed: mock.seed,
    origin: mock.origin && originTold(mock.origin),
    at: printDay(mock.startedAtMs),
    count: mock.items.length,
    marked: marked.length,
    percent: percentOf(totalScore(marked).score),
    questions: mock.items.map((item, place) => {
      const question = askedOf(catalog, item)
      const kept = question && keptVerdict(question, item, today)
      return {
        n: place + 1,
        locale: question?.locale,
        title: question?.title ?? item.questionId,
        percent: item.result ? percentOf(scoreOf(item)) : undefined,
        word: kept?.word,
        verdict: kept?.kind,
        since: kept?.since,
        spent: item.spentMs > 0 ? printSpan(item.spentMs) : undefined,
        href:
          question &&
          today.questions.has(question.id) &&
          (kept ? `/questions/${question.id}?answer=${answerId(mock, place)}` : `/questions/${question.id}`),
      }
    }),
    leftOut: leftOut(catalog, mock, answers),
  }
}

/** Of the rubrics of this interview, what was not said, that which is left out most often first. */
function leftOut(catalog: Catalog, { items }: Mock, answers: readonly Answer[]) {
  return items
    .filter(isMarked)
    .flatMap((item) => {
      const question = askedOf(catalog, item)
      if (!question) return []
      const tries = answers.filter(({ questionId }) => questionId === question.id)
      return (question.data as OpenQuestion).rubric
        .filter(({ id }) => !item.given.slice(1).includes(id))
        .map(({ id, text, points }) => ({
          locale: question.locale,
          text: renderInline(text),
          question: question.title,
          points,
          times: tries.filter(({ given }) => !given.slice(1).includes(id)).length,
          tries: tries.length,
        }))
    })
    .sort((a, b) => b.times - a.times || b.points - a.points)
}

/** As it was marked then; where it would be marked otherwise today, that too. */
function keptVerdict(question: Question, item: MockItem, today: Pick<Catalog, 'questions'>) {
  const { result } = item
  if (!result || !('score' in result)) return undefined
  const present = today.questions.get(question.id)
  const asked = askedAs(item.contentHash, question, present)
  const judgedToday = asked === 'former' ? gradeToday(present, item, practiceRules) : undefined
  const shown = gradeAgain(question, item, practiceRules)
  const { words } = questionType(question.type)
  return viewKeptVerdict(result, shown, asked, { control: 'open', rule: '' }, words, judgedToday)
}
