/** The cluster that is upgraded, as kubeadm asks its API server. Sources: cmd/kubeadm/app/util/config/cluster.go, phases/upgrade/versiongetter.go */
import { deployments } from '../../../../api/apps/deployment.ts'
import { configMaps } from '../../../../api/core/config-map.ts'
import { nodes } from '../../../../api/core/node.ts'
import { pods } from '../../../../api/core/pod.ts'
import { StatusError } from '../../../../api/meta/status-error.ts'
import type { Client } from '../../../../client/client.ts'
import { destinationOf } from '../../../../components/kubeconfig.ts'
import type { Destination } from '../../../../components/trust.ts'
import { printYaml } from '../../../../kubectl/printers/yaml.ts'
import { parseYamlValue } from '../../../../kubectl/yaml.ts'
import { clientFor, refusedRequest } from '../../../cluster-client.ts'
import { type Invocation, KubeadmError } from '../command-line.ts'

export const NAMESPACE = 'kube-system'
export const ADMIN_CONF = '/etc/kubernetes/admin.conf'
const CONFIG_NAME = 'kubeadm-config'
const CONFIG_KEY = 'ClusterConfiguration'

/** What kubeadm keeps of how the cluster was set up, as far as an upgrade reads it. */
export interface ClusterConfiguration {
  kubernetesVersion: string
  apiServer?: Arguments
  controllerManager?: Arguments
  scheduler?: Arguments
}

interface Arguments {
  extraArgs?: readonly { name: string; value: string }[]
}

/** What `--print-config` says of it. */
export const configurationLines = (configuration: ClusterConfiguration): string =>
  [
    '[upgrade/config] Configuration used:',
    ...printYaml(configuration)
      .trimEnd()
      .split('\n')
      .map((line) => `\t${line}`),
  ].join('\n')

/** Asks an API server, and words what goes wrong. */
export class ClusterToUpgrade {
  readonly #invocation: Invocation
  readonly #where: Destination

  /** @param path of a kubeconfig @throws KubeadmError when there is none */
  constructor(invocation: Invocation, path: string) {
    this.#invocation = invocation
    if (!invocation.process.files.exists(path))
      throw new KubeadmError(
        `couldn't create a Kubernetes client from file ${JSON.stringify(path)}: failed to load admin kubeconfig: open ${path}: no such file or directory`,
      )
    this.#where = destinationOf(invocation.process, path)
  }

  /** A client for the moment. */
  get client(): Client {
    return clientFor(this.#invocation.machine, this.#where)
  }

  /** @param words what it was for @param path of the request, for one that comes to nothing @throws KubeadmError */
  ask<T>(words: string, path: string, act: (client: Client) => T): T {
    try {
      return act(this.client)
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      throw new KubeadmError(`${words}: ${this.told(error, path)}`)
    }
  }

  told(error: StatusError, path: string): string {
    return error.reason === 'Unreachable' ? refusedRequest(this.#where, path, error.message) : error.message
  }

  /** @param prefix of what is printed: `upgrade` @param told what it was for, if that is told @throws KubeadmError */
  configuration(prefix: string, told = ''): ClusterConfiguration {
    const words = told && `${told}: `
    const { stdout } = this.#invocation.process
    stdout.write(
      `[${prefix}] Reading configuration from the "${CONFIG_NAME}" ConfigMap in namespace "${NAMESPACE}"...\n`,
    )
    stdout.write(
      `[${prefix}] Use 'kubeadm init phase upload-config kubeadm --config your-config-file' to re-upload it.\n`,
    )
    const path = `/api/v1/namespaces/${NAMESPACE}/configmaps/${CONFIG_NAME}?timeout=10s`
    const found = this.ask(`${words}failed to get config map`, path, (client) =>
      client.get(configMaps, { namespace: NAMESPACE, name: CONFIG_NAME }),
    )
    const text = found.data?.[CONFIG_KEY]
    if (text === undefined)
      throw new KubeadmError(
        `${words}unexpected error when reading kubeadm-config ConfigMap: ${CONFIG_KEY} key value pair missing`,
      )
    const value = parseYamlValue(text)
    if (typeof value !== 'object' || value === null)
      throw new KubeadmError(`${words}failed to decode cluster configuration data`)
    return value as ClusterConfiguration
  }

  /** @throws KubeadmError */
  storeConfiguration(configuration: ClusterConfiguration): void {
    const key = { namespace: NAMESPACE, name: CONFIG_NAME }
    this.ask('error uploading the kubeadm ClusterConfiguration', '', (client) =>
      client.patch(configMaps, key, 'merge', { data: { [CONFIG_KEY]: printYaml(configuration) } }),
    )
  }

  /** Node names by the tag of the image that they run a component with. @throws KubeadmError */
  componentVersions(component: string): ReadonlyMap<string, readonly string[]> {
    const selector = `component=${component},tier=control-plane`
    const path = `/api/v1/namespaces/${NAMESPACE}/pods?labelSelector=${encodeURIComponent(selector)}&timeout=10s`
    const found = this.ask("couldn't list pods in cluster", path, (client) =>
      client.list(pods, { namespace: NAMESPACE, labelSelector: { matchLabels: { component, tier: 'control-plane' } } }),
    )
    return grouped(found.items.map(({ spec }) => [tagOf(spec.containers[0]?.image ?? ''), spec.nodeName ?? '']))
  }

  /** Node names by the release of their kubelet. @throws KubeadmError */
  kubeletVersions(): ReadonlyMap<string, readonly string[]> {
    const found = this.ask("couldn't list all nodes in cluster", '', (client) => client.list(nodes))
    return grouped(found.items.map(({ metadata, status }) => [status.nodeInfo?.kubeletVersion ?? '', metadata.name]))
  }

  /** The tag of CoreDNS; '' where it is not installed as Pods. @throws KubeadmError */
  dnsVersion(): string {
    const found = this.ask("couldn't retrieve DNS addon deployments", '', (client) =>
      client.list(deployments, { namespace: NAMESPACE, labelSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }),
    )
    return tagOf(found.items[0]?.spec.template.spec.containers[0]?.image ?? '')
  }
}

const tagOf = (image: string): string => /:([^:/@]+)(?:@.*)?$/.exec(image)?.[1] ?? ''

/** In the order of versions. */
function grouped(pairs: readonly (readonly [string, string])[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>()
  for (const [version, node] of pairs) groups.set(version, [...(groups.get(version) ?? []), node])
  return new Map([...groups].sort(([a], [b]) => (a < b ? -1 : 1)))
}
