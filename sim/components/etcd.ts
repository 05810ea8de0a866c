/**
 * etcd as a program on a control-plane node: the member there lives as long as the process. Who its members are it has from its data, so that
 * --name and --initial-cluster say something to it only where there is none: then it joins those that are there, if it was added to them.
 * Simplified: of its other flags, only those that name files and addresses do something; a new cluster without data is refused, where the
 * real one would begin an empty one. Sources: etcd v3.6 server/etcdmain/etcd.go, server/embed/{config,etcd}.go, server/etcdserver/{bootstrap,server}.go
 */

import { readSnapshot } from '../apiserver/etcd-snapshot.ts'
import type { Joining } from '../etcd/members.ts'
import { stamp } from '../images/programs/daemon.ts'
import type { Run } from '../images/programs/support.ts'
import { isLoopback } from '../images/programs/web-server.ts'
import { ETCD_PORTS, ETCD_VERSION } from '../kubeadm/places.ts'
import type { PortServer } from '../network/types.ts'
import { keyPairProblem } from '../pki/key-pair.ts'
import { clientDistrustOf } from '../pki/x509.ts'
import { FileError } from '../runtime/files.ts'
import type { Process, Program } from '../runtime/process.ts'
import { waitFor } from '../runtime/process.ts'
import { goFlagStyle, readFlags } from '../text/go-flags.ts'
import {
  CommandFailed,
  type ControlPlaneHost,
  type EtcdTls,
  type Flags,
  goReason,
  holding,
  isTrue,
  listOf,
  openFlag,
  partsOf,
  untilEnd,
} from './component.ts'
import { etcdAnswer, versionAnswer } from './etcd-pages.ts'
import { knownFlags } from './known-flags.ts'

const MEMORY_BYTES = 45 * 1024 * 1024
const START_CPU_MS = 500
const ELECTION_POLL_MS = 100
const LOCK_POLL_MS = 10_000
/** With which Go ends a program that panics. */
const GO_PANIC = 2

export const etcdMember =
  (host: ControlPlaneHost): Program =>
  (process) =>
    run(process, host)

function* run(process: Process, host: ControlPlaneHost): Run {
  const read = readFlags(process.argv.slice(1), knownFlags.etcd, goFlagStyle)
  if ('error' in read) {
    process.stderr.write(`${read.error}\nUsage:\n\n  etcd [flags]\n`)
    return 2
  }
  const { flags, positional } = read
  const say = zap(process)
  say('info', 'etcdmain/etcd.go:64', 'Running: ', { args: process.argv })
  if (positional.length > 0) {
    say('warn', 'etcdmain/etcd.go:66', 'failed to verify flags', { error: `'${positional[0]}' is not a valid flag` })
    return 1
  }
  process.useMemory(MEMORY_BYTES)
  let closers: readonly (() => void)[] = []
  let data: Data
  let tls: EtcdTls | undefined
  let joining: Joining | undefined
  let lostIndex: number | undefined
  try {
    say('info', 'embed/etcd.go:138', 'configuring peer listeners', {
      'listen-peer-urls': listOf(flags.get('listen-peer-urls')),
    })
    for (const flag of ['peer-cert-file', 'peer-key-file', 'peer-trusted-ca-file']) openFlag(process, flags, flag)
    const found = readData(process, flags, host)
    data = found ?? { file: databaseIn(flags), revision: undefined }
    if (!found) ({ joining, lostIndex } = invitation(flags, host))
    closers = listen(process, flags, host, () => tls)
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    say('warn', 'etcdmain/etcd.go:135', 'failed to start etcd', { error: error.message })
    say('fatal', 'etcdmain/etcd.go:183', 'discovery failed', { error: error.message })
    return 1
  }
  try {
    tls = readTls(process, flags)
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    for (const close of closers) close()
    say('fatal', 'etcdmain/etcd.go:198', 'listener failed', { error: error.message })
    return 1
  }
  yield* waitFor(process.cpu(START_CPU_MS))
  say('info', 'embed/etcd.go:310', 'starting an etcd server', { 'etcd-version': ETCD_VERSION, name: host.name })
  const { etcd } = host
  if (lostIndex !== undefined) {
    yield* waitFor(process.sleep(ELECTION_POLL_MS))
    for (const close of closers) close()
    const msg = `tocommit(${lostIndex}) is out of range [lastIndex(0)]. Was the raft log corrupted, truncated, or lost?`
    say('panic', 'etcdserver/zap_raft.go:101', msg, {})
    process.stderr.write(`panic: ${msg}\n`)
    return GO_PANIC
  }
  let isRemoved = false
  let end: (exitCode: number) => void = () => undefined
  const onRemoved = (): void => {
    isRemoved = true
    end(0)
  }
  const quotaBytes = Number(flags.get('quota-backend-bytes') ?? 0)
  for (let waited = false; !etcd.start({ tls, quotaBytes, joining, onRemoved }); waited = true) {
    if (waited)
      say('warn', 'etcdserver/backend.go:106', 'db file is flocked by another process, or taking too long', {
        path: data.file,
        took: '10.000s',
      })
    yield* waitFor(process.sleep(LOCK_POLL_MS))
  }
  process.useCpu(20)
  if (data.revision !== undefined) {
    while (!etcd.isServing()) yield* waitFor(holding(process.sleep(ELECTION_POLL_MS), () => etcd.stop()))
    try {
      etcd.restore(data.revision)
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error
      etcd.stop()
      say('fatal', 'etcdmain/etcd.go:183', 'discovery failed', { error: error.message })
      return 1
    }
    say('info', 'snapshot/v3_snapshot.go:265', 'restored snapshot', { revision: data.revision })
  }
  const ifPossible = (act: () => void): void => {
    try {
      act()
    } catch (error) {
      // Whoever took the folder away, or filled the disk, has lost what was in it.
      if (!(error instanceof FileError)) throw error
    }
  }
  const stop = (): void => {
    etcd.stop()
    ifPossible(() => process.files.write(data.file, leaving(etcd.revision())))
  }
  ifPossible(() => process.files.exists(data.file) && process.files.remove(data.file))
  say('info', 'embed/serve.go:275', 'serving client traffic securely', {
    traffic: 'grpc+http',
    address: listOf(flags.get('listen-client-urls'))[0]?.replace(/^\w+:\/\//, '') ?? '',
  })
  if (joining)
    for (const name of ['wal', 'snap'])
      ifPossible(() => process.files.mkdir(`${folderOf(flags)}/member/${name}`, { parents: true }))
  const begin = (over: (exitCode: number) => void): void => {
    end = over
    if (isRemoved) over(0)
  }
  const exitCode = yield* untilEnd(process, begin, stop)
  for (const close of closers) close()
  if (isRemoved) {
    const error = 'the member has been permanently removed from the cluster'
    say('warn', 'etcdserver/server.go:860', 'server error', { error })
    say('warn', 'etcdserver/server.go:861', 'data-dir used by this member must be removed', {})
  } else say('info', 'osutil/interrupt_unix.go:65', 'received signal; shutting down', { signal: 'terminated' })
  return exitCode
}

/** @throws CommandFailed Source: etcd client/pkg/transport, TLSInfo.ServerConfig: either flag has clients asked for a certificate */
function readTls(process: Process, flags: Flags): EtcdTls {
  const read = (flag: string): string => openFlag(process, flags, flag)
  const [certificate, key, authorities] = [read('cert-file'), read('key-file'), read('trusted-ca-file')]
  const asksForOne = Boolean(flags.get('trusted-ca-file')) || isTrue(flags.get('client-cert-auth'))
  const problem = certificate || key ? keyPairProblem(certificate, key) : undefined
  if (problem !== undefined) throw new CommandFailed(problem)
  return { certificate: () => read('cert-file'), clientAuthorities: asksForOne ? authorities : undefined }
}

type Level = 'info' | 'warn' | 'fatal' | 'panic'

const zap =
  (process: Process) =>
  (level: Level, caller: string, msg: string, values: object): void => {
    const ts = stamp(process, '%Y-%m-%dT%H:%M:%S.%L000Z')
    process.stderr.write(`${JSON.stringify({ level, ts, caller, msg, ...values })}\n`)
  }

/** @throws CommandFailed Source: etcd client/pkg/fileutil, IsDirWriteable */
function checkWritable(process: Process, folder: string): void {
  const path = `${folder}/.touch`
  try {
    process.files.write(path, '')
    process.files.remove(path)
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    throw new CommandFailed(`cannot access data directory: open ${path}: ${goReason(error)}`)
  }
}

/** What this member finds in its folder. */
interface Data {
  /** Beside the write-ahead log: what it is a copy of while nobody runs on it. */
  readonly file: string
  /** What everything has to be again; undefined where it is that already. */
  readonly revision: number | undefined
}

const folderOf = (flags: Flags): string => flags.get('data-dir') ?? `${flags.get('name') ?? 'default'}.etcd`
const databaseIn = (flags: Flags): string => `${folderOf(flags)}/member/snap/db`

/** @returns undefined where there is nothing of a member @throws CommandFailed where that cannot be told */
function readData(process: Process, flags: Flags, host: ControlPlaneHost): Data | undefined {
  const folder = folderOf(flags)
  const file = databaseIn(flags)
  try {
    if (!process.files.exists(`${folder}/member/snap`)) return undefined
    if (process.files.stat(`${folder}/member/snap`).type !== 'directory') throw new FileError('ENOTDIR', '')
    checkWritable(process, folder)
    const text = process.files.exists(file) ? process.files.read(file) : ''
    const snapshot = readSnapshot(text)
    const { others } = host.etcd
    if (snapshot && others > 0)
      throw new CommandFailed(`podium: ${folder} was restored; that a member of several begins anew is not simulated`)
    // One of several catches up with the others, wherever it stopped.
    const leftAt = others > 0 ? undefined : leavingOf.exec(text)?.[1]
    const revision = snapshot?.revision ?? (leftAt === undefined ? undefined : Number(leftAt))
    return { file, revision: revision === host.etcd.revision() ? undefined : revision }
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    throw new CommandFailed(`podium: there is no data of ${host.name} in ${folder} that can be read`)
  }
}

/** As whom a member begins that has no data, or up to where it had some. @throws CommandFailed where it cannot begin */
function invitation(flags: Flags, { name: node, etcd }: ControlPlaneHost): { joining?: Joining; lostIndex?: number } {
  const name = flags.get('name') ?? 'default'
  if (flags.get('initial-cluster-state') !== 'existing') {
    const id = etcd.bootstrappedId()
    if (id !== undefined) throw new CommandFailed(`member ${id} has already been bootstrapped`)
    throw new CommandFailed(
      `podium: there is no data of ${node} in ${folderOf(flags)}: an etcd that begins anew with nothing is not simulated`,
    )
  }
  const told = etcd.invitation(name, flags.get('initial-cluster') ?? `${name}=http://localhost:2380`)
  if ('error' in told) throw new CommandFailed(told.error)
  return told
}

const leavingOf = /^podium etcd data of revision (\d+)\n$/
const leaving = (revision: number): string => `podium etcd data of revision ${revision}\n`

/** Where clients come: gRPC, and what is answered to HTTP. Simplified: no JSON in the place of gRPC. */
const clientServer = (
  process: Process,
  host: ControlPlaneHost,
  isTls: boolean,
  isLocal: boolean,
  tls: () => EtcdTls | undefined,
): PortServer => ({
  tls: isTls,
  isLocal,
  tcp: accept,
  grpcHealth: () => 'SERVING',
  get certificate() {
    return { pem: tls()?.certificate() ?? '' }
  },
  clientAlert(certificate) {
    const authorities = tls()?.clientAuthorities
    if (authorities === undefined) return undefined
    if (certificate === undefined) return 'certificate required'
    const why = clientDistrustOf(certificate, { authorities, nowEpochMs: process.nowEpochMs() })
    if (why === undefined) return undefined
    return why.includes('expired')
      ? 'certificate expired'
      : why.includes('unknown authority')
        ? 'unknown ca'
        : 'bad certificate'
  },
  http: (request, reply) => reply(versionAnswer(request) ?? etcdAnswer(request, host.etcd.figures)),
})

const accept = (_: string, reply: (output: string) => void): void => reply('')

/** @throws CommandFailed where an address is not this node's, or taken */
function listen(
  process: Process,
  flags: Flags,
  host: ControlPlaneHost,
  tls: () => EtcdTls | undefined,
): (() => void)[] {
  const closers: (() => void)[] = []
  const urls = ['listen-client-urls', 'listen-peer-urls', 'listen-metrics-urls'].flatMap((flag) =>
    listOf(flags.get(flag)).map((url) => ({ flag, ...partsOf(url) })),
  )
  const isOnlyLocal = (wanted: number): boolean => urls.every(({ name, port }) => port !== wanted || isLoopback(name))
  const opened = new Set<number>()
  for (const { flag, scheme, name, port } of urls) {
    const fail = (why: string): never => {
      for (const close of closers) close()
      throw new CommandFailed(`listen tcp ${name}:${port}: bind: ${why}`)
    }
    if (![host.ip, '127.0.0.1', '0.0.0.0', 'localhost'].includes(name)) fail('cannot assign requested address')
    if (opened.has(port)) continue
    opened.add(port)
    const isTls = scheme === 'https'
    const isLocal = isOnlyLocal(port)
    const server: PortServer =
      flag === 'listen-metrics-urls' || port === ETCD_PORTS.metrics
        ? { tls: isTls, isLocal, http: (request, reply) => reply(etcdAnswer(request, host.etcd.figures)) }
        : flag === 'listen-client-urls'
          ? clientServer(process, host, isTls, isLocal, tls)
          : { tls: isTls, isLocal, tcp: accept }
    const listening = process.network.listen(port, server)
    if ('error' in listening) fail(listening.error)
    else closers.push(listening.close)
  }
  return closers
}
