/**
 * The roles and bindings that the API server makes at its start, and those that kubeadm adds for DNS.
 * Source: kubernetes/plugin/pkg/auth/authorizer/rbac/bootstrappolicy/{policy,controller_policy,namespace_policy}.go.
 * Simplified: controllers of resource claims, SELinux warnings, admission policies, volume attributes and old tokens
 * have no roles, as there is nothing here that they would look after.
 */
import { aggregateRules } from '../../api/rbac/aggregation.ts'
import { type ClusterRole, type PolicyRule, RBAC_GROUP, type RoleRef, type Subject } from '../../api/rbac/types.ts'

/** A role, or a binding, that is there from the start. */
export interface DefaultRole {
  name: string
  /** '' for a ClusterRole. */
  namespace: string
  labels: Record<string, string>
  rules: PolicyRule[]
  aggregationRule?: ClusterRole['aggregationRule']
}

export interface DefaultBinding {
  name: string
  namespace: string
  roleRef: RoleRef
  subjects: Subject[]
}

const READ = 'get list watch'
const WRITE = 'create delete deletecollection patch update'
const READ_WRITE = 'create delete deletecollection get list patch update watch'

const words = (text: string): string[] => (text === '' ? [''] : text.split(' '))
/** @param groups separated by spaces; `core` stands for the group without a name */
const rule = (verbs: string, groups: string, resources: string, names?: string): PolicyRule => ({
  apiGroups: words(groups).map((group) => (group === 'core' ? '' : group)),
  ...(names ? { resourceNames: words(names) } : {}),
  resources: words(resources),
  verbs: words(verbs),
})
const paths = (text: string, verbs = 'get'): PolicyRule => ({ nonResourceURLs: words(text), verbs: words(verbs) })
const eventsRule = (): PolicyRule => rule('create patch update', 'core events.k8s.io', 'events')

const aggregateTo = (role: string): string => `rbac.authorization.k8s.io/aggregate-to-${role}`
const aggregated = (role: string): ClusterRole['aggregationRule'] => ({
  clusterRoleSelectors: [{ matchLabels: { [aggregateTo(role)]: 'true' } }],
})

const VIEWED = [
  rule(
    READ,
    'core',
    'configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status',
  ),
  rule(
    READ,
    'core',
    'bindings limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status',
  ),
  rule(READ, 'core', 'namespaces'),
  rule(READ, 'core events.k8s.io', 'events'),
  rule(READ, 'discovery.k8s.io', 'endpointslices'),
  rule(
    READ,
    'apps',
    'controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status',
  ),
  rule(READ, 'autoscaling', 'horizontalpodautoscalers horizontalpodautoscalers/status'),
  rule(READ, 'batch', 'cronjobs cronjobs/status jobs jobs/status'),
  rule(
    READ,
    'extensions',
    'daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale',
  ),
  rule(READ, 'policy', 'poddisruptionbudgets poddisruptionbudgets/status'),
  rule(READ, 'networking.k8s.io', 'ingresses ingresses/status networkpolicies'),
  rule(READ, 'resource.k8s.io', 'resourceclaims resourceclaims/status resourceclaimtemplates'),
]

const EDITED = [
  rule(READ, 'core', 'pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy'),
  rule('impersonate', 'core', 'serviceaccounts'),
  rule(WRITE, 'core', 'pods pods/attach pods/exec pods/portforward pods/proxy'),
  rule('create', 'core', 'pods/eviction'),
  rule(
    WRITE,
    'core',
    'configmaps persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy',
  ),
  rule('create', 'core', 'serviceaccounts/token'),
  rule(WRITE, 'core events.k8s.io', 'events'),
  rule(
    WRITE,
    'apps',
    'daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale',
  ),
  rule(WRITE, 'autoscaling', 'horizontalpodautoscalers'),
  rule(WRITE, 'batch', 'cronjobs jobs'),
  rule(
    WRITE,
    'extensions',
    'daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies replicasets replicasets/scale replicationcontrollers/scale',
  ),
  rule(WRITE, 'policy', 'poddisruptionbudgets'),
  rule(WRITE, 'networking.k8s.io', 'ingresses networkpolicies'),
  rule(READ_WRITE, 'coordination.k8s.io', 'leases'),
  rule(WRITE, 'resource.k8s.io', 'resourceclaims resourceclaimtemplates'),
]

const ADMINISTERED = [
  rule('create', 'authorization.k8s.io', 'localsubjectaccessreviews'),
  rule(READ_WRITE, RBAC_GROUP, 'rolebindings roles'),
]

/** What a kubelet needs; the Node authorizer grants it, and narrows some of it down to the node's own Pods. */
export const nodeRules: readonly PolicyRule[] = [
  rule('create', 'authentication.k8s.io', 'tokenreviews'),
  rule('create', 'authorization.k8s.io', 'localsubjectaccessreviews subjectaccessreviews'),
  rule(READ, 'core', 'services'),
  rule('create get list watch', 'core', 'nodes'),
  rule('patch update', 'core', 'nodes/status'),
  rule('patch update', 'core', 'nodes'),
  eventsRule(),
  rule(READ, 'core', 'pods'),
  rule('create delete', 'core', 'pods'),
  rule('patch update', 'core', 'pods/status'),
  rule('create', 'core', 'pods/eviction'),
  rule(READ, 'core', 'configmaps secrets'),
  rule('get', 'core', 'persistentvolumeclaims persistentvolumes'),
  rule('get', 'core', 'endpoints'),
  rule('create get list watch', 'certificates.k8s.io', 'certificatesigningrequests'),
  rule('create delete get patch update', 'coordination.k8s.io', 'leases'),
  rule('get', 'storage.k8s.io', 'volumeattachments'),
  rule('create', 'core', 'serviceaccounts/token'),
  rule('get patch update', 'core', 'persistentvolumeclaims/status'),
  rule(READ, 'storage.k8s.io', 'csidrivers'),
  rule('create delete get patch update', 'storage.k8s.io', 'csinodes'),
  rule(READ, 'node.k8s.io', 'runtimeclasses'),
  rule('get', 'resource.k8s.io', 'resourceclaims'),
  rule('deletecollection', 'resource.k8s.io', 'resourceslices'),
]

const CLUSTER_ROLES: Readonly<Record<string, readonly PolicyRule[]>> = {
  // Of the CNI plugin's agent, which enforces NetworkPolicies.
  kindnet: [
    rule('list watch', 'core', 'nodes pods namespaces'),
    rule('list watch', 'networking.k8s.io', 'networkpolicies'),
  ],
  'cluster-admin': [rule('*', '*', '*'), paths('*', '*')],
  // Of the sidecars that a CSI driver is installed with.
  'external-attacher-runner': [
    rule('get list patch watch', 'core', 'persistentvolumes'),
    rule(READ, 'storage.k8s.io', 'csinodes'),
    rule('get list patch watch', 'storage.k8s.io', 'volumeattachments'),
    rule('patch', 'storage.k8s.io', 'volumeattachments/status'),
    eventsRule(),
  ],
  'external-provisioner-runner': [
    rule('create delete get list patch update watch', 'core', 'persistentvolumes'),
    rule('get list patch update watch', 'core', 'persistentvolumeclaims'),
    rule('patch update', 'core', 'persistentvolumeclaims/status'),
    rule(READ, 'storage.k8s.io', 'csinodes storageclasses volumeattachments'),
    rule(READ, 'core', 'nodes pods'),
    rule('get list watch create patch update', 'core', 'events'),
  ],
  'system:aggregate-to-admin': ADMINISTERED,
  'system:aggregate-to-edit': EDITED,
  'system:aggregate-to-view': VIEWED,
  'system:auth-delegator': [
    rule('create', 'authentication.k8s.io', 'tokenreviews'),
    rule('create', 'authorization.k8s.io', 'subjectaccessreviews'),
  ],
  'system:basic-user': [
    rule('create', 'authorization.k8s.io', 'selfsubjectaccessreviews selfsubjectrulesreviews'),
    rule('create', 'authentication.k8s.io', 'selfsubjectreviews'),
  ],
  'system:certificates.k8s.io:certificatesigningrequests:nodeclient': [
    rule('create', 'certificates.k8s.io', 'certificatesigningrequests/nodeclient'),
  ],
  'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient': [
    rule('create', 'certificates.k8s.io', 'certificatesigningrequests/selfnodeclient'),
  ],
  'system:certificates.k8s.io:kube-apiserver-client-approver': [
    rule('approve', 'certificates.k8s.io', 'signers', 'kubernetes.io/kube-apiserver-client'),
  ],
  'system:certificates.k8s.io:kube-apiserver-client-kubelet-approver': [
    rule('approve', 'certificates.k8s.io', 'signers', 'kubernetes.io/kube-apiserver-client-kubelet'),
  ],
  'system:certificates.k8s.io:kubelet-serving-approver': [
    rule('approve', 'certificates.k8s.io', 'signers', 'kubernetes.io/kubelet-serving'),
  ],
  'system:certificates.k8s.io:legacy-unknown-approver': [
    rule('approve', 'certificates.k8s.io', 'signers', 'kubernetes.io/legacy-unknown'),
  ],
  'system:coredns': [
    rule('list watch', 'core', 'endpoints services pods namespaces'),
    rule('get', 'core', 'nodes'),
    rule('list watch', 'discovery.k8s.io', 'endpointslices'),
  ],
  'system:discovery': [
    paths('/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/'),
  ],
  'system:heapster': [rule(READ, 'core', 'events namespaces nodes pods'), rule(READ, 'extensions', 'deployments')],
  'system:kube-aggregator': [rule(READ, 'core', 'endpoints services')],
  'system:kube-controller-manager': [
    eventsRule(),
    rule('create', 'coordination.k8s.io', 'leases'),
    rule('get update', 'coordination.k8s.io', 'leases', 'kube-controller-manager'),
    rule('create', 'core', 'secrets serviceaccounts'),
    rule('delete', 'core', 'secrets'),
    rule('get', 'core', 'configmaps namespaces secrets serviceaccounts'),
    rule('update', 'core', 'secrets serviceaccounts'),
    rule('create', 'authentication.k8s.io', 'tokenreviews'),
    rule('create', 'authorization.k8s.io', 'subjectaccessreviews'),
    rule('list watch', '*', '*'),
    rule('create', 'core', 'serviceaccounts/token'),
  ],
  'system:kube-dns': [rule('list watch', 'core', 'endpoints services')],
  'system:kube-scheduler': [
    eventsRule(),
    rule('create', 'coordination.k8s.io', 'leases'),
    rule('get update', 'coordination.k8s.io', 'leases', 'kube-scheduler'),
    rule(READ, 'core', 'nodes'),
    rule('delete get list watch', 'core', 'pods'),
    rule('create', 'core', 'bindings pods/binding'),
    rule('patch update', 'core', 'pods/status'),
    rule(READ, 'core', 'replicationcontrollers services'),
    rule(READ, 'apps extensions', 'replicasets'),
    rule(READ, 'apps', 'statefulsets'),
    rule(READ, 'policy', 'poddisruptionbudgets'),
    rule(READ, 'core', 'persistentvolumeclaims persistentvolumes'),
    rule('create', 'authentication.k8s.io', 'tokenreviews'),
    rule('create', 'authorization.k8s.io', 'subjectaccessreviews'),
    rule(READ, 'storage.k8s.io', 'csinodes'),
    rule(READ, 'core', 'namespaces'),
    rule(READ, 'storage.k8s.io', 'csidrivers'),
    rule(READ, 'storage.k8s.io', 'csistoragecapacities'),
    rule(READ, 'storage.k8s.io', 'volumeattachments'),
    rule(READ, 'resource.k8s.io', 'deviceclasses'),
    rule('get list patch update watch', 'resource.k8s.io', 'resourceclaims'),
    rule('get list patch update watch', 'resource.k8s.io', 'resourceclaims/status'),
    rule('update', 'core', 'pods/finalizers'),
    rule(READ, 'resource.k8s.io', 'resourceslices'),
    rule('create delete', 'resource.k8s.io', 'resourceclaims'),
    rule('patch update', 'resource.k8s.io', 'resourceclaims/binding'),
  ],
  'system:kubelet-api-admin': [
    rule(READ, 'core', 'nodes'),
    rule('proxy', 'core', 'nodes'),
    rule('*', 'core', 'nodes/log nodes/metrics nodes/proxy nodes/stats'),
    rule('*', 'core', 'nodes/configz nodes/healthz nodes/pods'),
  ],
  'system:monitoring': [
    paths('/flagz /healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/* /statusz'),
    rule('get', 'core', 'nodes/metrics'),
  ],
  'system:node': nodeRules,
  'system:node-bootstrapper': [rule('create get list watch', 'certificates.k8s.io', 'certificatesigningrequests')],
  'system:node-problem-detector': [rule('get', 'core', 'nodes'), rule('patch', 'core', 'nodes/status'), eventsRule()],
  'system:node-proxier': [
    rule('list watch', 'core', 'endpoints services'),
    rule(READ, 'core', 'nodes'),
    eventsRule(),
    rule('list watch', 'networking.k8s.io', 'servicecidrs'),
    rule('list watch', 'discovery.k8s.io', 'endpointslices'),
  ],
  'system:persistent-volume-provisioner': [
    rule('create delete get list watch', 'core', 'persistentvolumes'),
    rule('get list update watch', 'core', 'persistentvolumeclaims'),
    rule(READ, 'storage.k8s.io', 'storageclasses'),
    rule('watch', 'core', 'events'),
    eventsRule(),
  ],
  'system:public-info-viewer': [paths('/healthz /livez /readyz /version /version/')],
  'system:service-account-issuer-discovery': [
    paths('/.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/'),
  ],
  'system:volume-scheduler': [
    rule('get list patch update watch', 'core', 'persistentvolumes'),
    rule(READ, 'storage.k8s.io', 'storageclasses'),
    rule('get list patch update watch', 'core', 'persistentvolumeclaims'),
  ],
}

/** Of the controllers' service accounts in kube-system; each role is bound to the account of the same name. */
const CONTROLLERS: Readonly<Record<string, readonly PolicyRule[]>> = {
  'attachdetach-controller': [
    rule('list watch', 'core', 'persistentvolumeclaims persistentvolumes'),
    rule(READ, 'core', 'nodes'),
    rule('patch update', 'core', 'nodes/status'),
    rule('list watch', 'core', 'pods'),
    eventsRule(),
    rule('create delete get list watch', 'storage.k8s.io', 'volumeattachments'),
    rule(READ, 'storage.k8s.io', 'csidrivers'),
    rule(READ, 'storage.k8s.io', 'csinodes'),
  ],
  'certificate-controller': [
    rule('delete get list watch', 'certificates.k8s.io', 'certificatesigningrequests'),
    rule('update', 'certificates.k8s.io', 'certificatesigningrequests/approval certificatesigningrequests/status'),
    rule('approve', 'certificates.k8s.io', 'signers', 'kubernetes.io/kube-apiserver-client-kubelet'),
    rule(
      'sign',
      'certificates.k8s.io',
      'signers',
      'kubernetes.io/kube-apiserver-client kubernetes.io/kube-apiserver-client-kubelet kubernetes.io/kubelet-serving kubernetes.io/legacy-unknown',
    ),
    rule('create', 'authorization.k8s.io', 'subjectaccessreviews'),
    eventsRule(),
  ],
  'clusterrole-aggregation-controller': [rule('escalate get list patch update watch', RBAC_GROUP, 'clusterroles')],
  'cronjob-controller': [
    rule('get list update watch', 'batch', 'cronjobs'),
    rule('create delete get list patch update watch', 'batch', 'jobs'),
    rule('update', 'batch', 'cronjobs/status'),
    rule('update', 'batch', 'cronjobs/finalizers'),
    rule('delete list watch', 'core', 'pods'),
    eventsRule(),
  ],
  'daemon-set-controller': [
    rule(READ, 'apps extensions', 'daemonsets'),
    rule('update', 'apps extensions', 'daemonsets/status'),
    rule('update', 'apps extensions', 'daemonsets/finalizers'),
    rule('list watch', 'core', 'nodes'),
    rule('create delete list patch watch', 'core', 'pods'),
    rule('create', 'core', 'pods/binding'),
    rule('create delete get list patch update watch', 'apps', 'controllerrevisions'),
    eventsRule(),
  ],
  'deployment-controller': [
    rule('get list update watch', 'apps extensions', 'deployments'),
    rule('update', 'apps extensions', 'deployments/status'),
    rule('update', 'apps extensions', 'deployments/finalizers'),
    rule('create delete get list patch update watch', 'apps extensions', 'replicasets'),
    rule('get list update watch', 'core', 'pods'),
    eventsRule(),
  ],
  'disruption-controller': [
    rule(READ, 'apps extensions', 'deployments'),
    rule(READ, 'apps extensions', 'replicasets'),
    rule(READ, 'core', 'replicationcontrollers'),
    rule(READ, 'policy', 'poddisruptionbudgets'),
    rule(READ, 'apps', 'statefulsets'),
    rule('update', 'policy', 'poddisruptionbudgets/status'),
    rule('patch update', 'core', 'pods/status'),
    rule('get', '*', '*/scale'),
    eventsRule(),
  ],
  'endpoint-controller': [
    rule(READ, 'core', 'pods services'),
    rule('create delete get list update watch', 'core', 'endpoints'),
    rule('create', 'core', 'endpoints/restricted'),
    eventsRule(),
  ],
  'endpointslice-controller': [
    rule(READ, 'core', 'nodes pods services'),
    rule('update', 'core', 'services/finalizers'),
    rule('create delete get list update watch', 'discovery.k8s.io', 'endpointslices'),
    eventsRule(),
  ],
  'endpointslicemirroring-controller': [
    rule(READ, 'core', 'endpoints services'),
    rule('update', 'core', 'services/finalizers'),
    rule('update', 'core', 'endpoints/finalizers'),
    rule('create delete get list update watch', 'discovery.k8s.io', 'endpointslices'),
    eventsRule(),
  ],
  'ephemeral-volume-controller': [
    rule(READ, 'core', 'pods'),
    rule('update', 'core', 'pods/finalizers'),
    rule('create get list watch', 'core', 'persistentvolumeclaims'),
    eventsRule(),
  ],
  'expand-controller': [
    rule('get list patch update watch', 'core', 'persistentvolumes'),
    rule('patch update', 'core', 'persistentvolumeclaims/status'),
    rule(READ, 'core', 'persistentvolumeclaims'),
    eventsRule(),
  ],
  'generic-garbage-collector': [rule('delete get list patch update watch', '*', '*'), eventsRule()],
  'horizontal-pod-autoscaler': [
    rule(READ, 'autoscaling', 'horizontalpodautoscalers'),
    rule('update', 'autoscaling', 'horizontalpodautoscalers/status'),
    rule('get update', '*', '*/scale'),
    rule('list watch', 'core', 'pods'),
    rule('list watch', 'metrics.k8s.io', 'pods'),
    rule(READ, 'custom.metrics.k8s.io', '*'),
    rule(READ, 'external.metrics.k8s.io', '*'),
    eventsRule(),
  ],
  'job-controller': [
    rule('get list patch update watch', 'batch', 'jobs'),
    rule('update', 'batch', 'jobs/status'),
    rule('update', 'batch', 'jobs/finalizers'),
    rule('create delete list patch watch', 'core', 'pods'),
    eventsRule(),
  ],
  'namespace-controller': [
    rule('delete get list watch', 'core', 'namespaces'),
    rule('update', 'core', 'namespaces/finalize namespaces/status'),
    rule('delete deletecollection get list watch', '*', '*'),
  ],
  'node-controller': [
    rule('delete get list patch update watch', 'core', 'nodes'),
    rule('patch update', 'core', 'nodes/status'),
    rule('patch update', 'core', 'pods/status'),
    rule('delete get list watch', 'core', 'pods'),
    eventsRule(),
  ],
  'persistent-volume-binder': [
    rule('create delete get list update watch', 'core', 'persistentvolumes'),
    rule('update', 'core', 'persistentvolumes/status'),
    rule('get list update watch', 'core', 'persistentvolumeclaims'),
    rule('update', 'core', 'persistentvolumeclaims/status'),
    rule('create delete get list watch', 'core', 'pods'),
    rule(READ, 'storage.k8s.io', 'storageclasses'),
    rule('list watch', 'core', 'nodes'),
    eventsRule(),
    rule('watch', 'core', 'events'),
  ],
  'pod-garbage-collector': [
    rule('delete list watch', 'core', 'pods'),
    rule(READ, 'core', 'nodes'),
    rule('patch', 'core', 'pods/status'),
  ],
  'pv-protection-controller': [rule('get list update watch', 'core', 'persistentvolumes'), eventsRule()],
  'pvc-protection-controller': [
    rule('get list update watch', 'core', 'persistentvolumeclaims'),
    rule('update', 'core', 'persistentvolumeclaims/status'),
    rule(READ, 'core', 'pods'),
    eventsRule(),
  ],
  'replicaset-controller': [
    rule('get list update watch', 'apps extensions', 'replicasets'),
    rule('update', 'apps extensions', 'replicasets/status'),
    rule('update', 'apps extensions', 'replicasets/finalizers'),
    rule('create delete list patch watch', 'core', 'pods'),
    eventsRule(),
  ],
  'replication-controller': [
    rule('get list update watch', 'core', 'replicationcontrollers'),
    rule('update', 'core', 'replicationcontrollers/status'),
    rule('update', 'core', 'replicationcontrollers/finalizers'),
    rule('create delete list patch watch', 'core', 'pods'),
    eventsRule(),
  ],
  'resourcequota-controller': [
    rule('list watch', '*', '*'),
    rule('update', 'core', 'resourcequotas/status'),
    eventsRule(),
  ],
  'resource-claim-controller': [
    rule(READ, 'core', 'pods'),
    rule('update', 'core', 'pods/finalizers'),
    rule('create delete get list watch', 'resource.k8s.io', 'resourceclaims'),
    rule('patch update', 'resource.k8s.io', 'resourceclaims resourceclaims/status'),
    rule('patch update', 'core', 'pods/status'),
    eventsRule(),
    rule('patch update', 'resource.k8s.io', 'resourceclaims/binding'),
  ],
  'root-ca-cert-publisher': [rule('create update', 'core', 'configmaps'), eventsRule()],
  'route-controller': [rule('list watch', 'core', 'nodes'), rule('patch', 'core', 'nodes/status'), eventsRule()],
  'service-account-controller': [rule('create', 'core', 'serviceaccounts'), eventsRule()],
  'service-controller': [
    rule(READ, 'core', 'services'),
    rule('patch update', 'core', 'services/status'),
    rule('list watch', 'core', 'nodes'),
    eventsRule(),
  ],
  'service-cidrs-controller': [
    rule('get list patch update watch', 'networking.k8s.io', 'servicecidrs'),
    rule('patch update', 'networking.k8s.io', 'servicecidrs/finalizers'),
    rule('patch update', 'networking.k8s.io', 'servicecidrs/status'),
    rule(READ, 'networking.k8s.io', 'ipaddresses'),
    eventsRule(),
  ],
  'statefulset-controller': [
    rule('list watch', 'core', 'pods'),
    rule(READ, 'apps', 'statefulsets'),
    rule('update', 'apps', 'statefulsets/status'),
    rule('update', 'apps', 'statefulsets/finalizers'),
    rule('create delete get patch update', 'core', 'pods'),
    rule('create delete get list patch update watch', 'apps', 'controllerrevisions'),
    rule('create get list watch', 'core', 'persistentvolumeclaims'),
    rule('delete update', 'core', 'persistentvolumeclaims'),
    rule('update', 'core', 'pods/finalizers'),
    eventsRule(),
  ],
  'taint-eviction-controller': [
    rule(READ, 'core', 'nodes'),
    rule('delete get list watch', 'core', 'pods'),
    rule('patch update', 'core', 'pods/status'),
    eventsRule(),
  ],
  'ttl-after-finished-controller': [rule('delete get list watch', 'batch', 'jobs'), eventsRule()],
  'ttl-controller': [rule('list patch update watch', 'core', 'nodes'), eventsRule()],
  'validatingadmissionpolicy-status-controller': [
    rule(READ, 'admissionregistration.k8s.io', 'validatingadmissionpolicies'),
    rule('get patch update', 'admissionregistration.k8s.io', 'validatingadmissionpolicies/status'),
    eventsRule(),
  ],
}

/** Roles of kube-system: what leader election and the aggregation of APIs read and write. */
const NAMESPACED_ROLES: Readonly<Record<string, readonly PolicyRule[]>> = {
  'extension-apiserver-authentication-reader': [rule(READ, 'core', 'configmaps', 'extension-apiserver-authentication')],
  'system::leader-locking-kube-controller-manager': [
    rule('watch', 'core', 'configmaps'),
    rule('get update', 'core', 'configmaps', 'kube-controller-manager'),
  ],
  'system::leader-locking-kube-scheduler': [
    rule('watch', 'core', 'configmaps'),
    rule('get update', 'core', 'configmaps', 'kube-scheduler'),
  ],
}

const user = (name: string): Subject => ({ kind: 'User', apiGroup: RBAC_GROUP, name })
const group = (name: string): Subject => ({ kind: 'Group', apiGroup: RBAC_GROUP, name })
const account = (name: string): Subject => ({ kind: 'ServiceAccount', name, namespace: 'kube-system' })

/** By the name of the binding; it grants the ClusterRole of the same name unless it says another. */
const BINDINGS: Readonly<Record<string, { role?: string; subjects: Subject[] }>> = {
  'cluster-admin': { subjects: [group('system:masters')] },
  'csi-attacher': { role: 'external-attacher-runner', subjects: [account('csi-attacher')] },
  'csi-provisioner': { role: 'external-provisioner-runner', subjects: [account('csi-provisioner')] },
  kindnet: { subjects: [account('kindnet')] },
  'kubeadm:cluster-admins': { role: 'cluster-admin', subjects: [group('kubeadm:cluster-admins')] },
  'system:basic-user': { subjects: [group('system:authenticated')] },
  'system:coredns': { subjects: [account('coredns')] },
  'system:discovery': { subjects: [group('system:authenticated')] },
  'system:kube-controller-manager': { subjects: [user('system:kube-controller-manager')] },
  'system:kube-dns': { subjects: [account('kube-dns')] },
  'system:kube-scheduler': { subjects: [user('system:kube-scheduler')] },
  'system:monitoring': { subjects: [group('system:monitoring')] },
  'system:node': { subjects: [] },
  'system:node-proxier': { subjects: [user('system:kube-proxy')] },
  'system:public-info-viewer': { subjects: [group('system:authenticated'), group('system:unauthenticated')] },
  'system:service-account-issuer-discovery': { subjects: [group('system:serviceaccounts')] },
  'system:volume-scheduler': { subjects: [user('system:kube-scheduler')] },
}

const NAMESPACED_BINDINGS: Readonly<Record<string, { role: string; subjects: Subject[] }>> = {
  'system::extension-apiserver-authentication-reader': {
    role: 'extension-apiserver-authentication-reader',
    subjects: [user('system:kube-controller-manager'), user('system:kube-scheduler')],
  },
  'system::leader-locking-kube-controller-manager': {
    role: 'system::leader-locking-kube-controller-manager',
    subjects: [user('system:kube-controller-manager'), account('kube-controller-manager')],
  },
  'system::leader-locking-kube-scheduler': {
    role: 'system::leader-locking-kube-scheduler',
    subjects: [user('system:kube-scheduler'), account('kube-scheduler')],
  },
}

const BOOTSTRAPPED = { 'kubernetes.io/bootstrapping': 'rbac-defaults' }
const CONTROLLER_PREFIX = 'system:controller:'

function buildPolicy(): { roles: readonly DefaultRole[]; bindings: readonly DefaultBinding[] } {
  const labelled: Record<string, string> = {
    'system:aggregate-to-admin': 'admin',
    'system:aggregate-to-edit': 'edit',
    'system:aggregate-to-view': 'view',
    edit: 'admin',
    view: 'edit',
  }
  const labelsOf = (name: string): Record<string, string> => ({
    ...BOOTSTRAPPED,
    ...(labelled[name] ? { [aggregateTo(labelled[name])]: 'true' } : {}),
  })
  const roles: DefaultRole[] = [
    ...Object.entries(CLUSTER_ROLES),
    ...Object.entries(CONTROLLERS).map(([name, rules]) => [CONTROLLER_PREFIX + name, rules] as const),
  ].map(([name, rules]) => ({ name, namespace: '', labels: labelsOf(name), rules: rules as PolicyRule[] }))
  for (const name of ['view', 'edit', 'admin']) {
    const role: DefaultRole = {
      name,
      namespace: '',
      labels: labelsOf(name),
      rules: [],
      aggregationRule: aggregated(name),
    }
    const all = roles.map(asClusterRole).sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    roles.push({ ...role, rules: aggregateRules(asClusterRole(role), all) })
  }
  for (const [name, rules] of Object.entries(NAMESPACED_ROLES))
    roles.push({ name, namespace: 'kube-system', labels: BOOTSTRAPPED, rules: rules as PolicyRule[] })
  const bindings: DefaultBinding[] = [
    ...Object.entries(BINDINGS).map(([name, { role, subjects }]) => ({
      name,
      namespace: '',
      roleRef: { apiGroup: RBAC_GROUP, kind: 'ClusterRole', name: role ?? name },
      subjects,
    })),
    ...Object.keys(CONTROLLERS).map((name) => ({
      name: CONTROLLER_PREFIX + name,
      namespace: '',
      roleRef: { apiGroup: RBAC_GROUP, kind: 'ClusterRole', name: CONTROLLER_PREFIX + name },
      subjects: [account(name)],
    })),
    ...Object.entries(NAMESPACED_BINDINGS).map(([name, { role, subjects }]) => ({
      name,
      namespace: 'kube-system',
      roleRef: { apiGroup: RBAC_GROUP, kind: 'Role', name: role },
      subjects,
    })),
  ]
  return { roles, bindings }
}

const asClusterRole = ({ name, labels, rules, aggregationRule }: DefaultRole): ClusterRole => ({
  apiVersion: `${RBAC_GROUP}/v1`,
  kind: 'ClusterRole',
  metadata: { name, labels, uid: '', resourceVersion: '', creationTimestamp: '' },
  rules,
  ...(aggregationRule ? { aggregationRule } : {}),
})

/** Aggregated roles hold their rules already, as their controller would make them. */
export const defaultPolicy = buildPolicy()
