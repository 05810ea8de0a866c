/** kubeadm upgrade node: another node follows, of the control plane or not, in all phases or in one. Source: cmd/kubeadm/app/cmd/upgrade/node.go */
import type { Run } from '../../../../images/programs/support.ts'
import { KUBELET_CONF } from '../../../../kubeadm/places.ts'
import type { Invocation, KubeadmCommand } from '../command-line.ts'
import { refuseMixed } from '../configuration-file.ts'
import { type Phase, phaseCommands, runPhases, type Waits, type Workflow } from '../phases.ts'
import { pullImages } from './apply.ts'
import { ADMIN_CONF } from './cluster.ts'
import { toldOf } from './configuration.ts'
import {
  addonFamily,
  addonPhases,
  flagsOfControlPlane,
  kubeconfigPhase,
  kubeletConfigPhase,
  postUpgradePhase,
  type Upgrade,
  upgradeOf,
} from './shared-phases.ts'
import { upgradeStaticPods } from './static-pods.ts'

const SERVER_MANIFEST = '/etc/kubernetes/manifests/kube-apiserver.yaml'

const phases: readonly Phase<Upgrade>[] = [
  {
    name: 'preflight',
    short: 'Run upgrade node pre-flight checks',
    flags: { text: ['config', 'ignore-preflight-errors'] },
    run: preflight,
  },
  {
    name: 'control-plane',
    short: 'Upgrade the control plane instance deployed on this node, if any',
    flags: flagsOfControlPlane,
    run: controlPlane,
  },
  kubeconfigPhase,
  kubeletConfigPhase,
  ...addonPhases,
  postUpgradePhase,
]

const workflow: Workflow<Upgrade> = {
  name: 'node',
  phases,
  families: [addonFamily],
  prepare(invocation) {
    const isControlPlane = invocation.process.files.exists(SERVER_MANIFEST)
    const path = invocation.flags.get('kubeconfig') ?? (isControlPlane ? ADMIN_CONF : KUBELET_CONF)
    const told = toldOf(invocation, 'node')
    return upgradeOf(told, path, isControlPlane, 'unable to fetch the kubeadm-config ConfigMap')
  },
}

function* preflight({ invocation, isControlPlane, isDry, say }: Upgrade): Waits {
  say('[upgrade/preflight] Running pre-flight checks')
  if (!isControlPlane) say('[upgrade/preflight] Skipping prepull. Not a control plane node.')
  else if (isDry) say("[upgrade/preflight] Would pull the required images (like 'kubeadm config images pull')")
  else yield* pullImages(invocation)
}

function* controlPlane({ invocation, cluster, configuration, isControlPlane, isDry, say }: Upgrade): Waits {
  if (!isControlPlane) {
    say('[upgrade/control-plane] Skipping phase. Not a control plane node.')
    return
  }
  const release = JSON.stringify(configuration.kubernetesVersion)
  say(`[upgrade/control-plane] Upgrading your Static Pod-hosted control plane instance to version ${release}...`)
  if (isDry) {
    say(`[dryrun] Would upgrade your static Pod-hosted control plane to version ${release}`)
    return
  }
  yield* upgradeStaticPods(invocation, cluster, configuration)
  say('[upgrade/control-plane] The control plane instance for this node was successfully upgraded!')
}

function* runNode(invocation: Invocation): Run {
  refuseMixed(invocation.flags)
  const upgrade = workflow.prepare(invocation)
  yield* runPhases(workflow, invocation, upgrade)
  // Whatever a file says of it.
  if (invocation.flags.get('dry-run') === 'true') upgrade.say('[upgrade/successful] Finished dryrunning successfully!')
  return 0
}

export const node: KubeadmCommand = {
  name: 'node',
  short: 'Upgrade commands for a node in the cluster',
  flags: {
    text: ['config', 'kubeconfig', 'ignore-preflight-errors', 'patches', 'skip-phases'],
    bool: ['certificate-renewal', 'dry-run', 'etcd-upgrade'],
  },
  waits: runNode,
  commands: [phaseCommands(workflow)],
}
