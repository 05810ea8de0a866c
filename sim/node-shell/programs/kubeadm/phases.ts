/**
 * A command of kubeadm that is a sequence of phases: all of them, all but some, or one by itself. Source: cmd/kubeadm/app/cmd/phases/workflow/runner.go
 */
import { listOf } from '../../../components/component.ts'
import type { Wait } from '../../../runtime/process.ts'
import type { FlagNames } from '../../../text/go-flags.ts'
import { type Invocation, type KubeadmCommand, KubeadmError } from './command-line.ts'

export type Waits = Generator<Wait, void, unknown>

export interface Phase<Data> {
  /** With that of the family that it is a part of: `addon/coredns`. */
  readonly name: string
  readonly short: string
  /** Of the command for this phase alone. */
  readonly flags: FlagNames
  /** There is no command for it. */
  readonly isHidden?: boolean
  run(data: Data): Waits
}

/** Phases that have a part of their name in common. */
export interface PhaseFamily {
  readonly name: string
  readonly aliases?: readonly string[]
  readonly short: string
  /** Of the command for all of them. */
  readonly all: { readonly short: string; readonly flags: FlagNames }
}

export interface Workflow<Data> {
  /** Of the command. */
  readonly name: string
  readonly takesArguments?: boolean
  readonly phases: readonly Phase<Data>[]
  readonly families: readonly PhaseFamily[]
  /** What all phases know. @throws KubeadmError */
  prepare(invocation: Invocation): Data
}

/** For a phase that waits for nothing. */
export const atOnce = <Data>(act: (data: Data) => void): Phase<Data>['run'] =>
  // biome-ignore lint/correctness/useYield: waits for nothing, among phases that do
  function* (data) {
    act(data)
  }

/** All phases, but those that are to be skipped: by the flag, or else by what a file says. @throws KubeadmError */
export function* runPhases<Data extends { readonly skipPhases: readonly string[] }>(
  workflow: Workflow<Data>,
  { flags }: Invocation,
  data: Data,
): Waits {
  const given = listOf(flags.get('skip-phases'))
  const skipped = given.length > 0 ? given : data.skipPhases
  for (const name of skipped)
    if (!workflow.phases.some((phase) => isOf(phase, name))) throw new KubeadmError(`invalid phase name: ${name}`)
  yield* run(
    workflow.phases.filter((phase) => !skipped.some((name) => isOf(phase, name))),
    data,
  )
}

/** `kubeadm upgrade node phase` */
export function phaseCommands<Data>(workflow: Workflow<Data>): KubeadmCommand {
  const command = (name: string, short: string, flags: FlagNames, chosen: string): KubeadmCommand => ({
    name,
    short,
    flags,
    takesArguments: workflow.takesArguments,
    *waits(invocation) {
      const data = workflow.prepare(invocation)
      yield* run(
        workflow.phases.filter((phase) => isOf(phase, chosen)),
        data,
      )
      return 0
    },
  })
  const commands = workflow.phases.flatMap(({ name, short, flags, isHidden }) => {
    if (isHidden) return []
    if (!name.includes('/')) return [command(name, short, flags, name)]
    const family = workflow.families.find((one) => name.startsWith(`${one.name}/`))!
    const members = workflow.phases.filter((phase) => isOf(phase, family.name))
    // It stands where the first of them does.
    if (members[0]!.name !== name) return []
    return [
      {
        name: family.name,
        aliases: family.aliases,
        short: family.short,
        commands: [
          command('all', family.all.short, family.all.flags, family.name),
          ...members.map((one) => command(one.name.slice(family.name.length + 1), one.short, one.flags, one.name)),
        ],
      },
    ]
  })
  const short = `Use this command to invoke single phase of the ${JSON.stringify(workflow.name)} workflow`
  return { name: 'phase', short, commands }
}

const isOf = ({ name }: { readonly name: string }, chosen: string): boolean =>
  name === chosen || name.startsWith(`${chosen}/`)

/** What fails in a phase says so. @throws KubeadmError */
function* run<Data>(phases: readonly Phase<Data>[], data: Data): Waits {
  for (const phase of phases)
    try {
      yield* phase.run(data)
    } catch (error) {
      throw error instanceof KubeadmError
        ? new KubeadmError(`error execution phase ${phase.name}: ${error.message}`)
        : error
    }
}
