/**
 * Which process of the site a request is for: what is about a sandbox, for the one that keeps it; what is about a sitting, for one that has the
 * simulator by which the sitting was opened.
 */

import { hashOfToken } from './hiring/invitations.ts'
import { splitAddress } from './kubernetes-api/mount.ts'
import type { Sandboxes } from './labs/sandboxes/types.ts'
import { type Membership, otherEngines } from './peers/membership.ts'
import { placeFor } from './peers/placement.ts'
import { isOfProgram } from './sittings/program.ts'
import type { LivingPeer, Peer } from './storage/leases.ts'
import type { Storage } from './storage/types.ts'

export interface RoutingParts {
  sandboxes: Pick<Sandboxes, 'findByAddress' | 'findShared' | 'has' | 'whereIs'>
  storage: {
    sittings: Pick<Storage['sittings'], 'find' | 'ofProjector'>
    participants: Pick<Storage['participants'], 'ofToken'>
  }
  membership: Pick<Membership, 'peers' | 'self'>
}

export interface Routing {
  /** Whether a request may be for another process at all. */
  isAbout(url: string): boolean
  /** @returns undefined for what is about nothing that there is */
  ownerOf(url: string): Promise<'here' | Peer | undefined>
}

const ofPage = /^\/sandboxes\/([a-f0-9]{18})(?=[/?]|$)/
const ofLink = /^\/shared\/([\w-]{20,100})(?=[/?]|$)/
const ofRoom = /^\/w\/([a-f0-9]{18})(?=[/?]|$)/
const ofExercise = /^\/hiring\/jobs\/[a-f0-9]{18}\/exercises\/([a-f0-9]{18})(?=[/?]|$)/
const ofCandidate = /^\/c\/([a-f0-9]{32})(?=[/?]|$)/
const ofProjector = /^\/p\/([a-f0-9]{36})(?=[/?]|$)/

const isAboutSandbox = (url: string): boolean => ofPage.test(url) || ofLink.test(url) || splitAddress(url) !== undefined
const isAboutSitting = (url: string): boolean =>
  [ofRoom, ofExercise, ofCandidate, ofProjector].some((pattern) => pattern.test(url))

export function createRouting({ sandboxes, storage, membership }: RoutingParts): Routing {
  const reachable = (): LivingPeer[] => membership.peers().filter(({ url }) => url !== '')
  const here = (place: LivingPeer | undefined): 'here' | Peer =>
    !place || place.id === membership.self().id ? 'here' : place

  const sandboxOf = async (url: string): Promise<string | undefined> => {
    const page = ofPage.exec(url)?.[1]
    if (page !== undefined) return (await sandboxes.has(page)) ? page : undefined
    const link = ofLink.exec(url)?.[1]
    if (link !== undefined) return (await sandboxes.findShared(link))?.id
    const address = splitAddress(url)
    return address && sandboxes.findByAddress(address.secret)
  }
  const sittingOf = async (url: string) => {
    const projector = ofProjector.exec(url)?.[1]
    if (projector !== undefined) return storage.sittings.ofProjector(projector)
    const token = ofCandidate.exec(url)?.[1]
    const id =
      token === undefined
        ? (ofRoom.exec(url) ?? ofExercise.exec(url))?.[1]
        : (await storage.participants.ofToken(hashOfToken(token)))?.sittingId
    return id === undefined ? undefined : storage.sittings.find(id)
  }

  return {
    isAbout: (url) => isAboutSandbox(url) || (isAboutSitting(url) && otherEngines(membership).length > 0),
    async ownerOf(url) {
      if (isAboutSitting(url)) {
        const sitting = await sittingOf(url)
        if (!sitting || isOfProgram(sitting, membership.self().engine)) return 'here'
        return here(
          placeFor(
            sitting.id,
            reachable().filter(({ engine }) => isOfProgram(sitting, engine)),
          ),
        )
      }
      const id = await sandboxOf(url)
      if (id === undefined) return undefined
      const known = await sandboxes.whereIs(id)
      if (known) return known
      return membership.self().url === '' ? 'here' : here(placeFor(id, reachable()))
    },
  }
}
