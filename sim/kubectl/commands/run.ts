/** kubectl run. Source: k8s.io/kubectl/pkg/cmd/run/run.go */
import type { Pod } from '../../api/core/pod-types.ts'
import { givenKeys, type JsonMap, type KeyOrder, sorted } from '../../api/meta/go-json.ts'
import type { Kind } from '../../api/meta/kind.ts'
import { findCondition, type KubeObject, type ObjectKey } from '../../api/meta/object.ts'
import { StatusError } from '../../api/meta/status-error.ts'
import type { Wait } from '../../runtime/process.ts'
import { attachTo, showLogs, waitForPod } from '../attach.ts'
import { type Command, dryRunFlag, fieldManagerFlag, type Invocation, outputFlags } from '../command.ts'
import { KubectlError } from '../errors.ts'
import { isImageReference } from '../image-reference.ts'
import { parseLabels } from '../labels.ts'
import { withOverrides } from '../overrides.ts'
import { podKind } from '../pods.ts'
import { shownKind } from '../resources.ts'
import { showResult, showTyped } from '../results.ts'

export const run: Command = {
  name: 'run',
  short: 'Run a particular image on the cluster',
  usage:
    'NAME --image=image [--env="key=value"] [--port=port] [--dry-run=server|client] [--overrides=inline-json] [--command] -- [COMMAND] [args...] [options]',
  flags: [
    ...outputFlags,
    dryRunFlag,
    fieldManagerFlag('kubectl-run'),
    { name: 'annotations', type: 'array', help: 'Annotations to apply to the pod.' },
    { name: 'attach', type: 'bool', help: 'If true, wait for the Pod to start running, and then attach to it.' },
    {
      name: 'command',
      type: 'bool',
      help: "If true and extra arguments are present, use them as the 'command' field in the container.",
    },
    { name: 'env', type: 'array', help: 'Environment variables to set in the container.' },
    {
      name: 'expose',
      type: 'bool',
      help: 'If true, create a ClusterIP service associated with the pod. Requires `--port`.',
    },
    { name: 'image', type: 'string', isRequired: true, help: 'The image for the container to run.' },
    { name: 'image-pull-policy', type: 'string', help: 'The image pull policy for the container.' },
    { name: 'labels', short: 'l', type: 'string', help: 'Comma separated labels to apply to the pod.' },
    {
      name: 'leave-stdin-open',
      type: 'bool',
      help: 'If the pod is started in interactive mode or with stdin, leave stdin open.',
    },
    { name: 'overrides', type: 'string', help: 'An inline JSON override for the generated object.' },
    {
      name: 'override-type',
      type: 'string',
      default: 'merge',
      help: 'The method used to override the generated object.',
    },
    {
      name: 'pod-running-timeout',
      type: 'duration',
      default: 60_000,
      help: 'How long to wait until at least one pod is running',
    },
    { name: 'port', type: 'string', help: 'The port that this container exposes.' },
    { name: 'privileged', type: 'bool', help: 'If true, run the container in privileged mode.' },
    { name: 'quiet', short: 'q', type: 'bool', help: 'If true, suppress prompt messages.' },
    {
      name: 'restart',
      type: 'string',
      default: 'Always',
      help: 'The restart policy for this Pod. Legal values [Always, OnFailure, Never].',
    },
    { name: 'rm', type: 'bool', help: 'If true, delete the pod after it exits.' },
    { name: 'stdin', short: 'i', type: 'bool', help: 'Keep stdin open on the container in the pod.' },
    { name: 'tty', short: 't', type: 'bool', help: 'Allocate a TTY for the container in the pod.' },
    {
      name: 'grace-period',
      type: 'int',
      default: -1,
      help: 'Period of time in seconds given to the resource to terminate gracefully.',
    },
  ],
  *run(invocation) {
    const { flags, args } = invocation
    if (args.length === 0) throw invocation.usageError('NAME is required for run')
    const image = flags.string('image')
    if (!image) throw new KubectlError('--image is required')
    if (!isImageReference(image)) throw new KubectlError(`Invalid image name "${image}": invalid reference format`)
    // Who says whether, is heard; else who gives it a keyboard is attached.
    const attaches = flags.has('attach') ? flags.bool('attach') : flags.bool('stdin') || flags.bool('tty')
    if (flags.bool('tty') && !flags.bool('stdin'))
      throw invocation.usageError('-i/--stdin is required for containers with -t/--tty=true')
    if (flags.bool('rm') && !attaches) throw invocation.usageError('--rm should only be used for attached containers')
    if (flags.bool('expose') && !flags.string('port'))
      throw invocation.usageError('--port must be set when exposing a service')
    if (attaches && invocation.dryRun !== 'none') {
      throw invocation.usageError(
        "--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)",
      )
    }
    const policy = flags.string('image-pull-policy')
    if (policy && !['Always', 'IfNotPresent', 'Never'].includes(policy))
      throw invocation.usageError(`invalid image pull policy: ${policy}`)
    const kind = podKind(invocation)
    const pod = buildPod(invocation, args[0], image)
    // The Service is made behind the Pod, and told of before it.
    const tell = (object: KubeObject, keysOf?: KeyOrder): void => {
      if (flags.bool('expose')) {
        createService(invocation, args[0])
        if (flags.string('output') === 'yaml') invocation.out('---\n---\n')
      }
      if (invocation.dryRun === 'client' || flags.has('overrides'))
        showResult(invocation, kind as never, object, 'created', keysOf)
      else showTyped(invocation, kind as never, object, 'created')
    }
    if (invocation.dryRun === 'client') tell(pod as never, flags.has('overrides') ? undefined : givenKeys)
    else {
      const object = { ...pod, metadata: { ...(pod.metadata as JsonMap), namespace: invocation.namespace } }
      const created = invocation.client.create(
        kind,
        object as never,
        invocation.writeOptions(flags.string('field-manager')),
      )
      invocation.showWarnings()
      if (attaches) return yield* attach(invocation, kind, created)
      tell(created)
    }
    return 0
  },
}

function buildPod(invocation: Invocation, name: string, image: string): JsonMap {
  const { flags, args, afterDash = [] } = invocation
  const restartPolicy = flags.string('restart')
  if (!['Always', 'OnFailure', 'Never'].includes(restartPolicy)) {
    throw invocation.usageError(`invalid restart policy: ${restartPolicy}`)
  }
  const labels = flags.string('labels') ? parseLabels(flags.string('labels')) : { run: name }
  const words = [...args.slice(1), ...afterDash]
  const port = flags.string('port')
  if (port && !/^\d+$/.test(port)) throw new KubectlError(`strconv.Atoi: parsing "${port}": invalid syntax`)
  const env = flags.list('env').map((pair) => {
    const equals = pair.indexOf('=')
    if (equals < 1) throw new KubectlError(`invalid env: ${pair}`)
    return { name: pair.slice(0, equals), value: pair.slice(equals + 1) }
  })
  const annotations = Object.fromEntries(
    flags.list('annotations').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  )
  const isInteractive = flags.bool('stdin')
  const container = {
    name,
    image,
    ...(words.length > 0 ? { [flags.bool('command') ? 'command' : 'args']: words } : {}),
    ...(port ? { ports: [{ containerPort: Number(port) }] } : {}),
    ...(env.length > 0 ? { env } : {}),
    resources: {},
    ...(flags.string('image-pull-policy') ? { imagePullPolicy: flags.string('image-pull-policy') } : {}),
    ...(flags.bool('privileged') ? { securityContext: { privileged: true } } : {}),
    ...(isInteractive ? { stdin: true, ...(flags.bool('leave-stdin-open') ? {} : { stdinOnce: true }) } : {}),
    ...(flags.bool('tty') ? { tty: true } : {}),
  }
  const pod: JsonMap = {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      name,
      ...(invocation.isNamespaceGiven ? { namespace: invocation.namespace } : {}),
      labels: sorted(labels),
      ...(Object.keys(annotations).length > 0 ? { annotations: sorted(annotations) } : {}),
    },
    spec: { containers: [container], restartPolicy, dnsPolicy: 'ClusterFirst' },
    status: {},
  }
  return withOverrides(invocation, pod, 'io.k8s.api.core.v1.Pod')
}

/** Shows the Pod's output, tells how it ended, and with --rm deletes it, also after a failure. @returns the exit code */
function* attach(invocation: Invocation, kind: Kind<Pod>, created: Pod): Generator<Wait, number, unknown> {
  const { flags, client } = invocation
  const key = { namespace: created.metadata.namespace ?? '', name: created.metadata.name }
  const remove = (): void => {
    if (!flags.bool('rm')) return
    try {
      client.delete(kind, key, { propagationPolicy: 'Background' })
    } catch (error) {
      if (!(error instanceof StatusError) || error.reason !== 'NotFound') throw error
      return
    }
    if (!flags.bool('quiet'))
      invocation.out(
        `${shownKind(invocation.resources.find('pods'))} "${key.name}" deleted from ${key.namespace} namespace\n`,
      )
  }
  let pod: Pod | undefined
  try {
    yield* showOutput(invocation, key)
    pod = yield* waitForEnd(invocation, key, created.spec.restartPolicy)
  } catch (error) {
    if (error instanceof KubectlError || error instanceof StatusError) remove()
    throw error
  }
  remove()
  return pod ? exitCodeOf(invocation, pod) : 0
}

/** What the container wrote until it was attached to, and all that comes; or its log, when it has ended. Source: handleAttachPod */
function* showOutput(invocation: Invocation, key: ObjectKey): Generator<Wait, void, unknown> {
  const { context, flags } = invocation
  const isReady = ({ status }: Pod): boolean =>
    status.phase === 'Running' && findCondition(status.conditions, 'Ready')?.status === 'True'
  const timeoutMs = flags.number('pod-running-timeout')
  const pod = yield* waitForPod(invocation, key, timeoutMs, (pod) => hasEnded(pod) || isReady(pod))
  const container = pod.spec.containers[0].name
  yield* showLogs(invocation, pod, container)
  if (hasEnded(pod)) return
  try {
    yield* attachTo(invocation, pod, container, flags.bool('stdin') ? context.stdin : undefined)
  } catch (error) {
    if (!(error instanceof KubectlError)) throw error
    invocation.err(
      `warning: couldn't attach to pod/${pod.metadata.name}, falling back to streaming logs: ${error.message}\n`,
    )
    yield* showLogs(invocation, pod, container)
  }
}

/** @returns the Pod as it ended; undefined where a restart makes every end one for a while */
function* waitForEnd(
  invocation: Invocation,
  key: ObjectKey,
  restartPolicy: string | undefined,
): Generator<Wait, Pod | undefined, unknown> {
  const { flags } = invocation
  if (flags.bool('leave-stdin-open') || restartPolicy === 'Always') return undefined
  return yield* waitForPod(invocation, key, flags.number('pod-running-timeout'), (pod) =>
    restartPolicy === 'OnFailure' ? pod.status.phase === 'Succeeded' : hasEnded(pod),
  )
}

const hasEnded = ({ status }: Pod): boolean => status.phase === 'Succeeded' || status.phase === 'Failed'

function exitCodeOf(invocation: Invocation, { metadata, status }: Pod): number {
  if (status.phase === 'Succeeded') return 0
  const where = `${metadata.namespace}/${metadata.name}`
  const ended = status.containerStatuses?.[0]?.state.terminated
  if (!ended || ended.exitCode === 0) throw new KubectlError(`pod ${where} failed with unknown exit code`)
  const text = `pod ${where} terminated (${ended.reason ?? ''})\n${ended.message ?? ''}`
  invocation.err(text.endsWith('\n') ? text : `${text}\n`)
  return ended.exitCode
}

function createService(invocation: Invocation, name: string): void {
  const kind = invocation.resources.find('services')
  const port = Number(invocation.flags.string('port'))
  const labels = invocation.flags.string('labels') ? parseLabels(invocation.flags.string('labels')) : { run: name }
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, ...(invocation.dryRun === 'client' ? {} : { namespace: invocation.namespace }) },
    spec: { ports: [{ port, protocol: 'TCP', targetPort: port }], selector: labels },
    status: { loadBalancer: {} },
  }
  const options = invocation.writeOptions(invocation.flags.string('field-manager'))
  const created =
    invocation.dryRun === 'client' ? (service as never) : invocation.client.create(kind, service as never, options)
  showTyped(invocation, kind, created, 'created')
}
