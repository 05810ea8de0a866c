/**
 * etcdctl: what etcd says of itself to who comes to its node with its certificates. Simplified: a put makes a key beside those of the
 * API server, whose objects can be read and deleted; values are JSON. Source: etcd 3.6, etcdctl/ctlv3/command
 */

import { StatusError } from '../../../api/meta/status-error.ts'
import { CompactedError } from '../../../etcd/etcd.ts'
import { isOwnRefusal } from '../../../etcd/space.ts'
import { type Process, waitFor } from '../../../runtime/process.ts'
import type { NodeMachine, NodeProgram } from '../../machine.ts'
import { ANSWER_MS, type Call, COMMAND_TIMEOUT_MS, EXCEEDED, exit, Failure, type Output, type Run } from './call.ts'
import { readFlags } from './flags.ts'
import { compaction, del, get, put, watch } from './keys.ts'
import { grant, keepAlive, list, revoke, timeToLive } from './leases.ts'
import {
  alarmDisarm,
  alarmList,
  defrag,
  endpointHashKv,
  endpointHealth,
  endpointStatus,
  moveLeader,
} from './members.ts'
import { clientUrls, memberAdd, memberList, memberPromote, memberRemove, memberUpdate } from './membership.ts'
import { saveSnapshot } from './snapshot.ts'
import { txn } from './txn.ts'
import { VERSION } from './versions.ts'

const commands: Readonly<Record<string, (call: Call) => Run>> = {
  ...{ get, put, del, txn, watch, compaction, defrag },
  'lease grant': grant,
  'lease revoke': revoke,
  'lease timetolive': timeToLive,
  'lease list': list,
  'lease keep-alive': keepAlive,
  'member add': memberAdd,
  'member list': memberList,
  'member promote': memberPromote,
  'member remove': memberRemove,
  'member update': memberUpdate,
  'endpoint status': endpointStatus,
  'endpoint health': endpointHealth,
  'endpoint hashkv': endpointHashKv,
  'alarm list': alarmList,
  'alarm disarm': alarmDisarm,
  'move-leader': moveLeader,
  'snapshot save': saveSnapshot,
}

const outputs: readonly Output[] = ['simple', 'fields', 'json', 'table']

export const etcdctl: NodeProgram = {
  path: '/usr/local/bin/etcdctl',
  make: (machine) =>
    function* (process) {
      const { etcd } = machine
      if (!etcd) return 127
      try {
        const { flags, args } = readFlags(process.argv.slice(1), process.env)
        const [group, act] = namesOf(args)
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
        const given = endpointsOf(machine, etcd, (flags.get('endpoints') ?? '127.0.0.1:2379').split(','))
        checkCertificates(process, flags)
        // The list of members is what one that was named makes sure of.
        if (flags.has('cluster') && !given.some(({ member }) => member && etcd.members.isServingAt(member.name)))
          throw new Failure(`failed to fetch endpoints from etcd cluster member list: ${EXCEEDED}`, {
            afterMs: COMMAND_TIMEOUT_MS,
          })
        const endpoints = flags.has('cluster')
          ? endpointsOf(machine, etcd, etcd.members.list().flatMap(clientUrls))
          : given
        const rest = args.slice(own ? 2 : 1)
        return yield* commands[name]({ machine, etcd, process, flags, args: rest, output: outputOf(flags), endpoints })
      } catch (error) {
        const failure = failureOf(error)
        yield* waitFor(process.sleep(failure.afterMs))
        process.stderr.write(`Error: ${failure.message}\n`)
        return failure.code
      }
    },
}

/** Commands of etcdctl that podium has not: what is short for one of them is short for no other. */
const others = ['auth', 'check', 'completion', 'downgrade', 'elect', 'help', 'lock', 'make-mirror', 'role', 'user']

/** What its first words stand for: the beginning of a command, where it is of no other one. Source: etcdctl/main.go (EnablePrefixMatching) */
function namesOf([group = '', act = '']: readonly string[]): readonly [string, string] {
  const completed = (word: string, known: readonly string[]): string => {
    const found = known.filter((name) => name.startsWith(word))
    return known.includes(word) || found.length !== 1 || word === '' ? word : found[0]
  }
  const names = Object.keys(commands).map((name) => name.split(' '))
  const name = completed(group, [...new Set([...names.map(([first]) => first), 'version', ...others])])
  return [
    name,
    completed(
      act,
      names.flatMap(([first, second]) => (first === name && second ? [second] : [])),
    ),
  ]
}

function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error
  if (error instanceof StatusError)
    return isOwnRefusal(error.message)
      ? new Failure(error.message, { afterMs: ANSWER_MS })
      : new Failure(EXCEEDED, { afterMs: COMMAND_TIMEOUT_MS })
  if (error instanceof CompactedError) return new Failure(error.message)
  throw error
}

/** The API server's certificates of etcd, or etcd's own: it takes no client without. */
function checkCertificates(process: Process, flags: ReadonlyMap<string, string>): void {
  const given = ['cacert', 'cert', 'key'].map((name) => flags.get(name))
  for (const path of given)
    if (path !== undefined && !process.files.exists(path)) throw new Failure(`open ${path}: no such file or directory`)
  if (given.some((path) => path === undefined)) throw new Failure(EXCEEDED, { afterMs: COMMAND_TIMEOUT_MS })
}

function endpointsOf({ shape }: NodeMachine, { members }: Call['etcd'], named: readonly string[]): Call['endpoints'] {
  const status = members.status()
  return named.map((text) => {
    const [, host, port = '2379'] = /^(?:https?:\/\/)?([^:/]+)(?::(\d+))?\/?$/.exec(text) ?? []
    const isHere = host === '127.0.0.1' || host === 'localhost'
    const found = status.find(({ name, ip }) => (isHere ? name === shape.name : ip === host || name === host))
    const isThere = found && port === '2379' && members.isConnected(shape.name, found.name)
    return { text, member: isThere ? found : undefined }
  })
}

function outputOf(flags: ReadonlyMap<string, string>): Output {
  const text = flags.get('write-out') ?? flags.get('w') ?? 'simple'
  const output = outputs.find((known) => known === text)
  if (!output) throw new Failure('unsupported output format', { code: exit.badFeature })
  return output
}
