/**
 * nslookup of BIND, as dnsutils, netshoot and Debian have it: it goes along the search path until a name exists, and shows that one
 * only. Source: bind9 bin/dig/nslookup.c
 */
import type { DnsRecord, RecordType } from '../../network/types.ts'
import type { Program } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import { askName, isAddress, reverseName } from './name-lookup.ts'

const types: readonly RecordType[] = ['A', 'AAAA', 'CNAME', 'SRV', 'PTR']

export const bindNslookup: Program = function* (process) {
  const args = process.argv.slice(1)
  const [host] = args.filter((arg) => !arg.startsWith('-'))
  if (host === undefined) {
    process.stderr.write('nslookup: a name is needed here: there is no prompt to type one at\n')
    return 1
  }
  const asked = args.map((arg) => /^-(?:query|querytype|type|q|ty)=(\S+)$/i.exec(arg)?.[1].toUpperCase())
  const text = asked.findLast((type) => type !== undefined)
  const type = types.find((known) => known === text)
  if (text !== undefined && !type) process.stderr.write(`unknown query type: ${text}\n`)
  const names = isAddress(host) ? [reverseName(host)] : process.network.candidateNames(host)
  let isFirst = true
  let code: string = 'NXDOMAIN'
  for (const name of names) {
    const reply = yield* waitFor(askName(process, name, type ?? (isAddress(host) ? 'PTR' : 'A')))
    if (!reply.server || reply.code === 'TIMEOUT') {
      process.stdout.write(';; connection timed out; no servers could be reached\n\n')
      return 1
    }
    if (isFirst) process.stdout.write(`Server:\t\t${reply.server}\nAddress:\t${reply.server}#53\n\n`)
    isFirst = false
    code = reply.code
    if (code === 'NXDOMAIN') continue
    if (code !== 'NOERROR') break
    if (!reply.isAuthoritative) process.stdout.write('Non-authoritative answer:\n')
    if (reply.records.length === 0) process.stdout.write(`*** Can't find ${host}: No answer\n`)
    process.stdout.write(`${reply.records.map(printRecord).join('')}\n`)
    return 0
  }
  process.stdout.write(`** server can't find ${isAddress(host) ? names[0] : host}: ${code}\n\n`)
  return 1
}

function printRecord({ name, type, value }: DnsRecord): string {
  switch (type) {
    case 'CNAME':
      return `${name}\tcanonical name = ${value}.\n`
    case 'PTR':
      return `${name}\tname = ${value}.\n`
    case 'SRV':
      return `${name}\tservice = ${value}.\n`
    default:
      return `Name:\t${name}\nAddress: ${value}\n`
  }
}
