/** What a Pod's containers need now. Pure. Source: pkg/kubelet/kuberuntime, computePodActions */

import { isSidecar } from '../api/core/pod/resources.ts'
import type { Container, Pod } from '../api/core/pod-types.ts'
import { hashValue } from '../engine/state-hash.ts'
import { newestOf, type RuntimeContainerStatus, type RuntimePodStatus } from './pod-cache.ts'

export type ProbeVerdict = 'success' | 'failure' | 'unknown'
export type KillReason = 'liveness' | 'startup' | 'definition' | 'resize' | 'unknown'

export interface ContainerToKill {
  id: string
  name: string
  /** As the Killing event says. */
  message: string
  reason: KillReason
}

export interface PodActions {
  /** Every container and the sandbox go. */
  killPod: boolean
  createSandbox: boolean
  /** How many sandboxes the Pod had before. */
  attempt: number
  /** Ephemeral containers that have not run yet. */
  ephemeralToStart: readonly Container[]
  /** Init containers to start, one after the other. */
  initToStart: readonly Container[]
  containersToStart: readonly Container[]
  containersToKill: readonly ContainerToKill[]
  /** Running containers that get other resources as they run. */
  containersToResize: readonly { id: string; container: Container }[]
}

/** What the probes found last, by container id. */
export interface ProbeVerdicts {
  liveness(id: string): ProbeVerdict | undefined
  startup(id: string): ProbeVerdict | undefined
}

/** A container is restarted when this changes: nothing but its name and image does since v1.31. */
export const containerHash = (container: Container): number =>
  hashValue({ name: container.name, image: container.image })

/** Whether a container that ended (or never ran) is due to run again, back-off aside. */
export function shouldRestart(container: Container, pod: Pod, status: RuntimePodStatus): boolean {
  if (pod.metadata.deletionTimestamp) return false
  const last = newestOf(status, container.name)
  if (!last) return true
  if (last.state === 'running') return false
  if (last.state === 'created') return true
  return restartsAfter(container, pod, last.exitCode)
}

/** Whether the container's, else the Pod's, restart policy starts it again after that exit code. */
export function restartsAfter(container: Container, pod: Pod, exitCode: number): boolean {
  for (const { action, exitCodes } of container.restartPolicyRules ?? []) {
    const isListed = exitCodes?.values?.includes(exitCode) ?? false
    if (exitCodes && isListed === (exitCodes.operator === 'In')) return action === 'Restart'
  }
  const policy = container.restartPolicy ?? pod.spec.restartPolicy
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0)
}

/** What a container that was killed for its probe ends with at last. */
const KILLED = 137

export function planPodActions(pod: Pod, status: RuntimePodStatus, probes: ProbeVerdicts): PodActions {
  const init = pod.spec.initContainers ?? []
  const sandbox = status.sandbox
  const attempt = sandbox ? sandbox.attempt + 1 : 0
  if (!sandbox?.isReady) return planNewSandbox(pod, status, attempt)

  const containersToKill: ContainerToKill[] = []
  const initToStart: Container[] = []
  const none: PodActions = {
    killPod: false,
    createSandbox: false,
    attempt,
    // They run once, and are never started again.
    ephemeralToStart: (pod.spec.ephemeralContainers ?? []).filter(({ name }) => !newestOf(status, name)),
    initToStart,
    containersToStart: [],
    containersToKill,
    containersToResize: [],
  }
  const initState = planInit(pod, init, status, probes, initToStart, containersToKill)
  if (initState === 'failed') return { ...none, killPod: true, containersToKill: [], initToStart: [] }
  if (initState === 'waiting') return none

  const containersToStart: Container[] = []
  const containersToResize: { id: string; container: Container }[] = []
  let kept = 0
  for (const container of pod.spec.containers) {
    const last = newestOf(status, container.name)
    if (last?.state !== 'running') {
      if (shouldRestart(container, pod, status)) containersToStart.push(container)
      continue
    }
    const change = resizeOf(container, last)
    const why =
      reasonToKill(container, last, probes) ??
      (change === 'restart'
        ? { message: `Container ${container.name} resize requires restart`, reason: 'resize' as const }
        : undefined)
    if (!why) {
      kept++
      if (change) containersToResize.push({ id: last.id, container })
      continue
    }
    const restarts = why.reason === 'definition' || why.reason === 'resize' || restartsAfter(container, pod, KILLED)
    if (restarts) containersToStart.push(container)
    containersToKill.push({
      id: last.id,
      name: container.name,
      message: restarts && why.reason !== 'resize' ? `${why.message}, will be restarted` : why.message,
      reason: why.reason,
    })
  }
  for (const container of init.filter(isSidecar)) {
    const last = newestOf(status, container.name)
    if (last?.state === 'running' && resizeOf(container, last)) containersToResize.push({ id: last.id, container })
  }
  if (kept === 0 && containersToStart.length === 0)
    return { ...none, killPod: true, containersToKill: [], initToStart: [] }
  return { ...none, containersToStart, containersToResize }
}

/** Whether a running container is to get other resources, and whether it has to be started anew for them. */
export function resizeOf(container: Container, running: RuntimeContainerStatus): 'in place' | 'restart' | undefined {
  const { resources: actual } = running
  if (!actual) return undefined
  const changed = ['cpu', 'memory'].filter((name) =>
    (['limits', 'requests'] as const).some((list) => actual[list]?.[name] !== container.resources[list]?.[name]),
  )
  if (changed.length === 0) return undefined
  const restarts = changed.some((name) =>
    container.resizePolicy?.some(
      ({ resourceName, restartPolicy }) => resourceName === name && restartPolicy === 'RestartContainer',
    ),
  )
  return restarts ? 'restart' : 'in place'
}

function planNewSandbox(pod: Pod, status: RuntimePodStatus, attempt: number): PodActions {
  const init = pod.spec.initContainers ?? []
  const actions: PodActions = {
    killPod: true,
    createSandbox: true,
    attempt,
    ephemeralToStart: [],
    initToStart: [],
    containersToStart: [],
    containersToKill: [],
    containersToResize: [],
  }
  // A Pod that never restarts and has run does not get another sandbox.
  if (pod.spec.restartPolicy === 'Never' && attempt !== 0 && status.containers.length > 0)
    return { ...actions, createSandbox: false }
  const containersToStart = pod.spec.containers.filter((container) => {
    const last = newestOf(status, container.name)
    return !(pod.spec.restartPolicy === 'OnFailure' && last?.state === 'exited' && last.exitCode === 0)
  })
  if (containersToStart.length === 0) return { ...actions, createSandbox: false }
  return init.length > 0 ? { ...actions, initToStart: [init[0]] } : { ...actions, containersToStart }
}

function planInit(
  pod: Pod,
  init: readonly Container[],
  status: RuntimePodStatus,
  probes: ProbeVerdicts,
  toStart: Container[],
  toKill: ContainerToKill[],
): 'done' | 'waiting' | 'failed' {
  if (init.length === 0) return 'done'
  const isInitialized = pod.spec.containers.some((container) => newestOf(status, container.name) !== undefined)
  for (const container of init) {
    const last = newestOf(status, container.name)
    if (!isSidecar(container)) {
      if (isInitialized || (last?.state === 'exited' && last.exitCode === 0)) continue
      if (last?.state === 'running') return 'waiting'
      if (last?.state === 'exited' && !restartsAfter(container, pod, last.exitCode)) return 'failed'
      toStart.push(container)
      return 'waiting'
    }
    if (last?.state !== 'running') {
      toStart.push(container)
      if (!isInitialized) return 'waiting'
      continue
    }
    const why = reasonToKill(container, last, probes)
    if (why) {
      toKill.push({
        id: last.id,
        name: container.name,
        message: why.message,
        reason: why.reason,
      })
      toStart.push(container)
      if (!isInitialized) return 'waiting'
    } else if (container.startupProbe && !isInitialized && probes.startup(last.id) !== 'success') return 'waiting'
  }
  return 'done'
}

function reasonToKill(
  container: Container,
  running: RuntimeContainerStatus,
  probes: ProbeVerdicts,
): { message: string; reason: KillReason } | undefined {
  // Source of the words: pkg/kubelet/kuberuntime/kuberuntime_manager.go
  const title = isSidecar(container) ? 'Init container' : 'Container'
  if (running.hash !== containerHash(container))
    return { message: `${title} ${container.name} definition changed`, reason: 'definition' }
  if (probes.liveness(running.id) === 'failure')
    return { message: `${title} ${container.name} failed liveness probe`, reason: 'liveness' }
  if (probes.startup(running.id) === 'failure')
    return { message: `${title} ${container.name} failed startup probe`, reason: 'startup' }
  return undefined
}
