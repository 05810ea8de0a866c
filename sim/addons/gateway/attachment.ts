/**
 * Which listeners a route attaches to, for each of its parents. Pure.
 * Sources: sigs.k8s.io/gateway-api v1.6.1, apis/v1/shared_types.go (ParentReference, RouteConditionType), apis/v1/gateway_types.go (AllowedRoutes),
 * conformance/tests/httproute-{hostname-intersection,cross-namespace,invalid-*}.go
 */
import { selectorMatches } from '../../api/meta/label-selector.ts'
import { charge } from '../../engine/work.ts'
import { type Finding, fails, holds } from './conditions.ts'
import { GROUP } from './definitions/shapes.ts'
import { commonHosts } from './hostnames.ts'
import type { PlannedListener } from './listeners.ts'
import type { Gateway, ParentRef, Route } from './types.ts'

/** A Gateway with what became of its listeners. */
export interface ParentGateway {
  gateway: Gateway
  listeners: readonly PlannedListener[]
}

export interface Attachment {
  parentRef: ParentRef
  parent: ParentGateway
  accepted: Finding
  /** With the names by which the route is reached there; none unless it was accepted. */
  listeners: readonly { planned: PlannedListener; hosts: readonly string[] }[]
}

export type NamespaceLabels = (namespace: string) => Readonly<Record<string, string>> | undefined

export interface AttachmentFacts {
  /** By `namespace/name`; those of other controllers are not among them. */
  gateways: ReadonlyMap<string, ParentGateway>
  labelsOf: NamespaceLabels
}

/** One for each parentRef that names a Gateway of this controller. */
export function planAttachments(route: Route, { gateways, labelsOf }: AttachmentFacts): Attachment[] {
  const { metadata, spec } = route.route
  const own = metadata.namespace ?? ''
  return (spec.parentRefs ?? []).flatMap((parentRef) => {
    const { group = GROUP, kind = 'Gateway', namespace = own, name } = parentRef
    const parent = group === GROUP && kind === 'Gateway' ? gateways.get(`${namespace}/${name}`) : undefined
    return parent ? [attach(route, parentRef, parent, labelsOf)] : []
  })
}

function attach(route: Route, parentRef: ParentRef, parent: ParentGateway, labelsOf: NamespaceLabels): Attachment {
  const refused = (reason: string, message: string): Attachment => ({
    parentRef,
    parent,
    accepted: fails('Accepted', reason, message),
    listeners: [],
  })
  charge(parent.listeners.length)
  const named = parent.listeners.filter(
    ({ listener }) =>
      (parentRef.sectionName === undefined || listener.name === parentRef.sectionName) &&
      (parentRef.port === undefined || listener.port === parentRef.port),
  )
  if (named.length === 0) return refused('NoMatchingParent', 'Listener is not found for this parent ref')
  const allowing = named.filter((planned) => allows(planned, route, parent.gateway, labelsOf))
  if (allowing.length === 0) return refused('NotAllowedByListeners', 'The Route is not allowed by any listener')
  const listeners = allowing.flatMap((planned) => {
    const hosts = commonHosts(planned.host, route.route.spec.hostnames ?? [])
    return hosts.length > 0 ? [{ planned, hosts }] : []
  })
  if (listeners.length === 0)
    return refused('NoMatchingListenerHostname', 'The Listener hostname does not match the Route hostnames')
  return { parentRef, parent, accepted: holds('Accepted', 'Accepted', 'The Route is accepted'), listeners }
}

function allows(
  { listener, supportedKinds }: PlannedListener,
  { kind, route }: Route,
  gateway: Gateway,
  labelsOf: NamespaceLabels,
): boolean {
  if (!supportedKinds.some((one) => one.kind === kind)) return false
  const { from = 'Same', selector } = listener.allowedRoutes?.namespaces ?? {}
  const namespace = route.metadata.namespace ?? ''
  if (from === 'All') return true
  if (from === 'Same') return namespace === gateway.metadata.namespace
  return selectorMatches(selector, labelsOf(namespace) ?? {})
}
