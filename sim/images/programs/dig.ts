/** dig: the addresses of a name, in full or with +short. Unlike other programs it does not search: names are asked for as they are. */
import type { Program } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import { nameOf } from './support.ts'

export const dig: Program = function* (process) {
  const args = process.argv.slice(1)
  const isShort = args.includes('+short')
  const searches = args.includes('+search')
  const name = args.find((arg) => !/^[-+@]|^(?:A|AAAA|SRV|CNAME|ANY)$/.test(arg))
  if (name === undefined) {
    process.stderr.write('Usage:  dig [@server] name [type] [+short] [+search]\n')
    return 1
  }
  const asked = searches || nameOf(process) === 'host' || name.endsWith('.') ? name : `${name}.`
  const { addresses, server } = yield* waitFor<{ addresses: readonly string[]; server: string }>({
    start: (resume) => process.network.resolve(asked, (found, from) => resume({ addresses: found, server: from })),
  })
  const type = (address: string): string =>
    /^\d+\.\d+\.\d+\.\d+$/.test(address) ? 'A' : address.includes(':') ? 'AAAA' : 'CNAME'
  if (nameOf(process) === 'host') {
    if (addresses.length === 0) process.stdout.write(`Host ${name} not found: 3(NXDOMAIN)\n`)
    for (const address of addresses)
      process.stdout.write(
        `${name} ${type(address) === 'CNAME' ? `is an alias for ${address}.` : `has address ${address}`}\n`,
      )
    return addresses.length ? 0 : 1
  }
  if (isShort) {
    for (const address of addresses) process.stdout.write(`${address}${type(address) === 'CNAME' ? '.' : ''}\n`)
    return 0
  }
  const full = name.endsWith('.') ? name : `${name}.`
  process.stdout.write(
    `\n; <<>> DiG 9.18.37 <<>> ${args.join(' ')}\n;; global options: +cmd\n;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: ${addresses.length ? 'NOERROR' : 'NXDOMAIN'}, id: 4711\n;; flags: qr aa rd; QUERY: 1, ANSWER: ${addresses.length}, AUTHORITY: 0, ADDITIONAL: 1\n\n;; QUESTION SECTION:\n;${full}\t\tIN\tA\n\n`,
  )
  if (addresses.length) {
    process.stdout.write(';; ANSWER SECTION:\n')
    for (const address of addresses)
      process.stdout.write(`${full}\t30\tIN\t${type(address)}\t${address}${type(address) === 'CNAME' ? '.' : ''}\n`)
    process.stdout.write('\n')
  }
  process.stdout.write(`;; Query time: 1 msec\n;; SERVER: ${server}#53(${server}) (UDP)\n\n`)
  return 0
}
