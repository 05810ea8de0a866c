/** Names as a resolver looks them up: /etc/hosts, then the name server, with every suffix of the search path. */

import { charge, chargeText } from '../engine/work.ts'
import { parseIp } from './address.ts'
import type { DnsRecord, NameAnswer, RecordType } from './types.ts'

/** Answers names; `undefined` when it knows nothing of the name. */
export interface NameServer {
  readonly ip: string
  readonly clusterDomain: string
  /** @param name fully qualified, without the last dot */
  answer(name: string): readonly string[] | undefined
  /**
   * The records of that type, and a CNAME where there is one; undefined when the name does not exist.
   * @param name fully qualified, without the last dot
   */
  records(name: string, type: RecordType): readonly DnsRecord[] | undefined
  /** Whether names of that zone are its own to answer for. */
  owns(name: string): boolean
  /** Whether anybody answers at its address. */
  isServed(): boolean
  /** Whether a name that is not its own to answer for is asked for outside, and the answer told. */
  forwards(name: string): boolean
}

/** A Pod's resolv.conf, when it names the cluster's DNS; without one a resolver asks that of the node. */
export interface Resolver {
  searches: readonly string[]
  /** A name with at least so many dots is asked for as it is before suffixes are tried. */
  ndots: number
}

export interface ResolverOptions {
  namespace: string
  hostNetwork?: boolean
  /** `ClusterFirst` unless told. */
  dnsPolicy?: 'ClusterFirst' | 'ClusterFirstWithHostNet' | 'Default' | 'None'
  dnsConfig?: {
    nameservers?: readonly string[]
    searches?: readonly string[]
    options?: readonly { name?: string; value?: string }[]
  }
}

/** What kubelet writes into a ClusterFirst Pod's resolv.conf. */
const CLUSTER_NDOTS = 5
/** Of a resolv.conf that does not say it. */
const DEFAULT_NDOTS = 1

/** How the Pod resolves names; undefined when it asks its node's name server only. */
export function resolverOf(options: ResolverOptions, dnsIP: string, domain: string): Resolver | undefined {
  const { dnsPolicy = 'ClusterFirst', dnsConfig = {} } = options
  const isCluster = dnsPolicy === 'ClusterFirstWithHostNet' || (dnsPolicy === 'ClusterFirst' && !options.hostNetwork)
  const asked = Number(dnsConfig.options?.findLast(({ name }) => name === 'ndots')?.value)
  const own = dnsConfig.searches ?? []
  if (isCluster) {
    const searches = [`${options.namespace}.svc.${domain}`, `svc.${domain}`, domain, ...own]
    return { searches, ndots: Number.isNaN(asked) ? CLUSTER_NDOTS : asked }
  }
  // A name server that says that a name does not exist is believed: those after it are not asked.
  if (dnsPolicy !== 'None' || dnsConfig.nameservers?.[0] !== dnsIP) return undefined
  return { searches: own, ndots: Number.isNaN(asked) ? DEFAULT_NDOTS : asked }
}

/** The n-th name that is asked for; undefined after the last. */
function candidateName(name: string, { searches, ndots }: Resolver, n: number): string | undefined {
  if (name.endsWith('.')) return n === 0 ? name.slice(0, -1) : undefined
  const isFirst = dotsIn(name) >= ndots
  const suffix = isFirst ? n - 1 : n
  if (suffix === (isFirst ? -1 : searches.length)) return name
  return suffix < searches.length ? `${name}.${searches[suffix]}` : undefined
}

/**
 * Every name that is asked for, one after the other until one exists; without a resolv.conf of the cluster only the name itself.
 * Source: resolv.conf(5)
 */
export function candidateNames(name: string, resolver: Resolver = { searches: [], ndots: DEFAULT_NDOTS }): string[] {
  const names: string[] = []
  for (;;) {
    const candidate = candidateName(name, resolver, names.length)
    if (candidate === undefined) return names
    names.push(candidate)
  }
}

function dotsIn(name: string): number {
  let dots = 0
  for (let i = name.indexOf('.'); i >= 0; i = name.indexOf('.', i + 1)) dots++
  return dots
}

export interface NameLookup {
  /** Each name that was asked for, with what was said of it. */
  asked: readonly { name: string; addresses: readonly string[] | undefined }[]
  addresses: readonly string[]
  answer?: NameAnswer
}

/**
 * Asks the name server for one candidate after another until one exists.
 * @param elsewhere addresses of a name that the cluster's DNS does not know
 */
export function lookUp(
  name: string,
  resolver: Resolver,
  server: NameServer,
  elsewhere: (name: string) => readonly string[],
): NameLookup {
  const asked: { name: string; addresses: readonly string[] | undefined }[] = []
  for (let n = 0; ; n++) {
    const candidate = candidateName(name, resolver, n)
    if (candidate === undefined) return { asked, addresses: elsewhere(name) }
    charge(stepsOfQuestion)
    chargeText(4 * candidate.length)
    const found = server.answer(candidate)
    if (!found) {
      asked.push({ name: candidate, addresses: undefined })
      continue
    }
    const alias = found.find((address) => parseIp(address) === undefined)
    const addresses =
      alias === undefined
        ? found
        : found.flatMap((address) =>
            parseIp(address) === undefined ? followName(address, server, elsewhere) : [address],
          )
    asked.push({ name: candidate, addresses })
    return { asked, addresses, answer: { name: candidate, alias } }
  }
}

/** Of computing: one name that is asked for. */
const stepsOfQuestion = 10

/** An ExternalName Service answers with another name. */
const followName = (
  name: string,
  server: NameServer,
  elsewhere: (name: string) => readonly string[],
): readonly string[] => server.answer(name)?.filter((next) => parseIp(next) !== undefined) ?? elsewhere(name)
