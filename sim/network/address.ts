/** IPv4 addresses and ranges as numbers. */

export interface Cidr {
  /** The first address. */
  base: number
  bits: number
}

/** The address as an unsigned number, or undefined when the text is no IPv4 address. */
export function parseIp(text: string): number | undefined {
  let value = 0
  let part = 0
  let digits = 0
  let dots = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 46) {
      if (digits === 0) return undefined
      dots++
      value = value * 256 + part
      part = 0
      digits = 0
      continue
    }
    if (code < 48 || code > 57 || ++digits > 3) return undefined
    part = part * 10 + code - 48
    if (part > 255) return undefined
  }
  return dots === 3 && digits > 0 ? value * 256 + part : undefined
}

export const printIp = (address: number): string =>
  `${Math.floor(address / 16777216) % 256}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`

/** @throws Error when the text is no IPv4 range */
export function parseCidr(text: string): Cidr {
  const slash = text.indexOf('/')
  const address = parseIp(text.slice(0, slash))
  const bits = Number(text.slice(slash + 1))
  if (slash < 0 || address === undefined || !(bits >= 0 && bits <= 32)) throw new Error(`${text} is not an IPv4 range`)
  const size = 2 ** (32 - bits)
  return { base: Math.floor(address / size) * size, bits }
}

export const cidrHolds = (cidr: Cidr, address: number): boolean =>
  address >= cidr.base && address < cidr.base + 2 ** (32 - cidr.bits)

/** The Pod range of the n-th node (from 0): 10.244.n.0/24, going on in 10.245 and, past 10.255, in 10.128. */
export const podCidrOf = (n: number): string =>
  `${printIp((n < 3072 ? 0x0af40000 : 0x0a800000 - 3072 * 256) + n * 256)}/24`

/** Where the control plane is. */
export const apiServerIP = '172.18.0.2'
export const apiServerPort = 6443
/** The Service `kube-dns`, which Pods ask for names. */
export const clusterDnsIP = '10.96.0.10'
/** The Service `kubernetes`: the first address of the Services' range. */
export const apiServerServiceIP = '10.96.0.1'

/** The address of the n-th node (from 0): 172.18.0.2, 172.18.0.3, … */
export const nodeIpOf = (n: number): string => printIp(0xac120002 + n)
