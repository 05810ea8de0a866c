/** The scheduler's plugins, in the order in which the default profile runs them: a line each. */
import type { ComponentContext } from '../client/machinery.ts'
import type { ScoringStrategy } from '../scenario/types.ts'
import type { SchedulerPlugin } from './framework.ts'
import { defaultBinder } from './plugins/default-binder.ts'
import { defaultPreemption } from './plugins/default-preemption.ts'
import { dynamicResources } from './plugins/dynamic-resources.ts'
import { imageLocality } from './plugins/image-locality.ts'
import { interPodAffinity } from './plugins/inter-pod-affinity.ts'
import { nodeAffinity } from './plugins/node-affinity.ts'
import { nodeName } from './plugins/node-name.ts'
import { nodePorts } from './plugins/node-ports.ts'
import { nodeResourcesBalancedAllocation } from './plugins/node-resources-balanced-allocation.ts'
import { nodeResourcesFit } from './plugins/node-resources-fit.ts'
import { nodeUnschedulable } from './plugins/node-unschedulable.ts'
import { nodeVolumeLimits } from './plugins/node-volume-limits.ts'
import { podTopologySpread } from './plugins/pod-topology-spread.ts'
import { prioritySort } from './plugins/priority-sort.ts'
import { schedulingGates } from './plugins/scheduling-gates.ts'
import { taintToleration } from './plugins/taint-toleration.ts'
import { volumeBinding } from './plugins/volume-binding.ts'
import { volumeRestrictions } from './plugins/volume-restrictions.ts'
import { volumeZone } from './plugins/volume-zone.ts'

/** What a profile's pluginConfig may set. */
export interface PluginArgs {
  scoringStrategy?: ScoringStrategy
  hardPodAffinityWeight?: number
}

/** @param context where plugins that look at more than nodes and Pods get their listers */
export const createPlugins = (context: ComponentContext, args: PluginArgs): readonly SchedulerPlugin[] => [
  schedulingGates(),
  prioritySort(),
  nodeUnschedulable(),
  nodeName(),
  taintToleration(),
  nodeAffinity(),
  nodePorts(),
  nodeResourcesFit(args.scoringStrategy),
  volumeRestrictions(context.informers),
  nodeVolumeLimits(context.informers),
  volumeBinding(context),
  volumeZone(context.informers),
  podTopologySpread(context.informers),
  interPodAffinity(context.informers, args.hardPodAffinityWeight),
  dynamicResources(context),
  defaultPreemption(context.informers),
  nodeResourcesBalancedAllocation(),
  imageLocality(),
  defaultBinder(context.client),
]
