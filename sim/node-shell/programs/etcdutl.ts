/**
 * etcdutl: looks at a snapshot of etcd, and makes the directory of a member of it. Simplified: revisions begin where the snapshot has them, whatever
 * --bump-revision says. Sources: etcd 3.6, etcdutl/snapshot, etcdutl/etcdutl/snapshot_command.go
 */

import { readSnapshot } from '../../apiserver/etcd-snapshot.ts'
import type { Process } from '../../runtime/process.ts'
import { type FlagNames, type FlagStyle, pflagStyle, readFlags } from '../../text/go-flags.ts'
import { printSize, printTable } from '../etcd-table.ts'
import type { NodeProgram } from '../machine.ts'

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
/** Of wrong arguments. Source: etcd pkg/cobrautl, ExitBadArgs */
const BAD_ARGUMENTS = 128

export const etcdutl: NodeProgram = {
  path: '/usr/local/bin/etcdutl',
  make: () =>
    function* (process) {
      yield* []
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
      if (group !== 'snapshot' || (act !== 'status' && act !== 'restore')) {
        process.stderr.write(
          'Error: podium has of etcdutl: snapshot status FILE, snapshot restore FILE --data-dir DIR, version\n',
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
      const path = file.startsWith('/') ? file : `${process.cwd.replace(/\/$/, '')}/${file}`
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
  const base = dataDir.startsWith('/') ? dataDir : `${process.cwd.replace(/\/$/, '')}/${dataDir}`
  if (process.files.exists(base) && process.files.list(base).length > 0)
    return fail(process, `data-dir "${dataDir}" not empty or could not be read`)
  for (const folder of ['member/snap', 'member/wal']) process.files.mkdir(`${base}/${folder}`, { parents: true })
  process.files.write(`${base}/member/snap/db`, text)
  const ts = new Date(process.nowEpochMs()).toISOString()
  const told = { 'data-dir': dataDir, 'wal-dir': `${dataDir}/member/wal`, 'snap-dir': `${dataDir}/member/snap` }
  for (const msg of ['restoring snapshot', 'restored snapshot'])
    process.stderr.write(`${ts}\tinfo\tsnapshot/v3_snapshot.go\t${msg}\t${JSON.stringify(told)}\n`)
  return 0
}

function fail(process: Process, message: string, code = 1): number {
  process.stderr.write(`Error: ${message}\n`)
  return code
}
