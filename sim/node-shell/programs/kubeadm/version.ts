/** kubeadm version. Source: cmd/kubeadm/app/cmd/version.go */
import { printYaml } from '../../../kubectl/printers/yaml.ts'
import type { Process } from '../../../runtime/process.ts'
import { goVersion, serverVersion } from '../../../version.ts'
import { releaseOfProgram } from '../../packages/database.ts'
import { type KubeadmCommand, KubeadmError } from './command-line.ts'

/** Which release the kubeadm of this node is. */
export const releaseOfKubeadm = ({ files }: Process): string =>
  releaseOfProgram(files, '/usr/bin/kubeadm') ?? serverVersion

export const version: KubeadmCommand = {
  name: 'version',
  short: 'Print the version of kubeadm',
  flags: { text: ['output'] },
  run({ process, flags }) {
    const release = releaseOfKubeadm(process)
    const [, major, minor] = /v(\d+)\.(\d+)/.exec(release) ?? []
    const info = {
      major,
      minor,
      gitVersion: release,
      gitTreeState: 'clean',
      goVersion,
      compiler: 'gc',
      platform: 'linux/amd64',
    }
    const format = flags.get('output') ?? ''
    const print = (text: string): void => process.stdout.write(`${text}\n`)
    if (format === 'short') print(release)
    else if (format === 'json') print(JSON.stringify({ clientVersion: info }, undefined, 2))
    else if (format === 'yaml') print(printYaml({ clientVersion: info }))
    else if (format !== '') throw new KubeadmError(`invalid output format: ${format}`)
    else
      print(
        `kubeadm version: &version.Info{Major:"${major}", Minor:"${minor}", GitVersion:"${release}", GitTreeState:"clean", GoVersion:"${goVersion}", Compiler:"gc", Platform:"linux/amd64"}`,
      )
  },
}
