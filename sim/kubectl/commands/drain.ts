/** kubectl drain. Source: k8s.io/kubectl/pkg/drain */
import type { Pod } from '../../api/core/pod-types.ts'
import { printGoDuration } from '../../api/meta/duration.ts'
import { parseSelector } from '../../api/meta/label-selector.ts'
import { controllerOf } from '../../api/meta/object.ts'
import { isStatus, StatusError } from '../../api/meta/status-error.ts'
import type { Wait } from '../../runtime/process.ts'
import type { Command, Invocation } from '../command.ts'
import { isReportable, KubectlError, ManyErrors, throwAll } from '../errors.ts'
import { podKind } from '../pods.ts'
import { listInChunks, shownName } from '../resources.ts'
import { eachState } from '../waits.ts'
import { findNodes, nodeFlags, setSchedulable } from './nodes.ts'

const RETRY_MS = 5000

export const drain: Command = {
  name: 'drain',
  short: 'Drain node in preparation for maintenance',
  usage: 'NODE [options]',
  flags: [
    ...nodeFlags,
    { name: 'chunk-size', type: 'int', default: 500, help: 'Return large lists in chunks rather than all at once.' },
    { name: 'delete-emptydir-data', type: 'bool', help: 'Continue even if there are pods using emptyDir.' },
    { name: 'disable-eviction', type: 'bool', help: 'Force drain to use delete, even if eviction is supported.' },
    { name: 'force', type: 'bool', help: 'Continue even if there are pods that do not declare a controller.' },
    {
      name: 'grace-period',
      type: 'int',
      default: -1,
      help: 'Period of time in seconds given to each pod to terminate gracefully.',
    },
    { name: 'ignore-daemonsets', type: 'bool', help: 'Ignore DaemonSet-managed pods.' },
    { name: 'pod-selector', type: 'string', help: 'Label selector to filter pods on the node' },
    {
      name: 'skip-wait-for-delete-timeout',
      type: 'int',
      help: 'If pod DeletionTimestamp older than N seconds, skip waiting for the pod.',
    },
    { name: 'timeout', type: 'duration', help: 'The length of time to wait before giving up, zero means infinite' },
  ],
  *run(invocation) {
    const { flags } = invocation
    if (!isSelector(flags.string('pod-selector')))
      throw new KubectlError('--pod-selector=<pod_selector> must be a valid label selector')
    const nodes = findNodes(invocation)
    for (const found of nodes) setSchedulable(invocation, found, true)
    const failures = new Map<string, Error>()
    for (const found of nodes) {
      const { name } = found.object.metadata
      try {
        yield* drainNode(invocation, name)
        invocation.out(`${shownName(found.kind, name)} drained${invocation.dryRunSuffix}\n`)
      } catch (error) {
        if (!(error instanceof Error) || !isReportable(error)) throw error
        invocation.err(
          `error: unable to drain node "${name}" due to error: ${reasonOf(error)}, continuing command...\n`,
        )
        failures.set(name, error)
      }
    }
    if (failures.size === 0) return 0
    invocation.err(
      `There are pending nodes to be drained:\n${[...failures.keys()].map((name) => ` ${name}\n`).join('')}`,
    )
    const errors = [...failures.values()]
    if (errors.length > 1) throw new ManyErrors(errors.map((error) => new KubectlError(reasonOf(error))))
    throw errors[0] instanceof ManyErrors ? errors[0] : new ManyErrors(errors)
  },
}

function isSelector(text: string): boolean {
  try {
    parseSelector(text)
    return true
  } catch {
    return false
  }
}

/** One line for one failure or several. */
const reasonOf = (error: Error): string =>
  error instanceof ManyErrors ? `[${error.errors.map((one) => (one as Error).message).join(', ')}]` : error.message

interface Sorted {
  evicted: Pod[]
  warnings: string[]
  errors: string[]
}

/** Which Pods go, and what is said of the others. */
function sortPods(invocation: Invocation, pods: readonly Pod[]): Sorted {
  const { flags } = invocation
  const named = (list: readonly Pod[]): string =>
    list.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).join(', ')
  const isFinished = (pod: Pod): boolean => pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed'
  const live = pods.filter((pod) => !pod.metadata.annotations?.['kubernetes.io/config.mirror'])
  const daemons = live.filter((pod) => controllerOf(pod)?.kind === 'DaemonSet' && !isFinished(pod))
  const others = live.filter((pod) => !daemons.includes(pod))
  const withData = others.filter((pod) => !isFinished(pod) && pod.spec.volumes?.some(({ emptyDir }) => emptyDir))
  // Each Pod is held against one reason after the other, and the first that keeps it is told.
  const rest = flags.bool('delete-emptydir-data') ? others : others.filter((pod) => !withData.includes(pod))
  const loose = rest.filter((pod) => !controllerOf(pod) && !isFinished(pod))
  const looseText = 'Pods that declare no controller'
  const errors: string[] = []
  const warnings: string[] = []
  if (daemons.length > 0) {
    if (flags.bool('ignore-daemonsets')) warnings.push(`ignoring DaemonSet-managed Pods: ${named(daemons)}`)
    else errors.push(`cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): ${named(daemons)}`)
  }
  if (withData.length > 0 && !flags.bool('delete-emptydir-data')) {
    errors.push(`cannot delete Pods with local storage (use --delete-emptydir-data to override): ${named(withData)}`)
  }
  if (loose.length > 0) {
    if (flags.bool('force')) warnings.push(`deleting ${looseText}: ${named(loose)}`)
    else errors.push(`cannot delete ${looseText} (use --force to override): ${named(loose)}`)
  }
  return { evicted: others, warnings: warnings.sort(), errors: errors.sort() }
}

function* drainNode(invocation: Invocation, node: string): Generator<Wait, void, unknown> {
  const { flags, context } = invocation
  const { evicted, warnings, errors } = sortPods(invocation, listPods(invocation, node))
  throwAll(errors.map((message) => new KubectlError(message)))
  if (warnings.length > 0) invocation.err(`Warning: ${warnings.join('; ')}\n`)
  if (invocation.dryRun === 'client') {
    for (const { metadata } of evicted)
      invocation.out(`evicting pod ${metadata.namespace}/${metadata.name} (dry run)\n`)
    return
  }
  if (invocation.dryRun === 'server') {
    for (const pod of evicted) {
      if (!flags.bool('disable-eviction')) tellEviction(invocation, pod)
      evict(invocation, pod)
    }
    return
  }
  const timeoutMs = flags.number('timeout')
  const untilMs = timeoutMs > 0 ? context.nowEpochMs() + timeoutMs : Number.POSITIVE_INFINITY
  try {
    yield* evictAll(invocation, evicted, untilMs, timeoutMs)
  } catch (error) {
    if (!(error instanceof Error) || !isReportable(error)) throw error
    tellPending(invocation, node, error)
    throw error
  }
}

/** What is still on the node after a failure. */
function tellPending(invocation: Invocation, node: string, error: Error): void {
  const pending = sortPods(invocation, listPods(invocation, node)).evicted
  if (pending.length === 0) return
  invocation.err(`There are pending pods in node "${node}" when an error occurred: ${reasonOf(error)}\n`)
  for (const { metadata } of pending) invocation.err(`pod/${metadata.name}\n`)
}

function listPods(invocation: Invocation, node: string): readonly Pod[] {
  const selector = invocation.flags.string('pod-selector')
  const options = { fieldSelector: `spec.nodeName=${node}`, ...(selector ? { labelSelector: selector } : {}) }
  return listInChunks(invocation.client, podKind(invocation), options, invocation.flags.number('chunk-size')).items
}

/** Evicts all that may go, again every five seconds those that a disruption budget holds; then waits until they are gone. */
function* evictAll(
  invocation: Invocation,
  pods: readonly Pod[],
  untilMs: number,
  timeoutMs: number,
): Generator<Wait, void, unknown> {
  const { context } = invocation
  let leaving: Pod[] = []
  let held = [...pods]
  while (held.length > 0) {
    const refused: Pod[] = []
    if (!invocation.flags.bool('disable-eviction')) for (const pod of held) tellEviction(invocation, pod)
    if (context.nowEpochMs() >= untilMs) throwAll(held.map((pod) => timedOut('evicting', pod, timeoutMs)))
    for (const pod of held) {
      try {
        evict(invocation, pod)
        leaving.push(pod)
      } catch (error) {
        if (isStatus(error, 'NotFound')) continue
        if (!isStatus(error, 'TooManyRequests')) throw failedTo(pod, error)
        refused.push(pod)
        invocation.err(
          `error when evicting pods/"${pod.metadata.name}" -n "${pod.metadata.namespace}" (will retry after 5s): ${error.message}\n`,
        )
      }
    }
    held = refused
    if (held.length === 0) break
    const retryMs = context.nowEpochMs() + RETRY_MS
    leaving = yield* awaitGone(invocation, leaving, retryMs)
    yield context.sleep(Math.max(0, retryMs - context.nowEpochMs())) as Wait
  }
  const stuck = yield* awaitGone(invocation, leaving, untilMs)
  throwAll(stuck.map((pod) => timedOut('waiting for', pod, timeoutMs)))
}

/** Tells each Pod that goes; returns those that are still there in the end. */
function* awaitGone(invocation: Invocation, pods: readonly Pod[], untilMs: number): Generator<Wait, Pod[], unknown> {
  const still: Pod[] = []
  const deadline = Number.isFinite(untilMs) ? untilMs : undefined
  for (const pod of pods) {
    const kind = invocation.resources.find('pods')
    const key = { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name }
    const isGone = (state: { metadata: { uid: string } } | undefined): boolean =>
      state?.metadata.uid !== pod.metadata.uid
    const outcome = yield* eachState(invocation.context, invocation.client, kind, key, isGone, deadline)
    if (outcome === 'timeout') still.push(pod)
    else invocation.out(`pod/${key.name} ${invocation.flags.bool('disable-eviction') ? 'deleted' : 'evicted'}\n`)
  }
  return still
}

const failedTo = ({ metadata }: Pod, error: unknown): unknown =>
  error instanceof StatusError
    ? new KubectlError(`error when evicting pods/"${metadata.name}" -n "${metadata.namespace}": ${error.message}`)
    : error

const timedOut = (action: 'evicting' | 'waiting for', { metadata }: Pod, timeoutMs: number): KubectlError => {
  const reached = `global timeout reached: ${printGoDuration(timeoutMs)}`
  return new KubectlError(
    action === 'evicting'
      ? `error when evicting pods/"${metadata.name}" -n "${metadata.namespace}": ${reached}`
      : `error when waiting for pod "${metadata.name}" in namespace "${metadata.namespace}" to terminate: context deadline exceeded`,
  )
}

const tellEviction = (invocation: Invocation, { metadata }: Pod): void =>
  invocation.out(`evicting pod ${metadata.namespace}/${metadata.name}${invocation.dryRunSuffix}\n`)

function evict(invocation: Invocation, { metadata }: Pod): void {
  const { client, flags } = invocation
  const key = { namespace: metadata.namespace ?? '', name: metadata.name }
  const gracePeriod = flags.number('grace-period')
  const grace = gracePeriod >= 0 ? { gracePeriodSeconds: gracePeriod } : {}
  const isDry = invocation.dryRun === 'server'
  if (flags.bool('disable-eviction')) {
    client.delete(podKind(invocation), key, { ...grace, ...(isDry ? { dryRun: true } : {}) })
    return
  }
  const deleteOptions = { ...grace, ...(isDry ? { dryRun: ['All'] } : {}) }
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: key, deleteOptions }
  client.createSubresource(invocation.resources.find('pods'), key, 'eviction', eviction)
}
