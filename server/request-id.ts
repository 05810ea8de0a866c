/** The id of the present request: it stands in its log lines, in its answer's header and on the page of an error. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'

const current = new AsyncLocalStorage<string>()

/** Undefined outside of a request. */
export const currentRequestId = (): string | undefined => current.getStore()

/** Runs `act`, and all that it starts, as a part of that request. */
export function runInRequest<T>(id: string, act: () => T): T {
  return current.run(id, act)
}

/** @param given by a proxy that is trusted; one that is not well-formed is not taken */
export const requestIdOf = (given: unknown): string =>
  typeof given === 'string' && /^[A-Za-z0-9][A-Za-z0-9._-]{7,63}$/.test(given) ? given : randomBytes(8).toString('hex')
