/** What a container is created with: its command, environment, user, files and limits. Source: pkg/kubelet/kuberuntime, generateContainerConfig */

import { isSidecar, podRequests, qosClass } from '../api/core/pod/resources.ts'
import { sysctlFile } from '../api/core/pod/sysctls.ts'
import type { Container, Pod, VolumeMount } from '../api/core/pod-types.ts'
import type { Service } from '../api/core/types.ts'
import type { ResourceList } from '../api/meta/object.ts'
import { quantityValue } from '../api/meta/quantity.ts'
import type { Engine } from '../engine/engine.ts'
import { charge } from '../engine/work.ts'
import { mostArgumentBytes, mostArgumentsBytes } from '../runtime/argument-limits.ts'
import { findUser } from '../runtime/container.ts'
import {
  type ContainerFiles,
  type Credentials,
  createFileSystem,
  createVolumeTree,
  type MountPropagation,
} from '../runtime/file-system.ts'
import { FileError } from '../runtime/files.ts'
import type { VolumeHost } from '../storage/types.ts'
import { type ContainerRuntime, type ContainerSpec, limitsOf } from './container-runtime.ts'
import { mostFor } from './downward.ts'
import type { PodDevices } from './dynamic-resources.ts'
import { makeEnvironment } from './environment.ts'
import { expandVariables } from './expansion.ts'
import type { PulledImage } from './image-store.ts'
import { containerHash } from './pod-actions.ts'
import { hostnameOf } from './pod-hostname.ts'
import { type PodRecord, podTitle } from './pod-record.ts'
import type { ImageRegistry } from './ports.ts'

export interface ContainerSpecContext {
  engine: Engine
  node: string
  nodeIP: string
  runtime: ContainerRuntime
  registry: ImageRegistry
  volumeHost: VolumeHost
  servicesFor(namespace: string): readonly Service[]
  allocatable(): ResourceList
  devices: PodDevices
  clusterDNS: readonly string[]
  clusterDomain: string
}

/** The error is what CreateContainerConfigError says. */
export function makeContainerSpec(
  context: ContainerSpecContext,
  record: PodRecord,
  container: Container,
  pulled: PulledImage,
  restartCount: number,
): ContainerSpec | { error: string } {
  const { engine, registry, runtime, nodeIP, node, volumeHost } = context
  const pod = record.pod
  const podIP = runtime.sandboxIP(record.uid) || (pod.spec.hostNetwork ? nodeIP : '')
  const made = makeEnvironment(pod, container, {
    findConfigMap: volumeHost.findConfigMap,
    findSecret: volumeHost.findSecret,
    readVolumeFile: (volume, path) => readVolumeFile(record, volume, path),
    services: context.servicesFor(pod.metadata.namespace ?? ''),
    addresses: { podIP, hostIP: nodeIP },
    allocatable: mostFor(pod, context.allocatable()),
  })
  if ('error' in made) return made
  const { env } = made
  const { image } = pulled
  const expand = (text: string): string => expandVariables(text, (name) => env[name], mostArgumentBytes)
  const command = container.command?.length ? expandAll(container.command, expand) : (image.entrypoint ?? [])
  const ownArgs = container.args?.length ? expandAll(container.args, expand) : undefined
  const args = ownArgs ?? (container.command?.length ? [] : (image.cmd ?? []))

  const files = createFileSystem({
    base: registry.layerOf(image),
    nowEpochMs: () => engine.epochMs,
    disk: runtime.disk,
    readOnlyRoot: container.securityContext?.readOnlyRootFilesystem,
  })
  const user = userOf(pod, container, image.user, files)
  if ('error' in user) return user
  const names = hostnameOf(pod, node, context.clusterDomain)
  const sharedMemory = runtime.sharedMemoryOf(record.uid)
  if (sharedMemory) files.mount('/dev/shm', sharedMemory, { device: 'shm' })
  const problem = mountVolumesOf(record, container, files, env)
  if (problem) return { error: problem }
  if (!container.securityContext?.readOnlyRootFilesystem) writeEtcFiles(context, pod, files, names, podIP)

  const terminationMessagePath = container.terminationMessagePath ?? '/dev/termination-log'
  // Root finds its way without a file made for it; another user, or another place, needs one.
  if (user.uid !== 0 || terminationMessagePath !== '/dev/termination-log') {
    const tree = createVolumeTree({ nowEpochMs: () => engine.epochMs })
    tree.files.write('/log', '', { mode: 0o666 })
    files.mount(terminationMessagePath, tree, { subPath: 'log' })
  }
  return {
    name: container.name,
    restartCount,
    hash: containerHash(container),
    image,
    reference: pulled.reference,
    argv: [...command, ...args],
    env,
    workingDir: container.workingDir,
    files,
    user,
    // What the Pod as a whole may use is the limit of a container that has none. Source: getMemoryLimit, getCPULimit
    limits: { ...limitsOf(pod.spec.resources ?? {}), ...limitsOf(container.resources ?? {}) },
    resources: container.resources,
    cdiDevices: context.devices.cdiDevicesOf(pod, container),
    hostname: names.kernelName,
    kernelValues: Object.fromEntries(
      (pod.spec.securityContext?.sysctls ?? []).map(({ name, value }) => [sysctlFile(name), `${value}\n`]),
    ),
    terminationMessagePath,
    fallbackToLogs: container.terminationMessagePolicy === 'FallbackToLogsOnError',
    isTerminal: container.tty,
    memoryVolumes: [
      ...(sharedMemory ? [sharedMemory] : []),
      ...(container.volumeMounts ?? []).flatMap(({ name }) => {
        const volume = record.volumes.get(name)
        return volume?.isMemory ? [volume.tree] : []
      }),
    ],
    oomScoreAdjust: oomScoreAdjust(pod, container, runtime.memoryCapacityBytes),
    ...(container.stdin ? { stdin: { once: container.stdinOnce ?? false } } : {}),
    ...(pod.spec.ephemeralContainers?.some(({ name }) => name === container.name) ? { isEphemeral: true } : {}),
    ...('targetContainerName' in container ? { target: container.targetContainerName as string } : {}),
  }
}

function readVolumeFile(record: PodRecord, name: string, path: string): string | undefined {
  const volume = record.volumes.get(name)
  try {
    return volume?.tree.files.read(`${volume.root}/${path}`)
  } catch (error) {
    if (error instanceof FileError) return undefined
    throw error
  }
}

function userOf(
  pod: Pod,
  container: Container,
  imageUser: string | undefined,
  files: ContainerFiles,
): Credentials | { error: string } {
  const own = container.securityContext
  const shared = pod.spec.securityContext
  const runAsUser = own?.runAsUser ?? shared?.runAsUser
  const runAsGroup = own?.runAsGroup ?? shared?.runAsGroup
  const isNonRoot = own?.runAsNonRoot ?? shared?.runAsNonRoot
  const fromImage = findUser(files, imageUser)
  const where = `(pod: "${podTitle(pod)}", container: ${container.name})`
  if (isNonRoot) {
    if (runAsUser === 0) return { error: `container's runAsUser breaks non-root policy ${where}` }
    const [name] = (imageUser || '0').split(':')
    if (runAsUser === undefined && !/^\d+$/.test(name)) {
      return {
        error: `container has runAsNonRoot and image has non-numeric user (${name}), cannot verify user is non-root ${where}`,
      }
    }
    if (runAsUser === undefined && Number(name) === 0) {
      return { error: `container has runAsNonRoot and image will run as root ${where}` }
    }
  }
  const uid = runAsUser ?? fromImage?.uid ?? 0
  const known = runAsUser === undefined ? fromImage : findUser(files, String(runAsUser))
  const gid = runAsGroup ?? known?.gid ?? 0
  // The runtime adds the group of the process, and sorts: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#supplementalgroupspolicy
  const groups = new Set([
    gid,
    ...(shared?.supplementalGroupsPolicy === 'Strict' ? [] : (known?.groups ?? [])),
    ...(shared?.supplementalGroups ?? []),
    ...(shared?.fsGroup === undefined ? [] : [shared.fsGroup]),
  ])
  const capabilities = capabilitiesOf(own)
  return {
    uid,
    gid,
    groups: [...groups].sort((a, b) => a - b),
    ...(capabilities ? { capabilities } : {}),
  }
}

/** What the runtime leaves to root unless told otherwise. Source: containerd, oci.defaultUnixCaps */
const DEFAULT_CAPABILITIES: readonly string[] = [
  'CHOWN',
  'DAC_OVERRIDE',
  'FSETID',
  'FOWNER',
  'MKNOD',
  'NET_RAW',
  'SETGID',
  'SETUID',
  'SETFCAP',
  'SETPCAP',
  'NET_BIND_SERVICE',
  'SYS_CHROOT',
  'KILL',
  'AUDIT_WRITE',
]
const defaultCapabilities: ReadonlySet<string> = new Set(DEFAULT_CAPABILITIES)

function capabilitiesOf(context: Container['securityContext']): ReadonlySet<string> | undefined {
  if (context?.privileged) return undefined
  const { add = [], drop = [] } = context?.capabilities ?? {}
  if (add.includes('ALL')) return undefined
  if (add.length === 0 && drop.length === 0) return defaultCapabilities
  const bare = (name: string): string => name.toUpperCase().replace(/^CAP_/, '')
  const dropped = new Set(drop.map(bare))
  const kept = dropped.has('ALL') ? [] : DEFAULT_CAPABILITIES.filter((name) => !dropped.has(name))
  return new Set([...kept, ...add.map(bare)])
}

/** Source: pkg/kubelet/qos/policy.go */
function oomScoreAdjust(pod: Pod, container: Container, capacityBytes: number): number {
  if ((pod.spec.priority ?? 0) >= 2_000_001_000) return -997
  const qos = pod.status.qosClass ?? qosClass(pod)
  if (qos === 'Guaranteed') return -997
  if (qos === 'BestEffort') return 1000
  const unshared = unsharedMemory(pod)
  const adjust = (requestBytes: number): number => 1000 - Math.trunc((1000 * (requestBytes + unshared)) / capacityBytes)
  const requestOf = ({ resources }: Container): number => quantityValue(resources?.requests?.memory ?? '0')
  const own = adjust(requestOf(container))
  // A sidecar is no worse off than the containers that it serves.
  const most = isSidecar(container) ? adjust(Math.min(...pod.spec.containers.map(requestOf))) : own
  return Math.max(3, Math.min(999, own, most))
}

/** What the Pod as a whole asks for beyond its containers, to each of them alike. Source: remainingPodMemReqPerContainer */
function unsharedMemory({ spec }: Pod): number {
  const whole = spec.resources?.requests?.memory
  if (whole === undefined) return 0
  const { resources: _, overhead: __, ...containersOnly } = spec
  const rest = quantityValue(whole) - quantityValue(podRequests(containersOnly).memory ?? '0')
  return Math.trunc(rest / (spec.containers.length + (spec.initContainers?.length ?? 0)))
}

function mountVolumesOf(
  record: PodRecord,
  container: Container,
  files: ContainerFiles,
  env: Readonly<Record<string, string>>,
): string | undefined {
  const mounts = [...(container.volumeMounts ?? [])].sort(
    (a, b) => a.mountPath.split('/').length - b.mountPath.split('/').length,
  )
  const keptInMemory = volumesInMemory(record.pod)
  for (const [before, mount] of mounts.entries()) {
    charge(stepsOfMount + stepsOfMountBefore * before)
    const volume = record.volumes.get(mount.name)
    if (!volume) return `cannot find volume "${mount.name}" to mount into container "${container.name}"`
    const below = subPathOf(mount, env)
    if (typeof below !== 'string') return below.error
    const subPath = [volume.root, below].filter(Boolean).join('/')
    try {
      files.mount(mount.mountPath, volume.tree, {
        readOnly: mount.readOnly || volume.isReadOnly,
        recursiveReadOnly: isRecursivelyReadOnly(mount),
        propagation: mount.mountPropagation as MountPropagation | undefined,
        ...(volume.isMemory || keptInMemory.has(mount.name) ? { device: 'tmpfs' } : {}),
        ...(subPath ? { subPath } : {}),
      })
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      return `failed to prepare subPath for volumeMount "${mount.name}" of container "${container.name}"`
    }
  }
  return undefined
}

/** What of the volume is mounted; '' for all of it. Source: kubernetes/pkg/kubelet/kubelet_pods.go makeMounts, container/helpers.go ExpandContainerVolumeMounts */
function subPathOf(
  { subPath = '', subPathExpr }: VolumeMount,
  env: Readonly<Record<string, string>>,
): string | { error: string } {
  const missing = new Set<string>()
  const lookUp = (name: string): string | undefined => {
    if (!env[name]) missing.add(name)
    return env[name]
  }
  const path = subPathExpr ? expandVariables(subPathExpr, lookUp, mostArgumentBytes) : subPath
  if (missing.size > 0) return { error: `missing value for ${[...missing].sort().join(', ')}` }
  if (path.startsWith('/')) return { error: `error SubPath \`${path}\` must not be an absolute path` }
  if (path.split('/').includes('..')) return { error: `unable to provision SubPath \`${path}\`: must not contain '..'` }
  return path
}

/** Volumes that the kubelet fills keep to memory, but for ConfigMaps: what is secret does not reach the disk. */
function volumesInMemory({ spec }: Pod): ReadonlySet<string> {
  const volumes = spec.volumes ?? []
  charge(volumes.length / 2)
  const kept = volumes.filter(({ secret, projected, downwardAPI }) => secret ?? projected ?? downwardAPI)
  return new Set(kept.map(({ name }) => name))
}

/** Of computing: to mount a volume, for which each that is mounted already is looked at. */
const stepsOfMount = 30
const stepsOfMountBefore = 0.5

/** The runtime can do it: IfPossible is as good as Enabled. Source: resolveRecursiveReadOnly */
export const isRecursivelyReadOnly = ({ recursiveReadOnly }: VolumeMount): boolean =>
  recursiveReadOnly === 'Enabled' || recursiveReadOnly === 'IfPossible'

/** Source: kubernetes/pkg/kubelet/kubelet_pods.go nodeHostsFileContent, managedHostsFileContent */
const hostsOfNode = '# Kubernetes-managed hosts file (host network).\n127.0.0.1\tlocalhost\n'
const ownHosts = (entry: string): string =>
  `# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n${entry}\n`

/** /etc/hosts, /etc/resolv.conf and /etc/hostname, unless a volume lies there. */
function writeEtcFiles(
  context: ContainerSpecContext,
  pod: Pod,
  files: ContainerFiles,
  { hostname, domain, kernelName }: ReturnType<typeof hostnameOf>,
  podIP: string,
): void {
  const { clusterDNS, clusterDomain } = context
  charge(2 * (pod.spec.hostAliases?.length ?? 0))
  const aliases = (pod.spec.hostAliases ?? [])
    .map(({ ip, hostnames }) => `${ip}\t${(hostnames ?? []).join('\t')}\n`)
    .join('')
  const { namespace = '' } = pod.metadata
  const fqdn = domain === '' ? '' : `${hostname}.${domain}\t`
  const contents: Record<string, string> = {
    '/etc/hosts': `${pod.spec.hostNetwork ? hostsOfNode : ownHosts(`${podIP}\t${fqdn}${hostname}`)}${aliases ? `\n# Entries added by HostAliases.\n${aliases}` : ''}`,
    '/etc/hostname': `${kernelName}\n`,
    '/etc/resolv.conf': resolvConf(pod, namespace, clusterDNS, clusterDomain),
  }
  const taken = new Set(files.mountPoints().map(({ path }) => path))
  for (const [path, content] of Object.entries(contents)) {
    if (taken.has(path) || taken.has('/etc')) continue
    try {
      files.write(path, content)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
    }
  }
}

/** The cluster's name servers are to answer its containers. Source: getPodDNSType in kubernetes/pkg/kubelet/network/dns/dns.go */
export const asksClusterDNS = ({ spec }: Pick<Pod, 'spec'>): boolean =>
  spec.dnsPolicy === 'ClusterFirstWithHostNet' || (spec.dnsPolicy === 'ClusterFirst' && !spec.hostNetwork)

function resolvConf(pod: Pod, namespace: string, clusterDNS: readonly string[], clusterDomain: string): string {
  const isCluster = clusterDNS.length > 0 && asksClusterDNS(pod)
  const nameservers = isCluster ? [...clusterDNS] : pod.spec.dnsPolicy === 'None' ? [] : ['192.168.0.1']
  const searches =
    isCluster && clusterDomain !== ''
      ? [`${namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain]
      : []
  const options = isCluster ? ['ndots:5'] : []
  const extra = pod.spec.dnsConfig
  nameservers.push(...(extra?.nameservers ?? []))
  searches.push(...(extra?.searches ?? []))
  for (const { name, value } of extra?.options ?? []) {
    const index = options.findIndex((option) => option.split(':')[0] === name)
    const text = value === undefined ? name : `${name}:${value}`
    if (index < 0) options.push(text)
    else options[index] = text
  }
  return [
    ...(searches.length > 0 ? [`search ${searches.join(' ')}`] : []),
    ...nameservers.map((server) => `nameserver ${server}`),
    ...(options.length > 0 ? [`options ${options.join(' ')}`] : []),
    '',
  ].join('\n')
}

/** As far as a program can be started with them. */
function expandAll(texts: readonly string[], expand: (text: string) => string): string[] {
  const expanded: string[] = []
  let characters = 0
  for (const text of texts) {
    if (characters > mostArgumentsBytes) break
    const value = expand(text)
    expanded.push(value)
    characters += value.length
  }
  return expanded
}
