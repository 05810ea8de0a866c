/**
 * What CoreDNS makes of its configuration: which names it answers itself, and which it passes on. Pure.
 * Simplified: of the plugins kubernetes, hosts and forward answer names, the others are there by name; and a name server outside is one of the
 * node's own, or one that everybody knows. Sources: coredns.io/manual/configuration, coredns.io/plugins, plugin.cfg of CoreDNS
 */
import type { NameService } from '../../network/types.ts'

interface ServerBlock {
  zones: readonly string[]
  port: number
  /** Of the plugin kubernetes the zones, and the namespaces whose names it knows; all of them unless told. Undefined without it. */
  kubernetes?: { zones: readonly string[]; namespaces?: ReadonlySet<string> }
  /** Addresses by name, and what the plugin does with other names. */
  hosts?: { names: ReadonlyMap<string, string>; falls: boolean }
  /** Where names of which zones are passed on to. */
  forward?: { zone: string; to: readonly string[] }
  reloads: boolean
}

export interface Corefile {
  blocks: readonly ServerBlock[]
}

const plugins = new Set(
  `root metadata geoip cancel tls quic timeouts multisocket reload nsid bufsize bind debug trace ready health pprof prometheus errors log dnstap
  local dns64 acl any chaos loadbalance tsig cache rewrite header dnssec autopath minimal template transfer hosts route53 azure clouddns
  k8s_external kubernetes file auto secondary etcd loop forward grpc erratic whoami on sign view import`.split(/\s+/),
)

const DNS_PORT = 53

/** The words of a line, with its number; without comments. */
interface Line {
  number: number
  words: readonly string[]
}

/** @param path as CoreDNS names the file where it complains */
export function parseCorefile(text: string, path: string): Corefile | { error: string } {
  const lines: Line[] = text.split('\n').flatMap((line, index) => {
    const words = line
      .replace(/(^|\s)#.*$/, '')
      .split(/\s+/)
      .filter(Boolean)
    return words.length > 0 ? [{ number: index + 1, words }] : []
  })
  const fail = (number: number, why: string) => ({ error: `${path}:${number} - Error during parsing: ${why}\n` })
  const blocks: ServerBlock[] = []
  for (let at = 0; at < lines.length; at++) {
    const { number, words } = lines[at]!
    if (words.at(-1) !== '{') return fail(number, `Unknown directive '${words[0]}'`)
    const block: ServerBlock = { ...headOf(words.slice(0, -1)), reloads: false }
    for (at++; ; at++) {
      const line = lines[at]
      if (!line) return fail(lines.at(-1)!.number, "Unexpected EOF, expecting '}'")
      if (line.words[0] === '}') break
      const [plugin = '', ...rest] = line.words
      if (!plugins.has(plugin)) return fail(line.number, `Unknown directive '${plugin}'`)
      const properties: Line[] = []
      if (rest.at(-1) === '{') {
        rest.pop()
        for (at++; lines[at] && lines[at]!.words[0] !== '}'; at++) properties.push(lines[at]!)
        if (!lines[at]) return fail(lines.at(-1)!.number, "Unexpected EOF, expecting '}'")
      }
      const why = take(block, plugin, rest, properties)
      if (why) return fail(line.number, why)
    }
    blocks.push(block)
  }
  return { blocks }
}

/** `.:53`, `example.com`, `dns://.:5353` */
function headOf(words: readonly string[]): Pick<ServerBlock, 'zones' | 'port'> {
  const read = words.map((word) => /^(?:dns:\/\/)?(.*?)(?::(\d+))?,?$/.exec(word)!)
  return {
    zones: read.map(([, zone = '']) => plain(zone || '.')),
    port: Number(read.find(([, , port]) => port)?.[2] ?? DNS_PORT),
  }
}

/** The problem. */
function take(block: ServerBlock, plugin: string, words: string[], properties: readonly Line[]): string | undefined {
  if (plugin === 'reload') block.reloads = true
  if (plugin === 'kubernetes') {
    const named = properties.filter((line) => line.words[0] === 'namespaces').map((line) => line.words.slice(1))
    if (named.some((names) => names.length === 0))
      return "Wrong argument count or unexpected line ending after 'namespaces'"
    block.kubernetes = {
      zones: (words.length > 0 ? words : block.zones).map(plain),
      ...(named.length > 0 ? { namespaces: new Set(named.flat()) } : {}),
    }
  }
  if (plugin === 'forward') {
    if (words.length < 2) return "Wrong argument count or unexpected line ending after 'forward'"
    block.forward = { zone: plain(words[0]!), to: words.slice(1) }
  }
  if (plugin === 'hosts') {
    const names = new Map<string, string>()
    for (const {
      words: [ip = '', ...own],
    } of properties)
      if (/^[\d.]+$/.test(ip)) for (const name of own) names.set(plain(name), ip)
    block.hosts = { names, falls: properties.some((line) => line.words[0] === 'fallthrough') }
  }
  return undefined
}

/** In lower case, without the last dot; the root is ''. */
const plain = (zone: string): string => zone.toLowerCase().replace(/\.$/, '')

const isIn = (name: string, zone: string): boolean => zone === '' || name === zone || name.endsWith(`.${zone}`)

/** Ports that it listens on. */
export const portsOf = ({ blocks }: Corefile): number[] => [...new Set(blocks.map(({ port }) => port))]

export const reloads = ({ blocks }: Corefile): boolean => blocks.some((block) => block.reloads)

const resolversOutside = new Set(['192.168.0.1', '172.18.0.1', '8.8.8.8', '8.8.4.4', '1.1.1.1', '1.0.0.1', '9.9.9.9'])

/**
 * @param port on which it is asked
 * @param resolvConf the name servers of the file of that name
 */
export function nameServiceOf({ blocks }: Corefile, port: number, resolvConf: readonly string[]): NameService {
  const own = blocks.filter((block) => block.port === port)
  /** The block with the longest zone that holds the name. */
  const blockOf = (name: string): ServerBlock | undefined =>
    own
      .flatMap((block) => block.zones.filter((zone) => isIn(name, zone)).map((zone) => ({ block, zone })))
      .sort((a, b) => b.zone.length - a.zone.length)[0]?.block
  return {
    hostOf: (name) => blockOf(plain(name))?.hosts?.names.get(plain(name)),
    servesCluster(name) {
      const { kubernetes, hosts } = blockOf(plain(name)) ?? {}
      if (hosts && !hosts.falls && !kubernetes) return false
      const zone = kubernetes?.zones.find((one) => isIn(plain(name), one))
      if (zone === undefined) return false
      const [kind, namespace = ''] = plain(name)
        .slice(0, -zone.length - 1)
        .split('.')
        .reverse()
      const isOfNamespace = kind === 'svc' || kind === 'pod'
      return !isOfNamespace || kubernetes?.namespaces === undefined || kubernetes.namespaces.has(namespace)
    },
    forwards(name) {
      const { forward, hosts } = blockOf(plain(name)) ?? {}
      if (!forward || !isIn(plain(name), forward.zone) || (hosts && !hosts.falls)) return false
      const servers = forward.to.flatMap((to) =>
        to.startsWith('/') ? resolvConf : [to.replace(/^(?:dns|tls):\/\//, '').split(':')[0]!],
      )
      return servers.some((server) => resolversOutside.has(server))
    },
  }
}
