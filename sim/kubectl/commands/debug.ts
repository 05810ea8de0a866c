/** kubectl debug: a container beside those of a Pod, a changed copy of a Pod, or a Pod on a node. Source: k8s.io/kubectl/pkg/cmd/debug/debug.go */
import type { Container, EphemeralContainer, Pod } from '../../api/core/pod-types.ts'
import { hash32 } from '../../engine/random.ts'
import { attachTo, waitForContainer } from '../attach.ts'
import type { Command, Invocation } from '../command.ts'
import { KubectlError } from '../errors.ts'
import { podKind } from '../pods.ts'

type Draft = Omit<Partial<EphemeralContainer>, 'name'> & { name: string }

export const debug: Command = {
  name: 'debug',
  short: 'Create debugging sessions for troubleshooting workloads and nodes',
  usage: '(POD | TYPE[[.VERSION].GROUP]/NAME) [ -- COMMAND [args...] ] [options]',
  flags: [
    { name: 'arguments-only', type: 'bool', help: 'If specified, everything after -- will be passed as Args.' },
    { name: 'attach', type: 'bool', help: 'If true, wait for the container to start running, and then attach.' },
    { name: 'container', short: 'c', type: 'string', help: 'Container name to use for debug container.' },
    { name: 'copy-to', type: 'string', help: 'Create a copy of the target Pod with this name.' },
    { name: 'env', type: 'array', help: 'Environment variables to set in the container.' },
    { name: 'image', type: 'string', help: 'Container image to use for debug container.' },
    { name: 'image-pull-policy', type: 'string', help: 'The image pull policy for the container.' },
    {
      name: 'profile',
      type: 'string',
      default: 'general',
      help: 'Options are "general", "baseline", "restricted", "netadmin" or "sysadmin".',
    },
    { name: 'quiet', short: 'q', type: 'bool', help: 'If true, suppress informational messages.' },
    { name: 'replace', type: 'bool', help: 'When used with --copy-to, delete the original Pod.' },
    { name: 'same-node', type: 'bool', help: 'When used with --copy-to, schedule the copy on the same node.' },
    { name: 'set-image', type: 'array', help: 'When used with --copy-to, a list of name=image pairs.' },
    { name: 'share-processes', type: 'bool', default: true, help: 'When used with --copy-to, share processes.' },
    { name: 'stdin', short: 'i', type: 'bool', help: 'Keep stdin open on the container(s) in the pod.' },
    { name: 'target', type: 'string', help: 'Target processes in this container name.' },
    { name: 'tty', short: 't', type: 'bool', help: 'Allocate a TTY for the debugging container.' },
  ],
  *run(invocation) {
    const { flags, args, client, context } = invocation
    const image = flags.string('image')
    const copyTo = flags.string('copy-to')
    check(invocation)
    const [type, name] = args[0].includes('/') ? args[0].split('/') : ['pods', args[0]]
    const target = invocation.resources.find(type)
    const key = { namespace: target.isNamespaced ? invocation.namespace : '', name }
    const object = client.get(target, key)
    let pod: Pod
    let container: string
    if (target.kind === 'Node') [pod, container] = debugNode(invocation, name)
    else if (target.kind !== 'Pod') throw new KubectlError(`"${target.kind}" not supported by debug`)
    else if (copyTo) [pod, container] = debugCopy(invocation, object as Pod, copyTo)
    else {
      container = debugContainerName(invocation, object as Pod)
      const draft = { ...debugContainer(invocation, container, image), targetContainerName: flags.string('target') }
      if (!draft.targetContainerName) delete (draft as Partial<typeof draft>).targetContainerName
      pod = client.patch(
        podKind(invocation),
        key,
        'strategic',
        { spec: { ephemeralContainers: [draft] } },
        { fieldManager: 'kubectl-debug', subresource: 'ephemeralcontainers' },
      )
    }
    invocation.showWarnings()
    const attaches = flags.has('attach') ? flags.bool('attach') : flags.bool('stdin')
    if (!attaches || !container) return 0
    const created = { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name }
    const running = yield* waitForContainer(invocation, created, container, 600_000)
    if (flags.bool('stdin') && !flags.bool('quiet'))
      invocation.err("If you don't see a command prompt, try pressing enter.\n")
    yield* attachTo(invocation, running, container, flags.bool('stdin') ? context.stdin : undefined)
    return 0
  },
}

/** @throws KubectlError for flags that do not go together */
function check(invocation: Invocation): void {
  const { flags, args, afterDash = [] } = invocation
  const image = flags.string('image')
  const images = flags.list('set-image')
  if (flags.string('copy-to')) {
    if (!image && images.length === 0 && afterDash.length === 0)
      throw new KubectlError('you must specify --image, --set-image or command arguments.')
    if (afterDash.length > 0 && !flags.string('container') && !image)
      throw new KubectlError('you must specify an existing container or a new image when specifying args.')
    if (flags.string('target'))
      throw new KubectlError('--target is incompatible with --copy-to. Use --share-processes instead.')
  } else {
    if (flags.bool('replace')) throw new KubectlError('--replace may only be used with --copy-to.')
    if (flags.bool('same-node')) throw new KubectlError('--same-node may only be used with --copy-to.')
    if (images.length > 0) throw new KubectlError('--set-image may only be used with --copy-to.')
    if (!image) throw new KubectlError('you must specify --image when not using --copy-to.')
  }
  if (args.length === 0) throw new KubectlError('NAME or filename is required for debug')
  if (flags.string('target') && !flags.bool('quiet'))
    invocation.out(
      `Targeting container "${flags.string('target')}". If you don't see processes from this container it may be because the container runtime doesn't support this feature.\n`,
    )
  if (flags.bool('tty') && !flags.bool('stdin'))
    throw new KubectlError('-i/--stdin is required for containers with -t/--tty=true')
}

function debugContainer(invocation: Invocation, name: string, image: string): Draft {
  const { flags, afterDash = [] } = invocation
  const env = flags.list('env').map((pair) => {
    const equals = pair.indexOf('=')
    return { name: pair.slice(0, equals), value: pair.slice(equals + 1) }
  })
  const pullPolicy = flags.string('image-pull-policy') as Container['imagePullPolicy']
  return {
    name,
    image,
    ...(afterDash.length > 0 ? { [flags.bool('arguments-only') ? 'args' : 'command']: [...afterDash] } : {}),
    ...(env.length > 0 ? { env } : {}),
    ...(pullPolicy ? { imagePullPolicy: pullPolicy } : {}),
    ...(flags.bool('stdin') ? { stdin: true } : {}),
    ...(flags.bool('tty') ? { tty: true } : {}),
    terminationMessagePolicy: 'File',
    ...securityOf(flags.string('profile')),
  }
}

/** What a profile asks for. Source: k8s.io/kubectl/pkg/cmd/debug/profiles.go */
function securityOf(profile: string): Partial<Container> {
  switch (profile) {
    case 'general':
      return { securityContext: { capabilities: { add: ['SYS_PTRACE'] } } }
    case 'netadmin':
      return { securityContext: { capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } } }
    case 'sysadmin':
      return { securityContext: { privileged: true } }
    case 'restricted':
      return {
        securityContext: {
          runAsNonRoot: true,
          capabilities: { drop: ['ALL'] },
          allowPrivilegeEscalation: false,
          seccompProfile: { type: 'RuntimeDefault' },
        },
      }
    case 'baseline':
      return {}
    default:
      throw new KubectlError(`unknown profile: ${profile}`)
  }
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
  if (!flags.bool('quiet')) invocation.err(`Defaulting debug container name to ${name}.\n`)
  return name
}

/** The copy has no labels, so that no Service and no controller takes it for the original, and no probes. */
function debugCopy(invocation: Invocation, pod: Pod, copyTo: string): [Pod, string] {
  const { flags, afterDash = [], client } = invocation
  const { nodeName, ephemeralContainers: _, ...spec } = pod.spec
  const images = new Map(
    flags
      .list('set-image')
      .flatMap((list) => list.split(','))
      .map((pair) => pair.split('=') as [string, string]),
  )
  const everyImage = images.get('*')
  let containers = spec.containers.map(({ livenessProbe: _l, readinessProbe: _r, startupProbe: _s, ...container }) => ({
    ...container,
    image: images.get(container.name) ?? everyImage ?? container.image,
  })) as Container[]
  const image = flags.string('image')
  const named = flags.string('container')
  let chosen = named
  if (containers.some(({ name }) => name === named)) {
    containers = containers.map((container) =>
      container.name === named
        ? {
            ...container,
            ...(image ? { image } : {}),
            ...(afterDash.length > 0 ? { [flags.bool('arguments-only') ? 'args' : 'command']: [...afterDash] } : {}),
            ...(flags.bool('stdin') ? { stdin: true } : {}),
            ...(flags.bool('tty') ? { tty: true } : {}),
          }
        : container,
    )
  } else if (image) {
    chosen = debugContainerName(invocation, pod)
    containers = [...containers, debugContainer(invocation, chosen, image) as Container]
  }
  const created = client.create(
    podKind(invocation),
    {
      metadata: { name: copyTo, namespace: pod.metadata.namespace, annotations: pod.metadata.annotations },
      spec: {
        ...spec,
        containers,
        ...(flags.bool('same-node') ? { nodeName } : {}),
        ...(flags.bool('share-processes') ? { shareProcessNamespace: true } : {}),
      },
    } as never,
    { fieldManager: 'kubectl-debug' },
  )
  if (flags.bool('replace'))
    client.delete(
      podKind(invocation),
      { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name },
      { gracePeriodSeconds: 0 },
    )
  return [created, chosen]
}

/** A Pod in the node's own namespaces, with the node's files below /host. */
function debugNode(invocation: Invocation, node: string): [Pod, string] {
  const { flags, client } = invocation
  const container = flags.string('container') || 'debugger'
  const existing = client.list(podKind(invocation), { namespace: invocation.namespace }).items.length
  const name = `node-debugger-${node}-${suffixFor(`${node}/${existing}/${invocation.context.nowEpochMs()}`)}`
  if (!flags.bool('quiet'))
    invocation.out(`Creating debugging pod ${name} with container ${container} on node ${node}.\n`)
  const { securityContext: _, ...draft } = debugContainer(invocation, container, flags.string('image'))
  const created = client.create(
    podKind(invocation),
    {
      metadata: {
        name,
        namespace: invocation.namespace,
        labels: { 'app.kubernetes.io/managed-by': 'kubectl-debug' },
      },
      spec: {
        containers: [{ ...draft, volumeMounts: [{ name: 'host-root', mountPath: '/host' }] }],
        hostIPC: true,
        hostNetwork: true,
        hostPID: true,
        nodeName: node,
        restartPolicy: 'Never',
        tolerations: [{ operator: 'Exists' }],
        volumes: [{ name: 'host-root', hostPath: { path: '/' } }],
      },
    } as never,
    { fieldManager: 'kubectl-debug' },
  )
  return [created, container]
}
