/** New sandboxes: from the form that describes a cluster, from a demo of a lesson, or from a scenario file. */
import type { Request } from 'express'
import { stepCommand } from '../../../sim/forms.ts'
import { shapeOfScenario } from '../../catalog/scenario-shape.ts'
import type { Catalog, Demo, Lesson } from '../../catalog/types.ts'
import type { Locale } from '../../i18n/locale.ts'
import { msg, t } from '../../i18n/translate.ts'
import type { SandboxSummary } from '../../labs/sandboxes/types.ts'
import { LabRefusal, type ScenarioPlan } from '../../labs/types.ts'
import type { AppDeps } from '../deps.ts'
import { field, fields, textField } from '../form.ts'
import {
  addOns,
  controlPlanes,
  emptyShape,
  maxNameLength,
  proxies,
  readShape,
  type ShapeFields,
  sizes,
} from './shape-form.ts'
import type { Told } from './view.ts'

/** What the forms of the list page hold. */
export interface CreateForm {
  shape: ShapeFields
  problems: Partial<Record<keyof ShapeFields, string>>
  scenario: string
  demo: string
  /** What is wrong with the form that was sent, and which that was. */
  problem: { of: 'shape' | 'demo' | 'file'; text: string } | undefined
  options: { sizes: typeof sizes; proxies: typeof proxies; controlPlanes: typeof controlPlanes; addOns: typeof addOns }
}

type Made = { sandbox: SandboxSummary; told?: Told } | { form: Partial<CreateForm>; status: number }

export function formOf(req: Request): CreateForm {
  const isSent = field(req, 'from') === 'shape'
  const given = (name: Exclude<keyof ShapeFields, 'addOns'>) => (isSent ? field(req, name) : emptyShape[name])
  return {
    shape: {
      name: given('name'),
      nodes: given('nodes'),
      size: given('size'),
      zones: given('zones'),
      taint: given('taint'),
      tainted: given('tainted'),
      pull: given('pull'),
      proxy: given('proxy'),
      // A form of before has no such field.
      members: given('members') || emptyShape.members,
      addOns: isSent ? fields(req, 'addOns') : emptyShape.addOns,
    },
    problems: {},
    scenario: textField(req, 'scenario'),
    demo: field(req, 'demo'),
    problem: undefined,
    options: { sizes, proxies, controlPlanes, addOns },
  }
}

/** Demos that may be gone on with, by lesson. */
export function demosOf(
  catalog: Catalog,
): { lesson: string; locale: Locale; demos: { value: string; title: string }[] }[] {
  return [...catalog.lessons.values()]
    .map((lesson) => ({
      lesson: lesson.title,
      locale: lesson.locale,
      demos: demosIn(lesson).map(({ id, title }) => ({ value: `${lesson.id}#${id}`, title })),
    }))
    .filter(({ demos }) => demos.length > 0)
}

const demosIn = ({ parts }: Lesson): Demo[] => parts.flatMap((part) => ('demo' in part ? [part.demo] : []))

export async function createFromForm(deps: AppDeps, req: Request, owner: string): Promise<Made> {
  const from = field(req, 'from')
  const of = from === 'demo' || from === 'file' ? from : 'shape'
  try {
    if (of === 'demo') return await fromPlan(deps, owner, planOfDemo(deps.catalog(), field(req, 'demo')))
    if (of === 'file') return await fromPlan(deps, owner, await planOfFile(deps, owner, textField(req, 'scenario')))
    const read = readShape(formOf(req).shape)
    if ('problems' in read)
      return {
        form: { problems: read.problems, problem: { of, text: t('Nothing was made yet. Fix what is marked below.') } },
        status: 422,
      }
    const name = read.name || (await unusedName(deps, owner))
    return { sandbox: await deps.sandboxes.create(owner, { ...read, name }) }
  } catch (error) {
    if (error instanceof LabRefusal) return { form: { problem: { of, text: error.message } }, status: error.status }
    throw error
  }
}

/** Of a cluster that nobody gave one: two of the same size are told apart. */
async function unusedName(deps: AppDeps, owner: string): Promise<string> {
  const names = new Set((await deps.sandboxes.list(owner)).map(({ name }) => name))
  for (let n = 1; ; n++) {
    const name = t('Sandbox {n}', { n })
    if (!names.has(name)) return name
  }
}

function planOfDemo(catalog: Catalog, value: string): ScenarioPlan {
  const [lesson = '', id = ''] = value.split('#', 2)
  const found = catalog.lessons.get(lesson)
  const demo = found && demosIn(found).find((one) => one.id === id)
  if (!demo) throw new LabRefusal(422, msg('Choose one of the demos first.'))
  const { duration, start, steps, title } = demo
  return {
    name: title,
    ...(start === undefined ? {} : { start }),
    shape: shapeOfScenario(demo),
    log: steps.map((step) => ({ atMs: step.at * 1000, command: stepCommand(step) })),
    durationMs: duration * 1000,
  }
}

async function planOfFile(deps: AppDeps, owner: string, text: string): Promise<ScenarioPlan> {
  if (text.trim() === '') throw new LabRefusal(422, msg('Paste a scenario first, or choose its file.'))
  return deps.labs.readScenario(owner, text)
}

/** The cluster with all that the plan says done to it; from there its clock runs on. */
async function fromPlan(deps: AppDeps, owner: string, plan: ScenarioPlan): Promise<Made> {
  const { name, seed, start, shape, log, durationMs } = plan
  const sandbox = await deps.sandboxes.create(owner, {
    name: name.slice(0, maxNameLength),
    shape,
    seed,
    ...(start === undefined ? {} : { startEpochMs: Date.parse(start) }),
    past: { log, virtualMs: durationMs },
  })
  return { sandbox, told: { note: t('The scenario has been played. Go back in its history, or go on from here.') } }
}
