/** kubeadm upgrade apply: this node's control plane first, and with it the cluster's release. Source: cmd/kubeadm/app/cmd/upgrade/apply.go */
import type { Run } from '../../../../images/programs/support.ts'
import { waitFor } from '../../../../runtime/process.ts'
import { releases } from '../../../../version.ts'
import { type Invocation, type KubeadmCommand, KubeadmError } from '../command-line.ts'
import { refuseMixed } from '../configuration-file.ts'
import { atOnce, type Phase, phaseCommands, runPhases, type Waits, type Workflow } from '../phases.ts'
import { releaseOfKubeadm } from '../version.ts'
import { ADMIN_CONF, configurationLines } from './cluster.ts'
import { toldOf } from './configuration.ts'
import { checkHealth } from './health.ts'
import { storeKubeletConfig } from './kubelet-config.ts'
import {
  addonFamily,
  addonPhases,
  flagsOfControlPlane,
  flagsOfMost,
  kubeconfigPhase,
  kubeletConfigPhase,
  postUpgradePhase,
  requireRelease,
  type Upgrade,
  upgradeOf,
} from './shared-phases.ts'
import { upgradeStaticPods } from './static-pods.ts'
import { numbersOf, type SkewErrors, skewErrors } from './versions.ts'

const PULL_MS = 4000
const allowances = ['allow-experimental-upgrades', 'allow-release-candidate-upgrades']

const phases: readonly Phase<Upgrade>[] = [
  {
    name: 'preflight',
    short: 'Run preflight checks before upgrade',
    flags: {
      text: ['config', 'kubeconfig', 'ignore-preflight-errors'],
      bool: ['dry-run', 'force', 'yes', ...allowances],
    },
    run: preflight,
  },
  { name: 'control-plane', short: 'Upgrade the control plane', flags: flagsOfControlPlane, run: controlPlane },
  {
    name: 'upload-config/kubeadm',
    short: 'Upload the kubeadm ClusterConfiguration to a ConfigMap',
    flags: flagsOfMost,
    run: atOnce(({ cluster, configuration, isDry, say }) => {
      if (isDry) {
        say('[dryrun] Would upload the kubeadm ClusterConfiguration to a ConfigMap')
        return
      }
      say('[upload-config] Storing the configuration used in ConfigMap "kubeadm-config" in the "kube-system" Namespace')
      cluster.storeConfiguration(configuration)
    }),
  },
  {
    name: 'upload-config/kubelet',
    short: 'Upload the kubelet configuration to a ConfigMap',
    flags: flagsOfMost,
    run: atOnce(({ cluster, isDry, say }) => {
      if (isDry) {
        say('[dryrun] Would upload the kubelet configuration to a ConfigMap')
        say('[dryrun] Would write the CRISocket annotation for the control-plane node')
        return
      }
      say(
        '[kubelet] Creating a ConfigMap "kubelet-config" in namespace kube-system with the configuration for the kubelets in the cluster',
      )
      storeKubeletConfig(cluster)
    }),
  },
  kubeconfigPhase,
  kubeletConfigPhase,
  {
    name: 'bootstrap-token',
    short: 'Configures bootstrap token and cluster-info RBAC rules',
    flags: flagsOfMost,
    run: atOnce(({ isDry, say }) => {
      if (isDry) say('[dryrun] Would configure bootstrap token and cluster-info RBAC rules')
      else for (const line of bootstrapRules) say(line)
    }),
  },
  ...addonPhases,
  postUpgradePhase,
]

const workflow: Workflow<Upgrade> = {
  name: 'apply',
  takesArguments: true,
  phases,
  families: [
    {
      name: 'upload-config',
      aliases: ['uploadconfig'],
      short: 'Upload the kubeadm and kubelet configurations to ConfigMaps',
      all: { short: 'Upload all the configurations to ConfigMaps', flags: flagsOfMost },
    },
    addonFamily,
  ],
  prepare(invocation) {
    const told = toldOf(invocation, 'apply')
    const release = requireRelease(told)
    const path = invocation.flags.get('kubeconfig') ?? ADMIN_CONF
    const upgrade = upgradeOf(told, path, true, '[upgrade] FATAL')
    upgrade.configuration = { ...upgrade.configuration, kubernetesVersion: release }
    if (told.invocation.flags.get('print-config') === 'true') upgrade.say(configurationLines(upgrade.configuration))
    return upgrade
  },
}

function* runApply(invocation: Invocation): Run {
  refuseMixed(invocation.flags)
  const upgrade = workflow.prepare(invocation)
  yield* runPhases(workflow, invocation, upgrade)
  // Whatever a file says of it.
  if (invocation.flags.get('dry-run') === 'true') {
    upgrade.say('[upgrade/successful] Finished dryrunning successfully!')
    return 0
  }
  const release = upgrade.configuration.kubernetesVersion
  upgrade.say(`\n[upgrade] SUCCESS! A control plane node of your cluster was upgraded to ${JSON.stringify(release)}.\n`)
  upgrade.say('[upgrade] Now please proceed with upgrading the rest of the nodes by following the right order.')
  return 0
}

export const apply: KubeadmCommand = {
  name: 'apply',
  short: 'Upgrade your Kubernetes cluster to the specified version',
  flags: {
    text: ['config', 'kubeconfig', 'ignore-preflight-errors', 'patches', 'skip-phases'],
    bool: ['certificate-renewal', 'dry-run', 'etcd-upgrade', 'force', 'print-config', 'yes', ...allowances],
  },
  takesArguments: true,
  waits: runApply,
  commands: [phaseCommands(workflow)],
}

function* controlPlane({ invocation, cluster, configuration, isDry, say }: Upgrade): Waits {
  const release = configuration.kubernetesVersion
  if (isDry) {
    say(`[dryrun] Would upgrade your static Pod-hosted control plane to version ${JSON.stringify(release)}`)
    return
  }
  say(
    `[upgrade/control-plane] Upgrading your static Pod-hosted control plane to version ${JSON.stringify(release)} (timeout: 5m0s)...`,
  )
  yield* upgradeStaticPods(invocation, cluster, configuration)
  say('[upgrade/control-plane] The control plane instance for this node was successfully upgraded!')
  const { engine, shape } = invocation.machine
  engine.trace.record('kubeadm', `upgraded ${shape.name} to ${release}`)
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

/** @throws KubeadmError */
function* preflight(upgrade: Upgrade): Waits {
  const { invocation, cluster, isDry, say } = upgrade
  const { process, machine, flags } = invocation
  say('[upgrade/preflight] Running preflight checks')
  yield* checkHealth(invocation, cluster)
  const given = upgrade.configuration.kubernetesVersion
  if (!numbersOf(given))
    throw new KubeadmError(
      `version ${JSON.stringify(given)} doesn't match patterns for neither semantic version nor labels (stable, latest, ...)`,
    )
  const release = given.startsWith('v') ? given : `v${given}`
  upgrade.configuration = { ...upgrade.configuration, kubernetesVersion: release }
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
export function* pullImages({ process }: Invocation): Waits {
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
