/** etcdutl: looks at a snapshot of etcd, and makes the directory of a member of it. Source: etcd 3.6, etcdutl/snapshot */

import { readSnapshot } from '../../apiserver/etcd-snapshot.ts'
import type { Process } from '../../runtime/process.ts'
import { printSize, printTable } from '../etcd-table.ts'
import type { NodeProgram } from '../machine.ts'

export const etcdutl: NodeProgram = {
  path: '/usr/local/bin/etcdutl',
  make: () =>
    function* (process) {
      yield* []
      const words = process.argv.slice(1)
      const isTable = /(?:-w|--write-out)[= ]table/.test(words.join(' '))
      const dataDir = /--data-dir[= ](\S+)/.exec(words.join(' '))?.[1] ?? 'default.etcd'
      const [group, act, file] = words.filter(
        (word, i) => !word.startsWith('-') && !/^(?:-w|--[a-z-]+)$/.test(words[i - 1] ?? ''),
      )
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
      if (!file) return fail(process, `snapshot ${act} requires exactly one argument`, 128)
      const path = file.startsWith('/') ? file : `${process.cwd.replace(/\/$/, '')}/${file}`
      if (!process.files.exists(path)) return fail(process, `stat ${file}: no such file or directory`)
      const text = process.files.read(path)
      const snapshot = readSnapshot(text)
      if (!snapshot) return fail(process, 'snapshot file integrity check failed: not a snapshot of etcd')
      if (act === 'restore') return restore(process, dataDir, text)
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
