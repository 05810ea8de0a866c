/** kubeadm upgrade node: another node follows, of the control plane or not, in all phases or in one. Source: cmd/kubeadm/app/cmd/upgrade/node.go */
import type { Run } from '../../../../images/programs/support.ts'
import { KUBELET_CONF } from '../../../../kubeadm/places.ts'
import type { Wait } from '../../../../runtime/process.ts'
import { type Invocation, type KubeadmCommand, KubeadmError } from '../command-line.ts'
import { type Addon, upgradeAddon } from './addons.ts'
import { inPhase, pullImages } from './apply.ts'
import { ADMIN_CONF, ClusterToUpgrade } from './cluster.ts'
import { upgradeKubeletConfig } from './kubelet-config.ts'
import { upgradeStaticPods } from './static-pods.ts'

const SERVER_MANIFEST = '/etc/kubernetes/manifests/kube-apiserver.yaml'

/** What all phases know. */
interface Upgrade {
  readonly invocation: Invocation
  readonly cluster: ClusterToUpgrade
  readonly configuration: ReturnType<ClusterToUpgrade['configuration']>
  readonly isControlPlane: boolean
  readonly isDry: boolean
  say(text: string): void
}

type Waits = Generator<Wait, void, unknown>

interface Phase {
  /** With that of the phase that it is a part of: `addon/coredns`. */
  readonly name: string
  readonly short: string
  run(upgrade: Upgrade): Waits
}

const atOnce = (act: (upgrade: Upgrade) => void): Phase['run'] =>
  // biome-ignore lint/correctness/useYield: waits for nothing, among phases that do
  function* (upgrade) {
    act(upgrade)
  }

const addonPhase = (addon: Addon): Phase => ({
  name: `addon/${addon}`,
  short: `Upgrade the ${addon === 'coredns' ? 'CoreDNS' : 'kube-proxy'} addon`,
  run: atOnce(({ invocation, cluster, configuration, isControlPlane, isDry, say }) => {
    if (!isControlPlane) say(`[upgrade/addon] Skipping the addon/${addon} phase. Not a control plane node.`)
    else if (!isDry) upgradeAddon(addon, invocation, cluster, configuration.kubernetesVersion)
  }),
})

const phases: readonly Phase[] = [
  { name: 'preflight', short: 'Run upgrade node pre-flight checks', run: preflight },
  {
    name: 'control-plane',
    short: 'Upgrade the control plane instance deployed on this node, if any',
    run: controlPlane,
  },
  {
    name: 'kubeconfig',
    short: 'Upgrade kubeconfig files for this node',
    run: atOnce(({ isControlPlane, isDry, say }) => {
      if (!isControlPlane) say('[upgrade/kubeconfig] Skipping phase. Not a control plane node.')
      else if (!isDry) say('[upgrade/kubeconfig] The kubeconfig files for this node were successfully upgraded!')
    }),
  },
  {
    name: 'kubelet-config',
    short: 'Upgrade the kubelet configuration for this node',
    run: atOnce(({ invocation, cluster, isDry }) => {
      if (!isDry) upgradeKubeletConfig(invocation, cluster)
    }),
  },
  addonPhase('coredns'),
  addonPhase('kube-proxy'),
  { name: 'post-upgrade', short: 'Run post upgrade tasks', run: atOnce(() => undefined) },
]

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

/** @param only the phase, or the family of them, that is asked for */
function* run(invocation: Invocation, only?: string): Run {
  const { process, flags } = invocation
  const chosen = phases.filter(isChosen(only, (flags.get('skip-phases') ?? '').split(',').filter(Boolean)))
  const isControlPlane = process.files.exists(SERVER_MANIFEST)
  const isDry = flags.get('dry-run') === 'true'
  const path = flags.get('kubeconfig') ?? (isControlPlane ? ADMIN_CONF : KUBELET_CONF)
  const cluster = new ClusterToUpgrade(invocation, path)
  const configuration = cluster.configuration('upgrade', 'unable to fetch the kubeadm-config ConfigMap')
  const say = (text: string): void => process.stdout.write(`${text}\n`)
  for (const phase of chosen)
    yield* inPhase(phase.name, phase.run({ invocation, cluster, configuration, isControlPlane, isDry, say }))
  if (isDry && only === undefined) say('[upgrade/successful] Finished dryrunning successfully!')
  return 0
}

/** Source: cmd/kubeadm/app/cmd/phases/workflow/runner.go @throws KubeadmError for a phase to skip that is none */
function isChosen(only: string | undefined, skipped: readonly string[]): (phase: Phase) => boolean {
  const isOf = (phase: Phase, name: string): boolean => phase.name === name || phase.name.startsWith(`${name}/`)
  for (const name of skipped)
    if (!phases.some((phase) => isOf(phase, name))) throw new KubeadmError(`invalid phase name: ${name}`)
  return (phase) => (only === undefined || isOf(phase, only)) && !skipped.some((name) => isOf(phase, name))
}

const ofConfig = ['config', 'kubeconfig']
const flagsOf: Readonly<Record<string, KubeadmCommand['flags']>> = {
  preflight: { text: ['config', 'ignore-preflight-errors'] },
  'control-plane': { text: [...ofConfig, 'patches'], bool: ['certificate-renewal', 'dry-run', 'etcd-upgrade'] },
  kubeconfig: { text: ofConfig, bool: ['dry-run'] },
  'post-upgrade': { text: ofConfig, bool: ['dry-run'] },
}
const flagsOfOthers = { text: [...ofConfig, 'patches'], bool: ['dry-run'] }

const phaseCommand = (name: string, short: string, phase: string): KubeadmCommand => ({
  name,
  short,
  flags: flagsOf[phase] ?? flagsOfOthers,
  waits: (invocation) => run(invocation, phase),
})

/** Phases that have no parts; the last of them comes after the addons. */
const alone = phases.filter(({ name }) => !name.includes('/')).map(({ name, short }) => phaseCommand(name, short, name))

export const node: KubeadmCommand = {
  name: 'node',
  short: 'Upgrade commands for a node in the cluster',
  flags: {
    text: [...ofConfig, 'ignore-preflight-errors', 'patches', 'skip-phases'],
    bool: ['certificate-renewal', 'dry-run', 'etcd-upgrade'],
  },
  waits: (invocation) => run(invocation),
  commands: [
    {
      name: 'phase',
      short: 'Use this command to invoke single phase of the "node" workflow',
      commands: [
        ...alone.slice(0, -1),
        {
          name: 'addon',
          short: 'Upgrade the default kubeadm addons',
          commands: [
            phaseCommand('all', 'Upgrade all the addons', 'addon'),
            ...phases
              .filter(({ name }) => name.startsWith('addon/'))
              .map(({ name, short }) => phaseCommand(name.slice('addon/'.length), short, name)),
          ],
        },
        ...alone.slice(-1),
      ],
    },
  ],
}
