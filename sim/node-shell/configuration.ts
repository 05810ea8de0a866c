/** The files of a node by which it runs as it does: certificates and manifests, units, and what the kubelet, containerd and the network read. */
import { nodeCredentialFiles } from '../kubelet/pull-secrets.ts'
import { type FileTree, nodeAt, type TreeNode } from '../runtime/file-tree.ts'

/** Each file, link and folder below them, and each folder that somebody may put another one into. */
const folders: readonly string[] = [
  ...['/etc/kubernetes', '/etc/systemd/system', '/usr/lib/systemd/system', '/etc/containerd', '/etc/cni/net.d'],
  ...['/etc/default', '/etc/sysctl.d', '/etc/profile.d', '/etc/cron.d', '/var/spool/cron'],
]
const single: readonly string[] = [
  ...['/etc/hosts', '/etc/resolv.conf', '/etc/hostname', '/etc/fstab', '/etc/crictl.yaml', '/etc/passwd'],
  ...['/var/lib/kubelet/config.yaml', '/var/lib/kubelet/kubeadm-flags.env', '/usr/bin/kubelet'],
  ...nodeCredentialFiles,
]

/** What lies at a path: its mode, and its text or where it leads. What nobody has written yet has no text, and neither has a folder. */
export interface ConfigurationFile {
  kind: TreeNode['kind']
  mode: number
  /** The user's and the group's number. */
  owner: string
  text: string | undefined
}

/** By path. */
export function configurationIn(tree: FileTree): ReadonlyMap<string, ConfigurationFile> {
  const found = new Map<string, ConfigurationFile>()
  const take = (path: string, node: TreeNode | undefined): void => {
    if (!node) return
    const { kind, mode, uid, gid } = node
    const text = node.isLive ? undefined : textOf(node)
    found.set(path, { kind, mode, owner: `${uid}:${gid}`, text })
    if (kind === 'directory' && !node.isLive) for (const [name, child] of node.entries) take(`${path}/${name}`, child)
  }
  for (const path of [...folders, ...single]) take(path, nodeAt(tree.root, path.split('/').filter(Boolean)))
  return found
}

function textOf(node: TreeNode): string | undefined {
  if (node.kind === 'symlink') return `-> ${node.target}`
  return node.kind === 'file' ? node.content : undefined
}
