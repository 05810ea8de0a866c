/** lease grant, revoke, timetolive, list and keep-alive. Source: etcdctl/ctlv3/command/lease_command.go */
import { encodeBase64Text } from '../../../api/meta/base64.ts'
import { StatusError } from '../../../api/meta/status-error.ts'
import { keysOfLease } from '../../../apiserver/etcd-keys.ts'
import { type EtcdLease, LEASE_NOT_FOUND, leaseText, TTL_TOO_LARGE } from '../../../etcd/leases.ts'
import type { MemberStatus } from '../../../etcd/members.ts'
import { LEASE_BYTES } from '../../../etcd/space.ts'
import { waitFor } from '../../../runtime/process.ts'
import { goQuote } from '../../../text/go-quote.ts'
import { AGREED_MS, ANSWER_MS, answering, type Call, exit, Failure, type Run, refuseArgs } from './call.ts'
import { readLease } from './operations.ts'
import { type Header, headerFields, headerOf, sayFields, sayJson, unsupported } from './output.ts'

export function* grant(call: Call): Run {
  const { etcd, args, process } = call
  if (args.length !== 1) refuseArgs('lease grant command needs TTL argument')
  if (!/^[+-]?\d+$/.test(args[0])) refuseArgs(`bad TTL (strconv.ParseInt: parsing ${goQuote(args[0])}: invalid syntax)`)
  const member = answering(call, true)
  yield* waitFor(process.sleep(AGREED_MS))
  checkRoom(call)
  const lease = etcd.leases.grant(Number(args[0]), member.id)
  if (!lease) throw new Failure(`failed to grant lease (${TTL_TOO_LARGE})`)
  const { id, ttl } = lease
  say(call, member, {
    text: `lease ${leaseText(id)} granted with TTL(${ttl}s)\n`,
    fields: [
      ['ID', id],
      ['TTL', ttl],
    ],
    json: (header) => ({ ...header, ID: id, TTL: ttl, Error: '' }),
  })
  return 0
}

/** @throws Failure where etcd takes nothing new */
function checkRoom({ etcd }: Call): void {
  try {
    etcd.store.checkSpace(LEASE_BYTES)
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    throw new Failure(`failed to grant lease (${error.message})`)
  }
}

export function* revoke(call: Call): Run {
  const { etcd, args, process } = call
  if (args.length !== 1) refuseArgs('lease revoke command needs 1 argument')
  const id = leaseArgument(args[0])
  const member = answering(call, true)
  yield* waitFor(process.sleep(AGREED_MS))
  if (!etcd.leases.revoke(id)) throw new Failure(`failed to revoke lease (${LEASE_NOT_FOUND})`)
  say(call, member, { text: `lease ${leaseText(id)} revoked\n`, fields: [], json: (header) => ({ header }) })
  return 0
}

export function* timeToLive(call: Call): Run {
  const { etcd, args, flags, process } = call
  if (args.length !== 1) refuseArgs('lease timetolive command needs lease ID as argument')
  const id = leaseArgument(args[0])
  const member = answering(call, true)
  yield* waitFor(process.sleep(ANSWER_MS))
  const lease = etcd.leases.get(id)
  const left = lease ? etcd.leases.remaining(lease) : -1
  const granted = lease?.ttl ?? 0
  const keys = lease && flags.has('keys') ? keysOf(call, lease) : undefined
  const attached = keys ? `, attached keys([${keys.join(' ')}])` : ''
  const standing = lease ? `granted with TTL(${granted}s), remaining(${left}s)${attached}` : 'already expired'
  say(call, member, {
    text: `lease ${leaseText(id)} ${standing}\n`,
    fields: [
      ['ID', id],
      ['TTL', left],
      ['GrantedTTL', granted],
      ...(keys ?? []).map((key) => ['Key', goQuote(key)] as const),
    ],
    json: (header) => ({
      ...header,
      ...{ id, ttl: left, 'granted-ttl': granted, keys: keys ? keys.map(encodeBase64Text) : null },
    }),
  })
  return 0
}

const keysOf = ({ etcd }: Call, { id }: EtcdLease): string[] => keysOfLease(etcd.store, id).map(({ text }) => text)

export function* list(call: Call): Run {
  const { etcd, process } = call
  const member = answering(call, true)
  yield* waitFor(process.sleep(ANSWER_MS))
  const all = etcd.leases.list()
  say(call, member, {
    text: `found ${all.length} leases\n${all.map(({ id }) => `${leaseText(id)}\n`).join('')}`,
    fields: all.map(({ id }) => ['ID', id]),
    json: (header) => ({ ...header, leases: all.map(({ id }) => ({ id })) }),
  })
  return 0
}

/** Renews it each third of its time, until it is gone or the command is interrupted. */
export function* keepAlive(call: Call): Run {
  const { etcd, args, flags, process, output } = call
  if (args.length !== 1) refuseArgs('lease keep-alive command needs lease ID as argument')
  const id = leaseArgument(args[0])
  for (;;) {
    const member = answering(call, true)
    yield* waitFor(process.sleep(ANSWER_MS))
    const lease = etcd.leases.renew(id)
    if (!lease && flags.has('once')) throw new Failure(LEASE_NOT_FOUND, { code: exit.badConnection })
    if (!lease) {
      if (output === 'simple') process.stdout.write(`lease ${leaseText(id)} expired or revoked.\n`)
      return 0
    }
    const { ttl } = lease
    say(call, member, {
      text: `lease ${leaseText(id)} keepalived with TTL(${ttl})\n`,
      fields: [
        ['ID', id],
        ['TTL', ttl],
      ],
      json: (header) => ({ ...header, ID: id, TTL: ttl }),
    })
    if (flags.has('once')) return 0
    yield* waitFor(process.sleep((ttl * 1000) / 3))
  }
}

const leaseArgument = (text: string): bigint => readLease(text, 'bad lease ID arg')

/** In each form that it has. Source of the names in JSON: client/v3/lease.go */
interface Answer {
  text: string
  fields: readonly (readonly [string, unknown])[]
  json(header: Header): object
}

function say(call: Call, member: MemberStatus, { text, fields, json }: Answer): void {
  const { output, process } = call
  if (output === 'simple') return void process.stdout.write(text)
  if (output === 'table') unsupported(call)
  const header = headerOf(call, member, call.etcd.store.etcd.revision)
  if (output === 'json') sayJson(call, json(header))
  else sayFields(call, [...headerFields(header), ...fields])
}
