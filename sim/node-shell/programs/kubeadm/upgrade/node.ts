/** kubeadm upgrade node: another node follows, of the control plane or not. Source: cmd/kubeadm/app/cmd/upgrade/node.go */
import type { Run } from '../../../../images/programs/support.ts'
import { KUBELET_CONF } from '../../../../kubeadm/places.ts'
import type { Invocation } from '../command-line.ts'
import { upgradeAddons } from './addons.ts'
import { inPhase, pullImages } from './apply.ts'
import { ADMIN_CONF, ClusterToUpgrade } from './cluster.ts'
import { upgradeKubeletConfig } from './kubelet-config.ts'
import { upgradeStaticPods } from './static-pods.ts'

const SERVER_MANIFEST = '/etc/kubernetes/manifests/kube-apiserver.yaml'

export function* node(invocation: Invocation): Run {
  const { process, flags } = invocation
  const say = (text: string): void => process.stdout.write(`${text}\n`)
  const isControlPlane = process.files.exists(SERVER_MANIFEST)
  const isDry = flags.get('dry-run') === 'true'
  const path = flags.get('kubeconfig') ?? (isControlPlane ? ADMIN_CONF : KUBELET_CONF)
  const cluster = new ClusterToUpgrade(invocation, path)
  const configuration = cluster.configuration('upgrade', 'unable to fetch the kubeadm-config ConfigMap')
  const { kubernetesVersion: release } = configuration
  say('[upgrade/preflight] Running pre-flight checks')
  if (!isControlPlane) say('[upgrade/preflight] Skipping prepull. Not a control plane node.')
  else if (isDry) say("[upgrade/preflight] Would pull the required images (like 'kubeadm config images pull')")
  else yield* pullImages(invocation)
  if (!isControlPlane) {
    say('[upgrade/control-plane] Skipping phase. Not a control plane node.')
    say('[upgrade/kubeconfig] Skipping phase. Not a control plane node.')
  } else {
    say(
      `[upgrade/control-plane] Upgrading your Static Pod-hosted control plane instance to version ${JSON.stringify(release)}...`,
    )
    if (isDry) say(`[dryrun] Would upgrade your static Pod-hosted control plane to version ${JSON.stringify(release)}`)
    else {
      yield* inPhase('control-plane', upgradeStaticPods(invocation, cluster, configuration))
      say('[upgrade/control-plane] The control plane instance for this node was successfully upgraded!')
      say('[upgrade/kubeconfig] The kubeconfig files for this node were successfully upgraded!')
    }
  }
  if (isDry) {
    say('[upgrade/successful] Finished dryrunning successfully!')
    return 0
  }
  upgradeKubeletConfig(invocation, cluster)
  if (isControlPlane) upgradeAddons(invocation, cluster, release)
  else
    for (const addon of ['coredns', 'kube-proxy'])
      say(`[upgrade/addon] Skipping the addon/${addon} phase. Not a control plane node.`)
  return 0
}
