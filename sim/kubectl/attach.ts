/** Attaching to a container, for attach, debug and run: waits until it runs, sends the input, shows the output until it ends. */
import type { ContainerStatus, Pod } from '../api/core/pod-types.ts'
import type { ObjectKey } from '../api/meta/object.ts'
import { type Wait, waitFor } from '../runtime/process.ts'
import type { Invocation } from './command.ts'
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
  const { context, client } = invocation
  let pod: Pod | undefined
  const hasBegun = (state: unknown): boolean => {
    if (!state) throw new KubectlError(`pods "${key.name}" not found`)
    pod = state as Pod
    const own = containerStatusOf(pod, container)?.state
    if (own?.waiting?.message) onWaiting(own.waiting.message)
    return Boolean(own?.running ?? own?.terminated)
  }
  const untilMs = context.nowEpochMs() + timeoutMs
  const outcome = yield* eachState(context, client, invocation.resources.find('pods'), key, hasBegun, untilMs)
  if (outcome === 'timeout' || !pod) throw new KubectlError('timed out waiting for the condition')
  return pod
}

/** Shows what the container writes until it ends, or what it wrote when it has ended already. */
export function* attachTo(
  invocation: Invocation,
  pod: Pod,
  container: string,
  stdin: string | undefined,
): Generator<Wait, void, unknown> {
  const { context } = invocation
  const request = {
    user: invocation.client.user,
    namespace: pod.metadata.namespace ?? '',
    pod: pod.metadata.name,
    container,
  }
  if (containerStatusOf(pod, container)?.state.terminated) {
    yield* waitFor(context.node.logs(request, (text) => invocation.out(text)))
    return
  }
  const outcome = yield* waitFor(
    stdin !== undefined && context.interact
      ? context.interact(
          { kind: 'attach', ...request, stdin: true },
          { stdout: (text) => invocation.out(text), stderr: (text) => invocation.err(text) },
        )
      : context.node.attach({ ...request, stdin }, (text) => invocation.out(text)),
  )
  if ('error' in outcome) throw new KubectlError(outcome.error)
}
