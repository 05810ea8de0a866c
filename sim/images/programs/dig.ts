/** dig and host: records of a name, in full or with +short. Unlike other programs dig does not search: names are asked for as they are. */
import type { DnsRecord, DnsReply, RecordType } from '../../network/types.ts'
import type { Process, Program } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import { askName, isAddress, reverseName } from './name-lookup.ts'
import { nameOf, type Run } from './support.ts'

const types: readonly RecordType[] = ['A', 'AAAA', 'CNAME', 'SRV', 'PTR']

export const dig: Program = function* (process): Run {
  const args = process.argv.slice(1)
  const isHost = nameOf(process) === 'host'
  const typed = types.find((type) => args.includes(type) || args.includes(type.toLowerCase()))
  const words = args.filter((arg) => !/^[-+@]/.test(arg) && !types.includes(arg.toUpperCase() as RecordType))
  const [name] = words
  if (name === undefined) {
    process.stderr.write(
      isHost ? 'Usage: host [-t type] {hostname} [server]\n' : 'Usage:  dig [@server] name [type] [+short] [+search]\n',
    )
    return 1
  }
  const isReverse = args.includes('-x') || (isHost && isAddress(name))
  const asked = isReverse ? reverseName(name) : name.replace(/\.$/, '')
  const type = typed ?? (isReverse ? 'PTR' : 'A')
  const searches = !isReverse && !name.endsWith('.') && (isHost || args.includes('+search'))
  const candidates = searches ? process.network.candidateNames(asked) : [asked]
  let found = candidates[0]
  let reply: DnsReply | undefined
  for (const candidate of candidates) {
    found = candidate
    reply = yield* waitFor(askName(process, candidate, type))
    if (reply.code !== 'NXDOMAIN') break
  }
  const { code, server, records } = reply!
  if (code === 'TIMEOUT' || server === '') {
    process.stdout.write(
      `;; communications error to ${server || '127.0.0.1'}#53: timed out\n\n;; no servers could be reached\n`,
    )
    return 9
  }
  if (isHost) return printHost(process, name, type, reply!)
  if (args.includes('+short')) {
    for (const record of records) process.stdout.write(`${printValue(record)}\n`)
    return 0
  }
  const flags = reply!.isAuthoritative ? 'qr aa rd' : 'qr rd ra'
  process.stdout.write(
    `\n; <<>> DiG 9.18.37 <<>> ${args.join(' ')}\n;; global options: +cmd\n;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: ${code}, id: 4711\n;; flags: ${flags}; QUERY: 1, ANSWER: ${records.length}, AUTHORITY: 0, ADDITIONAL: 1\n\n;; QUESTION SECTION:\n;${found}.\t\tIN\t${type}\n\n`,
  )
  if (records.length) {
    const lines = records.map((record) => `${record.name}.\t30\tIN\t${record.type}\t${printValue(record)}\n`)
    process.stdout.write(`;; ANSWER SECTION:\n${lines.join('')}\n`)
  }
  process.stdout.write(`;; Query time: 1 msec\n;; SERVER: ${server}#53(${server}) (UDP)\n\n`)
  return 0
}

/** Names end in a dot. */
const printValue = ({ type, value }: DnsRecord): string => (type === 'A' || type === 'AAAA' ? value : `${value}.`)

const told: Readonly<Record<RecordType, string>> = {
  A: 'has address',
  AAAA: 'has IPv6 address',
  CNAME: 'is an alias for',
  SRV: 'has SRV record',
  PTR: 'domain name pointer',
}

function printHost(process: Process, name: string, type: RecordType, { code, records }: DnsReply): number {
  if (code !== 'NOERROR') {
    process.stdout.write(`Host ${name} not found: ${code === 'SERVFAIL' ? '2(SERVFAIL)' : '3(NXDOMAIN)'}\n`)
    return 1
  }
  for (const record of records) process.stdout.write(`${record.name} ${told[record.type]} ${printValue(record)}\n`)
  if (records.length === 0) process.stdout.write(`${name} has no ${type} record\n`)
  return 0
}
