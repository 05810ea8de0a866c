/** lease grant, revoke, timetolive, list and keep-alive. Source: etcdctl/ctlv3/command/lease_command.go */
import { encodeBase64Text } from '../../../api/meta/base64.ts'
import { keysOfLease } from '../../../apiserver/etcd-keys.ts'
import { type EtcdLease, LEASE_NOT_FOUND, leaseText, TTL_TOO_LARGE } from '../../../etcd/leases.ts'
import { waitFor } from '../../../runtime/process.ts'
import { goQuote } from '../../../text/go-quote.ts'
import { AGREED_MS, ANSWER_MS, answering, type Call, exit, Failure, type Run, refuseArgs } from './call.ts'
import { readLease } from './operations.ts'
import { headerFields, headerOf, sayFields, sayJson, unsupported } from './output.ts'

export function* grant(call: Call): Run {
  const { etcd, args, process } = call
  if (args.length !== 1) refuseArgs('lease grant command needs TTL argument')
  if (!/^[+-]?\d+$/.test(args[0])) refuseArgs(`bad TTL (strconv.ParseInt: parsing ${goQuote(args[0])}: invalid syntax)`)
  const member = answering(call, true)
  yield* waitFor(process.sleep(AGREED_MS))
  const lease = etcd.leases.grant(Number(args[0]), member.id)
  if (!lease) throw new Failure(`failed to grant lease (${TTL_TOO_LARGE})`)
  const { id, ttl } = lease
  say(call, { ID: id, TTL: ttl }, `lease ${leaseText(id)} granted with TTL(${ttl}s)\n`, { Error: '' })
  return 0
}

export function* revoke(call: Call): Run {
  const { etcd, args, process } = call
  if (args.length !== 1) refuseArgs('lease revoke command needs 1 argument')
  const id = leaseArgument(args[0])
  answering(call, true)
  yield* waitFor(process.sleep(AGREED_MS))
  if (!etcd.leases.revoke(id)) throw new Failure(`failed to revoke lease (${LEASE_NOT_FOUND})`)
  say(call, {}, `lease ${leaseText(id)} revoked\n`)
  return 0
}

export function* timeToLive(call: Call): Run {
  const { etcd, args, flags, process, output } = call
  if (args.length !== 1) refuseArgs('lease timetolive command needs lease ID as argument')
  const id = leaseArgument(args[0])
  answering(call, true)
  yield* waitFor(process.sleep(ANSWER_MS))
  const lease = etcd.leases.get(id)
  if (!lease) {
    say(call, { ID: id, TTL: -1, GrantedTTL: 0 }, `lease ${leaseText(id)} already expired\n`, { Keys: null })
    return 0
  }
  const left = etcd.leases.remaining(lease)
  const keys = flags.has('keys') ? keysOf(call, lease) : undefined
  const attached = keys ? `, attached keys([${keys.join(' ')}])` : ''
  const text = `lease ${leaseText(id)} granted with TTL(${lease.ttl}s), remaining(${left}s)${attached}\n`
  const told = { ID: id, TTL: left, GrantedTTL: lease.ttl }
  if (output === 'fields') {
    const header = headerOf(call, answering(call, true))
    const members = Object.entries(told)
    sayFields(call, [...headerFields(header), ...members, ...(keys ?? []).map((key) => ['Key', goQuote(key)] as const)])
  } else say(call, told, text, { Keys: keys ? keys.map(encodeBase64Text) : null })
  return 0
}

const keysOf = ({ etcd }: Call, { id }: EtcdLease): string[] => keysOfLease(etcd.store, id).map(({ text }) => text)

export function* list(call: Call): Run {
  const { etcd, process, output } = call
  answering(call, true)
  yield* waitFor(process.sleep(ANSWER_MS))
  const all = etcd.leases.list()
  if (output === 'fields') {
    const header = headerOf(call, answering(call, true))
    sayFields(call, [...headerFields(header), ...all.map(({ id }) => ['ID', id] as const)])
  } else {
    const lines = all.map(({ id }) => `${leaseText(id)}\n`).join('')
    say(call, { leases: all.map(({ id }) => ({ ID: id })) }, `found ${all.length} leases\n${lines}`)
  }
  return 0
}

/** Renews it each third of its time, until it is gone or the command is interrupted. */
export function* keepAlive(call: Call): Run {
  const { etcd, args, flags, process, output } = call
  if (args.length !== 1) refuseArgs('lease keep-alive command needs lease ID as argument')
  const id = leaseArgument(args[0])
  for (;;) {
    answering(call, true)
    yield* waitFor(process.sleep(ANSWER_MS))
    const lease = etcd.leases.renew(id)
    if (!lease && flags.has('once')) throw new Failure(LEASE_NOT_FOUND, { code: exit.badConnection })
    if (!lease) {
      if (output === 'simple') process.stdout.write(`lease ${leaseText(id)} expired or revoked.\n`)
      return 0
    }
    say(call, { ID: id, TTL: lease.ttl }, `lease ${leaseText(id)} keepalived with TTL(${lease.ttl})\n`)
    if (flags.has('once')) return 0
    yield* waitFor(process.sleep((lease.ttl * 1000) / 3))
  }
}

const leaseArgument = (text: string): bigint => readLease(text, 'bad lease ID arg')

/** @param more what is told in JSON only */
function say(call: Call, told: Readonly<Record<string, unknown>>, text: string, more: object = {}): void {
  const { output, process } = call
  if (output === 'simple') return void process.stdout.write(text)
  if (output === 'table') unsupported(call)
  const header = headerOf(call, answering(call, true), call.etcd.store.etcd.revision)
  if (output === 'json') sayJson(call, { ...header, ...told, ...more })
  else sayFields(call, [...headerFields(header), ...Object.entries(told)])
}
