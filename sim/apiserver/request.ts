/** What a request is, once it is read: who asks for what. */
import type { Kind } from '../api/meta/kind.ts'
import type { UserInfo } from '../client/client.ts'

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'

export interface RequestInfo {
  user: UserInfo
  verb: Verb
  kind: Kind
  subresource?: string
  namespace: string
  name: string
}

/** What the authorizer says of a request. */
export interface AuthorizationDecision {
  allowed: boolean
  reason?: string
}

export type Authorizer = (request: RequestInfo) => AuthorizationDecision
