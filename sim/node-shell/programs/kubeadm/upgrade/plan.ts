/** kubeadm upgrade plan: what there is, and what it could be. Sources: cmd/kubeadm/app/cmd/upgrade/plan.go, phases/upgrade/compute.go */

import { CommandFailed } from '../../../../components/component.ts'
import type { Run } from '../../../../images/programs/support.ts'
import { ETCD_IMAGE_TAG } from '../../../../kubeadm/places.ts'
import { printColumns } from '../../../table.ts'
import { type Invocation, type KubeadmCommand, KubeadmError } from '../command-line.ts'
import { refuseMixed } from '../configuration-file.ts'
import { releaseOfKubeadm } from '../version.ts'
import { ADMIN_CONF, ClusterToUpgrade, configurationLines } from './cluster.ts'
import { type Told, toldOf } from './configuration.ts'
import { checkHealth } from './health.ts'
import { isOlder, numbersOf, stableRelease } from './versions.ts'

const DNS_VERSION = 'v1.14.2'
const layout = { minWidth: 10, padding: 3 }
const titles = ['COMPONENT', 'NODE', 'CURRENT', 'TARGET']
const line = `${'_'.repeat(69)}\n\n`

type Row = readonly [component: string, node: string, current: string, target: string]

export const plan: KubeadmCommand = {
  name: 'plan',
  short: 'Check which versions are available to upgrade to and validate whether your current cluster is upgradeable.',
  flags: {
    text: ['config', 'kubeconfig', 'ignore-preflight-errors'],
    bool: ['allow-experimental-upgrades', 'allow-release-candidate-upgrades', 'etcd-upgrade', 'print-config'],
  },
  takesArguments: true,
  waits: runPlan,
}

/** @throws KubeadmError */
function told(invocation: Invocation): Told {
  try {
    return toldOf(invocation, 'plan')
  } catch (error) {
    const isTold = error instanceof KubeadmError || error instanceof CommandFailed
    throw isTold ? new KubeadmError(`[upgrade/upgrade config] FATAL: ${error.message}`) : error
  }
}

/** Simplified: there are no releases but stable ones, so that nobody is told of others. */
function* runPlan(given: Invocation): Run {
  refuseMixed(given.flags)
  const { invocation, release } = told(given)
  const { process, flags } = invocation
  const say = (text: string): void => process.stdout.write(`${text}\n`)
  const cluster = new ClusterToUpgrade(invocation, flags.get('kubeconfig') ?? ADMIN_CONF)
  say('[preflight] Running pre-flight checks.')
  const configuration = cluster.configuration('upgrade/config', '[upgrade/init config] FATAL')
  try {
    yield* checkHealth(invocation, cluster)
  } catch (error) {
    throw error instanceof KubeadmError ? new KubeadmError(`[upgrade/health] FATAL: ${error.message}`) : error
  }
  if (flags.get('print-config') === 'true') say(configurationLines(configuration))
  say('[upgrade] Fetching available versions to upgrade to')
  const apiServers = cluster.componentVersions('kube-apiserver')
  const current = [...apiServers.keys()].map(numbersOf).filter((version) => version !== undefined)
  if (current.length === 0) throw new KubeadmError('[upgrade/versions] FATAL: no kube-apiserver version found')
  const newest = current.reduce((a, b) => (isOlder(a, b) ? b : a))
  const kubeadm = releaseOfKubeadm(process)
  const asked = release || stableRelease
  const wanted = numbersOf(asked)
  if (!wanted)
    throw new KubeadmError(
      `[upgrade/versions] FATAL: Couldn't parse version stable version: could not parse ${JSON.stringify(asked)} as version`,
    )
  const target = `v${wanted.join('.')}`
  const series = `version in the v${newest[0]}.${newest[1]} series`
  say(`[upgrade/versions] Cluster version: ${newest.join('.')}`)
  say(`[upgrade/versions] kubeadm version: ${kubeadm}`)
  say(`[upgrade/versions] Target version: ${target}`)
  const kubelets = cluster.kubeletVersions()
  const of = (component: string): ReadonlyMap<string, readonly string[]> => cluster.componentVersions(component)
  const rowsOf = (component: string, to: string, versions: ReadonlyMap<string, readonly string[]>): Row[] =>
    [...versions].flatMap(([version, nodes]) => nodes.map((node): Row => [component, node, version, to]))
  const dns = cluster.dnsVersion()
  if (!isOlder(wanted, newest)) say(`[upgrade/versions] Latest ${series}: ${target}`)
  say('')
  if (!isOlder(newest, wanted)) return 0
  // Kubelets are named where not all of them are there already.
  const isKubeletDue = kubelets.size > 1 || !kubelets.has(target)
  say(
    "Components that must be upgraded manually after you have upgraded the control plane with 'kubeadm upgrade apply':",
  )
  const table = (rows: readonly Row[]): void => process.stdout.write(printColumns([titles, ...rows], layout))
  table(isKubeletDue ? rowsOf('kubelet', target, kubelets) : [])
  say(`\nUpgrade to the latest ${series}:\n`)
  table([
    ...rowsOf('kube-apiserver', target, apiServers),
    ...rowsOf('kube-controller-manager', target, of('kube-controller-manager')),
    ...rowsOf('kube-scheduler', target, of('kube-scheduler')),
    ['kube-proxy', '', newest.join('.'), target],
    ['CoreDNS', '', dns, DNS_VERSION],
    ...(flags.get('etcd-upgrade') === 'false' ? [] : rowsOf('etcd', ETCD_IMAGE_TAG, of('etcd'))),
  ])
  say(`\nYou can now apply the upgrade by executing the following command:\n\n\tkubeadm upgrade apply ${target}\n`)
  if (isOlder(numbersOf(kubeadm) ?? wanted, wanted))
    say(`Note: Before you can perform this upgrade, you have to update kubeadm to ${target}.\n`)
  process.stdout.write(`${line}${configurations}${line}`)
  return 0
}

/** Simplified: those of kubelets and proxies are always as kubeadm left them. */
const configurations = `
The table below shows the current state of component configs as understood by this version of kubeadm.
Configs that have a "yes" mark in the "MANUAL UPGRADE REQUIRED" column require manual config upgrade or
resetting to kubeadm defaults before a successful upgrade can be performed. The version to manually
upgrade to is denoted in the "PREFERRED VERSION" column.

${printColumns(
  [
    ['API GROUP', 'CURRENT VERSION', 'PREFERRED VERSION', 'MANUAL UPGRADE REQUIRED'],
    ['kubeproxy.config.k8s.io', 'v1alpha1', 'v1alpha1', 'no'],
    ['kubelet.config.k8s.io', 'v1beta1', 'v1beta1', 'no'],
  ],
  layout,
)}`
