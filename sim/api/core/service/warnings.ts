/** What the server says of Services that it accepts all the same. Source: pkg/api/service/warnings.go */
import type { Service } from '../types.ts'
import { isHeadless } from './cluster-ips.ts'

const TOPOLOGY_AWARE_HINTS = 'service.kubernetes.io/topology-aware-hints'

/** Simplified: nothing is said of addresses that are written in an unusual way. */
export function serviceWarnings(service: Service): string[] {
  const { metadata, spec } = service
  const warnings: string[] = []
  const { type, externalIPs = [] } = spec
  if (metadata.annotations?.[TOPOLOGY_AWARE_HINTS] !== undefined)
    warnings.push(
      `annotation ${TOPOLOGY_AWARE_HINTS} is deprecated, please use service.kubernetes.io/topology-mode instead`,
    )
  const isWithoutIP = type === 'ClusterIP' && isHeadless(service)
  if (isWithoutIP) {
    if (spec.loadBalancerIP) warnings.push('spec.loadBalancerIP is ignored for headless services')
    if (externalIPs.length > 0) warnings.push('spec.externalIPs is ignored for headless services')
    if (spec.sessionAffinity !== 'None') warnings.push('spec.SessionAffinity is ignored for headless services')
  }
  if (externalIPs.length > 0 && !isWithoutIP && type !== 'ExternalName')
    warnings.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters')
  if (type === 'ExternalName' && externalIPs.length > 0)
    warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"')
  if (type !== 'ExternalName' && spec.externalName)
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"')
  if (spec.trafficDistribution === 'PreferClose')
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
  return warnings
}
