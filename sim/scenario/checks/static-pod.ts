/** Components of a control plane that are static Pods: whether one still is what kubeadm made it, however somebody wrote its manifest anew. */
import type { Container, Pod, Volume } from '../../api/core/pod-types.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { said } from '../../engine/said.ts'
import { charge } from '../../engine/work.ts'
import { type ControlPlanePlace, staticPodManifests } from '../../kubeadm/manifests.ts'
import { parseYamlValue } from '../../kubectl/yaml.ts'
import { serverVersion } from '../../version.ts'
import type { StaticPodAssertion } from '../types.ts'
import type { Snapshot } from './history.ts'
import type { StateAssertion, Verdict } from './verdict.ts'

const components = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const

/**
 * Holds while a component is a static Pod of its node, alone in it, ready, with the image and the flags that kubeadm gave it, in whatever order and
 * of `command` or `args`. A flag is there once at most, and with kubeadm's value; or one of those
 * that `also` has for it, where `ADDRESS` stands for that of the node; it may be missing unless `flags` names it. How much is logged, probes, resources and
 * names of volumes are the author's own; a folder of the node that kubeadm does not mount, another network, rights or variables are not.
 * @throws Error for a component that kubeadm does not make
 */
export function staticPodAssertion({
  component,
  node = 'control-plane',
  release = serverVersion,
  flags = [],
  free = [],
  also = {},
}: StaticPodAssertion): StateAssertion {
  if (!(components as readonly string[]).includes(component))
    throw new Error(`no component ${component}; kubeadm makes ${components.join(', ')}`)
  const name = `${component}-${node}`
  const expected = said`${`Pod/${name}`} as kubeadm sets it up`
  function problemOf(snapshot: Snapshot): string | undefined {
    const found = snapshot
      .everywhere('pods')
      .find(({ metadata }) => metadata.namespace === 'kube-system' && metadata.name === name) as Pod | undefined
    if (!found) return said`there is no ${`Pod/${name}`}`
    const { annotations = {}, ownerReferences = [] } = found.metadata
    const isOfNode = ownerReferences.some((owner) => owner.kind === 'Node' && owner.name === node)
    if (annotations['kubernetes.io/config.source'] !== 'file' || !isOfNode)
      return said`${`Pod/${name}`} is no static Pod of ${node}`
    const own = kubeadmPod(snapshot)
    return (
      shapeProblem(found, own) ??
      flagProblem(found.spec.containers[0]!, own.spec.containers[0]!, addressOf(snapshot)) ??
      readiness(found)
    )
  }

  function kubeadmPod(snapshot: Snapshot): Pod {
    const members = placesOf(snapshot)
    const place = members.find((one) => one.name === node) ?? { name: node, ip: '' }
    const text = staticPodManifests(place, members, release)[`${component}.yaml`]!
    return parseYamlValue(text) as Pod
  }

  function shapeProblem({ spec }: Pod, own: Pod): string | undefined {
    const [container, ...others] = [
      ...(spec.initContainers ?? []),
      ...spec.containers,
      ...(spec.ephemeralContainers ?? []),
    ]
    if (others.length > 0 || !container) return said`${`Pod/${name}`} has ${others.length + 1} containers`
    const [wanted] = own.spec.containers as [Container]
    if (container.name !== wanted.name) return said`its container is called ${container.name}`
    if (container.image !== wanted.image) return said`its image is ${container.image ?? ''}`
    if (spec.hostNetwork !== true) return said`it does not use the network of its node`
    const changed =
      spec.hostPID || spec.hostIPC
        ? 'hostPID, hostIPC'
        : (['env', 'envFrom', 'lifecycle', 'securityContext'] as const).find((field) => {
            const value = container[field]
            return value !== undefined && Object.keys(value).length > 0
          })
    if (changed) return said`it has ${changed}, which kubeadm does not give it`
    if (free.includes('volumes')) return undefined
    const folders = new Set(own.spec.volumes?.map(folderOf))
    const other = spec.volumes?.find((volume) => !folders.has(folderOf(volume)))
    return other && said`it has the volume ${other.name}, which kubeadm does not give it`
  }

  const addressOf = (snapshot: Snapshot): string => placesOf(snapshot).find((one) => one.name === node)?.ip ?? ''

  function flagProblem(container: Container, wanted: Container, address: string): string | undefined {
    const { program, given } = readWords(container)
    if (program !== component) return said`it runs ${program}`
    const own = readWords(wanted).given
    for (const [flag, values] of given) {
      if (values.length > 1) return said`${flag} is given ${values.length} times`
      if (flag === '--v' || free.includes(flag)) continue
      const value = own.get(flag)?.[0]
      if (value === undefined) return said`kubeadm does not give it ${flag}`
      const others = (also[flag] ?? []).map((one) => one.replaceAll('ADDRESS', address))
      if (![value, ...others].includes(values[0]!)) return said`${flag} is ${values[0] ?? ''}`
    }
    const needed = flags === 'all' ? [...own.keys()] : flags
    const missing = needed.find((flag) => !given.has(flag) && !free.includes(flag))
    return missing && said`${missing} is missing`
  }

  const readiness = ({ status }: Pod): string | undefined =>
    status?.containerStatuses?.every(({ ready }) => ready) ? undefined : said`${`Pod/${name}`} is not ready`

  return {
    reads: new Set(['pods', 'nodes']),
    evaluate(snapshot): Verdict {
      const actual = problemOf(snapshot)
      return { holds: actual === undefined, actual: actual ?? said`as kubeadm sets it up`, expected }
    },
  }
}

/** Of its node; undefined for a volume of another kind. */
const folderOf = ({ hostPath }: Volume): string | undefined => hostPath?.path.replace(/\/+$/, '')

/** The nodes of the control plane, the first of which was there first. */
function placesOf(snapshot: Snapshot): ControlPlanePlace[] {
  const all = snapshot.everywhere('nodes') as (KubeObject & {
    status?: { addresses?: { type: string; address: string }[] }
  })[]
  const since = ({ metadata }: KubeObject): string => metadata.creationTimestamp ?? ''
  return all
    .filter(({ metadata }) => 'node-role.kubernetes.io/control-plane' in (metadata.labels ?? {}))
    .sort((a, b) => (since(a) < since(b) || (since(a) === since(b) && a.metadata.name < b.metadata.name) ? -1 : 1))
    .map(({ metadata, status }) => ({
      name: metadata.name,
      ip: status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '',
    }))
}

/** Flags as the components read them: `--name=value`, `--name value`, with `_` for `-`. Source: k8s.io/component-base, cli/flag/flags.go */
function readWords({ command = [], args = [] }: Container): {
  program: string
  given: ReadonlyMap<string, readonly string[]>
} {
  const [program = '', ...words] = [...command, ...args]
  charge(words.length)
  const given = new Map<string, string[]>()
  for (let n = 0; n < words.length; n++) {
    const word = words[n]!
    const [, name, value] = /^(-{1,2}[^=]*)(?:=(.*))?$/s.exec(word) ?? []
    const flag = name === undefined ? word : `--${name.replace(/^-+/, '').replaceAll('_', '-')}`
    const isApart = name !== undefined && value === undefined && words[n + 1]?.startsWith('-') === false
    const own = value ?? (isApart ? words[++n]! : 'true')
    given.set(flag, [...(given.get(flag) ?? []), own])
  }
  return { program, given }
}
