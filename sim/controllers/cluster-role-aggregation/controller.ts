/** Keeps the rules of aggregated ClusterRoles. Source: kubernetes/pkg/controller/clusterroleaggregation */
import { equalJson } from '../../api/meta/json.ts'
import { aggregateRules } from '../../api/rbac/aggregation.ts'
import { clusterRoles } from '../../api/rbac/role.ts'
import type { ComponentContext, ControllerSpec, RunningComponent } from '../../client/machinery.ts'
import { createListening } from '../handlers.ts'

export const clusterRoleAggregationController: ControllerSpec = {
  name: 'clusterrole-aggregation-controller',
  serviceAccount: 'clusterrole-aggregation-controller',
  watches: [clusterRoles],
  start: startClusterRoleAggregation,
}

function startClusterRoleAggregation({ client, informers, queue: createQueue }: ComponentContext): RunningComponent {
  const informer = informers.informer(clusterRoles)
  const queue = createQueue({
    name: 'clusterrole-aggregation',
    metricName: 'ClusterRoleAggregator',
    workers: 5,
    reconcile,
  })

  function reconcile(name: string): void {
    const role = informer.get({ namespace: '', name })
    if (!role?.aggregationRule) return
    const rules = aggregateRules(role, informer.list())
    if (!equalJson(rules, role.rules ?? [])) client.update(clusterRoles, { ...role, rules })
  }

  /** Any change may matter to every aggregated role. */
  function enqueueAll(): void {
    for (const role of informer.list()) if (role.aggregationRule) queue.add(role.metadata.name)
  }

  const listening = createListening(() => queue.stop())
  listening.on(informer, { onAdd: enqueueAll, onUpdate: enqueueAll, onDelete: enqueueAll })
  return listening
}
