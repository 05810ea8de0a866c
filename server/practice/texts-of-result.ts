/** A grading in the words of the challenge as its reader has it: results keep the words of the original. Pure. */
import type { GradeResult, TestResult } from '../../sim/index.ts'
import { type CheckTexts, challengeTextsOf } from '../catalog/challenge-texts.ts'
import type { Challenge } from '../catalog/types.ts'
import { original } from '../i18n/locale.ts'
import { fillText } from '../questions/params.ts'

/** The result, with what the author wrote of each check in the challenge's language; what the simulator says stays as it is. */
export function inTextsOf(challenge: Challenge, result: GradeResult): GradeResult {
  if (challenge.locale === original) return result
  const before = new Map(challengeTextsOf(challenge.spec, []).checks.map((check) => [check.id, check]))
  const now = new Map(challenge.texts.checks.map((check) => [check.id, check]))
  const fill = (text: string) => fillText(text, result.params)
  const tell = (test: TestResult): TestResult => {
    const [was, is] = [before.get(test.id), now.get(test.id)]
    if (!was || !is) return test
    const words = wordsOf(was, is, fill)
    const translated = (text: string | undefined) => (text === undefined ? undefined : (words.get(text) ?? text))
    return {
      ...test,
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

/** True of a text that the author wrote, not the simulator. */
export function isOfAuthor({ texts }: Challenge, result: GradeResult, testId: string, text: string): boolean {
  const check = texts.checks.find(({ id }) => id === testId)
  return check !== undefined && textsIn(check).some((one) => one !== undefined && fillText(one, result.params) === text)
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
