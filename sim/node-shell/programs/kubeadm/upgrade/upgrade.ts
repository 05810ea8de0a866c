/** kubeadm upgrade. Source: cmd/kubeadm/app/cmd/upgrade/upgrade.go */
import type { KubeadmCommand } from '../command-line.ts'
import { apply } from './apply.ts'
import { diff } from './diff.ts'
import { node } from './node.ts'
import { plan } from './plan.ts'

export const upgrade: KubeadmCommand = {
  name: 'upgrade',
  short: 'Upgrade your cluster smoothly to a newer version with this command',
  commands: [apply, diff, node, plan],
}
