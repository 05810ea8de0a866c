/**
 * The names that kube-proxy gives its chains: the first letters of a SHA-256 in base32.
 * Sources: pkg/proxy/iptables/proxier.go (portProtoHash), pkg/proxy/nftables/proxier.go (hashAndTruncate)
 */
import { sha256 } from '../../api/meta/sha256.ts'
import type { PortRule, RuleEndpoint } from './rules.ts'

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** @param length up to 48 letters */
function hashName(name: string, length: number): string {
  const words = sha256([...name].map((letter) => letter.charCodeAt(0)))
  const bit = (n: number): number => (words[n >> 5] >>> (31 - (n & 31))) & 1
  let text = ''
  for (let letter = 0; letter < length; letter++) {
    let value = 0
    for (let n = 0; n < 5; n++) value = value * 2 + bit(letter * 5 + n)
    text += BASE32[value]
  }
  return text
}

const protocolOf = ({ protocol }: PortRule): string => protocol.toLowerCase()

/** `KUBE-SVC-NPX46M4PTMTKRN6Y` without the first words. */
export const chainIdOf = (rule: PortRule): string => hashName(`${rule.name}${protocolOf(rule)}`, 16)

export const endpointChainOf = (rule: PortRule, { ip, port }: RuleEndpoint): string =>
  `KUBE-SEP-${hashName(`${rule.name}${protocolOf(rule)}${ip}:${port}`, 16)}`

/** `ULMVA6XW-ns1/svc1/tcp/p80` */
export function nftNameOf(rule: PortRule): string {
  const name = nftPathOf(rule)
  return `${hashName(name, 8)}-${name}`
}

/** `endpoint-5OJB2KTY-ns1/svc1/tcp/p80__10.180.0.1/80` without the first word. */
export function nftEndpointNameOf(rule: PortRule, { ip, port }: RuleEndpoint): string {
  const name = `${nftPathOf(rule)}__${ip}/${port}`
  return `${hashName(name, 8)}-${name}`
}

function nftPathOf(rule: PortRule): string {
  const [service, portName = ''] = rule.name.split(':')
  return `${service}/${protocolOf(rule)}/${portName}`
}
