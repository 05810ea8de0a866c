/** The phases that kubeadm upgrade apply and kubeadm upgrade node have in common. Source: cmd/kubeadm/app/cmd/phases/upgrade */
import { type Invocation, KubeadmError } from '../command-line.ts'
import { atOnce, type Phase, type PhaseFamily } from '../phases.ts'
import { type Addon, upgradeAddon } from './addons.ts'
import { type ClusterConfiguration, ClusterToUpgrade } from './cluster.ts'
import type { Told } from './configuration.ts'
import { upgradeKubeletConfig } from './kubelet-config.ts'

/** What all phases know. */
export interface Upgrade {
  readonly invocation: Invocation
  readonly cluster: ClusterToUpgrade
  /** Its release is the one that the cluster is brought to. */
  configuration: ClusterConfiguration
  readonly isControlPlane: boolean
  readonly isDry: boolean
  readonly skipPhases: readonly string[]
  say(text: string): void
}

/** Asks the cluster how it is set up. @param words for what goes wrong @throws KubeadmError */
export function upgradeOf(
  { invocation, skipPhases }: Told,
  path: string,
  isControlPlane: boolean,
  words: string,
): Upgrade {
  const { process, flags } = invocation
  const say = (text: string): void => process.stdout.write(`${text}\n`)
  const isDry = flags.get('dry-run') === 'true'
  const cluster = new ClusterToUpgrade(invocation, path)
  if (isDry) say(`[dryrun] Creating a real client from ${JSON.stringify(path)}`)
  return {
    invocation,
    cluster,
    configuration: cluster.configuration('upgrade', words),
    isControlPlane,
    isDry,
    skipPhases,
    say,
  }
}

const ofConfig = ['config', 'kubeconfig']
export const flagsOfMost = { text: ofConfig, bool: ['dry-run'] }
const flagsWithPatches = { text: [...ofConfig, 'patches'], bool: ['dry-run'] }
export const flagsOfControlPlane = {
  text: [...ofConfig, 'patches'],
  bool: ['certificate-renewal', 'dry-run', 'etcd-upgrade'],
}

const addonPhase = (addon: Addon): Phase<Upgrade> => ({
  name: `addon/${addon}`,
  short: `Upgrade the ${addon === 'coredns' ? 'CoreDNS' : 'kube-proxy'} addon`,
  flags: addon === 'coredns' ? flagsWithPatches : flagsOfMost,
  run: atOnce(({ invocation, cluster, configuration, isControlPlane, isDry, say }) => {
    if (!isControlPlane) say(`[upgrade/addon] Skipping the addon/${addon} phase. Not a control plane node.`)
    else if (!isDry) upgradeAddon(addon, invocation, cluster, configuration.kubernetesVersion)
  }),
})

export const kubeconfigPhase: Phase<Upgrade> = {
  name: 'kubeconfig',
  short: 'Upgrade kubeconfig files for this node',
  flags: flagsOfMost,
  isHidden: true,
  // Simplified: those of kubelets tell their server already.
  run: atOnce(({ isControlPlane, say }) =>
    say(
      isControlPlane
        ? '[upgrade/kubeconfig] The kubeconfig files for this node were successfully upgraded!'
        : '[upgrade/kubeconfig] Skipping phase. Not a control plane node.',
    ),
  ),
}

export const kubeletConfigPhase: Phase<Upgrade> = {
  name: 'kubelet-config',
  short: 'Upgrade the kubelet configuration for this node',
  flags: flagsWithPatches,
  run: atOnce(({ invocation, cluster, isDry, say }) => {
    if (!isDry) upgradeKubeletConfig(invocation, cluster)
    say('[upgrade/kubelet-config] The kubelet configuration for this node was successfully upgraded!')
  }),
}

export const addonPhases: readonly Phase<Upgrade>[] = [addonPhase('coredns'), addonPhase('kube-proxy')]

export const addonFamily: PhaseFamily = {
  name: 'addon',
  short: 'Upgrade the default kubeadm addons',
  all: { short: 'Upgrade all the addons', flags: flagsWithPatches },
}

export const postUpgradePhase: Phase<Upgrade> = {
  name: 'post-upgrade',
  short: 'Run post upgrade tasks',
  flags: flagsOfMost,
  run: atOnce(() => undefined),
}

/** `[version]` has to be told, once. @throws KubeadmError */
export function requireRelease({ invocation: { args }, release }: Told): string {
  if (release !== '') return release
  throw new KubeadmError(
    `${args.filter(Boolean).length > 1 ? 'too many arguments' : 'missing one or more required arguments'}. Required arguments: [version]`,
  )
}
