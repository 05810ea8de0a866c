/** Attaching to a container, for attach, debug and run: waits until it runs, sends the input, shows the output until it ends. */
import type { ContainerStatus, Pod } from '../api/core/pod-types.ts'
import type { ObjectKey } from '../api/meta/object.ts'
import { StatusError } from '../api/meta/status-error.ts'
import { type Wait, waitFor } from '../runtime/process.ts'
import type { Invocation } from './command.ts'
import type { ExecOutcome } from './context.ts'
import { KubectlError } from './errors.ts'
import { eachState } from './waits.ts'

/** The status of a container of any sort. */
const containerStatusOf = ({ status }: Pod, name: string): ContainerStatus | undefined =>
  [
    ...(status.containerStatuses ?? []),
    ...(status.initContainerStatuses ?? []),
    ...(status.ephemeralContainerStatuses ?? []),
  ].find((candidate) => candidate.name === name)

/**
 * Waits until the container runs or has ended.
 * @param onWaiting told why it does not yet, at each change of the Pod
 * @throws KubectlError when the Pod is gone, or the time is over
 */
export function* waitForContainer(
  invocation: Invocation,
  key: ObjectKey,
  container: string,
  timeoutMs: number,
  onWaiting: (message: string) => void = () => {},
): Generator<Wait, Pod, unknown> {
  return yield* waitForPod(invocation, key, timeoutMs, (pod) => {
    const own = containerStatusOf(pod, container)?.state
    if (own?.waiting?.message) onWaiting(own.waiting.message)
    return Boolean(own?.running ?? own?.terminated)
  })
}

/** Waits until it is so of the Pod. @throws KubectlError when the Pod is gone, or the time is over */
export function* waitForPod(
  invocation: Invocation,
  key: ObjectKey,
  timeoutMs: number,
  isSo: (pod: Pod) => boolean,
): Generator<Wait, Pod, unknown> {
  const { context, client } = invocation
  let pod: Pod | undefined
  const onState = (state: unknown): boolean => {
    if (!state) throw new KubectlError(`pods "${key.name}" not found`)
    pod = state as Pod
    return isSo(pod)
  }
  const untilMs = context.nowEpochMs() + timeoutMs
  const outcome = yield* eachState(context, client, invocation.resources.find('pods'), key, onState, untilMs)
  if (outcome === 'timeout' || !pod) throw new KubectlError('timed out waiting for the condition')
  return pod
}

/** Shows what the container writes until it ends, or what it wrote when it has ended already. Source: handleAttachPod in cmd/debug/debug.go */
export function* attachOrLogs(
  invocation: Invocation,
  pod: Pod,
  container: string,
  stdin: string | undefined,
): Generator<Wait, void, unknown> {
  if (!containerStatusOf(pod, container)?.state.terminated) return yield* attachTo(invocation, pod, container, stdin)
  yield* showLogs(invocation, pod, container)
}

/** Shows what the container has written by now. */
export function* showLogs(invocation: Invocation, pod: Pod, container: string): Generator<Wait, void, unknown> {
  yield* waitFor(invocation.node.logs(requestOf(invocation, pod, container), (text) => invocation.out(text)))
}

const requestOf = (invocation: Invocation, pod: Pod, container: string) => ({
  user: invocation.client.user,
  namespace: pod.metadata.namespace ?? '',
  pod: pod.metadata.name,
  container,
})

/** Shows what the container writes until it ends. @throws KubectlError for one that does not run */
export function* attachTo(
  invocation: Invocation,
  pod: Pod,
  container: string,
  stdin: string | undefined,
): Generator<Wait, void, unknown> {
  const { context } = invocation
  const request = requestOf(invocation, pod, container)
  if (!invocation.flags.bool('quiet')) invocation.err(sessionNotice)
  yield* openSession(() =>
    stdin !== undefined && context.interact
      ? context.interact(
          { kind: 'attach', ...request, stdin: true },
          { stdout: (text) => invocation.out(text), stderr: (text) => invocation.err(text) },
        )
      : invocation.node.attach({ ...request, stdin }, (text) => invocation.out(text)),
  )
}

/** What attaching to a container begins with. Source: k8s.io/kubectl/pkg/cmd/attach/attach.go */
const sessionNotice =
  'All commands and output from this session will be recorded in container logs, including credentials and sensitive information passed through the command prompt.\n' +
  "If you don't see a command prompt, try pressing enter.\n"

/**
 * Runs a session in a container and gives its exit code.
 * @throws KubectlError as kubectl words a session that could not be opened, or that the kubelet ended
 */
export function* openSession(open: () => Wait<ExecOutcome>): Generator<Wait, number, unknown> {
  const outcome = yield* waitFor(openOrRefuse(open))
  if ('error' in outcome) throw new KubectlError(`Internal error occurred: ${outcome.error}`)
  return outcome.exitCode
}

const openOrRefuse = (open: () => Wait<ExecOutcome>): Wait<ExecOutcome> => ({
  start(resume) {
    try {
      return open().start(resume)
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      throw new KubectlError(`unable to upgrade connection: ${error.message}`)
    }
  },
})
