/**
 * What the API server itself puts into an empty store: the system's namespaces and priority classes, and the Service by which
 * Pods reach it. Source: kubernetes/pkg/controlplane/controller/{systemnamespaces,kubernetesservice}, registry/scheduling/rest
 */
import { endpoints } from '../api/core/endpoints.ts'
import { namespaces } from '../api/core/namespace.ts'
import { services } from '../api/core/service.ts'
import { endpointSlices } from '../api/discovery/endpoint-slice.ts'
import { priorityClasses, systemPriorityClasses } from '../api/scheduling/priority-class.ts'
import type { Client } from '../client/client.ts'

const systemNamespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease']
const label = { 'kubernetes.io/service-name': 'kubernetes' }

/** @param address where the API server listens: the `kubernetes` Service leads there */
export function bootstrap(client: Client, address: string): void {
  for (const name of systemNamespaces) client.create(namespaces, { metadata: { name }, spec: {} })
  for (const [name, priorityClass] of Object.entries(systemPriorityClasses))
    client.create(priorityClasses, { metadata: { name }, ...priorityClass })
  client.create(services, {
    metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      type: 'ClusterIP',
      clusterIP: '10.96.0.1',
      ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: 6443 }],
    },
  })
  client.create(endpoints, {
    metadata: {
      name: 'kubernetes',
      namespace: 'default',
      labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' },
    },
    subsets: [{ addresses: [{ ip: address }], ports: [{ name: 'https', port: 6443, protocol: 'TCP' }] }],
  })
  client.create(endpointSlices, {
    metadata: { name: 'kubernetes', namespace: 'default', labels: label },
    addressType: 'IPv4',
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports: [{ name: 'https', protocol: 'TCP', port: 6443 }],
  })
}
