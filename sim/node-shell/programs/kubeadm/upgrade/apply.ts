/** kubeadm upgrade apply: this node's control plane first, and with it the cluster's release. Source: cmd/kubeadm/app/cmd/upgrade/apply.go */
import type { Run } from '../../../../images/programs/support.ts'
import type { Wait } from '../../../../runtime/process.ts'
import { waitFor } from '../../../../runtime/process.ts'
import { releases } from '../../../../version.ts'
import { type Invocation, KubeadmError } from '../command-line.ts'
import { releaseOfKubeadm } from '../version.ts'
import { upgradeAddon } from './addons.ts'
import { ADMIN_CONF, ClusterToUpgrade } from './cluster.ts'
import { checkHealth } from './health.ts'
import { storeKubeletConfig, upgradeKubeletConfig } from './kubelet-config.ts'
import { upgradeStaticPods } from './static-pods.ts'
import { numbersOf, type SkewErrors, skewErrors } from './versions.ts'

const PULL_MS = 4000

export function* apply(invocation: Invocation): Run {
  const { process, machine, flags, args } = invocation
  const say = (text: string): void => process.stdout.write(`${text}\n`)
  const [given] = args
  if (given === undefined || args.length > 1)
    throw new KubeadmError(
      `${given === undefined ? 'missing one or more required arguments' : 'too many arguments'}. Required arguments: [version]`,
    )
  const release = given.startsWith('v') ? given : `v${given}`
  const isDry = flags.get('dry-run') === 'true'
  const cluster = new ClusterToUpgrade(invocation, flags.get('kubeconfig') ?? ADMIN_CONF)
  const configuration = { ...cluster.configuration('upgrade', '[upgrade] FATAL'), kubernetesVersion: release }
  yield* inPhase('preflight', preflight(invocation, cluster, release, isDry))
  if (isDry) {
    say(`[dryrun] Would upgrade your static Pod-hosted control plane to version ${JSON.stringify(release)}`)
    say('[dryrun] Would upload the kubeadm ClusterConfiguration to a ConfigMap')
    say('[dryrun] Would configure bootstrap token and cluster-info RBAC rules')
    say('[upgrade/successful] Finished dryrunning successfully!')
    return 0
  }
  say(
    `[upgrade/control-plane] Upgrading your static Pod-hosted control plane to version ${JSON.stringify(release)} (timeout: 5m0s)...`,
  )
  yield* inPhase('control-plane', upgradeStaticPods(invocation, cluster, configuration))
  say('[upgrade/control-plane] The control plane instance for this node was successfully upgraded!')
  say('[upload-config] Storing the configuration used in ConfigMap "kubeadm-config" in the "kube-system" Namespace')
  cluster.storeConfiguration(configuration)
  say(
    '[kubelet] Creating a ConfigMap "kubelet-config" in namespace kube-system with the configuration for the kubelets in the cluster',
  )
  storeKubeletConfig(cluster)
  say('[upgrade/kubeconfig] The kubeconfig files for this node were successfully upgraded!')
  upgradeKubeletConfig(invocation, cluster)
  for (const line of bootstrapRules) say(line)
  for (const addon of ['coredns', 'kube-proxy'] as const) upgradeAddon(addon, invocation, cluster, release)
  say(`\n[upgrade] SUCCESS! A control plane node of your cluster was upgraded to ${JSON.stringify(release)}.\n`)
  say('[upgrade] Now please proceed with upgrading the rest of the nodes by following the right order.')
  machine.engine.trace.record('kubeadm', `upgraded ${machine.shape.name} to ${release}`)
  return 0
}

/** Simplified: they are there since the cluster was set up. */
const bootstrapRules: readonly string[] = [
  '[upgrade/bootstrap-token] Configuring bootstrap token and cluster-info RBAC rules',
  '[bootstrap-token] Configured RBAC rules to allow Node Bootstrap tokens to get nodes',
  '[bootstrap-token] Configured RBAC rules to allow Node Bootstrap tokens to post CSRs in order for nodes to get long term certificate credentials',
  '[bootstrap-token] Configured RBAC rules to allow the csrapprover controller automatically approve CSRs from a Node Bootstrap Token',
  '[bootstrap-token] Configured RBAC rules to allow certificate rotation for all node client certificates in the cluster',
  '[bootstrap-token] Configured RBAC rules to allow the API server kubelet client certificate to access the kubelet API',
]

/** What fails in it says so. @throws KubeadmError */
export function* inPhase(name: string, phase: Generator<Wait, void, unknown>): Generator<Wait, void, unknown> {
  try {
    yield* phase
  } catch (error) {
    throw error instanceof KubeadmError ? new KubeadmError(`error execution phase ${name}: ${error.message}`) : error
  }
}

/** @throws KubeadmError */
function* preflight(
  invocation: Invocation,
  cluster: ClusterToUpgrade,
  release: string,
  isDry: boolean,
): Generator<Wait, void, unknown> {
  const { process, machine, flags } = invocation
  const say = (text: string): void => process.stdout.write(`${text}\n`)
  say('[upgrade/preflight] Running preflight checks')
  yield* checkHealth(invocation, cluster)
  if (!numbersOf(release))
    throw new KubeadmError(
      `version ${JSON.stringify(release)} doesn't match patterns for neither semantic version nor labels (stable, latest, ...)`,
    )
  say(`[upgrade/preflight] You have chosen to upgrade the cluster version to ${JSON.stringify(release)}`)
  const [now, own] = [machine.serverRelease(), releaseOfKubeadm(process)]
  say(`[upgrade/versions] Cluster version: ${now}`)
  say(`[upgrade/versions] kubeadm version: ${own}`)
  refuse(invocation, skewErrors(release, now, own, cluster.kubeletVersions().keys()))
  if (!isDry && flags.get('yes') !== 'true' && flags.get('force') !== 'true') {
    process.stdout.write('[upgrade] Are you sure you want to proceed? [y/N]: ')
    const line = (yield* waitFor(process.stdin.readLine())) ?? ''
    if (!/^y(?:es)?$/i.test(line.trim()))
      throw new KubeadmError("won't proceed; the user didn't answer (Y|y) in order to continue")
  }
  if (isDry) {
    say("[dryrun] Would pull the required images (like 'kubeadm config images pull')")
    return
  }
  yield* pullImages(invocation)
  if (!releases.includes(release))
    throw new KubeadmError(
      `[preflight] Some fatal errors occurred:\n\t[ERROR ImagePull]: failed to pull image registry.k8s.io/kube-apiserver:${release}: not found`,
    )
}

/** Simplified: the images are on the node already. */
export function* pullImages({ process }: Invocation): Generator<Wait, void, unknown> {
  for (const line of [
    'Pulling images required for setting up a Kubernetes cluster',
    'This might take a minute or two, depending on the speed of your internet connection',
    "You can also perform this action beforehand using 'kubeadm config images pull'",
  ])
    process.stdout.write(`[upgrade/preflight] ${line}\n`)
  yield* waitFor(process.sleep(PULL_MS))
}

/** @throws KubeadmError unless there is nothing, or nothing but what force passes over */
function refuse({ process, flags }: Invocation, { mandatory, skippable }: SkewErrors): void {
  const listed = (errors: readonly string[]): string => errors.map((error) => `\t- ${error}\n`).join('')
  if (mandatory.length > 0)
    throw new KubeadmError(
      `the version argument is invalid due to these fatal errors:\n\n${listed(mandatory)}\nPlease fix the misalignments highlighted above and try upgrading again`,
    )
  if (skippable.length === 0) return
  if (flags.get('force') !== 'true')
    throw new KubeadmError(
      `the version argument is invalid due to these errors:\n\n${listed(skippable)}\nCan be bypassed if you pass the --force flag`,
    )
  process.stdout.write(
    `[upgrade/preflight] Found ${skippable.length} potential version compatibility errors but skipping since the --force flag is set: \n\n${listed(skippable)}`,
  )
}
