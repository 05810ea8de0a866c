/** The row of a Pod in `kubectl get pods`. Source: printPod in kubernetes/pkg/printers/internalversion/printers.go */
import type { Column, PrintContext } from '../../meta/kind.ts'
import { findCondition } from '../../meta/object.ts'
import { ageColumn, column, nameColumn, orNone, printAge } from '../../meta/table.ts'
import type { ContainerStatus, Pod } from '../pod-types.ts'
import { isSidecar } from './resources.ts'

export const podColumns: readonly Column<Pod>[] = [
  nameColumn,
  column('Ready', 'string', 'Ready containers out of those that should be ready, sidecars included.', (pod) => {
    const { ready, total } = summarize(pod)
    return `${ready}/${total}`
  }),
  column('Status', 'string', 'What the Pod is doing: its phase, or what keeps its containers from running.', (pod) =>
    podStatusText(pod),
  ),
  column('Restarts', 'string', 'How often containers were restarted, and when last.', printRestarts),
  ageColumn,
  column('IP', 'string', "The Pod's address.", (pod) => orNone(pod.status.podIPs?.[0]?.ip), 'wide'),
  column('Node', 'string', 'The node that the Pod is bound to.', (pod) => orNone(pod.spec.nodeName), 'wide'),
  column(
    'Nominated Node',
    'string',
    'The node being cleared for the Pod by preemption.',
    (pod) => orNone(pod.status.nominatedNodeName),
    'wide',
  ),
  column('Readiness Gates', 'string', 'Readiness gates that hold, out of all.', printReadinessGates, 'wide'),
]

/** The STATUS column: `Running`, `Init:0/1`, `CrashLoopBackOff`, `Terminating`. */
const podStatusText = (pod: Pod): string => summarize(pod).reason

interface PodSummary {
  reason: string
  ready: number
  total: number
  restarts: number
  /** When a container last ended before a restart; '' if none did. */
  lastRestart: string
}

function summarize(pod: Pod): PodSummary {
  const { spec, status } = pod
  const initContainers = spec.initContainers ?? []
  const sidecars = new Set(initContainers.filter(isSidecar).map((container) => container.name))
  const total = (spec.containers?.length ?? 0) + sidecars.size
  let reason: string = status?.reason || status?.phase || ''
  if (findCondition(status?.conditions, 'PodScheduled')?.reason === 'SchedulingGated') reason = 'SchedulingGated'

  const statuses = status?.initContainerStatuses ?? []
  const blocked = statuses.findIndex((init) => initBlocks(init, sidecars.has(init.name)))
  const seen = blocked < 0 ? statuses : statuses.slice(0, blocked + 1)
  const passedSidecars = (blocked < 0 ? statuses : statuses.slice(0, blocked)).filter(
    (init) => sidecars.has(init.name) && init.started && init.state?.terminated?.exitCode !== 0,
  )
  let ready = passedSidecars.filter((init) => init.ready).length
  if (blocked >= 0) reason = initReason(statuses[blocked], blocked, initContainers.length)

  let counted: readonly ContainerStatus[] = seen
  if (blocked < 0 || findCondition(status?.conditions, 'Initialized')?.status === 'True') {
    const containers = status?.containerStatuses ?? []
    counted = [...seen.filter((init) => sidecars.has(init.name)), ...containers]
    let hasRunning = false
    for (const container of containers.toReversed()) {
      const text = containerReason(container)
      if (text !== undefined) reason = text
      else if (container.ready && container.state?.running) {
        hasRunning = true
        ready++
      }
    }
    if (reason === 'Completed' && hasRunning)
      reason = findCondition(status?.conditions, 'Ready')?.status === 'True' ? 'Running' : 'NotReady'
  }

  if (pod.metadata.deletionTimestamp) {
    if (status?.reason === 'NodeLost') reason = 'Unknown'
    else if (status?.phase !== 'Succeeded' && status?.phase !== 'Failed') reason = 'Terminating'
  }
  return {
    reason,
    ready,
    total,
    restarts: counted.reduce((sum, container) => sum + container.restartCount, 0),
    lastRestart: counted.reduce((last, container) => later(last, container.lastState?.terminated?.finishedAt), ''),
  }
}

const later = (a: string, b: string | undefined): string => (b && (!a || Date.parse(b) > Date.parse(a)) ? b : a)

/** Whether an init container keeps the ones after it from starting. */
function initBlocks(init: ContainerStatus, isSidecarStatus: boolean): boolean {
  if (init.state?.terminated?.exitCode === 0) return false
  return !(isSidecarStatus && init.started)
}

function initReason(init: ContainerStatus, index: number, count: number): string {
  const { terminated, waiting } = init.state ?? {}
  if (terminated) return `Init:${terminatedReason(terminated)}`
  if (waiting?.reason && waiting.reason !== 'PodInitializing') return `Init:${waiting.reason}`
  return `Init:${index}/${count}`
}

function containerReason(container: ContainerStatus): string | undefined {
  const { terminated, waiting } = container.state ?? {}
  if (waiting?.reason) return waiting.reason
  return terminated ? terminatedReason(terminated) : undefined
}

const terminatedReason = (terminated: NonNullable<ContainerStatus['state']['terminated']>): string =>
  terminated.reason || (terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode}`)

function printRestarts(pod: Pod, context: PrintContext): string {
  const { restarts, lastRestart } = summarize(pod)
  return restarts > 0 && lastRestart ? `${restarts} (${printAge(lastRestart, context)} ago)` : String(restarts)
}

function printReadinessGates(pod: Pod): string {
  const gates = pod.spec.readinessGates ?? []
  if (gates.length === 0) return '<none>'
  const held = gates.filter((gate) => findCondition(pod.status?.conditions, gate.conditionType)?.status === 'True')
  return `${held.length}/${gates.length}`
}
