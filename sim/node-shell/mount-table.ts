/**
 * What is mounted on a node: its own file systems, and of each container the overlay that is its root; and the layers that these are made of.
 * Simplified: of a layer only what a container wrote itself is shown, without the marks for what it removed.
 * Sources: proc_pid_mounts(5); Documentation/filesystems/overlayfs.rst of Linux; containerd's overlayfs snapshotter
 */
import type { Volume } from '../api/core/pod-types.ts'
import type { RuntimeContainer } from '../kubelet/container-runtime.ts'
import type { DirectoryNode, TreeNode } from '../runtime/file-tree.ts'
import type { NodeMachine } from './machine.ts'
import { namespaceName } from './programs/ip.ts'

const SNAPSHOTS = '/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots'
const TASKS = '/run/containerd/io.containerd.runtime.v2.task/k8s.io'
const SANDBOXES = '/run/containerd/io.containerd.grpc.v1.cri/sandboxes'

const own = `/dev/vda1 / ext4 rw,relatime 0 0
proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0
sysfs /sys sysfs rw,nosuid,nodev,noexec,relatime 0 0
cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nodev,noexec,relatime 0 0
tmpfs /run tmpfs rw,nosuid,nodev,mode=755 0 0
`

export function mountTable({ kubelet }: NodeMachine): string {
  const lines: string[] = []
  for (const { uid, pod, volumes } of kubelet.podRecords())
    for (const volume of pod.spec.volumes ?? []) {
      const isInMemory = volume.secret ?? volume.projected ?? volume.downwardAPI ?? volume.emptyDir?.medium === 'Memory'
      if (isInMemory && volumes.has(volume.name))
        lines.push(
          `tmpfs /var/lib/kubelet/pods/${uid}/volumes/${pluginFolderOf(volume)}/${volume.name} tmpfs rw,relatime 0 0`,
        )
    }
  for (const [uid, { sandbox, containers }] of kubelet.runtime.allPods) {
    if (!sandbox?.isReady) continue
    if (!sandbox.request.hostNetwork) lines.push(`nsfs /run/netns/cni-${namespaceName(uid)} nsfs rw 0 0`)
    if (!sandbox.request.hostIPC)
      lines.push(`shm ${SANDBOXES}/${sandbox.id}/shm tmpfs rw,nosuid,nodev,noexec,relatime,size=65536k 0 0`)
    for (const container of [...containers].reverse())
      if (container.status.state === 'running') lines.push(overlayOf(container))
  }
  return own + lines.map((line) => `${line}\n`).join('')
}

/** Where the volumes of a Pod lie, of the kinds that have a directory of the Pod's own. */
export const pluginFolderOf = (volume: Volume): string | undefined =>
  Object.entries(pluginFolders).find(([source]) => volume[source as keyof Volume])?.[1]

const pluginFolders: Readonly<Record<string, string>> = {
  configMap: 'kubernetes.io~configmap',
  secret: 'kubernetes.io~secret',
  projected: 'kubernetes.io~projected',
  downwardAPI: 'kubernetes.io~downward-api',
  emptyDir: 'kubernetes.io~empty-dir',
}

/** The uppermost layer stands first. */
function overlayOf({ status, snapshots: { lower, upper } }: RuntimeContainer): string {
  const lowers = [...lower].reverse().map((number) => `${SNAPSHOTS}/${number}/fs`)
  return `overlay ${TASKS}/${status.id}/rootfs overlay rw,relatime,lowerdir=${lowers.join(':')},upperdir=${SNAPSHOTS}/${upper}/fs,workdir=${SNAPSHOTS}/${upper}/work 0 0`
}

interface Make {
  file(read: () => string, mode?: number): TreeNode
  directory(list: () => Map<string, TreeNode>, mode?: number): TreeNode
}

/** By their numbers: those of containers, whatever has become of them. */
export function snapshots({ kubelet }: NodeMachine, make: Make): Map<string, TreeNode> {
  const all = [...kubelet.runtime.allPods.values()].flatMap(({ containers }) => containers)
  return new Map(
    all
      .map((container) => [String(container.snapshots.upper), snapshotOf(container, make)] as const)
      .sort(([a], [b]) => Number(a) - Number(b)),
  )
}

/** These the kubelet mounts from elsewhere. */
const mountedOver = new Set(['/etc/hosts', '/etc/hostname', '/etc/resolv.conf'])

function snapshotOf({ spec }: RuntimeContainer, make: Make): TreeNode {
  const { root, isOwn } = spec.files.ownLayer()
  const written = (directory: DirectoryNode, path: string): Map<string, TreeNode> =>
    new Map(
      [...directory.entries].flatMap(([name, node]): [string, TreeNode][] => {
        const at = `${path}/${name}`
        if (!isOwn(node) || mountedOver.has(at)) return []
        if (node.kind === 'directory') {
          // One that was only looked into on the way to what is mounted over.
          const isEmptied = at === '/etc' && written(node, at).size === 0
          return isEmptied ? [] : [[name, make.directory(() => written(node, at), node.mode)]]
        }
        return [[name, node.kind === 'file' ? make.file(() => node.content, node.mode) : node]]
      }),
    )
  return make.directory(
    () =>
      new Map([
        ['fs', make.directory(() => (isOwn(root) ? written(root, '') : new Map()))],
        ['work', make.directory(() => new Map())],
      ]),
    0o700,
  )
}
