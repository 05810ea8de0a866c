/** kubectl logs. Source: k8s.io/kubectl/pkg/cmd/logs/logs.go */
import type { Pod } from '../../api/core/pod-types.ts'
import type { Wait } from '../../runtime/process.ts'
import { type Command, type Invocation, selectorFlag } from '../command.ts'
import type { LogRequest } from '../context.ts'
import { KubectlError, throwAll } from '../errors.ts'
import { chooseContainer, findPod, findPods, podKind } from '../pods.ts'
import { allOf } from '../waits.ts'

export const logs: Command = {
  name: 'logs',
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
    const { flags, context } = invocation
    const requests = findSources(invocation)
    const limit = flags.number('max-log-requests')
    if (flags.bool('follow') && requests.length > limit) {
      throw new KubectlError(
        `you are attempting to follow ${requests.length} log streams, but maximum allowed concurrency is ${limit}, use --max-log-requests to increase the limit`,
      )
    }
    const errors: unknown[] = []
    const streams: Wait<void>[] = []
    for (const request of requests) {
      const prefix = flags.bool('prefix') || flags.bool('all-pods') ? `[pod/${request.pod}/${request.container}] ` : ''
      try {
        const stream = context.node.logs(request, (text) => invocation.out(prefix ? withPrefix(text, prefix) : text))
        if (flags.bool('follow')) streams.push(stream)
        else yield stream as Wait
      } catch (error) {
        if (flags.bool('ignore-errors') && error instanceof Error) invocation.out(`error: ${error.message}\n`)
        else errors.push(error)
      }
    }
    if (streams.length > 0) yield allOf(streams) as Wait
    throwAll(errors)
    return 0
  },
}

/** The prefix in front of every line. */
const withPrefix = (text: string, prefix: string): string => text.replace(/[^\n]*\n|[^\n]+$/g, (line) => prefix + line)

/** A request for each container whose log is wanted. */
function findSources(invocation: Invocation): LogRequest[] {
  const { flags, args, client } = invocation
  const selector = flags.string('selector')
  const wantsAll = flags.bool('all-containers')
  if (flags.has('tail') && flags.number('tail') < -1)
    throw new KubectlError('--tail must be greater than or equal to -1')
  if (flags.string('since-time') && flags.has('since'))
    throw new KubectlError('at most one of `sinceTime` or `sinceSeconds` may be specified')
  if (wantsAll && flags.string('container'))
    throw new KubectlError('--all-containers=true should not be specified with container name')
  if (selector) {
    if (args.length > 0) throw invocation.usageError('only a selector (-l) or a POD name is allowed')
    const pods = client.list(podKind(invocation), { namespace: invocation.namespace, labelSelector: selector }).items
    if (pods.length === 0) invocation.err(`No resources found in ${invocation.namespace} namespace.\n`)
    return pods.flatMap((pod) => requestsFor(invocation, pod, flags.has('tail') ? flags.number('tail') : 10))
  }
  if (args.length === 1 && flags.bool('all-pods')) {
    return findPods(invocation, args[0]).flatMap((pod) => requestsFor(invocation, pod, flags.number('tail')))
  }
  if (args.length === 0) {
    throw invocation.usageError(
      "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command",
    )
  }
  if (args.length > 2) {
    throw invocation.usageError(
      "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command",
    )
  }
  if (args.length === 2 && flags.string('container'))
    throw invocation.usageError('only one of -c or an inline [CONTAINER] arg is allowed')
  return requestsFor(invocation, findPod(invocation, args[0]), flags.number('tail'), args[1])
}

function requestsFor(invocation: Invocation, pod: Pod, tail: number, inlineContainer = ''): LogRequest[] {
  const { flags } = invocation
  const { spec, metadata } = pod
  const names = flags.bool('all-containers')
    ? [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])].map(({ name }) => name)
    : [chooseContainer(invocation, pod, inlineContainer || flags.string('container'))]
  return names.map((container) => ({
    user: invocation.client.user,
    namespace: metadata.namespace ?? '',
    pod: metadata.name,
    container,
    follow: flags.bool('follow'),
    previous: flags.bool('previous'),
    timestamps: flags.bool('timestamps'),
    ...(tail >= 0 ? { tailLines: tail } : {}),
    ...(flags.has('since') ? { sinceSeconds: Math.ceil(flags.number('since') / 1000) } : {}),
    ...(flags.string('since-time') ? { sinceTime: flags.string('since-time') } : {}),
    ...(flags.number('limit-bytes') > 0 ? { limitBytes: flags.number('limit-bytes') } : {}),
  }))
}
