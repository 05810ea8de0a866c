/** get, put, del, watch and compaction. Sources: etcdctl/ctlv3/command; its printers */
import { keyOfChange } from '../../../apiserver/etcd-keys.ts'
import { type Change, CompactedError } from '../../../etcd/etcd.ts'
import { type Wait, waitFor } from '../../../runtime/process.ts'
import { goQuote } from '../../../text/go-quote.ts'
import { AGREED_MS, ANSWER_MS, answering, type Call, exit, Failure, type Run, refuseArgs } from './call.ts'
import { checkOperations, isIn, keyValueOf, perform, rangeOf, readDelete, readGet, readPut } from './operations.ts'
import { tellOutcome } from './outcomes.ts'
import {
  fieldsOf,
  type Header,
  headerFields,
  headerOf,
  jsonOf,
  sayFields,
  sayJson,
  simpleOf,
  unsupported,
} from './output.ts'

export function* get(call: Call): Run {
  const { etcd, flags, args, process, output } = call
  const operation = readGet(flags, args)
  const member = answering(call, !operation.isSerializable)
  yield* waitFor(process.sleep(operation.isSerializable ? ANSWER_MS : AGREED_MS))
  // Who is asked alone tells what it knows itself.
  const revision = operation.isSerializable ? member.revision : etcd.store.etcd.revision
  const outcome = perform(etcd.store, operation, revision)
  if (operation.countOnly && output !== 'fields') refuseArgs('--count-only is only for `--write-out=fields`')
  if (flags.has('print-value-only') && output !== 'simple')
    refuseArgs('print-value-only is only for `--write-out=simple`')
  tellOutcome(call, headerOf(call, member, revision), outcome)
  return 0
}

export function* put(call: Call): Run {
  const { etcd, flags, args, process } = call
  const isRead = args.length === 1 && !flags.has('ignore-value')
  const operation = readPut(flags, args, isRead ? yield* waitFor(process.stdin.readAll()) : '')
  return yield* write(call, () => {
    checkOperations(etcd, [operation])
    return operation
  })
}

export function* del(call: Call): Run {
  const { flags, args, process } = call
  const operation = readDelete(flags, args)
  if (operation.range.kind === 'range' && !flags.has('range')) {
    const [from, to] = args.map(goQuote)
    process.stderr.write(
      `Warning: Keys between ${from} and ${to} will be deleted. Please interrupt the command within next 2 seconds to cancel. You can provide \`--range\` flag to avoid the delay.\n`,
    )
    yield* waitFor(process.sleep(2000))
  }
  return yield* write(call, () => operation)
}

function* write(call: Call, make: () => Parameters<typeof perform>[1]): Run {
  const { store } = call.etcd
  const member = answering(call, true)
  const outcome = perform(store, make(), store.etcd.revision)
  const { revision } = store.etcd
  yield* waitFor(call.process.sleep(AGREED_MS))
  tellOutcome(call, headerOf(call, member, revision), outcome)
  return 0
}

// ---------- watches ----------

/** Tells of each change, until it is interrupted. */
export function* watch(call: Call): Run {
  const { etcd, flags, args, process } = call
  if (args.length === 0) refuseArgs('bad number of arguments')
  const range = rangeOf(flags, args)
  const { store } = etcd
  const member = answering(call, true)
  yield* waitFor(process.sleep(ANSWER_MS))
  const from = Number(flags.get('rev') ?? 0)
  let seen = from > 0 ? from - 1 : store.etcd.revision
  if (seen < store.oldestRevision - 1 && from > 0) {
    process.stderr.write(`watch was canceled (${new CompactedError(store.oldestRevision).message})\n`)
    throw new Failure('watch is canceled by the server', { code: exit.interrupted })
  }
  for (;;) {
    const changes = store.etcd.changesAfter(Math.min(seen, store.etcd.revision))
    for (const change of changes) {
      if (change.revision <= seen) continue
      seen = change.revision
      if (isIn(range, keyOfChange(change).text)) tellChange(call, headerOf(call, member, change.revision), change)
    }
    yield* waitFor(nextChange(call))
  }
}

function nextChange({ etcd }: Call): Wait<void> {
  return {
    start(resume) {
      let isOver = false
      const leave = etcd.store.onNextChange(() => {
        if (!isOver) resume()
      })
      return () => {
        isOver = true
        leave()
      }
    },
  }
}

function tellChange(call: Call, header: Header, change: Change): void {
  const { etcd, flags, output, process } = call
  const key = keyOfChange(change)
  const isDeleted = change.type === 'DELETED'
  const { revision } = change
  const gone = { key: key.text, value: '', createRevision: 0, modRevision: revision, version: 0, lease: 0n }
  const kv = isDeleted ? gone : keyValueOf(etcd.store, key, revision)
  const isTold = flags.has('prev-kv') && change.previous !== undefined
  const former = isTold ? keyValueOf(etcd.store, { ...key, value: change.previous! }, revision - 1) : undefined
  const type = isDeleted ? 'DELETE' : 'PUT'
  if (output === 'table') unsupported(call)
  else if (output === 'json')
    sayJson(call, {
      Header: header,
      Events: [{ ...(isDeleted ? { type: 1 } : {}), kv: jsonOf(kv), ...(former ? { prev_kv: jsonOf(former) } : {}) }],
      ...{ CompactRevision: 0, Canceled: false, Created: false },
    })
  else if (output === 'fields')
    sayFields(call, [
      ...headerFields(header),
      ['Type', type],
      ...(former ? fieldsOf(former, 'Prev') : []),
      ...fieldsOf(kv),
    ])
  else process.stdout.write(`${type}\n${former ? simpleOf(former) : ''}${simpleOf(kv)}`)
}

// ---------- the past ----------

export function* compaction(call: Call): Run {
  const { etcd, args, process } = call
  const [text] = args
  if (args.length !== 1) refuseArgs('compaction command needs 1 argument')
  if (!/^[+-]?\d+$/.test(text)) throw new Failure(`strconv.ParseInt: parsing ${goQuote(text)}: invalid syntax`)
  answering(call, true)
  yield* waitFor(process.sleep(AGREED_MS))
  const revision = Number(text)
  if (revision > etcd.store.etcd.revision) throw new Failure('etcdserver: mvcc: required revision is a future revision')
  if (revision <= etcd.store.oldestRevision) throw new Failure(new CompactedError(revision).message)
  etcd.store.compact(revision)
  process.stdout.write(`compacted revision ${revision}\n`)
  return 0
}
