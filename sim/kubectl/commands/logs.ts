/** kubectl logs. Source: k8s.io/kubectl/pkg/cmd/logs/logs.go */
import type { Pod } from '../../api/core/pod-types.ts'
import { rfc3339Problem } from '../../api/meta/go-time.ts'
import { isStatus } from '../../api/meta/status-error.ts'
import type { Wait } from '../../runtime/process.ts'
import { type Command, type Invocation, selectorFlag } from '../command.ts'
import type { LogRequest } from '../context.ts'
import { isReportable, KubectlError } from '../errors.ts'
import { choosePod, choosePodAloud, containerNames, defaultContainerAnnotation, findObject, podKind } from '../pods.ts'
import type { Found } from '../resources.ts'
import { together } from '../waits.ts'

export const logs: Command = {
  name: 'logs',
  isTyped: true,
  short: 'Print the logs for a container in a pod',
  usage: '[-f] [-p] (POD | TYPE/NAME) [-c CONTAINER] [options]',
  flags: [
    selectorFlag,
    { name: 'all-containers', type: 'bool', help: "Get all containers' logs in the pod(s)." },
    { name: 'all-pods', type: 'bool', help: 'Get logs from all pod(s).' },
    { name: 'container', short: 'c', type: 'string', help: 'Print the logs of this container' },
    { name: 'follow', short: 'f', type: 'bool', help: 'Specify if the logs should be streamed.' },
    {
      name: 'ignore-errors',
      type: 'bool',
      help: 'If watching / following pod logs, allow for any errors that occur to be non-fatal',
    },
    { name: 'insecure-skip-tls-verify-backend', type: 'bool', help: 'Skip verifying the identity of the kubelet.' },
    { name: 'limit-bytes', type: 'int', help: 'Maximum bytes of logs to return.' },
    {
      name: 'max-log-requests',
      type: 'int',
      default: 5,
      help: 'Maximum number of concurrent logs to follow when using by a selector.',
    },
    {
      name: 'pod-running-timeout',
      type: 'duration',
      default: 20_000,
      help: 'How long to wait until at least one pod is running',
    },
    { name: 'prefix', type: 'bool', help: 'Prefix each log line with the log source (pod name and container name)' },
    {
      name: 'previous',
      short: 'p',
      type: 'bool',
      help: 'If true, print the logs for the previous instance of the container in a pod if it exists.',
    },
    { name: 'since', type: 'duration', help: 'Only return logs newer than a relative duration like 5s, 2m, or 3h.' },
    { name: 'since-time', type: 'string', help: 'Only return logs after a specific date (RFC3339).' },
    { name: 'tail', type: 'int', default: -1, help: 'Lines of recent log file to display.' },
    { name: 'timestamps', type: 'bool', help: 'Include timestamps on each line in the log output' },
  ],
  *run(invocation) {
    const { flags } = invocation
    checkFlags(invocation)
    const requests = (yield* findPods(invocation)).flatMap((pod) => requestsFor(invocation, pod))
    const limit = flags.number('max-log-requests')
    if (!flags.bool('follow') || requests.length < 2) {
      for (const request of requests) yield* readLog(invocation, request)
      return 0
    }
    if (requests.length > limit) {
      throw new KubectlError(
        `you are attempting to follow ${requests.length} log streams, but maximum allowed concurrency is ${limit}, use --max-log-requests to increase the limit`,
      )
    }
    yield* together(requests.map((request) => readLog(invocation, request)))
    return 0
  },
}

const usage =
  "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command"

/** Source: logs.go, Complete, ToLogOptions and Validate, in that order. */
function checkFlags(invocation: Invocation): void {
  const { args, flags } = invocation
  const selector = flags.string('selector')
  if (args.length === 0 && !selector) throw invocation.usageError(usage)
  if (args.length === 1 && selector) throw invocation.usageError('only a selector (-l) or a POD name is allowed')
  if (args.length === 2 && selector)
    throw new KubectlError('selectors and the all flag cannot be used when passing resource/name arguments')
  if (args.length > 2) throw invocation.usageError(usage)
  const timeProblem = flags.string('since-time') ? rfc3339Problem(flags.string('since-time')) : undefined
  if (timeProblem) throw new KubectlError(timeProblem)
}

/** Source: logs.go, Validate; it comes after the objects have been found. */
function checkValues({ args, flags }: Invocation): void {
  const container = args[1] ?? flags.string('container')
  if (flags.string('since-time') && flags.number('since') !== 0)
    throw new KubectlError('at most one of `sinceTime` or `sinceSeconds` may be specified')
  if (flags.bool('all-containers') && container)
    throw new KubectlError(`--all-containers=true should not be specified with container name ${container}`)
  if (args.length === 2 && flags.has('container'))
    throw new KubectlError('only one of -c or an inline [CONTAINER] arg is allowed')
  if (flags.number('limit-bytes') < 0) throw new KubectlError('--limit-bytes must be greater than 0')
  if (flags.number('since') < 0) throw new KubectlError('--since must be greater than 0')
  if (flags.number('tail') < -1) throw new KubectlError('--tail must be greater than or equal to -1')
}

function* findPods(invocation: Invocation): Generator<Wait, readonly Pod[], unknown> {
  const { args, flags, client, namespace } = invocation
  const labelSelector = flags.string('selector')
  if (labelSelector) {
    const pods = client.list(podKind(invocation), { namespace, labelSelector }).items
    if (pods.length === 0) invocation.err(`No resources found in ${namespace} namespace.\n`)
    checkValues(invocation)
    return pods
  }
  const found = findNamed(invocation, args[0])
  checkValues(invocation)
  if (!flags.bool('all-pods')) return [yield* choosePodAloud(invocation, found, 'get the logs from')]
  const { pod, others } = yield* choosePod(invocation, found, 'get the logs from')
  return [pod, ...others]
}

function findNamed(invocation: Invocation, text: string): Found {
  try {
    return findObject(invocation, text)
  } catch (error) {
    if (!isStatus(error, 'NotFound')) throw error
    throw new KubectlError(
      `error from server (NotFound): ${(error as Error).message} in namespace ${JSON.stringify(invocation.namespace)}`,
    )
  }
}

/** A request for each container whose log is wanted. */
function requestsFor(invocation: Invocation, pod: Pod): LogRequest[] {
  const { args, flags } = invocation
  const { spec, metadata } = pod
  const names = flags.bool('all-containers')
    ? [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])].map(({ name }) => name)
    : [containerOf(invocation, pod, args[1] ?? flags.string('container'))]
  const tail = flags.string('selector') && !flags.has('tail') ? 10 : flags.number('tail')
  return names.map((container) => ({
    user: invocation.client.user,
    namespace: metadata.namespace ?? '',
    pod: metadata.name,
    container,
    follow: flags.bool('follow'),
    previous: flags.bool('previous'),
    timestamps: flags.bool('timestamps'),
    ...(tail >= 0 ? { tailLines: tail } : {}),
    ...(flags.number('since') !== 0 ? { sinceSeconds: Math.round(flags.number('since') / 1000) } : {}),
    ...(flags.string('since-time') ? { sinceTime: flags.string('since-time') } : {}),
    ...(flags.number('limit-bytes') > 0 ? { limitBytes: flags.number('limit-bytes') } : {}),
  }))
}

/** The named container, or the default one. Source: k8s.io/kubectl/pkg/polymorphichelpers/logsforobject.go */
function containerOf(invocation: Invocation, pod: Pod, name: string): string {
  const { spec, metadata } = pod
  const all = [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])]
  const has = (wanted: string): boolean => all.some((container) => container.name === wanted)
  if (name) {
    if (has(name)) return name
    throw new KubectlError(`container ${name} is not valid for pod ${metadata.name} out of: ${containerNames(pod)}`)
  }
  const annotated = metadata.annotations?.[defaultContainerAnnotation]
  if (annotated && has(annotated)) return annotated
  if (annotated)
    invocation.err(`Default container name ${JSON.stringify(annotated)} not found in pod ${metadata.name}\n`)
  const [first] = spec.containers
  if (all.length > 1 && !invocation.flags.bool('all-pods'))
    invocation.err(`Defaulted container "${first.name}" out of: ${containerNames(pod)}\n`)
  return first.name
}

/** How long a log that is followed is asked for again. */
const RETRY_MS = 1000

/** Prints a log. One that is followed may begin late: each refusal is told until the time for that is over. */
function* readLog(invocation: Invocation, request: LogRequest): Generator<Wait, void, unknown> {
  const { flags, context } = invocation
  const prefix = flags.bool('prefix') || flags.bool('all-pods') ? `[pod/${request.pod}/${request.container}] ` : ''
  const show = (text: string): void => invocation.out(prefix ? withPrefix(text, prefix) : text)
  const untilMs = context.nowEpochMs() + flags.number('pod-running-timeout')
  for (;;) {
    try {
      yield invocation.node.logs(request, show) as Wait
      return
    } catch (error) {
      if (!(error instanceof Error) || !isReportable(error)) throw error
      if (flags.bool('ignore-errors')) {
        invocation.out(`error: ${error.message}\n`)
        return
      }
      if (!request.follow) throw error
      invocation.err(`${error.message}\n`)
    }
    yield context.sleep(Math.min(RETRY_MS, untilMs - context.nowEpochMs())) as Wait
    if (context.nowEpochMs() >= untilMs) throw new KubectlError('context deadline exceeded')
  }
}

/** The prefix in front of every line. */
const withPrefix = (text: string, prefix: string): string => text.replace(/[^\n]*\n|[^\n]+$/g, (line) => prefix + line)
