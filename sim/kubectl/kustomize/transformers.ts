/** What a kustomization does to all of its resources, by field. Source: kustomize/api/internal/builtins, api/internal/konfig/builtinpluginconsts */

import { isMap, type JsonMap } from '../../api/meta/go-json.ts'
import { KubectlError } from '../errors.ts'
import { changeField, type FieldSpec, isMeant } from './fields.ts'
import type { Image, Label } from './kustomization.ts'
import { idsOf, metadataOf, type Resource, withObject } from './resource.ts'

const changed = (resource: Resource, specs: readonly FieldSpec[], change: (value: unknown) => unknown): Resource =>
  withObject(
    resource,
    specs
      .filter((spec) => isMeant(spec, resource))
      .reduce((object, spec) => changeField(object, spec, change), resource.object),
  )

// ---------- names and namespaces ----------

/** Kinds whose names others than Kubernetes rely on. */
const KEEP_NAME = new Set(['CustomResourceDefinition', 'APIService', 'Namespace'])

export function withAffix(resource: Resource, prefix: string, suffix: string): Resource {
  if (KEEP_NAME.has(resource.kind) || (prefix === '' && suffix === '')) return resource
  const metadata = metadataOf(resource.object)
  const next = withObject(resource, {
    ...resource.object,
    metadata: { ...metadata, name: `${prefix}${metadata.name}${suffix}` },
  })
  return {
    ...next,
    prefixes: prefix ? [...next.prefixes, prefix] : next.prefixes,
    suffixes: suffix ? [...next.suffixes, suffix] : next.suffixes,
  }
}

/** @param isNamespaced whether objects of that kind live in namespaces */
export function inNamespace(
  resource: Resource,
  namespace: string,
  isNamespaced: (resource: Resource) => boolean,
): Resource {
  const { object, kind } = resource
  const metadata = metadataOf(object)
  if (kind === 'Namespace') return withObject(resource, { ...object, metadata: { ...metadata, name: namespace } })
  const placed = isNamespaced(resource) ? { ...object, metadata: { ...metadata, namespace } } : object
  if (kind !== 'RoleBinding' && kind !== 'ClusterRoleBinding') return withObject(resource, placed)
  const subjects = changeField(placed, { path: 'subjects' }, (value) =>
    Array.isArray(value)
      ? value.map((subject) =>
          isMap(subject) && subject.kind === 'ServiceAccount' && subject.name === 'default'
            ? { ...subject, namespace }
            : subject,
        )
      : value,
  )
  return withObject(resource, subjects)
}

// ---------- labels and annotations ----------

const METADATA_LABELS: readonly FieldSpec[] = [{ path: 'metadata/labels', create: true }]

const TEMPLATE_KINDS = ['ReplicationController', 'Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet', 'Job']

const templates = (field: string): FieldSpec[] => [
  ...TEMPLATE_KINDS.map((kind) => ({ path: `spec/template/metadata/${field}`, create: true, kind })),
  { path: `spec/jobTemplate/metadata/${field}`, create: true, kind: 'CronJob' },
  { path: `spec/jobTemplate/spec/template/metadata/${field}`, create: true, kind: 'CronJob' },
]

const TEMPLATE_LABELS = templates('labels')

const AFFINITIES = ['podAffinity', 'podAntiAffinity'].flatMap((affinity) => [
  `spec/template/spec/affinity/${affinity}/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels`,
  `spec/template/spec/affinity/${affinity}/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels`,
])

const SELECTOR_LABELS: readonly FieldSpec[] = [
  { path: 'spec/selector', create: true, kind: 'Service', group: '' },
  { path: 'spec/selector', create: true, kind: 'ReplicationController' },
  ...['Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet'].map((kind) => ({
    path: 'spec/selector/matchLabels',
    create: true,
    kind,
  })),
  ...['Deployment', 'StatefulSet'].flatMap((kind) =>
    [...AFFINITIES, 'spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels'].map((path) => ({
      path,
      kind,
      group: 'apps',
    })),
  ),
  { path: 'spec/volumeClaimTemplates[]/metadata/labels', create: true, kind: 'StatefulSet', group: 'apps' },
  { path: 'spec/selector/matchLabels', kind: 'Job', group: 'batch' },
  { path: 'spec/jobTemplate/spec/selector/matchLabels', kind: 'CronJob', group: 'batch' },
  { path: 'spec/selector/matchLabels', kind: 'PodDisruptionBudget', group: 'policy' },
  { path: 'spec/podSelector/matchLabels', kind: 'NetworkPolicy', group: 'networking.k8s.io' },
  { path: 'spec/ingress/from/podSelector/matchLabels', kind: 'NetworkPolicy', group: 'networking.k8s.io' },
  { path: 'spec/egress/to/podSelector/matchLabels', kind: 'NetworkPolicy', group: 'networking.k8s.io' },
]

const ANNOTATIONS: readonly FieldSpec[] = [{ path: 'metadata/annotations', create: true }, ...templates('annotations')]

const adding =
  (pairs: Readonly<Record<string, string>>) =>
  (value: unknown): unknown => ({ ...(isMap(value) ? value : {}), ...pairs })

export function withLabels(
  resource: Resource,
  { pairs = {}, includeSelectors, includeTemplates, fields = [] }: Label,
): Resource {
  if (Object.keys(pairs).length === 0) return resource
  const specs = includeSelectors
    ? [...fields, ...SELECTOR_LABELS, ...TEMPLATE_LABELS, ...METADATA_LABELS]
    : [...fields, ...(includeTemplates ? TEMPLATE_LABELS : []), ...METADATA_LABELS]
  return changed(resource, specs, adding(pairs))
}

export const withAnnotations = (resource: Resource, pairs: Readonly<Record<string, string>>): Resource =>
  changed(resource, ANNOTATIONS, adding(pairs))

// ---------- replicas and images ----------

const SCALABLE = ['Deployment', 'StatefulSet', 'ReplicaSet', 'ReplicationController']

/** @throws KubectlError when no resource has such a name */
export function withReplicas(
  resources: readonly Resource[],
  { name, count }: { name: string; count: number },
): Resource[] {
  const isNamed = (resource: Resource): boolean =>
    SCALABLE.includes(resource.kind) && idsOf(resource).some((id) => id.name === name)
  if (!resources.some(isNamed)) {
    const kinds = SCALABLE.map((kind) => `${kind}.[noVer].[noGrp]`)
    throw new KubectlError(
      `resource with name ${name} does not match a config with the following GVK [${kinds.join(' ')}]`,
    )
  }
  return resources.map((resource) =>
    isNamed(resource) ? changed(resource, [{ path: 'spec/replicas', create: true }], () => count) : resource,
  )
}

/** Every container's image, wherever a list of containers stands. */
export const withImage = (resource: Resource, image: Image): Resource =>
  resource.kind === 'CustomResourceDefinition'
    ? resource
    : withObject(resource, changeImages(resource.object, image) as JsonMap)

function changeImages(value: unknown, image: Image): unknown {
  if (Array.isArray(value)) return value.map((item) => changeImages(item, image))
  if (!isMap(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([field, inner]) => [
      field,
      (field === 'containers' || field === 'initContainers') && Array.isArray(inner)
        ? inner.map((container) =>
            isMap(container) && typeof container.image === 'string'
              ? { ...container, image: changedImage(container.image, image) }
              : container,
          )
        : changeImages(inner, image),
    ]),
  )
}

/** Source: kustomize/api/filters/imagetag, api/internal/image */
function changedImage(text: string, { name = '', newName, newTag, digest, tagSuffix }: Image): string {
  const escaped = name.replace(/[.+?^${}()|[\]\\]/g, '\\$&')
  if (!new RegExp(`^${escaped}(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$`).test(text)) return text
  const [named, ownDigest] = text.split('@')
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1)
  const [base, ownTag] = colon < 0 ? [named, ''] : [named.slice(0, colon), named.slice(colon + 1)]
  const tag = newTag ? newTag : digest ? '' : ownTag
  const kept = newTag || digest ? digest : ownDigest
  return `${newName || base}${tag ? `:${tag}${tagSuffix ?? ''}` : ''}${kept ? `@${kept}` : ''}`
}
