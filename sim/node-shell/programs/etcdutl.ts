/**
 * etcdutl: looks at a snapshot of etcd, makes the directory of a member of it, and defragments one. Simplified: revisions begin where the snapshot has them, whatever
 * --bump-revision says. Sources: etcd 3.6, etcdutl/snapshot, etcdutl/etcdutl/snapshot_command.go
 */

import { readSnapshot } from '../../apiserver/etcd-snapshot.ts'
import type { Run } from '../../images/programs/support.ts'
import { type Process, waitFor } from '../../runtime/process.ts'
import { type FlagNames, type FlagStyle, pflagStyle, readFlags } from '../../text/go-flags.ts'
import { printSize, printTable } from '../etcd-table.ts'
import type { NodeMachine, NodeProgram } from '../machine.ts'

/** Of snapshots; how the file is looked at, and whom the member is to be, makes no difference here. */
const known: FlagNames = {
  text: [
    'data-dir',
    'initial-advertise-peer-urls',
    'initial-cluster',
    'initial-cluster-token',
    'name',
    'wal-dir',
    'write-out',
    'w',
  ],
  int: ['bump-revision', 'initial-memory-map-size'],
  bool: ['help', 'mark-compacted', 'skip-hash-check'],
}
const style: FlagStyle = { ...pflagStyle, shorthands: new Set(['h', 'w']) }
/** After so many it says for what it waits. */
const LOCK_POLLS = 2
const LOCK_POLL_MS = 500
/** Of wrong arguments. Source: etcd pkg/cobrautl, ExitBadArgs */
const BAD_ARGUMENTS = 128

export const etcdutl: NodeProgram = {
  path: '/usr/local/bin/etcdutl',
  make: (machine) =>
    function* (process) {
      const read = readFlags(process.argv.slice(1), known, style)
      if ('error' in read) return fail(process, read.error)
      const { flags, positional } = read
      const isTable = (flags.get('write-out') ?? flags.get('w')) === 'table'
      const [group, act, ...files] = flags.has('help') ? [] : positional
      const [file] = files
      if (group === 'version') {
        process.stdout.write('etcdutl version: 3.6.8\nAPI version: 3.6\n')
        return 0
      }
      if (group === 'defrag') return yield* defragment(process, machine, flags.get('data-dir'))
      if (group !== 'snapshot' || (act !== 'status' && act !== 'restore')) {
        process.stderr.write(
          'Error: podium has of etcdutl: snapshot status FILE, snapshot restore FILE --data-dir DIR, defrag --data-dir DIR, version\n',
        )
        return 1
      }
      const dataDir = flags.get('data-dir')
      if (act === 'restore' && dataDir === undefined) return fail(process, 'required flag(s) "data-dir" not set')
      if (file === undefined || files.length > 1)
        return fail(process, `snapshot ${act} requires exactly one argument`, BAD_ARGUMENTS)
      const isMarked = /^(1|t)/i.test(flags.get('mark-compacted') ?? '')
      if (act === 'restore' && isMarked !== Number(flags.get('bump-revision') ?? 0) > 0)
        return fail(process, '--mark-compacted required if --revision-bump > 0', BAD_ARGUMENTS)
      const path = absolute(process, file)
      if (!process.files.exists(path)) return fail(process, `stat ${file}: no such file or directory`)
      const text = process.files.read(path)
      const snapshot = readSnapshot(text)
      if (!snapshot) return fail(process, 'snapshot file integrity check failed: not a snapshot of etcd')
      if (act === 'restore') return restore(process, dataDir || 'default.etcd', text)
      const { hash, revision, totalKeys, totalSizeBytes } = snapshot
      const row = [hash, String(revision), String(totalKeys), printSize(totalSizeBytes), '3.6.0']
      const titles = ['hash', 'revision', 'total keys', 'total size', 'version']
      process.stdout.write(isTable ? printTable(titles, [row]) : `${row.join(', ')}\n`)
      return 0
    },
}

/** What etcd begins with that is started from the directory: see `sim/components/etcd.ts`. */
function restore(process: Process, dataDir: string, text: string): number {
  const base = absolute(process, dataDir)
  if (process.files.exists(base) && process.files.list(base).length > 0)
    return fail(process, `data-dir "${dataDir}" not empty or could not be read`)
  for (const folder of ['member/snap', 'member/wal']) process.files.mkdir(`${base}/${folder}`, { parents: true })
  process.files.write(`${base}/member/snap/db`, text)
  const told = { 'data-dir': dataDir, 'wal-dir': `${dataDir}/member/wal`, 'snap-dir': `${dataDir}/member/snap` }
  for (const msg of ['restoring snapshot', 'restored snapshot']) tell(process, 'snapshot/v3_snapshot.go', msg, told)
  return 0
}

/** A line of its log. */
function tell(process: Process, caller: string, msg: string, values: object): void {
  const ts = new Date(process.nowEpochMs()).toISOString()
  process.stderr.write(`${ts}\tinfo\t${caller}\t${msg}\t${JSON.stringify(values)}\n`)
}

const absolute = (process: Process, path: string): string =>
  path.startsWith('/') ? path : `${process.cwd.replace(/\/$/, '')}/${path}`

/**
 * Gives back what compaction freed, of a directory that nobody has: waits until it is let go. A member that runs has no file there
 * (`sim/components/etcd.ts`). Source: etcdutl/etcdutl/defrag_command.go, server/storage/backend/backend.go
 */
function* defragment(process: Process, machine: NodeMachine, dataDir: string | undefined): Run {
  if (dataDir === undefined) return fail(process, 'required flag(s) "data-dir" not set')
  const file = `${dataDir.replace(/\/$/, '')}/member/snap/db`
  const path = absolute(process, file)
  const isMember = (): boolean => process.files.exists(path.replace(/\/db$/, ''))
  for (let polls = 0; !process.files.exists(path); polls++) {
    if (!isMember() || !isRunning(machine))
      return fail(process, `failed to defragment etcd data[${dataDir}] (stat ${file}: no such file or directory)`)
    if (polls === LOCK_POLLS)
      process.stderr.write(
        `waiting for etcd to close and release its lock on ${JSON.stringify(file)}. To defrag a running etcd instance, use \`etcdctl defrag\` instead.\n`,
      )
    yield* waitFor(process.sleep(LOCK_POLL_MS))
  }
  const snapshot = readSnapshot(process.files.read(path))
  const { etcd, shape } = machine
  const sizes = () => {
    const space = etcd?.store.space
    const size = snapshot?.totalSizeBytes ?? space?.sizeOf(shape.name) ?? 0
    return { size, inUse: snapshot?.totalSizeBytes ?? space?.inUseBytes ?? 0 }
  }
  const told = ({ size, inUse }: ReturnType<typeof sizes>, old?: ReturnType<typeof sizes>) => ({
    path: file,
    ...(old && { 'current-db-size-bytes-diff': size - old.size }),
    'current-db-size-bytes': size,
    'current-db-size': printSize(size),
    ...(old && { 'current-db-size-in-use-bytes-diff': inUse - old.inUse }),
    'current-db-size-in-use-bytes': inUse,
    'current-db-size-in-use': printSize(inUse),
  })
  const before = sizes()
  tell(process, 'backend/backend.go', 'defragmenting', told(before))
  const ms = 10 + process.random() * 20
  yield* waitFor(process.sleep(ms))
  if (etcd && !snapshot)
    etcd.store.space.defragment(
      shape.name,
      etcd.members.status().map(({ name }) => name),
    )
  tell(process, 'backend/backend.go', 'finished defragmenting directory', {
    ...told(sizes(), before),
    took: `${ms.toFixed(6)}ms`,
  })
  return 0
}

/** Whether this node's member has its data. */
const isRunning = ({ etcd, controlPlane }: NodeMachine): boolean =>
  controlPlane ? controlPlane.etcd.tls !== undefined : etcd !== undefined

function fail(process: Process, message: string, code = 1): number {
  process.stderr.write(`Error: ${message}\n`)
  return code
}
