/** Who a Pod of a StatefulSet is: its ordinal, its names, its claims. Source: kubernetes/pkg/controller/statefulset/stateful_set_utils.go */
import type { StatefulSet, VolumeClaimTemplate } from '../../api/apps/types.ts'
import type { Pod, PodTemplateSpec, Volume } from '../../api/core/pod-types.ts'
import type { Draft } from '../../api/meta/object.ts'
import { REVISION_LABEL } from '../history.ts'
import { controllerReference } from '../ownership.ts'

const POD_NAME_LABEL = 'statefulset.kubernetes.io/pod-name'
const POD_INDEX_LABEL = 'apps.kubernetes.io/pod-index'

/** The number at the end of the name, for a Pod named after the set; undefined for others. */
export function ordinalOf(set: StatefulSet, pod: Pod): number | undefined {
  const [, parent, digits] = /^(.*)-(\d+)$/.exec(pod.metadata.name) ?? []
  return parent === set.metadata.name ? Number(digits) : undefined
}

export const startOrdinal = (set: StatefulSet): number => set.spec.ordinals?.start ?? 0

export const podName = (set: StatefulSet, ordinal: number): string => `${set.metadata.name}-${ordinal}`

/** `www-web-0`: the claim that a Pod has of a template. */
export const claimName = (template: VolumeClaimTemplate, pod: string): string => `${template.metadata.name}-${pod}`

export const revisionOf = (pod: Pod): string => pod.metadata.labels?.[REVISION_LABEL] ?? ''

/** The Pod of that ordinal, of that revision. */
export function newPod(set: StatefulSet, ordinal: number, template: PodTemplateSpec, revision: string): Draft<Pod> {
  const name = podName(set, ordinal)
  const { metadata, spec } = template
  return {
    metadata: {
      name,
      generateName: `${set.metadata.name}-`,
      namespace: set.metadata.namespace,
      labels: { ...metadata?.labels, ...identityLabels(name, ordinal), [REVISION_LABEL]: revision },
      ...(metadata?.annotations ? { annotations: metadata.annotations } : {}),
      ...(metadata?.finalizers ? { finalizers: metadata.finalizers } : {}),
      ownerReferences: [controllerReference(set)],
    },
    spec: {
      ...spec,
      hostname: name,
      ...(set.spec.serviceName ? { subdomain: set.spec.serviceName } : {}),
      ...withClaims(set, name, spec.volumes),
    },
  }
}

const identityLabels = (name: string, ordinal: number): Record<string, string> => ({
  [POD_NAME_LABEL]: name,
  [POD_INDEX_LABEL]: String(ordinal),
})

/** Volumes of claim templates take the place of others of their name. */
function withClaims(set: StatefulSet, pod: string, volumes: readonly Volume[] | undefined): { volumes?: Volume[] } {
  const templates = set.spec.volumeClaimTemplates ?? []
  if (templates.length === 0) return volumes ? { volumes: [...volumes] } : {}
  const claims = templates.map(
    (template): Volume => ({
      name: template.metadata.name!,
      persistentVolumeClaim: { claimName: claimName(template, pod) },
    }),
  )
  const names = new Set(claims.map(({ name }) => name))
  return { volumes: [...claims, ...(volumes ?? []).filter(({ name }) => !names.has(name))] }
}

/** Has the labels that say who it is. A Pod that was adopted may lack them. */
export const hasIdentity = (pod: Pod, ordinal: number): boolean =>
  Object.entries(identityLabels(pod.metadata.name, ordinal)).every(
    ([key, value]) => pod.metadata.labels?.[key] === value,
  )

export const withIdentity = (pod: Pod, ordinal: number): Pod => ({
  ...pod,
  metadata: {
    ...pod.metadata,
    labels: { ...pod.metadata.labels, ...identityLabels(pod.metadata.name, ordinal) },
  },
})
