/** When an object counts as ready for `--wait`. Pure but for looking up. Source: helm.sh/helm/v3/pkg/kube/ready.go */
import type { Kind } from '../../api/meta/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import type { Client } from '../../client/client.ts'

type Loose = { spec?: Record<string, unknown>; status?: Record<string, unknown> }
type FindKind = (apiVersion: string, kind: string) => Kind | undefined

const number = (value: unknown, other = 0): number => (typeof value === 'number' ? value : other)
const conditionsOf = (object: KubeObject): { type: string; status: string; reason?: string }[] =>
  ((object as Loose).status?.conditions as { type: string; status: string }[] | undefined) ?? []
const holds = (object: KubeObject, type: string): boolean =>
  conditionsOf(object).some((condition) => condition.type === type && condition.status === 'True')

/** Why a Job has failed; undefined while it has not. */
export function jobProblem(job: KubeObject): string | undefined {
  const failed = conditionsOf(job).find(({ type, status }) => type === 'Failed' && status === 'True')
  return failed && (failed.reason ?? 'Failed')
}

export function isReady(client: Client, findKind: FindKind, kind: Kind, live: KubeObject, withJobs: boolean): boolean {
  const { spec = {}, status = {} } = live as Loose
  const isObserved = status.observedGeneration === live.metadata.generation
  switch (kind.kind) {
    case 'Pod':
      return holds(live, 'Ready')
    case 'Job':
      return !withJobs || number(status.succeeded) >= number(spec.completions, 1)
    case 'Deployment':
      return spec.paused === true || isDeploymentReady(client, findKind, live, isObserved)
    case 'PersistentVolumeClaim':
      return status.phase === 'Bound'
    case 'Service':
      return isServiceReady(spec, status)
    case 'DaemonSet': {
      const desired = number(status.desiredNumberScheduled)
      const { type, rollingUpdate } = (spec.updateStrategy ?? {}) as {
        type?: string
        rollingUpdate?: { maxUnavailable?: unknown }
      }
      if (!isObserved) return false
      if (type !== 'RollingUpdate') return true
      if (number(status.updatedNumberScheduled) !== desired) return false
      return number(status.numberReady) >= desired - share(rollingUpdate?.maxUnavailable ?? 1, desired, true)
    }
    case 'StatefulSet': {
      const replicas = number(spec.replicas, 1)
      const { type, rollingUpdate } = (spec.updateStrategy ?? {}) as {
        type?: string
        rollingUpdate?: { partition?: number }
      }
      if (!isObserved) return false
      if (type !== 'RollingUpdate') return true
      const partition = rollingUpdate?.partition ?? 0
      if (number(status.updatedReplicas) < replicas - partition || number(status.readyReplicas) !== replicas)
        return false
      return partition !== 0 || status.currentRevision === status.updateRevision
    }
    case 'ReplicaSet':
    case 'ReplicationController':
      return isObserved && number(status.readyReplicas) >= number(spec.replicas, 1)
    case 'CustomResourceDefinition':
      return holds(live, 'Established')
    default:
      return true
  }
}

function isServiceReady(spec: Record<string, unknown>, status: Record<string, unknown>): boolean {
  if (spec.type === 'ExternalName') return true
  if (!spec.clusterIP) return false
  if (spec.type !== 'LoadBalancer' || ((spec.externalIPs as unknown[] | undefined) ?? []).length > 0) return true
  return (status.loadBalancer as { ingress?: unknown } | undefined)?.ingress !== undefined
}

/** By the ReplicaSet of the template that it has now. */
function isDeploymentReady(client: Client, findKind: FindKind, live: KubeObject, isObserved: boolean): boolean {
  const { spec = {} } = live as Loose
  const kind = findKind('apps/v1', 'ReplicaSet')
  const revision = live.metadata.annotations?.['deployment.kubernetes.io/revision']
  if (!kind || !isObserved || revision === undefined) return false
  const own = client
    .list(kind, { namespace: live.metadata.namespace ?? '' })
    .items.find(
      ({ metadata }) =>
        metadata.ownerReferences?.some(({ uid }) => uid === live.metadata.uid) &&
        metadata.annotations?.['deployment.kubernetes.io/revision'] === revision,
    )
  if (!own) return false
  const replicas = number(spec.replicas, 1)
  const { type, rollingUpdate = {} } = (spec.strategy ?? {}) as {
    type?: string
    rollingUpdate?: { maxUnavailable?: unknown; maxSurge?: unknown }
  }
  let most = 0
  if (type === 'RollingUpdate' && replicas > 0) {
    most = share(rollingUpdate.maxUnavailable ?? 0, replicas, false)
    if (most === 0 && share(rollingUpdate.maxSurge ?? 0, replicas, true) === 0) most = 1
    most = Math.min(most, replicas)
  }
  const { status = {} } = own as Loose
  return status.observedGeneration === own.metadata.generation && number(status.readyReplicas) >= replicas - most
}

/** A number, or that part of all in percent. */
function share(value: unknown, all: number, roundsUp: boolean): number {
  if (typeof value === 'number') return value
  const part = (Number.parseInt(String(value), 10) * all) / 100
  return roundsUp ? Math.ceil(part) : Math.floor(part)
}
