/** What Helm needs of its surroundings, and one use of one of its commands. */
import type { Random } from '../engine/random.ts'
import type { KubectlContext, Run } from '../kubectl/context.ts'
import type { Flag, FlagValues } from '../kubectl/flags.ts'
import type { Cluster } from './release/cluster.ts'

export interface HelmContext extends KubectlContext {
  /** What charts draw by chance. */
  random: Random
}

export interface HelmCall {
  context: HelmContext
  flags: FlagValues
  args: readonly string[]
  /** `helm repo add` */
  path: string
  namespace: string
  isDebug: boolean
  /** The cluster as the line's flags name it: made when it is first asked for. */
  readonly cluster: Cluster
  out(text: string): void
  /** A line of the log, as Go's `log` heads none. */
  warn(text: string): void
}

/** How many arguments a command takes, as it refuses others. */
export type Arguments = { exactly: number } | { atLeast: number } | { atMost: number } | 'none'

export interface HelmCommand {
  name: string
  aliases?: readonly string[]
  short: string
  /** `install [NAME] [CHART]`: what follows `helm` in the usage line. */
  usage: string
  args?: Arguments
  flags?: readonly Flag[]
  subcommands?: readonly HelmCommand[]
  run?(call: HelmCall): Run | number
}
