/** The environment of a container. Source: pkg/kubelet/kubelet_pods.go, makeEnvironmentVariables; pkg/kubelet/envvars */
import type { Container, Pod } from '../api/core/pod-types.ts'
import type { ConfigMap, Secret, Service } from '../api/core/types.ts'
import { decodeBase64Lossy } from '../api/meta/base64.ts'
import type { ResourceList } from '../api/meta/object.ts'
import { mostArgumentBytes, mostArgumentsBytes } from '../runtime/argument-limits.ts'
import { fieldValue, type PodAddresses, resourceValue } from './downward.ts'
import { readEnvFile } from './env-file.ts'
import { expandVariables } from './expansion.ts'

export interface EnvironmentSources {
  findConfigMap(namespace: string, name: string): ConfigMap | undefined
  findSecret(namespace: string, name: string): Secret | undefined
  /** Services of the Pod's namespace, in the order they were made, and `default/kubernetes`. */
  services: readonly Service[]
  /** A file of one of the Pod's volumes. */
  readVolumeFile(volume: string, path: string): string | undefined
  addresses: PodAddresses
  allocatable: ResourceList
}

/**
 * The variables in order of definition, or why they can't be made: what CreateContainerConfigError says. Of what references multiply no more
 * is made than shows that no program can be started with it.
 */
export function makeEnvironment(
  pod: Pod,
  container: Container,
  sources: EnvironmentSources,
): { env: Record<string, string> } | { error: string } {
  const namespace = pod.metadata.namespace ?? ''
  const fromServices = serviceVariables(pod, sources.services)
  const result: Record<string, string> = {}

  for (const source of container.envFrom ?? []) {
    const { configMapRef, secretRef, prefix = '' } = source
    const reference = configMapRef ?? secretRef
    if (!reference) continue
    const data = configMapRef
      ? sources.findConfigMap(namespace, reference.name)?.data
      : decodeAll(sources.findSecret(namespace, reference.name))
    const exists = configMapRef
      ? sources.findConfigMap(namespace, reference.name)
      : sources.findSecret(namespace, reference.name)
    if (!exists) {
      if (reference.optional) continue
      return { error: `${configMapRef ? 'configmap' : 'secret'} "${reference.name}" not found` }
    }
    for (const [key, value] of Object.entries(data ?? {}).sort(byKey)) result[prefix + key] = value
  }

  let characters = 0
  for (const variable of container.env ?? []) {
    if (characters > mostArgumentsBytes) break
    let value = variable.value ?? ''
    const from = variable.valueFrom
    if (value !== '') {
      value = expandVariables(value, (name) => result[name] ?? fromServices[name], mostArgumentBytes)
    } else if (from?.fieldRef) {
      value = fieldValue(pod, from.fieldRef.fieldPath, sources.addresses) ?? ''
    } else if (from?.resourceFieldRef) {
      const { containerName, resource, divisor } = from.resourceFieldRef
      const owner = containerName
        ? [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find((c) => c.name === containerName)
        : container
      if (!owner) return { error: `container ${containerName} not found` }
      value = resourceValue(owner, resource, divisor, sources.allocatable)
    } else if (from?.configMapKeyRef) {
      const { name, key, optional } = from.configMapKeyRef
      const configMap = sources.findConfigMap(namespace, name)
      if (!configMap && !optional) return { error: `configmap "${name}" not found` }
      const found = configMap?.data?.[key]
      if (found === undefined && !optional)
        return { error: `couldn't find key ${key} in ConfigMap ${namespace}/${name}` }
      if (found === undefined) continue
      value = found
    } else if (from?.secretKeyRef) {
      const { name, key, optional } = from.secretKeyRef
      const secret = sources.findSecret(namespace, name)
      if (!secret && !optional) return { error: `secret "${name}" not found` }
      const found = secret?.data?.[key]
      if (found === undefined && !optional) return { error: `couldn't find key ${key} in Secret ${namespace}/${name}` }
      if (found === undefined) continue
      value = decodeBase64Lossy(found)
    } else if (from?.fileKeyRef) {
      const { volumeName, path, key, optional } = from.fileKeyRef
      const content = sources.readVolumeFile(volumeName, path)
      const found = content === undefined ? undefined : readEnvFile(content, key)
      if (found === undefined) return { error: "couldn't parse env file" }
      if (found === '' && optional) continue
      const file = `/var/lib/kubelet/pods/${pod.metadata.uid}/volumes/kubernetes.io~empty-dir/${volumeName}/${path}`
      if (found === '') return { error: `environment variable key "${key}" not found in file "${file}"` }
      value = found
    }
    result[variable.name] = value
    characters += value.length
  }
  // What the Pod defines hides what Services would.
  for (const [name, value] of Object.entries(fromServices)) result[name] ??= value
  return { env: result }
}

/** Source: https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables */
function serviceVariables(pod: Pod, services: readonly Service[]): Record<string, string> {
  const result: Record<string, string> = {}
  for (const service of services) {
    const isApiServer = service.metadata.namespace === 'default' && service.metadata.name === 'kubernetes'
    if (
      !isApiServer &&
      (pod.spec.enableServiceLinks === false || service.metadata.namespace !== pod.metadata.namespace)
    )
      continue
    const ip = service.spec.clusterIP
    const ports = service.spec.ports ?? []
    if (!ip || ip === 'None' || ports.length === 0) continue
    const prefix = service.metadata.name.toUpperCase().replaceAll('-', '_')
    result[`${prefix}_SERVICE_HOST`] = ip
    result[`${prefix}_SERVICE_PORT`] = String(ports[0].port)
    for (const port of ports) {
      if (port.name)
        result[`${prefix}_SERVICE_PORT_${port.name.toUpperCase().replaceAll('-', '_')}`] = String(port.port)
    }
    ports.forEach((port, index) => {
      const protocol = port.protocol.toLowerCase()
      const url = `${protocol}://${ip}:${port.port}`
      const base = `${prefix}_PORT_${port.port}_${port.protocol}`
      if (index === 0) result[`${prefix}_PORT`] = url
      result[base] = url
      result[`${base}_PROTO`] = protocol
      result[`${base}_PORT`] = String(port.port)
      result[`${base}_ADDR`] = ip
    })
  }
  return result
}

const byKey = ([a]: [string, string], [b]: [string, string]): number => (a < b ? -1 : 1)

const decodeAll = (secret: Secret | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(secret?.data ?? {}).map(([key, value]) => [key, decodeBase64Lossy(value)]))
