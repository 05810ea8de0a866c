/**
 * nslookup as busybox has it since 1.29: a name without a dot is asked for with each suffix of the search path, any other name as it is, and
 * whatever does not exist makes it fail. Source: busybox networking/nslookup.c
 */
import type { DnsRecord, RecordType } from '../../network/types.ts'
import type { Process, Program } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import { askName, isAddress, reverseName } from './name-lookup.ts'
import { complain } from './support.ts'

const usage =
  'BusyBox v1.36.1 multi-call binary.\n\nUsage: nslookup [-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]\n\nQuery DNS about HOST\n\nQUERY_TYPE: soa,ns,a,aaaa,cname,mx,txt,srv,ptr,any\n'
const types: readonly RecordType[] = ['A', 'AAAA', 'CNAME', 'SRV', 'PTR']

interface Question {
  name: string
  type: RecordType
}

export const nslookup: Program = function* (process) {
  const args = process.argv.slice(1)
  const options = args.filter((arg) => arg.startsWith('-'))
  const [host, asked] = args.filter((arg) => !arg.startsWith('-'))
  if (host === undefined) {
    process.stderr.write(usage)
    return 1
  }
  const wanted: RecordType[] = []
  for (const option of options) {
    const [, text] = /^-(?:query|q|ty|t)\w*=(\S+)$/.exec(option) ?? []
    if (text === undefined) continue
    const type = types.find((known) => known === text.toUpperCase())
    if (!type) {
      complain(process, `invalid query type "${text}"`)
      return 1
    }
    wanted.push(type)
  }
  let status = 0
  let server = ''
  for (const { name, type } of questionsFor(process, host, wanted)) {
    const reply = yield* waitFor(askName(process, name, type))
    if (!reply.server || reply.code === 'TIMEOUT' || (isAddress(asked) && asked !== reply.server)) {
      process.stdout.write(';; connection timed out; no servers could be reached\n\n')
      return 1
    }
    if (server === '') process.stdout.write(`Server:\t\t${reply.server}\nAddress:\t${reply.server}:53\n\n`)
    server = reply.server
    if (reply.code !== 'NOERROR') {
      process.stdout.write(`** server can't find ${name}: ${reply.code}\n`)
      status = 1
    } else {
      if (!reply.isAuthoritative) process.stdout.write('Non-authoritative answer:\n')
      process.stdout.write(reply.records.map(printRecord).join(''))
    }
    process.stdout.write('\n')
  }
  return status
}

/** By address for an address, else A and AAAA unless told, each with every suffix. */
function questionsFor(process: Process, host: string, wanted: readonly RecordType[]): Question[] {
  if (wanted.length === 0 && isAddress(host)) return [{ name: reverseName(host), type: 'PTR' }]
  const asked = wanted.length > 0 ? wanted : (['A', 'AAAA'] as const)
  const searches = process.network.searchPath()
  return asked.flatMap((type) =>
    type === 'PTR' || host.includes('.') || searches.length === 0
      ? [{ name: host, type }]
      : searches.map((search) => ({ name: `${host}.${search}`, type })),
  )
}

function printRecord({ name, type, value }: DnsRecord): string {
  switch (type) {
    case 'CNAME':
      return `${name}\tcanonical name = ${value}\n`
    case 'PTR':
      return `${name}\tname = ${value}\n`
    case 'SRV':
      return `${name}\tservice = ${value}\n`
    default:
      return `Name:\t${name}\nAddress: ${value}\n`
  }
}
