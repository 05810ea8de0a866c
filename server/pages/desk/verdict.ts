/** The verdict of a grading beside the work that was graded: what is missing, what led to it, and the moment at which it shows. Pure. */
import type { TestResult } from '../../../sim/index.ts'
import type { Challenge } from '../../catalog/types.ts'
import type { Locale } from '../../i18n/locale.ts'
import { t } from '../../i18n/translate.ts'
import { hasCard, isProven, scoreOf } from '../../practice/attempts.ts'
import { withoutExpressions } from '../../practice/expressions.ts'
import { inTextsOf, languageOf } from '../../practice/texts-of-result.ts'
import { hasHiddenChecks, shownResult } from '../../storage/shown-result.ts'
import type { Attempt, Grading } from '../../storage/types.ts'
import { type CauseModel, causesOf, jumpOf } from './jump.ts'

export interface VerdictModel {
  number: number
  /** The address of the whole result. */
  href: string
  /** The address of the replay card, for who has passed. */
  card: string | undefined
  outcome: string
  icon: string
  isRight: boolean
  score: string
  passed: number
  all: number
  /** There are checks besides, which are not shown. */
  hasFurther: boolean
  /** Why nothing was graded. */
  problem: string
  /** A fault of the instructor's is left out of it. */
  isSpared: boolean
  lost: LostCheck[]
  /** Where somebody goes on who has passed. */
  next: { href: string; title: string; locale?: Locale } | undefined
}

/** A check that was lost, as a chain: the check, and what led to it, the root last. */
export interface LostCheck {
  id: string
  title: string
  /** What the challenge is written in. */
  locale: Locale
  points: string
  actual: string
  expected: string
  /** Said by the author or by the simulator. */
  expectedIn: Locale | undefined
  causes: CauseModel[]
  /** The check above that the same causes led to: they are drawn there. */
  sameAs: string
  /** The cluster as it was when it broke, to be shown in place of the present one. */
  jump: { href: string; label: string } | undefined
}

/** What became of a grading, as a word with its mark. */
export function outcomeOf(grading: Grading): { icon: string; outcome: string } {
  if (!grading.result.gradable) return { icon: '!', outcome: t('Not graded, no try used') }
  if (!isProven(grading)) return { icon: '!', outcome: t('Graded elsewhere') }
  return grading.result.passed ? { icon: '✓', outcome: t('Passed') } : { icon: '✕', outcome: t('Not passed yet') }
}

/** @param next of the learner's track, for who has passed */
export function viewVerdict(
  challenge: Challenge,
  attempt: Attempt,
  grading: Grading,
  number: number,
  next?: VerdictModel['next'],
): VerdictModel {
  const href = `/challenges/${challenge.id}/results/${attempt.id}/${number}`
  const result = inTextsOf(challenge, withoutExpressions(shownResult(grading.result), challenge))
  const isRight = result.passed && isProven(grading)
  const drawn = new Map<string, string>()
  const lostOf = (test: TestResult, points: string): LostCheck => {
    const chain = test.cause.join('\n')
    const sameAs = drawn.get(chain) ?? ''
    if (chain !== '' && !sameAs) drawn.set(chain, test.title)
    const jump = jumpOf(href, grading, test)
    return {
      id: test.id,
      title: test.title,
      locale: challenge.locale,
      points,
      actual: test.actual ?? test.message,
      expected: test.expected ?? '',
      expectedIn: languageOf(challenge, result, test.id, test.expected),
      causes: sameAs ? [] : causesOf(href, grading, test),
      sameAs,
      jump,
    }
  }
  const score = scoreOf(grading, challenge)
  return {
    number,
    href,
    isRight,
    card: hasCard(attempt, grading) ? `${href}/card.svg` : undefined,
    ...outcomeOf(grading),
    score: score === undefined ? '–' : String(score),
    passed: result.tests.filter(({ status }) => status === 'pass').length,
    all: result.tests.length,
    hasFurther: hasHiddenChecks(grading.result),
    problem: result.problem ?? '',
    isSpared: result.withoutFaults === true,
    lost: [
      ...result.tests
        .filter(({ status }) => status === 'fail' || status === 'error')
        .map((test) => lostOf(test, `${test.points} / ${test.maxPoints}`)),
      ...result.gates
        .filter(({ status }) => status === 'fail' || status === 'error')
        .map((gate) => lostOf(gate, `−${gate.maxPoints - gate.points}`)),
    ],
    next: isRight ? next : undefined,
  }
}
