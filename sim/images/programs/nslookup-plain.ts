/**
 * nslookup of busybox up to 1.28: it asks the system's resolver, which goes along the search path, and names every address by
 * looking it up backwards. Source: busybox 1_28_stable networking/nslookup.c
 */
import type { Process, Program, Wait } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import { askName, isAddress, reverseName } from './name-lookup.ts'
import { complain } from './support.ts'

interface Found {
  addresses: readonly string[]
  server: string
}

export const plainNslookup: Program = function* (process) {
  const [host] = process.argv.slice(1)
  if (host === undefined) {
    process.stderr.write('BusyBox v1.28.4 multi-call binary.\n\nUsage: nslookup [HOST] [SERVER]\n')
    return 1
  }
  const { addresses, server } = yield* waitFor(resolve(process, host))
  if (server) {
    const name = yield* nameOf(process, server)
    process.stdout.write(`Server:    ${server}\nAddress 1: ${server}${name}\n\n`)
  }
  if (addresses.length === 0) {
    complain(process, `can't resolve '${host}'`)
    return 1
  }
  process.stdout.write(`Name:      ${host}\n`)
  for (const [n, address] of addresses.entries())
    process.stdout.write(`Address ${n + 1}: ${address}${yield* nameOf(process, address)}\n`)
  return 0
}

const resolve = (process: Process, host: string): Wait<Found> => ({
  start: (resume) =>
    isAddress(host)
      ? process.network.query(reverseName(host), 'PTR', ({ server = '' }) => resume({ addresses: [host], server }))
      : process.network.resolve(host, (addresses, server) => resume({ addresses, server })),
})

/** The name of an address with a space before it; nothing when it has none. */
function* nameOf(process: Process, address: string) {
  const { records } = yield* waitFor(askName(process, reverseName(address), 'PTR'))
  return records.length > 0 ? ` ${records[0].value}` : ''
}
