/**
 * The PersistentVolumeClaims of a StatefulSet's Pods: made before the Pod, and owned so that the garbage collector takes them
 * as the retention policy says. A cluster that does not serve the kind has none.
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention
 */

import type { StatefulSet } from '../../api/apps/types.ts'
import { pods } from '../../api/core/pod.ts'
import type { Pod } from '../../api/core/pod-types.ts'
import type { Kind } from '../../api/meta/kind.ts'
import type { Draft, KubeObject, OwnerReference } from '../../api/meta/object.ts'
import { StatusError } from '../../api/meta/status-error.ts'
import { findKind } from '../../api/registry.ts'
import type { Client } from '../../client/client.ts'
import type { EventRecorder, InformerFactory } from '../../client/machinery.ts'
import { controllerReference } from '../ownership.ts'
import { claimName, ordinalOf, startOrdinal } from './identity.ts'

interface Claim extends KubeObject {
  spec: Record<string, unknown>
}

export interface ClaimKeeper {
  /** Makes the claims of a Pod that are missing. @throws StatusError when one can't be made */
  ensure(set: StatefulSet, podName: string): void
  /** A claim of the Pod is going, with the Pod that had its name before: the new one has to wait. */
  areGoing(set: StatefulSet, podName: string): boolean
  /** Brings the claims' owners in line with the retention policy. */
  retain(set: StatefulSet, pod: Pod): void
}

export function createClaimKeeper(client: Client, informers: InformerFactory, events: EventRecorder): ClaimKeeper {
  const kind = findKind('', 'v1', 'PersistentVolumeClaim') as unknown as Kind<Claim> | undefined
  if (!kind) return { ensure: () => undefined, areGoing: () => false, retain: () => undefined }
  const claims = informers.informer(kind)

  return {
    ensure(set, podName) {
      for (const template of set.spec.volumeClaimTemplates ?? []) {
        const key = { namespace: set.metadata.namespace!, name: claimName(template, podName) }
        if (claims.get(key)) continue
        const draft = {
          metadata: {
            ...template.metadata,
            ...key,
            labels: { ...template.metadata.labels, ...set.spec.selector.matchLabels },
          },
          spec: template.spec,
        } as Draft<Claim>
        const what = `Claim ${key.name} Pod ${podName} in StatefulSet ${set.metadata.name}`
        try {
          client.create(kind, draft)
          events.event(set, 'Normal', 'SuccessfulCreate', `Create ${what} success`)
        } catch (error) {
          if (!(error instanceof StatusError)) throw error
          if (error.reason === 'AlreadyExists') continue
          const failed = `Create Claim ${key.name} for Pod ${podName} in StatefulSet ${set.metadata.name} failed error: ${error.message}`
          events.event(set, 'Warning', 'FailedCreate', failed)
          throw error
        }
      }
    },
    areGoing: (set, podName) =>
      (set.spec.volumeClaimTemplates ?? []).some((template) => {
        const claim = claims.get({ namespace: set.metadata.namespace!, name: claimName(template, podName) })
        if (!claim) return false
        const { deletionTimestamp, ownerReferences = [] } = claim.metadata
        return deletionTimestamp !== undefined || ownerReferences.some(({ kind: owner }) => owner === pods.kind)
      }),
    retain(set, pod) {
      for (const template of set.spec.volumeClaimTemplates ?? []) {
        const claim = claims.get({
          namespace: set.metadata.namespace!,
          name: claimName(template, pod.metadata.name),
        })
        if (!claim) continue
        const owners = claim.metadata.ownerReferences ?? []
        // Left by a set or Pod of the same name that is gone: the garbage collector's business.
        if (owners.some((owner) => isFormer(owner, set) || isFormer(owner, pod))) continue
        const others = owners.filter(({ uid }) => uid !== set.metadata.uid && uid !== pod.metadata.uid)
        const isTaken = others.some(({ controller }) => controller)
        const wanted = [...others, ...(isTaken ? [] : claimOwners(set, pod))]
        const uids = (owners: readonly OwnerReference[]): string => owners.map(({ uid }) => uid).join()
        if (uids(wanted) === uids(owners)) continue
        client.update(kind, { ...claim, metadata: { ...claim.metadata, ownerReferences: wanted } })
      }
    },
  }
}

/** With whom a Pod's claims go: the set when it is deleted, the Pod when it is scaled away, or nobody. Pure. */
export function claimOwners(set: StatefulSet, pod: Pod): OwnerReference[] {
  const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy ?? {}
  const ordinal = ordinalOf(set, pod) ?? -1
  const start = startOrdinal(set)
  const isScaledAway = ordinal < start || ordinal >= start + set.spec.replicas
  if (isScaledAway && whenScaled === 'Delete')
    return [controllerReference({ ...pod, apiVersion: pods.apiVersion, kind: pods.kind })]
  if (whenDeleted === 'Delete') return [controllerReference(set)]
  return []
}

const isFormer = ({ kind, name, uid }: OwnerReference, object: KubeObject): boolean =>
  kind === object.kind && name === object.metadata.name && uid !== object.metadata.uid
