/**
 * What becomes of the listeners of a Gateway: which of them can be served, with which certificate, for routes of which kinds. Pure.
 * Sources: sigs.k8s.io/gateway-api v1.6.1, apis/v1/gateway_types.go, conformance/tests/gateway-*.go; reasons and messages as those of NGINX Gateway Fabric.
 * Simplified: protocols are HTTP and HTTPS, and certificates of clients are not asked for.
 */
import { charge } from '../../engine/work.ts'
import { readCertificateRef, type SecretLookup } from './certificates.ts'
import { type Finding, fails, holds } from './conditions.ts'
import { GROUP } from './definitions/shapes.ts'
import { overlap } from './hostnames.ts'
import type { Gateway, Listener, RouteKind } from './types.ts'

/** The kinds of routes that there are listeners for. */
const ROUTE_KINDS = ['HTTPRoute', 'GRPCRoute'] as const

/** Condition types of a listener that the controller looks after. */
export const LISTENER_CONDITIONS = ['Accepted', 'Programmed', 'ResolvedRefs', 'Conflicted', 'OverlappingTLSConfig']

export interface PlannedListener {
  listener: Listener
  /** '' for any. */
  host: string
  supportedKinds: readonly RouteKind[]
  /** Requests are answered on its port. */
  isServed: boolean
  /** What it shows, as PEM; of HTTPS alone. */
  certificate?: string
  findings: readonly Finding[]
}

/** What is wrong with a listener: a reason, a message, and the conditions that say so beside Programmed. */
interface Fault {
  accepted?: string
  resolved?: string
  conflicted?: string
  message: string
}

export function planListeners({ metadata, spec }: Gateway, secrets: SecretLookup): PlannedListener[] {
  charge(spec.listeners.length * (1 + spec.listeners.length / 4))
  return spec.listeners.map((listener) => {
    const kinds = supportedKinds(listener)
    const tls = certificateOf(listener, { namespace: metadata.namespace ?? '', frontend: spec.tls?.frontend }, secrets)
    const fault =
      protocolFault(listener) ??
      conflict(listener, spec.listeners) ??
      tls.fault ??
      (kinds.isUsable ? undefined : kinds.fault)
    const host = (listener.hostname ?? '').toLowerCase()
    const isServed = fault === undefined
    const overlapping = isServed && listener.protocol === 'HTTPS' && overlaps(listener, spec.listeners)
    return {
      listener,
      host,
      supportedKinds: fault?.accepted === 'UnsupportedProtocol' ? [] : kinds.kinds,
      isServed,
      ...(isServed && tls.pem !== undefined ? { certificate: tls.pem } : {}),
      findings: [...findingsOf(fault ?? kinds.fault, isServed), ...(overlapping ? [OVERLAPPING] : [])],
    }
  })
}

function findingsOf(fault: Fault | undefined, isServed: boolean): Finding[] {
  const { accepted, resolved, conflicted, message = '' } = fault ?? {}
  return [
    accepted ? fails('Accepted', accepted, message) : holds('Accepted', 'Accepted', 'The Listener is accepted'),
    isServed
      ? holds('Programmed', 'Programmed', 'The Listener is programmed')
      : fails('Programmed', 'Invalid', message),
    resolved
      ? fails('ResolvedRefs', resolved, message)
      : holds('ResolvedRefs', 'ResolvedRefs', 'All references are resolved'),
    conflicted ? holds('Conflicted', conflicted, message) : fails('Conflicted', 'NoConflicts', 'No conflicts'),
  ]
}

/** Kinds that the listener names and that there are; all of them unless it names some. */
function supportedKinds({ allowedRoutes }: Listener): { kinds: RouteKind[]; isUsable: boolean; fault?: Fault } {
  const named = allowedRoutes?.kinds ?? []
  if (named.length === 0) return { kinds: ROUTE_KINDS.map((kind) => ({ group: GROUP, kind })), isUsable: true }
  const isKnown = ({ group = GROUP, kind }: RouteKind): boolean =>
    group === GROUP && ROUTE_KINDS.some((one) => one === kind)
  const kinds = named.filter(isKnown).map(({ kind }) => ({ group: GROUP, kind }))
  const unknown = named.find((one) => !isKnown(one))
  if (!unknown) return { kinds, isUsable: true }
  const message = `Unsupported route kind "${unknown.group ?? GROUP}/${unknown.kind}"`
  return { kinds, isUsable: kinds.length > 0, fault: { resolved: 'InvalidRouteKinds', message } }
}

function protocolFault({ protocol, tls }: Listener): Fault | undefined {
  if (protocol !== 'HTTP' && protocol !== 'HTTPS') {
    const message = `Unsupported protocol "${protocol}"; the supported ones are HTTP and HTTPS`
    return { accepted: 'UnsupportedProtocol', message }
  }
  if (protocol === 'HTTPS' && !tls)
    return { accepted: 'UnsupportedValue', message: 'tls must be defined for HTTPS listeners' }
  return undefined
}

/** All listeners of a port that cannot be told apart are refused, not only the later ones. */
function conflict(listener: Listener, all: readonly Listener[]): Fault | undefined {
  const sharing = all.filter((other) => other !== listener && other.port === listener.port && !protocolFault(other))
  if (sharing.some(({ protocol }) => protocol !== listener.protocol)) {
    const message = `Multiple listeners for the same port ${listener.port} specify incompatible protocols; ensure only one protocol per port`
    return { accepted: 'ProtocolConflict', conflicted: 'ProtocolConflict', message }
  }
  if (sharing.some(({ hostname }) => (hostname ?? '') === (listener.hostname ?? ''))) {
    const message = `Multiple listeners for the same port ${listener.port} have the same hostname`
    return { accepted: 'HostnameConflict', conflicted: 'HostnameConflict', message }
  }
  return undefined
}

function certificateOf(
  { protocol, tls }: Listener,
  { namespace, frontend }: { namespace: string; frontend: object | undefined },
  secrets: SecretLookup,
): { pem?: string; fault?: Fault } {
  if (protocol !== 'HTTPS' || !tls) return {}
  const unsupported = (message: string) => ({ fault: { accepted: 'UnsupportedValue', message } })
  if (frontend) return unsupported('certificates of clients are not supported: spec.tls.frontend must not be set')
  if (Object.keys(tls.options ?? {}).length > 0) return unsupported('tls.options are not supported')
  const references = tls.certificateRefs ?? []
  if (references.length === 0) return unsupported('certificateRefs must be defined for TLS mode Terminate')
  const readings = references.map((reference) => readCertificateRef(reference, namespace, secrets))
  for (const reading of readings)
    if ('why' in reading) {
      const { reason, why } = reading
      return { fault: { accepted: reason, resolved: reason, message: why } }
    }
  const [first] = readings
  return 'pem' in first ? { pem: first.pem } : {}
}

const OVERLAPPING = holds(
  'OverlappingTLSConfig',
  'OverlappingHostnames',
  'The hostname overlaps with that of another listener on the same port, which may have another certificate',
)

const overlaps = (listener: Listener, all: readonly Listener[]): boolean =>
  all.some(
    (other) =>
      other !== listener &&
      other.port === listener.port &&
      other.protocol === 'HTTPS' &&
      overlap(other.hostname ?? '', listener.hostname ?? ''),
  )
