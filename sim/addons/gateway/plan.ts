/**
 * What the controller makes of all that it sees: addresses, statuses, and what each Gateway serves. Pure.
 * Sources: sigs.k8s.io/gateway-api v1.6.1, apis/v1, conformance/tests; reasons and messages as those of NGINX Gateway Fabric.
 */
import type { Secret, Service } from '../../api/core/types.ts'
import { charge } from '../../engine/work.ts'
import { type Assigned, assignAddresses } from './addresses.ts'
import { type Attachment, type NamespaceLabels, type ParentGateway, planAttachments } from './attachment.ts'
import { type BackendFacts, resolvedRefs } from './backends.ts'
import { type Finding, fails, holds } from './conditions.ts'
import { planListeners } from './listeners.ts'
import { type ReadyRoute, readyRoute } from './route-rules.ts'
import { planPorts, type ServedPort } from './servers.ts'
import type { Gateway, GatewayClass, ParentRef, ReferenceGrant, Route } from './types.ts'

/** What there is in the cluster. */
export interface Facts {
  classes: readonly GatewayClass[]
  /** Whether the installed definitions are of the version that the controller was made for. */
  isKnownVersion: boolean
  gateways: readonly Gateway[]
  routes: readonly Route[]
  grants: readonly ReferenceGrant[]
  service(namespace: string, name: string): Service | undefined
  secret(namespace: string, name: string): Secret | undefined
  labelsOf: NamespaceLabels
  /** Addresses of Gateways, by uid. */
  addresses: ReadonlyMap<string, readonly string[]>
}

export interface PlannedGateway {
  gateway: Gateway
  ips: readonly string[]
  findings: readonly Finding[]
  listeners: readonly {
    name: string
    supportedKinds: readonly { group?: string; kind: string }[]
    attachedRoutes: number
    findings: readonly Finding[]
  }[]
  ports: readonly ServedPort[]
  /** Names that lead to it: those of its listeners, and of routes that name it as a parent, whether they were accepted or not. */
  hosts: readonly string[]
}

export interface PlannedRoute {
  route: Route
  parents: readonly { parentRef: ParentRef; findings: readonly Finding[] }[]
}

export interface Plan {
  classes: readonly { gatewayClass: GatewayClass; findings: readonly Finding[] }[]
  gateways: readonly PlannedGateway[]
  routes: readonly PlannedRoute[]
}

/** The controller's name in GatewayClasses and in the statuses of routes. */
export const CONTROLLER = 'gateway.nginx.org/nginx-gateway-controller'

export function planAll(facts: Facts): Plan {
  const own = facts.classes.filter(({ spec }) => spec.controllerName === CONTROLLER)
  const byName = new Map(own.map((one) => [one.metadata.name, one]))
  const gateways = facts.gateways.filter(({ spec }) => byName.has(spec.gatewayClassName)).toSorted(byCreation)
  charge(facts.gateways.length + facts.routes.length)
  const requests = gateways.map(({ metadata, spec }) => ({ uid: metadata.uid, addresses: spec.addresses ?? [] }))
  const assigned = assignAddresses(requests, facts.addresses)
  const parents = new Map<string, ParentGateway>(
    gateways.map((gateway) => [keyOf(gateway), { gateway, listeners: planListeners(gateway, facts) }]),
  )
  const routes = facts.routes.map((route) => planRoute(route, parents, facts))
  return {
    classes: own.map((gatewayClass) => ({ gatewayClass, findings: classFindings(gatewayClass, facts.isKnownVersion) })),
    gateways: [...parents.values()].map((parent) => {
      const { metadata, spec } = parent.gateway
      return planGateway(parent, byName.get(spec.gatewayClassName)!, assigned.get(metadata.uid)!, routes)
    }),
    routes: routes.map(({ planned }) => planned),
  }
}

const keyOf = ({ metadata }: Gateway): string => `${metadata.namespace}/${metadata.name}`
const byCreation = (a: Gateway, b: Gateway): number => {
  const [first, second] = [a, b].map((one) => `${one.metadata.creationTimestamp} ${keyOf(one)}`)
  return first < second ? -1 : 1
}

/** Simplified: there is no kind that parametersRef could name. */
function classFindings({ spec }: GatewayClass, isKnownVersion: boolean): Finding[] {
  const accepted = spec.parametersRef
    ? fails('Accepted', 'InvalidParameters', 'The GatewayClass has a parametersRef to a kind that is not known')
    : holds('Accepted', 'Accepted', 'The GatewayClass is accepted')
  return [
    accepted,
    isKnownVersion
      ? holds('SupportedVersion', 'SupportedVersion', 'The Gateway API CRD versions are supported')
      : fails('SupportedVersion', 'UnsupportedVersion', 'The Gateway API CRD versions are not recommended'),
  ]
}

// ---------- routes ----------

interface RouteWork {
  planned: PlannedRoute
  attachments: readonly Attachment[]
  ready: ReadyRoute | undefined
}

function planRoute(route: Route, gateways: ReadonlyMap<string, ParentGateway>, facts: BackendFacts & Facts): RouteWork {
  const attachments = planAttachments(route, { gateways, labelsOf: facts.labelsOf })
  if (attachments.length === 0) return { planned: { route, parents: [] }, attachments, ready: undefined }
  const ready = route.kind === 'HTTPRoute' ? readyRoute(route.route) : undefined
  const refs = resolvedRefs(route, facts)
  const isUseless = ready !== undefined && ready.dropped.length > 0 && ready.matches.length === 0
  const told = attachments.map((attachment): Attachment => {
    if (!isUseless || attachment.accepted.status !== 'True') return attachment
    const why = `All rules are invalid: ${whyDropped(ready)}`
    return { ...attachment, accepted: fails('Accepted', 'UnsupportedValue', why), listeners: [] }
  })
  const partly =
    ready && ready.dropped.length > 0 && !isUseless
      ? [holds('PartiallyInvalid', 'UnsupportedValue', `Dropped Rule(s): ${whyDropped(ready)}`)]
      : []
  const parents = told.map(({ parentRef, accepted }) => ({ parentRef, findings: [accepted, refs, ...partly] }))
  return { planned: { route, parents }, attachments: told, ready }
}

const whyDropped = ({ dropped }: ReadyRoute): string => dropped.map(({ why }) => why).join('; ')

// ---------- Gateways ----------

function planGateway(
  { gateway, listeners }: ParentGateway,
  gatewayClass: GatewayClass,
  address: Assigned,
  routes: readonly RouteWork[],
): PlannedGateway {
  charge(routes.length)
  const own = routes.flatMap(({ planned, ready, attachments }) =>
    attachments
      .filter(({ parent }) => parent.gateway === gateway)
      .map((attachment) => ({ route: planned.route, matches: ready?.matches, attachment })),
  )
  const attached = own.flatMap(({ route, matches, attachment }) =>
    attachment.listeners.map((listener) => ({ ...listener, matches, uid: route.route.metadata.uid })),
  )
  const uids = new Map(listeners.map((planned) => [planned, new Set<string>()]))
  for (const { planned, uid } of attached) uids.get(planned)!.add(uid)
  const findings = gatewayFindings(gateway, { listeners, gatewayClass, address })
  const isServed = findings.every(({ type, status }) => type === 'ResolvedRefs' || status === 'True')
  return {
    gateway,
    ips: 'ips' in address && isServed ? address.ips : [],
    findings,
    listeners: listeners.map((planned) => ({
      name: planned.listener.name,
      supportedKinds: planned.supportedKinds,
      attachedRoutes: uids.get(planned)!.size,
      findings:
        isServed || !planned.isServed
          ? planned.findings
          : planned.findings.map((one) =>
              one.type === 'Programmed' ? fails('Programmed', 'Invalid', 'The Gateway is not programmed') : one,
            ),
    })),
    ports: isServed
      ? planPorts(
          listeners,
          attached.flatMap(({ planned, hosts, matches }) => (matches ? [{ planned, hosts, matches }] : [])),
        )
      : [],
    hosts: [
      ...listeners.map(({ host }) => host),
      ...own.flatMap(({ route }) => route.route.spec.hostnames ?? []),
    ].filter((host) => host !== ''),
  }
}

function gatewayFindings(
  { spec }: Gateway,
  {
    listeners,
    gatewayClass,
    address,
  }: { listeners: ParentGateway['listeners']; gatewayClass: GatewayClass; address: Assigned },
): Finding[] {
  const accepted = acceptedGateway({ spec }, listeners, gatewayClass, address)
  const unresolved = listeners.filter(({ findings }) =>
    findings.some(({ type, status }) => type === 'ResolvedRefs' && status === 'False'),
  )
  const resolved =
    unresolved.length > 0
      ? fails('ResolvedRefs', 'ListenersNotResolved', `Listeners with unresolved references: ${namesOf(unresolved)}`)
      : holds('ResolvedRefs', 'ResolvedRefs', 'All references are resolved')
  if (accepted.status === 'False') return [accepted, fails('Programmed', 'Invalid', accepted.message), resolved]
  if ('why' in address) return [accepted, fails('Programmed', address.reason, address.why), resolved]
  return [accepted, holds('Programmed', 'Programmed', 'The Gateway is programmed'), resolved]
}

function acceptedGateway(
  { spec }: Pick<Gateway, 'spec'>,
  listeners: ParentGateway['listeners'],
  gatewayClass: GatewayClass,
  address: Assigned,
): Finding {
  if (gatewayClass.spec.parametersRef) return fails('Accepted', 'Invalid', 'The GatewayClass is invalid')
  if (spec.infrastructure?.parametersRef)
    return fails('Accepted', 'InvalidParameters', 'spec.infrastructure.parametersRef is to a kind that is not known')
  if ('why' in address && address.reason === 'UnsupportedAddress') return fails('Accepted', address.reason, address.why)
  const invalid = listeners.filter(({ isServed }) => !isServed)
  if (invalid.length === listeners.length)
    return fails('Accepted', 'ListenersNotValid', 'The Gateway has no valid listeners')
  if (invalid.length > 0)
    return holds('Accepted', 'ListenersNotValid', `The Gateway has listeners that are not valid: ${namesOf(invalid)}`)
  return holds('Accepted', 'Accepted', 'The Gateway is accepted')
}

const namesOf = (listeners: ParentGateway['listeners']): string =>
  listeners.map(({ listener }) => listener.name).join(', ')
