/** Where proxies that pass by kube-proxy send requests for a Service: to the ready endpoints of its slices. */
import type { EndpointSlice } from '../api/discovery/types.ts'
import type { SharedInformer } from '../client/informer.ts'

export interface Endpoint {
  host: string
  port: number
}

/**
 * Indexes the slices by their Service, and looks up its ready endpoints.
 * @returns those behind the port of that name, '' for one without a name
 */
export function endpointsBySlices(
  slices: SharedInformer<EndpointSlice>,
): (service: { namespace: string; name: string }, portName: string) => Endpoint[] {
  slices.addIndex('service', ({ metadata }) => {
    const name = metadata.labels?.['kubernetes.io/service-name']
    return name ? [`${metadata.namespace}/${name}`] : []
  })
  return ({ namespace, name }, portName) =>
    slices.byIndex('service', `${namespace}/${name}`).flatMap((slice) => {
      const port = slice.ports?.find((one) => (one.name ?? '') === portName)?.port
      if (port === undefined) return []
      return (slice.endpoints ?? [])
        .filter(({ conditions }) => conditions.ready !== false)
        .map(({ addresses }) => ({ host: addresses[0], port }))
    })
}
