/**
 * kube-proxy, one a node: watches Services and EndpointSlices and programs the node's kernel.
 * Source: pkg/proxy/{iptables,ipvs,nftables}/proxier.go. Stopping it leaves the rules as they are.
 */

import { nodes as nodeKind } from '../api/core/node.ts'
import { ZONE } from '../api/core/node-topology.ts'
import { services as serviceKind } from '../api/core/service.ts'
import type { Node, Service } from '../api/core/types.ts'
import { endpointSlices as sliceKind } from '../api/discovery/endpoint-slice.ts'
import type { EndpointSlice } from '../api/discovery/types.ts'
import { keyOf, keyText } from '../api/meta/object.ts'
import type { ComponentContext, RunningComponent } from '../client/machinery.ts'
import type { Timer } from '../engine/engine.ts'
import { charge } from '../engine/work.ts'
import type { Network } from './network.ts'
import { createProxyHealth } from './proxy-health.ts'

/** minSyncPeriod: changes within it are programmed together. */
const MIN_SYNC_PERIOD_MS = 1000
/** What iptables-restore, nft or netlink takes, before jitter. */
const SYNC_MS = 10

export interface KubeProxyOptions {
  /** Under the identity system:kube-proxy; the caller starts its informers. */
  context: ComponentContext
  node: string
  network: Network
}

export function createKubeProxy({ context, node, network }: KubeProxyOptions): RunningComponent {
  const { engine } = context
  const table = network.rules(node)
  const health = createProxyHealth(
    network.node(node),
    () => `${engine.timestamp().replace('T', ' ').replace('Z', '')} +0000 UTC`,
  )
  const services = new Map<string, Service>()
  const slices = new Map<string, Map<string, EndpointSlice>>()
  /** Services that load balancers ask this node about. */
  const healthChecked = new Set<string>()
  const changed = new Set<string>()
  let timer: Timer | undefined
  let lastSyncMs = Number.NEGATIVE_INFINITY
  let isStopped = false
  let isFirst = true
  let isNodeWatched = false

  function note(key: string): void {
    if (isStopped) return
    changed.add(key)
    if (timer?.action) return
    timer = engine.at(Math.max(engine.nowMs, lastSyncMs + MIN_SYNC_PERIOD_MS), 'kube-proxy sync', sync)
  }

  const serviceInformer = context.informers.informer(serviceKind)
  const sliceInformer = context.informers.informer(sliceKind)

  /** What changes from here on has to wait for the next sync. The first one waits until all is known: rules that are there stay until then. */
  function sync(): void {
    if (isFirst && !(serviceInformer.hasSynced() && sliceInformer.hasSynced())) {
      timer = engine.after(MIN_SYNC_PERIOD_MS, 'kube-proxy sync', sync, { background: true })
      return
    }
    lastSyncMs = engine.nowMs
    if (isFirst) {
      isFirst = false
      // What an earlier kube-proxy left behind and no Service needs any more.
      for (const key of table.services()) changed.add(key)
    }
    const keys = [...changed].sort()
    charge(stepsOfService * keys.length)
    changed.clear()
    const rules = keys.map((key) => {
      const service = services.get(key)
      const own = slices.get(key)
      const ordered = own ? [...own.values()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)) : []
      return service ? network.compiler.rulesOf(key, service, ordered) : []
    })
    engine.after(engine.random('kube-proxy').jitter(SYNC_MS, 0.5), 'kube-proxy program', () => {
      if (isStopped) return
      keys.forEach((key, i) => {
        table.set(key, rules[i])
      })
      table.syncs++
      const checked = [...healthChecked].map((key) => services.get(key)!)
      health.sync(checked, (service) => readyLocally(node, slices.get(keyText(keyOf(service)))))
      engine.trace.record(`kube-proxy/${node}`, 'program rules', undefined, { services: keys })
    })
  }

  const removeService = (service: Service): void => {
    const key = keyText(keyOf(service))
    if (!services.delete(key)) return
    healthChecked.delete(key)
    note(key)
  }
  const setService = (service: Service): void => {
    if (service.metadata.labels?.[OTHER_PROXY] !== undefined) {
      removeService(service)
      return
    }
    const key = keyText(keyOf(service))
    services.set(key, service)
    if (service.spec.healthCheckNodePort) healthChecked.add(key)
    else healthChecked.delete(key)
    note(key)
  }
  const setSlice = (slice: EndpointSlice): void => {
    const key = serviceOf(slice)
    if (!key) return
    let own = slices.get(key)
    if (!own) {
      own = new Map()
      slices.set(key, own)
    }
    own.set(slice.metadata.name, slice)
    charge((slice.endpoints?.length ?? 0) / 8)
    if (slice.endpoints?.some(({ hints }) => hints)) watchNode()
    note(key)
  }
  const removeSlice = (slice: EndpointSlice): void => {
    const key = serviceOf(slice)
    const own = key ? slices.get(key) : undefined
    if (!key || !own?.delete(slice.metadata.name)) return
    if (own.size === 0) slices.delete(key)
    note(key)
  }

  /** Simplified: its own Node is watched from the first hint on; what it says means nothing before. */
  function watchNode(): void {
    if (isNodeWatched) return
    isNodeWatched = true
    const setZone = ({ metadata }: Node): void => {
      table.zone = metadata.labels?.[ZONE]
    }
    context.informers
      .informer(nodeKind, { fieldSelector: `metadata.name=${node}` })
      .addHandlers({ onAdd: setZone, onUpdate: setZone })
    context.informers.start()
  }

  serviceInformer.addHandlers({
    onAdd: setService,
    onUpdate: setService,
    onDelete: removeService,
  })
  sliceInformer.addHandlers({
    onAdd: setSlice,
    onUpdate(slice, old) {
      if (serviceOf(old) !== serviceOf(slice)) removeSlice(old)
      setSlice(slice)
    },
    onDelete: removeSlice,
  })

  return {
    stop() {
      isStopped = true
      health.close()
      engine.cancel(timer)
    },
  }
}

/** A Service with it is another program's. Source: cmd/kube-proxy/app/server.go; pkg/proxy/apis/well_known_labels.go */
const OTHER_PROXY = 'service.kubernetes.io/service-proxy-name'

/** Of computing: what one Service adds to a sync, without its rules. */
const stepsOfService = 10

/** How many ready addresses of the Service are on the node. */
function readyLocally(node: string, slices: ReadonlyMap<string, EndpointSlice> | undefined): number {
  const found = [...(slices?.values() ?? [])].flatMap(({ endpoints }) => {
    charge(endpoints.length / 4)
    return endpoints.filter(({ nodeName, conditions }) => nodeName === node && conditions.ready !== false)
  })
  return new Set(found.map(({ addresses }) => addresses[0])).size
}

function serviceOf(slice: EndpointSlice): string | undefined {
  const name = slice.metadata.labels?.['kubernetes.io/service-name']
  return name && `${slice.metadata.namespace ?? ''}/${name}`
}
