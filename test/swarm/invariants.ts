/** What must be true of a cluster at every moment, whatever is done to it; and what must come true once it is left alone. */

import type { Deployment, ReplicaSet } from '../../sim/api/apps/types.ts'
import { pods as podKind } from '../../sim/api/core/pod.ts'
import type { Pod } from '../../sim/api/core/pod-types.ts'
import type { Endpoints, Node, Service } from '../../sim/api/core/types.ts'
import { controllerOf, findCondition, type KubeObject } from '../../sim/api/meta/object.ts'
import { quantityMillis } from '../../sim/api/meta/quantity.ts'
import type { Change } from '../../sim/etcd/etcd.ts'
import type { LiveCluster } from '../../sim/index.ts'
import { isMirrorPod } from '../../sim/kubelet/static-pods.ts'
import { raftProblem } from './etcd.ts'
import { attachmentProblem } from './storage.ts'
import { workloadConvergenceProblems, workloadProblem } from './workloads.ts'

/** An invariant is broken: `what` says which, and where. */
export class Broken extends Error {
  override readonly name = 'Broken'
}

/** Watches a cluster's every change. Throws Broken from inside the event that broke an invariant. */
export function watchInvariants(cluster: LiveCluster): void {
  const nodeOf = new Map<string, string>()
  const ipOwner = new Map<string, string>()
  const phases = new Map<string, string>()
  const watched = new Map<string, string>()
  let lastRevision = cluster.server.etcd.revision
  let seen = cluster.server.etcd.history().length

  // What a watch tells must be what a list gives, once it has caught up.
  for (const pod of cluster.objects('pods'))
    watched.set(`${pod.metadata.namespace}/${pod.metadata.name}`, pod.metadata.resourceVersion)
  let told = String(lastRevision)
  const { link } = cluster.client
  const follow = (): void => {
    cluster.client.watch(podKind, { resourceVersion: told }, ({ type, object }) => {
      if (type === 'ERROR') resume()
      else note(type, object)
    })
  }
  /** The API server has stopped: the watch goes on where it was once the server is back. */
  const resume = (): void => {
    const leave = link?.onChange(() => {
      if (link.failure !== undefined) return
      leave?.()
      follow()
    })
  }
  const note = (type: string, object: Pod): void => {
    told = object.metadata.resourceVersion
    const key = `${object.metadata.namespace}/${object.metadata.name}`
    const before = watched.get(key)
    if (type === 'ADDED' && before !== undefined) throw new Broken(`the watch adds ${key} twice`)
    if (type !== 'ADDED' && before === undefined)
      throw new Broken(`the watch tells ${type} of ${key}, which it never added`)
    if (before !== undefined && Number(object.metadata.resourceVersion) <= Number(before))
      throw new Broken(`the watch tells of ${key} out of order`)
    if (type === 'DELETED') watched.delete(key)
    else watched.set(key, object.metadata.resourceVersion)
  }
  follow()

  const check = (change: Change): void => {
    if (change.revision !== lastRevision + 1) throw new Broken(`revision ${change.revision} follows ${lastRevision}`)
    lastRevision = change.revision
    if (change.type !== 'DELETED' && change.value.metadata.resourceVersion !== String(change.revision)) {
      throw new Broken(
        `${change.bucket}/${change.key} has resourceVersion ${change.value.metadata.resourceVersion} at revision ${change.revision}`,
      )
    }
    if (change.bucket === 'pods') checkPod(change)
    if (change.bucket === 'services') checkService(change)
    if (change.bucket === 'volumeattachments.storage.k8s.io') {
      const problem = attachmentProblem(cluster)
      if (problem) throw new Broken(problem)
    }
    if (change.bucket === 'replicasets.apps')
      checkReplicaSets(change.value.metadata.namespace ?? '', controllerOf(change.value)?.name)
  }

  const checkPod = (change: Change): void => {
    const pod = change.value as Pod
    const { uid, name } = pod.metadata
    const owner = controllerOf(pod)
    const problem = owner && workloadProblem(cluster, pod.metadata.namespace ?? '', owner)
    if (problem) throw new Broken(problem)
    const bound = nodeOf.get(uid)
    if (bound && pod.spec.nodeName !== bound)
      throw new Broken(`Pod ${name} moved from ${bound} to ${pod.spec.nodeName}`)
    if (pod.spec.nodeName) nodeOf.set(uid, pod.spec.nodeName)
    const before = phases.get(uid)
    const phase = pod.status.phase ?? ''
    if ((before === 'Succeeded' || before === 'Failed') && phase !== before)
      throw new Broken(`Pod ${name} went from ${before} back to ${phase}`)
    phases.set(uid, phase)
    for (const status of pod.status.containerStatuses ?? []) {
      const states = Object.values(status.state).filter((state) => state !== undefined)
      if (states.length > 1) throw new Broken(`container ${status.name} of ${name} is in ${states.length} states`)
      if (status.ready && !status.state.running)
        throw new Broken(`container ${status.name} of ${name} is ready and not running`)
    }
    const ip = pod.status.podIP
    if (change.type === 'DELETED') {
      for (const [held, owner] of ipOwner) if (owner === uid) ipOwner.delete(held)
      // Without a grace period the API forgets a Pod at once.
      const isGraceful = pod.spec.terminationGracePeriodSeconds > 0 && !isMirrorPod(pod)
      if (isGraceful && phase === 'Running' && !change.previous?.metadata.deletionTimestamp && pod.spec.nodeName) {
        throw new Broken(`Pod ${name} vanished while it ran, without having been asked to go`)
      }
    } else if (ip && !pod.spec.hostNetwork && phase === 'Running') {
      const owner = ipOwner.get(ip)
      if (owner && owner !== uid && isLive(owner)) throw new Broken(`Pod ${name} has ${ip}, and so has ${owner}`)
      ipOwner.set(ip, uid)
    }
    if (pod.spec.nodeName && !bound) checkNode(pod.spec.nodeName)
  }

  const isLive = (uid: string): boolean =>
    cluster
      .objects('pods')
      .some(
        (pod) => pod.metadata.uid === uid && (pod as Pod).status.phase === 'Running' && !pod.metadata.deletionTimestamp,
      )

  /** Requests of the Pods on a node never pass what it has to give. */
  const checkNode = (name: string): void => {
    const node = cluster.objects('nodes').find((candidate) => candidate.metadata.name === name) as Node | undefined
    if (!node) return
    const on = cluster.objects('pods').filter((pod) => {
      const { spec, status } = pod as Pod
      return spec.nodeName === name && status.phase !== 'Succeeded' && status.phase !== 'Failed'
    }) as Pod[]
    for (const resource of ['cpu', 'memory'] as const) {
      const asked = on.reduce(
        (sum, pod) =>
          sum +
          pod.spec.containers.reduce((total, container) => total + amount(container.resources.requests?.[resource]), 0),
        0,
      )
      const given = amount(node.status.allocatable?.[resource])
      if (asked > given) throw new Broken(`node ${name}: ${asked} of ${resource} is asked for, and ${given} is there`)
    }
    const most = amount(node.status.allocatable?.pods)
    if (on.length * 1000 > most) throw new Broken(`node ${name} holds ${on.length} Pods of ${most}`)
  }

  const checkService = (change: Change): void => {
    if (change.type === 'DELETED') return
    const { clusterIP } = (change.value as Service).spec
    if (!clusterIP || clusterIP === 'None') return
    const alike = cluster.objects('services').filter((service) => (service as Service).spec.clusterIP === clusterIP)
    if (alike.length > 1)
      throw new Broken(
        `${clusterIP} is the cluster IP of ${alike.map((service) => service.metadata.name).join(' and ')}`,
      )
  }

  /** A rolling update never asks for more Pods than maxSurge allows. */
  const checkReplicaSets = (namespace: string, owner: string | undefined): void => {
    if (!owner) return
    const deployment = cluster
      .objects('deployments', { namespace })
      .find((candidate) => candidate.metadata.name === owner) as Deployment | undefined
    if (!deployment || deployment.metadata.deletionTimestamp) return
    const sets = (cluster.objects('replicasets', { namespace }) as ReplicaSet[]).filter(
      (set) => controllerOf(set)?.uid === deployment.metadata.uid,
    )
    const asked = sets.reduce((sum, set) => sum + set.spec.replicas, 0)
    const { rollingUpdate, type } = deployment.spec.strategy
    const surge = type === 'Recreate' ? 0 : resolved(rollingUpdate?.maxSurge, deployment.spec.replicas)
    const observed = Math.max(
      deployment.spec.replicas,
      ...sets.map((set) => Number(set.metadata.annotations?.['deployment.kubernetes.io/desired-replicas'] ?? 0)),
    )
    if (asked > observed + Math.max(surge, resolved(rollingUpdate?.maxSurge, observed))) {
      throw new Broken(`Deployment ${owner} of ${observed} replicas asks for ${asked} Pods`)
    }
  }

  const { members } = cluster.server
  cluster.engine.onEvent = ({ label }) => {
    const history = cluster.server.etcd.history()
    const isWritten = seen < history.length
    for (; seen < history.length; seen++) check(history[seen])
    if (!members || !(isWritten || label.startsWith('etcd'))) return
    const problem = raftProblem(members, cluster.server.etcd.revision)
    if (problem) throw new Broken(`etcd: ${problem}`)
  }
}

/** What a cluster that is left alone must come to, with every fault repaired. */
export function convergenceProblems(cluster: LiveCluster): string[] {
  const problems: string[] = []
  const pods = cluster.objects('pods') as Pod[]
  const uids = new Set(
    ['replicasets', 'deployments', 'statefulsets', 'daemonsets', 'jobs', 'replicationcontrollers', 'nodes'].flatMap(
      (resource) => cluster.objects(resource).map((object) => object.metadata.uid),
    ),
  )
  for (const pod of pods) {
    const owner = controllerOf(pod)
    if (owner && !uids.has(owner.uid))
      problems.push(`Pod ${pod.metadata.name} outlives its owner ${owner.kind} ${owner.name}`)
    if (pod.metadata.deletionTimestamp) problems.push(`Pod ${pod.metadata.name} is still going`)
  }
  problems.push(...workloadConvergenceProblems(cluster))
  for (const deployment of cluster.objects('deployments') as Deployment[]) {
    const { name } = deployment.metadata
    if (deployment.spec.paused || deployment.metadata.labels?.expected === 'stuck') continue
    const { replicas } = deployment.spec
    const { readyReplicas = 0, updatedReplicas = 0, observedGeneration } = deployment.status
    if (observedGeneration !== deployment.metadata.generation)
      problems.push(`Deployment ${name} has not been looked at since generation ${observedGeneration}`)
    if (readyReplicas !== replicas || updatedReplicas !== replicas) {
      problems.push(
        `Deployment ${name}: ${readyReplicas} ready and ${updatedReplicas} updated of ${replicas}: ${whyNot(pods, name)}`,
      )
    }
  }
  for (const endpoints of cluster.objects('endpoints') as Endpoints[]) {
    const service = (cluster.objects('services', { namespace: endpoints.metadata.namespace }) as Service[]).find(
      (candidate) => candidate.metadata.name === endpoints.metadata.name,
    )
    if (!service?.spec.selector) continue
    const wanted = pods
      .filter(
        (pod) =>
          pod.metadata.namespace === endpoints.metadata.namespace &&
          hasLabels(pod, service.spec.selector ?? {}) &&
          !pod.metadata.deletionTimestamp,
      )
      .filter((pod) => findCondition(pod.status.conditions, 'Ready')?.status === 'True')
      .map((pod) => pod.metadata.name)
      .sort()
    const told = (endpoints.subsets ?? [])
      .flatMap((subset) => (subset.addresses ?? []).map((address) => address.targetRef?.name ?? ''))
      .sort()
    if (JSON.stringify(wanted) !== JSON.stringify(told))
      problems.push(`Endpoints ${endpoints.metadata.name} hold ${told.join(', ')}; ready are ${wanted.join(', ')}`)
  }
  return problems
}

const hasLabels = (object: KubeObject, labels: Record<string, string>): boolean =>
  Object.entries(labels).every(([key, value]) => object.metadata.labels?.[key] === value)

function whyNot(pods: readonly Pod[], deployment: string): string {
  return pods
    .filter(
      (pod) =>
        pod.metadata.name.startsWith(`${deployment}-`) &&
        findCondition(pod.status.conditions, 'Ready')?.status !== 'True',
    )
    .map((pod) => {
      const waiting = pod.status.containerStatuses?.[0]?.state.waiting?.reason
      return `${pod.metadata.name} ${pod.status.phase} ${waiting ?? ''} ${findCondition(pod.status.conditions, 'PodScheduled')?.message ?? ''}`.trim()
    })
    .join('; ')
}

const amount = (text: string | undefined): number => (text ? quantityMillis(text) : 0)

function resolved(value: number | string | undefined, replicas: number): number {
  if (typeof value === 'number') return value
  return Math.ceil((Number.parseFloat(value ?? '25%') / 100) * replicas)
}
