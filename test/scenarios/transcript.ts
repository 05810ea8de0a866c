/**
 * Transcripts: what somebody typed at a cluster, and exactly what they saw.
 *
 *   # One sentence: the behaviour.
 *   # nodes: 3
 *
 *   kubectl scale deployment web --replicas=0
 *   advance 60s
 *   kubectl get pods
 *   ----
 *   deployment.apps/web scaled
 *   No resources found in default namespace.
 *
 * Blocks are kept apart by a blank line; where the output has blank lines itself, it stands between two pairs of `----`.
 * A block without `----` prints nothing. A command that fails adds a line `exit 1`.
 */
import {
  type ClusterShape,
  type Command,
  createCluster,
  type Fault,
  type LiveCluster,
  type NodeShape,
  type ProxyShape,
  type TrafficSpec,
} from '../../sim/index.ts'

export interface Transcript {
  /** The first comment sentence. */
  name: string
  /** Comment lines, as written. */
  header: string[]
  options: Map<string, string>
  blocks: Block[]
}

interface Block {
  /** As written, here-documents included. */
  lines: string[]
  expected: string
}

const optionNames = [
  'nodes',
  'machines',
  'cpu',
  'memory',
  'disk',
  'absent',
  'addons',
  'seed',
  'pulls',
  'shutdown',
  'devices',
  'limits',
  'pids',
  'profiles',
  'proxy',
  'policies',
  'members',
]
const fence = '----'

/** @throws Error `source:line: what is wrong` */
export function parseTranscript(text: string, source: string): Transcript {
  const lines = text.split('\n')
  const header: string[] = []
  while (lines[header.length]?.startsWith('#')) header.push(lines[header.length])
  const comments = header.map((line) => line.slice(1).trim())
  const options = new Map<string, string>()
  const prose: string[] = []
  for (const comment of comments) {
    const [, name, value] = /^([a-z]+): (.*)$/.exec(comment) ?? []
    if (optionNames.includes(name)) options.set(name, value)
    else prose.push(comment)
  }
  const name = /^.*?[.!?](?= |$)/.exec(prose.join(' '))?.[0]
  if (!name) throw new Error(`${source}:1: a transcript begins with a comment that says in a sentence what it shows`)
  const blocks: Block[] = []
  let at = header.length
  while (at < lines.length) {
    if (lines[at] === '') {
      at++
      continue
    }
    const begin = at
    let terminator: string | undefined
    while (at < lines.length && (terminator !== undefined || (lines[at] !== '' && lines[at] !== fence))) {
      if (terminator === undefined) terminator = /<<'?(\w+)'?$/.exec(lines[at])?.[1]
      else if (lines[at] === terminator) terminator = undefined
      at++
    }
    if (terminator !== undefined)
      throw new Error(`${source}:${begin + 1}: the here-document is not ended by ${terminator}`)
    const block: Block = { lines: lines.slice(begin, at), expected: '' }
    blocks.push(block)
    if (lines[at] !== fence) continue
    at++
    const isFenced = lines[at] === fence
    if (isFenced) at++
    const from = at
    while (at < lines.length && (isFenced ? !(lines[at] === fence && lines[at + 1] === fence) : lines[at] !== '')) at++
    block.expected = lines.slice(from, at).join('\n')
    if (isFenced) at += 2
  }
  return { name, header, options, blocks }
}

/** The same transcript with these outputs in the place of what it expected. */
export function printTranscript({ header, blocks }: Transcript, outputs: readonly string[]): string {
  const printed = blocks.map(({ lines }, i) => {
    const output = outputs[i]
    if (output === '') return lines.join('\n')
    const isFenced = /^\n|\n\n|\n$/.test(output)
    return [...lines, ...(isFenced ? [fence, fence, output, fence, fence] : [fence, output])].join('\n')
  })
  return `${[header.join('\n'), ...printed].join('\n\n')}\n`
}

/** What each block prints, without the last line break. */
export function playTranscript(transcript: Transcript): string[] {
  const { options } = transcript
  const node = (_: unknown, i: number): NodeShape => ({
    name: `node-${i + 1}`,
    cpu: options.get('cpu') ?? '2',
    memory: options.get('memory') ?? '4Gi',
    ...(options.has('disk') ? { disk: options.get('disk') } : {}),
    ...(options.has('pulls') ? { maxParallelImagePulls: Number(options.get('pulls')) } : {}),
    ...(options.has('shutdown') ? { shutdownGracePeriodSeconds: Number(options.get('shutdown')) } : {}),
    ...(options.has('pids') ? readPids(options.get('pids')!) : {}),
    ...(options.has('limits') ? { volumeLimits: readDevices(options.get('limits')!) } : {}),
    ...(options.has('devices') ? { devices: readDevices(options.get('devices')!) } : {}),
  })
  const cluster = createCluster({
    seed: options.get('seed') ?? 'transcript',
    shape: {
      nodes: [
        ...Array.from({ length: Number(options.get('nodes') ?? 1) }, node),
        ...(options.get('machines')?.split(' ') ?? []).map((name) => ({ name, joined: false })),
      ],
      absentImages: options.get('absent')?.split(/,? +/),
      // JSON on one line, as in a KubeSchedulerConfiguration.
      schedulerProfiles: options.has('profiles') ? JSON.parse(options.get('profiles')!) : undefined,
      metricsServer: options.get('addons')?.includes('metrics-server'),
      systemPods: options.get('addons')?.includes('system-pods'),
      ingressController: options.get('addons')?.includes('ingress-controller'),
      gatewayApi: options.get('addons')?.includes('gateway'),
      ...(options.has('proxy') ? { proxy: readProxy(options.get('proxy')!) } : {}),
      ...(options.get('policies') === 'ignored' ? { networkPolicies: false } : {}),
      cloudProvider: options.get('addons')?.includes('cloud-provider'),
      ...(options.has('members') ? { controlPlane: readControlPlane(options.get('members')!) } : {}),
    },
    strict: true,
  })
  return transcript.blocks.map(({ lines }) => {
    let output = ''
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i]
      const [, command, terminator] = /^(.*?) <<'?(\w+)'?$/.exec(line) ?? [undefined, line, undefined]
      let stdin: string | undefined
      if (terminator !== undefined) {
        const end = lines.indexOf(terminator, i)
        stdin = `${lines.slice(i + 1, end).join('\n')}\n`
        i = end
      }
      output += runLine(cluster, command, stdin)
    }
    return output.replace(/\n$/, '')
  })
}

/** `3`, or `1 as static Pods`, `1 as static Pods of v1.36.1`, `1 as static Pods, certificates expire in 60 s`. */
function readControlPlane(text: string): ClusterShape['controlPlane'] {
  const [count, ...rest] = text.split(' ')
  const expiry = /expire in (\d+) s/.exec(text)
  const release = /static Pods of (v[\d.]+)/.exec(text)
  return {
    members: Number(count) as 1 | 3 | 5,
    ...(rest.length > 0 ? { staticPods: true } : {}),
    ...(release ? { release: release[1] } : {}),
    ...(expiry ? { certificatesExpireInSeconds: Number(expiry[1]) } : {}),
  }
}

/** `500 available 20% pod 100`: what the node has, what its kubelet keeps free, what it gives to a Pod. */
function readPids(text: string): Partial<NodeShape> {
  const [, max, available, pod] = /^(\d+)(?: available (\S+))?(?: pod (\d+))?$/.exec(text) ?? []
  return {
    maxPids: Number(max),
    ...(available ? { evictionHard: { 'pid.available': available } } : {}),
    ...(pod ? { podPidsLimit: Number(pod) } : {}),
  }
}

/** `example.com/gpu=2 example.com/fpga=1` */
const readDevices = (text: string): Record<string, number> =>
  Object.fromEntries(text.split(' ').map((pair) => [pair.split('=')[0], Number(pair.split('=')[1])]))

/** `nftables`, `ipvs lc` */
function readProxy(text: string): ProxyShape {
  const [mode, scheduler] = text.split(' ')
  return { mode, ...(scheduler ? { scheduler } : {}) } as ProxyShape
}

const settleMs = 600_000
const commandLimitMs = 3_600_000
const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

function runLine(cluster: LiveCluster, line: string, stdin: string | undefined): string {
  const [verb, ...words] = line.split(' ')
  switch (verb) {
    case 'kubectl':
      return run(cluster, { op: 'kubectl', line, stdin })
    case 'helm':
      return run(cluster, { op: 'helm', line, stdin })
    case 'fault':
      return run(cluster, { op: 'fault', fault: readFault(words) })
    case 'advance': {
      const [, number, unit] = /^(\d+)(ms|s|m|h)$/.exec(words[0]) ?? []
      if (!number) throw new Error(`"${line}" needs a time such as 30s`)
      cluster.advance(Number(number) * unitMs[unit])
      return ''
    }
    case 'settle':
      if (!cluster.settle(settleMs)) throw new Error('the cluster does not settle in ten minutes')
      return ''
    case 'traffic':
      return run(cluster, { op: 'traffic', traffic: readTraffic(words) })
    case 'visit':
      return visit(cluster, words)
    case 'ssh':
      return run(cluster, { op: 'node', node: words[0], line: words.slice(1).join(' '), stdin })
    default:
      throw new Error(`"${line}" is none of kubectl, helm, ssh, fault, traffic, visit, advance, settle`)
  }
}

/** Runs a command to its end; stdout and stderr are one, as in a terminal. */
function run(cluster: LiveCluster, command: Command): string {
  let output = ''
  let exit: number | undefined
  cluster.start(
    command,
    (result) => {
      exit = result.exit
    },
    (_, text) => {
      output += text
    },
  )
  const limitMs = cluster.nowMs + commandLimitMs
  while (exit === undefined && cluster.nowMs < limitMs && cluster.step());
  if (exit === undefined) throw new Error(`${JSON.stringify(command)} does not end in an hour`)
  if (output !== '' && !output.endsWith('\n')) output += '\n'
  return exit === 0 ? output : `${output}exit ${exit}\n`
}

/** `traffic visitors outside http://node-1:30080/ 10 60`: so many requests a second, for so many seconds. */
const readTraffic = ([name, from, url, perSecond, seconds]: readonly string[]): TrafficSpec => ({
  name,
  from,
  url,
  perSecond: Number(perSecond),
  seconds: Number(seconds),
})

const visitTimeoutMs = 2000

/** `visit http://198.51.100.1/`, `visit 20 http://node-1:30080/`: requests from outside of the cluster, and who answered. */
function visit(cluster: LiveCluster, words: readonly string[]): string {
  const count = words.length > 1 ? Number(words[0]) : 1
  const [, host, port, path] = /^http:\/\/([^/:]+)(?::(\d+))?(\/.*)$/.exec(words.at(-1) ?? '') ?? []
  if (!host) throw new Error(`"visit ${words.join(' ')}" needs a URL such as http://node-1:30080/`)
  const outcomes = new Map<string, number>()
  for (let i = 0; i < count; i++) {
    let outcome: string | undefined
    const request = { method: 'GET', path, host, headers: {}, scheme: 'http' } as const
    cluster.network.outside.http({ host, port: Number(port ?? 80) }, request, visitTimeoutMs, (result) => {
      outcome = result.ok ? `${result.response.status} from ${result.server?.pod ?? result.server?.ip}` : result.error
      if (result.ok && /^[^\n]+\n?$/.test(result.response.body)) outcome += `: ${result.response.body.trimEnd()}`
    })
    while (outcome === undefined && cluster.step());
    outcomes.set(outcome!, (outcomes.get(outcome!) ?? 0) + 1)
  }
  const sorted = [...outcomes].sort(([a], [b]) => (a < b ? -1 : 1))
  return sorted.map(([outcome, times]) => (count > 1 ? `${outcome}: ${times}\n` : `${outcome}\n`)).join('')
}

/** `node node-1 down`, `kubelet node-1 stopped`, `registry down`, `component kube-scheduler stopped`, `pod web kill`. */
function readFault([kind, ...words]: readonly string[]): Fault {
  const [first, second] = words
  switch (kind) {
    case 'node':
      return { kind, node: first, state: second as 'down' }
    case 'kubelet':
      return { kind, node: first, state: second as 'stopped' }
    case 'join':
      return { kind, node: { name: first, cpu: '2', memory: '4Gi' } }
    case 'partition':
      return { kind, node: first, state: second as 'healed' }
    case 'runtime':
      return { kind, node: first, state: second as 'stopped' }
    case 'cni':
      return { kind, node: first, state: second as 'failing' }
    case 'disk':
      return { kind, node: first, state: second as 'full' }
    case 'memory':
      return { kind, node: first, state: second as 'low' }
    case 'pids':
      return { kind, node: first, state: second as 'low' }
    case 'etcd':
      return { kind, node: first, state: second as 'stopped' }
    case 'registry':
      return { kind, state: first as 'down' }
    case 'component':
      return { kind, component: first as 'kube-scheduler', state: second as 'stopped' }
    case 'pod':
      return { kind, name: first, act: second as 'kill' }
    default:
      throw new Error(`no fault is called ${kind}`)
  }
}
