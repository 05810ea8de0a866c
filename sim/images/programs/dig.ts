/** dig: the addresses of a name, in full or with +short. Unlike other programs it does not search: names are asked for as they are. */
import type { NameAnswer } from '../../network/types.ts'
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
  const { addresses, server, answer } = yield* waitFor<{
    addresses: readonly string[]
    server: string
    answer?: NameAnswer
  }>({
    start: (resume) =>
      process.network.resolve(asked, (found, from, said) => resume({ addresses: found, server: from, answer: said })),
  })
  const full = `${(answer?.name ?? asked).replace(/\.$/, '')}.`
  const records = [
    ...(answer?.alias ? [{ name: full, type: 'CNAME', value: `${answer.alias}.` }] : []),
    ...addresses.map((value) => ({
      name: answer?.alias ? `${answer.alias}.` : full,
      type: value.includes(':') ? 'AAAA' : 'A',
      value,
    })),
  ]
  if (nameOf(process) === 'host') {
    if (records.length === 0) process.stdout.write(`Host ${name} not found: 3(NXDOMAIN)\n`)
    for (const { name: owner, type, value } of records)
      process.stdout.write(`${owner.slice(0, -1)} ${type === 'CNAME' ? 'is an alias for' : 'has address'} ${value}\n`)
    return records.length ? 0 : 1
  }
  if (isShort) {
    for (const { value } of records) process.stdout.write(`${value}\n`)
    return 0
  }
  process.stdout.write(
    `\n; <<>> DiG 9.18.37 <<>> ${args.join(' ')}\n;; global options: +cmd\n;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: ${records.length ? 'NOERROR' : 'NXDOMAIN'}, id: 4711\n;; flags: qr aa rd; QUERY: 1, ANSWER: ${records.length}, AUTHORITY: 0, ADDITIONAL: 1\n\n;; QUESTION SECTION:\n;${full}\t\tIN\tA\n\n`,
  )
  if (records.length) {
    const lines = records.map(({ name: owner, type, value }) => `${owner}\t30\tIN\t${type}\t${value}\n`)
    process.stdout.write(`;; ANSWER SECTION:\n${lines.join('')}\n`)
  }
  process.stdout.write(`;; Query time: 1 msec\n;; SERVER: ${server}#53(${server}) (UDP)\n\n`)
  return 0
}
