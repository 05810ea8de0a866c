/** Addresses of this site. Every redirect and every link that is made of a request's own words goes through here, so that none leads elsewhere. */

/** Stands for the site, whose name does not matter: an address is resolved as a browser resolves it. */
const site = 'http://site'

/** The URL of a path and query as they were asked for: it is on the site, whatever slashes and dot segments they begin with. */
export function urlOfAddress(address: string): URL {
  const url = new URL(`${site}/${address.replace(/^[/\\]+/, '')}`)
  // Only now: dot segments, tabs and backslashes before it may have brought a second slash to the front.
  url.pathname = url.pathname.replace(/^\/+/, '/')
  return url
}

/** A path, query and fragment that a browser cannot take for another site: `//other` would be one. */
export function localAddress(address: string): string {
  const { pathname, search, hash } = urlOfAddress(address)
  return pathname + search + hash
}
