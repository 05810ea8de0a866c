/**
 * Cluster IPs and node ports of a Service: kept, dropped with a change of type, reserved and given back.
 * Sources: kubernetes/pkg/registry/core/service/{strategy.go,storage/alloc.go}.
 * Simplified: a single-stack IPv4 cluster.
 */
import { type FieldError, invalid } from '../../meta/field-error.ts'
import type { AllocationContext } from '../../meta/kind.ts'
import { isIPv6 } from '../../meta/names.ts'
import { keyOf } from '../../meta/object.ts'
import { internalError } from '../../meta/status-error.ts'
import type { Service } from '../types.ts'
import { isHeadless, validateClusterIPs } from './cluster-ips.ts'
import { isExternallyAccessible } from './defaults.ts'

const FAMILY = 'IPv4'

/** A load balancer asks the nodes which of them have endpoints. */
export const needsHealthCheck = ({ spec }: Service): boolean =>
  spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local'
/** Has, or will get, a virtual IP (a headless one has the value None). */
const hasClusterIP = ({ spec }: Service): boolean => spec.type !== 'ExternalName'
const hasNodePorts = ({ spec }: Service): boolean =>
  spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false)

/** Fills in from the old object what the server once chose and the writer left out, and makes clusterIP and clusterIPs agree. */
export function keepAllocated(service: Service, old: Service | undefined): void {
  const { spec } = service
  if (old && hasClusterIP(old) && hasClusterIP(service)) {
    if (!spec.clusterIP && old.spec.clusterIP) spec.clusterIP = old.spec.clusterIP
    if (!spec.clusterIPs?.length && old.spec.clusterIPs && spec.clusterIP === old.spec.clusterIP)
      spec.clusterIPs = old.spec.clusterIPs
  }
  if (old?.spec.healthCheckNodePort && needsHealthCheck(old) && needsHealthCheck(service))
    spec.healthCheckNodePort ||= old.spec.healthCheckNodePort
  alignClusterIPs(service, old)
  if (!old || !hasNodePorts(old) || !hasNodePorts(service)) return
  const taken = new Set(spec.ports?.map((port) => port.nodePort).filter(Boolean))
  const known = new Map(old.spec.ports?.map((port) => [port.name ?? '', port.nodePort]))
  for (const port of spec.ports ?? []) {
    const before = known.get(port.name ?? '')
    if (!port.nodePort && before && !taken.has(before)) port.nodePort = before
  }
}

function alignClusterIPs({ spec }: Service, old: Service | undefined): void {
  if (!old) {
    if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP]
    return
  }
  const isListUnchanged = sameList(spec.clusterIPs, old.spec.clusterIPs)
  if ((spec.clusterIP ?? '') === (old.spec.clusterIP ?? '') || !isListUnchanged) return
  if (spec.clusterIP) spec.clusterIPs = [spec.clusterIP]
  else delete spec.clusterIPs
}

const sameList = (a: readonly string[] = [], b: readonly string[] = []): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index])

/** A change of type drops what only the old type had, unless the writer set it anew. */
export function dropFieldsOfOldType(service: Service, old: Service): void {
  const { spec } = service
  if (hasClusterIP(old) && !hasClusterIP(service)) {
    if (spec.clusterIP === old.spec.clusterIP && sameList(spec.clusterIPs, old.spec.clusterIPs)) {
      delete spec.clusterIP
      delete spec.clusterIPs
    }
    if (sameList(spec.ipFamilies, old.spec.ipFamilies)) delete spec.ipFamilies
    if (spec.ipFamilyPolicy === old.spec.ipFamilyPolicy) delete spec.ipFamilyPolicy
    if (spec.internalTrafficPolicy === old.spec.internalTrafficPolicy) delete spec.internalTrafficPolicy
  }
  if (hasNodePorts(old) && !hasNodePorts(service)) {
    const before = old.spec.ports?.map((port) => String(port.nodePort ?? 0))
    const isUnchanged = sameList(
      before,
      spec.ports?.map((port) => String(port.nodePort ?? 0)),
    )
    if (isUnchanged) for (const port of spec.ports ?? []) delete port.nodePort
  }
  if (needsHealthCheck(old) && !needsHealthCheck(service) && spec.healthCheckNodePort === old.spec.healthCheckNodePort)
    delete spec.healthCheckNodePort
  if (old.spec.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    if (spec.allocateLoadBalancerNodePorts === old.spec.allocateLoadBalancerNodePorts)
      delete spec.allocateLoadBalancerNodePorts
    if (spec.loadBalancerClass === old.spec.loadBalancerClass) delete spec.loadBalancerClass
  }
  if (
    isExternallyAccessible(old) &&
    !isExternallyAccessible(service) &&
    spec.externalTrafficPolicy === old.spec.externalTrafficPolicy
  )
    delete spec.externalTrafficPolicy
}

/** Chooses or reserves the cluster IP and node ports, and gives back those of the old object that are no longer used. */
export function allocateAddresses(
  service: Service,
  old: Service | undefined,
  context: AllocationContext,
): FieldError[] {
  const wrong = service.spec.type === 'ExternalName' ? [] : validateClusterIPs(service)
  if (wrong.length > 0) return wrong
  const steps = [chooseFamilies, allocateClusterIP, old ? updateNodePorts : initNodePorts]
  for (const step of steps) {
    const errors = step(service, old, context)
    if (errors.length > 0) return errors
  }
  allocateHealthCheckPort(service, old, context)
  if (!old) return []
  if (ownsIP(old) && service.spec.type === 'ExternalName')
    context.serviceAddresses.releaseClusterIP(old.spec.clusterIP!)
  const keptPorts = new Set(nodePortsOf(service))
  for (const port of nodePortsOf(old)) if (!keptPorts.has(port)) context.serviceAddresses.releaseNodePort(port)
  return []
}

/** The port at which kube-proxies tell a load balancer whether their node has endpoints. */
function allocateHealthCheckPort(service: Service, old: Service | undefined, context: AllocationContext): void {
  const { serviceAddresses } = context
  const isOldWithOne = old !== undefined && needsHealthCheck(old)
  const { healthCheckNodePort: asked } = service.spec
  if (!needsHealthCheck(service)) {
    if (isOldWithOne) serviceAddresses.releaseNodePort(old.spec.healthCheckNodePort!)
    return
  }
  if (isOldWithOne) return
  const refusal = asked && serviceAddresses.reserveNodePort(asked)
  if (refusal) throw internalError(`failed to allocate requested HealthCheck NodePort ${asked}: ${refusal}`)
  service.spec.healthCheckNodePort = asked || serviceAddresses.allocateNodePort()
}

/** Gives back everything the Service held. */
export function releaseAddresses(service: Service, context: AllocationContext): void {
  if (ownsIP(service)) context.serviceAddresses.releaseClusterIP(service.spec.clusterIP!)
  for (const port of new Set(nodePortsOf(service))) context.serviceAddresses.releaseNodePort(port)
  if (service.spec.healthCheckNodePort) context.serviceAddresses.releaseNodePort(service.spec.healthCheckNodePort)
}

const ownsIP = (service: Service): boolean => hasClusterIP(service) && !!service.spec.clusterIP && !isHeadless(service)
const nodePortsOf = ({ spec }: Service): number[] =>
  (spec.ports ?? []).flatMap((port) => (port.nodePort ? [port.nodePort] : []))

function chooseFamilies(service: Service, old: Service | undefined): FieldError[] {
  const { spec } = service
  if (spec.type === 'ExternalName') return []
  const isFree = isHeadless(service) && Object.keys(spec.selector ?? {}).length === 0
  spec.ipFamilyPolicy ??= old?.spec.ipFamilyPolicy ?? (isFree ? 'RequireDualStack' : 'SingleStack')
  if (isFree) {
    if (!spec.ipFamilies?.length) spec.ipFamilies = [FAMILY]
    if (spec.ipFamilies.length < 2 && spec.ipFamilyPolicy !== 'SingleStack')
      spec.ipFamilies = [spec.ipFamilies[0], spec.ipFamilies[0] === 'IPv4' ? 'IPv6' : 'IPv4']
    return []
  }
  const errors: FieldError[] = []
  if (spec.ipFamilyPolicy === 'SingleStack') {
    const why = (what: string): string =>
      `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`
    if (spec.clusterIPs?.length === 2)
      errors.push(invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy, why('cluster IPs')))
    if (spec.ipFamilies?.length === 2)
      errors.push(invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy, why('IP families')))
  }
  const isIPv6Asked = spec.clusterIPs?.findIndex((ip, index) => isIPv6(ip) && !spec.ipFamilies?.[index]) ?? -1
  if (isIPv6Asked >= 0)
    errors.push(invalid(`spec.clusterIPs[${isIPv6Asked}]`, spec.clusterIPs, 'IPv6 is not configured on this cluster'))
  if (errors.length > 0) return errors
  if (spec.ipFamilyPolicy === 'RequireDualStack')
    errors.push(
      invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy, 'this cluster is not configured for dual-stack services'),
    )
  spec.ipFamilies?.forEach((family, index) => {
    if (family !== FAMILY) errors.push(invalid(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster'))
  })
  if (!spec.ipFamilies?.length) spec.ipFamilies = [FAMILY]
  return errors
}

function allocateClusterIP(service: Service, old: Service | undefined, context: AllocationContext): FieldError[] {
  const { spec } = service
  if (spec.type === 'ExternalName' || isHeadless(service)) return []
  if (!spec.clusterIP) {
    spec.clusterIP = context.serviceAddresses.allocateClusterIP(keyOf(service))
    spec.clusterIPs = [spec.clusterIP]
    return []
  }
  // One that had an address keeps it: another one is for validation to refuse.
  if (old && old.spec.type !== 'ExternalName') return []
  const refusal = context.serviceAddresses.reserveClusterIP(spec.clusterIP, keyOf(service))
  return refusal ? [invalid('spec.clusterIPs', spec.clusterIPs, refusal)] : []
}

/** Ports of one number, by different protocols, share their node port. */
function initNodePorts(
  service: Service,
  _old: Service | undefined,
  { serviceAddresses }: AllocationContext,
): FieldError[] {
  const { type, ports = [] } = service.spec
  if (type !== 'NodePort' && type !== 'LoadBalancer') return []
  const given = new Map<number, number>()
  for (const [index, port] of ports.entries()) {
    if (!port.nodePort && !hasNodePorts(service)) continue
    const before = given.get(port.port)
    if (before !== undefined && (port.nodePort || before) === before) {
      port.nodePort = before
      continue
    }
    const asked =
      before === undefined ? ports.find((other) => other.port === port.port && other.nodePort)?.nodePort : port.nodePort
    const refusal = asked && serviceAddresses.reserveNodePort(asked)
    if (refusal) return [invalid(`spec.ports[${index}].nodePort`, asked, refusal)]
    const nodePort = asked || serviceAddresses.allocateNodePort()
    if (before === undefined) given.set(port.port, nodePort)
    port.nodePort = nodePort
  }
  return []
}

function updateNodePorts(
  service: Service,
  old: Service | undefined,
  { serviceAddresses }: AllocationContext,
): FieldError[] {
  const { type, ports = [] } = service.spec
  if (type !== 'NodePort' && type !== 'LoadBalancer') return []
  const held = new Set(old ? nodePortsOf(old) : [])
  const seen = new Set<string>()
  for (const [index, port] of ports.entries()) {
    if (port.nodePort && !held.has(port.nodePort)) {
      const refusal = serviceAddresses.reserveNodePort(port.nodePort)
      if (refusal) return [invalid(`spec.ports[${index}].nodePort`, port.nodePort, refusal)]
      held.add(port.nodePort)
    } else if (!port.nodePort) {
      if (!hasNodePorts(service)) continue
      port.nodePort = serviceAddresses.allocateNodePort()
    }
    const key = `${port.protocol} ${port.nodePort}`
    if (seen.has(key)) throw internalError(`duplicate nodePort: {${key}}`)
    seen.add(key)
  }
  return []
}
