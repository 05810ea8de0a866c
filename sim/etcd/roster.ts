/**
 * Who belongs to an etcd cluster, as its members have agreed on it: also those that were added and have not started yet. Nobody comes back
 * under an id that was removed. Source: etcd server/etcdserver/api/membership/cluster.go
 */

export interface KnownMember {
  /** `8e9e05c52164694d` */
  readonly id: string
  /** Empty until it has started. */
  readonly name: string
  readonly peerUrls: readonly string[]
  readonly isLearner: boolean
}

/** --max-learners unless told. */
const MOST_LEARNERS = 1

/** How the changes are refused. Source: etcd api/v3rpc/rpctypes/error.go */
export const refusals = {
  notFound: 'etcdserver: member not found',
  sameUrl: 'etcdserver: Peer URLs already exists',
  badUrls: 'etcdserver: given member URLs are invalid',
  notLearner: 'etcdserver: can only promote a learner member',
  notInSync: 'etcdserver: can only promote a learner member which is in sync with leader',
  tooManyLearners: 'etcdserver: too many learner members in cluster',
  notEnoughStarted: 'etcdserver: re-configuration failed due to not enough started members',
  unhealthy: 'etcdserver: unhealthy cluster',
  learnerAsked: 'etcdserver: rpc not supported for learner',
} as const

export class Roster {
  private readonly known = new Map<string, KnownMember>()
  private readonly removed = new Set<string>()

  constructor(members: readonly KnownMember[]) {
    for (const member of members) this.known.set(member.id, member)
  }

  /** In the order of their ids. */
  list(): readonly KnownMember[] {
    return [...this.known.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  find(id: string): KnownMember | undefined {
    return this.known.get(id)
  }

  put(member: KnownMember): void {
    this.known.set(member.id, member)
  }

  remove(id: string): void {
    this.known.delete(id)
    this.removed.add(id)
  }

  isRemoved(id: string): boolean {
    return this.removed.has(id)
  }

  /** Ids that were removed, in order. */
  removedIds(): readonly string[] {
    return [...this.removed].sort()
  }

  /**
   * Why a member with these addresses cannot be added; undefined when it can.
   * @param isHealthy whether the member that is asked has been connected with all voters for a while
   */
  whyNotAdded(peerUrls: readonly string[], isLearner: boolean, isHealthy: boolean): string | undefined {
    if (!peerUrls.every(isPeerUrl)) return refusals.badUrls
    const all = this.list()
    const voters = all.filter((one) => !one.isLearner)
    const started = voters.filter(isStarted).length
    // From one member to two: whoever restores a cluster begins so.
    const isSecond = started === 1 && voters.length === 1
    if (!isLearner && !isSecond && started < quorum(voters.length + 1)) return refusals.notEnoughStarted
    if (!isHealthy) return refusals.unhealthy
    if (this.hasUrl(peerUrls)) return refusals.sameUrl
    const isOneTooMany = isLearner && all.length - voters.length >= MOST_LEARNERS
    return isOneTooMany ? refusals.tooManyLearners : undefined
  }

  /** Likewise of a removal. @param isHealthy whether enough of the others are connected once it is gone */
  whyNotRemoved(id: string, isHealthy: boolean): string | undefined {
    const member = this.known.get(id)
    if (member?.isLearner) return undefined
    const others = this.list().filter((one) => !one.isLearner && one.id !== id)
    if (others.filter(isStarted).length < quorum(others.length)) return refusals.notEnoughStarted
    if (!member) return refusals.notFound
    return isHealthy ? undefined : refusals.unhealthy
  }

  /** Likewise of a learner's promotion. @param isInSync whether it has nearly all that its leader has */
  whyNotPromoted(id: string, isInSync: boolean): string | undefined {
    const member = this.known.get(id)
    if (!member) return refusals.notFound
    if (!isInSync) return refusals.notInSync
    const voters = this.list().filter((one) => !one.isLearner)
    if (voters.filter(isStarted).length + 1 < quorum(voters.length + 1)) return refusals.notEnoughStarted
    return member.isLearner ? undefined : refusals.notLearner
  }

  /** Likewise of other addresses for one. */
  whyNotUpdated(id: string, peerUrls: readonly string[]): string | undefined {
    if (!peerUrls.every(isPeerUrl)) return refusals.badUrls
    if (!this.known.has(id)) return refusals.notFound
    return this.hasUrl(peerUrls, id) ? refusals.sameUrl : undefined
  }

  private hasUrl(urls: readonly string[], except?: string): boolean {
    return this.list().some(({ id, peerUrls }) => id !== except && peerUrls.some((url) => urls.includes(url)))
  }
}

const isStarted = ({ name }: KnownMember): boolean => name !== ''

const quorum = (voters: number): number => Math.floor(voters / 2) + 1

/** As etcd takes it: with its scheme and port, and nothing behind. Source: etcd client/pkg/types/urls.go */
const isPeerUrl = (url: string): boolean => /^https?:\/\/[^\s/:]+:\d{1,5}$/.test(url.trim())

/** `a=https://10.0.0.1:2380,b=…`, each with its name. */
export const readCluster = (text: string): { name: string; url: string }[] =>
  text
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf('=')
      return { name: part.slice(0, Math.max(at, 0)), url: part.slice(at + 1) }
    })
