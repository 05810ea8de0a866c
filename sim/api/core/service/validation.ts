/** What a Service must be. Source: ValidateService in kubernetes/pkg/apis/core/validation/validation.go */
import { duplicate, type FieldError, forbiddenField, invalid, notSupported, required } from '../../meta/field-error.ts'
import {
  cidrErrors,
  dnsLabelErrors,
  dnsSubdomainErrors,
  ipErrors,
  portNumberErrors,
  qualifiedNameErrors,
  specialAddressErrors,
} from '../../meta/names.ts'
import { type MetaRules, validateLabels, validateObjectMeta, validateObjectMetaUpdate } from '../../meta/object-meta.ts'
import { validatePortNumberOrName } from '../pod/handler-validation.ts'
import { oneOf } from '../pod/spec-validation.ts'
import type { Service, ServicePort, ServiceSpec } from '../types.ts'
import { needsHealthCheck } from './addresses.ts'
import { isHeadless, validateClusterIPs } from './cluster-ips.ts'
import { isExternallyAccessible } from './defaults.ts'

// Since v1.36 the first character may be a digit; before, it had to be a letter (RFC 1035).
const META: MetaRules = { isNamespaced: true, nameErrors: dnsLabelErrors }
const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const PROTOCOLS = ['SCTP', 'TCP', 'UDP']
const POLICIES = ['Cluster', 'Local']
const TRAFFIC_DISTRIBUTIONS = ['PreferClose', 'PreferSameZone', 'PreferSameNode']
const BALANCER_ONLY = "may only be used when `type` is 'LoadBalancer'"
/** A day: the longest session affinity. */
const MAX_AFFINITY_SECONDS = 86400

export function validateService(service: Service): FieldError[] {
  const { spec } = service
  const errors = validateObjectMeta(service.metadata, META)
  if (!spec.ports?.length && !isHeadless(service) && spec.type !== 'ExternalName') errors.push(required('spec.ports'))
  if ((spec.type === 'LoadBalancer' || spec.type === 'NodePort') && isHeadless(service))
    errors.push(invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${spec.type} services`))
  if (spec.type === 'ExternalName') errors.push(...validateExternalName(spec))
  errors.push(
    ...validatePorts(spec.ports ?? []),
    ...validateLabels(spec.selector, 'spec.selector'),
    ...validateAffinity(spec),
  )
  errors.push(...validateClusterIPs(service))
  for (const [index, ip] of (spec.externalIPs ?? []).entries()) {
    const wrong = ipErrors(ip).length > 0 ? ipErrors(ip) : specialAddressErrors(ip)
    for (const why of wrong) errors.push(invalid(`spec.externalIPs[${index}]`, ip, why))
  }
  errors.push(
    ...oneOf(spec.type, TYPES, 'spec.type'),
    ...validateNodePorts(spec),
    ...validateRepeatedPorts(spec.ports ?? []),
  )
  return [...errors, ...validateLoadBalancerFields(spec), ...validateTrafficFields(service)]
}

function validateExternalName(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = []
  const why = 'may not be set for ExternalName services'
  if (spec.clusterIPs?.length) errors.push(forbiddenField('spec.clusterIPs', why))
  if (spec.ipFamilies?.length) errors.push(forbiddenField('spec.ipFamilies', why))
  if (spec.ipFamilyPolicy !== undefined) errors.push(forbiddenField('spec.ipFamilyPolicy', why))
  const name = (spec.externalName ?? '').replace(/\.$/, '')
  if (!name) return [...errors, required('spec.externalName')]
  return [...errors, ...dnsSubdomainErrors(name).map((wrong) => invalid('spec.externalName', name, wrong))]
}

function validatePorts(ports: readonly ServicePort[]): FieldError[] {
  const names = new Set<string>()
  return ports.flatMap((port, index) => {
    const at = `spec.ports[${index}]`
    const errors: FieldError[] = []
    if (port.name) {
      for (const why of dnsLabelErrors(port.name)) errors.push(invalid(`${at}.name`, port.name, why))
      if (names.has(port.name)) errors.push(duplicate(`${at}.name`, port.name))
      names.add(port.name)
    } else if (ports.length > 1) errors.push(required(`${at}.name`))
    for (const why of portNumberErrors(port.port)) errors.push(invalid(`${at}.port`, port.port ?? 0, why))
    errors.push(...oneOf(port.protocol, PROTOCOLS, `${at}.protocol`))
    errors.push(...validatePortNumberOrName(port.targetPort, `${at}.targetPort`))
    if (port.appProtocol !== undefined)
      for (const why of qualifiedNameErrors(port.appProtocol))
        errors.push(invalid(`${at}.appProtocol`, port.appProtocol, why))
    return errors
  })
}

function validateAffinity({ sessionAffinity, sessionAffinityConfig }: ServiceSpec): FieldError[] {
  const errors = oneOf(sessionAffinity, ['ClientIP', 'None'], 'spec.sessionAffinity')
  if (sessionAffinity === 'None' && sessionAffinityConfig)
    errors.push(forbiddenField('spec.sessionAffinityConfig', 'must not be set when session affinity is None'))
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds
  if (sessionAffinity === 'ClientIP' && seconds !== undefined && (seconds <= 0 || seconds > MAX_AFFINITY_SECONDS))
    errors.push(
      invalid(
        'spec.sessionAffinityConfig.clientIP.timeoutSeconds',
        seconds,
        `must be greater than 0 and less than ${MAX_AFFINITY_SECONDS}`,
      ),
    )
  return errors
}

function validateNodePorts({ ports = [], type }: ServiceSpec): FieldError[] {
  const given = ports.flatMap(({ protocol, nodePort }, index) =>
    nodePort ? [{ at: `spec.ports[${index}].nodePort`, protocol, nodePort }] : [],
  )
  const errors =
    type === 'ClusterIP' ? given.map(({ at }) => forbiddenField(at, "may not be used when `type` is 'ClusterIP'")) : []
  const seen = new Set<string>()
  for (const { at, protocol, nodePort } of given) {
    const key = `${protocol}/${nodePort}`
    if (seen.has(key)) errors.push(duplicate(at, nodePort))
    seen.add(key)
  }
  return errors
}

function validateRepeatedPorts(ports: readonly ServicePort[]): FieldError[] {
  const seen = new Set<string>()
  return ports.flatMap(({ protocol, port }, index) => {
    const key = `${protocol}/${port}`
    const isRepeated = seen.has(key)
    seen.add(key)
    // The server shows all that a port has, under Go's names.
    const shown = { Name: '', Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 }
    return isRepeated ? [duplicate(`spec.ports[${index}]`, shown)] : []
  })
}

function validateLoadBalancerFields(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = []
  const isBalancer = spec.type === 'LoadBalancer'
  if (spec.loadBalancerSourceRanges?.length) {
    const at = 'spec.LoadBalancerSourceRanges'
    if (!isBalancer) errors.push(forbiddenField(at, BALANCER_ONLY))
    for (const [index, range] of spec.loadBalancerSourceRanges.entries())
      errors.push(...cidrErrors(range.trim()).map((why) => invalid(`${at}[${index}]`, range.trim(), why)))
  }
  if (spec.allocateLoadBalancerNodePorts !== undefined && !isBalancer)
    errors.push(forbiddenField('spec.allocateLoadBalancerNodePorts', BALANCER_ONLY))
  return [...errors, ...validateBalancerClass(spec)]
}

function validateBalancerClass({ type, loadBalancerClass }: ServiceSpec): FieldError[] {
  const at = 'spec.loadBalancerClass'
  if (loadBalancerClass === undefined) return []
  return type === 'LoadBalancer'
    ? qualifiedNameErrors(loadBalancerClass).map((why) => invalid(at, loadBalancerClass, why))
    : [forbiddenField(at, BALANCER_ONLY)]
}

function validateTrafficFields(service: Service): FieldError[] {
  const { externalTrafficPolicy, internalTrafficPolicy, healthCheckNodePort, trafficDistribution } = service.spec
  const errors: FieldError[] = []
  if (isExternallyAccessible(service))
    errors.push(...oneOf(externalTrafficPolicy, POLICIES, 'spec.externalTrafficPolicy'))
  else if (externalTrafficPolicy)
    errors.push(
      invalid(
        'spec.externalTrafficPolicy',
        externalTrafficPolicy,
        'may only be set for externally-accessible services',
      ),
    )
  if (healthCheckNodePort && needsHealthCheck(service))
    for (const why of portNumberErrors(healthCheckNodePort))
      errors.push(invalid('spec.healthCheckNodePort', healthCheckNodePort, why))
  else if (healthCheckNodePort)
    errors.push(
      invalid(
        'spec.healthCheckNodePort',
        healthCheckNodePort,
        "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
      ),
    )
  if (internalTrafficPolicy !== undefined && !POLICIES.includes(internalTrafficPolicy))
    errors.push(notSupported('spec.internalTrafficPolicy', internalTrafficPolicy, POLICIES))
  if (trafficDistribution !== undefined && !TRAFFIC_DISTRIBUTIONS.includes(trafficDistribution))
    errors.push(notSupported('spec.trafficDistribution', trafficDistribution, TRAFFIC_DISTRIBUTIONS))
  return errors
}

export function validateServiceUpdate(service: Service, old: Service): FieldError[] {
  const errors = validateObjectMetaUpdate(service.metadata, old.metadata)
  const { spec } = service
  if (spec.type !== 'ExternalName' && old.spec.type !== 'ExternalName') {
    if (!isHeadless(service) || !isHeadless(old)) errors.push(...validateKept(service, old, 'clusterIPs'))
    if (!isHeadless(service) && !isHeadless(old)) errors.push(...validateKept(service, old, 'ipFamilies'))
  }
  if (
    spec.type === 'LoadBalancer' &&
    old.spec.type === 'LoadBalancer' &&
    spec.loadBalancerClass !== old.spec.loadBalancerClass
  )
    errors.push(invalid('spec.loadBalancerClass', spec.loadBalancerClass, 'may not change once set'))
  // Looked at twice, and so told twice.
  errors.push(...validateBalancerClass(spec))
  if (needsHealthCheck(service) && needsHealthCheck(old) && spec.healthCheckNodePort !== old.spec.healthCheckNodePort)
    errors.push(forbiddenField('spec.healthCheckNodePort', 'field is immutable'))
  return [...errors, ...validateService(service)]
}

/** The first address and family stay for the Service's life; a second one may come and go. */
function validateKept({ spec }: Service, old: Service, field: 'clusterIPs' | 'ipFamilies'): FieldError[] {
  const now = spec[field] ?? []
  const before = old.spec[field] ?? []
  const addresses = spec.clusterIPs ?? []
  const at = `spec.${field}`
  const isOfFamilies = field === 'ipFamilies'
  if (now.length === before.length)
    return before.flatMap((item, index) =>
      item === now[index] ? [] : [invalid(`${at}[${isOfFamilies ? 0 : index}]`, now, 'may not change once set')],
    )
  const isReleased = before.length > now.length
  const what = isOfFamilies ? 'ipFamily' : 'clusterIP'
  const errors: FieldError[] = []
  // A family that is left out is chosen again; what tells that both were given up is that there is no address.
  if (isReleased && addresses.length === 0) errors.push(invalid(`${at}[0]`, now, `primary ${what} can not be unset`))
  // The addresses are shown for the families, too.
  if (before.length > 0 && now.length > 0 && now[0] !== before[0])
    errors.push(invalid(`${at}[0]`, addresses, 'may not change once set'))
  if (isReleased && now.length === 1 && spec.ipFamilyPolicy !== 'SingleStack')
    errors.push(
      invalid(
        'spec.ipFamilyPolicy',
        spec.ipFamilyPolicy,
        `must be set to 'SingleStack' when releasing the secondary ${what}`,
      ),
    )
  return errors
}
