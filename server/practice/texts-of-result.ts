/** A grading in the words of the challenge as its reader has it: results keep the words of the original. Pure. */
import type { GradeResult, TestResult } from '../../sim/index.ts'
import { type CheckTexts, challengeTextsOf } from '../catalog/challenge-texts.ts'
import type { Challenge } from '../catalog/types.ts'
import { type Locale, original } from '../i18n/locale.ts'
import { fillText } from '../questions/params.ts'

/** The result, with what the author wrote of each check in the challenge's language; what the simulator says stays as it is. */
export function inTextsOf(challenge: Challenge, result: GradeResult): GradeResult {
  if (challenge.locale === original) return result
  const before = new Map(challengeTextsOf(challenge.spec, []).checks.map((check) => [check.id, check]))
  const now = new Map(challenge.texts.checks.map((check) => [check.id, check]))
  const fill = (text: string) => fillText(text, result.params)
  /** What a check that was skipped waits for is told by the titles of others. */
  const inTitles = (text: string): string =>
    [...before.values()].reduce(
      (told, { id, title }) => told.replaceAll(fill(title), () => fill(now.get(id)?.title ?? title)),
      text,
    )
  const tell = (test: TestResult): TestResult => {
    const [was, is] = [before.get(test.id), now.get(test.id)]
    if (!was || !is) return test
    const words = wordsOf(was, is, fill)
    const translated = (text: string | undefined) => (text === undefined ? undefined : (words.get(text) ?? text))
    return {
      ...test,
      message: test.status === 'skipped' ? inTitles(test.message) : test.message,
      title: fill(is.title),
      why: is.why === undefined ? test.why : fill(is.why),
      expected: translated(test.expected),
      criteria: test.criteria.map((criterion) => ({
        ...criterion,
        title: translated(criterion.title)!,
        expected: translated(criterion.expected),
      })),
    }
  }
  return { ...result, tests: result.tests.map(tell), gates: result.gates.map(tell) }
}

/** The language of what a check expected, which is the challenge's where the author wrote it. Undefined for words of the simulator. */
export function languageOf(
  { texts, locale }: Challenge,
  result: GradeResult,
  testId: string,
  text = '',
): Locale | undefined {
  const check = texts.checks.find(({ id }) => id === testId)
  const own = check ? textsIn(check) : []
  return own.some((one) => one !== undefined && fillText(one, result.params) === text) ? locale : undefined
}

const textsIn = ({ title, message, criteria = [] }: CheckTexts): (string | undefined)[] => [
  ...[title, message],
  ...criteria.flatMap((criterion) => [criterion.title, criterion.message]),
]

function wordsOf(was: CheckTexts, is: CheckTexts, fill: (text: string) => string): Map<string, string> {
  const own = textsIn(is)
  return new Map(
    textsIn(was).flatMap((text, n): [string, string][] =>
      text === undefined || own[n] === undefined ? [] : [[fill(text), fill(own[n])]],
    ),
  )
}
