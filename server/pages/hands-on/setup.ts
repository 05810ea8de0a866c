/** The form of a new hands-on exam: what it asks, and what was wrong with what was said. Pure. */
import type { Request } from 'express'
import { type HandsOnPool, handsOnPools } from '../../catalog/exams.ts'
import { msg, t } from '../../i18n/translate.ts'
import type { Mock } from '../../storage/types.ts'
import { field } from '../form.ts'
import { readSeed, seedProblem } from '../mocks.ts'

/** Texts for `t`. */
export const pools: Record<HandsOnPool, { title: string; about: string }> = {
  cka: { title: 'CKA', about: msg('Administrator: clusters, nodes, networks, storage, and much that is broken') },
  ckad: { title: 'CKAD', about: msg('Developer: build, configure, expose and observe what runs') },
  interview: {
    title: msg('Senior interview'),
    about: msg('Few and long: find the fault, operate, build, design for failure'),
  },
}

/** Titles for `t`. */
export const sizes = { short: msg('Short'), full: msg('Full') }
export type Size = keyof typeof sizes

/** How many tasks, in how many minutes. The real CKA and CKAD give two hours for 15 to 20 tasks. */
export const lengths: Record<HandsOnPool, Record<Size, { count: number; minutes: number }>> = {
  cka: { short: { count: 6, minutes: 45 }, full: { count: 16, minutes: 120 } },
  ckad: { short: { count: 6, minutes: 45 }, full: { count: 16, minutes: 120 } },
  interview: { short: { count: 2, minutes: 50 }, full: { count: 4, minutes: 120 } },
}

export type HandsOnMode = Exclude<Mock['mode'], 'exam'>

/** Texts for `t`. */
export const modes: Record<HandsOnMode, { title: string; about: string }> = {
  timed: {
    title: msg('As the exam'),
    about: msg('Against the clock. No hints, and the checks stay hidden until you hand in.'),
  },
  training: { title: msg('Training'), about: msg('No clock. Checks, hints and grades as in practice.') },
}

/** As it was typed. */
export interface SetupForm {
  pool: string
  size: string
  mode: string
  seed: string
}

export const firstForm: SetupForm = { pool: 'cka', size: 'short', mode: 'timed', seed: '' }

export interface Setup {
  pool: HandsOnPool
  count: number
  /** Null without a clock. */
  minutes: number | null
  /** What the tasks take together at most: the same seed draws the same ones in either mode. */
  within: number
  mode: HandsOnMode
  /** Empty for a new one. */
  seed: string
}

/** By the name of the field. */
export type Problems = Partial<Record<keyof SetupForm, string>>

export function readForm(req: Request): SetupForm {
  const read = (name: keyof SetupForm) => field(req, name).slice(0, 100)
  return { pool: read('pool'), size: read('size'), mode: read('mode'), seed: read('seed') }
}

export function readSetup(form: SetupForm): { setup: Setup } | { problems: Problems } {
  const problems: Problems = {}
  const pool = handsOnPools.find((name) => name === form.pool)
  if (!pool) problems.pool = t('Choose the exam.')
  const size = (Object.keys(sizes) as Size[]).find((name) => name === form.size)
  if (!size) problems.size = t('Choose how long it is.')
  const mode = (Object.keys(modes) as HandsOnMode[]).find((name) => name === form.mode)
  if (!mode) problems.mode = t('Choose how you sit it.')
  const seed = readSeed(form.seed)
  if (seed === undefined) problems.seed = t(seedProblem)
  if (!pool || !size || !mode || seed === undefined) return { problems }
  const { count, minutes } = lengths[pool][size]
  return { setup: { pool, count, minutes: mode === 'training' ? null : minutes, within: minutes, mode, seed } }
}
