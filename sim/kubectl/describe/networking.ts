/** kubectl describe networkpolicy, ingress, ingressclass, servicecidr and ipaddress */
import type { Service } from '../../api/core/types.ts'
import type { EndpointSlice } from '../../api/discovery/types.ts'
import { formatLabelSelector, selectorText } from '../../api/meta/selector-text.ts'
import { StatusError } from '../../api/meta/status-error.ts'
import type {
  Ingress,
  IngressBackend,
  IngressClass,
  IPAddress,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  ServiceCIDR,
} from '../../api/networking/types.ts'
import { charge } from '../../engine/work.ts'
import {
  type DescribeContext,
  type Describer,
  findEvents,
  kindOf,
  printTime,
  writeAnnotations,
  writeEvents,
  writeHeader,
  writeLabels,
} from './common.ts'
import { printEndpoints } from './service.ts'
import type { DescribeWriter } from './writer.ts'

export const describeNetworkPolicy: Describer<NetworkPolicy> = ({ metadata, spec }, w) => {
  w.field(0, 'Name', metadata.name)
  w.field(0, 'Namespace', metadata.namespace ?? '')
  w.field(0, 'Created on', metadata.creationTimestamp.replace('T', ' ').replace('Z', ' +0000 UTC'))
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  w.line(0, 'Spec:')
  const selector = spec.podSelector ? selectorText(spec.podSelector) : ''
  const everyPod = '<none> (Allowing the specific traffic to all pods in this namespace)'
  w.line(0, `  PodSelector:     ${selector || everyPod}`)
  const types = spec.policyTypes ?? []
  if (types.includes('Ingress')) {
    w.line(0, '  Allowing ingress traffic:')
    const rules = (spec.ingress ?? []).map(({ ports, from }) => ({ ports, peers: from }))
    writeRules(w, rules, { direction: 'ingress', label: 'From', limit: 'source' })
  } else w.line(0, '  Not affecting ingress traffic')
  if (types.includes('Egress')) {
    w.line(0, '  Allowing egress traffic:')
    const rules = (spec.egress ?? []).map(({ ports, to }) => ({ ports, peers: to }))
    writeRules(w, rules, { direction: 'egress', label: 'To', limit: 'destination' })
  } else w.line(0, '  Not affecting egress traffic')
  w.line(0, `  Policy Types: ${types.join(', ') || '<none>'}`)
}

interface ShownRule {
  ports?: readonly NetworkPolicyPort[]
  peers?: readonly NetworkPolicyPeer[]
}

function writeRules(
  w: DescribeWriter,
  rules: readonly ShownRule[],
  { direction, label, limit }: { direction: string; label: string; limit: string },
): void {
  const line = (text: string): void => w.line(0, `    ${text}`)
  if (rules.length === 0) {
    line(`<none> (Selected pods are isolated for ${direction} connectivity)`)
    return
  }
  rules.forEach(({ ports, peers }, index) => {
    if (!ports?.length) line('To Port: <any> (traffic allowed to all ports)')
    for (const { protocol = 'TCP', port, endPort } of ports ?? [])
      line(
        endPort === undefined ? `To Port: ${port ?? ''}/${protocol}` : `To Port Range: ${port}-${endPort}/${protocol}`,
      )
    if (!peers?.length) line(`${label}: <any> (traffic not restricted by ${limit})`)
    for (const { podSelector, namespaceSelector, ipBlock } of peers ?? []) {
      line(`${label}:`)
      if (namespaceSelector) line(`  NamespaceSelector: ${formatLabelSelector(namespaceSelector)}`)
      if (podSelector) line(`  PodSelector: ${formatLabelSelector(podSelector)}`)
      if (!ipBlock) continue
      line('  IPBlock:')
      line(`    CIDR: ${ipBlock.cidr}`)
      line(`    Except: ${(ipBlock.except ?? []).join(', ')}`)
    }
    if (index < rules.length - 1) line('----------')
  })
}

export const describeIngress: Describer<Ingress> = (ingress, w, context) => {
  const { metadata, spec, status } = ingress
  const namespace = metadata.namespace ?? ''
  w.field(0, 'Name', metadata.name)
  writeLabels(w, 'Labels', metadata.labels)
  w.field(0, 'Namespace', namespace)
  const addresses = (status.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '')
  w.field(0, 'Address', [...new Set(addresses.filter(Boolean))].sort().join(','))
  w.field(0, 'Ingress Class', spec.ingressClassName ?? '<none>')
  const fallback = spec.defaultBackend ? printBackend(context, namespace, spec.defaultBackend) : '<default>'
  w.field(0, 'Default backend', fallback)
  if (spec.tls?.length) {
    w.line(0, 'TLS:')
    for (const { secretName, hosts } of spec.tls)
      w.line(
        0,
        secretName
          ? `  ${secretName} terminates ${(hosts ?? []).join(',')}`
          : `  SNI routes ${(hosts ?? []).join(',')}`,
      )
  }
  w.line(0, 'Rules:')
  w.line(0, '  Host\tPath\tBackends')
  w.line(0, '  ----\t----\t--------')
  const rules = (spec.rules ?? []).filter(({ http }) => http)
  for (const { host, http } of rules) {
    w.line(0, `  ${host || '*'}\t`)
    for (const { path, backend } of http?.paths ?? [])
      w.line(0, `  \t${path ?? ''} \t${printBackend(context, namespace, backend)}`)
  }
  if (rules.length === 0) w.line(0, `  *\t*\t${fallback}`)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  writeEvents(w, context, findEvents(context, ingress))
}

/** `web:80 (10.244.0.5:80)` */
function printBackend(context: DescribeContext, namespace: string, backend: IngressBackend): string {
  const { service, resource } = backend
  if (resource) return `APIGroup: ${resource.apiGroup ?? '<none>'}, Kind: ${resource.kind}, Name: ${resource.name}`
  const name = service?.name ?? ''
  const port = service?.port?.name || String(service?.port?.number ?? '')
  try {
    const slices = context.client.list(kindOf<EndpointSlice>(context, 'endpointslices'), {
      namespace,
      labelSelector: `kubernetes.io/service-name=${name}`,
    }).items
    const found = context.client.get(kindOf<Service>(context, 'services'), { namespace, name })
    charge((found.spec.ports?.length ?? 0) / 8)
    const portName = (found.spec.ports ?? []).find((one) => one.name === port || String(one.port) === port)?.name ?? ''
    return `${name}:${port} (${printEndpoints(slices, portName)})`
  } catch (error) {
    if (error instanceof StatusError) return `${name}:${port} (<error: ${error.message}>)`
    throw error
  }
}

export const describeIngressClass: Describer<IngressClass> = (ingressClass, w, context) => {
  const { spec } = ingressClass
  writeHeader(w, ingressClass)
  w.field(0, 'Controller', spec.controller ?? '')
  if (spec.parameters) {
    const { apiGroup, kind, name } = spec.parameters
    w.line(0, 'Parameters:')
    if (apiGroup !== undefined) w.field(1, 'APIGroup', apiGroup)
    w.field(1, 'Kind', kind)
    w.field(1, 'Name', name)
  }
  writeEvents(w, context, findEvents(context, ingressClass))
}

export const describeServiceCidr: Describer<ServiceCIDR> = (cidr, w, context) => {
  writeHeader(w, cidr)
  w.field(0, 'CIDRs', cidr.spec.cidrs.join(', '))
  const { conditions = [] } = cidr.status
  if (conditions.length > 0) {
    w.line(0, 'Status:')
    w.line(0, 'Conditions:')
    w.line(1, 'Type\tStatus\tLastTransitionTime\tReason\tMessage')
    w.line(1, '----\t------\t------------------\t------\t-------')
    for (const { type, status, lastTransitionTime, reason, message } of conditions)
      w.line(1, [type, status, printTime(lastTransitionTime), reason, message].join('\t'))
  }
  writeEvents(w, context, findEvents(context, cidr))
}

export const describeIpAddress: Describer<IPAddress> = (address, w, context) => {
  writeHeader(w, address)
  const { parentRef } = address.spec
  if (parentRef) {
    w.line(0, 'Parent Reference:')
    w.field(1, 'Group', parentRef.group ?? '')
    w.field(1, 'Resource', parentRef.resource)
    w.field(1, 'Namespace', parentRef.namespace ?? '')
    w.field(1, 'Name', parentRef.name)
  }
  writeEvents(w, context, findEvents(context, address))
}
