/** The options that single and multiple choice have in common. */
import { z } from 'zod'
import { renderInline } from '../render/markdown.ts'
import type { Chance, ChoiceView, OptionFeedback } from './types.ts'

export interface Option {
  id: string
  text: string
  correct: boolean
  why: string
}

export interface OptionsQuestion {
  options: Option[]
}

export const optionsField = z
  .array(
    z.strictObject({
      id: z.string().regex(/^[a-z0-9-]+$/, 'must be lower-case letters, digits and "-"'),
      text: z.string().min(1),
      correct: z.boolean(),
      why: z.string().min(1, 'every option needs its why'),
    }),
  )
  .min(2)

export function checkOptions(options: readonly Option[]): [string, string][] {
  const ids = options.map(({ id }) => id)
  return new Set(ids).size === ids.length ? [] : [['options', 'option ids must differ']]
}

export const fixedOptions = ({ options }: OptionsQuestion): { id: string; isRight: boolean }[] =>
  options.map(({ id, correct }) => ({ id, isRight: correct }))

/** Options in an order of the variant's own, so that a position is no hint. */
export function viewOptions(options: readonly Option[], chance: Chance): ChoiceView[] {
  return chance.shuffle(options).map(({ id, text }) => ({ id, text: renderInline(text) }))
}

export function feedbackOn(options: readonly Option[], given: readonly string[]): OptionFeedback[] {
  return options.map(({ id, text, why, correct }) => ({
    id,
    text: renderInline(text),
    why: renderInline(why),
    chosen: given.includes(id),
    correct,
  }))
}
