/** What learners read of a challenge's checks, hints and mistakes: apart from what they ask, so that a translation can stand in for it. */
import type { Assertion, ChallengeSpec } from '../../sim/index.ts'
import { pickTexts, type TextPath } from '../i18n/overlay.ts'

export interface ChallengeTexts {
  checks: CheckTexts[]
  hints: { id: string; text: string }[]
  /** What usually leads to the cause, in the order of `challenge.yaml`. */
  mistakes: { cause: string; text: string }[]
}

export interface CheckTexts {
  id: string
  title: string
  why?: string
  /** What an expression expects, in words. */
  message?: string
  criteria?: { id: string; title: string; message?: string }[]
}

/** Where they are, for `overlay`. Markdown and titles may hold `{{param}}`. */
export const challengeTextPaths: readonly TextPath[] = [
  ...['title', 'why', 'message', 'criteria.*.title', 'criteria.*.message'].map((path) => `checks.*.${path}`),
  'hints.*.text',
  'mistakes.*.text',
]

export function challengeTextsOf(spec: ChallengeSpec, mistakes: ChallengeTexts['mistakes']): ChallengeTexts {
  return {
    checks: spec.checks.map(({ id, title, why, assert, criteria }) => ({
      ...{ id, title, why, message: assert && messageOf(assert) },
      criteria: criteria?.map((one) => ({ id: one.id, title: one.title, message: messageOf(one.assert) })),
    })),
    hints: spec.hints.map(({ id, text }) => ({ id, text })),
    mistakes,
  }
}

function messageOf(assertion: Assertion): string | undefined {
  if ('cel' in assertion) return assertion.message
  return 'traffic' in assertion ? assertion.traffic.message : undefined
}

/** All that a translation of a challenge translates, as one text: it changes when one of them does, and not with checks or worlds. */
export const textOfChallenge = (page: string, texts: ChallengeTexts): string =>
  `${page}\n${JSON.stringify(pickTexts(texts, challengeTextPaths))}`
