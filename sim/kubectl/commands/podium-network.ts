/** kubectl podium walk and proxy-rules: where a connection would go, and by which rules. */

import type { Command, Invocation } from '../command.ts'
import type { WalkStart } from '../context.ts'
import { KubectlError } from '../errors.ts'
import { layOut, tableTabs } from '../printers/tab-writer.ts'
import { insightOf } from './podium-insight.ts'

const outcomes: Readonly<Record<string, string>> = {
  reached: 'The connection is made.',
  refused: 'The connection is refused.',
  timeout: 'Nobody answers: the client waits until it gives up.',
  'no-route': 'There is no route to the host.',
  'unknown-host': 'The name does not resolve.',
}

export const walk: Command = {
  name: 'walk',
  short: 'Follow a connection hop by hop without making it',
  usage: '(POD | node/NAME | outside) HOST[:PORT] [options]',
  flags: [{ name: 'udp', type: 'bool', help: 'Send a datagram instead of opening a TCP connection.' }],
  run(invocation) {
    if (invocation.args.length !== 2) throw invocation.usageError('where to start and a HOST are required')
    const [from, to] = invocation.args
    const target = targetOf(to)
    if (!target) throw invocation.usageError(`"${to}" is no HOST, HOST:PORT or URL`)
    const start = startOf(invocation, from)
    const found = insightOf(invocation).walk(start, target, invocation.flags.bool('udp') ? 'UDP' : 'TCP')
    if (!found) throw new KubectlError(`${from} has no network now: it does not run`)
    const rows = found.hops.map(({ at, did }, i) => `${i + 1}\t${at}\t${did}\n`)
    invocation.out(layOut(`HOP\tAT\tWHAT HAPPENS\n${rows.join('')}`, tableTabs))
    invocation.out(`${outcomes[found.outcome] ?? found.outcome}\n`)
    return found.outcome === 'reached' ? 0 : 1
  },
}

function startOf({ namespace }: Invocation, from: string): WalkStart {
  if (from === 'outside') return { kind: 'outside' }
  const [, type, name] = /^(?:(nodes?|no|pods?|po)\/)?(.+)$/.exec(from) ?? []
  return type?.startsWith('n') ? { kind: 'node', name } : { kind: 'pod', namespace, name }
}

/** `web`, `web:8080`, `http://web/path` */
function targetOf(text: string): { host: string; port: number } | undefined {
  const match = /^(?:(https?):\/\/)?([A-Za-z0-9._-]+)(?::(\d{1,5}))?(?:\/.*)?$/.exec(text)
  if (!match) return undefined
  const port = match[3] ? Number(match[3]) : match[1] === 'https' ? 443 : 80
  return port >= 1 && port <= 65535 ? { host: match[2], port } : undefined
}

export const proxyRules: Command = {
  name: 'proxy-rules',
  short: "Show the rules that a node's kube-proxy has made of Services",
  usage: 'NODE [SERVICE] [options]',
  run(invocation) {
    const { args, namespace } = invocation
    if (args.length < 1 || args.length > 2) throw invocation.usageError('exactly one NODE is required')
    const node = args[0].replace(/^(nodes?|no)\//, '')
    invocation.client.get(invocation.resources.find('nodes'), { namespace: '', name: node })
    const name = args[1]?.replace(/^(services?|svc)\//, '')
    if (name !== undefined) invocation.client.get(invocation.resources.find('services'), { namespace, name })
    const found = insightOf(invocation).proxyRules(node, name === undefined ? undefined : `${namespace}/${name}`)
    if (!found) throw new KubectlError(`node ${node} is no machine of this cluster`)
    invocation.out(`# ${found.tool}\n${found.text}`)
    return 0
  },
}

export const traffic: Command = {
  name: 'traffic',
  short: 'Show how many requests the traffic sources have sent, and when some were lost',
  usage: '[NAME] [options]',
  run(invocation) {
    const [name] = invocation.args
    const reports = insightOf(invocation)
      .traffic()
      .filter((report) => name === undefined || report.name === name)
    if (reports.length === 0) {
      invocation.out(name === undefined ? 'There is no traffic.\n' : `There is no traffic source ${name}.\n`)
      return name === undefined ? 0 : 1
    }
    const rows = reports.map(
      ({ name: source, sent, succeeded, failed, outcomes }) =>
        `${source}\t${sent}\t${succeeded}\t${failed}\t${printCounts(outcomes)}\n`,
    )
    invocation.out(layOut(`NAME\tSENT\tANSWERED\tLOST\tOUTCOMES\n${rows.join('')}`, tableTabs))
    const losses = reports.flatMap(({ name: source, losses }) =>
      losses.map(
        ({ fromSecond, toSecond, sent, failed }) =>
          `${source}\t${fromSecond}s\t${toSecond + 1}s\t${failed} of ${sent}\n`,
      ),
    )
    if (losses.length > 0) invocation.out(`\n${layOut(`NAME\tFROM\tTO\tLOST\n${losses.join('')}`, tableTabs)}`)
    return 0
  },
}

const printCounts = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([outcome, count]) => `${outcome}: ${count}`)
    .join(', ')
