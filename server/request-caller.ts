/** Who sent the present request, for what is shared fairly between people. */
import { AsyncLocalStorage } from 'node:async_hooks'

export interface Caller {
  /** With IPv6 the network of one household. */
  address: string
  /** The name of the account that is signed in. */
  account?: string | undefined
}

const current = new AsyncLocalStorage<Caller>()

/** Undefined outside of a request. */
export const currentCaller = (): Caller | undefined => current.getStore()

/** Runs `act`, and all that it starts, on behalf of somebody. */
export function runForCaller<T>(caller: Caller, act: () => T): T {
  return current.run(caller, act)
}

/** Whom something is held against: the account, or the address where nobody is known. */
export const answerableFor = ({ address, account }: Caller): string =>
  account === undefined ? `address ${address}` : `account ${account}`
