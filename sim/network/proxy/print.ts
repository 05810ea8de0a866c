/** What a node's administrator would see of kube-proxy's work, by the tool of its mode. */
import { printIptables } from './iptables.ts'
import { printIpvs } from './ipvs.ts'
import { printNftables } from './nftables.ts'
import type { RuleTable } from './rule-table.ts'

/**
 * The command that shows the rules, and what it prints.
 * @param service only the rules of that one, as `namespace/name`
 */
export function printRules(
  table: RuleTable,
  service: string | undefined,
  nowMs: number,
): { tool: string; text: string } {
  const rules = table.rules().filter(({ name }) => service === undefined || name.split(':')[0] === service)
  switch (table.proxy.mode) {
    case 'ipvs':
      return { tool: 'ipvsadm -Ln', text: printIpvs(table, rules, nowMs) }
    case 'nftables':
      return { tool: 'nft list table ip kube-proxy', text: printNftables(table, rules) }
    default:
      return { tool: 'iptables-save', text: printIptables(table, rules) }
  }
}
