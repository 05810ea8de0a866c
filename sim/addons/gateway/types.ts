/** Types of gateway.networking.k8s.io/v1, as far as the controller reads them. Defaults of the schemas have been filled in. */
import type { KubeObject, LabelSelector } from '../../api/meta/object.ts'

export interface Condition {
  type: string
  status: 'True' | 'False' | 'Unknown'
  reason: string
  message: string
  observedGeneration?: number
  lastTransitionTime: string
}

export interface GatewayClass extends KubeObject {
  spec: { controllerName: string; description?: string; parametersRef?: object }
  status?: { conditions?: readonly Condition[]; supportedFeatures?: readonly { name: string }[] }
}

export interface RouteKind {
  group?: string
  kind: string
}

export interface ObjectReference {
  group?: string
  kind?: string
  name: string
  namespace?: string
}

export interface Listener {
  name: string
  hostname?: string
  port: number
  protocol: string
  tls?: { mode?: string; certificateRefs?: readonly ObjectReference[]; options?: object }
  allowedRoutes?: {
    kinds?: readonly RouteKind[]
    namespaces?: { from?: 'All' | 'Selector' | 'Same'; selector?: LabelSelector }
  }
}

export interface ListenerStatus {
  name: string
  supportedKinds?: readonly RouteKind[]
  attachedRoutes: number
  conditions: readonly Condition[]
}

export interface GatewayAddress {
  type?: string
  value?: string
}

export interface Gateway extends KubeObject {
  spec: {
    gatewayClassName: string
    listeners: readonly Listener[]
    addresses?: readonly GatewayAddress[]
    infrastructure?: { parametersRef?: object }
    tls?: { frontend?: object }
  }
  status?: {
    addresses?: readonly GatewayAddress[]
    conditions?: readonly Condition[]
    listeners?: readonly ListenerStatus[]
  }
}

export interface ParentRef {
  group?: string
  kind?: string
  namespace?: string
  name: string
  sectionName?: string
  port?: number
}

export interface ParentStatus {
  parentRef: ParentRef
  controllerName: string
  conditions: readonly Condition[]
}

export interface NamedMatch {
  type?: 'Exact' | 'RegularExpression'
  name: string
  value: string
}

export interface HttpMatch {
  path?: { type?: 'Exact' | 'PathPrefix' | 'RegularExpression'; value?: string }
  method?: string
  headers?: readonly NamedMatch[]
  queryParams?: readonly NamedMatch[]
}

export interface HeaderModifier {
  set?: readonly { name: string; value: string }[]
  add?: readonly { name: string; value: string }[]
  remove?: readonly string[]
}

export interface PathModifier {
  type: 'ReplaceFullPath' | 'ReplacePrefixMatch'
  replaceFullPath?: string
  replacePrefixMatch?: string
}

export interface RequestRedirect {
  scheme?: string
  hostname?: string
  path?: PathModifier
  port?: number
  statusCode?: number
}

export interface MirrorFilter {
  backendRef: BackendRef
  percent?: number
  fraction?: { numerator: number; denominator?: number }
}

export interface Filter {
  type: string
  requestHeaderModifier?: HeaderModifier
  responseHeaderModifier?: HeaderModifier
  requestRedirect?: RequestRedirect
  urlRewrite?: { hostname?: string; path?: PathModifier }
  requestMirror?: MirrorFilter
  extensionRef?: { group: string; kind: string; name: string }
}

export interface BackendRef extends ObjectReference {
  port?: number
  weight?: number
  filters?: readonly Filter[]
}

export interface HttpRule {
  name?: string
  matches?: readonly HttpMatch[]
  filters?: readonly Filter[]
  backendRefs?: readonly BackendRef[]
  timeouts?: { request?: string; backendRequest?: string }
}

interface RouteOf<Rule> extends KubeObject {
  spec: { parentRefs?: readonly ParentRef[]; hostnames?: readonly string[]; rules?: readonly Rule[] }
  status?: { parents: readonly ParentStatus[] }
}

export type HttpRoute = RouteOf<HttpRule>

export type GrpcRoute = RouteOf<Pick<HttpRule, 'name' | 'filters' | 'backendRefs'> & { matches?: readonly object[] }>

/** A route of either kind, and which it is. */
export type Route = { kind: 'HTTPRoute'; route: HttpRoute } | { kind: 'GRPCRoute'; route: GrpcRoute }

export interface ReferenceGrant extends KubeObject {
  spec: {
    from: readonly { group: string; kind: string; namespace: string }[]
    to: readonly { group: string; kind: string; name?: string }[]
  }
}
