/**
 * kubeadm reset: a worker is a machine without a cluster again. Simplified: none of the control plane's nodes is.
 * Sources: cmd/kubeadm/app/cmd/reset.go, cmd/phases/reset
 */
import type { Run } from '../../../images/programs/support.ts'
import { FileError } from '../../../runtime/files.ts'
import { type Process, waitFor } from '../../../runtime/process.ts'
import { type Invocation, type KubeadmCommand, KubeadmError } from './command-line.ts'

const folders = ['/etc/kubernetes/manifests', '/var/lib/kubelet', '/etc/kubernetes/pki']
const files = ['admin', 'super-admin', 'kubelet', 'bootstrap-kubelet', 'controller-manager', 'scheduler'].map(
  (name) => `/etc/kubernetes/${name}.conf`,
)

export const reset: KubeadmCommand = {
  name: 'reset',
  short: "Performs a best effort revert of changes made to this host by 'kubeadm init' or 'kubeadm join'",
  flags: {
    bool: ['cleanup-tmp-dir', 'dry-run', 'force'],
    text: ['cert-dir', 'config', 'cri-socket', 'ignore-preflight-errors', 'kubeconfig', 'skip-phases'],
  },
  waits: run,
}

function* run({ process, machine, flags }: Invocation): Run {
  const say = (text: string): void => process.stdout.write(`${text}\n`)
  if (flags.get('dry-run') === 'true') throw new KubeadmError('podium: --dry-run of kubeadm reset is not simulated')
  if (machine.controlPlane)
    throw new KubeadmError('podium: the control plane of this cluster stays; a worker can be reset')
  if (flags.get('force') !== 'true') {
    process.stderr.write(
      "[reset] WARNING: Changes made to this host by 'kubeadm init' or 'kubeadm join' will be reverted.\n",
    )
    process.stdout.write('[reset] Are you sure you want to proceed? [y/N]: ')
    const line = (yield* waitFor(process.stdin.readLine())) ?? ''
    if (!/^y(?:es)?$/i.test(line.trim()))
      throw new KubeadmError(
        "error execution phase preflight: won't proceed; the user didn't answer (Y|y) in order to continue",
      )
  }
  say('[preflight] Running pre-flight checks')
  process.stderr.write('[reset] No kubeadm config, using etcd pod spec to get data directory\n')
  say('[reset] Deleted contents of the etcd data directory: /var/lib/etcd')
  say('[reset] Stopping the kubelet service')
  machine.kubelet.stop()
  say('[reset] Unmounting mounted directories in "/var/lib/kubelet"')
  const child = process.spawn({ argv: ['/usr/bin/crictl', 'rmp', '-f', '-a'], stdout: nowhere, stderr: nowhere })
  if ('pid' in child) yield* waitFor(process.waitChild(child.pid))
  say(`[reset] Deleting contents of directories: [${folders.join(' ')}]`)
  for (const folder of folders)
    try {
      if (process.files.exists(folder))
        for (const name of process.files.list(folder)) removeIfMay(process, `${folder}/${name}`)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      process.stderr.write(
        `[reset] Failed to delete contents of ${JSON.stringify(folder)} directory: ${error.message}\n`,
      )
    }
  say(`[reset] Deleting files: [${files.join(' ')}]`)
  for (const path of files) if (process.files.exists(path)) removeIfMay(process, path)
  say(`
The reset process does not perform cleanup of CNI plugin configuration,
network filtering rules and kubeconfig files.

For information on how to perform this cleanup manually, please see:
    https://k8s.io/docs/reference/setup-tools/kubeadm/kubeadm-reset/
`)
  return 0
}

/** What the machine itself shows there comes and goes by itself. */
function removeIfMay({ files }: Process, path: string): void {
  try {
    files.remove(path, { recursive: true })
  } catch (error) {
    if (!(error instanceof FileError)) throw error
  }
}

const nowhere = { write: (): void => undefined, isTerminal: false }
