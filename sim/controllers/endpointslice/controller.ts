/** Keeps the EndpointSlices of each Service with a selector. Source: kubernetes/pkg/controller/endpointslice */

import { nodes } from '../../api/core/node.ts'
import { ZONE } from '../../api/core/node-topology.ts'
import { pods } from '../../api/core/pod.ts'
import { services } from '../../api/core/service.ts'
import type { Node, Service } from '../../api/core/types.ts'
import { endpointSlices } from '../../api/discovery/endpoint-slice.ts'
import type { EndpointSlice } from '../../api/discovery/types.ts'
import { equalJson } from '../../api/meta/json.ts'
import { keyOf, keyText, parseKeyText } from '../../api/meta/object.ts'
import { isStatus, StatusError } from '../../api/meta/status-error.ts'
import type { ComponentContext, ControllerSpec, RunningComponent } from '../../client/machinery.ts'
import { createListening } from '../handlers.ts'
import { controllerReference } from '../ownership.ts'
import {
  createPodHandlers,
  gatherMs,
  HEADLESS,
  hasSelector,
  isHeadless,
  selects,
  TriggerTimes,
  withTriggerTime,
} from '../service-pods.ts'
import { createHintCache } from './hints.ts'
import { desiredContents, planSlices, type SliceContent } from './plan.ts'
import { isNodeReady } from './zones.ts'

const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by'
const CONTROLLER = 'endpointslice-controller.k8s.io'
const SERVICE_NAME = 'kubernetes.io/service-name'
const BY_SERVICE = 'managed slices by service'
const MAX_RETRIES = 15

export const endpointSliceController: ControllerSpec = {
  name: 'endpointslice-controller',
  serviceAccount: 'endpointslice-controller',
  watches: [services, pods, nodes, endpointSlices],
  start: startEndpointSliceController,
}

function startEndpointSliceController({
  client,
  informers,
  recorder,
  queue: createQueue,
}: ComponentContext): RunningComponent {
  const serviceInformer = informers.informer(services)
  const podInformer = informers.informer(pods)
  const nodeInformer = informers.informer(nodes)
  const sliceInformer = informers.informer(endpointSlices)
  sliceInformer.addIndex(BY_SERVICE, (slice) => [serviceKeyOf(slice) ?? ''])
  const events = recorder('endpoint-slice-controller')
  const triggerTimes = new TriggerTimes()
  const hints = createHintCache(() => nodeInformer.list())
  /** How many Pods each Service selected last. */
  const podCounts = new Map<string, number>()
  const queue = createQueue({
    name: 'endpointslice',
    metricName: 'endpoint_slice',
    workers: 5,
    baseDelayMs: 1000,
    maxRetries: MAX_RETRIES,
    reconcile,
  })
  /** What was written and is not in the cache yet: by Service, the version of each slice, or that it is gone. */
  const written = new Map<string, Map<string, { name: string; version: number | 'gone' }>>()

  function reconcile(key: string): void {
    const service = serviceInformer.get(parseKeyText(key))
    if (!service) {
      // Its slices go with it: they name it as their owner.
      triggerTimes.forget(key)
      podCounts.delete(key)
      written.delete(key)
      hints.forget(key)
      return
    }
    if (!hasSelector(service)) return
    // The slices that will come by watch bring the key back.
    if (isStale(key, service)) return
    const selected = podInformer.list(service.metadata.namespace).filter((pod) => selects(service, pod.metadata.labels))
    const existing = sliceInformer
      .byIndex(BY_SERVICE, key)
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    const plan = planSlices(existing, desiredContents(service, selected, zoneOf))
    const hintEvents = hints.apply(key, service, plan, existing)
    podCounts.set(key, selected.length)
    const triggerTime = triggerTimes.next(service, selected)
    const labels = labelsOf(service)
    const touched = new Set([...plan.update.map(({ slice }) => slice), ...plan.delete])
    try {
      for (const content of plan.create) note(key, create(service, content, labels, triggerTime))
      for (const { slice, content } of plan.update) note(key, update(slice, content, labels, triggerTime))
      for (const slice of existing) {
        if (touched.has(slice) || equalJson(slice.metadata.labels, labels)) continue
        note(key, update(slice, { ports: slice.ports ?? [], endpoints: slice.endpoints }, labels, triggerTime))
      }
      for (const slice of plan.delete) remove(key, slice)
      for (const { type, reason, message } of hintEvents) events.event(service, type, reason, message)
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      if (
        isStatus(error, 'Forbidden') &&
        error.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating')
      )
        return
      const message = `Error updating Endpoint Slices for Service ${key}: ${error.message}`
      events.event(service, 'Warning', 'FailedToUpdateEndpointSlices', message)
      throw error
    }
  }

  function isStale(key: string, service: Service): boolean {
    const pending = written.get(key)
    if (!pending) return false
    for (const [uid, { name, version }] of pending) {
      const cached = sliceInformer.get({ namespace: service.metadata.namespace!, name })
      const isThere = cached?.metadata.uid === uid
      if (version === 'gone' ? !isThere : isThere && Number(cached.metadata.resourceVersion) >= version)
        pending.delete(uid)
    }
    if (pending.size === 0) written.delete(key)
    return pending.size > 0
  }

  function note(key: string, { metadata }: EndpointSlice): void {
    pendingOf(key).set(metadata.uid, { name: metadata.name, version: Number(metadata.resourceVersion) })
  }

  function pendingOf(key: string): Map<string, { name: string; version: number | 'gone' }> {
    let pending = written.get(key)
    if (!pending) {
      pending = new Map()
      written.set(key, pending)
    }
    return pending
  }

  function create(
    service: Service,
    { ports, endpoints }: SliceContent,
    labels: Record<string, string>,
    triggerTime: string | undefined,
  ): EndpointSlice {
    const annotations = withTriggerTime(undefined, triggerTime)
    const { name, namespace } = service.metadata
    return client.create(endpointSlices, {
      metadata: {
        generateName: `${name}-`,
        namespace,
        labels,
        ...(annotations ? { annotations } : {}),
        ownerReferences: [controllerReference(service)],
      },
      addressType: 'IPv4',
      endpoints,
      ...(ports.length > 0 ? { ports } : {}),
    })
  }

  function update(
    slice: EndpointSlice,
    { ports, endpoints }: SliceContent,
    labels: Record<string, string>,
    triggerTime: string | undefined,
  ): EndpointSlice {
    const { ports: _former, ...rest } = slice
    return client.update(endpointSlices, {
      ...rest,
      metadata: { ...slice.metadata, labels, annotations: withTriggerTime(slice, triggerTime) },
      endpoints,
      ...(ports.length > 0 ? { ports } : {}),
    })
  }

  function remove(key: string, slice: EndpointSlice): void {
    try {
      client.delete(endpointSlices, keyOf(slice))
      pendingOf(key).set(slice.metadata.uid, { name: slice.metadata.name, version: 'gone' })
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error
    }
  }

  const zoneOf = (node: string): string | undefined =>
    nodeInformer.get({ namespace: '', name: node })?.metadata.labels?.[ZONE]

  const enqueueService = (service: Service): void => queue.add(keyText(keyOf(service)))
  const enqueueSlice = (slice: EndpointSlice): void => {
    const key = serviceKeyOf(slice)
    if (key !== undefined) queue.add(key)
  }
  const listening = createListening(() => queue.stop())
  listening.on(serviceInformer, { onAdd: enqueueService, onUpdate: enqueueService, onDelete: enqueueService })
  listening.on(
    podInformer,
    createPodHandlers(serviceInformer, (key) => queue.addAfter(key, gatherMs(podCounts.get(key) ?? 0))),
  )
  listening.on(sliceInformer, { onAdd: enqueueSlice, onUpdate: enqueueSlice, onDelete: enqueueSlice })
  const onNodes = (): void => {
    for (const key of hints.nodesChanged()) queue.add(key)
  }
  listening.on(nodeInformer, {
    onAdd: onNodes,
    onUpdate(node: Node, old: Node) {
      if (node.metadata.labels?.[ZONE] !== old.metadata.labels?.[ZONE] || isNodeReady(node) !== isNodeReady(old))
        onNodes()
    },
    onDelete: onNodes,
  })
  return listening
}

/** The Service that a slice of this controller belongs to. */
function serviceKeyOf({ metadata }: EndpointSlice): string | undefined {
  const name = metadata.labels?.[SERVICE_NAME]
  if (name === undefined || metadata.labels?.[MANAGED_BY] !== CONTROLLER) return undefined
  return keyText({ namespace: metadata.namespace!, name })
}

const labelsOf = (service: Service): Record<string, string> => {
  const { [HEADLESS]: _headless, ...labels } = service.metadata.labels ?? {}
  return {
    ...labels,
    [MANAGED_BY]: CONTROLLER,
    [SERVICE_NAME]: service.metadata.name,
    ...(isHeadless(service) ? { [HEADLESS]: '' } : {}),
  }
}
