/** kubectl debug: a container beside those of a Pod, a changed copy of a Pod, or a Pod on a node. Source: k8s.io/kubectl/pkg/cmd/debug/debug.go */
import type { Container, EphemeralContainer, Pod } from '../../api/core/pod-types.ts'
import { isMap, type JsonMap } from '../../api/meta/go-json.ts'
import { strategicMergePatch } from '../../api/patch/strategic-merge-patch.ts'
import { hash32 } from '../../engine/random.ts'
import type { Wait } from '../../runtime/process.ts'
import { attachOrLogs, waitForContainer } from '../attach.ts'
import { type Command, fileFlags, type Invocation } from '../command.ts'
import { KubectlError, throwAll } from '../errors.ts'
import { readText } from '../files.ts'
import { isImageReference } from '../image-reference.ts'
import { readManifests } from '../manifests.ts'
import { twoWayPatch } from '../patch/three-way.ts'
import { findObject, podKind } from '../pods.ts'
import type { Found } from '../resources.ts'
import { parseYamlValue } from '../yaml.ts'
import { type DebugStyle, hasProfile, profileContainer, profileCopy, profileNodePod } from './debug/profiles.ts'

type Draft = Omit<Partial<EphemeralContainer>, 'name'> & { name: string }

export const debug: Command = {
  name: 'debug',
  isTyped: true,
  short: 'Create debugging sessions for troubleshooting workloads and nodes',
  readsTypes: true,
  usage: '(POD | TYPE[[.VERSION].GROUP]/NAME) [ -- COMMAND [args...] ] [options]',
  flags: [
    ...fileFlags.filter(({ name }) => name === 'filename'),
    { name: 'arguments-only', type: 'bool', help: 'If specified, everything after -- will be passed as Args.' },
    { name: 'attach', type: 'bool', help: 'If true, wait for the container to start running, and then attach.' },
    { name: 'container', short: 'c', type: 'string', help: 'Container name to use for debug container.' },
    { name: 'copy-to', type: 'string', help: 'Create a copy of the target Pod with this name.' },
    { name: 'custom', type: 'string', help: 'File with a partial container spec that is laid over the profile.' },
    { name: 'env', type: 'map', help: 'Environment variables to set in the container.' },
    { name: 'image', type: 'string', help: 'Container image to use for debug container.' },
    { name: 'image-pull-policy', type: 'string', help: 'The image pull policy for the container.' },
    { name: 'keep-annotations', type: 'bool', help: 'If true, keep the original pod annotations.' },
    { name: 'keep-init-containers', type: 'bool', default: true, help: 'Run the init containers for the pod.' },
    { name: 'keep-labels', type: 'bool', help: 'If true, keep the original pod labels.' },
    { name: 'keep-liveness', type: 'bool', help: 'If true, keep the original pod liveness probes.' },
    { name: 'keep-readiness', type: 'bool', help: 'If true, keep the original pod readiness probes.' },
    { name: 'keep-startup', type: 'bool', help: 'If true, keep the original startup probes.' },
    {
      name: 'profile',
      type: 'string',
      default: 'general',
      help: 'Options are "general", "baseline", "restricted", "netadmin" or "sysadmin".',
    },
    { name: 'quiet', short: 'q', type: 'bool', help: 'If true, suppress informational messages.' },
    { name: 'replace', type: 'bool', help: 'When used with --copy-to, delete the original Pod.' },
    { name: 'same-node', type: 'bool', help: 'When used with --copy-to, schedule the copy on the same node.' },
    { name: 'set-image', type: 'map', help: 'When used with --copy-to, a list of name=image pairs.' },
    { name: 'share-processes', type: 'bool', default: true, help: 'When used with --copy-to, share processes.' },
    { name: 'stdin', short: 'i', type: 'bool', help: 'Keep stdin open on the container(s) in the pod.' },
    { name: 'target', type: 'string', help: 'Target processes in this container name.' },
    { name: 'tty', short: 't', type: 'bool', help: 'Allocate a TTY for the debugging container.' },
  ],
  *run(invocation) {
    const { flags } = invocation
    if (!hasProfile(flags.string('profile'))) throw new KubectlError(`unknown profile: ${flags.string('profile')}`)
    const custom = readCustom(invocation)
    check(invocation, custom)
    for (const found of findObjects(invocation)) {
      const [pod, container] = startDebugging(invocation, found(), custom)
      invocation.showWarnings()
      const attaches = flags.has('attach') ? flags.bool('attach') : flags.bool('stdin')
      if (attaches && container) yield* attachLater(invocation, pod, container)
    }
    return 0
  },
}

/** What the line and its files name, each looked up when its turn comes. */
function findObjects(invocation: Invocation): (() => Found)[] {
  const { args, client, flags } = invocation
  const targets = flags.list('filename').length > 0 ? readManifests(invocation, (error) => throwAll([error])) : []
  return [
    ...targets.map(({ kind, namespace, name }) => () => ({ kind, object: client.get(kind, { namespace, name }) })),
    ...args.map((arg) => () => findObject(invocation, arg)),
  ]
}

/** @returns the Pod with the debugging container, and that one's name, if there is one */
function startDebugging(invocation: Invocation, { kind, object }: Found, custom: JsonMap | undefined): [Pod, string] {
  if (kind.kind === 'Node') return debugNode(invocation, object.metadata.name, custom)
  if (kind.kind !== 'Pod')
    throw new KubectlError(`"${kind.group}/${kind.version}, Kind=${kind.kind}" not supported by debug`)
  return invocation.flags.string('copy-to')
    ? debugCopy(invocation, object as Pod, custom)
    : debugEphemeral(invocation, object as Pod, custom)
}

function* attachLater(invocation: Invocation, pod: Pod, container: string): Generator<Wait, void, unknown> {
  const { flags, context } = invocation
  const key = { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name }
  const warn = (message: string): void => {
    if (!flags.bool('quiet')) invocation.err(`Warning: container ${container}: ${message}\n`)
  }
  const running = yield* waitForContainer(invocation, key, container, 600_000, warn)
  yield* attachOrLogs(invocation, running, container, flags.bool('stdin') ? context.stdin : undefined)
}

function readCustom({ context, flags }: Invocation): JsonMap | undefined {
  const path = flags.string('custom')
  if (!path) return undefined
  const text = readText(context, path)
  if (text === undefined)
    throw new KubectlError(
      `must pass a container spec json file for custom profile: open ${path}: no such file or directory`,
    )
  const document = parseYamlValue(text)
  return isMap(document) ? document : {}
}

/** @throws KubectlError for flags that do not go together. Source: debug.go, Validate */
function check(invocation: Invocation, custom: JsonMap | undefined): void {
  const { flags, args, afterDash = [] } = invocation
  const image = flags.string('image')
  const images = flags.list('set-image')
  if (flags.has('attach') && flags.bool('attach') && !image && !flags.string('container'))
    throw new KubectlError('you must specify --container or create a new container using --image in order to attach.')
  if (flags.string('copy-to')) {
    if (!image && images.length === 0 && afterDash.length === 0)
      throw new KubectlError('you must specify --image, --set-image or command arguments.')
    if (afterDash.length > 0 && !flags.string('container') && !image)
      throw new KubectlError('you must specify an existing container or a new image when specifying args.')
  } else {
    if (flags.bool('replace')) throw new KubectlError('--replace may only be used with --copy-to.')
    if (flags.bool('same-node')) throw new KubectlError('--same-node may only be used with --copy-to.')
    if (images.length > 0) throw new KubectlError('--set-image may only be used with --copy-to.')
    if (!image) throw new KubectlError('you must specify --image when not using --copy-to.')
  }
  if (image && !isImageReference(image))
    throw new KubectlError(`invalid image name ${JSON.stringify(image)}: invalid reference format`)
  if (args.length === 0 && flags.list('filename').length === 0)
    throw new KubectlError('NAME or filename is required for debug')
  if (!['', 'Always', 'IfNotPresent', 'Never'].includes(flags.string('image-pull-policy')))
    throw new KubectlError(`invalid image pull policy: ${flags.string('image-pull-policy')}`)
  for (const [name, own] of pairsOf(images)) {
    if (!isImageReference(own))
      throw new KubectlError(
        `invalid image name ${JSON.stringify(own)} for container ${JSON.stringify(name)}: invalid reference format`,
      )
  }
  if (flags.string('target')) {
    if (flags.string('copy-to'))
      throw new KubectlError('--target is incompatible with --copy-to. Use --share-processes instead.')
    if (!flags.bool('quiet'))
      invocation.out(
        `Targeting container "${flags.string('target')}". If you don't see processes from this container it may be because the container runtime doesn't support this feature.\n`,
      )
  }
  if (flags.bool('tty') && !flags.bool('stdin'))
    throw new KubectlError('-i/--stdin is required for containers with -t/--tty=true')
  if (custom && ['name', 'command', 'image', 'lifecycle', 'volumeDevices'].some((field) => custom[field] !== undefined))
    throw new KubectlError('name, command, image, lifecycle and volume devices are not modifiable via custom profile')
  if (flags.string('profile') === 'legacy')
    invocation.err(
      '--profile=legacy is deprecated and planned to be removed in v1.39. It is recommended to specify other profile, for example "--profile=general".\n',
    )
}

const pairsOf = (list: readonly string[]): [string, string][] =>
  list.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)])

/** What the line asks for, laid over a container that there is already or over a new one. */
function withLine<T extends Partial<Container>>({ flags, afterDash = [] }: Invocation, container: T): T {
  const { stdin: _i, tty: _t, ...rest } = container
  const env = pairsOf(flags.list('env')).map(([name, value]) => ({ name, value }))
  const { command: _c, args: _a, ...bare } = rest as Partial<Container>
  const words = [...afterDash]
  const told = flags.bool('arguments-only') ? { ...rest, args: words } : { ...bare, command: words }
  return {
    ...(words.length > 0 ? told : rest),
    ...(env.length > 0 ? { env } : {}),
    ...(flags.string('image') ? { image: flags.string('image') } : {}),
    ...(flags.string('image-pull-policy') ? { imagePullPolicy: flags.string('image-pull-policy') } : {}),
    ...(flags.bool('stdin') ? { stdin: true } : {}),
    ...(flags.bool('tty') ? { tty: true } : {}),
  } as T
}

/** The container as the profile and then the custom one want it. */
function finish<T extends Draft>(
  { flags }: Invocation,
  style: DebugStyle,
  container: T,
  custom: JsonMap | undefined,
): T {
  const profiled = profileContainer(flags.string('profile'), style, container)
  return custom ? (strategicMergePatch('io.k8s.api.core.v1.Container', profiled, custom) as T) : profiled
}

function debugEphemeral(invocation: Invocation, pod: Pod, custom: JsonMap | undefined): [Pod, string] {
  const { flags, client } = invocation
  const name = debugContainerName(invocation, pod)
  const target = flags.string('target')
  const draft: Draft = withLine(invocation, { name, terminationMessagePolicy: 'File' as const })
  const container = finish(invocation, 'ephemeral', draft, custom)
  const added = { ...container, ...(target ? { targetContainerName: target } : {}) } as EphemeralContainer
  warnOfUser(invocation, added, pod)
  const own = pod.spec.ephemeralContainers ?? []
  // The profile goes to the first of that name, which no server lets be changed.
  const ephemeralContainers = own.some((container) => container.name === name)
    ? own.map((container) => (container.name === name ? finish(invocation, 'ephemeral', container, custom) : container))
    : [...own, added]
  const changed = { ...pod, spec: { ...pod.spec, ephemeralContainers } }
  const kind = podKind(invocation)
  const patch = twoWayPatch(kind.schema, pod as unknown as JsonMap, changed as unknown as JsonMap)
  const key = { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name }
  const options = { fieldManager: 'kubectl-debug', subresource: 'ephemeralcontainers' }
  return [client.patch(kind, key, 'strategic', patch, options), name]
}

/** Source: debug.go, displayWarning */
function warnOfUser(invocation: Invocation, { securityContext }: Draft, { spec }: Pick<Pod, 'spec'>): void {
  const grants = securityContext?.privileged || (securityContext?.capabilities?.add ?? []).length > 0
  if (spec.securityContext?.runAsUser && securityContext?.runAsUser !== 0 && grants)
    invocation.err(
      'Warning: Non-root user is configured for the entire target Pod, and some capabilities granted by debug profile may not work. Please consider using "--custom" with a custom profile that specifies "securityContext.runAsUser: 0".\n',
    )
}

/** Simplified: the suffix is not drawn but made of the Pod's uid, so that the same line gives the same name. */
const suffixFor = (text: string): string => {
  const letters = 'bcdfghjklmnpqrstvwxz2456789'
  let hash = hash32(text)
  let suffix = ''
  for (let i = 0; i < 5; i++) {
    suffix += letters[hash % letters.length]
    hash = Math.floor(hash / letters.length)
  }
  return suffix
}

function debugContainerName(invocation: Invocation, pod: Pod): string {
  const { flags } = invocation
  if (flags.string('container')) return flags.string('container')
  const count = (pod.spec.ephemeralContainers ?? []).length + pod.spec.containers.length
  const name = `debugger-${suffixFor(`${pod.metadata.uid}/${count}`)}`
  if (!flags.bool('quiet')) invocation.out(`Defaulting debug container name to ${name}.\n`)
  return name
}

function debugCopy(invocation: Invocation, pod: Pod, custom: JsonMap | undefined): [Pod, string] {
  const { flags, client } = invocation
  const { nodeName, ephemeralContainers: _, ...spec } = pod.spec
  const images = new Map(pairsOf(flags.list('set-image')))
  const containers: Container[] = spec.containers.map((container) => ({
    ...container,
    image: images.get(container.name) ?? images.get('*') ?? container.image,
  }))
  const { namespace = '', labels, annotations } = pod.metadata
  const draft = {
    metadata: { name: flags.string('copy-to'), namespace, labels, annotations },
    spec: {
      ...spec,
      containers,
      ...(flags.bool('same-node') ? { nodeName } : {}),
      ...(flags.has('share-processes') ? { shareProcessNamespace: flags.bool('share-processes') } : {}),
    },
  } as Pick<Pod, 'metadata' | 'spec'>
  const chosen = chooseDebugged(invocation, pod, containers)
  const copy = chosen === undefined ? draft : profileCopy(flags.string('profile'), flags, draft)
  if (chosen !== undefined) {
    const at = copy.spec.containers.findIndex(({ name }) => name === chosen)
    const old = copy.spec.containers[at] ?? { name: chosen, terminationMessagePolicy: 'File' }
    const debugged = finish(invocation, 'copy', withLine(invocation, old), custom)
    const others = [...copy.spec.containers]
    others[at < 0 ? others.length : at] = debugged
    copy.spec = { ...copy.spec, containers: others }
    warnOfUser(invocation, debugged, copy)
  }
  const created = client.create(podKind(invocation), copy as never, { fieldManager: 'kubectl-debug' })
  if (flags.bool('replace'))
    client.delete(podKind(invocation), { namespace, name: pod.metadata.name }, { gracePeriodSeconds: 0 })
  return [created, chosen ?? '']
}

/** The container of the copy that is changed or added; undefined when only images are set. */
function chooseDebugged(invocation: Invocation, pod: Pod, containers: readonly Container[]): string | undefined {
  const { flags } = invocation
  const named = flags.string('container')
  if (containers.some(({ name }) => name === named)) return named
  if (flags.string('image')) return debugContainerName(invocation, pod)
  if (flags.list('set-image').length > 0) return undefined
  throw new KubectlError('you must specify image when creating new container')
}

function debugNode(invocation: Invocation, node: string, custom: JsonMap | undefined): [Pod, string] {
  const { flags, client } = invocation
  const name = flags.string('container') || 'debugger'
  const existing = client.list(podKind(invocation), { namespace: invocation.namespace }).items.length
  const podName = `node-debugger-${node}-${suffixFor(`${node}/${existing}/${invocation.context.nowEpochMs()}`)}`
  if (!flags.bool('quiet'))
    invocation.out(`Creating debugging pod ${podName} with container ${name} on node ${node}.\n`)
  const container: Draft = withLine(invocation, { name, terminationMessagePolicy: 'File' as const })
  const pod = profileNodePod(flags.string('profile'), {
    metadata: {
      name: podName,
      namespace: invocation.namespace,
      labels: { 'app.kubernetes.io/managed-by': 'kubectl-debug' },
    },
    spec: {
      containers: [finish(invocation, 'node', container, custom)],
      nodeName: node,
      restartPolicy: 'Never',
      tolerations: [{ operator: 'Exists' }],
    },
  } as never)
  return [client.create(podKind(invocation), pod as never, { fieldManager: 'kubectl-debug' }), name]
}
