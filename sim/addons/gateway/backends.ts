/**
 * What the backendRefs of a route lead to. Pure.
 * Sources: sigs.k8s.io/gateway-api v1.6.1, apis/v1/{httproute_types,shared_types}.go (HTTPBackendRef, RouteConditionResolvedRefs), conformance/tests/httproute-*
 */
import type { Service, ServicePort } from '../../api/core/types.ts'
import { charge } from '../../engine/work.ts'
import { type Finding, fails, holds } from './conditions.ts'
import { isGranted } from './references.ts'
import type { BackendRef, Filter, ReferenceGrant, Route } from './types.ts'

export type Backend =
  | { service: { namespace: string; name: string }; port: ServicePort }
  | { reason: 'RefNotPermitted' | 'InvalidKind' | 'BackendNotFound' | 'UnsupportedProtocol'; why: string }

export interface BackendFacts {
  grants: readonly ReferenceGrant[]
  service(namespace: string, name: string): Service | undefined
}

/** Protocols of a Service's port that plain HTTP to its Pods is not. */
const WITH_TLS = ['https', 'kubernetes.io/wss']

/** @param from the route that refers */
export function resolveBackend(
  reference: BackendRef,
  from: { kind: Route['kind']; namespace: string },
  { grants, service }: BackendFacts,
): Backend {
  const { group = '', kind = 'Service', name, port } = reference
  const namespace = reference.namespace ?? from.namespace
  if (group !== '' || kind !== 'Service') {
    const asked = group === '' ? kind : `${kind}.${group}`
    return { reason: 'InvalidKind', why: `backendRefs may refer to a Service, not to ${asked} ${name}` }
  }
  if (!isGranted(grants, { from, to: { group, kind, namespace, name } }))
    return {
      reason: 'RefNotPermitted',
      why: `Backend ref to Service ${namespace}/${name} not permitted by any ReferenceGrant`,
    }
  const found = service(namespace, name)
  if (!found) return { reason: 'BackendNotFound', why: `Service "${namespace}/${name}" not found` }
  if (found.spec.type === 'ExternalName')
    return {
      reason: 'BackendNotFound',
      why: `Service "${namespace}/${name}" is of type ExternalName, which is not supported`,
    }
  const own = (found.spec.ports ?? []).find((one) => one.port === port)
  if (!own) return { reason: 'BackendNotFound', why: `Service "${namespace}/${name}" has no port ${port}` }
  if (own.appProtocol !== undefined && WITH_TLS.includes(own.appProtocol))
    return {
      reason: 'UnsupportedProtocol',
      why: `Service "${namespace}/${name}" wants ${own.appProtocol} on port ${port}, which needs a BackendTLSPolicy`,
    }
  return { service: { namespace, name }, port: own }
}

const filtersOf = ({ kind, route }: Route): Filter[] =>
  (route.spec.rules ?? []).flatMap(({ filters = [], backendRefs = [] }) => [
    ...filters,
    ...backendRefs.flatMap((one) => (kind === 'HTTPRoute' ? (one.filters ?? []) : [])),
  ])

/** Every reference of a route to a backend: of its rules, and of filters that mirror. */
function referencesOf(route: Route): BackendRef[] {
  const rules = route.route.spec.rules ?? []
  const mirrored = filtersOf(route).flatMap(({ requestMirror }) => (requestMirror ? [requestMirror.backendRef] : []))
  return [...rules.flatMap(({ backendRefs = [] }) => backendRefs), ...mirrored]
}

/** Whether all that the route refers to is there, as its condition. */
export function resolvedRefs(route: Route, facts: BackendFacts): Finding {
  const from = { kind: route.kind, namespace: route.route.metadata.namespace ?? '' }
  const references = referencesOf(route)
  charge(references.length)
  for (const reference of references) {
    const backend = resolveBackend(reference, from, facts)
    if ('reason' in backend) return fails('ResolvedRefs', backend.reason, backend.why)
  }
  const extension = filtersOf(route).find(({ extensionRef }) => extensionRef)?.extensionRef
  if (extension) {
    const asked = extension.group === '' ? extension.kind : `${extension.kind}.${extension.group}`
    return fails(
      'ResolvedRefs',
      'InvalidFilter',
      `The filter ${asked} ${extension.name} of an extensionRef is not known`,
    )
  }
  return holds('ResolvedRefs', 'ResolvedRefs', 'All references are resolved')
}
