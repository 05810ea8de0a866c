/**
 * What the API server itself does for APIServices of others: it looks whether they are there, and says so.
 * Source: k8s.io/kube-aggregator/pkg/controllers/status/remote/remote_available_controller.go
 */
import { apiServices } from '../../api/apiregistration/api-service.ts'
import type { ApiService, ApiServiceCondition } from '../../api/apiregistration/types.ts'
import { services } from '../../api/core/service.ts'
import type { Service } from '../../api/core/types.ts'
import { endpointSlices } from '../../api/discovery/endpoint-slice.ts'
import type { EndpointSlice } from '../../api/discovery/types.ts'
import { equalJson } from '../../api/meta/json.ts'
import { isStatus, StatusError } from '../../api/meta/status-error.ts'
import type { ComponentContext, RunningComponent } from '../../client/machinery.ts'
import { createListening } from '../handlers.ts'

/** Every this long it looks again, whatever has changed. */
const RESYNC_MS = 30_000

type Availability = Pick<ApiServiceCondition, 'status' | 'reason' | 'message'>

const PASSED: Availability = { status: 'True', reason: 'Passed', message: 'all checks passed' }

export interface Remotes {
  /** Whether the server answers in the place of who is registered: add-ons that are no Pods. */
  isAnswered(service: ApiService): boolean
  /** Asks for the version's discovery document. @returns why it is not there; undefined when it is */
  discoveryFailure(service: ApiService): string | undefined
}

export function startApiServiceController(
  { engine, client, informers, queue: createQueue }: ComponentContext,
  { isAnswered, discoveryFailure }: Remotes,
): RunningComponent {
  const informer = informers.informer(apiServices)
  const queue = createQueue({ name: 'apiservices', workers: 5, maxDelayMs: 30_000, reconcile })
  const listening = createListening(() => queue.stop())
  /** Services are followed once somebody needs one. */
  let follows = false

  function follow(): void {
    if (follows) return
    follows = true
    const enqueue = (namespace: string | undefined, name: string | undefined): void => {
      for (const { metadata, spec } of informer.list())
        if (spec.service?.namespace === namespace && spec.service?.name === name) queue.add(metadata.name)
    }
    const ofService = ({ metadata }: Service): void => enqueue(metadata.namespace, metadata.name)
    const ofSlice = ({ metadata }: EndpointSlice): void =>
      enqueue(metadata.namespace, metadata.labels?.['kubernetes.io/service-name'])
    listening.on(informers.informer(services), { onAdd: ofService, onUpdate: ofService, onDelete: ofService })
    listening.on(informers.informer(endpointSlices), { onAdd: ofSlice, onUpdate: ofSlice, onDelete: ofSlice })
    informers.start()
  }

  function reconcile(name: string): void {
    const service = informer.get({ namespace: '', name })
    if (!service?.spec.service) return
    if (isAnswered(service)) {
      write(service, PASSED)
      return
    }
    follow()
    const found = availability(service)
    const failure = found.status === 'True' ? discoveryFailure(service) : undefined
    write(
      service,
      failure === undefined ? found : { status: 'False', reason: 'FailedDiscoveryCheck', message: failure },
    )
    queue.addAfter(name, RESYNC_MS)
    if (failure !== undefined) throw new StatusError(500, 'InternalError', failure)
  }

  /** By what is stored. */
  function availability({ spec }: ApiService): Availability {
    const { namespace = '', name = '', port } = spec.service!
    const service = informers.informer(services).get({ namespace, name })
    const no = (reason: string, message: string): Availability => ({ status: 'False', reason, message })
    const text = `service/${name} in ${JSON.stringify(namespace)}`
    if (!service) return no('ServiceNotFound', `${text} is not present`)
    if (service.spec.type === 'ClusterIP') {
      const declared = service.spec.ports?.find((one) => one.port === port)
      if (!declared) return no('ServicePortError', `${text} is not listening on port ${port}`)
      const slices = informers
        .informer(endpointSlices)
        .list()
        .filter(
          ({ metadata }) =>
            metadata.namespace === namespace && metadata.labels?.['kubernetes.io/service-name'] === name,
        )
      if (slices.length === 0) return no('EndpointsNotFound', `cannot find endpointslices for ${text}`)
      const portName = declared.name ?? ''
      if (!slices.some((slice) => hasEndpoint(slice, portName)))
        return no(
          'MissingEndpoints',
          `endpointslices for ${text} have no addresses with port name ${JSON.stringify(portName)}`,
        )
    }
    return PASSED
  }

  function write(service: ApiService, found: Availability): void {
    const before = service.status.conditions?.find(({ type }) => type === 'Available')
    const lastTransitionTime = before?.status === found.status ? before.lastTransitionTime : engine.timestamp()
    const condition = { lastTransitionTime, ...found, type: 'Available' }
    if (equalJson(before, condition)) return
    const others = (service.status.conditions ?? []).filter(({ type }) => type !== 'Available')
    try {
      client.updateStatus(apiServices, { ...service, status: { conditions: [...others, condition] } })
    } catch (error) {
      // Deleted or changed meanwhile: it comes again.
      if (!isStatus(error, 'NotFound') && !isStatus(error, 'Conflict')) throw error
    }
  }

  const enqueue = ({ metadata, spec }: ApiService): void => {
    if (spec.service) queue.add(metadata.name)
  }
  listening.on(informer, { onAdd: enqueue, onUpdate: enqueue })
  return listening
}

const hasEndpoint = ({ endpoints = [], ports = [] }: EndpointSlice, portName: string): boolean =>
  (endpoints ?? []).some(({ conditions }) => conditions?.ready !== false) &&
  (ports ?? []).some(({ name, port }) => (name ?? '') === portName && port !== undefined)
