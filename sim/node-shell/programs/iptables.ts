/** iptables and iptables-save: the rules that kube-proxy gave the node's kernel. Sources: iptables(8), iptables-save(8) */
import { charge } from '../../engine/work.ts'
import { printIptables } from '../../network/proxy/iptables.ts'
import type { NodeMachine, NodeProgram } from '../machine.ts'

const tables = ['filter', 'nat', 'mangle', 'raw']
const mode = 'nf_tables'

/** What iptables-save prints, by table; without rules of kube-proxy only the kernel's own chains. */
function savedTables(machine: NodeMachine): Map<string, string[]> {
  const rules = machine.rules()
  const byTable = new Map<string, string[]>()
  if (rules.proxy.mode !== 'iptables') return byTable
  let lines: string[] = []
  for (const line of printIptables(rules, rules.rules()).split('\n')) {
    if (line.startsWith('*')) {
      lines = []
      byTable.set(line.slice(1), lines)
    } else if (line !== 'COMMIT' && line !== '') lines.push(line)
  }
  return byTable
}

export const iptablesSave: NodeProgram = {
  path: '/usr/sbin/iptables-save',
  make: (machine) =>
    function* (process) {
      yield* []
      const args = process.argv.slice(1)
      const at = args.findIndex((word) => word === '-t' || word === '--table')
      const wanted = at >= 0 ? args[at + 1] : undefined
      for (const [table, lines] of savedTables(machine))
        if (wanted === undefined || wanted === table)
          process.stdout.write(`*${table}\n${lines.map((line) => `${line}\n`).join('')}COMMIT\n`)
      return 0
    },
}

export const iptables: NodeProgram = {
  path: '/usr/sbin/iptables',
  make: (machine) =>
    function* (process) {
      yield* []
      const words = process.argv
        .slice(1)
        .flatMap((word) => (/^-[a-zA-Z]{2,}$/.test(word) ? [...word.slice(1)].map((letter) => `-${letter}`) : [word]))
      let table = 'filter'
      let chain: string | undefined
      let act = ''
      let hasNumbers = false
      let isNumeric = false
      let isVerbose = false
      for (let i = 0; i < words.length; i++) {
        const word = words[i]
        if (word === '-t' || word === '--table') table = words[++i] ?? ''
        else if (word === '-n' || word === '--numeric') isNumeric = true
        else if (word === '--line-numbers') hasNumbers = true
        else if (word === '-v' || word === '--verbose') isVerbose = true
        else if (word === '-L' || word === '--list' || word === '-S' || word === '--list-rules')
          act = word.replace(/^--list-rules$/, '-S').replace(/^--list$/, '-L')
        else if (word === '-w' || word === '--wait') continue
        else if (!word.startsWith('-') && act) chain = word
        else act = 'other'
      }
      if (!tables.includes(table)) {
        process.stderr.write(
          `iptables v1.8.11 (${mode}): can't initialize iptables table \`${table}': Table does not exist (do you need to insmod?)\nPerhaps iptables or your kernel needs to be upgraded.\n`,
        )
        return 3
      }
      if (act === '' || act === 'other') {
        process.stderr.write(
          act === ''
            ? `iptables v1.8.11 (${mode}): no command specified\nTry \`iptables -h' or 'iptables --help' for more information.\n`
            : 'iptables: podium shows rules (-L, -S) and changes none: kube-proxy writes them\n',
        )
        return 2
      }
      const lines = savedTables(machine).get(table) ?? []
      const heads = lines.filter((line) => line.startsWith(':')).map((line) => line.slice(1).split(' '))
      const rules = lines.filter((line) => line.startsWith('-A '))
      if (chain !== undefined && !heads.some(([name]) => name === chain)) {
        process.stderr.write(`iptables: No chain/target/match by that name.\n`)
        return 1
      }
      charge(stepsOfListed * rules.length)
      const shown = heads.filter(([name]) => chain === undefined || name === chain)
      if (act === '-S') {
        for (const [name, policy] of shown)
          process.stdout.write(policy === '-' ? `-N ${name}\n` : `-P ${name} ${policy}\n`)
        for (const rule of rules)
          if (chain === undefined || rule.split(' ')[1] === chain) process.stdout.write(`${rule}\n`)
        return 0
      }
      const byChain = grouped(rules, (rule) => rule.split(' ')[1])
      const byTarget = grouped(rules, (rule) => /-[jg] (\S+)/.exec(rule)?.[1])
      const blocks = shown.map(([name, policy]) => {
        const own = byChain.get(name) ?? []
        const state =
          policy === '-'
            ? `${byTarget.get(name)?.length ?? 0} references`
            : `policy ${policy}${isVerbose ? ' 0 packets, 0 bytes' : ''}`
        const number = (text: string): string => (hasNumbers ? text.padEnd(5) : '')
        const head = isVerbose
          ? `${number('num')} pkts bytes target     prot opt in     out     source               destination`
          : `${number('num')}target     prot opt source               destination`
        const rows = own.map((rule, i) => number(String(i + 1)) + listedRule(rule, { isVerbose, isNumeric }))
        return `Chain ${name} (${state})\n${[`${head}         `, ...rows].map((line) => `${line}\n`).join('')}`
      })
      process.stdout.write(blocks.join('\n'))
      return 0
    },
}

/** Of computing: one rule, read and listed. */
const stepsOfListed = 50

function grouped(rules: readonly string[], keyOf: (rule: string) => string | undefined): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const rule of rules) {
    const key = keyOf(rule) ?? ''
    const known = groups.get(key)
    if (known) known.push(rule)
    else groups.set(key, [rule])
  }
  return groups
}

const protocols: Readonly<Record<string, string>> = { tcp: '6', udp: '17', sctp: '132' }

/** A rule as iptables -L shows it: target, protocol, addresses, then what each match prints of itself. Simplified: ports have no names. */
function listedRule(rule: string, { isVerbose, isNumeric }: { isVerbose: boolean; isNumeric: boolean }): string {
  const words = [...rule.matchAll(/"([^"]*)"|\S+/g)].map(([whole, quoted]) => quoted ?? whole).slice(2)
  let target = ''
  let isGoto = false
  let protocol = ''
  let source = '0.0.0.0/0'
  let destination = '0.0.0.0/0'
  let isNot = false
  const details: string[] = []
  const tail: string[] = []
  let match = ''
  const address = (text: string): string => `${isNot ? '!' : ''}${text.replace(/\/32$/, '')}`
  for (let i = 0; i < words.length; i++) {
    const word = words[i]
    if (word === '!') {
      isNot = true
      continue
    }
    const not = isNot ? '!' : ''
    if (word === '-s') source = address(words[++i])
    else if (word === '-d') destination = address(words[++i])
    else if (word === '-p') protocol = words[++i]
    else if (word === '-m') match = words[++i]
    else if (word === '-j' || word === '-g') {
      target = words[++i]
      isGoto = word === '-g'
    } else if (word === '--comment') details.push(`/* ${words[++i]} */`)
    else if (word === '--dport') details.push(`${match} dpt:${not}${words[++i]}`)
    else if (word === '--ctstate') details.push(`${isNot ? '! ' : ''}ctstate ${words[++i]}`)
    else if (word === '--mark') details.push(`mark match ${not}${words[++i]}`)
    else if (word === '--dst-type') details.push(`ADDRTYPE match dst-type ${not}${words[++i]}`)
    else if (word === '--src-type') details.push(`ADDRTYPE match src-type ${not}${words[++i]}`)
    else if (word === '--nfacct-name') details.push(`nfacct-name  ${words[++i]}`)
    else if (word === '--mode') details.push(`statistic mode ${words[++i]}`)
    else if (word === '--probability') details.push(`probability ${words[++i]}`)
    else if (word === '--set') details.push('recent: SET')
    else if (word === '--rcheck') details.push('recent: CHECK')
    else if (word === '--seconds') details.push(`seconds: ${words[++i]}`)
    else if (word === '--reap') details.push('reap')
    else if (word === '--name') details.push(`name: ${words[++i]}`)
    else if (word === '--rsource') details.push('side: source')
    else if (word === '--mask') details.push(`mask: ${words[++i]}`)
    else if (word === '--set-xmark') tail.push(markText(words[++i]))
    else if (word === '--reject-with') tail.push(`reject-with ${words[++i]}`)
    else if (word === '--to-destination') tail.push(`to:${words[++i]}`)
    else if (word === '--random-fully') tail.push('random-fully')
    isNot = false
  }
  const number = (isNumeric ? (protocols[protocol] ?? '0') : protocol || 'all').padEnd(4)
  const shown = (address: string): string => (!isNumeric && address === '0.0.0.0/0' ? 'anywhere' : address).padEnd(20)
  // The mask of `recent` stands behind its side.
  const masks = details.filter((text) => text.startsWith('mask: '))
  const facts = [...details.filter((text) => !masks.includes(text)), ...masks, ...tail, ...(isGoto ? ['[goto] '] : [])]
  const addresses = isVerbose
    ? `*      *       ${shown(source)} ${shown(destination)}`
    : `${shown(source)} ${shown(destination)}`
  const counters = isVerbose ? '    0     0 ' : ''
  return `${counters}${target.padEnd(10)} ${number} --  ${addresses} ${facts.join(' ')}`
}

/** `MARK or 0x4000`, `MARK xor 0x4000` */
function markText(xmark: string): string {
  const [value, mask] = xmark.split('/')
  if (value === mask) return `MARK or ${value}`
  return mask === '0x0' ? `MARK xor ${value}` : `MARK xset ${xmark}`
}
