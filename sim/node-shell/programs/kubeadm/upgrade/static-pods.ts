/**
 * The components of this node's control plane in another release: each manifest is replaced, and its Pod waited for, one after the other.
 * Simplified: etcd has no other version; of its manifest only a learner's change is undone, and where several members are it stays.
 * Source: cmd/kubeadm/app/phases/upgrade/staticpods.go
 */
import { pods } from '../../../../api/core/pod.ts'
import { isRecord } from '../../../../api/meta/json.ts'
import { StatusError } from '../../../../api/meta/status-error.ts'
import { CommandFailed } from '../../../../components/component.ts'
import { certificates } from '../../../../kubeadm/certificates.ts'
import { staticPodManifests } from '../../../../kubeadm/manifests.ts'
import { KubectlError } from '../../../../kubectl/errors.ts'
import { parseYamlValue } from '../../../../kubectl/yaml.ts'
import { manifestFolder } from '../../../../kubelet/manifest-files.ts'
import { isSameValue } from '../../../../kubelet/same-value.ts'
import { FileError } from '../../../../runtime/files.ts'
import type { Process, Wait } from '../../../../runtime/process.ts'
import { waitFor } from '../../../../runtime/process.ts'
import { renewed } from '../certs.ts'
import { type Invocation, KubeadmError } from '../command-line.ts'
import { type ClusterConfiguration, type ClusterToUpgrade, NAMESPACE } from './cluster.ts'

const TEMPORARY = '/etc/kubernetes/tmp'
const PATIENCE_MS = 5 * 60_000
const POLL_MS = 500
const HASH = 'kubernetes.io/config.hash'

/** In the order in which they are upgraded, each with the certificates that it uses. */
const components: readonly { readonly name: string; readonly certificates: readonly string[] }[] = [
  { name: 'etcd', certificates: ['etcd-server', 'etcd-peer', 'etcd-healthcheck-client'] },
  {
    name: 'kube-apiserver',
    certificates: ['apiserver', 'apiserver-kubelet-client', 'front-proxy-client', 'apiserver-etcd-client'],
  },
  { name: 'kube-controller-manager', certificates: ['controller-manager.conf'] },
  { name: 'kube-scheduler', certificates: ['scheduler.conf'] },
]

/** `kubeadm-backup-manifests-2026-11-20-09-00-41` */
export const timestamped = (name: string, epochMs: number): string =>
  `${TEMPORARY}/${name}-${new Date(epochMs).toISOString().slice(0, 19).replace(/[T:]/g, '-')}`

/** With digits at its end that make its name its own. */
const temporary = (name: string, process: Process): string =>
  `${TEMPORARY}/${name}${Math.floor(process.random() * 4_294_967_296)}`

/** The manifests of this node as a configuration has them, by the names of their files. */
export function newManifests({ machine }: Invocation, configuration: ClusterConfiguration): Record<string, string> {
  const place = { name: machine.shape.name, ip: machine.ip }
  return staticPodManifests(place, [place], configuration.kubernetesVersion, extraFlags(configuration))
}

/** @throws KubeadmError, once what was replaced is back in its place */
export function* upgradeStaticPods(
  invocation: Invocation,
  cluster: ClusterToUpgrade,
  configuration: ClusterConfiguration,
): Generator<Wait, void, unknown> {
  const { process, machine, flags } = invocation
  const { files, stdout } = process
  const say = (text: string): void => stdout.write(`[upgrade/staticpods] ${text}\n`)
  const renewsCertificates = flags.get('certificate-renewal') !== 'false'
  const backup = timestamped('kubeadm-backup-manifests', process.nowEpochMs())
  const node = machine.shape.name
  const made = newManifests(invocation, configuration)
  const isAlone = (machine.controlPlane?.apiServers.length ?? 1) === 1
  const pathOf = (name: string): string => `${manifestFolder}/${name}.yaml`
  const current = (name: string): string => (files.exists(pathOf(name)) ? files.read(pathOf(name)) : '')
  const wanted = (name: string): string => (name === 'etcd' && !isAlone ? current(name) : made[`${name}.yaml`]!)
  say(`Writing new Static Pod manifests to "${temporary('kubeadm-upgraded-manifests', process)}"`)
  const isServerDue = !isSameManifest(current('kube-apiserver'), wanted('kube-apiserver'))
  const kept = new Map<string, string | undefined>()
  try {
    for (const { name, certificates: used } of components) {
      if (name === 'etcd' && flags.get('etcd-upgrade') === 'false') continue
      say(`Preparing for ${JSON.stringify(name)} upgrade`)
      const [before, after] = [current(name), wanted(name)]
      const isEqual = isSameManifest(before, after)
      if (isEqual && !(name === 'etcd' && isServerDue && renewsCertificates)) {
        say(`Current and new manifests of ${name} are equal, skipping upgrade`)
        continue
      }
      const hash = hashOf(cluster, `${name}-${node}`)
      if (renewsCertificates)
        for (const certificate of used) {
          say(`Renewing ${certificate} certificate`)
          renewed(invocation, certificates.find((known) => known.name === certificate)!)
        }
      const copy = `${backup}/${name}.yaml`
      say(
        isEqual
          ? `Restarting the ${name} static pod and backing up its manifest to ${JSON.stringify(copy)}`
          : `Moving new manifest to ${JSON.stringify(pathOf(name))} and backing up old manifest to ${JSON.stringify(copy)}`,
      )
      kept.set(name, files.exists(pathOf(name)) ? before : undefined)
      files.mkdir(backup, { parents: true })
      files.write(copy, before)
      if (!isEqual) files.write(pathOf(name), after)
      say('Waiting for the kubelet to restart the component')
      say('This can take up to 5m0s')
      if (!isEqual) yield* untilHashChanges(process, cluster, name, node, hash)
      yield* untilRunning(process, cluster, name)
      say(`Component ${JSON.stringify(name)} upgraded successfully!`)
      if (name === 'etcd') stdout.write('[upgrade/etcd] Waiting for etcd to become available\n')
    }
  } catch (error) {
    if (!(error instanceof KubeadmError || error instanceof FileError || error instanceof CommandFailed)) throw error
    for (const [name, text] of kept) putBack(process, pathOf(name), text)
    throw new KubeadmError(
      `couldn't complete the static pod upgrade: couldn't upgrade control plane. kubeadm has tried to recover everything into the earlier state. Errors faced: ${error.message}`,
    )
  }
  if (renewsCertificates)
    for (const name of ['admin.conf', 'super-admin.conf'])
      if (files.exists(`/etc/kubernetes/${name}`))
        renewed(invocation, certificates.find((known) => known.name === name)!)
}

/** What was there before; nothing, where nothing was. */
function putBack({ files }: Process, path: string, text: string | undefined): void {
  try {
    if (text !== undefined) files.write(path, text)
    else if (files.exists(path)) files.remove(path)
  } catch (error) {
    if (!(error instanceof FileError)) throw error
  }
}

/** Whether two manifests are of one Pod, however they are written. Source: ManifestFilesAreEqual in util/staticpod/utils.go */
function isSameManifest(a: string, b: string): boolean {
  if (a === b) return true
  try {
    return isSameValue(parseYamlValue(a), parseYamlValue(b))
  } catch (error) {
    if (!(error instanceof KubectlError)) throw error
    return false
  }
}

/** What its owner wrote into the ClusterConfiguration, flags by component: what was written into a manifest by hand is lost. */
export function extraFlags({
  apiServer,
  controllerManager,
  scheduler,
}: Omit<ClusterConfiguration, 'kubernetesVersion'>): Record<string, Record<string, string>> {
  const given = {
    'kube-apiserver': apiServer,
    'kube-controller-manager': controllerManager,
    'kube-scheduler': scheduler,
  }
  return Object.fromEntries(
    Object.entries(given).flatMap(([component, arguments_]) => {
      const flags = arguments_?.extraArgs
      if (!Array.isArray(flags)) return []
      const given = (flags as unknown[]).filter(isRecord).map(({ name, value }) => [String(name), String(value)])
      return [[component, Object.fromEntries(given)]]
    }),
  )
}

/** Of a mirror Pod; undefined while nobody tells. */
function hashOf(cluster: ClusterToUpgrade, name: string): string | undefined {
  try {
    return cluster.client.find(pods, { namespace: NAMESPACE, name })?.metadata.annotations?.[HASH]
  } catch (error) {
    if (error instanceof StatusError) return undefined
    throw error
  }
}

/** @throws KubeadmError when it did not in time */
function* untilHashChanges(
  process: Process,
  cluster: ClusterToUpgrade,
  component: string,
  node: string,
  before: string | undefined,
): Generator<Wait, void, unknown> {
  const endMs = process.nowEpochMs() + PATIENCE_MS
  for (;;) {
    const now = hashOf(cluster, `${component}-${node}`)
    if (now !== undefined && now !== before) return
    if (process.nowEpochMs() >= endMs)
      throw new KubeadmError(`static Pod hash for component ${component} on Node ${node} did not change after 5m0s`)
    yield* waitFor(process.sleep(POLL_MS))
  }
}

/** Every Pod of the component, on whatever node. @throws KubeadmError when they did not run in time */
function* untilRunning(process: Process, cluster: ClusterToUpgrade, component: string): Generator<Wait, void, unknown> {
  const selector = `component=${component}`
  const say = (text: string): void => process.stdout.write(`[apiclient] ${text}\n`)
  const endMs = process.nowEpochMs() + PATIENCE_MS
  let told = -1
  for (;;) {
    try {
      const { items } = cluster.client.list(pods, { namespace: NAMESPACE, labelSelector: selector })
      if (items.length !== told) say(`Found ${items.length} Pods for label selector ${selector}`)
      told = items.length
      if (items.length > 0 && items.every(({ status }) => status.phase === 'Running')) return
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      const path = `/api/v1/namespaces/${NAMESPACE}/pods?labelSelector=${encodeURIComponent(selector)}&timeout=10s`
      say(`Error getting Pods with label selector ${JSON.stringify(selector)} [${cluster.told(error, path)}]`)
    }
    if (process.nowEpochMs() >= endMs) throw new KubeadmError('timed out waiting for the condition')
    yield* waitFor(process.sleep(POLL_MS))
  }
}
