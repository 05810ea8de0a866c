/**
 * What the API server itself puts into an empty store: the system's namespaces and priority classes, the range of Services, and the
 * Service by which Pods reach it. Source: kubernetes/pkg/controlplane/controller/{systemnamespaces,defaultservicecidr,kubernetesservice},
 * registry/scheduling/rest
 */

import { endpoints } from '../api/core/endpoints.ts'
import { namespaces } from '../api/core/namespace.ts'
import { services } from '../api/core/service.ts'
import { endpointSlices } from '../api/discovery/endpoint-slice.ts'
import { serviceCidrs } from '../api/networking/service-cidr.ts'
import { clusterRoles, roles } from '../api/rbac/role.ts'
import { clusterRoleBindings, roleBindings } from '../api/rbac/role-binding.ts'
import { priorityClasses, systemPriorityClasses } from '../api/scheduling/priority-class.ts'
import type { Client } from '../client/client.ts'
import { apiServerServiceIP } from '../network/address.ts'
import type { ApiServer } from './api-server.ts'
import { bootstrapApiServices } from './api-services.ts'
import { defaultPolicy } from './authorization/default-policy.ts'
import { bootstrapFlowControl } from './flow-control.ts'
import { defaultServiceRange } from './service-addresses.ts'

const systemNamespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease']
const label = { 'kubernetes.io/service-name': 'kubernetes' }

/** The range that the server is started with. Source: kubernetes/pkg/controlplane/controller/defaultservicecidr */
export function bootstrapServiceRange(server: ApiServer): void {
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: '',
    message: 'Kubernetes Service CIDR is ready',
    lastTransitionTime: server.engine.timestamp(),
  }
  server.seed(serviceCidrs, {
    metadata: { name: 'kubernetes' },
    spec: { cidrs: [defaultServiceRange] },
    status: { conditions: [ready] },
  })
}

/** @param address where the API server listens: the `kubernetes` Service leads there */
export function bootstrap(server: ApiServer, client: Client, address: string): void {
  for (const name of systemNamespaces) client.create(namespaces, { metadata: { name }, spec: {} })
  for (const [name, priorityClass] of Object.entries(systemPriorityClasses))
    client.create(priorityClasses, { metadata: { name }, ...priorityClass })
  bootstrapFlowControl(server)
  bootstrapServiceRange(server)
  bootstrapApiServices(server)
  client.create(services, {
    metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      type: 'ClusterIP',
      clusterIP: apiServerServiceIP,
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

/** Marks what the server puts right again at each start. */
const autoUpdated = { 'rbac.authorization.kubernetes.io/autoupdate': 'true' }
const policyLabels = { 'kubernetes.io/bootstrapping': 'rbac-defaults' }

/**
 * The default roles and bindings, for a server with RBAC.
 * Source: kubernetes/pkg/registry/rbac/rest/storage_rbac.go (PostStartHook rbac/bootstrap-roles)
 */
export function bootstrapPolicy(server: ApiServer): void {
  for (const { name, namespace, labels, rules, aggregationRule } of defaultPolicy.roles) {
    const metadata = { name, ...(namespace ? { namespace } : {}), labels, annotations: autoUpdated }
    if (namespace) server.seed(roles, { metadata, rules })
    else server.seed(clusterRoles, { metadata, rules, ...(aggregationRule ? { aggregationRule } : {}) })
  }
  for (const { name, namespace, roleRef, subjects } of defaultPolicy.bindings) {
    const kind = namespace ? roleBindings : clusterRoleBindings
    const metadata = { name, ...(namespace ? { namespace } : {}), labels: policyLabels, annotations: autoUpdated }
    server.seed(kind, { metadata, roleRef, ...(subjects.length > 0 ? { subjects } : {}) })
  }
}
