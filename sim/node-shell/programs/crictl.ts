/** crictl: the container runtime's own view, without the API server. Source: github.com/kubernetes-sigs/cri-tools, cmd/crictl */

import { hash32 } from '../../engine/random.ts'
import { logPathOf, missingLog } from '../../kubelet/container-access.ts'
import type { RuntimeContainer, Sandbox } from '../../kubelet/container-runtime.ts'
import type { PulledImage } from '../../kubelet/image-store.ts'
import type { Credentials } from '../../kubelet/pull-secrets.ts'
import type { Process, Wait } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import { parseImageReference } from '../../text/image-reference.ts'
import { perlMatcher } from '../../text/perl-regex.ts'
import { RegexError } from '../../text/regex.ts'
import type { NodeMachine, NodeProgram } from '../machine.ts'
import { humanDuration, humanSize, printColumns } from '../table.ts'

type Run = Generator<Wait, number, unknown>

const ENDPOINT = 'unix:///run/containerd/containerd.sock'
const layout = { minWidth: 20, padding: 3 }
const SHORT = 13

/** An error as logrus prints it on a terminal before the program ends. */
class Fatal extends Error {
  override readonly name = 'Fatal'
}

interface Call {
  machine: NodeMachine
  process: Process
  flags: Flags
  args: readonly string[]
}

interface Flags {
  has(...names: string[]): boolean
  value(...names: string[]): string | undefined
  /** Each that was given, also those between commas. */
  all(name: string): string[]
}

interface Listed {
  container: RuntimeContainer
  sandbox: Sandbox | undefined
}

export const crictl: NodeProgram = {
  path: '/usr/bin/crictl',
  make: (machine) =>
    function* (process) {
      const words = process.argv.slice(1)
      // Flags of crictl itself come before the command.
      while (words[0]?.startsWith('-') && words[0] !== '--version' && words[0] !== '-v') {
        const word = words.shift()!
        if (!word.includes('=') && /^--?(r|runtime-endpoint|i|image-endpoint|c|config|t|timeout)$/.test(word))
          words.shift()
      }
      const [name = 'help', ...rest] = words
      if (name === '--version' || name === '-v') {
        process.stdout.write('crictl version v1.35.0\n')
        return 0
      }
      const command = Object.hasOwn(commands, name) ? commands[name] : undefined
      if (!command) {
        if (name !== 'help' && name !== '--help') process.stdout.write(`No help topic for '${name}'\n`)
        else process.stdout.write(usage())
        return name === 'help' || name === '--help' ? 0 : 3
      }
      try {
        const { flags, args } = readFlags(rest, command.valued, command.stopsAtFirst)
        if (machine.kubelet.runtime.isDown) throw new Fatal(unreachable)
        return yield* command.run({ machine, process, flags, args })
      } catch (error) {
        if (!(error instanceof Fatal)) throw error
        process.stderr.write(`FATA[0000] ${error.message} \n`)
        return 1
      }
    },
}

const unreachable = `validate service connection: validate CRI v1 runtime API for endpoint "${ENDPOINT}": rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /run/containerd/containerd.sock: connect: no such file or directory"`

/** @param valued flags that take a value */
function readFlags(
  words: readonly string[],
  valued: readonly string[] = [],
  stopsAtFirst = false,
): { flags: Flags; args: string[] } {
  const found = new Map<string, string>()
  const each: [string, string][] = []
  const args: string[] = []
  for (let i = 0; i < words.length; i++) {
    const word = words[i]
    if (!/^-./.test(word) || (stopsAtFirst && args.length > 0)) {
      args.push(word)
      continue
    }
    const [name, given] = word.replace(/^--?/, '').split(/=(.*)/s)
    if (!valued.includes(name) && word[1] !== '-' && name.length > 1 && given === undefined)
      for (const letter of name) found.set(letter, '')
    else {
      const value = given ?? (valued.includes(name) ? (words[++i] ?? '') : '')
      found.set(name, value)
      each.push([name, value])
    }
  }
  return {
    args,
    flags: {
      has: (...names) => names.some((name) => found.has(name) && found.get(name) !== 'false'),
      value: (...names) => names.map((name) => found.get(name)).find((value) => value !== undefined),
      all: (name) => each.flatMap(([one, value]) => (one === name ? value.split(',') : [])),
    },
  }
}

interface CrictlCommand {
  help: string
  valued?: readonly string[]
  /** What comes after the first argument is another program's. */
  stopsAtFirst?: boolean
  run(call: Call): Run
}

const commands: Readonly<Record<string, CrictlCommand>> = {
  exec: {
    help: 'Run a command in a running container',
    stopsAtFirst: true,
    run: exec,
  },
  images: { help: 'List images', valued: ['o', 'output', 'f', 'filter'], run: atOnce(listImages) },
  img: { help: 'List images', valued: ['o', 'output'], run: atOnce(listImages) },
  info: { help: 'Display information of the container runtime', valued: ['o', 'output'], run: atOnce(info) },
  inspect: { help: 'Display the status of one or more containers', valued: ['o', 'output'], run: atOnce(inspect) },
  inspecti: { help: 'Return the status of one or more images', valued: ['o', 'output'], run: atOnce(inspectImage) },
  inspectp: { help: 'Display the status of one or more pods', valued: ['o', 'output'], run: atOnce(inspectPod) },
  logs: { help: 'Fetch the logs of a container', valued: ['tail', 'since'], run: logs },
  pods: {
    help: 'List pods',
    valued: ['name', 'namespace', 'state', 's', 'label', 'o', 'output', 'id'],
    run: atOnce(listPods),
  },
  ps: {
    help: 'List containers',
    valued: ['name', 'pod', 'p', 'state', 's', 'label', 'o', 'output', 'id', 'image', 'namespace', 'n', 'last'],
    run: atOnce(listContainers),
  },
  pull: {
    help: 'Pull an image from a registry',
    valued: ['creds', 'auth', 'pod-config', 'a', 'u', 'username'],
    run: pull,
  },
  rm: { help: 'Remove one or more containers', run: remove },
  rmi: { help: 'Remove one or more images', run: atOnce(removeImages) },
  rmp: { help: 'Remove one or more pods', run: removePods },
  stats: {
    help: 'List container(s) resource usage statistics',
    valued: ['o', 'output', 'id', 'p'],
    run: atOnce(stats),
  },
  stop: { help: 'Stop one or more running containers', valued: ['timeout', 't'], run: stop },
  stopp: { help: 'Stop one or more running pods', run: stopPods },
  version: { help: 'Display runtime version information', run: atOnce(version) },
}

const usage = (): string =>
  `NAME:\n   crictl - client for CRI\n\nUSAGE:\n   crictl [global options] command [command options] [arguments...]\n\nVERSION:\n   v1.35.0\n\nCOMMANDS:\n${Object.entries(
    commands,
  )
    .map(([name, { help }]) => `   ${name.padEnd(20)}${help}\n`)
    .join('')}   help, h             Shows a list of commands or help for one command\n`

function atOnce(act: (call: Call) => string): (call: Call) => Run {
  return function* (call): Run {
    yield* []
    call.process.stdout.write(act(call))
    return 0
  }
}

// ---------- what there is ----------

const allContainers = ({ machine }: Call): Listed[] =>
  [...machine.kubelet.runtime.allPods.values()]
    .flatMap(({ containers, sandbox }) => containers.map((container) => ({ container, sandbox })))
    .sort((a, b) => b.container.status.createdMs - a.container.status.createdMs)

const allSandboxes = ({ machine }: Call): Sandbox[] =>
  [...machine.kubelet.runtime.allPods.values()]
    .flatMap(({ sandbox }) => sandbox ?? [])
    .sort((a, b) => b.createdMs - a.createdMs)

const ago = ({ machine }: Call, atMs: number): string => `${humanDuration(machine.engine.nowMs - atMs)} ago`

/** The container whose id begins so. @throws Fatal */
function containerOf(call: Call, id: string | undefined, what: string): Listed {
  if (!id) throw new Fatal('ID cannot be empty')
  const found = allContainers(call).filter(({ container }) => container.status.id.startsWith(id))
  if (found.length === 1) return found[0]
  const why =
    found.length > 1
      ? `rpc error: code = Unknown desc = an error occurred when try to find container "${id}": multiple IDs found with provided prefix: ${id}`
      : `rpc error: code = NotFound desc = an error occurred when try to find container "${id}": not found`
  throw new Fatal(what ? `${what}: ${why}` : why)
}

function sandboxOf(call: Call, id: string | undefined, what: string): Sandbox {
  if (!id) throw new Fatal('ID cannot be empty')
  const found = allSandboxes(call).filter((sandbox) => sandbox.id.startsWith(id))
  if (found.length === 1) return found[0]
  throw new Fatal(
    `${what}: rpc error: code = NotFound desc = an error occurred when try to find sandbox "${id}": not found`,
  )
}

/** An image's id is the digest of its configuration. Made up, but always the same. */
function configDigest(imageID: string): string {
  let digest = ''
  for (let i = 0; i < 8; i++)
    digest += hash32(`config ${imageID}`, 0x9e3779b9 + i * 0x85ebca6b)
      .toString(16)
      .padStart(8, '0')
  return digest
}

function matches(pattern: string | undefined, text: string): boolean {
  if (!pattern) return true
  try {
    return perlMatcher(pattern)(text)
  } catch (error) {
    if (!(error instanceof RegexError)) throw error
    throw new Fatal(`invalid regular expression: ${pattern}`)
  }
}

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`

const stateOf = ({ container }: Listed): string =>
  ({ created: 'Created', running: 'Running', exited: 'Exited' })[container.status.state]

// ---------- lists ----------

function listContainers(call: Call): string {
  const { flags } = call
  const state = flags.value('state', 's')?.toLowerCase()
  if (state !== undefined && !['created', 'running', 'exited', 'unknown'].includes(state))
    throw new Fatal('list containers: --state should be one of created, running, exited or unknown')
  const labels = flags.all('label').map(labelOf)
  const last = flags.has('latest', 'l') ? 1 : Number(flags.value('last') ?? 0)
  const wanted = allContainers(call).filter((listed) => {
    const { container, sandbox } = listed
    if (
      !last &&
      (state ? stateOf(listed).toLowerCase() !== state : !flags.has('a', 'all') && container.status.state !== 'running')
    )
      return false
    return (
      container.status.id.startsWith(flags.value('id') ?? '') &&
      (sandbox?.id ?? '').startsWith(flags.value('pod', 'p') ?? '') &&
      matches(flags.value('name'), container.spec.name) &&
      matches(flags.value('namespace', 'n'), container.object.namespace ?? '') &&
      (!flags.value('image') || container.status.image.includes(flags.value('image')!)) &&
      labels.every(([name, value]) => (containerLabels(listed) as Record<string, string>)[name] === value)
    )
  })
  const shown = last ? wanted.slice(0, last) : wanted
  if (flags.value('output', 'o') === 'json') return json({ containers: shown.map(containerJson(call)) })
  if (flags.has('quiet', 'q')) return shown.map(({ container }) => `${container.status.id}\n`).join('')
  const short = (id: string): string => (flags.has('no-trunc') ? id : id.slice(0, SHORT))
  const rows = shown.map((listed) => {
    const { container, sandbox } = listed
    const { status, object, spec } = container
    return [
      short(status.id),
      short(configDigest(status.imageID)),
      ago(call, status.createdMs),
      stateOf(listed),
      spec.name,
      String(status.restartCount),
      short(sandbox?.id ?? ''),
      object.name,
      object.namespace ?? '',
    ]
  })
  const head = ['CONTAINER', 'IMAGE', 'CREATED', 'STATE', 'NAME', 'ATTEMPT', 'POD ID', 'POD', 'NAMESPACE']
  return printColumns([head, ...rows], layout)
}

/** @throws Fatal for one that is no name and value. Source: cri-tools, cmd/crictl/util.go parseLabelStringSlice */
function labelOf(text: string): [name: string, value: string] {
  const [name, value, ...rest] = text.split('=')
  if (name === undefined || value === undefined || rest.length > 0)
    throw new Fatal(`listing containers: incorrectly specified label: ${text}`)
  return [name, value]
}

function listPods(call: Call): string {
  const { flags } = call
  const state = flags.value('state', 's')?.toLowerCase()
  const wanted = allSandboxes(call).filter(
    ({ id, isReady, request }) =>
      id.startsWith(flags.value('id') ?? '') &&
      matches(flags.value('name'), request.name) &&
      matches(flags.value('namespace'), request.namespace) &&
      (!state || state === (isReady ? 'ready' : 'notready')),
  )
  if (flags.value('output', 'o') === 'json') return json({ items: wanted.map((sandbox) => sandboxJson(call, sandbox)) })
  if (flags.has('quiet', 'q')) return wanted.map(({ id }) => `${id}\n`).join('')
  const rows = wanted.map(({ id, createdMs, isReady, request, attempt }) => [
    flags.has('no-trunc') ? id : id.slice(0, SHORT),
    ago(call, createdMs),
    isReady ? 'Ready' : 'NotReady',
    request.name,
    request.namespace,
    String(attempt),
    request.runtimeHandler || '(default)',
  ])
  return printColumns([['POD ID', 'CREATED', 'STATE', 'NAME', 'NAMESPACE', 'ATTEMPT', 'RUNTIME'], ...rows], layout)
}

const repositoryOf = ({ reference }: PulledImage): string => `${reference.registry}/${reference.repository}`

function listImages(call: Call): string {
  const { flags, args, machine } = call
  const [wanted] = args
  const images = machine.kubelet.runtime.images
    .all()
    .filter(
      (image) =>
        !wanted || image.reference.canonical === canonicalOf(wanted) || repositoryOf(image).endsWith(`/${wanted}`),
    )
    .sort((a, b) => (a.reference.canonical < b.reference.canonical ? -1 : 1))
  if (flags.value('output', 'o') === 'json') return json({ images: images.map(imageJson) })
  if (flags.has('quiet', 'q')) return images.map(({ imageID }) => `sha256:${configDigest(imageID)}\n`).join('')
  const rows = images.map((image) => [
    repositoryOf(image),
    image.reference.tag ?? '<none>',
    ...(flags.has('digests') ? [(image.imageID.split('@sha256:')[1] ?? '').slice(0, SHORT)] : []),
    flags.has('no-trunc') ? `sha256:${configDigest(image.imageID)}` : configDigest(image.imageID).slice(0, SHORT),
    humanSize(image.sizeBytes, 3),
  ])
  return printColumns(
    [['IMAGE', 'TAG', ...(flags.has('digests') ? ['DIGEST'] : []), 'IMAGE ID', 'SIZE'], ...rows],
    layout,
  )
}

function stats(call: Call): string {
  const running = allContainers(call)
    .filter(
      ({ container }) => container.status.state === 'running' && container.status.id.startsWith(call.args[0] ?? ''),
    )
    .sort((a, b) => (a.container.status.id < b.container.status.id ? -1 : 1))
  const rows = running.map(({ container: { status, spec, handle } }) => [
    status.id.slice(0, SHORT),
    spec.name,
    ((handle?.cpuUsage().millis ?? 0) / 10).toFixed(2),
    humanSize(handle?.memoryUsage() ?? 0),
    humanSize(handle?.writtenBytes() ?? 0),
    '0',
    '0B',
  ])
  return printColumns([['CONTAINER', 'NAME', 'CPU %', 'MEM', 'DISK', 'INODES', 'SWAP'], ...rows], layout)
}

function version(): string {
  return 'Version:  0.1.0\nRuntimeName:  containerd\nRuntimeVersion:  v2.2.0\nRuntimeApiVersion:  v1\n'
}

// ---------- one of them ----------

const isoOf = ({ machine }: Call, atMs: number): string =>
  atMs < 0 ? '0001-01-01T00:00:00Z' : `${new Date(machine.engine.startEpochMs + atMs).toISOString().slice(0, 23)}Z`

const containerLabels = ({ container }: Listed) => ({
  'io.kubernetes.container.name': container.spec.name,
  'io.kubernetes.pod.name': container.object.name,
  'io.kubernetes.pod.namespace': container.object.namespace ?? '',
  'io.kubernetes.pod.uid': container.podUid,
})

const containerJson =
  (call: Call) =>
  (listed: Listed): unknown => {
    const { status } = listed.container
    return {
      id: status.id,
      podSandboxId: listed.sandbox?.id ?? '',
      metadata: { name: status.name, attempt: status.restartCount },
      image: { image: `sha256:${configDigest(status.imageID)}`, userSpecifiedImage: status.image },
      imageRef: `sha256:${configDigest(status.imageID)}`,
      state: `CONTAINER_${status.state.toUpperCase()}`,
      createdAt: String((call.machine.engine.startEpochMs + status.createdMs) * 1_000_000),
      labels: containerLabels(listed),
    }
  }

function inspect(call: Call): string {
  return call.args
    .map((id) => {
      const listed = containerOf(call, id, 'get container status')
      const { status, spec, handle } = listed.container
      return json({
        info: {
          sandboxID: listed.sandbox?.id ?? '',
          pid: handle?.nodePid ?? 0,
          config: {
            metadata: { name: spec.name, attempt: status.restartCount },
            image: { image: `sha256:${configDigest(status.imageID)}`, user_specified_image: status.image },
            command: spec.argv,
            envs: Object.entries(spec.env).map(([key, value]) => ({ key, value })),
            labels: containerLabels(listed),
            log_path: `${spec.name}/${status.restartCount}.log`,
          },
        },
        status: {
          createdAt: isoOf(call, status.createdMs),
          exitCode: status.exitCode,
          finishedAt: isoOf(call, status.finishedMs),
          id: status.id,
          image: { image: status.image, userSpecifiedImage: '' },
          imageId: `sha256:${configDigest(status.imageID)}`,
          imageRef: status.imageID,
          labels: containerLabels(listed),
          logPath: logPathOf(listed.container),
          message: status.message,
          metadata: { attempt: status.restartCount, name: spec.name },
          reason: status.reason,
          startedAt: isoOf(call, status.startedMs),
          state: `CONTAINER_${status.state.toUpperCase()}`,
          ...(status.user ? { user: { linux: { uid: String(status.user.uid), gid: String(status.user.gid) } } } : {}),
        },
      })
    })
    .join('')
}

const inOrder = (values: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)))

/**
 * What the kubelet gives to a sandbox: the Pod's own, and who it is of. Simplified: as the Pod has them now, and seen when its sandbox was made.
 * Source: pkg/kubelet/kuberuntime/labels.go
 */
function describedBy(call: Call, { request, createdMs }: Sandbox) {
  const record = [...call.machine.kubelet.podRecords()].find(({ uid }) => uid === request.podUid)
  const { labels, annotations } = record?.pod.metadata ?? {}
  return {
    labels: inOrder({
      ...labels,
      'io.kubernetes.pod.name': request.name,
      'io.kubernetes.pod.namespace': request.namespace,
      'io.kubernetes.pod.uid': request.podUid,
    }),
    annotations: inOrder({
      'kubernetes.io/config.seen': isoOf(call, createdMs),
      'kubernetes.io/config.source': 'api',
      ...annotations,
    }),
  }
}

const sandboxJson = (call: Call, sandbox: Sandbox) => {
  const { id, isReady, request, attempt, createdMs } = sandbox
  return {
    id,
    metadata: { name: request.name, uid: request.podUid, namespace: request.namespace, attempt },
    state: isReady ? 'SANDBOX_READY' : 'SANDBOX_NOTREADY',
    createdAt: String((call.machine.engine.startEpochMs + createdMs) * 1_000_000),
    ...describedBy(call, sandbox),
    runtimeHandler: request.runtimeHandler ?? '',
  }
}

function inspectPod(call: Call): string {
  return call.args
    .map((id) => {
      const sandbox = sandboxOf(call, id, 'get pod sandbox status')
      const { isReady, ip, request, attempt, createdMs, id: full } = sandbox
      const { labels, annotations } = describedBy(call, sandbox)
      return json({
        status: {
          annotations,
          createdAt: isoOf(call, createdMs),
          id: full,
          labels,
          linux: {
            namespaces: {
              options: {
                ipc: request.hostIPC ? 'NODE' : 'POD',
                network: request.hostNetwork ? 'NODE' : 'POD',
                pid: request.hostPID ? 'NODE' : request.sharesProcesses ? 'POD' : 'CONTAINER',
              },
            },
          },
          metadata: { attempt, name: request.name, namespace: request.namespace, uid: request.podUid },
          network: { additionalIps: [], ip: request.hostNetwork ? '' : ip },
          runtimeHandler: request.runtimeHandler ?? '',
          state: isReady ? 'SANDBOX_READY' : 'SANDBOX_NOTREADY',
        },
      })
    })
    .join('')
}

const imageJson = (image: PulledImage) => ({
  id: `sha256:${configDigest(image.imageID)}`,
  repoTags: [image.reference.canonical],
  repoDigests: [image.imageID],
  size: String(image.sizeBytes),
  pinned: false,
})

function canonicalOf(name: string): string {
  const reference = parseImageReference(name)
  return typeof reference === 'string' ? name : reference.canonical
}

function imageOf({ machine }: Call, name: string): PulledImage | undefined {
  const { images } = machine.kubelet.runtime
  const digest = name.replace(/^sha256:/, '')
  return (
    images.find(canonicalOf(name)) ??
    (/^[0-9a-f]{3,64}$/.test(digest)
      ? images.all().find(({ imageID }) => configDigest(imageID).startsWith(digest))
      : undefined)
  )
}

function inspectImage(call: Call): string {
  return call.args
    .map((name) => {
      const image = imageOf(call, name)
      if (!image) throw new Fatal(`no such image "${name}" present`)
      return json({ status: imageJson(image) })
    })
    .join('')
}

function info(): string {
  return json({
    status: {
      conditions: [
        { message: '', reason: '', status: true, type: 'RuntimeReady' },
        { message: '', reason: '', status: true, type: 'NetworkReady' },
        { message: '', reason: '', status: true, type: 'ContainerdHasNoDeprecationWarnings' },
      ],
    },
    cniconfig: { PluginDirs: ['/opt/cni/bin'], PluginConfDir: '/etc/cni/net.d', PluginMaxConfNum: 1, Prefix: 'eth' },
    lastCNILoadStatus: 'OK',
    'lastCNILoadStatus.default': 'OK',
    containerdEndpoint: '/run/containerd/containerd.sock',
    containerdRootDir: '/var/lib/containerd/io.containerd.grpc.v1.cri',
    rootDir: '/var/lib/containerd/io.containerd.grpc.v1.cri',
    stateDir: '/run/containerd/io.containerd.grpc.v1.cri',
  })
}

// ---------- acts ----------

function* logs(call: Call): Run {
  const { process, flags, machine } = call
  const { container } = containerOf(call, call.args[0], '')
  const missing = missingLog(container)
  if (missing !== undefined) throw new Fatal(missing)
  const query = {
    follow: flags.has('f', 'follow'),
    timestamps: flags.has('t', 'timestamps'),
    ...(flags.value('tail') ? { tailLines: Number(flags.value('tail')) } : {}),
  }
  yield* waitFor<void>({
    start: (resume) =>
      container.log.read(
        query,
        machine.engine.epochMs,
        (text) => process.stdout.write(text),
        () => resume(undefined),
      ),
  })
  return 0
}

function* exec(call: Call): Run {
  const { process, flags, args } = call
  const { container } = containerOf(call, args[0], '')
  if (container.status.state !== 'running' || !container.handle)
    throw new Fatal(
      `execing command in container: rpc error: code = Unknown desc = container is in CONTAINER_${container.status.state.toUpperCase()} state`,
    )
  const { handle } = container
  const argv = args.slice(1)
  if (argv.length === 0) throw new Fatal('execing command in container: command is empty')
  const outcome = yield* waitFor<number | string>({
    start(resume) {
      const running = handle.exec({
        argv,
        stdin: flags.has('i', 'interactive') ? process.stdin : undefined,
        tty: flags.has('t', 'tty'),
        onOutput: (stream, text) => process[stream].write(text),
        onExit: ({ exitCode }) => resume(exitCode),
      })
      if (!('error' in running)) return running.kill
      resume(running.error)
      return () => undefined
    },
  })
  if (typeof outcome === 'number') {
    if (outcome !== 0) throw new Fatal(`execing command in container: command terminated with exit code ${outcome}`)
    return 0
  }
  throw new Fatal(
    `execing command in container: rpc error: code = Unknown desc = failed to exec in container: failed to start exec "${configDigest(argv.join(' '))}": ${outcome}`,
  )
}

function* stop(call: Call): Run {
  const graceMs = Number(call.flags.value('timeout', 't') ?? 0) * 1000
  for (const id of call.args) {
    const { container } = containerOf(call, id, `stopping the container "${id}"`)
    yield* call.machine.kubelet.runtime.stopContainer(container, graceMs)
    call.process.stdout.write(`${id}\n`)
  }
  return 0
}

function* remove(call: Call): Run {
  const { runtime } = call.machine.kubelet
  const isForced = call.flags.has('f', 'force')
  const ids = call.flags.has('a', 'all') ? allContainers(call).map(({ container }) => container.status.id) : call.args
  for (const id of ids) {
    const { container } = containerOf(call, id, `removing the container "${id}"`)
    if (container.status.state === 'running') {
      if (!isForced)
        throw new Fatal(
          `removing the container "${id}": container "${id}" is in "CONTAINER_RUNNING" state, must be in a non-running state: use --force to remove`,
        )
      yield* runtime.stopContainer(container, 0)
    }
    runtime.removeContainers(container.podUid, new Set([container.status.id]))
    call.process.stdout.write(`${id}\n`)
  }
  return 0
}

function* stopPods(call: Call): Run {
  const { runtime } = call.machine.kubelet
  for (const id of call.args) {
    const { request, id: full } = sandboxOf(call, id, `stopping the pod sandbox "${id}"`)
    for (const container of runtime.runningOf(request.podUid)) yield* runtime.stopContainer(container, 0)
    yield* runtime.stopPodSandbox(request.podUid)
    call.process.stdout.write(`Stopped sandbox ${full}\n`)
  }
  return 0
}

function* removePods(call: Call): Run {
  const { runtime } = call.machine.kubelet
  const isForced = call.flags.has('f', 'force')
  for (const id of call.args) {
    const { request, isReady, id: full } = sandboxOf(call, id, `removing the pod sandbox "${id}"`)
    if (isReady && !isForced)
      throw new Fatal(
        `removing the pod sandbox "${id}": sandbox "${full}" is in "SANDBOX_READY" state, must be in "SANDBOX_NOTREADY": use --force to remove`,
      )
    for (const container of runtime.runningOf(request.podUid)) yield* runtime.stopContainer(container, 0)
    yield* runtime.stopPodSandbox(request.podUid)
    runtime.removeSandbox(request.podUid)
    call.process.stdout.write(`Removed sandbox ${full}\n`)
  }
  return 0
}

/** Source: cri-tools/cmd/crictl/image.go, parseCreds */
function credentialsOf({ flags }: Call): Credentials[] | undefined {
  const creds = flags.value('creds')
  if (creds === undefined) return undefined
  if (creds === '') throw new Fatal('credentials cannot be empty')
  const [username, ...password] = creds.split(':')
  return [{ username, password: password.join(':') }]
}

function* pull(call: Call): Run {
  const [name] = call.args
  if (!name) throw new Fatal('image name is required')
  const reference = parseImageReference(name)
  if (typeof reference === 'string')
    throw new Fatal(
      `pulling image: rpc error: code = Unknown desc = failed to parse image reference "${name}": ${reference}`,
    )
  const pulled = yield* call.machine.kubelet.runtime.pullImage(reference, credentialsOf(call))
  if ('error' in pulled) {
    const why = pulled.error.startsWith('rpc error') ? pulled.error : `rpc error: code = Unknown desc = ${pulled.error}`
    throw new Fatal(`pulling image: ${why}`)
  }
  call.process.stdout.write(`Image is up to date for sha256:${configDigest(pulled.imageID)}\n`)
  return 0
}

function removeImages(call: Call): string {
  const { runtime } = call.machine.kubelet
  const used = runtime.imagesInUse()
  const wanted = call.flags.has('prune', 'q')
    ? runtime.images.all().filter(({ reference }) => !used.has(reference.canonical))
    : call.args.map((name) => {
        const image = imageOf(call, name)
        if (!image) throw new Fatal(`no such image ${name}`)
        return image
      })
  return wanted
    .map(({ reference }) => {
      runtime.images.remove(reference.canonical)
      return `Deleted: ${reference.canonical}\n`
    })
    .join('')
}
