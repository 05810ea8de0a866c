/** A poll of the instructor's own as fields of the plan's form. */
import type { Request } from 'express'
import { t } from '../../i18n/translate.ts'
import type { OwnQuestion } from '../../workshops/room-acts.ts'
import { field, fields } from '../form.ts'

/** As it was typed, right or not, so that nothing is lost. */
export interface PollDraft {
  text: string
  options: { text: string; isRight: boolean }[]
  several: boolean
  isAnonymous: boolean
}

const mostOptions = 6
const longestText = 400
const longestOption = 200
const longestTitle = 120

const oneLine = (text: string): string => text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]|\s+/gu, ' ').trim()

/** @param of the step whose fields they are; nothing for those of a new one */
export function readPollDraft(req: Request, of = ''): PollDraft {
  const name = (what: string): string => `poll-${what}${of && `-${of}`}`
  const right = fields(req, name('right'))
  const texts = fields(req, name('option'))
  return {
    text: oneLine(field(req, name('text'))).slice(0, longestText),
    options: Array.from({ length: mostOptions }, (_, n) => ({
      text: oneLine(texts[n] ?? '').slice(0, longestOption),
      isRight: right.includes(String(n)),
    })),
    several: field(req, name('several')) !== '',
    isAnonymous: field(req, name('anonymous')) !== '',
  }
}

export const draftOf = (own: OwnQuestion | undefined, isAnonymous: boolean): PollDraft => ({
  text: own?.text ?? '',
  options: Array.from({ length: mostOptions }, (_, n) => own?.options[n] ?? { text: '', isRight: false }),
  several: own?.several ?? false,
  isAnonymous,
})

/** The question that was typed, or what it lacks. */
export function questionOfDraft({ text, options, several }: PollDraft): OwnQuestion | { problem: string } {
  const given = options.filter((option) => option.text !== '')
  if (text === '') return { problem: t('Type the question of the poll.') }
  if (given.length < 2) return { problem: t('A poll has at least two options.') }
  if (new Set(given.map((option) => option.text.toLowerCase())).size < given.length)
    return { problem: t('Two options of the poll say the same.') }
  return {
    text,
    // Who marks two as right means both to be chosen.
    several: several || given.filter(({ isRight }) => isRight).length > 1,
    options: given.map((option, n) => ({ id: 'abcdef'[n]!, ...option })),
  }
}

/** As it stands in lists: without marks of Markdown, and cut where it is long. */
export const titleOfPoll = (asked: string): string => {
  const text = asked.replaceAll(/[`*]/g, '') || asked
  return text.length <= longestTitle ? text : `${text.slice(0, longestTitle - 1).replace(/\s+\S*$/, '')}…`
}
