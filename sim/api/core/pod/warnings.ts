/** Warnings on what is accepted but surely not meant. Source: kubernetes/pkg/api/pod/warnings.go */

import { charge } from '../../../engine/work.ts'
import { dnsLabelErrors } from '../../meta/names.ts'
import { sortedEntries } from '../../meta/object-meta.ts'
import { canonicalQuantity, quantityError, quantityMillis } from '../../meta/quantity.ts'
import type { Container, ContainerPort, EnvVar, Pod, PodSpec } from '../pod-types.ts'

/** Labels of nodes that have newer names. */
const DEPRECATED_LABELS: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
}

const DEPRECATED_VOLUMES: Readonly<Record<string, string>> = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  gitRepo: 'deprecated in v1.11',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
}

/** How Go prints a list of strings with %v. */
const goList = (items: readonly string[]): string => `[${items.join(' ')}]`

export function podWarnings(pod: Pod, old: Pod | undefined): string[] {
  const warnings: string[] = []
  const wrong = old ? [] : dnsLabelErrors(pod.metadata.name)
  if (wrong.length > 0)
    warnings.push(
      `metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: ${goList(wrong)}`,
    )
  return [...warnings, ...podSpecWarnings(pod.spec, 'spec')]
}

/** Of the name of something that names Pods after itself. */
export function podNamePrefixWarnings(name: string): string[] {
  const wrong = dnsLabelErrors(name)
  if (wrong.length === 0) return []
  return [
    `metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: ${goList(wrong)}`,
  ]
}

/** @param path of the spec: `spec`, `spec.template.spec` */
export function podSpecWarnings(spec: PodSpec, path: string): string[] {
  const warnings: string[] = []
  for (const [key] of sortedEntries(spec.nodeSelector))
    if (DEPRECATED_LABELS[key]) warnings.push(`${path}.nodeSelector[${key}]: ${DEPRECATED_LABELS[key]}`)
  for (const [index, { topologyKey, labelSelector }] of (spec.topologySpreadConstraints ?? []).entries()) {
    const at = `${path}.topologySpreadConstraints[${index}]`
    if (DEPRECATED_LABELS[topologyKey])
      warnings.push(`${at}.topologyKey: ${topologyKey} is ${DEPRECATED_LABELS[topologyKey]}`)
    if (!labelSelector) warnings.push(`${at}.labelSelector: a null labelSelector results in matching no pod`)
  }
  for (const [index, volume] of (spec.volumes ?? []).entries())
    for (const [source, why] of Object.entries(DEPRECATED_VOLUMES))
      if (volume[source]) warnings.push(`${path}.volumes[${index}].${source}: ${why}`)
  for (const { name, projected } of spec.volumes ?? [])
    for (const { secret, configMap, downwardAPI, serviceAccountToken } of projected?.sources ?? [])
      if (!secret && !configMap && !downwardAPI && !serviceAccountToken)
        warnings.push(`volume "${name}" (Projected) has no sources provided`)
  warnings.push(
    ...repeated(
      (spec.hostAliases ?? []).map(({ ip }) => ip),
      (index, ip) => `${path}.hostAliases[${index}].ip: duplicate ip "${ip}"`,
    ),
    ...repeated(
      (spec.imagePullSecrets ?? []).map(({ name }) => name),
      (index, name) => `${path}.imagePullSecrets[${index}].name: duplicate name "${name}"`,
    ),
  )
  for (const [index, { name }] of (spec.imagePullSecrets ?? []).entries())
    if (!name) warnings.push(`${path}.imagePullSecrets[${index}].name: invalid empty name ""`)
  const all = containersOf(spec, path)
  for (const [container, at] of all)
    warnings.push(...fractionWarnings(container, at), ...envWarnings(container.env, `${at}.env`))
  for (const warning of portWarnings(all)) warnings.push(warning)
  if (spec.terminationGracePeriodSeconds < 0)
    warnings.push(
      `${path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`,
    )
  return warnings
}

function containersOf(spec: PodSpec, path: string): [Container, string][] {
  return (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((field) =>
    (spec[field] ?? []).map((container, index): [Container, string] => [container, `${path}.${field}[${index}]`]),
  )
}

function repeated(items: readonly string[], word: (index: number, item: string) => string): string[] {
  const seen = new Set<string>()
  return items.flatMap((item, index) => {
    const isRepeated = seen.has(item)
    seen.add(item)
    return isRepeated ? [word(index, item)] : []
  })
}

/** Bytes come whole: `100m` of memory is a tenth of a byte. */
function fractionWarnings({ resources }: Container, path: string): string[] {
  return (['limits', 'requests'] as const).flatMap((field) =>
    ['memory', 'ephemeral-storage'].flatMap((name) => {
      const quantity = resources?.[field]?.[name]
      if (quantity === undefined || quantityError(String(quantity)) || quantityMillis(quantity) % 1000 === 0) return []
      return [
        `${path}.resources.${field}[${name}]: fractional byte value "${canonicalQuantity(quantity)}" is invalid, must be an integer`,
      ]
    }),
  )
}

function envWarnings(env: readonly EnvVar[] | undefined, path: string): string[] {
  const names = new Set<string>()
  return (env ?? []).flatMap(({ name, value = '', valueFrom }, index) => {
    const isRepeated = names.has(name)
    names.add(name)
    const reference = `$(${name})`
    // X=a; X=$(X)b builds on the first and is meant.
    const isMeant = !valueFrom && value !== reference && value.includes(reference)
    return isRepeated && !isMeant
      ? [`${path}[${index}]: hides previous definition of "${name}", which may be dropped when using apply`]
      : []
  })
}

/** Of computing: to compare two ports, and to tell of them. */
const stepsOfWarning = 15

function portWarnings(containers: readonly [Container, string][]): string[] {
  const seen = new Map<string, { port: ContainerPort; at: string }[]>()
  const warnings: string[] = []
  for (const [container, path] of containers)
    for (const [index, port] of (container.ports ?? []).entries()) {
      const at = `${path}.ports[${index}]`
      const key = `${port.containerPort}/${port.protocol}`
      const others = seen.get(key) ?? []
      charge(1 + stepsOfWarning * others.length)
      for (const other of others) {
        const isSame = port.hostIP === other.port.hostIP && (port.hostPort ?? 0) === (other.port.hostPort ?? 0)
        if (isSame) warnings.push(`${at}: duplicate port definition with ${other.at}`)
        else if (!port.hostPort || !other.port.hostPort)
          warnings.push(`${at}: overlapping port definition with ${other.at}`)
      }
      others.push({ port, at })
      seen.set(key, others)
    }
  return warnings
}
