/** Types of networking.k8s.io/v1. */
import type { IntOrString, KubeObject, LabelSelector } from '../meta/object.ts'

export interface NetworkPolicyPort {
  protocol?: string
  port?: IntOrString
  endPort?: number
}

export interface NetworkPolicyPeer {
  podSelector?: LabelSelector
  namespaceSelector?: LabelSelector
  ipBlock?: { cidr: string; except?: string[] }
}

export interface NetworkPolicyIngressRule {
  ports?: NetworkPolicyPort[]
  from?: NetworkPolicyPeer[]
}

export interface NetworkPolicyEgressRule {
  ports?: NetworkPolicyPort[]
  to?: NetworkPolicyPeer[]
}

export interface NetworkPolicy extends KubeObject {
  spec: {
    podSelector?: LabelSelector
    ingress?: NetworkPolicyIngressRule[]
    egress?: NetworkPolicyEgressRule[]
    policyTypes?: string[]
  }
}

export interface IngressServiceBackend {
  name: string
  port?: { name?: string; number?: number }
}

export interface IngressBackend {
  service?: IngressServiceBackend
  resource?: { apiGroup?: string; kind: string; name: string }
}

export interface HTTPIngressPath {
  path?: string
  pathType: string
  backend: IngressBackend
}

export interface IngressRule {
  host?: string
  http?: { paths: HTTPIngressPath[] }
}

export interface Ingress extends KubeObject {
  spec: {
    ingressClassName?: string
    defaultBackend?: IngressBackend
    tls?: { hosts?: string[]; secretName?: string }[]
    rules?: IngressRule[]
  }
  status: { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } }
}

export interface IngressClass extends KubeObject {
  spec: {
    controller?: string
    parameters?: { apiGroup?: string; kind: string; name: string; scope?: string; namespace?: string }
  }
}

/** Older than spec.ingressClassName, and still read. */
export const CLASS_ANNOTATION = 'kubernetes.io/ingress.class'
/** On the IngressClass of Ingresses that name none. */
export const DEFAULT_CLASS_ANNOTATION = 'ingressclass.kubernetes.io/is-default-class'

/** A range of addresses that Services get theirs from. */
export interface ServiceCIDR extends KubeObject {
  spec: { cidrs: string[] }
  status: {
    conditions?: { type: string; status: string; reason: string; message: string; lastTransitionTime: string }[]
  }
}

/** An address that somebody has; its name is the address. */
export interface IPAddress extends KubeObject {
  spec: { parentRef?: { group?: string; resource: string; namespace?: string; name: string } }
}
