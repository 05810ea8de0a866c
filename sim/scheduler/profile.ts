/**
 * Profiles: several schedulers in one, each with plugins and weights of its own, that share queue and cache. A Pod chooses one by
 * spec.schedulerName. Source: https://kubernetes.io/docs/reference/scheduling/config/, pkg/scheduler/framework/runtime/framework.go
 */
import type { ComponentContext } from '../client/machinery.ts'
import type { SchedulerPluginConfig, SchedulerPluginSet, SchedulerProfile } from '../scenario/types.ts'
import type { SchedulerPlugin } from './framework.ts'
import { createPlugins, type PluginArgs } from './registry.ts'

export const DEFAULT_PROFILE: SchedulerProfile = { schedulerName: 'default-scheduler' }

/** What a plugin does at each extension point that can be configured. */
const METHODS = {
  filter: ['filter'],
  postFilter: ['postFilter'],
  score: ['score', 'normalizeScore'],
} as const
type Point = keyof typeof METHODS
const POINTS: readonly Point[] = ['filter', 'postFilter', 'score']

/**
 * The plugins of a profile, in the order in which they run. Simplified: what is enabled at a single extension point changes
 * weights there, not the order.
 * @throws Error when the profile names a plugin that there is not, or leaves out one that no scheduler can do without
 */
export function pluginsOf(profile: SchedulerProfile, context: ComponentContext): readonly SchedulerPlugin[] {
  const { schedulerName, plugins = {}, pluginConfig = [] } = profile
  const all = createPlugins(context, argsFrom(pluginConfig))
  const names = new Set(all.map(({ name }) => name))
  for (const set of Object.values(plugins))
    for (const { name } of [...(set?.enabled ?? []), ...(set?.disabled ?? [])])
      if (name !== '*' && !names.has(name))
        throw new Error(
          `scheduler profile "${schedulerName}": there is no plugin ${name}; there are ${[...names].join(', ')}`,
        )
  const chosen = all.flatMap((plugin) => configured(plugin, plugins) ?? [])
  for (const what of ['isBefore', 'bind'] as const)
    if (!chosen.some((plugin) => plugin[what]))
      throw new Error(
        `scheduler profile "${schedulerName}": a plugin that ${what === 'bind' ? 'binds' : 'sorts the queue'} is needed`,
      )
  return chosen
}

/** The plugin as far as the profile lets it act; undefined when it does not at all. */
function configured(
  plugin: SchedulerPlugin,
  plugins: NonNullable<SchedulerProfile['plugins']>,
): SchedulerPlugin | undefined {
  const { name } = plugin
  const isEverywhere = enabledIn(plugins.multiPoint, name) !== undefined || !isDisabledIn(plugins.multiPoint, name)
  const parts: SchedulerPlugin = { ...plugin }
  let isAnywhere = isEverywhere
  for (const point of POINTS) {
    const own = enabledIn(plugins[point], name)
    if (own) isAnywhere = true
    else if (!isEverywhere || isDisabledIn(plugins[point], name))
      for (const method of METHODS[point]) delete parts[method]
  }
  if (!isAnywhere) return undefined
  const weight = enabledIn(plugins.score, name)?.weight || enabledIn(plugins.multiPoint, name)?.weight
  return weight ? { ...parts, weight } : parts
}

const enabledIn = (set: SchedulerPluginSet | undefined, name: string): { weight?: number } | undefined =>
  set?.enabled?.find((one) => one.name === name)

const isDisabledIn = (set: SchedulerPluginSet | undefined, name: string): boolean =>
  set?.disabled?.some((one) => one.name === name || one.name === '*') ?? false

function argsFrom(configs: readonly SchedulerPluginConfig[]): PluginArgs {
  const args: PluginArgs = {}
  for (const config of configs) {
    if (config.name === 'NodeResourcesFit') args.scoringStrategy = config.args.scoringStrategy
    else args.hardPodAffinityWeight = config.args.hardPodAffinityWeight
  }
  return args
}
