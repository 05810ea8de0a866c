/** The machines of a cluster: each with a kubelet, a kube-proxy, and a place in the network; and the registry they pull from. */

import { pods } from './api/core/pod.ts'
import type { Pod } from './api/core/pod-types.ts'
import { secrets } from './api/core/secret.ts'
import { keyOf, type ObjectKey } from './api/meta/object.ts'
import { badRequest, notFound, StatusError } from './api/meta/status-error.ts'
import type { ApiServer } from './apiserver/api-server.ts'
import { isTokenOf, secretOfToken } from './apiserver/bootstrap-tokens.ts'
import { createClient } from './apiserver/client.ts'
import { restoreKeys } from './apiserver/etcd-keys.ts'
import { userOfToken } from './apiserver/tokens.ts'
import { userOfCertificate } from './client/certificate-user.ts'
import type { UserInfo } from './client/client.ts'
import { JoinedLink, SwitchedLink } from './client/link.ts'
import type { ComponentContext, EventRecorder, RunningComponent } from './client/machinery.ts'
import { type ComponentIdentity, createComponentContext, nodeUser, serviceAccountUser } from './component-context.ts'
import { CommandFailed, type ControlPlaneHost, type EtcdTls } from './components/component.ts'
import type { ProxyHost } from './components/kube-proxy.ts'
import type { ApiServerTls } from './components/process.ts'
import { knownUser, type ServerTrust, UNAUTHORIZED } from './components/trust.ts'
import { CommandRefused } from './engine/command-refused.ts'
import type { Timer } from './engine/engine.ts'
import { CompactedError } from './etcd/etcd.ts'
import { layerOf } from './images/base-files.ts'
import { layersOfImage } from './images/layers.ts'
import { findImage, imageDigest, images } from './images/registry.ts'
import { refusalOf } from './images/registry-answers.ts'
import { controlPlaneFiles, etcdFiles } from './kubeadm/files.ts'
import type { ControlPlanePlace } from './kubeadm/manifests.ts'
import { PKI } from './kubeadm/places.ts'
import type { NodeAccess } from './kubectl/context.ts'
import { parseManifest } from './kubectl/yaml.ts'
import { type Errand, refused, requestOf, undialled } from './kubelet/dialing.ts'
import type { ApiServerIdentity } from './kubelet/http-server.ts'
import { createKubelet, type Kubelet, type RunningContainer } from './kubelet/kubelet.ts'
import { manifestFolder } from './kubelet/manifest-files.ts'
import type { ImageRegistry } from './kubelet/ports.ts'
import { PresentImages } from './kubelet/present-images.ts'
import { apiServerIP, apiServerPort, nodeIpOf, podCidrOf } from './network/address.ts'
import { startDns } from './network/dns.ts'
import { createKubeProxy } from './network/kube-proxy.ts'
import type { Network } from './network/network.ts'
import { startPolicyAgent } from './network/policy.ts'
import { type ConfigurationFile, configurationIn } from './node-shell/configuration.ts'
import { createEtcdMachine } from './node-shell/etcd-machine.ts'
import { createHostLayer, createSystemLayer } from './node-shell/host-layer.ts'
import type { NodeMachine } from './node-shell/machine.ts'
import { packageFiles, releaseOfProgram } from './node-shell/packages/database.ts'
import { etcdPrograms, programPaths, programsOf } from './node-shell/registry.ts'
import { createNodeShells, type Done, type Emit, type NodeShells, type ShellLine } from './node-shell/shell.ts'
import { connect, unanswered, unknownHost, unroutable } from './node-shell/ssh.ts'
import type { Driven } from './runtime/drive.ts'
import type { FileTree } from './runtime/file-tree.ts'
import { FileError } from './runtime/files.ts'
import type { Interference } from './runtime/kernel.ts'
import { createTextInput } from './runtime/pipe.ts'
import type { Program } from './runtime/process.ts'
import type { ClusterShape, NodeShape } from './scenario/types.ts'
import { volumePlugins } from './storage/plugins.ts'
import { createSharedTrees } from './storage/shared-trees.ts'

/** What a network plugin says whose daemon has not written its file: the most common failure of its kind. */
const cniFailure =
  'plugin type="flannel" failed (add): loadFlannelSubnetEnv failed: open /run/flannel/subnet.env: no such file or directory'
/** What is left of a node's memory when it is said to be low. */
const lowPids = 32
const lowMemoryBytes = 50 * 1024 * 1024

interface OnNode {
  spec: { nodeName?: string }
  status: { hostIP?: string }
}

/** The kubelet of a Pod's node, as the API server reaches it. @throws StatusError when it does not */
export type DialKubelet = (pod: OnNode, errand: Errand) => Kubelet

export interface Nodes {
  /** What certificates the API server shows and takes. */
  readonly trust: ServerTrust
  readonly kubeletOf: DialKubelet
  /** Whether nothing gets from the node of that address to the control plane. */
  isCutOff(ip: string): boolean
  /** What kubectl needs of the nodes: logs and exec. */
  readonly access: NodeAccess
  /** Another machine, with a kubelet that registers it. @throws CommandRefused when there is one of that name */
  join(node: NodeShape): void
  /** @throws CommandRefused when there is no such node; so do all that name one */
  powerOff(node: string): void
  powerOn(node: string): void
  stopKubelet(node: string): void
  startKubelet(node: string): void
  /** The system is about to go down, and says so: off once the kubelet has done what it does then. */
  shutDown(node: string): void
  /** What of its network a node loses: the way to the control plane, or all of it. */
  setPartition(node: string, state: 'from-control-plane' | 'from-all' | 'healed'): void
  setRuntime(node: string, state: 'stopped' | 'started'): void
  setCni(node: string, state: 'failing' | 'working'): void
  setDisk(node: string, state: 'full' | 'low' | 'freed'): void
  setMemory(node: string, state: 'low' | 'freed'): void
  setPids(node: string, state: 'low' | 'freed'): void
  setRegistry(state: ImageRegistry['state']): void
  /** The member of etcd on a control-plane node, or its disk. */
  setEtcd(node: string, state: 'stopped' | 'started' | 'slow-disk' | 'normal-disk'): void
  /** What runs on nodes whose kubelet answers, and what it uses. */
  containersInUse(): readonly (RunningContainer & { node: string })[]
  /** What made the command of a container do something else than it says: the first time for each container and way. */
  interferences(): Iterable<PodInterference>
  /** Kills what runs in the Pod's containers, as the kernel would. */
  killContainers(pod: Pod): void
  /** An empty manifest removes the file. */
  writeStaticPod(node: string, file: string, manifest: string): void
  /**
   * Runs a line in a shell on the node, as by ssh from outside of the cluster. `done` is given its exit code: 255 when nobody answers.
   * Source: ssh(1)
   */
  shell(node: string, request: ShellLine, emit: Emit, done: Done): Driven
  /** The services of each node, and since when each runs, as the engine counts; undefined while it is stopped. */
  services(): Iterable<{ node: string; service: string; startedMs: number | undefined }>
  /** The files by which each node runs as it does. */
  configuration(): ReadonlyMap<string, ReadonlyMap<string, ConfigurationFile>>
  /** Undefined when the node has no such file. */
  readHostFile(node: string, path: string): string | undefined
  /** What the container last said: its log, or that of its former run when it has just begun. */
  lastLog(pod: Pod, container: string): string
}

/** In a container of a Pod; at a moment as the engine counts. */
export type PodInterference = Interference & {
  readonly atMs: number
  readonly namespace: string
  readonly pod: string
  readonly container: string
}

export interface NodesOptions {
  server: ApiServer
  network: Network
  shape: ClusterShape
  /** The nodes of the control plane, where it is static Pods: none otherwise. */
  controlPlane: readonly ControlPlanePlace[]
  /** One more process of a component of the control plane. */
  runComponent: ControlPlaneHost['run']
  /** The certificates of the API server that is a process of that node, of any unless told. */
  apiServerTls(node?: string): ApiServerTls | undefined
  /** The release of Kubernetes that the nodes were set up with. */
  release: string
  /** What a kubectl on a node works with. */
  kubectl: NodeMachine['kubectl']
}

/** What systemd takes to stop what runs, once it is asked. */
const AT_ONCE_MS = 500
/** From the moment that the power is gone until its services start. */
const BOOT_MS = 20_000

export function createNodes({
  server,
  network,
  shape,
  controlPlane,
  runComponent,
  apiServerTls,
  release,
  kubectl,
}: NodesOptions): Nodes {
  const registry = createRegistry()
  const kubelets = new Map<string, Kubelet>()
  const links = new Map<string, SwitchedLink>()
  const linkByIp = new Map<string, SwitchedLink>()
  const sharedTrees = createSharedTrees(() => server.engine.epochMs)
  const presentImages = imagesOnNodes(shape)
  const commonFiles = { [`${PKI}/ca.crt`]: server.authority.certificate, ...packageFiles(release) }
  const systemLayer = createSystemLayer(programPaths, server.engine.epochMs, commonFiles)
  const etcdPaths = [...programPaths, ...etcdPrograms.map(({ path }) => path)]
  /** A machine that is no node yet. */
  let bareLayer: FileTree | undefined
  const staticPods = controlPlane.length > 0
  const etcd = server.members && createEtcdMachine(server.engine, server.store, server.members)
  const shells = new Map<string, NodeShells>()
  const cutOff = new Set<string>()
  const interferences = new Map<string, PodInterference>()
  /** What a machine that is to go down, or to come up again, waits for. */
  const reboots = new Map<string, Timer>()
  /** Where a process is the member of etcd. */
  const heldMembers = new Map<string, EtcdTls>()
  /** Where each node's Pods are. */
  const ranges = new Map<string, { ip: string; podCIDR: string }>()

  const trust: ServerTrust = {
    clusterAuthority: () => server.authority.certificate,
    admitsAnonymous: (path) => server.admitsAnonymous(path),
    // Beside the nodes it is what it should be.
    clientAuthorities: () => apiServerTls()?.clientAuthorities() ?? (staticPods ? undefined : trust.clusterAuthority()),
    servingCertificate: (host) =>
      apiServerTls(controlPlane.find(({ ip }) => ip === host && ip !== apiServerIP)?.name)?.certificate(),
  }

  const identity = (): ApiServerIdentity => ({
    certificate: apiServerTls()?.kubeletClient(),
    clusterAuthority: trust.clusterAuthority(),
  })

  function machineOf(node: NodeShape, ip: string, podCIDR: string): NodeMachine {
    const kubelet = (): Kubelet => kubelets.get(node.name)!
    return {
      engine: server.engine,
      shape: node,
      ip,
      podCIDR,
      get kubelet() {
        return kubelet()
      },
      certifiedMs: server.certifiedMs,
      authority: server.authority,
      trust,
      kubectl,
      serverRelease: () => server.release,
      signsWith(token) {
        const key = secretOfToken(token)
        const secret = key && server.stored(secrets, key)
        return secret !== undefined && isTokenOf(secret, token, 'signing', server.engine.epochMs)
      },
      userOfToken: (token) => userOfToken(server, token),
      clientOf: (user, far) =>
        createClient(server, {
          user,
          fieldManager: 'kubeadm',
          link: new JoinedLink(links.get(node.name)!, far),
        }),
      network: network.node(node.name),
      reboot: (afterMs) => rebootLater(node.name, afterMs),
      cancelReboot() {
        if (!isGoingDown(node.name)) forgetReboot(node.name)
      },
      rules: () => network.rules(node.name),
      flows: () => network.flows(node.name),
      ...(etcd?.members.has(node.name) ? { etcd } : {}),
      ...(staticPods && etcd?.members.has(node.name) ? { controlPlane: hostOf(node.name, ip) } : {}),
      ...(isProxiedByPod(node) ? { proxy: proxyHostOf(node) } : {}),
      peers: () => [...ranges].flatMap(([name, range]) => (name === node.name ? [] : [range])),
      podAddresses: () =>
        [...kubelet().runtime.allPods].flatMap(([uid, { sandbox }]) =>
          sandbox?.isReady && !sandbox.request.hostNetwork
            ? [{ uid, ip: sandbox.ip, linkIndex: sandbox.network?.linkIndex ?? 0 }]
            : [],
        ),
    }
  }

  /** Whoever switches a machine off or on has the last word. */
  function forgetReboot(node: string): void {
    server.engine.cancel(reboots.get(node))
    reboots.delete(node)
  }

  /** From the moment that it stops what runs until it has booted: that cannot be taken back. */
  const isGoingDown = (node: string): boolean => {
    const timer = reboots.get(node)
    return timer !== undefined && timer.dueMs - server.engine.nowMs <= AT_ONCE_MS
  }

  function rebootLater(node: string, afterMs: number): void {
    if (isGoingDown(node)) return
    forgetReboot(node)
    const later = (ms: number, what: string, act: () => void): void =>
      void reboots.set(node, server.engine.after(ms, `${node} ${what}`, act))
    later(Math.max(afterMs, AT_ONCE_MS), 'goes down', () =>
      goDown(node, () => later(BOOT_MS, 'boots', () => powerOn(node))),
    )
  }

  function goDown(node: string, whenOff?: () => void): void {
    get(node).shutDown(() => {
      shells.get(node)?.close()
      network.setNodeUp(node, false)
      server.members?.stop(node)
      whenOff?.()
    })
  }

  function powerOn(node: string): void {
    forgetReboot(node)
    network.setNodeUp(node, true)
    // A machine boots without rules; where kube-proxy is no Pod it has written them again by then.
    if (proxiedByPods.has(node)) network.rules(node).flush()
    get(node).powerOn()
    // A static Pod starts its member itself.
    if (!staticPods) server.members?.start(node)
  }

  const proxiedByPods = new Set<string>()
  /** Where kube-proxy is a DaemonSet its Pods do the work; a hollow node runs no programs. */
  const isProxiedByPod = ({ hollow }: NodeShape): boolean => shape.systemPods === true && !hollow

  /** What programs have of their node that go to the API server. */
  const wayFrom = (name: string) => ({
    apiServers: controlPlane.map((one) => one.ip),
    apiServerFailure: () => links.get(name)?.failure ?? server.link.failure,
    trust,
    later(ms: number, act: () => void) {
      const timer = server.engine.after(ms, `certificates on ${name}`, act, { background: true })
      return () => server.engine.cancel(timer)
    },
  })

  const proxyHostOf = (node: NodeShape): ProxyHost => ({
    ...wayFrom(node.name),
    startProxy: (user, link, onListFailed) =>
      startProxy(server, network, node, { link: new JoinedLink(links.get(node.name)!, link), user, onListFailed }),
    userOfToken: (token) => userOfToken(server, token),
  })

  /** What the programs of the control plane have of their node. */
  const hostOf = (name: string, ip: string): ControlPlaneHost => ({
    ...wayFrom(name),
    name,
    ip,
    network: network.node(name),
    clientOf: (component, link) =>
      createComponentContext(server, {
        user: { name: `system:${component}`, groups: ['system:authenticated'] },
        fieldManager: component,
        link,
      }).client,
    run: runComponent,
    etcd: {
      get tls() {
        return heldMembers.get(name)
      },
      start({ tls, quotaBytes, joining, onRemoved }) {
        if (heldMembers.has(name)) return false
        heldMembers.set(name, tls)
        server.store.space.setQuota(name, quotaBytes)
        server.members?.start(name, joining, onRemoved)
        return true
      },
      invitation: (as, initialCluster) => server.members!.invitation(name, as, initialCluster),
      bootstrappedId: () => server.members!.bootstrappedId(name),
      stop() {
        heldMembers.delete(name)
        server.members?.stop(name)
      },
      isServing: () => server.members?.isServing ?? false,
      revision: () => server.etcd.revision,
      figures() {
        const { members, store, etcd } = server
        const member = members?.status().find((one) => one.name === name)
        return (
          member && {
            member,
            peers: members!.list().flatMap(({ id }) => (id === member.id ? [] : [id])),
            isServing: members!.isServing,
            alarms: store.space.alarms,
            revision: etcd.revision,
            compactRevision: etcd.compactRevision,
            keys: etcd.size,
            sizeBytes: store.space.sizeOf(name),
            inUseBytes: store.space.inUseBytes,
            quotaBytes: store.space.quotaOf(name),
          }
        )
      },
      get others() {
        return (server.members?.list().length ?? 1) - 1
      },
      restore(revision) {
        try {
          restoreKeys(server.store, revision)
        } catch (error) {
          if (!(error instanceof CompactedError || error instanceof StatusError)) throw error
          throw new CommandFailed(`podium: revision ${revision} cannot be restored: ${error.message}`)
        }
      },
    },
  })

  /** The files that a node has from the start, besides those that show what happens on it. */
  function layerOf({ etcd, controlPlane: part, shape: { name, joined }, ip }: NodeMachine): FileTree {
    if (joined === false) {
      bareLayer ??= createSystemLayer(programPaths, server.engine.epochMs, packageFiles(release), false)
      return bareLayer
    }
    if (!etcd) return systemLayer
    const place = { name, ip }
    const files = part
      ? controlPlaneFiles(place, controlPlane, server.certifiedMs, server.authority, release)
      : etcdFiles(place, server.certifiedMs, server.authority)
    return createSystemLayer(etcdPaths, server.engine.epochMs, { ...commonFiles, ...files })
  }

  function join(node: NodeShape): void {
    if (kubelets.has(node.name)) throw new CommandRefused(`there is a node ${node.name} already`)
    const i = kubelets.size
    const link = new SwitchedLink()
    links.set(node.name, link)
    const ip = nodeIpOf(i)
    linkByIp.set(ip, link)
    const podCIDR = podCidrOf(i)
    network.addNode({ name: node.name, ip, podCIDR, proxy: shape.proxy })
    ranges.set(node.name, { ip, podCIDR })
    const machine = machineOf(node, ip, podCIDR)
    let programs: Readonly<Record<string, Program>> | undefined
    const nodePrograms = () => {
      programs ??= programsOf(machine)
      return programs
    }
    shells.set(node.name, createNodeShells(machine, nodePrograms))
    const newContext = (failure?: string): ComponentContext => {
      const way = new SwitchedLink()
      if (failure !== undefined) way.cut(failure)
      const context = createComponentContext(server, {
        link: failure === undefined ? link : new JoinedLink(link, way),
        user: nodeUser(node.name),
        fieldManager: 'kubelet',
        latencyMs: 2,
        watchLatencyMs: 3,
      })
      return node.hollow ? { ...context, recorder: () => silentRecorder } : context
    }
    const kubelet = createKubelet({
      engine: server.engine,
      newContext,
      shape: node,
      nodeIP: ip,
      podCIDR,
      registry,
      presentImages,
      cni: network,
      network: network.prober(node.name),
      volumePlugins,
      sharedTrees,
      reach: ({ host, port, certificate }) => {
        if (![apiServerIP, ...controlPlane.map((one) => one.ip)].includes(host))
          return /^[\d.]+$/.test(host)
            ? `dial tcp ${host}:${port}: connect: no route to host`
            : `dial tcp: lookup ${host} on 172.18.0.1:53: no such host`
        if (port !== apiServerPort) return `dial tcp ${host}:${port}: connect: connection refused`
        const user = userOfCertificate(certificate)?.name
        if (user === undefined || !knownUser(trust, certificate, server.engine.epochMs)) return UNAUTHORIZED
        return user === nodeUser(node.name).name
          ? undefined
          : `nodes ${JSON.stringify(node.name)} is forbidden: node ${JSON.stringify(user)} is not allowed to modify node ${JSON.stringify(node.name)}`
      },
      releaseIn: (files, binary) => releaseOfProgram(files, binary),
      listen(port, server) {
        const listening = network.node(node.name).listen(port, server)
        return 'error' in listening ? undefined : listening.close
      },
      parseManifest: (text, source) => parseManifest(text, source)[0]?.value,
      hostLayer: createHostLayer(layerOf(machine), machine),
      nodePrograms,
      onInterference({ name, namespace = '' }, container, what) {
        // Of files the first one does: whoever comes in may change any number.
        const key = JSON.stringify([namespace, name, container, what.kind === 'file' ? what.kind : what])
        if (!interferences.has(key))
          interferences.set(key, { atMs: server.engine.nowMs, pod: name, namespace, container, ...what })
      },
    })
    kubelets.set(node.name, kubelet)
    kubelet.start()
    if (isProxiedByPod(node)) proxiedByPods.add(node.name)
    else startProxy(server, network, node, { link, user: proxyUser })
  }
  for (const node of shape.nodes) join(node)
  if (shape.dns !== false) startClusterDns(server, network, shape.systemPods ?? false)
  if (shape.networkPolicies !== false) startPolicies(server, network)

  const get = (node: string): Kubelet => {
    const kubelet = kubelets.get(node)
    if (!kubelet) throw new CommandRefused(`there is no node ${node}; there are ${[...kubelets.keys()].join(', ')}`)
    return kubelet
  }
  const kubeletOf = dialKubelet((node) => {
    const kubelet = kubelets.get(node)
    if (!kubelet?.isPowered) return 'connect: no route to host'
    if (links.get(node)?.failure !== undefined) return 'i/o timeout'
    return kubelet.isRunning ? kubelet : 'connect: connection refused'
  }, identity)
  return {
    trust,
    kubeletOf,
    isCutOff: (ip) => linkByIp.get(ip)?.failure !== undefined,
    access: createAccess(server, kubeletOf),
    join,
    powerOff(node) {
      forgetReboot(node)
      shells.get(node)?.close()
      get(node).powerOff()
      network.setNodeUp(node, false)
      server.members?.stop(node)
    },
    powerOn,
    shutDown(node) {
      forgetReboot(node)
      goDown(node)
    },
    setPartition(node, state) {
      get(node)
      const link = links.get(node)!
      if (state === 'healed') link.open()
      else link.cut(`dial tcp ${apiServerIP}:${apiServerPort}: i/o timeout`)
      network.setNodeCut(node, state === 'from-all')
      server.members?.setCut(node, state)
      if (state === 'from-all') cutOff.add(node)
      else cutOff.delete(node)
    },
    setRuntime: (node, state) => get(node).setRuntime(state === 'started'),
    setCni: (node, state) => get(node).setNetworkError(state === 'failing' ? cniFailure : undefined),
    setDisk: (node, state) => get(node).fillDisk(state === 'full' ? 0 : state === 'low' ? 0.05 : 1),
    setPids: (node, state) => get(node).fillPids(state === 'low' ? lowPids : Number.POSITIVE_INFINITY),
    setMemory: (node, state) => get(node).fillMemory(state === 'low' ? lowMemoryBytes : Number.POSITIVE_INFINITY),
    stopKubelet: (node) => get(node).stop(),
    startKubelet: (node) => get(node).start(),
    setRegistry(state) {
      registry.state = state
    },
    setEtcd(node, state) {
      const { members } = server
      if (!members?.has(node)) throw new CommandRefused(`there is no member of etcd on ${node}`)
      if (staticPods && (state === 'stopped' || state === 'started'))
        throw new CommandRefused(`etcd is a static Pod here: write or move ${manifestFolder}/etcd.yaml on ${node}`)
      if (state === 'stopped') members.stop(node)
      else if (state === 'slow-disk' || state === 'normal-disk')
        members.setDisk(node, state === 'slow-disk' ? 'slow' : 'normal')
      // A machine that is off starts it when it comes up.
      else if (get(node).isPowered) members.start(node)
    },
    containersInUse: () =>
      [...kubelets].flatMap(([node, kubelet]) =>
        kubelet.isRunning && links.get(node)?.failure === undefined
          ? kubelet.runningContainers().map((container) => ({ ...container, node }))
          : [],
      ),
    interferences: () => interferences.values(),
    killContainers: (pod) => void kubelets.get(pod.spec.nodeName ?? '')?.killContainers(pod.metadata.uid),
    writeStaticPod(node, file, manifest) {
      const { files } = get(node).runtime.hostFiles
      const path = `${manifestFolder}/${file}`
      if (manifest.trim()) files.write(path, manifest)
      else if (files.exists(path)) files.remove(path)
    },
    shell(node, request, emit, done) {
      const own = shells.get(node)
      const failure = !own
        ? unknownHost(node)
        : !get(node).isPowered
          ? unroutable(node)
          : cutOff.has(node)
            ? unanswered(node)
            : undefined
      return connect(server.engine, failure, emit, done, () => own!.run(request, emit, done))
    },
    services: () =>
      [...kubelets].flatMap(([node, { runtime }]) =>
        (['kubelet', 'containerd'] as const).map((service) => ({
          ...{ node, service },
          startedMs: runtime.processes.startOf(service),
        })),
      ),
    configuration: () =>
      new Map([...kubelets].map(([node, { runtime }]) => [node, configurationIn(runtime.hostFiles.tree)])),
    readHostFile(node, path) {
      try {
        return get(node).readHostFile(path)
      } catch (error) {
        if (error instanceof FileError) return undefined
        throw error
      }
    },
    lastLog(pod, container) {
      const kubelet = kubelets.get(pod.spec.nodeName ?? '')
      if (!kubelet) return ''
      for (const previous of [false, true]) {
        let text = ''
        kubelet.logs(keyOf(pod), container, { previous, tailLines: 5 }, (part) => {
          text += part
        })
        if (text) return text
      }
      return ''
    },
  }
}

const silentRecorder: EventRecorder = { event: () => undefined }

const allImages: Omit<ImageRegistry, 'state'> = {
  find: findImage,
  refusal: refusalOf,
  layers: layersOfImage,
  digest: imageDigest,
  layerOf,
}

const createRegistry = (): ImageRegistry & { state: ImageRegistry['state'] } => ({ state: 'up', ...allImages })

/** Every public image by all of its short names: on each node before anything is pulled. */
const everyImage = PresentImages.of(
  images
    .filter((image) => !image.credentials)
    .flatMap(({ repositories, tags }) =>
      repositories.flatMap((repository) => tags.map((tag) => `${repository}:${tag}`)),
    ),
  allImages,
)
const noImages = PresentImages.of([], allImages)

function imagesOnNodes({ absentImages = [] }: ClusterShape): PresentImages {
  if (absentImages === 'all') return noImages
  return absentImages.length > 0 ? everyImage.without(absentImages) : everyImage
}

/** As whom kube-proxy comes where it is no Pod. */
const proxyUser: UserInfo = { name: 'system:kube-proxy', groups: ['system:node-proxier', 'system:authenticated'] }

function startProxy(
  server: ApiServer,
  network: Network,
  node: NodeShape,
  identity: Pick<ComponentIdentity, 'user' | 'link' | 'onListFailed'>,
): RunningComponent {
  const context = createComponentContext(server, { ...identity, fieldManager: 'kube-proxy' })
  const proxy = createKubeProxy({ context, node: node.name, network })
  context.informers.start()
  return {
    stop() {
      proxy.stop()
      context.informers.stop()
    },
  }
}

/** Simplified: one agent for all nodes. */
function startPolicies(server: ApiServer, network: Network): void {
  const context = createComponentContext(server, {
    user: serviceAccountUser('kube-system', 'kindnet'),
    fieldManager: 'kindnetd',
  })
  startPolicyAgent({ context, network })
  context.informers.start()
}

function startClusterDns(server: ApiServer, network: Network, needsPods: boolean): void {
  const context = createComponentContext(server, {
    user: {
      name: 'system:serviceaccount:kube-system:coredns',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
    },
    fieldManager: 'coredns',
  })
  startDns({ context, network, needsPods })
  context.informers.start()
}

/**
 * @param dial the kubelet of a node, or why it does not answer
 * @param shown what the API server shows to it
 */
const dialKubelet =
  (dial: (node: string) => Kubelet | string, shown: () => ApiServerIdentity): DialKubelet =>
  (pod, errand) => {
    const kubelet = dial(pod.spec.nodeName ?? '')
    if (typeof kubelet === 'string') throw undialled(errand, `${pod.status.hostIP ?? ''}:10250`, kubelet)
    const refusal = kubelet.refusalOf(requestOf(errand), shown())
    if (refusal) throw refused(errand, refusal)
    return kubelet
  }

/** The API server's way to a node's kubelet. Source: kubernetes/pkg/registry/core/pod/strategy.go (LogLocation, ExecLocation) */
function createAccess(server: ApiServer, kubeletOf: DialKubelet): NodeAccess {
  const podOf = (key: ObjectKey, container: string): Pod => {
    const pod = server.stored(pods, key)
    if (!pod) throw notFound('pods', key.name)
    const containers = [
      ...pod.spec.containers,
      ...(pod.spec.initContainers ?? []),
      ...(pod.spec.ephemeralContainers ?? []),
    ]
    if (!containers.some((candidate) => candidate.name === container)) {
      throw badRequest(`container ${container} is not valid for pod ${key.name}`)
    }
    return pod
  }
  return {
    logs(request, onText) {
      const key = { namespace: request.namespace, name: request.pod }
      server.check({ user: request.user }, 'get', pods, key, 'log')
      const pod = podOf(key, request.container)
      // A Pod without a node has said nothing yet.
      const path = `containerLogs/${key.namespace}/${key.name}/${request.container}`
      const kubelet = pod.spec.nodeName ? kubeletOf(pod, { kind: 'log', path, pod: key.name }) : undefined
      const { sinceTime, user: _, ...query } = request
      return {
        start(resume) {
          if (!kubelet) {
            resume(undefined)
            return () => undefined
          }
          const sinceEpochMs = sinceTime ? Date.parse(sinceTime) : undefined
          const reading = kubelet.logs(key, request.container, { ...query, sinceEpochMs }, onText, () =>
            resume(undefined),
          )
          if ('error' in reading) throw badRequest(reading.error)
          if (!request.follow) resume(undefined)
          return reading.close
        },
      }
    },
    attach(request, onText) {
      const key = { namespace: request.namespace, name: request.pod }
      server.check({ user: request.user }, 'create', pods, key, 'attach')
      const { container } = request
      const stdin = request.stdin !== undefined
      server.admitConnect(request.user, key, 'attach', { stdin, stdout: true, stderr: true, container })
      const pod = podOf(key, request.container)
      if (!pod.spec.nodeName) throw badRequest(`pod ${key.name} does not have a host assigned`)
      const kubelet = kubeletOf(pod, { kind: 'stream' })
      return {
        start(resume) {
          const attached = kubelet.attach(key, request.container, request.stdin, onText, (exitCode) =>
            resume({ exitCode }),
          )
          if (!('error' in attached)) return attached.close
          resume({ error: attached.error })
          return () => undefined
        },
      }
    },
    exec(request, streams) {
      const key = { namespace: request.namespace, name: request.pod }
      // A WebSocket is opened with GET; both verbs are asked for since v1.35.
      server.check({ user: request.user }, 'create', pods, key, 'exec')
      const { container, command, tty } = request
      const stdin = request.stdin !== undefined
      server.admitConnect(request.user, key, 'exec', { stdin, stdout: true, stderr: !tty, tty, container, command })
      const pod = podOf(key, request.container)
      if (!pod.spec.nodeName) throw badRequest(`pod ${key.name} does not have a host assigned`)
      const kubelet = kubeletOf(pod, { kind: 'stream' })
      return {
        start(resume) {
          const running = kubelet.exec(key, request.container, request.command, {
            stdin: request.stdin === undefined ? undefined : createTextInput(request.stdin),
            tty: request.tty,
            onOutput: (stream, text) => streams[stream](text),
            onExit: (exitCode) => resume({ exitCode }),
          })
          if ('error' in running) {
            resume({ error: running.error })
            return () => undefined
          }
          return running.kill
        },
      }
    },
  }
}
