/**
 * What NetworkPolicies make of a connection: nothing as long as none selects the Pod; then only what one of them allows.
 * Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
import { namespaces as namespaceKind } from '../api/core/namespace.ts'
import { pods as podKind } from '../api/core/pod.ts'
import type { Pod } from '../api/core/pod-types.ts'
import { selectorMatches } from '../api/meta/label-selector.ts'
import { keyOf, keyText } from '../api/meta/object.ts'
import { networkPolicies } from '../api/networking/network-policy.ts'
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../api/networking/types.ts'
import type { ComponentContext, RunningComponent } from '../client/machinery.ts'
import { charge } from '../engine/work.ts'
import { cidrHolds, parseCidr, parseIp } from './address.ts'

/** One end of a connection: an address, and the Pod behind it if one is. */
export interface PolicyPeer {
  ip: string
  pod?: { namespace: string; name: string }
}

export interface PolicyPort {
  protocol: 'TCP' | 'UDP' | 'SCTP'
  port: number
}

/** What the policies of a Pod's namespace say to a connection, by their names, sorted. */
export interface Verdict {
  /** Those that select the Pod for that direction; while there are none, everything is allowed. */
  isolating: readonly string[]
  /** Those of them that allow the connection. */
  allowing: readonly string[]
}

/** Asked by the network for each connection of a Pod. */
export interface PolicyEnforcer {
  /** @param subject the Pod whose policies are asked @param other whom it sends to, or who reaches it */
  judge(direction: 'Ingress' | 'Egress', subject: PolicyPeer, other: PolicyPeer, port: PolicyPort): Verdict
}

const UNHELD: Verdict = { isolating: [], allowing: [] }

export const isDenied = ({ isolating, allowing }: Readonly<Record<keyof Verdict, readonly unknown[]>>): boolean =>
  isolating.length > 0 && allowing.length === 0

type Labels = Readonly<Record<string, string>>

/** A peer as policies see it: with its labels and those of its namespace, when it is a Pod. */
export interface PeerFacts {
  ip: string
  pod?: {
    namespace: string
    labels: Labels
    namespaceLabels: Labels
    /** Ports by their names: what a policy's named port stands for. */
    ports: readonly { name?: string; protocol: string; containerPort: number }[]
  }
}

export interface Connection {
  direction: 'Ingress' | 'Egress'
  /** The Pod that policies are about. */
  subject: PeerFacts
  other: PeerFacts
  port: PolicyPort
}

/**
 * Decides about a connection. Pure.
 * @param policies those of the subject's namespace
 * @returns the policies that select the Pod for the direction, and those of them that allow the connection
 */
export function judgeConnection(
  policies: readonly NetworkPolicy[],
  connection: Connection,
): { isolating: readonly NetworkPolicy[]; allowing: readonly NetworkPolicy[] } {
  const { direction, subject } = connection
  const { pod } = subject
  if (!pod) return { isolating: [], allowing: [] }
  charge(policies.length)
  const isolating = policies.filter(
    ({ metadata, spec }) =>
      metadata.namespace === pod.namespace &&
      spec.policyTypes?.includes(direction) &&
      selectorMatches(spec.podSelector ?? {}, pod.labels),
  )
  return { isolating, allowing: isolating.filter((policy) => allows(policy, connection)) }
}

function allows({ metadata, spec }: NetworkPolicy, { direction, subject, other, port }: Connection): boolean {
  const rules =
    direction === 'Ingress'
      ? (spec.ingress ?? []).map(({ ports, from }) => ({ ports, peers: from }))
      : (spec.egress ?? []).map(({ ports, to }) => ({ ports, peers: to }))
  // A named port is one of the Pod that is reached.
  const reached = direction === 'Ingress' ? subject : other
  charge(rules.length)
  const isAny = (list: readonly unknown[] | undefined): boolean => {
    charge(stepsOfPeer * (list?.length ?? 0))
    return !list?.length
  }
  return rules.some(
    ({ ports, peers }) =>
      (isAny(ports) || ports!.some((one) => portMatches(one, port, reached))) &&
      (isAny(peers) || peers!.some((peer) => peerMatches(peer, other, metadata.namespace ?? ''))),
  )
}

/** Of computing: a peer or a port, and what is looked through for one. */
const stepsOfPeer = 3

function portMatches(
  { protocol = 'TCP', port, endPort }: NetworkPolicyPort,
  asked: PolicyPort,
  reached: PeerFacts,
): boolean {
  if (protocol !== asked.protocol) return false
  if (port === undefined) return true
  if (typeof port === 'number') return asked.port >= port && asked.port <= (endPort ?? port)
  charge((reached.pod?.ports.length ?? 0) / 4)
  return (reached.pod?.ports ?? []).some(
    (one) => one.name === port && one.protocol === protocol && one.containerPort === asked.port,
  )
}

function peerMatches(peer: NetworkPolicyPeer, { ip, pod }: PeerFacts, namespace: string): boolean {
  const { podSelector, namespaceSelector, ipBlock } = peer
  if (ipBlock) {
    const address = parseIp(ip)
    if (address === undefined || !holds(ipBlock.cidr, address)) return false
    charge(stepsOfPeer * (ipBlock.except?.length ?? 0))
    return !(ipBlock.except ?? []).some((range) => holds(range, address))
  }
  if (!pod) return false
  if (namespaceSelector ? !selectorMatches(namespaceSelector, pod.namespaceLabels) : pod.namespace !== namespace)
    return false
  return !podSelector || selectorMatches(podSelector, pod.labels)
}

/** Ranges of IPv6 hold nothing here. */
const holds = (range: string, address: number): boolean => !range.includes(':') && cidrHolds(parseCidr(range), address)

/** A Pod of CoreDNS, as kubeadm labels it. Simplified: this cluster answers names without running one. */
export const dnsFacts = {
  namespace: 'kube-system',
  labels: { 'k8s-app': 'kube-dns' },
  ports: [
    { name: 'dns', protocol: 'UDP', containerPort: 53 },
    { name: 'dns-tcp', protocol: 'TCP', containerPort: 53 },
  ],
}

export interface PolicyAgentOptions {
  /** Under the identity of the CNI's agent; the caller starts its informers. */
  context: ComponentContext
  network: { setPolicies(enforcer: PolicyEnforcer | undefined): void }
}

/** Enforces the cluster's policies from now on. Pods and Namespaces are watched from the first policy on. */
export function startPolicyAgent({ context, network }: PolicyAgentOptions): RunningComponent {
  const { informers } = context
  const policies = informers.informer(networkPolicies)
  const byNamespace = new Map<string, Map<string, NetworkPolicy>>()
  let labels: { pods: ReturnType<typeof podInformer>; namespaces: ReturnType<typeof namespaceInformer> } | undefined

  const podInformer = () => informers.informer(podKind)
  const namespaceInformer = () => informers.informer(namespaceKind)

  const namespaceLabels = (name: string): Labels =>
    labels?.namespaces.get({ namespace: '', name })?.metadata.labels ?? {}

  function factsOf({ ip, pod }: PolicyPeer): PeerFacts {
    if (pod?.namespace === dnsFacts.namespace && pod.name === 'coredns')
      return { ip, pod: { ...dnsFacts, namespaceLabels: namespaceLabels(pod.namespace) } }
    if (!pod) return { ip }
    // An add-on that is no object of the cluster has a namespace and no labels.
    const found = labels?.pods.get(pod)
    return {
      ip,
      pod: {
        namespace: pod.namespace,
        labels: found?.metadata.labels ?? {},
        namespaceLabels: namespaceLabels(pod.namespace),
        ports: found ? portsOf(found) : [],
      },
    }
  }

  function judge(
    direction: Connection['direction'],
    subject: PolicyPeer,
    other: PolicyPeer,
    port: PolicyPort,
  ): Verdict {
    const own = subject.pod && byNamespace.get(subject.pod.namespace)
    if (!own) return UNHELD
    const connection = { direction, subject: factsOf(subject), other: factsOf(other), port }
    const { isolating, allowing } = judgeConnection([...own.values()], connection)
    return { isolating: namesOf(isolating), allowing: namesOf(allowing) }
  }

  const set = (policy: NetworkPolicy): void => {
    const namespace = policy.metadata.namespace ?? ''
    let own = byNamespace.get(namespace)
    if (!own) {
      own = new Map()
      byNamespace.set(namespace, own)
    }
    own.set(policy.metadata.name, policy)
    if (labels) return
    labels = { pods: podInformer(), namespaces: namespaceInformer() }
    informers.start()
  }
  policies.addHandlers({
    onAdd: set,
    onUpdate: set,
    onDelete({ metadata }) {
      const own = byNamespace.get(metadata.namespace ?? '')
      own?.delete(metadata.name)
      if (own?.size === 0) byNamespace.delete(metadata.namespace ?? '')
    },
  })
  network.setPolicies({ judge })
  return { stop: () => network.setPolicies(undefined) }
}

const namesOf = (policies: readonly NetworkPolicy[]): string[] =>
  policies.map((policy) => keyText(keyOf(policy))).sort()

export const portsOf = ({ spec }: Pod): NonNullable<PeerFacts['pod']>['ports'] =>
  [...spec.containers, ...(spec.initContainers ?? [])].flatMap(({ ports = [] }) => {
    charge(1 + ports.length / 2)
    return ports.map(({ name, protocol, containerPort }) => ({ name, protocol: protocol ?? 'TCP', containerPort }))
  })
