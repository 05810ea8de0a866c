/**
 * kubeadm on a node: the certificates of the control plane, bootstrap tokens, kubeconfigs, the images that it uses, upgrades, and
 * machines that become workers. Simplified: no control plane is set up; that of a cluster is there already. Source: cmd/kubeadm/app/cmd
 */
import { CommandFailed } from '../../../components/component.ts'
import { KubectlError } from '../../../kubectl/errors.ts'
import { FileError } from '../../../runtime/files.ts'
import type { NodeProgram } from '../../machine.ts'
import { certs } from './certs.ts'
import { type KubeadmCommand, KubeadmError, runCommand } from './command-line.ts'
import { config } from './config.ts'
import { init } from './init.ts'
import { join } from './join.ts'
import { kubeconfig } from './kubeconfig.ts'
import { reset } from './reset.ts'
import { token } from './token.ts'
import { upgrade } from './upgrade/upgrade.ts'
import { version } from './version.ts'

const root: KubeadmCommand = {
  name: 'kubeadm',
  short: 'kubeadm: easily bootstrap a secure Kubernetes cluster',
  commands: [certs, config, init, join, kubeconfig, reset, token, upgrade, version],
}

export const kubeadm: NodeProgram = {
  path: '/usr/bin/kubeadm',
  make: (machine) =>
    function* (process) {
      try {
        return yield* runCommand(process, machine, root, process.argv.slice(1))
      } catch (error) {
        const isTold = [KubeadmError, CommandFailed, FileError, KubectlError].some((one) => error instanceof one)
        if (!(error instanceof Error && isTold)) throw error
        process.stderr.write(
          `error: ${error.message}\nTo see the stack trace of this error execute with --v=5 or higher\n`,
        )
        return 1
      }
    },
}
