/** What the API server asks of a kubelet: programs run in containers, and their logs. Source: pkg/kubelet/kubelet_pods.go */
import type { PodStatus } from '../api/core/pod-types.ts'
import type { ObjectKey } from '../api/meta/object.ts'
import type { NetworkNamespace } from '../network/types.ts'
import type { RunningExec } from '../runtime/container.ts'
import type { InputStream } from '../runtime/process.ts'
import type { TerminalSize } from '../runtime/terminal.ts'
import type { LogQuery } from './container-log.ts'
import type { ContainerRuntime, RuntimeContainer } from './container-runtime.ts'
import type { PodRecord } from './pod-record.ts'

export interface ExecIo {
  stdin?: InputStream
  tty?: boolean
  onOutput(stream: 'stdout' | 'stderr', text: string): void
  onExit(exitCode: number): void
}

const runtimeAway =
  'unable to upgrade connection: rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /run/containerd/containerd.sock: connect: connection refused"'

export type LogRequest = LogQuery & { previous?: boolean }

export function execInContainer(
  runtime: ContainerRuntime,
  pod: ObjectKey,
  container: string,
  argv: readonly string[],
  io: ExecIo,
): RunningExec | { error: string } {
  if (runtime.isDown) return { error: runtimeAway }
  const running = runtime
    .running()
    .find((c) => c.spec.name === container && c.object.name === pod.name && c.object.namespace === pod.namespace)
  // The connection never becomes a stream: kubectl is left with what the kubelet said instead.
  if (!running?.handle) return { error: `unable to upgrade connection: container not found ("${container}")` }
  const started = running.handle.exec({
    argv,
    stdin: io.stdin,
    tty: io.tty,
    onOutput: (stream, text) => io.onOutput(stream, text),
    onExit: ({ exitCode }) => io.onExit(exitCode),
  })
  if ('error' in started) {
    const id = runtime.newExecId()
    return {
      error: `Internal error occurred: error executing command in container: failed to exec in container: failed to start exec "${id}": ${started.error}`,
    }
  }
  return started
}

/** Sends input to a container that waits for some, and gives its output from now on. */
export function attachToContainer(
  runtime: ContainerRuntime,
  pod: ObjectKey,
  container: string,
  stdin: string | undefined,
  onText: (text: string) => void,
  onEnd: (exitCode: number) => void,
): { close(): void } | { error: string } {
  const running = runtime
    .running()
    .find((c) => c.spec.name === container && c.object.name === pod.name && c.object.namespace === pod.namespace)
  if (!running)
    return {
      error: `unable to upgrade connection: container ${container} not found in pod ${pod.name}_${pod.namespace}`,
    }
  const close = running.log.read({ follow: true, tailLines: 0 }, 0, onText, () => onEnd(running.status.exitCode))
  if (stdin !== undefined) {
    running.stdin?.feed(stdin)
    if (running.spec.stdin?.once) running.stdin?.end()
  }
  return { close }
}

export interface AttachIo {
  /** As it is written, lines or not. */
  onOutput(stream: 'stdout' | 'stderr', text: string): void
  onEnd(): void
}

/** Somebody who sees and types what the container's first process writes and reads. */
export interface Attachment {
  /** The container has a terminal, whatever the caller asked for. */
  readonly isTerminal: boolean
  type(text: string): void
  /** No more input comes from here: with stdinOnce from nobody. */
  end(): void
  resize(size: TerminalSize): void
  close(): void
}

/** Source: containerd, internal/cri/server/container_attach.go; https://kubernetes.io/docs/reference/generated/kubernetes-api (stdinOnce) */
export function openAttachment(
  runtime: ContainerRuntime,
  pod: ObjectKey,
  container: string,
  io: AttachIo,
): Attachment | { error: string } {
  const running = runtime
    .running()
    .find((c) => c.spec.name === container && c.object.name === pod.name && c.object.namespace === pod.namespace)
  if (!running)
    return {
      error: `unable to upgrade connection: container ${container} not found in pod ${pod.name}_${pod.namespace}`,
    }
  const { stdin, spec, log } = running
  return {
    isTerminal: spec.isTerminal ?? false,
    type: (text) => stdin?.type(text),
    end() {
      if (spec.stdin?.once) stdin?.end()
    },
    resize: (size) => stdin?.resize(size),
    close: log.observe(io),
  }
}

/** A Pod's sandbox, as the runtime forwards ports to it. */
export interface ReachedSandbox {
  id: string
  /** The file of its network namespace, or `host`. */
  namespacePath: string
  network: NetworkNamespace
}

/** Source: containerd, internal/cri/server/sandbox_portforward.go */
export function findSandbox(
  runtime: ContainerRuntime,
  { namespace, name }: ObjectKey,
): ReachedSandbox | { error: string } {
  if (runtime.isDown) return { error: runtimeAway }
  const sandbox = runtime.sandboxes().find(({ request }) => request.namespace === namespace && request.name === name)
  if (!sandbox?.network) return { error: `unable to upgrade connection: pod not found ("${name}_${namespace}")` }
  const { id, network, request } = sandbox
  const uuid = id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')
  return { id, network, namespacePath: request.hostNetwork ? 'host' : `/var/run/netns/cni-${uuid}` }
}

type LoggedRun = Pick<RuntimeContainer, 'object' | 'podUid' | 'spec' | 'status' | 'log'>

/** Where the log of a run of a container lies on its node. */
export const logPathOf = ({ object, podUid, spec, status }: LoggedRun): string =>
  `/var/log/pods/${object.namespace}_${object.name}_${podUid}/${spec.name}/${status.restartCount}.log`

/** Why a log cannot be read; undefined when it can. Source: k8s.io/cri-client/pkg/logs ReadLogs */
export function missingLog(run: LoggedRun): string | undefined {
  const path = logPathOf(run)
  return run.log.isUnlinked
    ? `failed to try resolving symlinks in path ${JSON.stringify(path)}: lstat ${path}: no such file or directory`
    : undefined
}

export function readContainerLog(
  runtime: ContainerRuntime,
  record: PodRecord,
  status: PodStatus,
  container: string,
  request: LogRequest,
  nowEpochMs: number,
  onText: (text: string) => void,
  onEnd?: () => void,
): { close(): void } | { error: string } {
  const id = logContainerID(record.pod.metadata.name, status, container, request.previous ?? false)
  if (typeof id !== 'string') return id
  const found = runtime.find(record.uid, id.slice('containerd://'.length))
  if (!found) return { error: `unable to retrieve container logs for ${id}` }
  const missing = missingLog(found)
  if (missing === undefined) return { close: found.log.read(request, nowEpochMs, onText, onEnd) }
  // The answer has begun by then: what is wrong is its text.
  onText(missing)
  onEnd?.()
  return { close: () => undefined }
}

/** Which run of a container is meant, or why there is none. Source: validateContainerLogStatus */
function logContainerID(
  pod: string,
  status: PodStatus,
  container: string,
  previous: boolean,
): string | { error: string } {
  const where = `container "${container}" in pod "${pod}"`
  const own = [
    ...(status.containerStatuses ?? []),
    ...(status.initContainerStatuses ?? []),
    ...(status.ephemeralContainerStatuses ?? []),
  ].find((s) => s.name === container)
  if (!own) return { error: `${where} is not available` }
  const { waiting, running, terminated } = own.state
  const lastID = own.lastState.terminated?.containerID
  if (previous) return lastID ?? { error: `previous terminated ${where} not found` }
  if (running && own.containerID) return own.containerID
  if (terminated || own.lastState.terminated)
    return terminated?.containerID ?? lastID ?? { error: `${where} is terminated` }
  switch (waiting?.reason) {
    case 'ErrImagePull':
      return { error: `${where} is waiting to start: image can't be pulled` }
    case 'ImagePullBackOff':
      return { error: `${where} is waiting to start: trying and failing to pull image` }
    case undefined:
      return { error: `${where} is waiting to start - no logs yet` }
    default:
      return { error: `${where} is waiting to start: ${waiting?.reason}` }
  }
}
