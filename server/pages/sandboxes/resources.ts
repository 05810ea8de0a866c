/** The resources that the object browser offers: what a cluster is asked for, and how people call it. */
import { msg } from '../../i18n/translate.ts'

export interface Resource {
  /** As `Cluster.objects` takes it. */
  id: string
  kind: string
  isNamespaced: boolean
}

const group = (suffix: string, kinds: readonly string[], isNamespaced = true): Resource[] =>
  kinds.map((kind) => ({ id: `${pluralOf(kind)}${suffix}`, kind, isNamespaced }))

/** By the endings of English, and as the API calls those that have none of their own. */
function pluralOf(kind: string): string {
  const word = kind.toLowerCase()
  if (word === 'endpoints') return word
  if (/(s|x|ch)$/.test(word)) return `${word}es`
  return /[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`
}

export const resourceGroups: readonly { title: string; resources: readonly Resource[] }[] = [
  {
    title: msg('Workloads'),
    resources: [
      ...group('', ['Pod', 'PodTemplate']),
      ...group('.apps', ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'ControllerRevision']),
      ...group('.batch', ['Job', 'CronJob']),
      ...group('', ['ReplicationController']),
      ...group('.autoscaling', ['HorizontalPodAutoscaler']),
      ...group('.policy', ['PodDisruptionBudget']),
    ],
  },
  {
    title: msg('Network'),
    resources: [
      ...group('', ['Service', 'Endpoints']),
      ...group('.discovery.k8s.io', ['EndpointSlice']),
      ...group('.networking.k8s.io', ['Ingress', 'NetworkPolicy']),
      ...group('.networking.k8s.io', ['IngressClass', 'ServiceCIDR', 'IPAddress'], false),
    ],
  },
  {
    title: msg('Configuration and storage'),
    resources: [
      ...group('', ['ConfigMap', 'Secret', 'PersistentVolumeClaim']),
      ...group('', ['PersistentVolume'], false),
      ...group(
        '.storage.k8s.io',
        ['StorageClass', 'VolumeAttachment', 'VolumeAttributesClass', 'CSINode', 'CSIDriver'],
        false,
      ),
      ...group('.storage.k8s.io', ['CSIStorageCapacity']),
      ...group('', ['LimitRange', 'ResourceQuota']),
    ],
  },
  {
    title: msg('Access'),
    resources: [
      ...group('', ['ServiceAccount']),
      ...group('.rbac.authorization.k8s.io', ['Role', 'RoleBinding']),
      ...group('.rbac.authorization.k8s.io', ['ClusterRole', 'ClusterRoleBinding'], false),
      ...group('.certificates.k8s.io', ['CertificateSigningRequest'], false),
      ...group(
        '.admissionregistration.k8s.io',
        [
          'ValidatingAdmissionPolicy',
          'ValidatingAdmissionPolicyBinding',
          'MutatingAdmissionPolicy',
          'MutatingAdmissionPolicyBinding',
          'ValidatingWebhookConfiguration',
          'MutatingWebhookConfiguration',
        ],
        false,
      ),
    ],
  },
  {
    title: msg('Cluster'),
    resources: [
      ...group('', ['Node', 'Namespace'], false),
      ...group('', ['Event']),
      ...group('.coordination.k8s.io', ['Lease']),
      ...group('.scheduling.k8s.io', ['PriorityClass'], false),
      ...group('.resource.k8s.io', ['ResourceClaim', 'ResourceClaimTemplate']),
      ...group('.resource.k8s.io', ['DeviceClass', 'ResourceSlice'], false),
      ...group('.node.k8s.io', ['RuntimeClass'], false),
      ...group('.flowcontrol.apiserver.k8s.io', ['FlowSchema', 'PriorityLevelConfiguration'], false),
      ...group('.apiextensions.k8s.io', ['CustomResourceDefinition'], false),
      ...group('.apiregistration.k8s.io', ['APIService'], false),
    ],
  },
]

export const findResource = (id: string): Resource | undefined =>
  resourceGroups.flatMap(({ resources }) => resources).find((resource) => resource.id === id)
