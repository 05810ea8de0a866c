/** kubeadm kubeconfig user: a kubeconfig for one more user, signed by the authority of the node's files. Source: cmd/kubeadm/app/cmd/kubeconfig.go */
import { parseGoDuration } from '../../../api/meta/duration.ts'
import { issue } from '../../../kubeadm/certificates.ts'
import { kubeconfigOf } from '../../../kubeadm/files.ts'
import { PKI } from '../../../kubeadm/places.ts'
import { apiServerIP, apiServerPort } from '../../../network/address.ts'
import { loadAuthority } from './authority.ts'
import { type KubeadmCommand, KubeadmError } from './command-line.ts'

export const kubeconfig: KubeadmCommand = {
  name: 'kubeconfig',
  short: 'Kubeconfig file utilities',
  commands: [
    {
      name: 'user',
      short: 'Output a kubeconfig file for an additional user',
      flags: { text: ['client-name', 'config', 'org', 'token'], duration: ['validity-period'] },
      run({ process, machine, flags }) {
        const name = flags.get('client-name')
        if (name === undefined) throw new KubeadmError('required flag(s) "client-name" not set')
        if (flags.get('token')) throw new KubeadmError('podium: a kubeconfig with a token is not simulated here')
        const organizations = (flags.get('org') ?? '').split(',').filter(Boolean)
        const period = flags.get('validity-period')
        const issued = issue(
          { commonName: name, organizations, usages: ['client auth'] },
          loadAuthority(process, PKI, 'ca'),
          machine.engine.epochMs,
          period === undefined ? undefined : parseGoDuration(period),
        )
        const authority = process.files.read(`${PKI}/ca.crt`)
        const server = `https://${apiServerIP}:${apiServerPort}`
        process.stdout.write(kubeconfigOf({ user: name, server, authority, issued }))
      },
    },
  ],
}
