/** Ready-made hiring exercises: `exercises/<id>.md`, what is asked and the rubric in the front matter, and below for whom it is. */
import { z } from 'zod'
import { original } from '../i18n/locale.ts'
import { questionType } from '../questions/registry.ts'
import { renderMarkdown } from '../render/markdown.ts'
import { aiPolicies, dimensionSchema } from '../sittings/exercise-schema.ts'
import { type Problem, readYaml, splitFrontMatter } from './source.ts'
import type { Catalog, ReadyMadeExercise } from './types.ts'

const item = z.string().regex(/^(question|challenge):[a-z0-9/-]+$/, 'must be question:… or challenge:…')

const fields = z.strictObject({
  title: z.string().min(1).max(120),
  order: z.int(),
  summary: z.string().min(1),
  minutes: z.int().min(5).max(480),
  aiPolicy: z.enum(aiPolicies),
  passBar: z.int().min(1).max(100).nullable(),
  sections: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[a-z0-9]{1,24}$/, 'must be up to 24 lower-case letters and digits'),
        title: z.string().min(1).max(120),
        items: z.array(item).min(1),
      }),
    )
    .min(1)
    .max(12),
  rubric: z
    .array(dimensionSchema.extend({ anchors: z.array(z.string().min(1).max(400)).length(5) }).strict())
    .min(4)
    .max(6),
})
export type ReadyMadeFields = z.infer<typeof fields>

/** Where its front matter holds texts. */
export const exerciseTexts = ['title', 'summary', 'sections.*.title', 'rubric.*.title', 'rubric.*.anchors.*']

/** @returns undefined when it cannot be read; what is wrong with it is added to `problems` */
export function readExercise(
  file: string,
  text: string,
  id: string,
  problems: Problem[],
): ReadyMadeExercise | undefined {
  const split = splitFrontMatter(text)
  if (!split) {
    problems.push({ file, line: 1, message: 'the file must start with front matter between two lines of ---' })
    return undefined
  }
  const read = readYaml(split.yaml, fields, { file, line: split.yamlLine }, problems)
  if (!read) return undefined
  const complain = (path: (string | number)[], message: string) =>
    problems.push({ file, line: read.lineOf(path), message })
  const { sections, rubric } = read.value
  for (const [name, ids] of [
    ['sections', sections.map((one) => one.id)],
    ['rubric', rubric.map((one) => one.id)],
  ] as const)
    for (const [n, one] of ids.entries())
      if (ids.indexOf(one) < n) complain([name, n, 'id'], `id: "${one}" is used twice`)
  const items = sections.flatMap((section) => section.items)
  for (const [n, section] of sections.entries())
    for (const one of section.items)
      if (items.indexOf(one) !== items.lastIndexOf(one))
        complain(['sections', n, 'items'], `items: ${one} is asked twice`)
  if (split.body.trim() === '')
    problems.push({ file, line: split.bodyLine, message: 'nothing is said of whom it is for' })
  return { ...read.value, id, locale: original, about: renderMarkdown(split.body) }
}

/** Items that are not there or that nobody else can grade, and too little time for what is asked. */
export function checkExercises(
  catalog: Catalog,
  complain: (path: string, needle: string, message: string) => void,
): void {
  for (const { id, sections, minutes } of catalog.exercises.values()) {
    const path = `exercises/${id}.md`
    const items = sections.flatMap((section) => section.items)
    for (const one of items)
      if (!isAskable(catalog, one)) complain(path, one, `sections: ${one} ${whyNot(catalog, one)}`)
    const needed = items.reduce((sum, one) => sum + minutesOfItem(catalog, one), 0)
    if (needed > minutes)
      complain(
        path,
        'minutes:',
        `minutes: its items take some ${needed} min together, more than the ${minutes} it gives`,
      )
  }
}

/** What grades itself and can be asked of a candidate. */
export const isAskable = (catalog: Catalog, name: string): boolean => whyNot(catalog, name) === undefined

function whyNot(catalog: Catalog, name: string): string | undefined {
  const [kind = '', id = ''] = name.split(':')
  if (kind === 'challenge') return catalog.challenges.has(id) ? undefined : 'does not exist'
  const question = kind === 'question' ? catalog.questions.get(id) : undefined
  if (!question) return 'does not exist'
  // It shows its model answer before the mark.
  return questionType(question.type).reveal ? 'is marked by whoever answers it' : undefined
}

/** Of questions, by type: an estimate. */
const usualMinutes: Readonly<Record<string, number>> = {
  ...{ single: 1, 'true-false': 1, multiple: 2, short: 2, numeric: 2, spot: 2 },
  ...{ order: 3, match: 3, predict: 3, fix: 6 },
}

/** How long an item takes, in minutes: as a challenge says, and estimated by its type for a question. */
export function minutesOfItem(catalog: Catalog, name: string): number {
  const [kind = '', id = ''] = name.split(':')
  if (kind === 'challenge') return catalog.challenges.get(id)?.spec.minutes ?? 0
  return usualMinutes[catalog.questions.get(id)?.type ?? ''] ?? 0
}
