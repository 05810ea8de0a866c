/** Ready-made workshops: `workshops/<id>.md`, steps in the front matter and below a guide for whoever leads it, a section a step. */
import { z } from 'zod'
import { original } from '../i18n/locale.ts'
import { questionType } from '../questions/registry.ts'
import { renderMarkdown } from '../render/markdown.ts'
import { itemName } from './schemas.ts'
import { type Problem, readYaml, splitFrontMatter } from './source.ts'
import type { Catalog, PlannedStep, WorkshopPlan } from './types.ts'

const common = {
  /** The heading of its section in the guide. */
  id: z.string().regex(/^[a-z0-9]{1,24}$/, 'must be up to 24 lower-case letters and digits'),
  minutes: z.int().min(1).max(480),
  /** By itself: after the step before, or at a minute; somebody opens it unless told. */
  opens: z.union([z.literal('after'), z.strictObject({ minute: z.int().min(0).max(1440) })]).optional(),
}
const anonymous = z.boolean().optional()
const option = z.strictObject({
  id: z.string().regex(/^[a-f]$/, 'must be a letter from a to f'),
  text: z.string().min(1).max(200),
  right: z.boolean().optional(),
})

const step = z.union([
  z.strictObject({ ...common, talk: z.string().min(1).max(120) }),
  z.strictObject({ ...common, item: itemName }),
  z.strictObject({ ...common, poll: itemName, anonymous }),
  z.strictObject({
    ...{ ...common, ask: z.string().min(1).max(400), several: z.boolean().optional(), anonymous },
    options: z.array(option).min(2).max(6),
  }),
])
export type PlannedStepFields = z.infer<typeof step>

const fields = z.strictObject({
  title: z.string().min(1).max(120),
  order: z.int(),
  summary: z.string().min(1),
  steps: z.array(step).min(1).max(60),
})

/** Where its front matter holds texts. */
export const workshopTexts = ['title', 'summary', 'steps.*.talk', 'steps.*.ask', 'steps.*.options.*.text']

/** @returns undefined when it cannot be read; what is wrong with it is added to `problems` */
export function readWorkshop(file: string, text: string, id: string, problems: Problem[]): WorkshopPlan | undefined {
  const split = splitFrontMatter(text)
  if (!split) {
    problems.push({ file, line: 1, message: 'the file must start with front matter between two lines of ---' })
    return undefined
  }
  const read = readYaml(split.yaml, fields, { file, line: split.yamlLine }, problems)
  if (!read) return undefined
  const { steps } = read.value
  const complain = (path: (string | number)[], message: string) =>
    problems.push({ file, line: read.lineOf(path), message })
  for (const [n, one] of steps.entries()) {
    if (steps.findIndex((other) => other.id === one.id) < n)
      complain(['steps', n, 'id'], `id: "${one.id}" is used twice`)
    if (!('options' in one)) continue
    const right = one.options.filter((each) => each.right).length
    if (new Set(one.options.map((each) => each.id)).size < one.options.length)
      complain(['steps', n, 'options'], 'options: ids must differ')
    if (right > 1 && !one.several)
      complain(['steps', n, 'options'], 'options: several are right, so `several: true` is missing')
  }
  const { about, guides } = readGuide(file, split.body, split.bodyLine, steps, problems)
  return { ...read.value, id, locale: original, about, steps: withGuides(steps, guides) }
}

/** The texts of a translation's body for a plan whose front matter is translated already. */
export function withGuide(
  plan: WorkshopPlan,
  file: string,
  body: string,
  line: number,
  problems: Problem[],
): WorkshopPlan {
  const { about, guides } = readGuide(file, body, line, plan.steps, problems)
  return { ...plan, about, steps: withGuides(plan.steps, guides) }
}

const withGuides = (steps: readonly PlannedStepFields[], guides: ReadonlyMap<string, string>): PlannedStep[] =>
  steps.map((one) => ({ ...one, guide: guides.get(one.id) ?? '' }))

/** What stands before the first heading is about the whole; each `## id` begins what is said of that step. */
function readGuide(
  file: string,
  body: string,
  firstLine: number,
  steps: readonly { id: string }[],
  problems: Problem[],
) {
  const guides = new Map<string, string>()
  const parts = body.split(/^## +(.*?)[ \t]*$/m)
  let line = firstLine + countLines(parts[0]!)
  for (let n = 1; n < parts.length; n += 2) {
    const [id, text] = [parts[n]!, parts[n + 1]!]
    const place = guides.size
    if (!steps.some((one) => one.id === id)) problems.push({ file, line, message: `there is no step "${id}"` })
    else if (steps[place]?.id !== id)
      problems.push({ file, line, message: `section "${id}" stands where that of step "${steps[place]?.id}" belongs` })
    if (text.trim() === '') problems.push({ file, line, message: `nothing is said of step "${id}"` })
    guides.set(id, renderMarkdown(text))
    line += countLines(text)
  }
  for (const { id } of steps)
    if (!guides.has(id)) problems.push({ file, line: firstLine, message: `a section "## ${id}" is missing` })
  return { about: renderMarkdown(parts[0]!), guides }
}

const countLines = (text: string): number => text.split('\n').length - 1

/** Items that are not there, and questions that nobody can vote on. */
export function checkWorkshops(
  catalog: Catalog,
  complain: (path: string, needle: string, message: string) => void,
): void {
  for (const plan of catalog.workshops.values())
    for (const one of plan.steps) {
      const name = 'item' in one ? one.item : 'poll' in one ? one.poll : undefined
      if (name === undefined) continue
      const [kind, id] = name.split(':') as ['lesson' | 'question' | 'challenge', string]
      const say = (message: string) => complain(`workshops/${plan.id}.md`, name, `steps: ${message}`)
      const found = catalog[`${kind}s`].get(id)
      if (!found) say(`${kind} "${id}" does not exist`)
      else if ('poll' in one && (kind !== 'question' || !questionType(catalog.questions.get(id)!.type).vote))
        say(`a room cannot vote on ${name}`)
    }
}
