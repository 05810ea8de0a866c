/** What every question type offers, and what a page may see of a question. */
import type { z } from 'zod'
import type { TextPath } from '../i18n/overlay.ts'

/** How an answer was judged. */
export interface Verdict {
  verdict: 'right' | 'partly' | 'wrong'
  /** 0 to 1. */
  score: number
  /** What was right and why, an entry for each option or step. */
  feedback: OptionFeedback[]
  /** The right answer in words: Markdown, or plain text where the type says so. */
  answer: string
}

export interface OptionFeedback {
  id: string
  /** HTML. */
  text: string
  /** HTML; empty when there is nothing to say. */
  why: string
  chosen: boolean
  correct: boolean
  /** In place of "right" and "not right". */
  word?: string
}

export interface ChoiceView {
  id: string
  /** HTML. */
  text: string
}

/** What the page shows of a variant. It never holds the key. */
export type QuestionView =
  | { control: 'radio'; choices: ChoiceView[]; rule: string }
  | { control: 'checkbox'; choices: ChoiceView[]; rule: string }
  | { control: 'order'; choices: ChoiceView[]; rule: string }
  | { control: 'text'; inputMode: 'numeric' | 'text'; label: string; unit: string; rule: string }
  /** An answer is `ROW=CHOICE` for each row. */
  | { control: 'match'; rows: ChoiceView[]; choices: ChoiceView[]; rule: string }
  /** The choices are lines of code, by their numbers. */
  | { control: 'lines'; choices: ChoiceView[]; rule: string }
  | { control: 'manifest'; start: string; rule: string }
  | { control: 'open'; rule: string }

/** What a self-marked question shows once something was answered. */
export interface Revealed {
  /** HTML. */
  model: string
  rubric: { id: string; text: string; points: number }[]
  /** What is asked on, with how it is answered: HTML. */
  follow: { ask: string; model: string }[]
}

/** What the simulator did with a manifest of the learner's. */
export interface Judged {
  /** An entry for each check. */
  held: boolean[]
  /** What was said when it was not applied; empty when it was. */
  refused: string
  /** What it changes besides what was to be changed; empty for nothing. Absent in what was judged before this was looked at. */
  beside?: string
}

/** What decides a variant, and what the simulator found when the question asks it. */
export interface Variant {
  seed: string
  params: Readonly<Record<string, string | number>>
  /** The computed key; undefined while nobody has asked for it. */
  key?: string
  /** What came of a manifest; undefined while nobody has asked for it. */
  judged?: Judged
}

/** Chance for variants: the same seed always draws the same. */
export interface Chance {
  shuffle<T>(values: readonly T[]): T[]
  below(limit: number): number
}

/** How strictly answers are scored. */
export interface ScoringRules {
  /** Each wrong pick of a multiple choice cancels a right one; otherwise each option counts by itself. */
  wrongPicksCancel: boolean
}

export const practiceRules: ScoringRules = { wrongPicksCancel: false }

/** How a room votes on a question of a type. */
export interface Voted<T> {
  /**
   * The bars that a vote counts for: ids of choices, or an amount in its one form. What somebody typed in words is none of them.
   * @param given is not blank
   */
  barsOf(question: T, given: readonly string[]): string[]
}

export interface QuestionType<T> {
  /** As the page names it. */
  title: string
  /** Of the verdicts, where they are not the usual ones. */
  words?: Record<Verdict['verdict'], string>
  /** What is asked for when nothing that could be judged was given. */
  blank: string
  /** Answers are typed, or come from the cluster: `answer` of a verdict is text as it stands. Otherwise it is Markdown. */
  hasPlainAnswers?: true
  /** The front matter that only this type has. */
  fields: z.ZodRawShape
  /** Where its fields hold texts for people, which a translation has in another language. */
  texts: readonly TextPath[]
  /** Where its fields hold what is shown as it stands, and is never read as Markdown. */
  plainTexts?: readonly TextPath[]
  /** After a translation: what must stay as it was in the original, such as codes made of texts. */
  afterTranslation?(original: T, translated: T): T
  /** Rules between fields, each broken one as [field, message]. */
  check(question: T): [field: string, message: string][]
  /** Of self-marked types: an answer is marked after this was shown. */
  reveal?(question: T): Revealed
  /** By the rules of practice unless told. */
  view(question: T, variant: Variant, chance: Chance, rules?: ScoringRules): QuestionView
  /** True when nothing that could be judged was given: it is not graded and uses no try. */
  isBlank(question: T, given: readonly string[]): boolean
  /** What the page shows before anybody does anything, where that could be judged: it is no answer either. */
  untouched?: {
    /** What is asked for. */
    problem: string
    is(question: T, chance: Chance, given: readonly string[]): boolean
  }
  /** What can be picked, where that is the same in each variant. */
  options?(question: T): { id: string; isRight: boolean }[]
  /** Of types that a room can vote on. Not of those whose answers are tables, manifests or texts: they make no picture that a room reads. */
  vote?: Voted<T>
  /** By the rules of practice unless told. */
  grade(question: T, variant: Variant, given: readonly string[], rules?: ScoringRules): Verdict
}
