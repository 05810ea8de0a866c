/** Which process of the site a request about a sandbox is for. */
import { splitAddress } from './kubernetes-api/mount.ts'
import type { Sandboxes } from './labs/sandboxes/types.ts'
import type { Membership } from './peers/membership.ts'
import { placeFor } from './peers/placement.ts'
import type { Peer } from './storage/leases.ts'

const ofPage = /^\/sandboxes\/([a-f0-9]{18})(?=[/?]|$)/
const ofLink = /^\/shared\/([\w-]{20,100})(?=[/?]|$)/

export const isAboutSandbox = (url: string): boolean =>
  ofPage.test(url) || ofLink.test(url) || splitAddress(url) !== undefined

/** @returns undefined for what is about no sandbox that there is */
export function createSandboxRouting(
  sandboxes: Pick<Sandboxes, 'findByAddress' | 'findShared' | 'has' | 'whereIs'>,
  membership: Pick<Membership, 'peers' | 'self'>,
) {
  const idOf = async (url: string): Promise<string | undefined> => {
    const page = ofPage.exec(url)?.[1]
    if (page !== undefined) return (await sandboxes.has(page)) ? page : undefined
    const link = ofLink.exec(url)?.[1]
    if (link !== undefined) return (await sandboxes.findShared(link))?.id
    const address = splitAddress(url)
    return address && sandboxes.findByAddress(address.secret)
  }
  return async (url: string): Promise<'here' | Peer | undefined> => {
    const id = await idOf(url)
    if (id === undefined) return undefined
    const known = await sandboxes.whereIs(id)
    if (known) return known
    const self = membership.self()
    if (self.url === '') return 'here'
    const place = placeFor(
      id,
      membership.peers().filter(({ url }) => url !== ''),
    )
    return !place || place.id === self.id ? 'here' : place
  }
}
