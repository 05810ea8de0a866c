/**
 * kubeadm on a node: the certificates of the control plane, bootstrap tokens, kubeconfigs, the images that it uses, upgrades. Simplified: no
 * node is set up, joined or reset; the machines of a cluster are that already. Source: cmd/kubeadm/app/cmd
 */
import { CommandFailed } from '../../../components/component.ts'
import { FileError } from '../../../runtime/files.ts'
import type { NodeProgram } from '../../machine.ts'
import { certs } from './certs.ts'
import { type KubeadmCommand, KubeadmError, runCommand } from './command-line.ts'
import { config } from './config.ts'
import { kubeconfig } from './kubeconfig.ts'
import { token } from './token.ts'
import { upgrade } from './upgrade/upgrade.ts'
import { version } from './version.ts'

const notSimulated = (name: string, short: string): KubeadmCommand => ({
  name,
  short,
  takesArguments: true,
  run() {
    throw new KubeadmError(`podium: kubeadm ${name} is not simulated: the machines of this cluster are set up already`)
  },
})

const root: KubeadmCommand = {
  name: 'kubeadm',
  short: 'kubeadm: easily bootstrap a secure Kubernetes cluster',
  commands: [
    certs,
    config,
    notSimulated('init', 'Run this command in order to set up the Kubernetes control plane'),
    notSimulated('join', 'Run this on any machine you wish to join an existing cluster'),
    kubeconfig,
    notSimulated(
      'reset',
      "Performs a best effort revert of changes made to this host by 'kubeadm init' or 'kubeadm join'",
    ),
    token,
    upgrade,
    version,
  ],
}

export const kubeadm: NodeProgram = {
  path: '/usr/bin/kubeadm',
  make: (machine) =>
    function* (process) {
      try {
        return yield* runCommand(process, machine, root, process.argv.slice(1))
      } catch (error) {
        if (!(error instanceof KubeadmError || error instanceof CommandFailed || error instanceof FileError))
          throw error
        process.stderr.write(
          `error: ${error.message}\nTo see the stack trace of this error execute with --v=5 or higher\n`,
        )
        return 1
      }
    },
}
