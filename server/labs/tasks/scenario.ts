/** Scenario files as sandboxes are made of them and written to them. Whoever sends one is not trusted: it is read strictly. */
import { stringify } from 'yaml'
import { z } from 'zod'
import { commandSchema, parseScenarioFile, recordedShape, stepCommand, stepMs, stepOf } from '../../../sim/forms.ts'
import type { LoggedCommand, ScenarioFile } from '../../../sim/index.ts'
import { clusterShape } from '../../catalog/schemas.ts'
import { msg } from '../../i18n/translate.ts'
import { LabRefusal, type ScenarioPlan } from '../types.ts'

const maxNodes = 10
const maxSteps = 1000
const maxSeconds = 7 * 24 * 3600
/** A step of a log is spoken of by its number, so none may be left out. */
const name = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/, 'must be a name of lower-case letters, digits and "-"')
const quantity = z.string().regex(/^\d+(\.\d+)?(m|[kMGT]i?|Ki)?$/, 'must be a quantity, for example 2, 500m or 4Gi')

/** The machines by the rules of Kubernetes' names and quantities, the rest as content may write it. */
const machines = z.array(
  z.looseObject({ name, cpu: quantity.optional(), memory: quantity.optional(), disk: quantity.optional() }),
)

/**
 * Reads a scenario file, `npm run scenario`'s format.
 * @throws LabRefusal 422 that says what is wrong and where
 */
export function readScenario(text: string): ScenarioPlan {
  return inWords(() => planOf(parseScenarioFile(text, 'line')))
}

function planOf(file: ScenarioFile): ScenarioPlan {
  const shape = file.shape === undefined ? recordedShape(file) : checkedShape(file.shape)
  if (file.steps.length > maxSteps) refuse(`it has ${file.steps.length} steps, and a sandbox takes ${maxSteps} at most`)
  const log = file.steps.map((step, number) => loggedStep(step, number))
  log.forEach(({ atMs }, number) => {
    if (number > 0 && atMs < log[number - 1]!.atMs) refuse(`step ${number} comes before the step above it`)
  })
  const durationMs = Math.max(Math.floor(stepMs({ at: file.duration })), log.at(-1)?.atMs ?? 0)
  if (durationMs > maxSeconds * 1000)
    refuse(`it lasts ${durationMs / 1000} s, and a sandbox's clock goes to ${maxSeconds} s`)
  if (file.start !== undefined && Number.isNaN(Date.parse(file.start)))
    refuse(`start: "${file.start}" must look like 2026-03-02T09:00:00Z`)
  return { name: file.name, seed: file.seed, start: file.start, shape, log, durationMs }
}

/** The file that `readScenario` reads as the same plan. */
export function writeScenario({ name, seed, start, shape, log, durationMs }: ScenarioPlan): string {
  const file: ScenarioFile = {
    name,
    ...(seed === undefined ? {} : { seed }),
    ...(start === undefined ? {} : { start }),
    shape,
    duration: durationMs / 1000,
    steps: log.map(stepOf),
    watch: ['pods'],
  }
  return stringify(file, { version: '1.2', lineWidth: 0, aliasDuplicateObjects: false })
}

/** What the reader of scenario files says is wrong, of the file or of one of its steps, is a refusal. */
function inWords<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof Error && error.name === 'ScenarioError')
      return refuse(error.message.replace(/^line:/, 'line '))
    throw error
  }
}

function checkedShape(given: unknown): ScenarioPlan['shape'] {
  const machinesOf = (given as { nodes: unknown[] }).nodes
  if (machinesOf.length > maxNodes)
    refuse(`shape.nodes: a sandbox may have ${maxNodes} nodes, not ${machinesOf.length}`)
  const named = machines.safeParse(machinesOf)
  if (!named.success) return refuse(issueOf(named.error, 'shape.nodes'))
  const read = clusterShape.safeParse(given)
  return read.success ? read.data : refuse(issueOf(read.error, 'shape'))
}

function loggedStep(step: ScenarioFile['steps'][number], number: number): LoggedCommand {
  const read = commandSchema.safeParse(withoutUndefined(stepCommand(step)))
  if (!read.success) return refuse(issueOf(read.error, `step ${number}`))
  // A sandbox takes commands at whole milliseconds.
  return { atMs: Math.round(stepMs(step)), command: read.data, ...(step.begun === true ? { isBegun: true } : {}) }
}

const withoutUndefined = (value: object): object =>
  Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined))

function issueOf(error: z.ZodError, place: string): string {
  const [issue] = error.issues
  return `${[place, ...(issue?.path ?? [])].join('.')}: ${issue?.message ?? 'is not valid'}`
}

function refuse(problem: string): never {
  throw new LabRefusal(422, msg('The scenario cannot be used: {problem}.'), { problem })
}
