/**
 * Who may reach whom, computed from the NetworkPolicies: every Pod, those that may come later, and addresses outside, on every port that is
 * listened on, compared with the paths of a statement. A probe tries one path; this looks at all of them.
 */

import { nodes as nodeKind } from '../../api/core/node.ts'
import { pods as podKind } from '../../api/core/pod.ts'
import type { Pod } from '../../api/core/pod-types.ts'
import type { Node } from '../../api/core/types.ts'
import { selectorMatches } from '../../api/meta/label-selector.ts'
import type { LabelSelector } from '../../api/meta/object.ts'
import type { NetworkPolicy } from '../../api/networking/types.ts'
import { said } from '../../engine/said.ts'
import { charge } from '../../engine/work.ts'
import { type Cidr, cidrHolds, parseCidr, podCidrOf, printIp } from '../../network/address.ts'
import { dnsFacts, isDenied, judgeConnection, type PeerFacts, type PolicyPort, portsOf } from '../../network/policy.ts'
import type { ReachAssertion } from '../types.ts'
import { grouped } from './grouped.ts'
import type { Snapshot } from './history.ts'
import type { Verdict } from './verdict.ts'

/** One end of a connection. */
interface Peer {
  facts: PeerFacts
  /** `Pod web`, `a new Pod with app=web in shop` */
  called: string
  /** On which it listens, or would. */
  ports: readonly PolicyPort[]
  /** Of one that comes later: those that are there and have its labels. They show what such a Pod may send, and are told in its place. */
  like?: readonly Peer[]
  /** It is reached too much, never too little; and it reaches the Pods that it runs, whatever policies say. */
  isNode?: true
}

/** One of the paths that may be open. */
interface Path {
  from: PeerPattern
  /** Whoever is not there yet, or is in no Pod, and from whom it has to be open all the same. */
  isFromAbsent: PeerPattern
  to: PeerPattern
  isToAbsent: PeerPattern
  /** None for every port. */
  ports: readonly PolicyPort[] | undefined
}

type PeerPattern = (facts: PeerFacts) => boolean

type Labels = Readonly<Record<string, string>>

/**
 * @param namespace the learner's: of Pods there it need not be said where they are
 * @throws Error when a path or a peer cannot be read
 */
export function judgeReach(snapshot: Snapshot, assertion: ReachAssertion, namespace: string): Verdict {
  const least = 'exactly' in assertion ? assertion.exactly : (assertion.atLeast ?? [])
  const most = 'exactly' in assertion ? [] : assertion.atMost
  const [from, to] = [assertion.from ?? [], assertion.to ?? []].map((list) => list.map(readPeer))
  const allowed = [...least, ...most].map(readPath)
  const needed = least.map(readPath)
  const policies = snapshot.everywhere('networkpolicies') as readonly NetworkPolicy[]
  const real = realPeers(snapshot, namespace)
  const peers = [
    ...real,
    ...laterPeers(snapshot, policies, real, namespace),
    ...peersByAddress(policies, real),
    ...outsidePeers(policies, real),
    ...nodePeers(snapshot, policies, real),
  ]

  const open: Connection[] = []
  const closed: Connection[] = []
  for (const sender of peers)
    for (const receiver of peers) {
      // Nobody keeps a Pod from itself, and what happens outside is nobody's policy.
      if (sender === receiver || sender.like || sender.isNode || (!sender.facts.pod && !receiver.facts.pod)) continue
      if (!from!.some((is) => is(sender.facts)) && !to!.some((is) => is(receiver.facts))) continue
      charge(1 + receiver.ports.length * (1 + allowed.length + needed.length))
      for (const port of receiver.ports) {
        const isOpen = mayPass(policies, sender.facts, receiver.facts, port)
        if (isOpen && !allowed.some((path) => isOf(path, sender, receiver, port))) open.push({ sender, receiver, port })
        if (isOpen || receiver.isNode) continue
        const isNeeded = (path: Path): boolean =>
          (real.includes(sender) || path.isFromAbsent(sender.facts)) &&
          (real.includes(receiver) || path.isToAbsent(receiver.facts)) &&
          isOf(path, sender, receiver, port)
        if (needed.some(isNeeded)) closed.push({ sender, receiver, port })
      }
    }
  const isJudged = ({ facts }: Peer): boolean => [...from!, ...to!].some((is) => is(facts))
  const unbound = unboundPeers(snapshot, namespace)
    .filter(isJudged)
    .map(({ called }) => said`${called} uses the network of its node, where no policy holds`)
  const parts = [...unbound, ...inWords(withoutTwins(open), true), ...inWords(closed, false)]
  return {
    holds: parts.length === 0,
    actual: parts.join('; ') || said`only the paths are open that should be`,
    expected:
      least.length === 0 ? said`open at most ${most.join('; ')}` : said`open are ${[...least, ...most].join('; ')}`,
  }
}

interface Connection {
  sender: Peer
  receiver: Peer
  port: PolicyPort
}

/** What was told of a Pod that is there is not told again of one like it. */
function withoutTwins(connections: readonly Connection[]): Connection[] {
  const told = new Map<Peer, Set<Peer>>()
  for (const { sender, receiver } of connections)
    if (!receiver.like) told.set(sender, (told.get(sender) ?? new Set()).add(receiver))
  return connections.filter(({ sender, receiver }) => !receiver.like?.some((one) => told.get(sender)?.has(one)))
}

function mayPass(policies: readonly NetworkPolicy[], from: PeerFacts, to: PeerFacts, port: PolicyPort): boolean {
  const passes = (direction: 'Ingress' | 'Egress', subject: PeerFacts, other: PeerFacts): boolean => {
    return !isDenied(judgeConnection(policies, { direction, subject, other, port }))
  }
  return passes('Egress', from, to) && passes('Ingress', to, from)
}

const isOf = ({ from, to, ports }: Path, sender: Peer, receiver: Peer, port: PolicyPort): boolean =>
  from(sender.facts) &&
  to(receiver.facts) &&
  (ports === undefined || ports.some((one) => one.port === port.port && one.protocol === port.protocol))

const isThere = ({ status, metadata }: Pod): boolean =>
  !metadata.deletionTimestamp && !['Succeeded', 'Failed'].includes(status.phase ?? '')

/** Pods in the network of their nodes, but those of the cluster itself. Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-and-hostnetwork-pods */
const unboundPeers = (snapshot: Snapshot, namespace: string): Peer[] =>
  podPeers(snapshot, namespace, (pod) => pod.spec.hostNetwork === true && pod.metadata.namespace !== 'kube-system')

/** Pods that run or are about to, on networks of their own; and the cluster's DNS, which is none of its objects. */
function realPeers(snapshot: Snapshot, namespace: string): Peer[] {
  const dns: PeerFacts = {
    ip: '10.96.0.10',
    pod: { ...dnsFacts, namespaceLabels: labelsOfNamespaces(snapshot).get(dnsFacts.namespace) ?? {} },
  }
  return [
    ...podPeers(snapshot, namespace, ({ spec }) => !spec.hostNetwork),
    { facts: dns, called: 'the cluster’s DNS', ports: dnsPorts },
  ]
}

function podPeers(snapshot: Snapshot, namespace: string, isWanted: (pod: Pod) => boolean): Peer[] {
  const namespaceLabels = labelsOfNamespaces(snapshot)
  return (snapshot.everywhere(podKind.plural) as readonly Pod[])
    .filter((pod) => isThere(pod) && isWanted(pod))
    .map((pod): Peer => {
      const { name, namespace: own = '', labels = {} } = pod.metadata
      const ports = portsOf(pod)
      return {
        facts: {
          ip: pod.status.podIP ?? drawnIp,
          pod: { namespace: own, labels, namespaceLabels: namespaceLabels.get(own) ?? {}, ports },
        },
        called: `Pod ${own === namespace ? name : `${own}/${name}`}`,
        ports: ports.map(({ protocol, containerPort }) => ({ protocol, port: containerPort }) as PolicyPort),
      }
    })
}

const dnsPorts: readonly PolicyPort[] = [
  { protocol: 'UDP', port: 53 },
  { protocol: 'TCP', port: 53 },
  // CoreDNS listens on them as well: health, readiness, metrics. A policy that lets somebody ask for names does not open them.
  { protocol: 'TCP', port: 8080 },
  { protocol: 'TCP', port: 8181 },
  { protocol: 'TCP', port: 9153 },
]

const labelsOfNamespaces = (snapshot: Snapshot): ReadonlyMap<string, Labels> =>
  new Map(snapshot.everywhere('namespaces').map(({ metadata }) => [metadata.name, metadata.labels ?? {}]))

/** Of Pods that are not there yet. */
const drawnIp = '10.244.255.250'
const drawnValue = 'stranger'
const drawnNamespace = 'made-later'
const drawnPort = 8443
/** Neither Pods nor policies know it, unless they know all. */
const unthoughtPort = 49_213

/**
 * Pods that may come later, in each namespace and in those that are not there yet: without labels, with a label that nobody thought of, and with
 * those that policies look for or leave out, alone and all of those that are left out at once. Where a present Pod has such labels, it shows what
 * they let send; the later one listens on other ports.
 */
function laterPeers(
  snapshot: Snapshot,
  policies: readonly NetworkPolicy[],
  real: readonly Peer[],
  namespace: string,
): Peer[] {
  const peers = policies.flatMap(peersOf)
  const podSelectors = [
    ...policies.map(({ spec }) => spec.podSelector ?? {}),
    ...peers.flatMap(({ podSelector }) => podSelector ?? []),
  ]
  const leftOut = Object.fromEntries(
    podSelectors.flatMap(absencesOf).map(({ key, values = [] }) => [key, values[0] ?? drawnValue]),
  )
  const labelSets = distinct([{}, { app: drawnValue }, leftOut, ...podSelectors.flatMap(labelSetsFor)])
  const present = [...labelsOfNamespaces(snapshot)]
  const called = portsCalled(policies, real)
  const ports = distinct([...portsOfLater(policies, real, called), { protocol: 'TCP', port: drawnPort } as const])
  const later = laterNamespaces(
    peers.flatMap(({ namespaceSelector }) => namespaceSelector ?? []),
    present.map(([, labels]) => labels),
  )
  charge((present.length + later.length) * labelSets.length)
  return [...present, ...later].flatMap(([own, namespaceLabels]) =>
    labelSets.map((labels): Peer => {
      const isLater = later.some(([name]) => name === own)
      const where = own === namespace ? '' : isLater ? whereLater(namespaceLabels) : ` in ${own}`
      const like = real.filter(({ facts: { pod } }) => pod?.namespace === own && hasAll(pod.labels, labels))
      return {
        facts: { ip: drawnIp, pod: { namespace: own, labels, namespaceLabels, ports: called } },
        called: `a new Pod ${inText(labels) ? `with ${inText(labels)}` : 'without labels'}${where}`,
        ports,
        ...(like.length > 0 ? { like } : {}),
      }
    }),
  )
}

const podRange: Cidr = { base: parseCidr(podCidrOf(0)).base, bits: 16 }

/** Ranges of addresses that policies let in or out, without what they leave out. */
const blocksOf = (policies: readonly NetworkPolicy[]): { cidr: Cidr; except: readonly Cidr[] }[] =>
  policies.flatMap(peersOf).flatMap(({ ipBlock }) => {
    if (!ipBlock || ipBlock.cidr.includes(':')) return []
    return [{ cidr: parseCidr(ipBlock.cidr), except: (ipBlock.except ?? []).map(parseCidr) }]
  })

const lastOf = ({ base, bits }: Cidr): number => base + 2 ** (32 - bits) - 1

/** An address of a block that is not among what it leaves out, if it has one in this range that nobody has. */
function addressIn(
  { cidr, except }: { cidr: Cidr; except: readonly Cidr[] },
  within: Cidr,
  taken?: ReadonlySet<string>,
): string[] {
  const [first, last] = [Math.max(cidr.base, within.base), Math.min(lastOf(cidr), lastOf(within))]
  const edges = except.flatMap((one) => [lastOf(one) + 1, one.base - 1])
  const found = [first + 1, first, last, Math.floor((first + last) / 2), ...edges].find((address) => {
    charge(1 + except.length)
    if (address < first || address > last || taken?.has(printIp(address))) return false
    return !except.some((one) => cidrHolds(one, address))
  })
  return found === undefined ? [] : [printIp(found)]
}

/** Pods that may come later and have an address that a policy names, whoever they are: nodes are added, and their Pods have ranges of their own. */
function peersByAddress(policies: readonly NetworkPolicy[], real: readonly Peer[]): Peer[] {
  const taken = new Set(real.map(({ facts }) => facts.ip))
  const addresses = blocksOf(policies).flatMap((block) => addressIn(block, podRange, taken))
  const called = portsCalled(policies, real)
  const ports = portsOfLater(policies, real, called)
  return distinct(addresses).map((ip) => ({
    facts: {
      ip,
      pod: { namespace: drawnNamespace, labels: {}, namespaceLabels: { [nameLabel]: drawnNamespace }, ports: called },
    },
    called: said`a new Pod that gets the address ${ip}`,
    ports,
  }))
}

const nameLabel = 'kubernetes.io/metadata.name'

const inText = (labels: Labels): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ')

function whereLater({ [nameLabel]: _, ...labels }: Labels): string {
  return ` in a namespace made later${inText(labels) ? ` with ${inText(labels)}` : ''}`
}

/**
 * Namespaces that are not there yet: one without labels, and one with the labels of each selector that no present namespace has. Its name is
 * nobody's choice, but where a policy names one that is not there.
 */
function laterNamespaces(selectors: readonly LabelSelector[], present: readonly Labels[]): [string, Labels][] {
  const named = selectors.flatMap(labelSetsFor).filter((labels) => Object.keys(labels).length > 0)
  const absent = named.filter((labels) => !present.some((own) => hasAll(own, labels)))
  const sets = distinct([{}, ...absent])
  return sets.flatMap((labels: Labels, n): [string, Labels][] => {
    const name = labels[nameLabel] ?? `${drawnNamespace}-${n}`
    // A namespace of that name is there, and has other labels.
    if (present.some((own) => own[nameLabel] === name)) return []
    return [[name, { ...labels, [nameLabel]: name }]]
  })
}

const hasAll = (labels: Labels, wanted: Labels): boolean =>
  Object.keys(wanted).length > 0 && Object.entries(wanted).every(([key, value]) => labels[key] === value)

const peersOf = ({ spec }: NetworkPolicy) => [
  ...(spec.ingress ?? []).flatMap(({ from }) => from ?? []),
  ...(spec.egress ?? []).flatMap(({ to }) => to ?? []),
]

const portsOfRules = ({ spec }: NetworkPolicy) =>
  [...(spec.ingress ?? []), ...(spec.egress ?? [])].flatMap(({ ports = [] }) => ports)

const portsNamed = (policy: NetworkPolicy): PolicyPort[] =>
  portsOfRules(policy).flatMap(({ port, endPort, protocol = 'TCP' }) =>
    (typeof port === 'number' ? [port, ...(endPort ? [endPort, Math.floor((port + endPort) / 2)] : [])] : []).map(
      (one) => ({ protocol, port: one }) as PolicyPort,
    ),
  )

type CalledPorts = NonNullable<PeerFacts['pod']>['ports']

/**
 * The ports that policies call by a name, as Pods have them that come later: of the number that present Pods give the name, and where none has it, of
 * one that nobody thought of. Whoever makes the Pod chooses its names.
 */
function portsCalled(policies: readonly NetworkPolicy[], real: readonly Peer[]): CalledPorts {
  const present = real.flatMap(({ facts }) => facts.pod?.ports ?? [])
  const names = policies
    .flatMap(portsOfRules)
    .flatMap(({ port, protocol = 'TCP' }) => (typeof port === 'string' ? [{ name: port, protocol }] : []))
  charge(names.length * (1 + present.length / 4))
  return distinct(names).flatMap(({ name, protocol }) => {
    const known = present.filter((one) => one.name === name && one.protocol === protocol)
    return known.length > 0 ? distinct(known) : [{ name, protocol, containerPort: drawnPort }]
  })
}

/** On which a Pod that comes later may listen. */
const portsOfLater = (policies: readonly NetworkPolicy[], real: readonly Peer[], called: CalledPorts): PolicyPort[] =>
  distinct([
    ...real.flatMap((peer) => peer.ports),
    ...policies.flatMap(portsNamed),
    ...called.map(({ protocol, containerPort }) => ({ protocol, port: containerPort }) as PolicyPort),
  ])

/** What asks that a label is not there, or has other values. */
const absencesOf = ({ matchExpressions = [] }: LabelSelector) =>
  matchExpressions.filter(({ operator }) => operator === 'NotIn' || operator === 'DoesNotExist')

/**
 * Sets of labels that the selector tells apart from others: one for each value that it lets in, and one for each that it leaves out. Where they
 * are too many to be combined, each value stands once, beside the first one of each other label.
 */
function labelSetsFor(selector: LabelSelector): Labels[] {
  const { matchLabels = {}, matchExpressions = [] } = selector
  const absences = absencesOf(selector)
  const choices = matchExpressions.map((expression): Labels[] => {
    const { key, operator, values = [] } = expression
    const told = (operator === 'In' || operator === 'NotIn' ? values : [drawnValue]).map((value) => ({ [key]: value }))
    // Without the label, what asks for its absence is met.
    return absences.includes(expression) ? [{}, ...told] : told
  })
  const count = choices.reduce((product, { length }) => product * length, 1)
  if (count <= mostLabelSets)
    return choices.reduce<Labels[]>(
      (sets, some) => distinct(sets.flatMap((labels) => some.map((one) => ({ ...labels, ...one })))),
      [matchLabels],
    )
  const first = choices.map(([one = {}]) => one)
  const having = (at: number, one: Labels): Labels => Object.assign({}, matchLabels, ...first.with(at, one))
  charge(choices.length * choices.reduce((sum, { length }) => sum + length, 0))
  return distinct(choices.flatMap((some, at) => some.map((one) => having(at, one))))
}

/** Of one selector. */
const mostLabelSets = 32

const distinct = <T>(items: readonly T[]): T[] => [
  ...new Map(items.map((item) => [JSON.stringify(item), item])).values(),
]

/**
 * Addresses that are no Pod's: somewhere on the internet, in a private net, and in what policies name, and in what they leave out. Whatever may
 * listen there: what Pods listen on, what policies name and what lies beside that, and ports that nobody thought of.
 */
function outsidePeers(policies: readonly NetworkPolicy[], real: readonly Peer[]): Peer[] {
  const edges = blocksOf(policies).flatMap(({ cidr, except }) => [
    ...addressIn({ cidr, except }, cidr),
    ...except.flatMap((one) => addressIn({ cidr: one, except: [] }, one)),
  ])
  const ports = portsOutside(policies, real)
  return distinct(['203.0.113.7', '192.168.77.7', ...edges])
    .filter((ip) => !ip.startsWith('10.244.') && !ip.startsWith('10.96.'))
    .map((ip) => ({ facts: { ip }, called: `${ip}, outside of the cluster,`, ports }))
}

/** The web, a port of each protocol that nobody thought of, and all that Pods and policies know, with what lies beside it. */
function portsOutside(policies: readonly NetworkPolicy[], real: readonly Peer[]): PolicyPort[] {
  const beside = policies
    .flatMap(portsNamed)
    .flatMap(({ protocol, port }) => [port - 1, port + 1].map((one): PolicyPort => ({ protocol, port: one })))
  return distinct([
    ...[80, 443, drawnPort].map((port): PolicyPort => ({ protocol: 'TCP', port })),
    ...(['TCP', 'UDP', 'SCTP'] as const).map((protocol): PolicyPort => ({ protocol, port: unthoughtPort })),
    ...portsOfLater(policies, real, portsCalled(policies, real)),
    ...beside.filter(({ port }) => port > 0 && port < 65_536),
  ])
}

/** A node listens with its kubelet, some with the control plane, and with what runs in its network. Nobody has to reach it. */
function nodePeers(snapshot: Snapshot, policies: readonly NetworkPolicy[], real: readonly Peer[]): Peer[] {
  const nodes = snapshot.everywhere(nodeKind.plural) as readonly Node[]
  const found = nodes.flatMap(({ metadata: { name }, status }) =>
    (status.addresses ?? []).filter(({ type }) => type === 'InternalIP').map(({ address }) => ({ name, address })),
  )
  if (found.length === 0) return []
  const ports = distinct([
    ...[22, 2379, 6443, 10_250].map((port): PolicyPort => ({ protocol: 'TCP', port })),
    ...portsOutside(policies, real),
  ])
  return found.map(({ name, address }) => ({
    ...{ facts: { ip: address }, called: said`the address of ${name}`, ports, isNode: true as const },
  }))
}

const pathForm = /^(\S+) -> (\S+)(?: :(\S+))?$/

/** `shop/app=web -> shop/app=api :8080`; ports as `53/UDP,53`, any without. */
function readPath(text: string): Path {
  const [, from, to, ports] = pathForm.exec(text) ?? []
  if (from === undefined || to === undefined) throw new Error(`a path is FROM -> TO [:PORTS], not: ${text}`)
  return {
    from: readPeer(from),
    isFromAbsent: absentOf(from),
    to: readPeer(to),
    isToAbsent: absentOf(to),
    ports: ports?.split(',').map((port) => readPort(port, text)),
  }
}

/**
 * Of those that are not there: who is outside, where nobody or who is outside is named; and a Pod that may come later, where every Pod of a
 * namespace is meant. Which labels it will have nobody knows.
 */
const absentOf =
  (text: string): PeerPattern =>
  ({ pod }) =>
    text === '*' || (pod === undefined ? text === 'outside' : text.endsWith('/*') || isOfAllBut(text))

function readPort(text: string, path: string): PolicyPort {
  const [, port, protocol = 'TCP'] = /^(\d{1,5})(?:\/(TCP|UDP|SCTP))?$/.exec(text) ?? []
  if (port === undefined) throw new Error(`a port is NUMBER or NUMBER/UDP, not ${text}, in: ${path}`)
  return { port: Number(port), protocol: protocol as PolicyPort['protocol'] }
}

/** Every Pod of a namespace but those with some labels. */
const isOfAllBut = (text: string): boolean => /\/[^=,]+!=[^=,]*(?:,[^=,]+!=[^=,]*)*$/.test(text)

/** `*` is everybody, `outside` who is in no Pod; a Pod is `NAMESPACE/LABELS`, each of them `*` for any; a label is `KEY=VALUE` or `KEY!=VALUE`. */
function readPeer(text: string): PeerPattern {
  if (text === '*') return () => true
  if (text === 'outside') return ({ pod }) => pod === undefined
  const [, namespace, labels] = /^([^/]+)\/(\*|[^/=,]+(?:\/[^/=,]+)?=[^=,]*(?:,[^=,]+=[^=,]*)*)$/.exec(text) ?? []
  if (namespace === undefined || labels === undefined)
    throw new Error(
      `Pods are NAMESPACE/* or NAMESPACE/KEY=VALUE or NAMESPACE/KEY!=VALUE, others *, or outside; not: ${text}`,
    )
  const read = labels === '*' ? [] : labels.split(',').map((label) => /^(.*?)(!?=)(.*)$/.exec(label)!.slice(1))
  const selector: LabelSelector = {
    matchExpressions: read.map(([key, sign, value]) => ({
      key: key!,
      operator: sign === '=' ? 'In' : 'NotIn',
      values: [value!],
    })),
  }
  return ({ pod }) =>
    pod !== undefined && (namespace === '*' || pod.namespace === namespace) && selectorMatches(selector, pod.labels)
}

/** How many are told. */
const mostTold = 3

/** `Pod web reaches Pod store on port 9000` */
function inWords(connections: readonly Connection[], isOpen: boolean): string[] {
  const groups = grouped(connections, ({ sender, receiver }) => [sender.called, receiver.called])
  const told = groups.slice(0, mostTold).map((all) => {
    const { sender, receiver } = all[0]!
    const ports = all
      .slice(0, mostTold)
      .map(({ port: { port, protocol } }) => `${port}${protocol === 'TCP' ? '' : `/${protocol}`}`)
    const named = ports.join(', ')
    const onPorts = all.length > mostTold ? said`${named} and ${all.length - mostTold} more` : named
    return isOpen
      ? said`${sender.called} reaches ${receiver.called} on port ${onPorts}`
      : said`${sender.called} does not reach ${receiver.called} on port ${onPorts}`
  })
  const more = groups.length - mostTold
  if (more <= 0) return told
  return [...told, more === 1 ? said`and 1 more path` : said`and ${more} more paths`]
}
