/** Keeps the Endpoints object of each Service with a selector. Source: kubernetes/pkg/controller/endpoint */
import { endpoints } from '../../api/core/endpoints.ts'
import { pods } from '../../api/core/pod.ts'
import { services } from '../../api/core/service.ts'
import type { Endpoints, Service } from '../../api/core/types.ts'
import { equalJson } from '../../api/meta/json.ts'
import { keyOf, keyText, parseKeyText } from '../../api/meta/object.ts'
import { isStatus, StatusError } from '../../api/meta/status-error.ts'
import type { ComponentContext, ControllerSpec, RunningComponent } from '../../client/machinery.ts'
import { createListening } from '../handlers.ts'
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
import { planSubsets, truncate } from './plan.ts'

const MAX_RETRIES = 15

const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity'

const MANAGED_BY = { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' }

export const endpointsController: ControllerSpec = {
  name: 'endpoints-controller',
  serviceAccount: 'endpoint-controller',
  watches: [services, pods, endpoints],
  start: startEndpointsController,
}

function startEndpointsController({
  client,
  informers,
  recorder,
  queue: createQueue,
}: ComponentContext): RunningComponent {
  const serviceInformer = informers.informer(services)
  const podInformer = informers.informer(pods)
  const endpointsInformer = informers.informer(endpoints)
  const events = recorder('endpoint-controller')
  const triggerTimes = new TriggerTimes()
  /** How many Pods each Service selected last. */
  const podCounts = new Map<string, number>()
  const queue = createQueue({
    name: 'endpoints',
    metricName: 'endpoint',
    workers: 5,
    maxRetries: MAX_RETRIES,
    reconcile,
  })

  function reconcile(key: string): void {
    const service = serviceInformer.get(parseKeyText(key))
    if (!service) {
      triggerTimes.forget(key)
      podCounts.delete(key)
      remove(key)
      return
    }
    if (!hasSelector(service)) return
    const selected = podInformer.list(service.metadata.namespace).filter((pod) => selects(service, pod.metadata.labels))
    const all = planSubsets(service, selected)
    const truncated = truncate(all)
    const subsets = truncated ?? all
    podCounts.set(key, selected.length)
    const triggerTime = triggerTimes.next(service, selected)
    const current = endpointsInformer.get(keyOf(service))
    const labels = labelsOf(service)
    if (current && equalJson(current.subsets ?? [], subsets) && equalJson(current.metadata.labels ?? {}, labels)) return
    try {
      write(
        service,
        current,
        subsets,
        labels,
        withCapacity(withTriggerTime(current, triggerTime), truncated !== undefined),
      )
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      if (
        isStatus(error, 'Forbidden') &&
        error.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating')
      )
        return
      const [reason, verb] = current ? ['FailedToUpdateEndpoint', 'update'] : ['FailedToCreateEndpoint', 'create']
      events.event(current ?? service, 'Warning', reason, `Failed to ${verb} endpoint ${key}: ${error.message}`)
      throw error
    }
  }

  function write(
    service: Service,
    current: Endpoints | undefined,
    subsets: NonNullable<Endpoints['subsets']>,
    labels: Record<string, string>,
    annotations: Record<string, string> | undefined,
  ): void {
    const content = subsets.length > 0 ? { subsets } : {}
    if (!current) {
      const { name, namespace } = service.metadata
      client.create(endpoints, {
        metadata: { name, namespace, labels, ...(annotations ? { annotations } : {}) },
        ...content,
      })
      return
    }
    const { subsets: _former, ...rest } = current
    client.update(endpoints, { ...rest, metadata: { ...current.metadata, labels, annotations }, ...content })
  }

  function remove(key: string): void {
    // The API server's own; no controller touches it.
    if (key === 'default/kubernetes' || !endpointsInformer.get(parseKeyText(key))) return
    try {
      client.delete(endpoints, parseKeyText(key))
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error
    }
  }

  const enqueue = (object: Service | Endpoints): void => queue.add(keyText(keyOf(object)))
  const listening = createListening(() => queue.stop())
  listening.on(serviceInformer, { onAdd: enqueue, onUpdate: (service) => enqueue(service), onDelete: enqueue })
  listening.on(
    podInformer,
    createPodHandlers(serviceInformer, (key) => queue.addAfter(key, gatherMs(podCounts.get(key) ?? 0))),
  )
  listening.on(endpointsInformer, {
    // Left over from before this controller ran: nobody else would notice. Those made later may wait for their Service.
    onAdd: (object) => {
      const isLeftOver = !endpointsInformer.hasSynced() && serviceInformer.hasSynced()
      if (isLeftOver && !serviceInformer.get(keyOf(object))) enqueue(object)
    },
    onDelete: enqueue,
  })
  return listening
}

function withCapacity(
  annotations: Record<string, string> | undefined,
  isOver: boolean,
): Record<string, string> | undefined {
  if (isOver) return { ...annotations, [OVER_CAPACITY]: 'truncated' }
  if (annotations?.[OVER_CAPACITY] === undefined) return annotations
  const { [OVER_CAPACITY]: _over, ...others } = annotations
  return Object.keys(others).length > 0 ? others : undefined
}

const labelsOf = (service: Service): Record<string, string> => {
  const { [HEADLESS]: _headless, ...labels } = service.metadata.labels ?? {}
  return { ...labels, ...MANAGED_BY, ...(isHeadless(service) ? { [HEADLESS]: '' } : {}) }
}
