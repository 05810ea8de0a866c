/**
 * Which names this server answers to. A page elsewhere that has its own name lead to this machine (DNS rebinding), or just sends a
 * request here, gives itself away by `Host` or `Origin`.
 */
import { isIP } from 'node:net'
import { hostname as machineName } from 'node:os'

export interface OwnHostsOptions {
  publicUrl: string | undefined
  /** Names, and domains that begin with a dot, in lower case. */
  allowedHosts: readonly string[]
  /** As the machine calls itself, unless told. */
  machine?: string
}

export interface OwnHosts {
  /** A `Host` that is ours: an address in figures, localhost, the machine, or what the configuration names. One that is missing is no browser's. */
  isOwn(host: string | undefined): boolean
  /** Whether a page at the origin may ask: the same site, the public one, or a name of the configuration. */
  isOwnOrigin(origin: string, host: string | undefined): boolean
}

/** No user, path or list, which a URL would take. */
const hostForm = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i

export function ownHosts({ publicUrl, allowedHosts, machine = machineName() }: OwnHostsOptions): OwnHosts {
  const publicSite = publicUrl === undefined ? undefined : new URL(publicUrl)
  const own = machine.toLowerCase()
  const machineNames = [own, own.split('.')[0]!, `${own}.local`]
  const isAllowed = (name: string): boolean =>
    allowedHosts.some((allowed) => (allowed.startsWith('.') ? `.${name}`.endsWith(allowed) : name === allowed))
  return {
    isOwn(host) {
      if (host === undefined) return true
      const name = nameOf(host)
      if (name === undefined) return false
      return (
        isIP(name.replace(/^\[|\]$/g, '')) !== 0 ||
        name === 'localhost' ||
        name.endsWith('.localhost') ||
        machineNames.includes(name) ||
        name === publicSite?.hostname ||
        isAllowed(name)
      )
    },
    isOwnOrigin(origin, host) {
      if (!URL.canParse(origin)) return false
      const from = new URL(origin)
      if (from.host === '' || !/^https?:$/.test(from.protocol)) return false
      return from.host === publicSite?.host || isSameHost(from, host) || isAllowed(from.hostname)
    },
  }
}

function nameOf(host: string): string | undefined {
  if (!hostForm.test(host) || !URL.canParse(`http://${host}`)) return undefined
  return new URL(`http://${host}`).hostname.replace(/\.$/, '')
}

/** With the port, as a browser counts it: that of the scheme may be left out. */
function isSameHost(from: URL, host: string | undefined): boolean {
  if (host === undefined || nameOf(host) === undefined) return false
  return new URL(`${from.protocol}//${host}`).host === from.host
}
