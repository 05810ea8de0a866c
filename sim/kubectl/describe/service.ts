/** kubectl describe service, endpoints and endpointslice */
import type { Endpoints, Service } from '../../api/core/types.ts'
import type { EndpointSlice } from '../../api/discovery/types.ts'
import { formatLabels } from '../../api/meta/selector-text.ts'
import { charge } from '../../engine/work.ts'
import { type Describer, findEvents, kindOf, writeEvents, writeHeader } from './common.ts'

const MAX_ENDPOINTS = 3

export const describeService: Describer<Service> = (service, w, context) => {
  const { spec, status, metadata } = service
  const slices = context.client.list(kindOf<EndpointSlice>(context, 'endpointslices'), {
    namespace: metadata.namespace,
    labelSelector: `kubernetes.io/service-name=${metadata.name}`,
  }).items
  writeHeader(w, service)
  w.field(0, 'Selector', formatLabels(spec.selector))
  w.field(0, 'Type', spec.type)
  if (spec.ipFamilyPolicy) w.field(0, 'IP Family Policy', spec.ipFamilyPolicy)
  w.field(0, 'IP Families', spec.ipFamilies?.join(',') || '<none>')
  w.field(0, 'IP', spec.clusterIP ?? '')
  w.field(0, 'IPs', spec.clusterIPs?.join(',') || '<none>')
  if (spec.externalIPs?.length) w.field(0, 'External IPs', spec.externalIPs.join(','))
  if (spec.loadBalancerIP) w.field(0, 'Desired LoadBalancer IP', spec.loadBalancerIP)
  if (spec.externalName) w.field(0, 'External Name', spec.externalName)
  const ingress = status.loadBalancer?.ingress ?? []
  if (ingress.length > 0) {
    const shown = ingress.map(({ ip, hostname, ipMode }) =>
      ip ? `${ip}${ipMode ? ` (${ipMode})` : ''}` : (hostname ?? ''),
    )
    w.field(0, 'LoadBalancer Ingress', shown.join(', '))
  }
  for (const port of spec.ports ?? []) {
    const name = port.name || '<unset>'
    w.line(0, `Port:\t${name}\t${port.port}/${port.protocol}`)
    w.field(0, 'TargetPort', `${port.targetPort}/${port.protocol}`)
    if (port.appProtocol !== undefined) w.field(0, 'AppProtocol', port.appProtocol)
    if (port.nodePort) w.line(0, `NodePort:\t${name}\t${port.nodePort}/${port.protocol}`)
    w.field(0, 'Endpoints', printEndpoints(slices, port.name ?? ''))
  }
  w.field(0, 'Session Affinity', spec.sessionAffinity)
  if (spec.externalTrafficPolicy) w.field(0, 'External Traffic Policy', spec.externalTrafficPolicy)
  if (spec.internalTrafficPolicy) w.field(0, 'Internal Traffic Policy', spec.internalTrafficPolicy)
  if (spec.healthCheckNodePort) w.field(0, 'HealthCheck NodePort', spec.healthCheckNodePort)
  if (spec.loadBalancerSourceRanges?.length)
    w.field(0, 'LoadBalancer Source Ranges', spec.loadBalancerSourceRanges.join(','))
  if (spec.trafficDistribution) w.field(0, 'Traffic Distribution', spec.trafficDistribution)
  writeEvents(w, context, findEvents(context, service))
}

/** Ready addresses of a port: the first three, and how many more there are. A slice without ports tells addresses alone. */
export function printEndpoints(slices: readonly EndpointSlice[], portName: string): string {
  if (slices.length === 0) return '<none>'
  const all = slices.flatMap(({ ports = [], endpoints }) => {
    charge(1 + ports.length / 8 + stepsOfEndpoint * (endpoints?.length ?? 0))
    const ready = (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false)
    if (ports.length === 0) return ready.map(({ addresses }) => addresses[0])
    return ports
      .filter((port) => (port.name ?? '') === portName)
      .flatMap(({ port }) => ready.map(({ addresses: [address] }) => joinHostPort(address, port)))
  })
  const shown = all.slice(0, MAX_ENDPOINTS).join(',')
  return all.length > MAX_ENDPOINTS ? `${shown} + ${all.length - MAX_ENDPOINTS} more...` : shown
}

/** Of computing: to print one endpoint. */
const stepsOfEndpoint = 3

const joinHostPort = (host: string, port: number | undefined): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`

export const describeEndpoints: Describer<Endpoints> = (endpoints, w, context) => {
  writeHeader(w, endpoints)
  w.line(0, 'Subsets:')
  for (const { addresses, notReadyAddresses, ports } of endpoints.subsets ?? []) {
    w.field(1, 'Addresses', addresses?.map(({ ip }) => ip).join(',') || '<none>')
    w.field(1, 'NotReadyAddresses', notReadyAddresses?.map(({ ip }) => ip).join(',') || '<none>')
    if (ports?.length) {
      w.line(1, 'Ports:')
      w.line(2, 'Name\tPort\tProtocol')
      w.line(2, '----\t----\t--------')
      for (const port of ports) w.line(2, `${port.name || '<unset>'}\t${port.port}\t${port.protocol}`)
    }
    w.line(0, '')
  }
  writeEvents(w, context, findEvents(context, endpoints))
}

export const describeEndpointSlice: Describer<EndpointSlice> = (slice, w, context) => {
  writeHeader(w, slice)
  w.field(0, 'AddressType', slice.addressType)
  if (slice.ports?.length) {
    w.line(0, 'Ports:')
    w.line(1, 'Name\tPort\tProtocol')
    w.line(1, '----\t----\t--------')
    for (const { name, port, protocol } of slice.ports)
      w.line(1, `${name || '<unset>'}\t${port ?? '<unset>'}\t${protocol ?? 'TCP'}`)
  } else w.line(0, 'Ports: <unset>')
  if (!slice.endpoints?.length) w.line(0, 'Endpoints: <none>')
  else {
    w.line(0, 'Endpoints:')
    for (const { addresses, conditions, hostname, targetRef, nodeName, zone } of slice.endpoints) {
      w.line(1, `- Addresses:\t${addresses.join(', ') || '<none>'}`)
      w.line(2, 'Conditions:')
      w.field(3, 'Ready', conditions.ready ?? '<unset>')
      w.field(2, 'Hostname', hostname ?? '<unset>')
      if (targetRef) w.field(2, 'TargetRef', `${targetRef.kind}/${targetRef.name}`)
      w.field(2, 'NodeName', nodeName ?? '<unset>')
      w.field(2, 'Zone', zone ?? '<unset>')
    }
  }
  writeEvents(w, context, findEvents(context, slice))
}
