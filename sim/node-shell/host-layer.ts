/**
 * The files of a node: its system, as an installation of Kubernetes by kubeadm leaves it, and what its services show of themselves.
 * What changes by itself (logs, the directories of Pods) is worked out when somebody looks.
 */

import { linuxFiles } from '../images/base-files.ts'
import { issue } from '../kubeadm/certificates.ts'
import { isForRoot } from '../kubeadm/files.ts'
import { kubeletConfiguration, kubeletKubeconfig } from '../kubeadm/kubelet-config.ts'
import { logPathOf } from '../kubelet/container-access.ts'
import { wantsLink } from '../kubelet/node-processes.ts'
import { capacityOf } from '../kubelet/node-status.ts'
import type { PodRecord } from '../kubelet/pod-record.ts'
import { apiServerIP, apiServerPort } from '../network/address.ts'
import { createLayer, executableMark } from '../runtime/file-system.ts'
import { FileTree, liveDirectory, liveFile, nodeAt, type TreeNode } from '../runtime/file-tree.ts'
import { nodeProgramMark } from '../runtime/kernel.ts'
import { kernelVersion } from '../runtime/kernel-version.ts'
import { cgroupTree } from './cgroup-tree.ts'
import type { NodeMachine } from './machine.ts'
import { mountTable, pluginFolderOf, snapshots } from './mount-table.ts'

const releaseFiles: Readonly<Record<string, string>> = {
  '/etc/os-release':
    'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nNAME="Debian GNU/Linux"\nVERSION_ID="13"\nVERSION="13 (trixie)"\nVERSION_CODENAME=trixie\nID=debian\nHOME_URL="https://www.debian.org/"\n',
  '/etc/debian_version': '13.1\n',
}

const cniConfig = `{
  "name": "cbr0",
  "cniVersion": "0.3.1",
  "plugins": [
    {
      "type": "flannel",
      "delegate": {
        "hairpinMode": true,
        "isDefaultGateway": true
      }
    },
    {
      "type": "portmap",
      "capabilities": {
        "portMappings": true
      }
    }
  ]
}
`

const kubeletUnit = `[Unit]
Description=kubelet: The Kubernetes Node Agent
Documentation=https://kubernetes.io/docs/
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/bin/kubelet
Restart=always
StartLimitInterval=0
RestartSec=10

[Install]
WantedBy=multi-user.target
`

const kubeadmDropIn = `[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
`

/** What kubeadm has written when a machine became a node. */
const filesOfNode: Readonly<Record<string, string>> = {
  '/etc/kubernetes/kubelet.conf': kubeletKubeconfig(`${apiServerIP}:${apiServerPort}`),
  '/var/lib/kubelet/kubeadm-flags.env': 'KUBELET_KUBEADM_ARGS=""\n',
  '/var/lib/kubelet/pki/': '',
}

/**
 * What is the same on every node of a cluster.
 * @param files the cluster's authority, and what some nodes have besides
 * @param isNode false for a machine that is none yet
 */
export function createSystemLayer(
  programPaths: readonly string[],
  epochMs: number,
  files: Readonly<Record<string, string>>,
  isNode = true,
): FileTree {
  const executables = Object.fromEntries(
    programPaths.map((path) => [path, `${executableMark}${nodeProgramMark}${path}`]),
  )
  return createLayer({
    epochMs,
    executables: programPaths,
    isForRoot,
    files: {
      ...linuxFiles,
      ...releaseFiles,
      ...executables,
      ...files,
      '/etc/passwd': linuxFiles['/etc/passwd'].replace('/root:/bin/sh', '/root:/bin/bash'),
      '/etc/resolv.conf': 'nameserver 172.18.0.1\noptions edns0\n',
      '/etc/default/': '',
      '/etc/crictl.yaml': 'runtime-endpoint: unix:///run/containerd/containerd.sock\n',
      '/etc/cni/net.d/10-flannel.conflist': cniConfig,
      '/etc/containerd/config.toml':
        'version = 3\nroot = "/var/lib/containerd"\nstate = "/run/containerd"\n\n[grpc]\n  address = "/run/containerd/containerd.sock"\n\n[plugins."io.containerd.cri.v1.runtime".containerd]\n  default_runtime_name = "runc"\n',
      '/etc/kubernetes/manifests/': '',
      ...(isNode ? filesOfNode : {}),
      '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf': kubeadmDropIn,
      '/usr/lib/systemd/system/kubelet.service': kubeletUnit,
      '/lib/systemd': '-> /usr/lib/systemd',
      [wantsLink('kubelet')]: '-> /usr/lib/systemd/system/kubelet.service',
      [wantsLink('containerd')]: '-> /usr/lib/systemd/system/containerd.service',
      '/opt/cni/bin/': '',
      '/usr/local/bin/': '',
      '/usr/local/sbin/': '',
      '/var/lib/kubelet/': '',
      '/var/lib/containerd/': '',
      '/proc/version': `Linux version ${kernelVersion}\n`,
      '/proc/sys/net/ipv4/ip_forward': '1\n',
      '/run/containerd/': '',
      '/sys/': '',
      '/dev/null': '',
    },
  })
}

/** A node's files at first, on top of what every node has. */
export function createHostLayer(system: FileTree, machine: NodeMachine): FileTree {
  const layer = new FileTree(system, machine.engine.epochMs)
  showLive(layer, machine)
  return layer
}

const cpuInfo = ({ shape }: NodeMachine): string =>
  Array.from(
    { length: Math.max(1, Math.floor(Number(shape.cpu ?? 2))) },
    (_, n) => `processor\t: ${n}\nmodel name\t: Podium virtual CPU\n\n`,
  ).join('')

const textFile = (owner: FileTree, content: string, modifiedEpochMs: number): TreeNode => ({
  kind: 'file',
  ...{ mode: 0o644, uid: 0, gid: 0, owner, content, contentBytes: content.length, sparseBytes: 0, modifiedEpochMs },
})

/** Puts in place what is worked out when somebody looks. */
function showLive(layer: FileTree, machine: NodeMachine): void {
  const { shape } = machine
  // The kubelet is there when somebody looks.
  const { engine } = machine
  const attributes = { modifiedEpochMs: () => engine.epochMs }
  const file = (read: () => string, mode?: number): TreeNode => liveFile(layer, read, { ...attributes, mode })
  /** Until somebody writes it. */
  const replaceable = (read: () => string, mode?: number): TreeNode =>
    liveFile(layer, read, { ...attributes, mode, isReplaceable: true })
  const directory = (list: () => Map<string, TreeNode>, mode?: number, unlink?: (name: string) => void): TreeNode =>
    liveDirectory(layer, list, { ...attributes, mode, unlink })
  const link = (target: string): TreeNode => ({
    kind: 'symlink',
    target,
    mode: 0o777,
    uid: 0,
    gid: 0,
    modifiedEpochMs: engine.epochMs,
    owner: layer,
  })
  const put = (folder: string, name: string, node: TreeNode): void => {
    const parent = layer.own(layer.root, folder.split('/').filter(Boolean))
    if (parent.kind === 'directory') parent.entries.set(name, node)
  }
  put(
    '/var/lib/containerd',
    'io.containerd.snapshotter.v1.overlayfs',
    directory(() => new Map([['snapshots', directory(() => snapshots(machine, { file, directory }))]])),
  )
  put(
    '/sys',
    'fs',
    directory(() => new Map([['cgroup', cgroupTree(machine, { file, directory })]])),
  )
  const containers = () =>
    [...machine.kubelet.runtime.allPods.values()].flatMap(({ containers, sandbox }) =>
      containers.map((container) => ({ container, sandbox })),
    )

  const withLogs = () => containers().filter(({ container: { log } }) => !log.isUnlinked)
  /** The log of whose run is gone, or of all that the path leads to. */
  const unlinkLogs = (path: string): void => {
    for (const { container } of withLogs())
      if (`${logPathOf(container)}/`.startsWith(`${path}/`)) container.log.unlink()
  }
  put(
    '/var/log',
    'pods',
    directory(
      () => {
        const byPod = new Map<string, Map<string, Map<string, TreeNode>>>()
        for (const { container } of withLogs()) {
          const { object, podUid, spec, log } = container
          const pod = `${object.namespace}_${object.name}_${podUid}`
          const byName = byPod.get(pod) ?? new Map<string, Map<string, TreeNode>>()
          byPod.set(pod, byName)
          const files = byName.get(spec.name) ?? new Map<string, TreeNode>()
          byName.set(spec.name, files)
          files.set(
            `${container.status.restartCount}.log`,
            file(() => log.fileText(), 0o640),
          )
        }
        const folderOf = (path: string, list: () => Map<string, TreeNode>): TreeNode =>
          liveDirectory(layer, list, { ...attributes, unlink: (name) => unlinkLogs(`${path}/${name}`) })
        return new Map(
          [...byPod].map(([pod, byName]) => [
            pod,
            folderOf(
              `/var/log/pods/${pod}`,
              () =>
                new Map(
                  [...byName].map(([name, files]) => [name, folderOf(`/var/log/pods/${pod}/${name}`, () => files)]),
                ),
            ),
          ]),
        )
      },
      undefined,
      (name) => unlinkLogs(`/var/log/pods/${name}`),
    ),
  )
  put(
    '/var/log',
    'containers',
    directory(
      () =>
        new Map(
          containers().map(({ container }) => [
            `${container.object.name}_${container.object.namespace}_${container.spec.name}-${container.status.id}.log`,
            link(logPathOf(container)),
          ]),
        ),
    ),
  )
  put(
    '/var/lib/kubelet',
    'pods',
    directory(
      () =>
        new Map(
          [...machine.kubelet.podRecords()].map((record) => [
            record.uid,
            directory(() => podDirectory(record, directory), 0o750),
          ]),
        ),
    ),
  )
  const { name } = shape
  put(
    '/etc',
    'hostname',
    replaceable(() => `${name}\n`),
  )
  put(
    '/etc',
    'hosts',
    replaceable(() => `127.0.0.1\tlocalhost\n${machine.ip}\t${name}\n`),
  )
  if (shape.joined !== false) {
    // Written once: whoever edits it edits what the kubelet reads when it starts.
    put('/var/lib/kubelet', 'config.yaml', textFile(layer, kubeletConfiguration(shape), engine.epochMs))
    let own: string | undefined
    const credential = (): string => (own ??= kubeletCredential(machine))
    put('/var/lib/kubelet/pki', 'kubelet-client-current.pem', replaceable(credential, 0o600))
  }
  put(
    '/proc',
    'cpuinfo',
    file(() => cpuInfo(machine)),
  )
  put(
    '/proc',
    'meminfo',
    file(() => memInfo(machine)),
  )
  put(
    '/proc',
    'uptime',
    file(() => {
      const seconds = uptimeSeconds(machine)
      return `${seconds.toFixed(2)} ${(seconds * 2).toFixed(2)}\n`
    }),
  )
  put(
    '/proc',
    'loadavg',
    file(() => `${loadAverage(machine)} 1/${machine.kubelet.runtime.pids.used} 1\n`),
  )
  put(
    '/proc',
    'mounts',
    file(() => mountTable(machine)),
  )
}

/** With what the kubelet goes to the API server: its certificate, and its key behind it. Simplified: it is never renewed. */
function kubeletCredential({ shape: { name }, certifiedMs, authority }: NodeMachine): string {
  const content = {
    commonName: `system:node:${name}`,
    organizations: ['system:nodes'],
    usages: ['client auth'] as const,
  }
  const { certificate, privateKey } = issue(content, authority, certifiedMs)
  return `${certificate}${privateKey}`
}

const mapOf = <T>(map: ReadonlyMap<string, T>, make: (value: T) => TreeNode): Map<string, TreeNode> =>
  new Map([...map].map(([name, value]) => [name, make(value)]))

/** The directories of volumes by their plugin: `volumes/kubernetes.io~configmap/settings`. */
function podDirectory(
  { pod, volumes }: PodRecord,
  directory: (list: () => Map<string, TreeNode>) => TreeNode,
): Map<string, TreeNode> {
  const byPlugin = new Map<string, Map<string, TreeNode>>()
  for (const volume of pod.spec.volumes ?? []) {
    const mounted = volumes.get(volume.name)
    const plugin = pluginFolderOf(volume)
    if (!mounted || !plugin) continue
    const node = nodeAt(mounted.tree.tree.root, mounted.root.split('/').filter(Boolean))
    if (!node) continue
    const found = byPlugin.get(plugin) ?? new Map<string, TreeNode>()
    byPlugin.set(plugin, found)
    found.set(volume.name, node)
  }
  return new Map([['volumes', directory(() => mapOf(byPlugin, (found) => directory(() => found)))]])
}

/** Since the machine came up: its first process is as old. */
export const uptimeSeconds = ({ kubelet, engine }: NodeMachine): number =>
  (engine.nowMs - (kubelet.runtime.processes.pids.processes()[0]?.startedMs ?? 0)) / 1000

/** Simplified: the same over one, five and fifteen minutes. */
export function loadAverage({ kubelet }: NodeMachine): string {
  const millis = kubelet.runtime.running().reduce((sum, { handle }) => sum + (handle?.cpuUsage().millis ?? 0), 0)
  const load = (millis / 1000).toFixed(2)
  return `${load} ${load} ${load}`
}

/** Bytes of memory: of the machine, in use, left. */
export function memoryOf({ kubelet, shape }: NodeMachine): {
  totalBytes: number
  usedBytes: number
  freeBytes: number
} {
  const totalBytes = capacityOf(shape).memoryBytes
  const usedBytes = Math.min(totalBytes, kubelet.runtime.usedMemoryBytes())
  return { totalBytes, usedBytes, freeBytes: totalBytes - usedBytes }
}

function memInfo(machine: NodeMachine): string {
  const { totalBytes, freeBytes } = memoryOf(machine)
  const line = (name: string, bytes: number): string =>
    `${`${name}:`.padEnd(15)} ${String(Math.floor(bytes / 1024)).padStart(8)} kB\n`
  return (
    line('MemTotal', totalBytes) + line('MemFree', freeBytes) + line('MemAvailable', freeBytes) + line('SwapTotal', 0)
  )
}
