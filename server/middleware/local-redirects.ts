/**
 * No redirect leads off the site: whatever builds one, `Location` is an address of this site, unless a door of the operator's leads there. A page that stays under another place says so by
 * `res.locals.stayUnder`.
 */
import type { RequestHandler } from 'express'
import { localAddress } from '../render/local-address.ts'

export const localRedirects: RequestHandler = (_req, res, next) => {
  // `res.redirect` comes through here as well.
  const setLocation = res.location.bind(res)
  res.location = (address) => {
    const { stayUnder } = res.locals as { stayUnder?: (address: string) => string }
    return setLocation(localAddress(stayUnder?.(address) ?? address))
  }
  // But where the operator has said, by one of the doors.
  res.locals.leaveTo = (address: string, origins: readonly string[]) => {
    if (!origins.includes(new URL(address).origin)) throw new Error(`the site does not lead to ${address}`)
    res.status(303)
    setLocation(address).end()
  }
  next()
}
