/** The scheduler's plugins, in the order in which the default profile runs them: a line each. */
import type { Client } from '../client/client.ts'
import type { SchedulerPlugin } from './framework.ts'
import { defaultBinder } from './plugins/default-binder.ts'
import { defaultPreemption } from './plugins/default-preemption.ts'
import { imageLocality } from './plugins/image-locality.ts'
import { nodeAffinity } from './plugins/node-affinity.ts'
import { nodeName } from './plugins/node-name.ts'
import { nodePorts } from './plugins/node-ports.ts'
import { nodeResourcesBalancedAllocation } from './plugins/node-resources-balanced-allocation.ts'
import { nodeResourcesFit } from './plugins/node-resources-fit.ts'
import { nodeUnschedulable } from './plugins/node-unschedulable.ts'
import { prioritySort } from './plugins/priority-sort.ts'
import { schedulingGates } from './plugins/scheduling-gates.ts'
import { taintToleration } from './plugins/taint-toleration.ts'

/** What a plugin may need besides the cycle. */
export interface PluginContext {
  client: Client
}

export const createPlugins = ({ client }: PluginContext): readonly SchedulerPlugin[] => [
  schedulingGates(),
  prioritySort(),
  nodeUnschedulable(),
  nodeName(),
  taintToleration(),
  nodeAffinity(),
  nodePorts(),
  nodeResourcesFit(),
  defaultPreemption(),
  nodeResourcesBalancedAllocation(),
  imageLocality(),
  defaultBinder(client),
]
