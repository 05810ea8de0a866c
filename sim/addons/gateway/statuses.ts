/** Statuses as they are written, made of what was planned and of what stands there. Pure. */
import { equalJson } from '../../api/meta/json.ts'
import { mergeConditions } from './conditions.ts'
import { LISTENER_CONDITIONS } from './listeners.ts'
import { CONTROLLER, type Plan, type PlannedGateway, type PlannedRoute } from './plan.ts'
import type { Gateway, GatewayClass, ParentRef, Route } from './types.ts'

const CLASS_CONDITIONS = ['Accepted', 'SupportedVersion']
const GATEWAY_CONDITIONS = ['Accepted', 'Programmed', 'ResolvedRefs']
const ROUTE_CONDITIONS = ['Accepted', 'ResolvedRefs', 'PartiallyInvalid']

/** Optional parts of the Gateway API that the controller does, in the order of their names. Source: pkg/features */
const FEATURES = [
  'GRPCRoute',
  'Gateway',
  'GatewayAddressEmpty',
  'GatewayHTTPListenerIsolation',
  'GatewayPort8080',
  'GatewayStaticAddresses',
  'HTTPRoute',
  'HTTPRoute303RedirectStatusCode',
  'HTTPRoute307RedirectStatusCode',
  'HTTPRoute308RedirectStatusCode',
  'HTTPRouteBackendRequestHeaderModification',
  'HTTPRouteBackendTimeout',
  'HTTPRouteDestinationPortMatching',
  'HTTPRouteHostRewrite',
  'HTTPRouteMethodMatching',
  'HTTPRouteNamedRouteRule',
  'HTTPRouteParentRefPort',
  'HTTPRoutePathRedirect',
  'HTTPRoutePathRewrite',
  'HTTPRoutePortRedirect',
  'HTTPRouteQueryParamMatching',
  'HTTPRouteRequestMirror',
  'HTTPRouteRequestMultipleMirrors',
  'HTTPRouteRequestPercentageMirror',
  'HTTPRouteRequestTimeout',
  'HTTPRouteResponseHeaderModification',
  'HTTPRouteSchemeRedirect',
  'ReferenceGrant',
]

/** The object with its new status; undefined when it has that already. */
export function classWithStatus(
  { gatewayClass, findings }: Plan['classes'][number],
  timestamp: string,
): GatewayClass | undefined {
  const { metadata, status } = gatewayClass
  const at = { generation: metadata.generation, timestamp }
  const conditions = mergeConditions(status?.conditions, findings, CLASS_CONDITIONS, at)
  const supportedFeatures = FEATURES.map((name) => ({ name }))
  return changed(gatewayClass, { ...status, conditions, supportedFeatures })
}

export function gatewayWithStatus(planned: PlannedGateway, timestamp: string): Gateway | undefined {
  const { gateway, findings, ips, listeners } = planned
  const { metadata, status } = gateway
  const at = { generation: metadata.generation, timestamp }
  const { addresses: _, ...rest } = status ?? {}
  return changed(gateway, {
    ...rest,
    ...(ips.length > 0 ? { addresses: ips.map((value) => ({ type: 'IPAddress', value })) } : {}),
    conditions: mergeConditions(status?.conditions, findings, GATEWAY_CONDITIONS, at),
    listeners: listeners.map(({ findings: own, name, supportedKinds, attachedRoutes }) => {
      const before = status?.listeners?.find((one) => one.name === name)?.conditions
      const conditions = mergeConditions(before, own, LISTENER_CONDITIONS, at)
      return { name, supportedKinds, attachedRoutes, conditions }
    }),
  })
}

/** What other controllers said of the route stays; what this one said of parents that it has no more goes. */
export function routeWithStatus({ route, parents }: PlannedRoute, timestamp: string): Route['route'] | undefined {
  const { metadata, status } = route.route
  const at = { generation: metadata.generation, timestamp }
  const before = status?.parents ?? []
  const own = parents.map(({ parentRef, findings }) => {
    const old = before.find((one) => one.controllerName === CONTROLLER && equalJson(one.parentRef, parentRef))
    return {
      parentRef: parentRef as ParentRef,
      controllerName: CONTROLLER,
      conditions: mergeConditions(old?.conditions, findings, ROUTE_CONDITIONS, at),
    }
  })
  const foreign = before.filter(({ controllerName }) => controllerName !== CONTROLLER)
  if (own.length + foreign.length === 0 && before.length === 0) return undefined
  return changed(route.route, { parents: [...foreign, ...own] })
}

const changed = <T extends { status?: object }>(object: T, status: T['status'] & object): T | undefined =>
  equalJson(object.status ?? {}, status) ? undefined : { ...object, status }
