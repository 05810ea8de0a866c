/** The cluster that a scenario of the content plays in. Pure. */
import type { ClusterShape } from '../../sim/index.ts'
import type { ScenarioBody } from './types.ts'

/** @returns the shape alone, without what is done to the cluster */
export function shapeOfScenario({ absent, ...body }: ScenarioBody): ClusterShape {
  const { nodes, schedulerProfiles, metricsServer, ingressController, cloudProvider, systemPods } = body
  const { gatewayApi, proxy, networkPolicies, controlPlane } = body
  return {
    ...{ nodes, absentImages: absent, schedulerProfiles, metricsServer, ingressController, cloudProvider, systemPods },
    ...{ gatewayApi, proxy, networkPolicies, controlPlane },
  }
}
