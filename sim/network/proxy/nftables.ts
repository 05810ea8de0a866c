/** A node's rules as `nft list table ip kube-proxy` prints them. Pure. Source: pkg/proxy/nftables/proxier.go */
import { charge } from '../../engine/work.ts'
import { CLUSTER_CIDR } from './iptables.ts'
import { nftEndpointNameOf, nftNameOf } from './names.ts'
import type { RuleTable } from './rule-table.ts'
import { isExternal, type PortRule, type RuleEndpoint } from './rules.ts'

const SERVICE_CIDR = '10.96.0.0/16'

interface NftSet {
  name: string
  kind: 'set' | 'map'
  type: string
  flags?: string
  timeout?: string
  comment?: string
  elements: Set<string>
}

interface NftChain {
  name: string
  lines: string[]
}

export function printNftables(table: RuleTable, rules: readonly PortRule[]): string {
  const sets = fixedSets(table)
  const chains = fixedChains()
  for (const rule of rules) addRule(rule, table, sets, chains)
  const blocks = [
    ...[...sets.values()].map(printSet),
    ...chains.map(({ name, lines }) => [`chain ${name} {`, ...lines.map((line) => `\t${line}`), '}']),
  ]
  const body = blocks.map((lines) => lines.map((line) => `\t${line}\n`).join('')).join('\n')
  return `table ip kube-proxy {\n\tcomment "rules for kube-proxy"\n\n${body}}\n`
}

function printSet({ name, kind, type, flags, timeout, comment, elements }: NftSet): string[] {
  const lines = [`type ${type}`]
  if (flags) lines.push(`flags ${flags}`)
  if (timeout) lines.push(`timeout ${timeout}`)
  if (comment) lines.push(`comment "${comment}"`)
  // Later elements stand below the first.
  if (elements.size > 0)
    for (const line of `elements = { ${[...elements].join(',\n\t     ')} }`.split('\n')) lines.push(line)
  return [`${kind} ${name} {`, ...lines.map((line) => `\t${line}`), '}']
}

const ADDRESS_PORT = 'ipv4_addr . inet_proto . inet_service : verdict'
const PORT = 'inet_proto . inet_service : verdict'

function fixedSets({ nodeIP }: RuleTable): Map<string, NftSet> {
  const sets: NftSet[] = [
    { name: 'cluster-ips', kind: 'set', type: 'ipv4_addr', comment: 'Active ClusterIPs', elements: new Set() },
    {
      name: 'nodeport-ips',
      kind: 'set',
      type: 'ipv4_addr',
      comment: 'IPs that accept NodePort traffic',
      elements: new Set([nodeIP]),
    },
    {
      name: 'no-endpoint-services',
      kind: 'map',
      type: ADDRESS_PORT,
      comment: 'vmap to drop or reject packets to services with no endpoints',
      elements: new Set(),
    },
    {
      name: 'no-endpoint-nodeports',
      kind: 'map',
      type: PORT,
      comment: 'vmap to drop or reject packets to service nodeports with no endpoints',
      elements: new Set(),
    },
    {
      name: 'firewall-ips',
      kind: 'map',
      type: ADDRESS_PORT,
      comment: 'destinations that are subject to LoadBalancerSourceRanges',
      elements: new Set(),
    },
    {
      name: 'service-ips',
      kind: 'map',
      type: ADDRESS_PORT,
      comment: 'ClusterIP, ExternalIP and LoadBalancer IP traffic',
      elements: new Set(),
    },
    { name: 'service-nodeports', kind: 'map', type: PORT, comment: 'NodePort traffic', elements: new Set() },
  ]
  return new Map(sets.map((set) => [set.name, set]))
}

const base = (type: string, hook: string, priority: string): string =>
  `type ${type} hook ${hook} priority ${priority}; policy accept;`

const fixedChains = (): NftChain[] => [
  {
    name: 'filter-prerouting',
    lines: [base('filter', 'prerouting', 'dstnat - 10'), 'ct state new jump firewall-check'],
  },
  {
    name: 'filter-input',
    lines: [
      base('filter', 'input', '-110'),
      'ct state new jump nodeport-endpoints-check',
      'ct state new jump service-endpoints-check',
    ],
  },
  {
    name: 'filter-forward',
    lines: [
      base('filter', 'forward', '-110'),
      'ct state new jump service-endpoints-check',
      'ct state new jump cluster-ips-check',
    ],
  },
  {
    name: 'filter-output',
    lines: [
      base('filter', 'output', '-110'),
      'ct state new jump service-endpoints-check',
      'ct state new jump firewall-check',
    ],
  },
  {
    name: 'filter-output-post-dnat',
    lines: [base('filter', 'output', '-90'), 'ct state new jump cluster-ips-check'],
  },
  { name: 'nat-prerouting', lines: [base('nat', 'prerouting', 'dstnat'), 'jump services'] },
  { name: 'nat-output', lines: [base('nat', 'output', '-100'), 'jump services'] },
  { name: 'nat-postrouting', lines: [base('nat', 'postrouting', 'srcnat'), 'jump masquerading'] },
  {
    name: 'nodeport-endpoints-check',
    lines: ['ip daddr @nodeport-ips meta l4proto . th dport vmap @no-endpoint-nodeports'],
  },
  { name: 'service-endpoints-check', lines: ['ip daddr . meta l4proto . th dport vmap @no-endpoint-services'] },
  { name: 'firewall-check', lines: ['ip daddr . meta l4proto . th dport vmap @firewall-ips'] },
  {
    name: 'services',
    lines: [
      'ip daddr . meta l4proto . th dport vmap @service-ips',
      'ip daddr @nodeport-ips meta l4proto . th dport vmap @service-nodeports',
    ],
  },
  {
    name: 'masquerading',
    lines: [
      'meta mark & 0x00004000 == 0x00000000 return',
      'meta mark set meta mark ^ 0x00004000',
      'masquerade fully-random',
    ],
  },
  { name: 'mark-for-masquerade', lines: ['meta mark set meta mark | 0x00004000'] },
  {
    name: 'cluster-ips-check',
    lines: [
      'ip daddr @cluster-ips reject comment "Reject traffic to invalid ports of ClusterIPs"',
      `ip daddr ${SERVICE_CIDR} drop comment "Drop traffic to unallocated ClusterIPs"`,
    ],
  },
  { name: 'reject-chain', lines: ['reject'] },
]

/** Of computing: the fixed lines of a rule, a further line, and an endpoint's, for which names are hashed. */
const stepsOfRule = 500
const stepsOfPrinted = 20
const stepsOfEndpoint = 220

function addRule(rule: PortRule, table: RuleTable, sets: Map<string, NftSet>, chains: NftChain[]): void {
  const { port, nodePort, clusterIP } = rule
  const proto = rule.protocol.toLowerCase()
  const name = nftNameOf(rule)
  const cluster = rule.clusterEndpoints(table)
  const local = rule.localEndpoints(table.node)
  charge(
    stepsOfRule + stepsOfPrinted * (rule.externalIPs.length + rule.loadBalancerIPs.length + rule.sourceRanges.length),
  )
  charge(stepsOfEndpoint * (rule.affinityMs > 0 ? 2 : 1) * (cluster.length + local.length))
  const balancers = new Set(rule.loadBalancerIPs)
  const add = (set: string, element: string): void => void sets.get(set)!.elements.add(element)
  const internal = `${rule.isInternalLocal ? 'local' : 'service'}-${name}`
  const external = `external-${name}`
  const endpointsOf = (isLocal: boolean): readonly RuleEndpoint[] => (isLocal ? local : cluster)
  const verdictOf = (isLocal: boolean): string | undefined => {
    if (rule.endpoints.length === 0) return 'goto reject-chain'
    return endpointsOf(isLocal).length === 0 ? 'drop' : undefined
  }
  const told = `comment "${rule.name}"`

  add('cluster-ips', clusterIP)
  const internalVerdict = verdictOf(rule.isInternalLocal)
  if (internalVerdict) add('no-endpoint-services', `${clusterIP} . ${proto} . ${port} ${told} : ${internalVerdict}`)
  else add('service-ips', `${clusterIP} . ${proto} . ${port} : goto ${internal}`)
  const externalVerdict = verdictOf(rule.isExternalLocal)
  for (const ip of [...rule.externalIPs, ...rule.loadBalancerIPs]) {
    const at = `${ip} . ${proto} . ${port}`
    if (externalVerdict) add('no-endpoint-services', `${at} ${told} : ${externalVerdict}`)
    if (rule.endpoints.length > 0) add('service-ips', `${at} : goto ${external}`)
    if (rule.sourceRanges.length > 0 && balancers.has(ip)) add('firewall-ips', `${at} ${told} : goto firewall-${name}`)
  }
  if (nodePort) {
    const at = `${proto} . ${nodePort}`
    if (externalVerdict) add('no-endpoint-nodeports', `${at} ${told} : ${externalVerdict}`)
    if (rule.endpoints.length > 0) add('service-nodeports', `${at} : goto ${external}`)
  }

  if (isExternal(rule) && rule.endpoints.length > 0)
    chains.push({ name: external, lines: externalLines(rule, name, externalVerdict === undefined) })
  if (rule.sourceRanges.length > 0 && rule.loadBalancerIPs.length > 0)
    chains.push({ name: `firewall-${name}`, lines: [`ip saddr != { ${rule.sourceRanges.join(', ')} } drop`] })
  const masquerade = `ip daddr ${clusterIP} ${proto} dport ${port} ip saddr != ${CLUSTER_CIDR} jump mark-for-masquerade`
  const usesCluster = !rule.isInternalLocal || isExternal(rule)
  if (usesCluster && cluster.length > 0)
    chains.push({
      name: `service-${name}`,
      lines: [...(rule.isInternalLocal ? [] : [masquerade]), ...choiceOf(rule, cluster)],
    })
  const usesLocal = rule.isInternalLocal || (rule.isExternalLocal && isExternal(rule))
  if (usesLocal && local.length > 0)
    chains.push({
      name: `local-${name}`,
      lines: [...(rule.isInternalLocal ? [masquerade] : []), ...choiceOf(rule, local)],
    })
  const reachable = [...(usesCluster ? cluster : []), ...(usesLocal ? local : [])]
  const byName = new Map(reachable.map((endpoint) => [nftEndpointNameOf(rule, endpoint), endpoint]))
  for (const [endpointName, { ip, port: to }] of byName) {
    const affinity = `affinity-${endpointName}`
    const isSticky = rule.affinityMs > 0
    if (isSticky) {
      const timeout = printDuration(rule.affinityMs / 1000)
      sets.set(affinity, {
        name: affinity,
        kind: 'set',
        type: 'ipv4_addr',
        flags: 'dynamic,timeout',
        timeout,
        elements: new Set(),
      })
    }
    chains.push({
      name: `endpoint-${endpointName}`,
      lines: [
        `ip saddr ${ip} jump mark-for-masquerade`,
        ...(isSticky ? [`update @${affinity} { ip saddr }`] : []),
        `meta l4proto ${proto} dnat to ${ip}:${to}`,
      ],
    })
  }
}

/** Where traffic from outside goes: masqueraded to any endpoint, or as it is to those of the node. */
function externalLines(rule: PortRule, name: string, hasEndpoint: boolean): string[] {
  if (!rule.isExternalLocal) return ['jump mark-for-masquerade', `goto service-${name}`]
  return [
    `ip saddr ${CLUSTER_CIDR} goto service-${name} comment "short-circuit pod traffic"`,
    'fib saddr type local jump mark-for-masquerade comment "masquerade local traffic"',
    `fib saddr type local goto service-${name} comment "short-circuit local traffic"`,
    ...(hasEndpoint ? [`goto local-${name}`] : []),
  ]
}

function choiceOf(rule: PortRule, endpoints: readonly RuleEndpoint[]): string[] {
  const names = endpoints.map((endpoint) => nftEndpointNameOf(rule, endpoint))
  const sticky = rule.affinityMs > 0 ? names.map((name) => `ip saddr @affinity-${name} goto endpoint-${name}`) : []
  const choices = names.map((name, i) => `${i} : goto endpoint-${name}`)
  return [...sticky, `numgen random mod ${endpoints.length} vmap { ${choices.join(', ')} }`]
}

/** `3h`, `1m30s` */
function printDuration(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const
  return parts.flatMap(([number, unit]) => (number > 0 ? [`${number}${unit}`] : [])).join('')
}
