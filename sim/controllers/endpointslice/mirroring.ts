/** Copies Endpoints that somebody wrote by hand, for a Service without a selector, into slices. Source: kubernetes/pkg/controller/endpointslicemirroring */
import { endpoints } from '../../api/core/endpoints.ts'
import { services } from '../../api/core/service.ts'
import type { EndpointAddress, Endpoints } from '../../api/core/types.ts'
import { endpointSlices } from '../../api/discovery/endpoint-slice.ts'
import type { Endpoint, EndpointSlice } from '../../api/discovery/types.ts'
import { keyOf, keyText, parseKeyText } from '../../api/meta/object.ts'
import { isStatus } from '../../api/meta/status-error.ts'
import type { ComponentContext, ControllerSpec, RunningComponent } from '../../client/machinery.ts'
import { createListening } from '../handlers.ts'
import { controllerReference } from '../ownership.ts'
import { TRIGGER_TIME } from '../service-pods.ts'
import { planSlices, type SliceContent } from './plan.ts'

const CONTROLLER = 'endpointslicemirroring-controller.k8s.io'
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by'
const SERVICE_NAME = 'kubernetes.io/service-name'
const SKIP = 'endpointslice.kubernetes.io/skip-mirror'
const LEADER = 'control-plane.alpha.kubernetes.io/leader'
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'
const BY_SERVICE = 'mirrored slices by service'

export const endpointSliceMirroringController: ControllerSpec = {
  name: 'endpointslice-mirroring-controller',
  serviceAccount: 'endpointslicemirroring-controller',
  watches: [endpoints, services, endpointSlices],
  start: startMirroring,
}

function startMirroring({ client, informers, queue: createQueue }: ComponentContext): RunningComponent {
  const endpointsInformer = informers.informer(endpoints)
  const serviceInformer = informers.informer(services)
  const sliceInformer = informers.informer(endpointSlices)
  sliceInformer.addIndex(BY_SERVICE, (slice) => [serviceKeyOf(slice) ?? ''])
  const queue = createQueue({
    name: 'endpointslice mirroring',
    metricName: 'endpoint_slice_mirroring',
    workers: 5,
    baseDelayMs: 1000,
    reconcile,
  })

  function reconcile(key: string): void {
    const source = endpointsInformer.get(parseKeyText(key))
    const service = serviceInformer.get(parseKeyText(key))
    // What this controller wrote a moment ago may not be in the cache yet, so it asks.
    const { namespace, name } = parseKeyText(key)
    const labelSelector = `${MANAGED_BY}=${CONTROLLER},${SERVICE_NAME}=${name}`
    const isMirrored = source && service && !service.spec.selector && isForMirroring(source)
    if (!isMirrored && sliceInformer.byIndex(BY_SERVICE, key).length === 0) return
    const existing = client.list(endpointSlices, { namespace, labelSelector }).items
    const plan = planSlices(existing, isMirrored ? contentsOf(source) : [], { keepEmpty: false })
    for (const slice of plan.delete) remove(slice)
    if (!isMirrored) return
    for (const content of plan.create) {
      const metadata = {
        generateName: `${name}-`,
        namespace,
        ...markOf(source),
        ownerReferences: [controllerReference(source)],
      }
      client.create(endpointSlices, { metadata, addressType: 'IPv4', ...content })
    }
    for (const { slice, content } of plan.update) {
      client.update(endpointSlices, { ...slice, metadata: { ...slice.metadata, ...markOf(source) }, ...content })
    }
  }

  function remove(slice: EndpointSlice): void {
    try {
      client.delete(endpointSlices, keyOf(slice))
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error
    }
  }

  const enqueue = (object: { metadata: Endpoints['metadata'] }): void => queue.add(keyText(keyOf(object)))
  const enqueueSlice = (slice: EndpointSlice): void => {
    const key = serviceKeyOf(slice)
    if (key !== undefined) queue.add(key)
  }
  const listening = createListening(() => queue.stop())
  listening.on(endpointsInformer, { onAdd: enqueue, onUpdate: (object) => enqueue(object), onDelete: enqueue })
  listening.on(serviceInformer, {
    onAdd: (service) => enqueue(service),
    onUpdate: (service, old) => {
      if (Boolean(service.spec.selector) !== Boolean(old.spec.selector)) enqueue(service)
    },
    onDelete: (service) => enqueue(service),
  })
  listening.on(sliceInformer, { onDelete: enqueueSlice })
  return listening
}

const isForMirroring = ({ metadata }: Endpoints): boolean =>
  metadata.labels?.[SKIP] !== 'true' && metadata.annotations?.[LEADER] === undefined

function serviceKeyOf({ metadata }: EndpointSlice): string | undefined {
  const name = metadata.labels?.[SERVICE_NAME]
  if (name === undefined || metadata.labels?.[MANAGED_BY] !== CONTROLLER) return undefined
  return keyText({ namespace: metadata.namespace!, name })
}

function markOf({ metadata }: Endpoints): { labels: Record<string, string>; annotations?: Record<string, string> } {
  const { [LAST_APPLIED]: _applied, [TRIGGER_TIME]: _time, ...annotations } = metadata.annotations ?? {}
  return {
    labels: { ...metadata.labels, [MANAGED_BY]: CONTROLLER, [SERVICE_NAME]: metadata.name },
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
  }
}

function contentsOf({ subsets = [] }: Endpoints): SliceContent[] {
  return subsets.map(({ addresses = [], notReadyAddresses = [], ports = [] }) => ({
    ports: ports.map(({ name = '', port, protocol, appProtocol }) => ({
      name,
      protocol,
      port,
      ...(appProtocol ? { appProtocol } : {}),
    })),
    endpoints: [
      ...addresses.map((address) => endpointOf(address, true)),
      ...notReadyAddresses.map((address) => endpointOf(address, false)),
    ],
  }))
}

const endpointOf = ({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint => ({
  addresses: [ip],
  conditions: { ready },
  ...(hostname ? { hostname } : {}),
  ...(nodeName ? { nodeName } : {}),
  ...(targetRef ? { targetRef } : {}),
})
