/** kubeadm upgrade. Source: cmd/kubeadm/app/cmd/upgrade/upgrade.go */
import type { KubeadmCommand } from '../command-line.ts'
import { apply } from './apply.ts'
import { node } from './node.ts'
import { plan } from './plan.ts'

const everywhere = { text: ['config', 'kubeconfig', 'ignore-preflight-errors'] }

export const upgrade: KubeadmCommand = {
  name: 'upgrade',
  short: 'Upgrade your cluster smoothly to a newer version with this command',
  commands: [
    {
      name: 'apply',
      short: 'Upgrade your Kubernetes cluster to the specified version',
      flags: {
        text: [...everywhere.text, 'patches', 'skip-phases'],
        bool: ['certificate-renewal', 'dry-run', 'etcd-upgrade', 'force', 'yes'],
      },
      takesArguments: true,
      waits: apply,
    },
    node,
    {
      name: 'plan',
      short:
        'Check which versions are available to upgrade to and validate whether your current cluster is upgradeable.',
      flags: { text: everywhere.text, bool: ['etcd-upgrade'] },
      takesArguments: true,
      waits: plan,
    },
  ],
}
