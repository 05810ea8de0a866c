/** conntrack: the connections that the node's kernel remembers; shows them, counts them, forgets them. Source: conntrack(8) of conntrack-tools 1.4.7 */
import { charge } from '../../engine/work.ts'
import type { Flow } from '../../network/conntrack.ts'
import type { NodeProgram } from '../machine.ts'

const numbers: Readonly<Record<string, number>> = { TCP: 6, UDP: 17, SCTP: 132 }
const commands: Readonly<Record<string, string>> = {
  ...{ L: 'L', D: 'D', C: 'C', F: 'F', dump: 'L', delete: 'D', count: 'C', flush: 'F' },
}

type Filter = (flow: Flow) => boolean

/** What an option asks for; those of ports need a protocol. */
const filters: Readonly<Record<string, (value: string) => Filter>> = {
  ...named(
    ['s', 'src', 'orig-src'],
    (value) =>
      ({ client }) =>
        client.ip === value,
  ),
  ...named(
    ['d', 'dst', 'orig-dst'],
    (value) =>
      ({ asked }) =>
        asked.ip === value,
  ),
  ...named(
    ['r', 'reply-src'],
    (value) =>
      ({ replier }) =>
        replier.ip === value,
  ),
  ...named(
    ['q', 'reply-dst'],
    (value) =>
      ({ repliesTo }) =>
        repliesTo.ip === value,
  ),
  ...named(
    ['p', 'proto', 'protonum'],
    (value) =>
      ({ protocol }) =>
        isProtocol(protocol, value),
  ),
}
const portFilters: Readonly<Record<string, (value: string) => Filter>> = {
  ...named(
    ['sport', 'orig-port-src'],
    (value) =>
      ({ client }) =>
        String(client.port) === value,
  ),
  ...named(
    ['dport', 'orig-port-dst'],
    (value) =>
      ({ asked }) =>
        String(asked.port) === value,
  ),
  ...named(
    ['reply-port-src'],
    (value) =>
      ({ replier }) =>
        String(replier.port) === value,
  ),
  ...named(
    ['reply-port-dst'],
    (value) =>
      ({ repliesTo }) =>
        String(repliesTo.port) === value,
  ),
  ...named(
    ['state'],
    (value) =>
      ({ state }) =>
        state === value,
  ),
}

const isProtocol = (protocol: Flow['protocol'], value: string): boolean =>
  protocol.toLowerCase() === value || String(numbers[protocol]) === value

function named<T>(names: readonly string[], value: T): Record<string, T> {
  return Object.fromEntries(names.map((name) => [name, value]))
}

const isTranslatedTo: Filter = ({ asked, replier }) => asked.ip !== replier.ip || asked.port !== replier.port
const isTranslatedFrom: Filter = ({ client, repliesTo }) => client.ip !== repliesTo.ip
/** They may name an address, or none. */
const translations: Readonly<Record<string, (value: string | undefined) => Filter>> = {
  ...named(['g', 'dst-nat'], (value) => (flow) => isTranslatedTo(flow) && (!value || flow.replier.ip === value)),
  ...named(['n', 'src-nat'], (value) => (flow) => isTranslatedFrom(flow) && (!value || flow.repliesTo.ip === value)),
  ...named(
    ['j', 'any-nat'],
    (value) => (flow) =>
      (isTranslatedTo(flow) && (!value || flow.replier.ip === value)) ||
      (isTranslatedFrom(flow) && (!value || flow.repliesTo.ip === value)),
  ),
}

const version = 'conntrack v1.4.7 (conntrack-tools)'

export const conntrack: NodeProgram = {
  path: '/usr/sbin/conntrack',
  make: (machine) =>
    function* (process) {
      yield* []
      const fail = (why: string): number => {
        process.stderr.write(`${version}: ${why}\nTry \`conntrack -h' or 'conntrack --help' for more information.\n`)
        return 2
      }
      const words = process.argv.slice(1)
      const wanted: Filter[] = []
      let command: string | undefined
      let hasProtocol = false
      for (let n = 0; n < words.length; n++) {
        const word = words[n]!
        const [, long, given] = /^--([^=]+)(?:=(.*))?$/.exec(word) ?? []
        const name = long ?? (/^-./.test(word) ? word[1]! : undefined)
        // The table.
        if (name === undefined && n === 1) continue
        if (name === undefined) return fail(`Bad parameter \`${word}'`)
        const attached = given ?? (long === undefined && word.length > 2 ? word.slice(2) : undefined)
        if (commands[name]) command = commands[name]
        else if (name === 'V' || name === 'version') {
          process.stdout.write(`${version}\n`)
          return 0
        } else if (translations[name]) {
          const next = words[n + 1]
          const value = attached ?? (next && !next.startsWith('-') ? words[++n] : undefined)
          wanted.push(translations[name]!(value))
        } else if (filters[name] || (portFilters[name] && hasProtocol)) {
          const value = attached ?? words[++n]
          if (value === undefined) return fail(`option \`${word}' requires an argument`)
          if (name.startsWith('p')) {
            hasProtocol = true
            if (!Object.keys(numbers).some((protocol) => isProtocol(protocol as Flow['protocol'], value)))
              return fail(`\`${value}' unsupported protocol`)
          }
          wanted.push((filters[name] ?? portFilters[name])!(value))
        } else if (name === 'o' || name === 'output' || name === 'f' || name === 'family') {
          if (attached === undefined) n++
        } else return fail(`unknown option \`${word}'`)
      }
      if (!command)
        return fail("option `-L' is missing: conntrack shows (-L), counts (-C), deletes (-D) and flushes (-F) here")
      const table = machine.flows()
      const { nowMs } = machine.engine
      const all = table.list(nowMs)
      charge(4 * all.length)
      const chosen = all.filter((flow) => wanted.every((matches) => matches(flow)))
      if (command === 'C') {
        process.stdout.write(`${all.length}\n`)
        return 0
      }
      if (command === 'F') {
        table.clear()
        process.stderr.write(`${version}: connection tracking table has been emptied.\n`)
        return 0
      }
      for (const flow of chosen) process.stdout.write(`${print(flow, nowMs)}\n`)
      if (command === 'D') table.remove(new Set(chosen))
      process.stderr.write(
        `${version}: ${chosen.length} flow entries have been ${command === 'D' ? 'deleted' : 'shown'}.\n`,
      )
      return command === 'D' && chosen.length === 0 ? 1 : 0
    },
}

function print(flow: Flow, nowMs: number): string {
  const { protocol, client, asked, replier, repliesTo, state, isReplied, isAssured, untilMs } = flow
  const way = (from: Flow['client'], to: Flow['client']): string =>
    `src=${from.ip} dst=${to.ip} sport=${from.port} dport=${to.port}`
  return [
    `${protocol.toLowerCase().padEnd(8)} ${numbers[protocol]}`,
    String(Math.floor((untilMs - nowMs) / 1000)),
    ...(protocol === 'TCP' ? [state] : []),
    way(client, asked),
    ...(isReplied ? [] : ['[UNREPLIED]']),
    way(replier, repliesTo),
    ...(isAssured ? ['[ASSURED]'] : []),
    'mark=0 use=1',
  ].join(' ')
}
