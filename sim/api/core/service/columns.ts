/** The row of a Service in `kubectl get services`. Source: printService in kubernetes/pkg/printers/internalversion/printers.go */
import type { Column } from '../../meta/kind.ts'
import { formatLabels } from '../../meta/selector-text.ts'
import { ageColumn, column, nameColumn } from '../../meta/table.ts'
import type { Service, ServicePort } from '../types.ts'

export const serviceColumns: readonly Column<Service>[] = [
  nameColumn,
  column('Type', 'string', 'How the Service is exposed.', (service) => service.spec.type),
  column(
    'Cluster-IP',
    'string',
    'Its virtual IP; None for a headless Service.',
    (service) => service.spec.clusterIPs?.[0] || '<none>',
  ),
  column('External-IP', 'string', 'Where it is reached from outside.', printExternalIP),
  column('Port(s)', 'string', 'Its ports, with node ports after a colon.', (service) => printPorts(service.spec.ports)),
  ageColumn,
  column(
    'Selector',
    'string',
    'The labels of the Pods behind it.',
    (service) => formatLabels(service.spec.selector),
    'wide',
  ),
]

function printExternalIP(service: Service): string {
  const { type, externalIPs = [], externalName } = service.spec
  if (type === 'ExternalName') return externalName ?? ''
  if (type !== 'LoadBalancer') return externalIPs.length > 0 ? externalIPs.join(',') : '<none>'
  const ingress = service.status?.loadBalancer?.ingress ?? []
  const balancers = [
    ...new Set(ingress.flatMap(({ ip, hostname }) => (ip || hostname ? [ip || hostname!] : []))),
  ].sort()
  const all = [...(balancers.length > 0 ? [balancers.join(',')] : []), ...externalIPs]
  return all.length > 0 ? all.join(',') : '<pending>'
}

function printPorts(ports: readonly ServicePort[] | undefined): string {
  if (!ports?.length) return '<none>'
  return ports.map((p) => (p.nodePort ? `${p.port}:${p.nodePort}/${p.protocol}` : `${p.port}/${p.protocol}`)).join(',')
}
