/** Judges what was said in mock exams and interviews, and enters it among the learner's answers, once. */
import { mostOf } from '../belongings/limits.ts'
import type { Catalog, Question } from '../catalog/types.ts'
import { closedAtMs, isAnswered, rulesOf } from '../exams/mock.ts'
import { contentOfMock } from '../grading/question-in-force.ts'
import { original, runInLocale } from '../i18n/locale.ts'
import { msg, t } from '../i18n/translate.ts'
import { actOfAnswer } from '../journal/folds/answers.ts'
import { LabRefusal } from '../labs/types.ts'
import type { FixQuestion } from '../questions/fix.ts'
import { questionType } from '../questions/registry.ts'
import { type Judged, practiceRules, type ScoringRules, type Variant, type Verdict } from '../questions/types.ts'
import { variantOf } from '../questions/variant.ts'
import type { Seat } from '../seat.ts'
import type { Answer, Mock, MockItem, MockResult } from '../storage/types.ts'
import type { PracticeDeps } from './deps.ts'
import { simulatedVariant } from './simulated-variant.ts'

const hasChanged = msg('This question has changed since you answered, and your answer does not fit it now.')

/**
 * What an item earns as it stands, by the rules of its exam.
 * @param content of the exam @throws LabRefusal when the simulator is busy
 */
export async function judge(
  deps: PracticeDeps,
  content: Pick<Catalog, 'questions'>,
  who: string,
  mock: Mock,
  item: MockItem,
): Promise<MockResult> {
  const question = content.questions.get(item.questionId)
  if (!question) return { verdict: 'void', why: msg('This question is no longer part of the content.') }
  const isBlank = !isAnswered(item, question)
  if (isBlank && item.given.length > 0)
    return {
      verdict: 'void',
      why: hasChanged,
    }
  try {
    // A prediction's key is shown to those as well who have not answered.
    if (isBlank && question.type !== 'predict') return { verdict: 'none', key: null }
    const { variant } = await simulatedVariant(deps, who, question, item.seed, item.given)
    if (isBlank) return { verdict: 'none', key: variant.key ?? null }
    const { verdict, score } = questionType(question.type).grade(question.data, variant, item.given, rulesOf(mock))
    return { verdict, score, key: variant.key ?? null, judged: variant.judged ?? null }
  } catch (error) {
    if (!isTooMuch(error)) throw error
    // Otherwise a manifest that nothing can run would be a way around a hard question.
    if (question.type === 'fix' && (await canBeRun(deps, who, question, item.seed))) {
      const held = (question.data as FixQuestion).checks.map(() => false)
      // In English, as the API server refuses: it is stored for pages of any language.
      const refused = runInLocale(original, () => error.message)
      return { verdict: 'wrong', score: 0, key: null, judged: { held, refused } }
    }
    return {
      verdict: 'void',
      why: msg('The simulator could not judge it. {reason}'),
      refusal: { text: error.text, values: { ...error.values } },
    }
  }
}

/** A run that passed a limit. A simulator that is busy says another thing. */
const isTooMuch = (error: unknown): error is LabRefusal => error instanceof LabRefusal && error.status === 422

/** Whether the simulator manages the question with its solution: then what it did not manage is the learner's manifest. */
async function canBeRun(deps: PracticeDeps, who: string, question: Question, seed: string): Promise<boolean> {
  try {
    await simulatedVariant(deps, who, question, seed, [(question.data as FixQuestion).solution])
    return true
  } catch (error) {
    if (isTooMuch(error)) return false
    throw error
  }
}

/** Why an item does not count, in the language of the request: it is stored for any. Undefined when it counts. */
export function whyVoid({ result }: MockItem): string | undefined {
  if (result?.verdict !== 'void') return undefined
  const { why, refusal } = result
  return t(why, refusal && { reason: t(refusal.text, refusal.values) })
}

/** Why what was judged cannot be shown beside the question any more: it has become another. Undefined when it can. */
export function whyMisfit(question: Question, item: MockItem): string | undefined {
  const { result } = item
  if (result === null || result.verdict === 'void') return undefined
  const isKeyed = question.type !== 'predict' || result.key !== null
  const isFitting = result.verdict === 'none' || (isAnswered(item, question) && isCounted(question, result.judged))
  return isKeyed && isFitting ? undefined : t(hasChanged)
}

/** True when the simulator's findings are as many as the question has checks. */
const isCounted = ({ type, data }: Question, judged: Judged | null): boolean =>
  type !== 'fix' || judged?.held.length === (data as FixQuestion).checks.length

/** True when judging it takes a run of a cluster. */
export const isSimulated = ({ questions }: Catalog, { questionId }: MockItem): boolean =>
  ['fix', 'predict'].includes(questions.get(questionId)?.type ?? '')

/** The variant as it was when it was judged: nothing is simulated again. */
export function judgedVariant(question: Question, { seed, result }: MockItem): Variant {
  const variant = variantOf(question, seed)
  if (result === null || result.verdict === 'void') return variant
  return {
    ...variant,
    key: result.key ?? undefined,
    judged: result.verdict === 'none' ? undefined : (result.judged ?? undefined),
  }
}

/** The verdict with its reasons, of what was judged before: results keep the score alone. */
export function gradeAgain(question: Question, item: MockItem, rules: ScoringRules): Verdict {
  return questionType(question.type).grade(question.data, judgedVariant(question, item), item.given, rules)
}

/**
 * What the question of today makes of what was said; undefined where a run of a cluster decides it (whoever opens the answer by itself has it
 * run), and where the answer does not fit it.
 */
export function gradeToday(today: Question | undefined, item: MockItem, rules: ScoringRules): Verdict | undefined {
  const { result } = item
  if (!today || !result || !('score' in result) || result.key !== null || result.judged !== null) return undefined
  if (['fix', 'predict'].includes(today.type) || !isAnswered(item, today)) return undefined
  return gradeAgain(today, item, rules)
}

/**
 * Enters what was judged among the answers, so that progress and review know of it. An answer's id is made of the exam's and the
 * question's place, so doing it again adds nothing. They are scored as in practice, so that answers can be compared.
 */
export async function recordAnswers(deps: PracticeDeps, seat: Seat, mock: Mock): Promise<void> {
  const { questions } = await contentOfMock(deps, mock)
  const nowMs = deps.now()
  const judged = mock.items.flatMap((item, place): Answer[] => {
    const question = questions.get(item.questionId)
    if (!question || !item.result || !('score' in item.result) || whyMisfit(question, item)) return []
    const { score, verdict } = gradeAgain(question, item, practiceRules)
    return [
      {
        id: answerId(mock, place),
        questionId: question.id,
        contentHash: question.hash,
        seed: item.seed,
        given: item.given,
        confidence: item.confidence,
        score,
        verdict,
        topics: question.topics,
        tookMs: item.spentMs || null,
        atMs: closedAtMs(mock, nowMs) ?? nowMs,
        // Of an exam that came in from a file, the answers did too.
        ...(mock.origin ? { origin: mock.origin } : {}),
      },
    ]
  })
  await deps.journals.write(seat, ({ answers }) => {
    const known = new Set(answers.map(({ id }) => id))
    // Who has as many answers as there may be has the result with the exam alone.
    return judged
      .filter(({ id }) => !known.has(id))
      .slice(0, Math.max(0, mostOf.answers - known.size))
      .map((answer) => actOfAnswer(answer))
  })
}

/** Under which an item is entered among the learner's answers. @param place from 0 */
export const answerId = ({ id }: Mock, place: number): string => `${id}-${place + 1}`
