/** Failures of kubectl itself, and how it words those of the server. Source: k8s.io/kubectl/pkg/cmd/util/helpers.go */
import { StatusError } from '../api/meta/status-error.ts'

/** The API server as the kubeconfig names it. */
export const apiServerHost = '127.0.0.1:6443'

/** kubectl gives up. `message` is printed as it stands, after `error: ` unless it says so itself. */
export class KubectlError extends Error {
  override readonly name = 'KubectlError'
  readonly exitCode: number
  /** Without `error: ` in front. */
  readonly isBare: boolean
  constructor(message: string, exitCode = 1, isBare = false) {
    super(message)
    this.exitCode = exitCode
    this.isBare = isBare
  }
}

/** A wrong use of a command, with the line that points to its help. */
export const usageError = (path: string, message: string): KubectlError =>
  new KubectlError(`${message}\nSee '${path} -h' for help and examples`)

/** A server's refusal with what kubectl was doing, which goes before its message. */
export class ActionError extends Error {
  override readonly name = 'ActionError'
  readonly status: StatusError
  readonly prefix: string
  constructor(prefix: string, status: StatusError) {
    super(`${prefix}${status.message}`)
    this.prefix = prefix
    this.status = status
  }
}

/** Several failures of one command, each printed on its own. */
export class ManyErrors extends Error {
  override readonly name = 'ManyErrors'
  readonly errors: readonly unknown[]
  constructor(errors: readonly unknown[]) {
    super(`${errors.length} errors`)
    this.errors = errors
  }
}

/** Throws what was collected: nothing, the one, or all of them. */
export function throwAll(errors: readonly unknown[]): void {
  if (errors.length === 1) throw errors[0]
  if (errors.length > 1) throw new ManyErrors(errors)
}

/** Errors that kubectl reports; everything else is a bug of ours. */
export const isReportable = (error: unknown): boolean =>
  error instanceof KubectlError ||
  error instanceof StatusError ||
  error instanceof ActionError ||
  error instanceof ManyErrors

/** The server's answers that an error tells of, but for those that are told by their fields. */
export function refusalsIn(error: unknown): StatusError[] {
  if (error instanceof ManyErrors) return error.errors.flatMap(refusalsIn)
  const status =
    error instanceof ActionError
      ? new StatusError(error.status.code, error.status.reason, error.message, error.status.details)
      : error
  const isTold = status instanceof StatusError && !['Invalid', 'Unreachable', 'Unauthorized'].includes(status.reason)
  return isTold ? [status] : []
}

export const exitCodeOf = (error: unknown): number => (error instanceof KubectlError ? error.exitCode : 1)

/** What kubectl prints on stderr for a failure, with its newline. @param serverHost what kubectl calls the server that it did not reach */
export function printError(error: unknown, serverHost = apiServerHost): string {
  if (error instanceof ManyErrors) return error.errors.map((one) => printOneOfMany(one, serverHost)).join('')
  const text =
    error instanceof ActionError
      ? printStatus(error.status, error.prefix, serverHost)
      : error instanceof StatusError
        ? printStatus(error, '', serverHost)
        : error instanceof KubectlError && error.isBare
          ? error.message
          : withErrorWord((error as Error).message)
  return text.endsWith('\n') ? text : `${text}\n`
}

/** Among several, kubectl's own failures are told without the word `error`, and refused objects like everything else that is refused. */
function printOneOfMany(error: unknown, serverHost: string): string {
  if (error instanceof KubectlError) return `${error.message.replace(/\n$/, '')}\n`
  const [status, prefix] = error instanceof ActionError ? [error.status, error.prefix] : [error, '']
  return status instanceof StatusError && status.reason === 'Invalid'
    ? `Error from server (Invalid): ${prefix}${status.message}\n`
    : printError(error, serverHost)
}

const withErrorWord = (message: string): string =>
  message.startsWith('error: ') || message.startsWith('Error in configuration: ') ? message : `error: ${message}`

function printStatus(error: StatusError, prefix: string, serverHost: string): string {
  if (error.reason === 'Unauthorized') return `error: You must be logged in to the server (${error.message})`
  if (error.reason === 'Unreachable')
    return error.message.includes('connection refused')
      ? `The connection to the server ${serverHost} was refused - did you specify the right host or port?`
      : `Unable to connect to the server: ${error.message}`
  // A refused object is told by its fields, and without what kubectl was doing: apply and create read the same.
  if (error.reason === 'Invalid') return printInvalid(error)
  return `Error from server${error.reason ? ` (${error.reason})` : ''}: ${prefix}${error.message}`
}

function printInvalid(error: StatusError): string {
  const { details } = error
  const isNamed = details?.kind || details?.name
  const title = isNamed ? `The ${details.kind ?? ''} "${details.name ?? ''}" is invalid` : 'The request is invalid'
  const causes = (details?.causes ?? []).map((cause) => `${cause.field ?? ''}: ${cause.message}`)
  if (!details || causes.length === 0) return `${title}: ${error.message}`
  const unique = [...new Set(causes)]
  return unique.length === 1
    ? `${title}: ${unique[0]}\n`
    : `${title}: \n${unique.map((cause) => `* ${cause}`).join('\n')}`
}
