/** Who asks the API server. */
import type { UserInfo } from '../client/client.ts'

/** A request's author and what the answer says besides the object. */
export interface Caller {
  user: UserInfo
  /** The default manager of fields: the first part of the user agent. */
  fieldManager: string
  /** Skips strict decoding and field checks: for the cluster's own components, whose objects are built by type. */
  isTrusted: boolean
  /** By which the kind is asked for, when it is another one than that it is stored under. */
  group?: string
  warn(text: string): void
  /** Virtual milliseconds that others took whom the server had to ask. */
  spend?(ms: number): void
}

/** What admission writes, such as the use of a quota, the server writes itself. */
export const serverItself: Caller = {
  user: { name: 'system:apiserver', groups: ['system:masters'] },
  fieldManager: 'kube-apiserver',
  isTrusted: true,
  warn: () => undefined,
}
