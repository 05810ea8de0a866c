/**
 * Says of a range of Service addresses that it is ready, and lets a deleted one go once no address would be left without a range.
 * Source: kubernetes/pkg/controller/servicecidrs/servicecidrs_controller.go
 */

import { isStatus } from '../../api/meta/status-error.ts'
import { ipAddresses } from '../../api/networking/ip-address.ts'
import { serviceCidrs } from '../../api/networking/service-cidr.ts'
import type { IPAddress, ServiceCIDR } from '../../api/networking/types.ts'
import type { ComponentContext, ControllerSpec, RunningComponent } from '../../client/machinery.ts'
import { type Cidr, cidrHolds, parseCidr, parseIp } from '../../network/address.ts'
import { createListening } from '../handlers.ts'

const FINALIZER = 'networking.k8s.io/service-cidr-finalizer'
const MANAGED_BY = 'ipaddress.kubernetes.io/managed-by'
/** Until then every allocator has heard of the deletion. */
const DELETION_MS = 10_000

export const serviceCidrController: ControllerSpec = {
  name: 'service-cidr-controller',
  serviceAccount: 'service-cidrs-controller',
  watches: [serviceCidrs, ipAddresses],
  start: startServiceCidrController,
}

/** Of the fourth version of IP. */
const rangesOf = ({ spec }: ServiceCIDR): Cidr[] => spec.cidrs.filter((range) => !range.includes(':')).map(parseCidr)

const contains = (outer: Cidr, inner: Cidr): boolean => outer.bits <= inner.bits && cidrHolds(outer, inner.base)

/** Whether the ranges can go without leaving an address of the allocator's behind. Pure. */
export function canDelete(cidr: ServiceCIDR, all: readonly ServiceCIDR[], addresses: readonly IPAddress[]): boolean {
  const others = all.filter(({ metadata }) => metadata.name !== cidr.metadata.name).flatMap(rangesOf)
  const own = rangesOf(cidr)
  if (own.every((range) => others.some((other) => contains(other, range)))) return true
  return !addresses.some(({ metadata }) => {
    const address = parseIp(metadata.name)
    if (address === undefined || metadata.labels?.[MANAGED_BY] !== 'ipallocator.k8s.io') return false
    const holds = (range: Cidr): boolean => cidrHolds(range, address)
    return own.some(holds) && !others.some(holds)
  })
}

function startServiceCidrController({
  engine,
  client,
  informers,
  queue: createQueue,
}: ComponentContext): RunningComponent {
  const cidrInformer = informers.informer(serviceCidrs)
  const addressInformer = informers.informer(ipAddresses)
  const queue = createQueue({ name: 'service cidrs', metricName: 'ipaddresses', workers: 5, reconcile })

  function reconcile(name: string): void {
    const cidr = cidrInformer.get({ namespace: '', name })
    if (!cidr) return
    try {
      if (cidr.metadata.deletionTimestamp === undefined) admit(cidr)
      else letGo(cidr, cidr.metadata.deletionTimestamp)
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error
    }
  }

  function admit(cidr: ServiceCIDR): void {
    const { finalizers = [] } = cidr.metadata
    const kept = finalizers.includes(FINALIZER)
      ? cidr
      : client.update(serviceCidrs, { ...cidr, metadata: { ...cidr.metadata, finalizers: [...finalizers, FINALIZER] } })
    setReady(kept, 'True', '', 'Kubernetes Service CIDR is ready')
  }

  function letGo(cidr: ServiceCIDR, deletedAt: string): void {
    if (!cidr.metadata.finalizers?.includes(FINALIZER)) return
    if (!canDelete(cidr, cidrInformer.list(), addressInformer.list())) {
      const why =
        'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR'
      setReady(cidr, 'False', 'Terminating', why)
      return
    }
    const leftMs = Date.parse(deletedAt) + DELETION_MS - engine.epochMs
    if (leftMs > 0) {
      queue.addAfter(cidr.metadata.name, leftMs)
      return
    }
    const finalizers = cidr.metadata.finalizers.filter((one) => one !== FINALIZER)
    client.update(serviceCidrs, { ...cidr, metadata: { ...cidr.metadata, finalizers } })
  }

  function setReady(cidr: ServiceCIDR, status: string, reason: string, message: string): void {
    const conditions = cidr.status.conditions ?? []
    const known = conditions.find(({ type }) => type === 'Ready')
    if (known?.status === status && known.reason === reason) return
    const ready = { type: 'Ready', status, reason, message, lastTransitionTime: engine.timestamp() }
    const others = conditions.filter(({ type }) => type !== 'Ready')
    client.updateStatus(serviceCidrs, { ...cidr, status: { conditions: [...others, ready] } })
  }

  /** Those that a change of this one, or of an address in it, may let go. */
  const enqueueOverlapping = (ranges: readonly Cidr[]): void => {
    for (const other of cidrInformer.list())
      if (rangesOf(other).some((range) => ranges.some((one) => contains(one, range) || contains(range, one))))
        queue.add(other.metadata.name)
  }
  const enqueueHolding = ({ metadata }: IPAddress): void => {
    const base = parseIp(metadata.name)
    // Only what is on its way out waits for addresses.
    if (base === undefined || metadata.labels?.[MANAGED_BY] === undefined) return
    for (const cidr of cidrInformer.list())
      if (cidr.metadata.deletionTimestamp !== undefined && rangesOf(cidr).some((range) => cidrHolds(range, base)))
        queue.add(cidr.metadata.name)
  }
  const listening = createListening(() => queue.stop())
  listening.on(cidrInformer, {
    onAdd(cidr) {
      queue.add(cidr.metadata.name)
      enqueueOverlapping(rangesOf(cidr))
    },
    onUpdate: ({ metadata }) => queue.add(metadata.name),
    onDelete: (cidr) => enqueueOverlapping(rangesOf(cidr)),
  })
  listening.on(addressInformer, { onAdd: enqueueHolding, onDelete: enqueueHolding })
  return listening
}
