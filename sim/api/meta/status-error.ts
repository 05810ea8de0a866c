/** API failures, worded as the real API server words them. Source: k8s.io/apimachinery/pkg/api/errors */

export type StatusReason =
  | 'BadRequest'
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Gone'
  | 'Expired'
  | 'Invalid'
  | 'MethodNotAllowed'
  | 'NotAcceptable'
  | 'UnsupportedMediaType'
  | 'RequestEntityTooLarge'
  | 'TooManyRequests'
  | 'InternalError'
  | 'ServiceUnavailable'
  | 'Timeout'
  | 'ServerTimeout'
  /** Passed on as it came from somebody else. */
  | ''
  /** Not an answer of the server's: there was none. */
  | 'Unreachable'

export interface StatusCause {
  reason: string
  message: string
  field?: string
}

export interface StatusDetails {
  name?: string
  group?: string
  kind?: string
  uid?: string
  causes?: StatusCause[]
  retryAfterSeconds?: number
}

/** The cluster refuses a request. A bare Error, in contrast, is a bug of ours. */
export class StatusError extends Error {
  override readonly name = 'StatusError'
  readonly code: number
  readonly reason: StatusReason
  readonly details: StatusDetails | undefined
  /** Of a list: where to go on. */
  readonly listMeta: { continue?: string }
  constructor(
    code: number,
    reason: StatusReason,
    message: string,
    details?: StatusDetails,
    listMeta: { continue?: string } = {},
  ) {
    super(message)
    this.listMeta = listMeta
    this.code = code
    this.reason = reason
    this.details = details
  }

  /** The `Status` object of the answer. */
  toStatus(): Record<string, unknown> {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: this.listMeta,
      status: 'Failure',
      message: this.message,
      ...(this.reason ? { reason: this.reason } : {}),
      ...(this.details ? { details: this.details } : {}),
      code: this.code,
    }
  }
}

export const isStatus = (error: unknown, reason: StatusReason): error is StatusError =>
  error instanceof StatusError && error.reason === reason

/** Nobody answered. @param why `dial tcp 172.18.0.2:6443: connect: connection refused` */
export const unreachable = (why: string): StatusError => new StatusError(503, 'Unreachable', why)

/** @param resource plural with its group: `pods`, `deployments.apps` */
export const notFound = (resource: string, name: string): StatusError =>
  new StatusError(404, 'NotFound', `${resource} "${name}" not found`, resourceDetails(resource, name))

/** Another kind stands where a Scale is wanted. */
export const notAScale = ({ version, kind }: { version: string; kind: string }): StatusError =>
  badRequest(
    `${kind} in version "${version}" cannot be handled as a Scale: converting (${version}.${kind}) to (autoscaling.Scale): unknown conversion`,
  )

/** Nothing is at that address. */
export const noSuchPath = (): StatusError =>
  new StatusError(404, 'NotFound', 'the server could not find the requested resource', {})

export const alreadyExists = (resource: string, name: string): StatusError =>
  new StatusError(409, 'AlreadyExists', `${resource} "${name}" already exists`, resourceDetails(resource, name))

export const conflict = (resource: string, name: string, why: string): StatusError =>
  new StatusError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${resource} "${name}": ${why}`,
    resourceDetails(resource, name),
  )

/** What the server answers when an update carries an old resourceVersion. */
export const staleConflict = (resource: string, name: string): StatusError =>
  conflict(
    resource,
    name,
    'the object has been modified; please apply your changes to the latest version and try again',
  )

/** @param why what follows `is forbidden: ` */
export const forbidden = (resource: string, name: string, why: string): StatusError =>
  new StatusError(
    403,
    'Forbidden',
    `${resource}${name ? ` "${name}"` : ''} is forbidden: ${why}`,
    resourceDetails(resource, name),
  )

/** @param causes what stands in the way, which kubectl does not show */
export const tooManyRequests = (message: string, causes: StatusCause[]): StatusError =>
  new StatusError(429, 'TooManyRequests', message, { causes })

export const badRequest = (message: string): StatusError => new StatusError(400, 'BadRequest', message)

export const methodNotAllowed = (): StatusError =>
  new StatusError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})

export const expired = (message: string): StatusError => new StatusError(410, 'Expired', message)

export const internalError = (message: string): StatusError =>
  new StatusError(500, 'InternalError', `Internal error occurred: ${message}`)

function resourceDetails(resource: string, name: string): StatusDetails {
  const dot = resource.indexOf('.')
  const kind = dot < 0 ? resource : resource.slice(0, dot)
  const group = dot < 0 ? undefined : resource.slice(dot + 1)
  return { ...(name ? { name } : {}), ...(group ? { group } : {}), kind }
}
