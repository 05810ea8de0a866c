/** The log: JSON lines, each with the request that it belongs to, none with a secret. */
import { type DestinationStream, type Logger, pino } from 'pino'
import { hideAddresses } from './hidden-addresses.ts'
import { currentRequestId } from './request-id.ts'

/** @param to standard output unless told */
export function createLogger(level: string, to?: DestinationStream): Logger {
  const options = {
    level,
    hooks: { streamWrite: hideAddresses },
    serializers: { err: tellError },
    mixin: () => {
      const requestId = currentRequestId()
      return requestId === undefined ? {} : { requestId }
    },
  }
  return to ? pino(options, to) : pino(options)
}

const mostCauses = 5

interface ToldError {
  type: string
  message: string
  code?: string | number
  stack?: string | undefined
  cause?: ToldError
}

/** Nothing else of an error: libraries add what was sent, and forms hold passphrases. */
function tellError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error
  const { code } = error as { code?: unknown }
  const told: ToldError = { type: error.name, message: error.message, stack: error.stack }
  if (typeof code === 'string' || typeof code === 'number') told.code = code
  if (error.cause instanceof Error && depth < mostCauses) told.cause = tellError(error.cause, depth + 1) as ToldError
  return told
}
