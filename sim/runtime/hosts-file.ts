/** Names of /etc/hosts. Source: hosts(5) */
import { chargeText } from '../engine/work.ts'

/** A reader of such a file, which takes it apart again only when it has changed. @returns the first address of a name */
export function createHostsReader(read: () => string | undefined): (name: string) => string | undefined {
  let known: string | undefined
  let addresses: ReadonlyMap<string, string> = new Map()
  return (name) => {
    const text = read()
    if (text === undefined) return undefined
    if (text !== known) {
      known = text
      addresses = parseHosts(text)
    }
    return addresses.get(name.toLowerCase())
  }
}

function parseHosts(text: string): Map<string, string> {
  chargeText(text.length)
  const found = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    // Simplified: connections go by IPv4.
    if (!address || !/^\d{1,3}(?:\.\d{1,3}){3}$/.test(address)) continue
    for (const name of names) if (!found.has(name.toLowerCase())) found.set(name.toLowerCase(), address)
  }
  return found
}
