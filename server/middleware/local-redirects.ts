/**
 * No redirect leads off the site: whatever builds one, `Location` is an address of this site. A page that stays under another place says so by
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
  next()
}
