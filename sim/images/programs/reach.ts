/** Programs that try what can be reached: ping, telnet, traceroute. */
import type { TcpResult } from '../../network/types.ts'
import type { Process, Program, Signal, Wait } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import { signalWithin } from './daemon.ts'
import { connectTo } from './database-client.ts'
import { isAddress } from './name-lookup.ts'
import { atOnce, complain, parseDuration, withOptions } from './support.ts'

function* addressOf(process: Process, host: string): Generator<Wait, string | undefined, unknown> {
  if (isAddress(host)) return host
  const addresses = yield* waitFor<readonly string[]>({
    start: (resume) => process.network.resolve(host, (found) => resume(found)),
  })
  return addresses.find(isAddress)
}

/** A port that nobody serves: who is there refuses it, who is not stays silent. Service addresses are silent too: they are rules, not machines. */
const discardPort = 9

const ping = withOptions('c:i:w:W:qs:I:46nt:', function* (process, options) {
  const host = options.rest[0]
  if (host === undefined) {
    process.stderr.write('BusyBox v1.36.1 multi-call binary.\n\nUsage: ping [OPTIONS] HOST\n')
    return 1
  }
  if (process.uid !== 0) {
    complain(process, 'permission denied (are you root?)')
    return 1
  }
  const address = yield* addressOf(process, host)
  if (!address) {
    complain(process, `bad address '${host}'`)
    return 1
  }
  const count = options.has('c') ? Number(options.value('c')) : Number.POSITIVE_INFINITY
  const intervalMs = parseDuration(options.value('i') ?? '1') ?? 1000
  const deadlineMs =
    process.nowEpochMs() + (options.has('w') ? Number(options.value('w')) * 1000 : Number.POSITIVE_INFINITY)
  const patienceMs = (Number(options.value('W')) || 10) * 1000
  process.stdout.write(`PING ${host} (${address}): 56 data bytes\n`)
  const times = { count: 0, sum: 0, least: Number.POSITIVE_INFINITY, most: 0 }
  let sent = 0
  let stopped: Signal | undefined
  while (sent < count && process.nowEpochMs() < deadlineMs && !stopped) {
    const seq = sent++
    const isLast = sent >= count
    const startMs = process.nowEpochMs()
    const result = yield* waitFor<TcpResult>(
      connectTo(process, address, discardPort, undefined, isLast ? patienceMs : intervalMs),
    )
    // A rule that refuses is nobody who would answer.
    if (result.server && (result.ok || result.error === 'refused' || result.error === 'reset')) {
      const time = Math.max(0.04, Math.min(result.tookMs, intervalMs)) * (1 + 0.2 * process.random())
      times.count++
      times.sum += time
      times.least = Math.min(times.least, time)
      times.most = Math.max(times.most, time)
      if (!options.has('q'))
        process.stdout.write(
          `64 bytes from ${address}: seq=${seq} ttl=${address === '127.0.0.1' ? 64 : 63} time=${time.toFixed(3)} ms\n`,
        )
    }
    if (!isLast)
      stopped = yield* waitFor(
        signalWithin(process, ['SIGINT'], Math.max(0, intervalMs - (process.nowEpochMs() - startMs))),
      )
  }
  const loss = sent ? Math.round((100 * (sent - times.count)) / sent) : 0
  process.stdout.write(
    `\n--- ${host} ping statistics ---\n${sent} packets transmitted, ${times.count} packets received, ${loss}% packet loss\n`,
  )
  if (times.count)
    process.stdout.write(
      `round-trip min/avg/max = ${times.least.toFixed(3)}/${(times.sum / times.count).toFixed(3)}/${times.most.toFixed(3)} ms\n`,
    )
  return times.count ? 0 : 1
})

const telnet: Program = function* (process) {
  const [host, port = '23'] = process.argv.slice(1).filter((arg) => !arg.startsWith('-'))
  if (host === undefined || !/^\d+$/.test(port)) {
    process.stderr.write('BusyBox v1.36.1 multi-call binary.\n\nUsage: telnet [-a] [-l USER] HOST [PORT]\n')
    return 1
  }
  const address = yield* addressOf(process, host)
  if (!address) {
    complain(process, `bad address '${host}'`)
    return 1
  }
  const input = process.stdin.isTerminal ? undefined : yield* waitFor(process.stdin.readAll())
  const result = yield* waitFor(connectTo(process, address, Number(port), input))
  if (!result.ok) {
    const why = {
      refused: 'Connection refused',
      timeout: 'Connection timed out',
      'no-route': 'No route to host',
      reset: 'Connection reset by peer',
      'not-tls': 'Connection reset by peer',
      untrusted: 'Connection reset by peer',
      'unknown-host': 'No route to host',
    }[result.error]
    complain(process, `can't connect to remote host (${address}): ${why}`)
    return 1
  }
  process.stdout.write(`Connected to ${host}\n${result.output ?? ''}`)
  process.stderr.write('Connection closed by foreign host\n')
  return 1
}

const traceroute: Program = function* (process) {
  yield* atOnce
  complain(process, 'socket(AF_INET,3,1): Operation not permitted')
  return 1
}

export const reachPrograms: Readonly<Record<string, Program>> = {
  ping,
  ping6: traceroute,
  telnet,
  traceroute,
  traceroute6: traceroute,
}
