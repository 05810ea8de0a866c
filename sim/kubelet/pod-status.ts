/** The status of a Pod, from what its containers do. Pure. Sources: pkg/kubelet/kubelet_pods.go, pkg/kubelet/status/generate.go */

import { isSidecar, podLimits, podRequests, qosClass } from '../api/core/pod/resources.ts'
import type {
  Container,
  ContainerState,
  ContainerStatus,
  Pod,
  PodPhase,
  PodStatus,
  ResourceRequirements,
  VolumeMount,
} from '../api/core/pod-types.ts'
import { type Condition, findCondition, type ResourceList } from '../api/meta/object.ts'
import { timestampOf } from '../engine/engine.ts'
import { isRecursivelyReadOnly } from './container-spec.ts'
import { restartsAfter, shouldRestart } from './pod-actions.ts'
import { containersNamed, finderOf, newestOf, type RuntimeContainerStatus, type RuntimePodStatus } from './pod-cache.ts'
import type { StartFailureReason } from './pod-record.ts'
import { isSameValue } from './same-value.ts'

export interface StatusInput {
  pod: Pod
  runtime: RuntimePodStatus
  /** The status last made for this Pod; the API's when there is none. */
  old: PodStatus
  /** Its containers will not run again, whatever the restart policy says. */
  isTerminal: boolean
  hostIP: string
  startFailure(container: string): StartFailureReason | undefined
  /** How far a resize is; left out without one. */
  resizeConditions?: readonly Condition[]
  /** For a running container; `before` is what its last status said. See ProbeManager. */
  isStarted(container: Container, id: string, before: boolean): boolean
  isReady(container: Container, id: string, before: boolean): boolean
  /** Nobody probes it: each container of its own is ready, whatever its state. Source: pkg/kubelet/prober/testing/fake_manager.go */
  isHollow?: boolean
  /** Virtual milliseconds to wall clock. */
  epochOf(ms: number): number
}

/** Conditions that the kubelet alone writes. */
export const kubeletConditions: ReadonlySet<string> = new Set([
  'PodScheduled',
  'Ready',
  'Initialized',
  'ContainersReady',
  'PodReadyToStartContainers',
  'PodResizePending',
  'PodResizeInProgress',
])

const isPhaseFinal = (phase: PodPhase | undefined): boolean => phase === 'Succeeded' || phase === 'Failed'

/** Makes the whole status but for startTime and transition times, which the status manager fills in. */
export function makePodStatus(input: StatusInput): PodStatus {
  const { pod, runtime, old } = input
  const hasInit = (pod.spec.initContainers?.length ?? 0) > 0
  const containerStatuses = makeContainerStatuses(input, pod.spec.containers, old.containerStatuses, hasInit, false)
  const initContainerStatuses = makeContainerStatuses(
    input,
    pod.spec.initContainers ?? [],
    old.initContainerStatuses,
    hasInit,
    true,
  )
  const ephemeral = pod.spec.ephemeralContainers
  const ephemeralContainerStatuses =
    ephemeral?.length &&
    makeContainerStatuses(input, ephemeral, old.ephemeralContainerStatuses, hasInit, false).map(
      ({ started: _, ...status }) => ({ ...status, ready: false }),
    )
  const all = [...initContainerStatuses, ...containerStatuses]
  const hasRun = pod.spec.containers.some((container) => newestOf(runtime, container.name) !== undefined)
  let phase = getPhase(pod, all, input.isTerminal, hasRun)
  // A terminal phase is never left.
  if (isPhaseFinal(old.phase)) phase = old.phase!
  if (isPhaseFinal(pod.status.phase)) phase = pod.status.phase!

  const ip = pod.spec.hostNetwork ? input.hostIP : (runtime.sandbox?.ip ?? '')
  const keptIP = ip || old.podIP || ''
  const status: PodStatus = {
    ...(pod.metadata.generation ? { observedGeneration: pod.metadata.generation } : {}),
    phase,
    ...(phase === old.phase
      ? { reason: old.reason ?? pod.status.reason, message: old.message ?? pod.status.message }
      : {}),
    hostIP: input.hostIP,
    hostIPs: [{ ip: input.hostIP }],
    ...(keptIP ? { podIP: keptIP, podIPs: [{ ip: keptIP }] } : {}),
    ...(old.startTime ? { startTime: old.startTime } : {}),
    qosClass: old.qosClass ?? qosClass(pod),
    ...(hasInit ? { initContainerStatuses } : {}),
    containerStatuses,
    ...(ephemeralContainerStatuses ? { ephemeralContainerStatuses } : {}),
    ...podResources(pod, runtime, old),
  }
  if (status.reason === undefined) delete status.reason
  if (status.message === undefined) delete status.message
  if (pod.status.nominatedNodeName) status.nominatedNodeName = pod.status.nominatedNodeName
  status.conditions = makeConditions(pod, status, all, runtime)
  if (input.resizeConditions?.length) status.conditions = [...input.resizeConditions, ...status.conditions]
  return status
}

/** Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-phase */
function getPhase(pod: Pod, statuses: readonly ContainerStatus[], isTerminal: boolean, hasRun: boolean): PodPhase {
  const statusNamed = finderOf(statuses, nameOf)
  const statusOf = (container: Container) => statusNamed(container.name)
  let pendingInit = 0
  let pendingSidecars = 0
  let running = 0
  let waiting = 0
  let stopped = 0
  let stoppedForGood = 0
  let succeeded = 0
  let unknown = 0
  for (const container of pod.spec.initContainers ?? []) {
    const status = statusOf(container)
    const ended = status?.state.terminated ?? (status?.state.waiting ? status.lastState.terminated : undefined)
    if (isSidecar(container)) {
      if (!status) unknown++
      else if (status.state.running) {
        if (!status.started) pendingSidecars++
        running++
      } else if (!ended) {
        pendingSidecars++
        waiting++
      }
    } else if (!ended) pendingInit++
    else if (ended.exitCode !== 0 && !restartsAfter(container, pod, ended.exitCode)) return 'Failed'
  }
  for (const container of pod.spec.containers) {
    const status = statusOf(container)
    const ended = status?.state.terminated ?? (status?.state.waiting ? status.lastState.terminated : undefined)
    if (!status) unknown++
    else if (status.state.running) running++
    else if (ended) {
      stopped++
      if (!restartsAfter(container, pod, ended.exitCode)) stoppedForGood++
      if (status.state.terminated && ended.exitCode === 0) succeeded++
    } else waiting++
  }
  if (pendingInit > 0 || (pendingSidecars > 0 && !hasRun) || waiting > 0) return 'Pending'
  if (running > 0 && unknown === 0) return 'Running'
  if (running === 0 && stopped > 0 && unknown === 0) {
    if (!isTerminal && stopped !== stoppedForGood) return 'Running'
    return stopped === succeeded ? 'Succeeded' : 'Failed'
  }
  return 'Pending'
}

const nameOf = ({ name }: { name: string }): string => name

function makeContainerStatuses(
  input: StatusInput,
  containers: readonly Container[],
  previous: readonly ContainerStatus[] | undefined,
  hasInit: boolean,
  isInit: boolean,
): ContainerStatus[] {
  const { pod, runtime } = input
  const previousNamed = finderOf(previous ?? [], nameOf)
  const statuses = containers.map((container): ContainerStatus => {
    const old = previousNamed(container.name)
    const found = containersNamed(runtime, container.name)
    let status: ContainerStatus
    if (found.length > 0) {
      const state = stateOf(found[0], input)
      const lastState = found.length > 1 ? stateOf(found[1], input) : lastStateBefore(found[0], old)
      status = {
        name: container.name,
        state,
        lastState,
        ready: false,
        restartCount: restartCountOf(found[0], old),
        image: found[0].image,
        imageID: found[0].imageID,
        containerID: `containerd://${found[0].id}`,
        ...resourcesOf(container, found[0], input.isHollow),
        ...mountsOf(container),
        ...(found[0].user && !input.isHollow ? { user: { linux: userStatus(found[0].user) } } : {}),
      }
    } else status = statusOfMissing(container, old, hasInit)

    const isDoneInit = isInit && found[0]?.state === 'exited' && found[0].exitCode === 0 && !isSidecar(container)
    if (!isDoneInit && shouldRestart(container, pod, runtime)) {
      const failure = input.startFailure(container.name)
      // Without one the container starts at once: its end tells more than "waiting" would.
      if (failure) {
        if (status.state.terminated) status = { ...status, lastState: status.state }
        status.state = { waiting: { reason: failure.reason, ...(failure.message ? { message: failure.message } : {}) } }
      }
    }
    return sharedWith(old, withReadiness(input, container, status, old, isInit))
  })
  return isInit ? statuses : statuses.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** What has not changed stays the same object: it is then neither compared, hashed nor kept again. */
const sharedWith = <T>(old: T | undefined, made: T): T => (old !== undefined && isSameValue(old, made) ? old : made)

/**
 * What the Pod as a whole was granted, and what is in effect: its cgroup's while the API shows it running. Requests of memory are in no
 * cgroup, and stay as they were. Source: convertToAPIPodLevelResourcesStatus
 */
function podResources({ spec, status }: Pod, runtime: RuntimePodStatus, old: PodStatus): Partial<PodStatus> {
  const granted = podRequests(spec)
  const allocated = isEmpty(granted) ? {} : { allocatedResources: granted }
  if (status.phase !== 'Running')
    return { ...allocated, resources: withoutEmpty({ limits: podLimits(spec), requests: granted }) }
  const before = old.phase === 'Running' ? old.resources : undefined
  const actual = actualSpec(spec, runtime)
  const requests: ResourceList = { ...spec.resources?.requests }
  const limits: ResourceList = { ...spec.resources?.limits }
  const cgroup = { requests: podRequests(actual), limits: cgroupLimits(actual) }
  const take = (list: ResourceList, name: string, ...values: (string | undefined)[]): void => {
    const value = values.find((one) => one !== undefined)
    if (value !== undefined) list[name] = value
  }
  take(requests, 'cpu', cgroup.requests.cpu, before?.requests?.cpu)
  take(requests, 'memory', before?.requests?.memory, requests.memory, granted.memory)
  for (const name of ['cpu', 'memory']) take(limits, name, cgroup.limits[name], before?.limits?.[name])
  return { ...allocated, resources: withoutEmpty({ limits, requests }) }
}

/** The Pod with what its containers run with. */
function actualSpec(spec: Pod['spec'], runtime: RuntimePodStatus): Pod['spec'] {
  const actual = (container: Container): Container => {
    const last = newestOf(runtime, container.name)
    return last?.state === 'running' && last.resources ? { ...container, resources: last.resources } : container
  }
  const { initContainers } = spec
  return {
    ...spec,
    containers: spec.containers.map(actual),
    ...(initContainers ? { initContainers: initContainers.map(actual) } : {}),
  }
}

/** A cgroup has a limit when the Pod has one, or each of its containers. Source: ResourceConfigForPod */
function cgroupLimits(spec: Pod['spec']): ResourceList {
  const limits = podLimits(spec)
  const containers = [...spec.containers, ...(spec.initContainers ?? [])]
  return Object.fromEntries(
    Object.entries(limits).filter(
      ([name]) =>
        spec.resources?.limits?.[name] !== undefined ||
        containers.every(({ resources }) => resources?.limits?.[name] !== undefined),
    ),
  )
}

const isEmpty = (list: ResourceList): boolean => Object.keys(list).length === 0

const withoutEmpty = ({ limits, requests }: { limits: ResourceList; requests: ResourceList }) => ({
  ...(isEmpty(limits) ? {} : { limits }),
  ...(isEmpty(requests) ? {} : { requests }),
})

/** What the container was granted, and what is in effect while it runs. */
function resourcesOf(
  { resources: allocated }: Container,
  { state, resources: actual }: RuntimeContainerStatus,
  isHollow?: boolean,
): Partial<ContainerStatus> {
  const resources = (state === 'running' ? actual : undefined) ?? allocated ?? {}
  return {
    ...(allocated?.requests ? { allocatedResources: allocated.requests } : {}),
    resources: isHollow && state === 'running' ? withMemory(resources) : resources,
  }
}

/** Where no runtime tells what is in effect, memory that nobody asked for is told as none. Source: kuberuntime's toKubeContainerStatus */
const withMemory = ({ requests, limits, ...more }: ResourceRequirements): ResourceRequirements => ({
  ...more,
  ...(limits ? { limits: { memory: '0', ...limits } } : {}),
  ...(requests ? { requests: { memory: '0', ...requests } } : {}),
})

const mountsOf = ({ volumeMounts }: Container): Partial<ContainerStatus> =>
  volumeMounts?.length ? { volumeMounts: volumeMounts.map(mountStatus) } : {}

const userStatus = ({ uid, gid, groups = [] }: NonNullable<RuntimeContainerStatus['user']>) => ({
  uid,
  gid,
  supplementalGroups: [...groups],
})

function mountStatus(mount: VolumeMount) {
  const { name, mountPath, readOnly } = mount
  if (!readOnly) return { name, mountPath }
  return { name, mountPath, readOnly, recursiveReadOnly: isRecursivelyReadOnly(mount) ? 'Enabled' : 'Disabled' }
}

function withReadiness(
  input: StatusInput,
  container: Container,
  status: ContainerStatus,
  old: ContainerStatus | undefined,
  isInit: boolean,
): ContainerStatus {
  if (input.isHollow) return { ...status, ready: !isInit }
  const id = status.containerID?.slice('containerd://'.length) ?? ''
  const before = old?.containerID === status.containerID ? old : undefined
  const started = status.state.running !== undefined && input.isStarted(container, id, before?.started ?? false)
  if (isInit && !isSidecar(container)) {
    return { ...status, ready: status.state.terminated?.exitCode === 0, started: status.state.running !== undefined }
  }
  return { ...status, ready: started && input.isReady(container, id, before?.ready ?? false), started }
}

/** What the runtime counts, but never less than was told before. Source: convertContainerStatus */
function restartCountOf({ state, restartCount }: RuntimeContainerStatus, old: ContainerStatus | undefined): number {
  if (!old || old.restartCount < restartCount) return restartCount
  return state === 'running' && old.state.terminated ? old.restartCount + 1 : old.restartCount
}

// A container that the runtime no longer holds: what was known of it stands.
function statusOfMissing(container: Container, old: ContainerStatus | undefined, hasInit: boolean): ContainerStatus {
  if (old?.state.terminated) return old
  const status: ContainerStatus = {
    name: container.name,
    state: { waiting: { reason: hasInit ? 'PodInitializing' : 'ContainerCreating' } },
    lastState: old?.lastState ?? {},
    ready: false,
    restartCount: old?.restartCount ?? 0,
    image: container.image,
    imageID: '',
    ...mountsOf(container),
  }
  if (!old?.state.running) return status
  return {
    ...status,
    restartCount: old.restartCount + 1,
    lastState: {
      terminated: {
        exitCode: 137,
        reason: 'ContainerStatusUnknown',
        message: 'The container could not be located when the pod was deleted.  The container used to be Running',
      },
    },
  }
}

function lastStateBefore(current: RuntimeContainerStatus, old: ContainerStatus | undefined): ContainerState {
  if (!old) return {}
  return old.containerID !== `containerd://${current.id}` && old.state.terminated ? old.state : old.lastState
}

function stateOf(status: RuntimeContainerStatus, input: StatusInput): ContainerState {
  const time = (ms: number): string => timestampOf(input.epochOf(ms))
  if (status.state === 'running') return { running: { startedAt: time(status.startedMs) } }
  if (status.state === 'created') return { waiting: {} }
  return {
    terminated: {
      exitCode: status.exitCode,
      ...(status.reason ? { reason: status.reason } : {}),
      ...(status.message ? { message: status.message } : {}),
      startedAt: status.startedMs < 0 ? '1970-01-01T00:00:00Z' : time(status.startedMs),
      finishedAt: time(status.finishedMs),
      containerID: `containerd://${status.id}`,
    },
  }
}

function makeConditions(
  pod: Pod,
  status: PodStatus,
  all: readonly ContainerStatus[],
  runtime: RuntimePodStatus,
): Condition[] {
  const others = (pod.status.conditions ?? []).filter((condition) => !kubeletConditions.has(condition.type))
  const containersReady = containersReadyCondition(pod, status, all)
  const conditions: Condition[] = [
    ...others,
    {
      type: 'PodReadyToStartContainers',
      status: runtime.sandbox?.isReady && (pod.spec.hostNetwork || runtime.sandbox.ip) ? 'True' : 'False',
    },
    initializedCondition(pod, status, all),
    readyCondition(pod, others, containersReady),
    containersReady,
    { type: 'PodScheduled', status: 'True' },
  ]
  const generation = pod.metadata.generation
  return generation
    ? conditions.map((c) => (kubeletConditions.has(c.type) ? { ...c, observedGeneration: generation } : c))
    : conditions
}

function initializedCondition(pod: Pod, status: PodStatus, all: readonly ContainerStatus[]): Condition {
  const type = 'Initialized'
  const unknown: string[] = []
  const incomplete: string[] = []
  const statusNamed = finderOf(all, nameOf)
  for (const container of pod.spec.initContainers ?? []) {
    const found = statusNamed(container.name)
    if (!found) unknown.push(container.name)
    else if (isSidecar(container) ? !found.started : !found.ready) incomplete.push(container.name)
  }
  const parts = []
  if (unknown.length > 0) parts.push(`containers with unknown status: [${unknown.join(' ')}]`)
  if (incomplete.length > 0) parts.push(`containers with incomplete status: [${incomplete.join(' ')}]`)
  if (status.phase === 'Succeeded' && unknown.length === 0) return { type, status: 'True', reason: 'PodCompleted' }
  // Sidecars may be down once the Pod's containers have run.
  const containerNamed = finderOf(pod.spec.containers, nameOf)
  const hasRun = all.some(
    (s) => containerNamed(s.name) !== undefined && (s.state.running || s.state.terminated || s.lastState.terminated),
  )
  if (parts.length === 0 || (hasRun && unknown.length === 0)) return { type, status: 'True' }
  return { type, status: 'False', reason: 'ContainersNotInitialized', message: parts.join(', ') }
}

function containersReadyCondition(pod: Pod, status: PodStatus, all: readonly ContainerStatus[]): Condition {
  const type = 'ContainersReady'
  const unknown: string[] = []
  const unready: string[] = []
  const sidecars = (pod.spec.initContainers ?? []).filter(isSidecar)
  const statusNamed = finderOf(all, nameOf)
  for (const container of [...sidecars, ...pod.spec.containers]) {
    const found = statusNamed(container.name)
    if (!found) unknown.push(container.name)
    else if (!found.ready) unready.push(container.name)
  }
  if (status.phase === 'Succeeded' && unknown.length === 0) return { type, status: 'False', reason: 'PodCompleted' }
  // Its containers may be ending still.
  if (status.phase === 'Failed') return { type, status: 'False', reason: 'PodFailed' }
  const parts = []
  if (unknown.length > 0) parts.push(`containers with unknown status: [${unknown.join(' ')}]`)
  if (unready.length > 0) parts.push(`containers with unready status: [${unready.join(' ')}]`)
  if (parts.length > 0) return { type, status: 'False', reason: 'ContainersNotReady', message: parts.join(', ') }
  return { type, status: 'True' }
}

function readyCondition(pod: Pod, conditions: readonly Condition[], containersReady: Condition): Condition {
  if (containersReady.status !== 'True') return { ...containersReady, type: 'Ready' }
  const missing: string[] = []
  const conditionOf = finderOf(conditions, ({ type }) => type)
  for (const gate of pod.spec.readinessGates ?? []) {
    const found = conditionOf(gate.conditionType)
    if (!found) missing.push(`corresponding condition of pod readiness gate "${gate.conditionType}" does not exist.`)
    else if (found.status !== 'True')
      missing.push(`the status of pod readiness gate "${gate.conditionType}" is not "True", but ${found.status}`)
  }
  if (missing.length === 0) return { type: 'Ready', status: 'True' }
  return { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', message: missing.join(', ') }
}

/**
 * What the Ready conditions become when the readiness of one container changes between two syncs; undefined when nothing does.
 * Source: pkg/kubelet/status, SetContainerReadiness
 */
export function withContainerReadiness(
  pod: Pod,
  status: PodStatus,
  name: string,
  ready: boolean,
): PodStatus | undefined {
  const change = (list: ContainerStatus[] | undefined) => list?.map((s) => (s.name === name ? { ...s, ready } : s))
  const found = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])].find(
    (s) => s.name === name,
  )
  if (!found || found.ready === ready) return undefined
  const changed: PodStatus = { ...status, containerStatuses: change(status.containerStatuses) }
  if (status.initContainerStatuses) changed.initContainerStatuses = change(status.initContainerStatuses)
  return withReadyConditions(pod, changed)
}

function withReadyConditions(pod: Pod, status: PodStatus): PodStatus {
  const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]
  const containersReady = containersReadyCondition(pod, status, all)
  const ready = readyCondition(pod, pod.status.conditions ?? [], containersReady)
  const conditions = (status.conditions ?? []).map((old) => {
    const fresh = old.type === 'Ready' ? ready : old.type === 'ContainersReady' ? containersReady : undefined
    if (!fresh) return old
    return {
      ...fresh,
      ...(old.observedGeneration ? { observedGeneration: old.observedGeneration } : {}),
      lastProbeTime: null,
      ...(old.status === fresh.status ? { lastTransitionTime: old.lastTransitionTime } : {}),
    }
  })
  return { ...status, conditions }
}

/** Whether the readiness gates make another Ready condition than the Pod's status shows. */
export function needsReadinessUpdate(pod: Pod): boolean {
  if (!pod.spec.readinessGates?.length) return false
  const old = findCondition(pod.status.conditions, 'Ready')
  const all = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])]
  const fresh = readyCondition(pod, pod.status.conditions ?? [], containersReadyCondition(pod, pod.status, all))
  return (
    old !== undefined && (old.status !== fresh.status || old.reason !== fresh.reason || old.message !== fresh.message)
  )
}
