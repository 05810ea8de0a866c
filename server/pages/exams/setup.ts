/** The form of a new mock exam: what it asks, and what was wrong with what was said. Pure. */
import type { Request } from 'express'
import { type ExamPool, examPools } from '../../exams/pools.ts'
import { msg, t } from '../../i18n/translate.ts'
import type { Mock } from '../../storage/types.ts'
import { field } from '../form.ts'
import { readSeed, seedProblem } from '../mocks.ts'

export const maxQuestions = 60
export const maxMinutes = 240

/** For `t`. */
export const poolTitles: Record<ExamPool, string> = {
  cka: 'CKA',
  ckad: 'CKAD',
  all: msg('All sections'),
}

/** Texts for `t`. */
export const modes: Record<Mock['mode'], { title: string; about: string }> = {
  training: { title: msg('Training'), about: msg('No clock. The verdict comes after each answer.') },
  timed: {
    title: msg('Timed'),
    about: msg('With a clock. Verdicts at the end; until then answers can be changed.'),
  },
  exam: {
    title: msg('Exam'),
    about: msg('As Timed, and in a multiple choice each wrong pick cancels a right one.'),
  },
}

/** Titles for `t`. */
export const sizes = {
  short: { title: msg('Short'), count: 15, minutes: 20 },
  full: { title: msg('Full'), count: 40, minutes: 60 },
} as const

/** As it was typed. */
export interface SetupForm {
  pool: string
  size: string
  count: string
  minutes: string
  mode: string
  seed: string
}

export const firstForm: SetupForm = { pool: 'cka', size: 'short', count: '25', minutes: '40', mode: 'timed', seed: '' }

export interface Setup {
  pool: ExamPool
  count: number
  minutes: number
  mode: Mock['mode']
  /** Empty for a new one. */
  seed: string
}

/** By the name of the field. */
export type Problems = Partial<Record<keyof SetupForm, string>>

export function readForm(req: Request): SetupForm {
  const read = (name: keyof SetupForm) => field(req, name).slice(0, 100)
  return {
    pool: read('pool'),
    size: read('size'),
    count: read('count'),
    minutes: read('minutes'),
    mode: read('mode'),
    seed: read('seed'),
  }
}

export function readSetup(form: SetupForm): { setup: Setup } | { problems: Problems } {
  const problems: Problems = {}
  const pool = examPools.find((name) => name === form.pool)
  if (!pool) problems.pool = t('Choose what the questions are drawn from.')
  const mode = (Object.keys(modes) as Mock['mode'][]).find((name) => name === form.mode)
  if (!mode) problems.mode = t('Choose how you sit it.')
  const preset = Object.hasOwn(sizes, form.size) ? sizes[form.size as keyof typeof sizes] : undefined
  if (!preset && form.size !== 'own') problems.size = t('Choose how long it is.')
  const count = preset?.count ?? wholeNumber(form.count, maxQuestions)
  if (!preset && count === undefined)
    problems.count = t('A whole number of questions, from 1 to {max}.', { max: maxQuestions })
  // Nobody looks at the minutes of an exam without a clock.
  const minutes = preset?.minutes ?? wholeNumber(form.minutes, maxMinutes) ?? (mode === 'training' ? 1 : undefined)
  if (!preset && minutes === undefined)
    problems.minutes = t('A whole number of minutes, from 1 to {max}.', { max: maxMinutes })
  const seed = readSeed(form.seed)
  if (seed === undefined) problems.seed = t(seedProblem)
  if (!pool || !mode || !count || !minutes || seed === undefined || Object.keys(problems).length > 0)
    return { problems }
  return { setup: { pool, count, minutes, mode, seed } }
}

function wholeNumber(text: string, max: number): number | undefined {
  const number = /^\d{1,4}$/.test(text.trim()) ? Number(text) : 0
  return number >= 1 && number <= max ? number : undefined
}
