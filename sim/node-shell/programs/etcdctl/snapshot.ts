/** snapshot save. Source: etcdctl/ctlv3/command/snapshot_command.go; client/v3/snapshot */

import { snapshotText } from '../../../apiserver/etcd-snapshot.ts'
import { waitFor } from '../../../runtime/process.ts'
import { printSize } from '../../etcd-table.ts'
import { answering, type Call, Failure, type Run, refuseArgs } from './call.ts'
import { STORAGE_VERSION } from './versions.ts'

/** Asks one member alone, which gives what it has, with or without a majority. */
export function* saveSnapshot(call: Call): Run {
  const { args, endpoints, etcd, process } = call
  const [file] = args
  if (file === undefined) return refuseArgs('snapshot save expects one argument')
  if (endpoints.length > 1)
    return refuseArgs(
      `snapshot must be requested to one selected node, not multiple [${endpoints.map(({ text }) => text).join(' ')}]`,
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
  const { name, revision } = answering(call, false)
  log('snapshot/v3_snapshot.go:96', 'fetching snapshot', { endpoint: text })
  const bytes = etcd.store.space.sizeOf(name)
  const content = snapshotText(etcd.store, revision, bytes)
  const size = printSize(bytes)
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
