/** What every request begins with: whether its caller may do it. Those that were refused are remembered, for whoever asks why. */
import { type Kind, resourceName } from '../api/meta/kind.ts'
import type { KubeObject, ObjectKey } from '../api/meta/object.ts'
import { forbidden } from '../api/meta/status-error.ts'
import type { Caller } from './caller.ts'
import { type Authorization, forbiddenMessage, type RequestInfo } from './request.ts'

/** More would tell nobody anything. */
const keptRefusals = 100

/** Besides the kind. */
export interface Asked {
  verb: string
  key: ObjectKey
  subresource?: string
  fieldSelector?: string
}

export class Access {
  readonly authorization: Authorization
  private readonly refusals = new Map<string, RequestInfo>()

  constructor(authorization: Authorization) {
    this.authorization = authorization
  }

  /** Asks whether the caller may do it, and tells of a deprecated kind. @throws StatusError 403 */
  check<T extends KubeObject>(
    caller: Pick<Caller, 'user' | 'group'> & Partial<Pick<Caller, 'warn'>>,
    kind: Kind<T>,
    { verb, key, subresource = '', fieldSelector }: Asked,
  ): void {
    const group = caller.group ?? kind.group
    const request: RequestInfo = {
      user: caller.user,
      verb,
      group,
      resource: kind.plural,
      subresource,
      namespace: kind.liesInItself ? key.name : key.namespace,
      name: key.name,
      fieldSelector,
    }
    const decision = this.authorization.authorize(request)
    if (!decision.allowed) {
      this.noteRefusal(request)
      throw forbidden(resourceName({ ...kind, group }), key.name, forbiddenMessage(request, decision.reason))
    }
    if (kind.deprecation) caller.warn?.(kind.deprecation)
  }

  /** The requests that were refused so far, each once. */
  refused(): readonly RequestInfo[] {
    return [...this.refusals.values()]
  }

  private noteRefusal(request: RequestInfo): void {
    if (this.refusals.size >= keptRefusals) return
    const { user, fieldSelector: _, ...asked } = request
    this.refusals.set([user.name, ...Object.values(asked)].join(' '), request)
  }
}
