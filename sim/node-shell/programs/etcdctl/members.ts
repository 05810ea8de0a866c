/** endpoint status, health and hashkv, alarm, defrag, move-leader. Source: etcdctl/ctlv3/command, ep_command.go */
import { rangeOfKeys, valueText } from '../../../apiserver/etcd-keys.ts'
import { hash32 } from '../../../engine/random.ts'
import type { MemberStatus } from '../../../etcd/members.ts'
import { refusals } from '../../../etcd/roster.ts'
import { waitFor } from '../../../runtime/process.ts'
import { goQuote } from '../../../text/go-quote.ts'
import { printSize } from '../../etcd-table.ts'
import {
  AGREED_MS,
  ANSWER_MS,
  answering,
  type Call,
  COMMAND_TIMEOUT_MS,
  EXCEEDED,
  exit,
  Failure,
  type Run,
  refuseArgs,
} from './call.ts'
import { given, headerFields, headerOf, idOf, sayBlock, sayFields, sayJson, sayRows, unsupported } from './output.ts'
import { STORAGE_VERSION, VERSION } from './versions.ts'

interface Told {
  readonly text: string
  readonly member: MemberStatus
}

/** Each that answers, one after the other; what is told of those that do not goes to stderr. */
function* askEach(
  call: Call,
  failed: (text: string) => string,
): Generator<Parameters<typeof waitFor>[0], Told[], unknown> {
  const { endpoints, process } = call
  const told: Told[] = []
  for (const { text, member } of endpoints) {
    yield* waitFor(process.sleep(member ? ANSWER_MS : COMMAND_TIMEOUT_MS))
    if (member) told.push({ text, member })
    else process.stderr.write(failed(text))
  }
  return told
}

export function* endpointStatus(call: Call): Run {
  const { endpoints, etcd, output } = call
  const all = yield* askEach(call, (text) => `Failed to get the status of endpoint ${text} (${EXCEEDED})\n`)
  const told = all.map(({ text, member }) => {
    const { space } = etcd.store
    const [used, size, quota] = [space.inUseBytes, space.sizeOf(member.name), space.quotaOf(member.name)]
    const leader = etcd.members.status().find(({ id }) => id === member.leader)
    const errors = [...(member.leader === undefined ? ['etcdserver: no leader'] : []), ...space.alarms.map(alarmText)]
    return { text, member, used, size, quota, leader: leader ? idOf(leader.id) : 0n, errors }
  })
  if (output === 'json')
    sayJson(
      call,
      told.map(({ text, member, used, size, quota, leader, errors }) => ({
        Endpoint: text,
        Status: {
          header: headerOf(call, member, member.revision),
          ...given({
            ...{ version: VERSION, dbSize: size, leader, raftIndex: member.index, raftTerm: member.term },
            raftAppliedIndex: member.appliedIndex,
          }),
          ...(errors.length > 0 ? { errors } : {}),
          ...given({ dbSizeInUse: used, isLearner: member.isLearner, storageVersion: STORAGE_VERSION }),
          ...given({ dbSizeQuota: quotaTold(quota) }),
          downgradeInfo: {},
        },
      })),
    )
  else if (output === 'fields')
    for (const { text, member, used, size, quota, leader, errors } of told) {
      sayBlock(call, [
        ...headerFields(headerOf(call, member, member.revision)),
        ...([
          ['Version', goQuote(VERSION)],
          ['StorageVersion', goQuote(STORAGE_VERSION)],
          ['DBSize', size],
          ['DBSizeInUse', used],
          ['DBSizeQuota', quotaTold(quota)],
          ['Leader', leader],
          ['IsLearner', member.isLearner],
          ['RaftIndex', member.index],
          ['RaftAppliedIndex', member.appliedIndex],
          ['Errors', `[${errors.join(' ')}]`],
          ['Endpoint', goQuote(text)],
          ['DowngradeTargetVersion', '""'],
          ['DowngradeEnabled', false],
        ] as const),
      ])
    }
  else
    sayRows(
      call,
      (
        'endpoint|ID|version|storage version|db size|in use|percentage not in use|quota|is leader|is learner|raft term|' +
        'raft index|raft applied index|errors|downgrade target version|downgrade enabled'
      ).split('|'),
      told.map(({ text, member, used, size, quota, errors }) => [
        ...[text, member.id, VERSION, STORAGE_VERSION, printSize(size), printSize(used)],
        ...[`${100 - Math.floor((used * 100) / size)}%`, printSize(quotaTold(quota)), String(member.isLeader)],
        ...[String(member.isLearner), String(member.term), String(member.index), String(member.appliedIndex)],
        ...[errors.join(', '), '', 'false'],
      ]),
    )
  return told.length < endpoints.length ? 1 : 0
}

/** Each is asked at the same time, by a read that a majority has to confirm. */
export function* endpointHealth(call: Call): Run {
  const { endpoints, output, process, etcd } = call
  const { alarms } = etcd.store.space
  const healths = endpoints.map(({ text, member }) => {
    const isAnswering = member !== undefined && !member.isLearner && etcd.members.isServingAt(member.name)
    const alarmed = `Active Alarm(s): ${alarms.map(() => 'NOSPACE ').join('')}`
    const why = isAnswering ? alarmed : member?.isLearner ? refusals.learnerAsked : EXCEEDED
    return { text, isAnswering, isHealthy: isAnswering && alarms.length === 0, why }
  })
  const isAll = healths.every(({ isHealthy }) => isHealthy)
  yield* waitFor(process.sleep(healths.every(({ isAnswering }) => isAnswering) ? AGREED_MS : COMMAND_TIMEOUT_MS))
  const tookOf = (isAnswering: boolean): string => {
    const ms = isAnswering ? AGREED_MS + process.random() * 3 : COMMAND_TIMEOUT_MS + process.random()
    return ms < 1000 ? `${ms.toFixed(6)}ms` : `${(ms / 1000).toFixed(9)}s`
  }
  const told = healths.map(({ text, isAnswering, isHealthy, why }) => ({
    ...{ endpoint: text, health: isHealthy, took: tookOf(isAnswering) },
    error: isHealthy ? '' : why,
  }))
  if (output === 'json')
    sayJson(
      call,
      told.map(({ error, ...rest }) => ({ ...rest, ...given({ error }) })),
    )
  else if (output === 'fields')
    for (const { endpoint, health, took, error } of told) {
      sayBlock(call, [
        ['Endpoint', goQuote(endpoint)],
        ['Health', health],
        ['Took', took],
        ['Error', error],
      ])
    }
  else if (output === 'table') {
    const rows = told.map(({ endpoint, health, took, error }) => [endpoint, String(health), took, error])
    sayRows(call, ['endpoint', 'health', 'took', 'error'], rows)
  } else
    for (const { endpoint, health, took, error } of told)
      if (health) process.stdout.write(`${endpoint} is healthy: successfully committed proposal: took = ${took}\n`)
      else process.stderr.write(`${endpoint} is unhealthy: failed to commit proposal: ${error}\n`)
  if (!isAll) throw new Failure('unhealthy cluster')
  return 0
}

/** What each member has, in a number: the same for those that have the same. Simplified: it is another number than etcd's. */
export function* endpointHashKv(call: Call): Run {
  const { endpoints, etcd, flags, output } = call
  const all = yield* askEach(call, (text) => `Failed to get the hash of endpoint ${text} (${EXCEEDED})\n`)
  const wanted = Number(flags.get('rev') ?? 0)
  const told = all.map(({ text, member }) => {
    const revision = wanted > 0 ? Math.min(wanted, member.revision) : member.revision
    const keys = rangeOfKeys(etcd.store, () => true, revision)
    const hash = keys.reduce((sum, key) => hash32(`${key.text}=${valueText(key)}`, sum), 0)
    return { text, header: headerOf(call, member, member.revision), hash, revision }
  })
  if (output === 'json')
    sayJson(
      call,
      told.map(({ text, header, hash, revision }) => ({
        ...{ Endpoint: text, HashKV: { header, hash, compact_revision: -1, hash_revision: revision } },
      })),
    )
  else if (output === 'fields')
    for (const { text, header, hash, revision } of told) {
      sayBlock(call, [
        ...headerFields(header),
        ...([
          ['Endpoint', goQuote(text)],
          ['Hash', hash],
          ['HashRevision', revision],
        ] as const),
      ])
    }
  else {
    const rows = told.map(({ text, hash, revision }) => [text, String(hash), String(revision)])
    sayRows(call, ['endpoint', 'hash', 'hash_revision'], rows)
  }
  return told.length < endpoints.length ? 1 : 0
}

/** As protobuf prints it. */
const alarmText = (id: string): string => `memberID:${idOf(id)} alarm:NOSPACE `

/** What status says of a quota: nothing of one that is none. */
const quotaTold = (quota: number): number => (Number.isFinite(quota) ? quota : 0)

export const alarmList = (call: Call): Run => tellAlarms(call, 'list', () => call.etcd.store.space.alarms)

export const alarmDisarm = (call: Call): Run => tellAlarms(call, 'disarm', () => call.etcd.store.space.disarm())

function* tellAlarms(call: Call, command: string, act: () => readonly string[]): Run {
  const { args, output, process } = call
  if (args.length > 0) refuseArgs(`alarm ${command} command accepts no arguments`)
  const member = answering(call, true)
  yield* waitFor(process.sleep(AGREED_MS))
  const ids = act()
  const header = headerOf(call, member)
  if (output === 'table') unsupported(call)
  else if (output === 'json')
    sayJson(call, {
      header,
      ...(ids.length > 0 ? { alarms: ids.map((id) => ({ memberID: idOf(id), alarm: 1 })) } : {}),
    })
  else if (output === 'fields') {
    sayFields(call, headerFields(header))
    for (const id of ids) {
      sayBlock(call, [
        ['MemberID', idOf(id)],
        ['AlarmType', 'NOSPACE'],
      ])
    }
  } else process.stdout.write(ids.map((id) => `${alarmText(id)}\n`).join(''))
  return 0
}

/** Gives back what compaction freed: of each endpoint by itself, which answers nothing else meanwhile. */
export function* defrag(call: Call): Run {
  const { endpoints, etcd, process } = call
  let isFailed = false
  for (const { text, member } of endpoints) {
    const ms = member ? 10 + process.random() * 20 : COMMAND_TIMEOUT_MS
    yield* waitFor(process.sleep(ms))
    if (!member) {
      process.stderr.write(`Failed to defragment etcd member[${text}]. took 5.000s. (${EXCEEDED})\n`)
      isFailed = true
      continue
    }
    etcd.store.space.defragment(
      member.name,
      etcd.members.status().map(({ name }) => name),
    )
    process.stdout.write(`Finished defragmenting etcd member[${text}]. took ${ms.toFixed(6)}ms\n`)
  }
  return isFailed ? exit.error : 0
}

export function* moveLeader(call: Call): Run {
  const { args, endpoints, etcd, output, process } = call
  const [target] = args
  if (target === undefined || args.length > 1) refuseArgs('move-leader command needs 1 argument')
  if (!/^[0-9a-f]{1,16}$/.test(target)) refuseArgs(`strconv.ParseUint: parsing "${target}": invalid syntax`)
  if (output === 'table' || output === 'fields') unsupported(call)
  const leader = endpoints.find(({ member }) => member?.isLeader)?.member
  if (!leader)
    throw new Failure(`no leader endpoint given at [${endpoints.map(({ text }) => text).join(' ')}]`, {
      ...{ code: exit.badArgs, afterMs: ANSWER_MS },
    })
  const error = etcd.members.transfer(leader.name, target)
  if (error !== undefined) throw new Failure(error, { afterMs: ANSWER_MS })
  yield* waitFor(process.sleep(AGREED_MS * 5))
  if (output === 'json') sayJson(call, { header: headerOf(call, leader) })
  else process.stdout.write(`Leadership transferred from ${leader.id} to ${target}\n`)
  return 0
}
