/** The ReplicaSets of a Deployment and their revisions. Source: k8s.io/kubectl/pkg/util/deployment */
import type { Deployment, ReplicaSet } from '../api/apps/types.ts'
import type { PodTemplateSpec } from '../api/core/pod-types.ts'
import { equalJson } from '../api/meta/json.ts'
import type { Kind } from '../api/meta/kind.ts'
import { controllerOf } from '../api/meta/object.ts'
import type { Client } from '../client/client.ts'
import { listInChunks } from './resources.ts'

export const revisionAnnotation = 'deployment.kubernetes.io/revision'
export const changeCauseAnnotation = 'kubernetes.io/change-cause'
const HASH_LABEL = 'pod-template-hash'

/**
 * The ReplicaSets that the Deployment controls, the oldest first.
 * @param chunkSize how many are asked for at a time; 0: all
 */
export function ownedReplicaSets(
  client: Client,
  kind: Kind<ReplicaSet>,
  deployment: Deployment,
  chunkSize = 0,
): ReplicaSet[] {
  const { namespace, uid } = deployment.metadata
  return listInChunks(client, kind, { namespace, labelSelector: deployment.spec.selector }, chunkSize)
    .items.filter((replicaSet) => controllerOf(replicaSet)?.uid === uid)
    .toSorted((a, b) =>
      a.metadata.creationTimestamp < b.metadata.creationTimestamp
        ? -1
        : a.metadata.creationTimestamp > b.metadata.creationTimestamp
          ? 1
          : 0,
    )
}

/** The one whose template is the Deployment's, but for the hash label. */
export const findNewReplicaSet = (deployment: Deployment, owned: readonly ReplicaSet[]): ReplicaSet | undefined =>
  owned.find((replicaSet) => equalJson(withoutHash(replicaSet.spec.template), withoutHash(deployment.spec.template)))

/** The template as a Deployment would hold it. */
export function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  if (template.metadata?.labels?.[HASH_LABEL] === undefined) return template
  const { [HASH_LABEL]: _, ...labels } = template.metadata.labels
  return { ...template, metadata: { ...template.metadata, labels } }
}

/** 0 for one without the annotation. */
export const revisionOf = (object: { metadata: { annotations?: Record<string, string> } }): number =>
  Number(object.metadata.annotations?.[revisionAnnotation] ?? 0)
