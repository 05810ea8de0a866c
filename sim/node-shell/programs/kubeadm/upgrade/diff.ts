/** kubeadm upgrade diff: how the manifests of the control plane would change. Source: cmd/kubeadm/app/cmd/upgrade/diff.go */
import { unifiedGroups } from '../../../../images/programs/compare.ts'
import { type Invocation, type KubeadmCommand, KubeadmError } from '../command-line.ts'
import { refuseMixed } from '../configuration-file.ts'
import { ADMIN_CONF, ClusterToUpgrade } from './cluster.ts'
import { toldOf } from './configuration.ts'
import { newManifests } from './static-pods.ts'

const COMPONENTS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler']
const pathOf = (name: string): string => `/etc/kubernetes/manifests/${name}.yaml`

export const diff: KubeadmCommand = {
  name: 'diff',
  short:
    'Show what differences would be applied to existing static pod manifests. See also: kubeadm upgrade apply --dry-run',
  flags: { text: ['config', 'kubeconfig'], int: ['context-lines'] },
  takesArguments: true,
  run: runDiff,
}

/** @throws KubeadmError, CommandFailed */
function runDiff(given: Invocation): void {
  const { files, stdout } = given.process
  for (const path of COMPONENTS.map(pathOf))
    if (!files.exists(path))
      throw new KubeadmError(
        `the manifest file ${JSON.stringify(path)} does not exist: stat ${path}: no such file or directory`,
      )
  refuseMixed(given.flags)
  const { invocation, release } = toldOf(given, 'diff')
  const cluster = new ClusterToUpgrade(invocation, invocation.flags.get('kubeconfig') ?? ADMIN_CONF)
  const configuration = cluster.configuration('upgrade/diff')
  const wanted = release || configuration.kubernetesVersion
  if (!/^\s*v?\d+(?:\.\d+)*/.test(wanted))
    throw new KubeadmError(`could not parse ${JSON.stringify(wanted)} as version`)
  if (!/^\s*v?\d+\.\d+\.\d+(?![.\d])/.test(wanted))
    throw new KubeadmError(`illegal version string ${JSON.stringify(wanted)}`)
  const manifests = newManifests(invocation, { ...configuration, kubernetesVersion: wanted })
  // Unless it is told, kubeadm shows no line around those that differ, whatever its help says.
  const context = Number(invocation.flags.get('context-lines') ?? 0)
  for (const name of COMPONENTS) {
    const groups = unifiedGroups(files.read(pathOf(name)).split('\n'), manifests[`${name}.yaml`]!.split('\n'), context)
    if (groups === undefined) throw new KubeadmError(`podium: ${pathOf(name)} is too long to compare`)
    if (groups !== '') stdout.write(`--- ${pathOf(name)}\n+++ new manifest\n${groups}`)
  }
}
