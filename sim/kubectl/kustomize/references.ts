/** Names by which resources refer to each other, brought to what the others are called in the end. Source: kustomize/api/internal/konfig/builtinpluginconsts/namereference.go, api/filters/nameref */
import { isMap } from '../../api/meta/go-json.ts'
import { changeField, type FieldSpec, isMeant } from './fields.ts'
import { idsOf, isSameNamespace, nameOf, namespaceOf, type Resource, withObject } from './resource.ts'

interface Rule {
  /** Kind of what is referred to. */
  kind: string
  fields: readonly FieldSpec[]
}

/** Where a kind keeps the spec of its Pods. */
const POD_SPEC: Readonly<Record<string, string>> = {
  Pod: 'spec',
  PodTemplate: 'template/spec',
  Deployment: 'spec/template/spec',
  ReplicaSet: 'spec/template/spec',
  ReplicationController: 'spec/template/spec',
  DaemonSet: 'spec/template/spec',
  StatefulSet: 'spec/template/spec',
  Job: 'spec/template/spec',
  CronJob: 'spec/jobTemplate/spec/template/spec',
}

const inPods = (paths: readonly string[], ...without: string[]): FieldSpec[] =>
  Object.entries(POD_SPEC)
    .filter(([kind]) => !without.includes(kind))
    .flatMap(([kind, root]) => paths.map((path) => ({ kind, path: `${root}/${path}` })))

const at = (kind: string, ...paths: string[]): FieldSpec[] => paths.map((path) => ({ kind, path }))

const fromContainers = (...paths: string[]): string[] =>
  paths.flatMap((path) => [`containers/${path}`, `initContainers/${path}`])

const SCALED = ['Deployment', 'ReplicationController', 'ReplicaSet', 'StatefulSet']

const RULES: readonly Rule[] = [
  ...SCALED.map((kind) => ({ kind, fields: at('HorizontalPodAutoscaler', 'spec/scaleTargetRef/name') })),
  {
    kind: 'ConfigMap',
    fields: [
      ...inPods(
        [
          'volumes/configMap/name',
          'volumes/projected/sources/configMap/name',
          ...fromContainers('env/valueFrom/configMapKeyRef/name', 'envFrom/configMapRef/name'),
        ],
        'ReplicationController',
      ),
      ...at('Role', 'rules/resourceNames'),
      ...at('ClusterRole', 'rules/resourceNames'),
      ...at('Ingress', 'metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap'),
    ],
  },
  {
    kind: 'Secret',
    fields: [
      ...inPods(
        [
          'volumes/secret/secretName',
          'volumes/projected/sources/secret/name',
          'imagePullSecrets/name',
          ...fromContainers('env/valueFrom/secretKeyRef/name', 'envFrom/secretRef/name'),
        ],
        'ReplicationController',
      ),
      ...at(
        'Ingress',
        'spec/tls/secretName',
        'metadata/annotations/ingress.kubernetes.io\\/auth-secret',
        'metadata/annotations/nginx.ingress.kubernetes.io\\/auth-secret',
        'metadata/annotations/nginx.ingress.kubernetes.io\\/auth-tls-secret',
      ),
      ...at('ServiceAccount', 'imagePullSecrets/name'),
      ...at('Role', 'rules/resourceNames'),
      ...at('ClusterRole', 'rules/resourceNames'),
    ],
  },
  {
    kind: 'Service',
    fields: [
      ...at('StatefulSet', 'spec/serviceName'),
      ...at('Ingress', 'spec/rules/http/paths/backend/service/name', 'spec/defaultBackend/service/name'),
      ...at('APIService', 'spec/service/name'),
    ],
  },
  { kind: 'Role', fields: at('RoleBinding', 'roleRef/name') },
  { kind: 'ClusterRole', fields: [...at('RoleBinding', 'roleRef/name'), ...at('ClusterRoleBinding', 'roleRef/name')] },
  {
    kind: 'ServiceAccount',
    fields: [
      ...at('RoleBinding', 'subjects'),
      ...at('ClusterRoleBinding', 'subjects'),
      ...inPods(['serviceAccountName'], 'PodTemplate', 'ReplicaSet'),
    ],
  },
  {
    kind: 'PersistentVolumeClaim',
    fields: inPods(['volumes/persistentVolumeClaim/claimName'], 'PodTemplate', 'ReplicaSet'),
  },
  {
    kind: 'PersistentVolume',
    fields: [...at('PersistentVolumeClaim', 'spec/volumeName'), ...at('ClusterRole', 'rules/resourceNames')],
  },
  {
    kind: 'StorageClass',
    fields: [
      ...at('PersistentVolume', 'spec/storageClassName'),
      ...at('PersistentVolumeClaim', 'spec/storageClassName'),
      ...at('StatefulSet', 'spec/volumeClaimTemplates/spec/storageClassName'),
    ],
  },
  { kind: 'PriorityClass', fields: inPods(['priorityClassName'], 'PodTemplate', 'ReplicaSet') },
  { kind: 'IngressClass', fields: at('Ingress', 'spec/ingressClassName') },
]

/** The resources, each calling the others by the names they have now. */
export const withReferences = (resources: readonly Resource[]): Resource[] =>
  resources.map((referrer) =>
    RULES.reduce((resource, { kind, fields }) => {
      const meant = fields.filter((field) => isMeant(field, resource))
      if (meant.length === 0) return resource
      const candidates = resources.filter((other) => other.kind === kind)
      return meant.reduce((current, field) => refer(current, field, kind, candidates), resource)
    }, referrer),
  )

function refer(referrer: Resource, field: FieldSpec, kind: string, candidates: readonly Resource[]): Resource {
  const { roleRef } = referrer.object
  if (field.path === 'roleRef/name' && isMap(roleRef) && roleRef.kind !== kind) return referrer
  const renamed = (name: unknown): unknown => {
    if (Array.isArray(name)) return name.map(renamed)
    const found = typeof name === 'string' ? select(referrer, name, candidates) : undefined
    return found ? nameOf(found) : name
  }
  const change = (value: unknown): unknown =>
    field.path === 'subjects' && Array.isArray(value)
      ? value.map((subject) => referSubject(subject, candidates))
      : renamed(value)
  const object = changeField(referrer.object, field, change)
  return object === referrer.object ? referrer : withObject(referrer, object)
}

/** The one that was called so: of several the one in the referrer's namespace, and of those the one that came the same way. */
function select(referrer: Resource, name: string, candidates: readonly Resource[]): Resource | undefined {
  const named = candidates.filter((other) => idsOf(other).some((id) => id.name === name))
  if (named.length < 2) return named[0]
  const near = named.filter((other) => isSameNamespace(namespaceOf(other), namespaceOf(referrer)))
  if (near.length < 2) return near[0]
  const alike = near.filter(
    (other) => other.prefixes.join() === referrer.prefixes.join() && other.suffixes.join() === referrer.suffixes.join(),
  )
  return alike.length === 1 ? alike[0] : undefined
}

function referSubject(subject: unknown, accounts: readonly Resource[]): unknown {
  if (!isMap(subject) || subject.kind !== 'ServiceAccount') return subject
  const { name } = subject
  const namespace = typeof subject.namespace === 'string' ? subject.namespace : ''
  const found = accounts.find((account) =>
    idsOf(account).some((id) => id.name === name && isSameNamespace(id.namespace, namespace)),
  )
  if (!found) return subject
  const now = namespaceOf(found) || namespace
  return { ...subject, name: nameOf(found), ...(now ? { namespace: now } : {}) }
}
