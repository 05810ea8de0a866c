/** What the kubelet's tests share: Pods by hand, and a cluster of one node that runs them. */
import type { Container, ContainerStatus, Pod } from '../../sim/api/core/pod-types.ts'
import { createCluster, type LiveCluster } from '../../sim/cluster.ts'
import { containerHash } from '../../sim/kubelet/pod-actions.ts'
import type { RuntimeContainerStatus, RuntimePodStatus } from '../../sim/kubelet/pod-cache.ts'

export const aContainer = (name: string, more: Partial<Container> = {}): Container => ({
  name,
  image: 'busybox:1.36',
  resources: {},
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  imagePullPolicy: 'IfNotPresent',
  ...more,
})

export const aPod = (spec: Partial<Pod['spec']> = {}, metadata: Partial<Pod['metadata']> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'p',
    namespace: 'scn',
    uid: 'u',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...metadata,
  },
  spec: {
    containers: [aContainer('main')],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
    ...spec,
  },
  status: {},
})

export const aRuntimeContainer = (
  name: string,
  more: Partial<RuntimeContainerStatus> = {},
): RuntimeContainerStatus => ({
  id: `${name}-id`,
  name,
  state: 'running',
  createdMs: 0,
  startedMs: 0,
  finishedMs: -1,
  exitCode: 0,
  reason: '',
  message: '',
  image: 'busybox:1.36',
  imageID: '',
  restartCount: 0,
  hash: containerHash(aContainer(name)),
  ...more,
})

export const exited = (
  name: string,
  exitCode: number,
  more: Partial<RuntimeContainerStatus> = {},
): RuntimeContainerStatus =>
  aRuntimeContainer(name, {
    state: 'exited',
    exitCode,
    finishedMs: 1000,
    reason: exitCode === 0 ? 'Completed' : 'Error',
    ...more,
  })

export const withSandbox = (...containers: RuntimeContainerStatus[]): RuntimePodStatus => ({
  containers,
  sandbox: { id: 's', attempt: 0, isReady: true, ip: '10.244.0.5' },
})

/** A booted cluster of one node, node-1, in whose namespace `default` manifests are applied. */
export const aCluster = (absentImages?: string[]): LiveCluster =>
  createCluster({ seed: 'kubelet', shape: { nodes: [{ name: 'node-1' }], ...(absentImages ? { absentImages } : {}) } })

export function apply(cluster: LiveCluster, manifest: string): void {
  const result = cluster.execute({ op: 'apply', manifest })
  if (result.exit !== 0) throw new Error(result.stderr)
}

/** The Pod as it is now; undefined when it is gone. */
export const podNamed = (cluster: LiveCluster, name = 'p'): Pod | undefined =>
  cluster.objects('pods', { namespace: 'default' }).find((pod) => pod.metadata.name === name) as Pod | undefined

export const containerNamed = (cluster: LiveCluster, container = 'main', pod = 'p'): ContainerStatus | undefined => {
  const status = podNamed(cluster, pod)?.status
  return [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])].find(
    (s) => s.name === container,
  )
}

/** One word for what a container does: `running`, `Completed`, `CrashLoopBackOff`. */
export function stateWord(cluster: LiveCluster, container = 'main', pod = 'p'): string {
  const state = containerNamed(cluster, container, pod)?.state
  if (state?.running) return 'running'
  return state?.terminated?.reason ?? state?.waiting?.reason ?? 'none'
}

/** `REASON: message` of the events about a Pod, in the order of their first time, without those of other components. */
export const kubeletEvents = (cluster: LiveCluster, pod = 'p'): string[] =>
  cluster
    .changes('events')
    .filter((change) => change.type === 'ADDED')
    .map(
      (change) =>
        change.object as unknown as {
          reason: string
          message: string
          involvedObject: { name: string }
          source: { component: string }
        },
    )
    .filter((event) => event.involvedObject.name === pod && event.source.component === 'kubelet')
    .map((event) => `${event.reason}: ${event.message}`)

/** Seconds after the hand-over at which the Pod first was in a state, or undefined when it never was. */
export const firstSecond = (cluster: LiveCluster, is: (pod: Pod) => boolean): number | undefined => {
  const change = cluster.changes('pods').find((c) => c.type !== 'DELETED' && is(c.object as Pod))
  return change && change.atMs / 1000
}

export const log = (
  cluster: LiveCluster,
  container = 'main',
  pod = 'p',
  options: { previous?: boolean; tailLines?: number; timestamps?: boolean } = {},
): string => {
  let text = ''
  cluster.nodes.access
    .logs({ user: cluster.client.user, namespace: 'default', pod, container, ...options }, (part) => {
      text += part
    })
    .start(() => undefined)
  return text
}
