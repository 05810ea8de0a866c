/** A node's virtual servers as `ipvsadm -Ln` prints them. Pure. Source: pkg/proxy/ipvs/proxier.go; ipvsadm's sorted output */
import { charge } from '../../engine/work.ts'
import { parseIp } from '../address.ts'
import type { RuleTable } from './rule-table.ts'
import { addressesOf, type PortRule, type Protocol, type RuleEndpoint } from './rules.ts'

interface Shown {
  protocol: Protocol
  ip: string
  port: number
  rule: PortRule
  servers: readonly RuleEndpoint[]
}

export function printIpvs(table: RuleTable, rules: readonly PortRule[], nowMs: number): string {
  const lines = [
    'IP Virtual Server version 1.2.1 (size=4096)',
    'Prot LocalAddress:Port Scheduler Flags',
    '  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn',
  ]
  for (const { protocol, ip, port, rule, servers } of shownOf(table, rules)) {
    const flags = rule.affinityMs > 0 ? ` persistent ${rule.affinityMs / 1000}` : ''
    lines.push(`${protocol.padEnd(4)} ${ip}:${port} ${table.proxy.scheduler ?? 'rr'}${flags}`)
    charge(10 + stepsOfServer * servers.length)
    for (const server of servers) {
      const { active, inactive } = table.connections(rule, { ip, port }, server, nowMs)
      const address = `${server.ip}:${server.port}`.padEnd(28)
      lines.push(
        `  -> ${address} ${'Masq'.padEnd(7)} ${'1'.padEnd(6)} ${String(active).padEnd(10)} ${String(inactive).padEnd(10)}`,
      )
    }
  }
  return lines.map((line) => `${line}\n`).join('')
}

/** Of computing: the line of one server. */
const stepsOfServer = 25

/** By protocol, address and port. */
function shownOf(table: RuleTable, rules: readonly PortRule[]): Shown[] {
  const all = rules.flatMap((rule) => {
    const { protocol, port, nodePort } = rule
    const cluster = rule.clusterEndpoints(table)
    const local = rule.localEndpoints(table.node)
    charge(10 * (2 + rule.externalIPs.length + rule.loadBalancerIPs.length))
    const show = (ip: string, at: number, isLocal: boolean): Shown => ({
      protocol,
      ip,
      port: at,
      rule,
      servers: isLocal ? local : cluster,
    })
    return [
      ...addressesOf(rule).map((ip) =>
        show(ip, port, ip === rule.clusterIP ? rule.isInternalLocal : rule.isExternalLocal),
      ),
      ...(nodePort ? [show(table.nodeIP, nodePort, rule.isExternalLocal)] : []),
    ]
  })
  return all.sort(
    (a, b) => compare(a.protocol, b.protocol) || (parseIp(a.ip) ?? 0) - (parseIp(b.ip) ?? 0) || a.port - b.port,
  )
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
