/** What the addresses of a Service must be. Source: ValidateServiceClusterIPsRelatedFields in kubernetes/pkg/apis/core/validation */
import { duplicate, type FieldError, invalid, notSupported, required } from '../../meta/field-error.ts'
import { ipErrors, isIPv6 } from '../../meta/names.ts'
import type { Service } from '../types.ts'

const FAMILY_POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack']

export const isHeadless = ({ spec }: Service): boolean => spec.clusterIP === 'None'

/** Looked at before addresses are given, and with all else. */
export function validateClusterIPs(service: Service): FieldError[] {
  const { clusterIP, clusterIPs = [], ipFamilies = [], ipFamilyPolicy, type } = service.spec
  if (type === 'ExternalName') return []
  const errors: FieldError[] = []
  const at = 'spec.clusterIPs'
  if (clusterIP) {
    if (clusterIPs.length === 0) errors.push(required(at))
    else if (clusterIPs[0] !== clusterIP) errors.push(invalid(at, clusterIPs, 'first value must match `clusterIP`'))
  } else if (clusterIPs.length > 0)
    errors.push(invalid(at, clusterIPs, 'must be empty when `clusterIP` is not specified'))
  for (const [index, family] of ipFamilies.entries()) {
    if (family !== 'IPv4' && family !== 'IPv6')
      errors.push(notSupported(`spec.ipFamilies[${index}]`, family, ['IPv4', 'IPv6']))
    if (ipFamilies.indexOf(family) < index) errors.push(duplicate(`spec.ipFamilies[${index}]`, family))
  }
  if (ipFamilyPolicy !== undefined && !FAMILY_POLICIES.includes(ipFamilyPolicy))
    errors.push(notSupported('spec.ipFamilyPolicy', ipFamilyPolicy, FAMILY_POLICIES))
  const wrong = clusterIPs.flatMap((ip, index) => {
    if (index === 0 && ip === 'None')
      return clusterIPs.length > 1 ? [invalid(at, clusterIPs, "'None' must be the first and only value")] : []
    return ipErrors(ip).map((why) => invalid(`${at}[${index}]`, ip, why))
  })
  errors.push(...wrong)
  if (clusterIPs.length > 2) errors.push(invalid(at, clusterIPs, 'may only hold up to 2 values'))
  if (wrong.length > 0) return errors
  if (clusterIPs.length > 1 && new Set(clusterIPs.map(isIPv6)).size < 2)
    errors.push(invalid(at, clusterIPs, 'may specify no more than one IP for each IP family'))
  if (isHeadless(service)) return errors
  for (const [index, ip] of clusterIPs.entries()) {
    const family = ipFamilies[index]
    if (family && isIPv6(ip) !== (family === 'IPv6'))
      errors.push(
        invalid(`${at}[${index}]`, ip, `expected an ${family} value as indicated by \`ipFamilies[${index}]\``),
      )
  }
  return errors
}
