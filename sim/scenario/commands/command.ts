/** A kind of command: its form, its words, what it does. One file each in this folder; `registry.ts` has them all. */
import type { z } from 'zod'
import { CommandRefused } from '../../engine/command-refused.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Told } from '../../engine/told.ts'
import type { FaultTargets } from '../../faults/fault.ts'
import type { Patience } from '../../kubectl/patience.ts'
import type { Network } from '../../network/network.ts'
import type { TrafficSource } from '../../network/traffic.ts'
import type { Sessions } from '../../rest/streaming/sessions.ts'
import type { Driven } from '../../runtime/drive.ts'
import type { Keyboard } from '../../runtime/keyboard.ts'
import type { Command, CommandResult } from '../types.ts'

/** A line as somebody types it, or, of what nobody types, what it does. */
export type CommandWords = { typed: string } | { told: Told }

/**
 * What a command acts on. By what it can do, and not by the modules that do it: whoever only reads, checks or shows a command has no
 * need of the simulator behind it.
 */
export interface CommandTarget extends FaultTargets {
  readonly engine: Engine
  readonly network: Network
  readonly sessions: Sessions
  /** Of kubectl lines that name none. */
  readonly namespace: string
  /** By name. */
  readonly traffic: Map<string, TrafficSource>
  /** The engine's time at the hand-over, from which on everybody outside counts. */
  readonly clock: { readonly originMs: number }
  /** What was begun and has not ended, by its place in the log. */
  readonly running: ReadonlyMap<number, Running>
  /** Runs a line of kubectl. */
  kubectl(line: KubectlInput, run: CommandRun): Driven
  /** Runs a line of Helm. */
  helm(line: HelmInput, run: CommandRun): Driven
  /** Runs a line of a shell on a machine outside of the cluster. */
  outside(line: Pick<CommandOf<'outside'>, 'line' | 'stdin'>, run: CommandRun): Driven
  /** Does what a logged request asks for. */
  answer(request: CommandOf<'request'>): void
}

export type KubectlInput = Pick<CommandOf<'kubectl'>, 'line' | 'stdin' | 'workplace' | 'edited'>

export type HelmInput = Pick<CommandOf<'helm'>, 'line' | 'stdin' | 'workplace'>

export interface Running {
  end(): void
  readonly keyboard: Keyboard
}

export type Emit = (stream: 'stdout' | 'stderr', text: string) => void

/** One run of a command. */
export interface CommandRun {
  readonly out: Emit
  finish(exit: number, more?: Pick<CommandResult, 'prompt' | 'files'>): void
  /** Of somebody who types while it runs. */
  readonly keyboard?: Keyboard
  /** Others may come while it runs: time does not wait for it. */
  readonly isBegun: boolean
}

export type CommandOf<O extends Command['op']> = Extract<Command, { op: O }>

export interface CommandFamily<C extends Command = Command> {
  readonly op: C['op']
  /** Its form in a log, read strictly: whoever sends one is not trusted. */
  readonly schema: z.ZodType<C>
  /** Its form in content files, if authors may write one there. */
  readonly authored?: z.ZodType<C>
  /** A learner may give it in a challenge: what can be typed into the workspace and its terminal. */
  readonly isLearners?: true
  words(command: C): CommandWords
  /** How long it may take when nobody sits there to press Ctrl-C. */
  patience?(command: C): Patience
  /** Begins it. It ends at once, or as virtual time passes: then `run.finish` is called. */
  perform(target: CommandTarget, command: C, run: CommandRun): Driven
  /** How a step of a scenario file says it, if it has a word of its own there. */
  readonly step?: StepForm<C>
}

export interface StepForm<C extends Command = Command> {
  /** The step's key that tells what it does: `apply`, `run`. */
  readonly key: string
  /** @param expand fills in what only the cluster knows (`${uid Pod/web}`) */
  read(step: Readonly<Record<string, unknown>>, expand: (text: string) => string): C
  /** The step's fields; undefined for a command that needs more than they say. */
  write(command: C): Readonly<Record<string, unknown>> | undefined
}

/** The same family, of its own command: so that each file says its op once. */
export const defineCommand = <O extends Command['op']>(family: CommandFamily<CommandOf<O>> & { op: O }) => family

/**
 * For what is done at once.
 * @param act gives the exit code, 0 unless told; what it refuses by CommandRefused is told in the command's own output
 */
export const atOnce =
  <C extends Command>(act: (target: CommandTarget, command: C, out: Emit) => number | undefined) =>
  (target: CommandTarget, command: C, { out, finish }: CommandRun): Driven => {
    try {
      finish(act(target, command, out) ?? 0)
    } catch (error) {
      if (!(error instanceof CommandRefused)) throw error
      out('stderr', `error: ${error.message}\n`)
      finish(1)
    }
    return { isDone: true, interrupt: () => undefined }
  }

/** Puts it into the trace: what comes of it is caused by whoever gave the command. */
export function recordAsYours({ engine }: Pick<CommandTarget, 'engine'>, line: string, stdin = ''): void {
  engine.trace.current = 0
  engine.trace.record('you', line, undefined, stdin ? { stdin } : undefined)
}
