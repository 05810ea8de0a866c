/** A node's rules as iptables-save prints them. Pure. Source: syncProxyRules in pkg/proxy/iptables/proxier.go */
import { charge } from '../../engine/work.ts'
import { chainIdOf, endpointChainOf } from './names.ts'
import type { RuleTable } from './rule-table.ts'
import { isExternal, type PortRule, type RuleEndpoint } from './rules.ts'

/** The addresses of all Pods: --cluster-cidr. */
export const CLUSTER_CIDR = '10.244.0.0/16'

/** Rules by chain; chains are there even when they hold none. */
type Chains = Map<string, string[]>

export function printIptables(table: RuleTable, rules: readonly PortRule[]): string {
  const filter: Chains = new Map()
  const nat: Chains = new Map()
  addFixedRules(filter, nat)
  for (const rule of rules) addRule(rule, table, filter, nat)
  append(
    nat,
    'KUBE-SERVICES',
    `${comment('kubernetes service nodeports; NOTE: this must be the last rule in this chain')} -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS`,
  )
  return `${printTable('filter', ['INPUT', 'FORWARD', 'OUTPUT'], filter)}${printTable('nat', ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'], nat)}`
}

function printTable(name: string, builtIn: readonly string[], chains: Chains): string {
  const own = [...chains.keys()].filter((chain) => !builtIn.includes(chain)).sort()
  const lines = [`*${name}`]
  for (const chain of builtIn) lines.push(`:${chain} ACCEPT [0:0]`)
  for (const chain of own) lines.push(`:${chain} - [0:0]`)
  for (const chain of [...builtIn, ...own])
    for (const rule of chains.get(chain) ?? []) lines.push(`-A ${chain} ${rule}`)
  return `${[...lines, 'COMMIT'].join('\n')}\n`
}

function append(chains: Chains, chain: string, ...rules: string[]): void {
  const known = chains.get(chain)
  if (known) for (const rule of rules) known.push(rule)
  else chains.set(chain, rules)
}

const comment = (text: string): string => `-m comment --comment "${text}"`

/** The chains that the kernel's own lead to, whatever Services there are. */
function addFixedRules(filter: Chains, nat: Chains): void {
  const firewall = `-m conntrack --ctstate NEW ${comment('kubernetes load balancer firewall')} -j KUBE-PROXY-FIREWALL`
  const portals = `-m conntrack --ctstate NEW ${comment('kubernetes service portals')} -j KUBE-SERVICES`
  const external = `-m conntrack --ctstate NEW ${comment('kubernetes externally-visible service portals')} -j KUBE-EXTERNAL-SERVICES`
  const health = `${comment('kubernetes health check service ports')} -j KUBE-NODEPORTS`
  append(filter, 'INPUT', firewall, health, external, '-j KUBE-FIREWALL')
  append(filter, 'FORWARD', firewall, `${comment('kubernetes forwarding rules')} -j KUBE-FORWARD`, portals, external)
  append(filter, 'OUTPUT', firewall, portals, '-j KUBE-FIREWALL')
  for (const chain of ['KUBE-EXTERNAL-SERVICES', 'KUBE-NODEPORTS', 'KUBE-PROXY-FIREWALL', 'KUBE-SERVICES'])
    append(filter, chain)
  append(
    filter,
    'KUBE-FIREWALL',
    `! -s 127.0.0.0/8 -d 127.0.0.0/8 ${comment('block incoming localnet connections')} -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP`,
  )
  append(
    filter,
    'KUBE-FORWARD',
    '-m conntrack --ctstate INVALID -m nfacct --nfacct-name ct_state_invalid_dropped_pkts -j DROP',
    `${comment('kubernetes forwarding rules')} -m mark --mark 0x4000/0x4000 -j ACCEPT`,
    `${comment('kubernetes forwarding conntrack rule')} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
  )
  for (const chain of ['PREROUTING', 'OUTPUT'])
    append(nat, chain, `${comment('kubernetes service portals')} -j KUBE-SERVICES`)
  append(nat, 'POSTROUTING', `${comment('kubernetes postrouting rules')} -j KUBE-POSTROUTING`)
  append(nat, 'KUBE-MARK-MASQ', '-j MARK --set-xmark 0x4000/0x4000')
  append(
    nat,
    'KUBE-POSTROUTING',
    '-m mark ! --mark 0x4000/0x4000 -j RETURN',
    '-j MARK --set-xmark 0x4000/0x0',
    `${comment('kubernetes service traffic requiring SNAT')} -j MASQUERADE --random-fully`,
  )
  append(nat, 'KUBE-NODEPORTS')
  append(nat, 'KUBE-SERVICES')
}

/** Of computing: the fixed lines of a rule, a further line, and an endpoint's, for which names are hashed. */
const stepsOfRule = 500
const stepsOfPrinted = 20
const stepsOfEndpoint = 220

function addRule(rule: PortRule, table: RuleTable, filter: Chains, nat: Chains): void {
  const { name, port, nodePort } = rule
  const id = chainIdOf(rule)
  const proto = rule.protocol.toLowerCase()
  const cluster = rule.clusterEndpoints(table)
  const usesLocal = rule.isInternalLocal || (rule.isExternalLocal && isExternal(rule))
  const local = usesLocal ? rule.localEndpoints(table.node) : []
  const to = (ip: string, what: string): string =>
    `-d ${ip}/32 -p ${proto} ${comment(`${name} ${what}`)} -m ${proto} --dport ${port}`
  const toNodePort = (what: string): string =>
    `-p ${proto} ${comment(`${name}${what}`)} -m ${proto} --dport ${nodePort}`
  const external = [...rule.externalIPs, ...rule.loadBalancerIPs]
  charge(stepsOfRule + stepsOfPrinted * (external.length + rule.sourceRanges.length))
  charge(stepsOfEndpoint * (rule.affinityMs > 0 ? 2 : 1) * (cluster.length + local.length))

  const chains = new Map<RuleEndpoint, string>()
  const chainOf: ChainOf = (endpoint) => {
    const known = chains.get(endpoint) ?? endpointChainOf(rule, endpoint)
    chains.set(endpoint, known)
    return known
  }

  /** Why no endpoint may be used, as a word and a verdict. */
  const missing = (isLocal: boolean): { what: string; verdict: string } | undefined => {
    if (rule.endpoints.length === 0)
      return { what: 'has no endpoints', verdict: '-j REJECT --reject-with icmp-port-unreachable' }
    return isLocal && local.length === 0 ? { what: 'has no local endpoints', verdict: '-j DROP' } : undefined
  }
  const internalMissing = missing(rule.isInternalLocal)
  const externalMissing = missing(rule.isExternalLocal)
  const internalChain = `${rule.isInternalLocal ? 'KUBE-SVL' : 'KUBE-SVC'}-${id}`
  const externalChain = `${rule.isExternalLocal ? 'KUBE-SVL' : 'KUBE-SVC'}-${id}`

  if (internalMissing)
    append(filter, 'KUBE-SERVICES', `${to(rule.clusterIP, internalMissing.what)} ${internalMissing.verdict}`)
  else append(nat, 'KUBE-SERVICES', `${to(rule.clusterIP, 'cluster IP')} -j ${internalChain}`)
  if (externalMissing) {
    const { what, verdict } = externalMissing
    for (const ip of external) append(filter, 'KUBE-EXTERNAL-SERVICES', `${to(ip, what)} ${verdict}`)
    if (nodePort)
      append(
        filter,
        'KUBE-EXTERNAL-SERVICES',
        `-p ${proto} ${comment(`${name} ${what}`)} -m addrtype --dst-type LOCAL -m ${proto} --dport ${nodePort} ${verdict}`,
      )
  }
  const hasFirewall = rule.endpoints.length > 0 && rule.sourceRanges.length > 0 && rule.loadBalancerIPs.length > 0
  // Pods and the node itself reach them even where no endpoint is local.
  if (rule.endpoints.length > 0 && isExternal(rule)) {
    for (const ip of rule.externalIPs) append(nat, 'KUBE-SERVICES', `${to(ip, 'external IP')} -j KUBE-EXT-${id}`)
    for (const ip of rule.loadBalancerIPs)
      append(nat, 'KUBE-SERVICES', `${to(ip, 'loadbalancer IP')} -j ${hasFirewall ? 'KUBE-FW' : 'KUBE-EXT'}-${id}`)
    if (nodePort) append(nat, 'KUBE-NODEPORTS', `${toNodePort('')} -j KUBE-EXT-${id}`)
    addExternalChain(rule, nat, id, externalMissing ? undefined : externalChain)
  }
  if (hasFirewall) {
    for (const range of rule.sourceRanges)
      append(nat, `KUBE-FW-${id}`, `-s ${range.trim()} ${comment(`${name} loadbalancer IP`)} -j KUBE-EXT-${id}`)
    append(nat, `KUBE-FW-${id}`, comment(`other traffic to ${name} will be dropped by KUBE-PROXY-FIREWALL`))
    for (const ip of rule.loadBalancerIPs)
      append(filter, 'KUBE-PROXY-FIREWALL', `${to(ip, `traffic not accepted by KUBE-FW-${id}`)} -j DROP`)
  }
  if (rule.healthCheckNodePort)
    append(
      filter,
      'KUBE-NODEPORTS',
      `-p tcp ${comment(`${name} health check node port`)} -m tcp --dport ${rule.healthCheckNodePort} -j ACCEPT`,
    )
  if (cluster.length > 0 && (!rule.isInternalLocal || isExternal(rule))) {
    if (!rule.isInternalLocal)
      append(nat, `KUBE-SVC-${id}`, `! -s ${CLUSTER_CIDR} ${to(rule.clusterIP, 'cluster IP')} -j KUBE-MARK-MASQ`)
    for (const line of choiceOf(rule, cluster, chainOf)) append(nat, `KUBE-SVC-${id}`, line)
  }
  if (local.length > 0) {
    if (rule.isInternalLocal)
      append(nat, `KUBE-SVL-${id}`, `! -s ${CLUSTER_CIDR} ${to(rule.clusterIP, 'cluster IP')} -j KUBE-MARK-MASQ`)
    for (const line of choiceOf(rule, local, chainOf)) append(nat, `KUBE-SVL-${id}`, line)
  }
  const reachable = new Map([...cluster, ...local].map((endpoint) => [chainOf(endpoint), endpoint]))
  for (const [chain, endpoint] of reachable) {
    const recent = rule.affinityMs > 0 ? ` -m recent --set --name ${chain} --mask 255.255.255.255 --rsource` : ''
    append(
      nat,
      chain,
      `-s ${endpoint.ip}/32 ${comment(name)} -j KUBE-MARK-MASQ`,
      `-p ${proto} ${comment(name)}${recent} -m ${proto} -j DNAT --to-destination ${endpoint.ip}:${endpoint.port}`,
    )
  }
}

/** The chain of an endpoint: the name is a hash, and dear. */
type ChainOf = (endpoint: RuleEndpoint) => string

/** Where traffic from outside goes: masqueraded to any endpoint, or as it is to those of the node. */
function addExternalChain(rule: PortRule, nat: Chains, id: string, last: string | undefined): void {
  const chain = `KUBE-EXT-${id}`
  const what = `${rule.name} external destinations`
  if (!rule.isExternalLocal) append(nat, chain, `${comment(`masquerade traffic for ${what}`)} -j KUBE-MARK-MASQ`)
  else
    append(
      nat,
      chain,
      `-s ${CLUSTER_CIDR} ${comment(`pod traffic for ${what}`)} -j KUBE-SVC-${id}`,
      `${comment(`masquerade LOCAL traffic for ${what}`)} -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ`,
      `${comment(`route LOCAL traffic for ${what}`)} -m addrtype --src-type LOCAL -j KUBE-SVC-${id}`,
    )
  if (last) append(nat, chain, `-j ${last}`)
}

/** One of n: the first is taken with probability 1/n, the next with 1/(n-1) of what is left, … */
function choiceOf(rule: PortRule, endpoints: readonly RuleEndpoint[], chainOf: ChainOf): string[] {
  const lines: string[] = []
  const told = ({ ip, port }: RuleEndpoint): string => comment(`${rule.name} -> ${ip}:${port}`)
  if (rule.affinityMs > 0) {
    for (const endpoint of endpoints) {
      const chain = chainOf(endpoint)
      lines.push(
        `${told(endpoint)} -m recent --rcheck --seconds ${rule.affinityMs / 1000} --reap --name ${chain} --mask 255.255.255.255 --rsource -j ${chain}`,
      )
    }
  }
  endpoints.forEach((endpoint, i) => {
    const left = endpoints.length - i
    const chance = left > 1 ? ` -m statistic --mode random --probability ${printChance(1 / left)}` : ''
    lines.push(`${told(endpoint)}${chance} -j ${chainOf(endpoint)}`)
  })
  return lines
}

/** kube-proxy writes ten digits, the kernel keeps 31 bits of them, and iptables-save prints eleven digits of those. */
const printChance = (chance: number): string => (Math.round(Number(chance.toFixed(10)) * 2 ** 31) / 2 ** 31).toFixed(11)
