/** What a request is, once it is read: who asks for what. */
import type { PolicyRule } from '../api/rbac/types.ts'
import type { UserInfo } from '../client/client.ts'
import { said } from '../engine/said.ts'
import type { Change } from '../etcd/etcd.ts'

/** A request for a resource, as authorizers see it. */
export interface RequestInfo {
  user: UserInfo
  /** `get`, `list`, `create`…; also verbs that no request has: `bind`, `escalate`, `impersonate`. */
  verb: string
  group: string
  /** Plural, without the subresource. */
  resource: string
  subresource: string
  /** '' for all namespaces, and for resources without one. */
  namespace: string
  /** '' when the request names no object. */
  name: string
  /** Of a list or a watch. */
  fieldSelector?: string
}

/** What the authorizer says of a request. */
export interface AuthorizationDecision {
  allowed: boolean
  /** Why not, besides that nothing allows it: `RBAC: role.rbac.authorization.k8s.io "x" not found`. */
  reason?: string
}

export type Authorizer = (request: RequestInfo) => AuthorizationDecision

/** One rule that a user holds, and where from. */
export interface Grant {
  rule: PolicyRule
  /** Where it holds; '' everywhere. */
  namespace: string
  /** `ClusterRole/view` */
  role: string
  /** `RoleBinding/scn/v` */
  binding: string
}

/** What a user may do in a namespace, and what of it could not be found out. */
export interface HeldRules {
  grants: readonly Grant[]
  errors: readonly string[]
}

/** Decides about requests, and tells what a user holds. */
export interface Authorization {
  authorize: Authorizer
  /** Whether a path that is no resource may be asked for. */
  authorizePath(user: UserInfo, verb: string, path: string): AuthorizationDecision
  /** Of bindings that hold in the namespace; '' asks for those that hold everywhere. */
  rulesFor(user: UserInfo, namespace: string): HeldRules
  /** Told of every change of the store. */
  noteChange?(change: Change): void
}

/** `list pods in namespace scn`, `get deployments.apps/scale "web" in the cluster` */
export function inWords({ verb, group, resource, subresource, namespace, name }: Omit<RequestInfo, 'user'>): string {
  const what = `${resource}${group ? `.${group}` : ''}${subresource ? `/${subresource}` : ''}${name ? ` "${name}"` : ''}`
  return `${verb} ${what} in ${namespace ? `namespace ${namespace}` : 'the cluster'}`
}

/** Which rule would allow the request, and where it would have to stand. */
export function missingRule({ verb, group, resource, subresource, namespace }: Omit<RequestInfo, 'user'>): string {
  const named = subresource ? `${resource}/${subresource}` : resource
  const [ofGroup, ofResource, ofVerb] = [group, named, verb].map((each) => JSON.stringify(each))
  return namespace
    ? said`No rule allows it: it takes one with apiGroups [${ofGroup}], resources [${ofResource}] and verbs [${ofVerb}], in a Role of namespace ${namespace} bound by a RoleBinding there, or in a ClusterRole bound by a ClusterRoleBinding.`
    : said`No rule allows it: it takes one with apiGroups [${ofGroup}], resources [${ofResource}] and verbs [${ofVerb}], in a ClusterRole bound by a ClusterRoleBinding.`
}

/** `User "jane" cannot list resource "pods" in API group "" in the namespace "scn"`. Source: apiserver/pkg/endpoints/handlers/responsewriters */
export function forbiddenMessage(request: RequestInfo, reason?: string): string {
  const resource = request.resource + (request.subresource ? `/${request.subresource}` : '')
  const where = request.namespace ? `in the namespace "${request.namespace}"` : 'at the cluster scope'
  const message = `User "${request.user.name}" cannot ${request.verb} resource "${resource}" in API group "${request.group}" ${where}`
  return reason ? `${message}: ${reason}` : message
}
