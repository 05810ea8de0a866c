/**
 * etcdctl: what etcd says of itself to who comes to its node with its certificates. Simplified: a put makes a key beside those of the
 * API server, whose objects can be read and deleted; values are JSON. Source: etcd 3.6, etcdctl/ctlv3/command
 */

import { StatusError } from '../../api/meta/status-error.ts'
import { type EtcdKey, putKey, rangeOfKeys, removeKey, valueText } from '../../apiserver/etcd-keys.ts'
import { CompactedError } from '../../etcd/etcd.ts'
import type { MemberStatus } from '../../etcd/members.ts'
import { type Process, type Wait, waitFor } from '../../runtime/process.ts'
import { databaseBytes, snapshotText } from '../etcd-snapshot.ts'
import { printSize, printTable } from '../etcd-table.ts'
import type { NodeMachine, NodeProgram } from '../machine.ts'

const VERSION = '3.6.8'
const STORAGE_VERSION = '3.6.0'
/** --quota-backend-bytes unless told. */
const QUOTA_BYTES = 2 * 1024 ** 3
const COMMAND_TIMEOUT_MS = 5000
const EXCEEDED = 'context deadline exceeded'
/** What etcd takes at least for an answer, and for one that others agree on. */
const ANSWER_MS = 2
const AGREED_MS = 4

type Run = Generator<Wait, number, unknown>

interface Call {
  machine: NodeMachine
  etcd: NonNullable<NodeMachine['etcd']>
  process: Process
  flags: ReadonlyMap<string, string>
  args: readonly string[]
  /** As they were given, each with the member that is there. */
  endpoints: readonly { text: string; member: MemberStatus | undefined }[]
}

/** Refused as etcdctl refuses, after the time that it took. */
class Failure extends Error {
  readonly afterMs: number
  readonly code: number
  constructor(message: string, afterMs = 0, code = 1) {
    super(message)
    this.afterMs = afterMs
    this.code = code
  }
}

const valued = new Set([
  'endpoints',
  'cacert',
  'cert',
  'key',
  'w',
  'write-out',
  'limit',
  'rev',
  'consistency',
  'command-timeout',
  'dial-timeout',
])

export const etcdctl: NodeProgram = {
  path: '/usr/local/bin/etcdctl',
  make: (machine) =>
    function* (process) {
      const { etcd } = machine
      if (!etcd) return 127
      try {
        const { flags, args } = readFlags(process)
        const [group = '', act = ''] = args
        if (group === 'version') {
          process.stdout.write(`etcdctl version: ${VERSION}\nAPI version: 3.6\n`)
          return 0
        }
        const own = Object.hasOwn(commands, `${group} ${act}`)
        const name = own ? `${group} ${act}` : group
        if (!Object.hasOwn(commands, name)) {
          process.stderr.write(`Error: podium has of etcdctl: ${Object.keys(commands).join(', ')}, version\n`)
          return 1
        }
        const endpoints = endpointsOf(machine, etcd, flags)
        checkCertificates(process, flags)
        if (flags.has('cluster') && !etcd.members.isServingAt(machine.shape.name))
          throw new Failure(`failed to fetch endpoints from etcd cluster member list: ${EXCEEDED}`, COMMAND_TIMEOUT_MS)
        const rest = args.slice(own ? 2 : 1)
        return yield* commands[name]({ machine, etcd, process, flags, args: rest, endpoints })
      } catch (error) {
        const failure = failureOf(error)
        yield* waitFor(process.sleep(failure.afterMs))
        process.stderr.write(`Error: ${failure.message}\n`)
        return failure.code
      }
    },
}

function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error
  if (error instanceof StatusError) return new Failure(EXCEEDED, COMMAND_TIMEOUT_MS)
  if (error instanceof CompactedError) return new Failure(error.message)
  throw error
}

function readFlags(process: Process): { flags: Map<string, string>; args: string[] } {
  const flags = new Map<string, string>()
  for (const name of ['endpoints', 'cacert', 'cert', 'key', 'write-out']) {
    const given = process.env[`ETCDCTL_${name.toUpperCase().replace('-', '_')}`]
    if (given) flags.set(name, given)
  }
  const args: string[] = []
  const words = process.argv.slice(1)
  for (let i = 0; i < words.length; i++) {
    const [, name, value] = /^--?([a-z-]+)(?:=(.*))?$/s.exec(words[i]) ?? []
    if (name === undefined || words[i] === '--') args.push(words[i])
    else flags.set(name, value ?? (valued.has(name) ? (words[++i] ?? '') : 'true'))
  }
  return { flags, args }
}

/** The API server's certificates of etcd, or etcd's own: it takes no client without. */
function checkCertificates(process: Process, flags: ReadonlyMap<string, string>): void {
  const given = ['cacert', 'cert', 'key'].map((name) => flags.get(name))
  for (const path of given)
    if (path !== undefined && !process.files.exists(path)) throw new Failure(`open ${path}: no such file or directory`)
  if (given.some((path) => path === undefined)) throw new Failure(EXCEEDED, COMMAND_TIMEOUT_MS)
}

function endpointsOf(
  { shape }: NodeMachine,
  { members }: Call['etcd'],
  flags: ReadonlyMap<string, string>,
): Call['endpoints'] {
  const status = members.status()
  const given = (flags.get('endpoints') ?? '127.0.0.1:2379').split(',')
  const named = flags.has('cluster') ? status.map(({ ip }) => `https://${ip}:2379`) : given
  return named.map((text) => {
    const [, host, port = '2379'] = /^(?:https?:\/\/)?([^:/]+)(?::(\d+))?\/?$/.exec(text) ?? []
    const isHere = host === '127.0.0.1' || host === 'localhost'
    const found = status.find(({ name, ip }) => (isHere ? name === shape.name : ip === host || name === host))
    const isThere = found?.isUp && port === '2379' && members.isConnected(shape.name, found.name)
    return { text, member: isThere ? found : undefined }
  })
}

/** The first endpoint that answers. @param isAgreed a majority has to be behind what it says */
function answering({ endpoints, etcd }: Call, isAgreed: boolean): MemberStatus {
  const found = endpoints.find(({ member }) => member && (!isAgreed || etcd.members.isServingAt(member.name)))?.member
  if (!found) throw new Failure(EXCEEDED, COMMAND_TIMEOUT_MS)
  return found
}

const isTable = ({ flags }: Call): boolean => (flags.get('write-out') ?? flags.get('w')) === 'table'

function say(call: Call, titles: readonly string[], rows: readonly (readonly string[])[]): void {
  const text = isTable(call) ? printTable(titles, rows) : rows.map((row) => `${row.join(', ')}\n`).join('')
  call.process.stdout.write(text)
}

const commands: Readonly<Record<string, (call: Call) => Run>> = {
  get,
  put,
  del,
  'member list': memberList,
  'endpoint status': endpointStatus,
  'endpoint health': endpointHealth,
  'alarm list': alarms,
  'alarm disarm': alarms,
  'move-leader': moveLeader,
  'snapshot save': saveSnapshot,
}

// ---------- keys ----------

function asked(call: Call): (key: string) => boolean {
  const [key, end] = call.args
  if (key === undefined)
    throw new Failure(
      `${call.process.argv[1]} command needs one argument as key and an optional argument as range_end`,
      0,
      128,
    )
  if (call.flags.has('prefix')) return (text) => text.startsWith(key)
  if (call.flags.has('from-key')) return (text) => text >= key
  return end === undefined ? (text) => text === key : (text) => text >= key && text < end
}

function* get(call: Call): Run {
  const { flags, etcd, process } = call
  const isAsked = asked(call)
  const isSerializable = flags.get('consistency') === 's'
  const { revision } = answering(call, !isSerializable)
  yield* waitFor(process.sleep(isSerializable ? ANSWER_MS : AGREED_MS))
  const at = flags.has('rev') ? Number(flags.get('rev')) : isSerializable ? revision : undefined
  if (at !== undefined && at > etcd.store.etcd.revision)
    throw new Failure('etcdserver: mvcc: required revision is a future revision')
  const found = rangeOfKeys(etcd.store, isAsked, at)
  const limit = Number(flags.get('limit') ?? 0)
  const shown = limit > 0 ? found.slice(0, limit) : found
  if (flags.has('count-only')) return 0
  const textOf = (key: EtcdKey): string =>
    flags.has('print-value-only')
      ? `${valueText(key)}\n`
      : `${key.text}\n${flags.has('keys-only') ? '' : valueText(key)}\n`
  process.stdout.write(shown.map(textOf).join(''))
  return 0
}

function* put(call: Call): Run {
  const { args, etcd, process } = call
  const [key, value] = args
  if (key === undefined || value === undefined)
    throw new Failure('put command needs 1 argument and input from stdin or 2 arguments.', 0, 128)
  if (key.startsWith('/registry/')) throw new Failure('podium keeps objects there, which the API server writes', 0)
  answering(call, true)
  putKey(etcd.store, key, value)
  yield* waitFor(process.sleep(AGREED_MS))
  process.stdout.write('OK\n')
  return 0
}

function* del(call: Call): Run {
  const { etcd, process } = call
  const isAsked = asked(call)
  answering(call, true)
  const found = rangeOfKeys(etcd.store, isAsked)
  for (const key of found) removeKey(etcd.store, key)
  yield* waitFor(process.sleep(AGREED_MS))
  process.stdout.write(`${found.length}\n`)
  return 0
}

// ---------- members ----------

function* memberList(call: Call): Run {
  answering(call, true)
  yield* waitFor(call.process.sleep(AGREED_MS))
  const rows = call.etcd.members
    .status()
    .map(({ id, name, ip, isLearner }) => [
      id,
      'started',
      name,
      `https://${ip}:2380`,
      `https://${ip}:2379`,
      String(isLearner),
    ])
  say(call, ['ID', 'status', 'name', 'peer addrs', 'client addrs', 'is learner'], rows)
  return 0
}

function* endpointStatus(call: Call): Run {
  const { endpoints, process, etcd } = call
  const rows: string[][] = []
  for (const { text, member } of endpoints) {
    yield* waitFor(process.sleep(member ? ANSWER_MS : COMMAND_TIMEOUT_MS))
    if (!member) {
      process.stderr.write(`Failed to get the status of endpoint ${text} (${EXCEEDED})\n`)
      continue
    }
    const size = databaseBytes(member.revision)
    const used = databaseBytes(Math.min(member.revision, etcd.store.etcd.size))
    rows.push([
      text,
      member.id,
      VERSION,
      STORAGE_VERSION,
      printSize(size),
      printSize(used),
      `${100 - Math.floor((used * 100) / size)}%`,
      printSize(QUOTA_BYTES),
      String(member.isLeader),
      String(member.isLearner),
      String(member.term),
      String(member.index),
      String(member.appliedIndex),
      member.leader === undefined ? 'etcdserver: no leader' : '',
      '',
      'false',
    ])
  }
  say(
    call,
    [
      'endpoint',
      'ID',
      'version',
      'storage version',
      'db size',
      'in use',
      'percentage not in use',
      'quota',
      'is leader',
      'is learner',
      'raft term',
      'raft index',
      'raft applied index',
      'errors',
      'downgrade target version',
      'downgrade enabled',
    ],
    rows,
  )
  return rows.length < endpoints.length ? 1 : 0
}

/** Each is asked at the same time, by a read that a majority has to confirm. */
function* endpointHealth(call: Call): Run {
  const { endpoints, process, etcd } = call
  const healths = endpoints.map(({ text, member }) => ({
    text,
    isHealthy: member !== undefined && etcd.members.isServingAt(member.name),
  }))
  const isAll = healths.every(({ isHealthy }) => isHealthy)
  yield* waitFor(process.sleep(isAll ? AGREED_MS : COMMAND_TIMEOUT_MS))
  const tookOf = (isHealthy: boolean): string => {
    const ms = isHealthy ? AGREED_MS + process.random() * 3 : COMMAND_TIMEOUT_MS + process.random()
    return ms < 1000 ? `${ms.toFixed(6)}ms` : `${(ms / 1000).toFixed(9)}s`
  }
  const rows = healths.map(({ text, isHealthy }) => [
    text,
    String(isHealthy),
    tookOf(isHealthy),
    isHealthy ? '' : EXCEEDED,
  ])
  if (isTable(call)) say(call, ['endpoint', 'health', 'took', 'error'], rows)
  else
    for (const [text, health, took, error] of rows)
      if (health === 'true')
        process.stdout.write(`${text} is healthy: successfully committed proposal: took = ${took}\n`)
      else process.stderr.write(`${text} is unhealthy: failed to commit proposal: ${error}\n`)
  if (!isAll) throw new Failure('unhealthy cluster')
  return 0
}

/** There is none: nobody fills the quota here. */
function* alarms(call: Call): Run {
  answering(call, true)
  yield* waitFor(call.process.sleep(AGREED_MS))
  return 0
}

function* moveLeader(call: Call): Run {
  const { args, endpoints, etcd, process } = call
  const [target] = args
  if (target === undefined || args.length > 1) throw new Failure('move-leader command needs 1 argument', 0, 128)
  if (!/^[0-9a-f]{1,16}$/.test(target))
    throw new Failure(`strconv.ParseUint: parsing "${target}": invalid syntax`, 0, 128)
  const leader = endpoints.find(({ member }) => member?.isLeader)?.member
  if (!leader)
    throw new Failure(`no leader endpoint given at [${endpoints.map(({ text }) => text).join(' ')}]`, ANSWER_MS, 128)
  const error = etcd.members.transfer(leader.name, target)
  if (error !== undefined) throw new Failure(error, ANSWER_MS)
  yield* waitFor(process.sleep(AGREED_MS * 5))
  process.stdout.write(`Leadership transferred from ${leader.id} to ${target}\n`)
  return 0
}

// ---------- snapshots ----------

/** Asks one member alone, which gives what it has, with or without a majority. */
function* saveSnapshot(call: Call): Run {
  const { args, endpoints, etcd, process } = call
  const [file] = args
  if (file === undefined) throw new Failure('snapshot save expects one argument', 0, 128)
  if (endpoints.length > 1)
    throw new Failure(
      `snapshot must be requested to one selected node, not multiple [${endpoints.map(({ text }) => text).join(' ')}]`,
      0,
      128,
    )
  const path = file.startsWith('/') ? file : `${process.cwd.replace(/\/$/, '')}/${file}`
  const folder = path.slice(0, path.lastIndexOf('/')) || '/'
  if (!process.files.exists(folder))
    throw new Failure(`could not open ${file}.part (open ${file}.part: no such file or directory)`)
  const log = (caller: string, msg: string, more: object): void =>
    process.stderr.write(
      `${JSON.stringify({ level: 'info', ts: new Date(process.nowEpochMs()).toISOString().replace('Z', '000Z'), caller, msg, ...more })}\n`,
    )
  const [{ text }] = endpoints
  log('snapshot/v3_snapshot.go:83', 'created temporary db file', { path: `${file}.part` })
  const { revision } = answering(call, false)
  log('snapshot/v3_snapshot.go:96', 'fetching snapshot', { endpoint: text })
  const content = snapshotText(etcd.store, revision)
  const size = printSize(databaseBytes(revision))
  const beganMs = process.nowEpochMs()
  yield* waitFor(process.sleep(20))
  const took = `${process.nowEpochMs() - beganMs}ms`
  log('snapshot/v3_snapshot.go:111', 'fetched snapshot', {
    endpoint: text,
    size,
    took,
    'etcd-version': STORAGE_VERSION,
  })
  process.files.write(path, content)
  log('snapshot/v3_snapshot.go:121', 'saved', { path: file })
  process.stdout.write(`Snapshot saved at ${file}\nServer version ${STORAGE_VERSION}\n`)
  return 0
}
