/** Reads and writes of keys: by themselves, or several in a transaction. Source: etcdctl/ctlv3/command/get_command.go, put_command.go, del_command.go */
import {
  type EtcdKey,
  leaseOf,
  putKey,
  rangeOfKeys,
  removeKey,
  valueText,
  versionOfKey,
} from '../../../apiserver/etcd-keys.ts'
import type { ObjectStore } from '../../../apiserver/object-store.ts'
import { CompactedError } from '../../../etcd/etcd.ts'
import { LEASE_NOT_FOUND } from '../../../etcd/leases.ts'
import { type Call, exit, Failure, refuseArgs } from './call.ts'
import type { KeyValue } from './output.ts'

type Flags = Call['flags']

/** The keys from `key` on: itself, up to `end`, or as the flags say. */
export interface Range {
  readonly key: string
  readonly end?: string
  readonly kind: 'one' | 'range' | 'prefix' | 'from-key'
}

export interface Get {
  readonly do: 'get'
  readonly range: Range
  readonly isSerializable: boolean
  readonly revision: number | undefined
  readonly limit: number
  readonly sort: ((a: KeyValue, b: KeyValue) => number) | undefined
  readonly keysOnly: boolean
  readonly countOnly: boolean
}

export interface Put {
  readonly do: 'put'
  readonly key: string
  /** Undefined keeps the one that is there. */
  readonly value: string | undefined
  /** Undefined keeps the one that is there. */
  readonly lease: bigint | undefined
  readonly tellsFormer: boolean
}

export interface Delete {
  readonly do: 'del'
  readonly range: Range
  readonly tellsFormer: boolean
}

export type Operation = Get | Put | Delete

export type Outcome =
  | { readonly did: 'get'; readonly kvs: readonly KeyValue[]; readonly count: number; readonly more: boolean }
  | { readonly did: 'put'; readonly former: KeyValue | undefined }
  | { readonly did: 'del'; readonly deleted: number; readonly former: readonly KeyValue[] }

// ---------- what is asked for ----------

export function rangeOf(flags: Flags, [key, end]: readonly string[]): Range {
  const kind = (['prefix', 'from-key'] as const).find((name) => flags.has(name))
  if (kind && end !== undefined)
    refuseArgs('too many arguments, only accept one argument when `--prefix` or `--from-key` is set')
  return { key, end, kind: kind ?? (end === undefined ? 'one' : 'range') }
}

export const isIn = ({ key, end = '', kind }: Range, text: string): boolean => {
  if (kind === 'prefix') return text.startsWith(key)
  if (kind === 'from-key') return text >= key
  return kind === 'one' ? text === key : text >= key && text < end
}

export function readGet(flags: Flags, args: readonly string[]): Get {
  if (args.length === 0) refuseArgs('get command needs one argument as key and an optional argument as range_end')
  for (const [a, b] of [
    ['prefix', 'from-key'],
    ['keys-only', 'count-only'],
  ])
    if (flags.has(a) && flags.has(b)) refuseArgs(`\`--${a}\` and \`--${b}\` cannot be set at the same time, choose one`)
  return {
    do: 'get',
    range: rangeOf(flags, args),
    isSerializable: flags.get('consistency') === 's',
    revision: Number(flags.get('rev') ?? 0) || undefined,
    limit: Number(flags.get('limit') ?? 0) || Number.POSITIVE_INFINITY,
    sort: sortOf(flags),
    keysOnly: flags.has('keys-only'),
    countOnly: flags.has('count-only'),
  }
}

const sortable: Readonly<Record<string, (kv: KeyValue) => string | number>> = {
  KEY: ({ key }) => key,
  CREATE: ({ createRevision }) => createRevision,
  MODIFY: ({ modRevision }) => modRevision,
  VALUE: ({ value }) => value,
  VERSION: ({ version }) => version,
}

function sortOf(flags: Flags): Get['sort'] {
  const order = flags.get('order') ?? ''
  const target = flags.get('sort-by') ?? ''
  if (!['', 'ASCEND', 'DESCEND'].includes(order.toUpperCase()))
    throw new Failure(`bad sort order ${order}`, { code: exit.badFeature })
  if (target !== '' && !Object.hasOwn(sortable, target.toUpperCase()))
    throw new Failure(`bad sort target ${target}`, { code: exit.badFeature })
  if (order === '' && (target === '' || target.toUpperCase() === 'KEY')) return undefined
  const of = sortable[target.toUpperCase() || 'KEY']
  const sign = order.toUpperCase() === 'DESCEND' ? -1 : 1
  return (a, b) => (of(a) < of(b) ? -sign : of(a) > of(b) ? sign : 0)
}

/** @param stdin what there is to read, where the value is not among the words */
export function readPut(flags: Flags, args: readonly string[], stdin: string): Put {
  const wrong = 'put command needs 1 argument and input from stdin or 2 arguments'
  if (args.length === 0) refuseArgs(wrong)
  const keepsValue = flags.has('ignore-value')
  if (keepsValue && args.length > 1) refuseArgs("put command needs only 1 argument when 'ignore-value' is set")
  const value = args[1] ?? stdin
  if (!keepsValue && args.length < 2 && value === '') refuseArgs(wrong)
  return {
    do: 'put',
    key: args[0],
    value: keepsValue ? undefined : value,
    lease: flags.has('ignore-lease') ? undefined : readLease(flags.get('lease') ?? '0', 'bad lease ID'),
    tellsFormer: flags.has('prev-kv'),
  }
}

/** A number of sixteen digits. @param wrong what it is called when it is none */
export function readLease(text: string, wrong: string): bigint {
  if (!/^[0-9a-fA-F]{1,16}$/.test(text))
    refuseArgs(`${wrong} (strconv.ParseInt: parsing "${text}": invalid syntax), expecting ID in Hex`)
  return BigInt(`0x${text}`)
}

export function readDelete(flags: Flags, args: readonly string[]): Delete {
  if (args.length === 0 || args.length > 2)
    refuseArgs('del command needs one argument as key and an optional argument as range_end')
  if (flags.has('prefix') && flags.has('from-key'))
    refuseArgs('`--prefix` and `--from-key` cannot be set at the same time, choose one')
  return { do: 'del', range: rangeOf(flags, args), tellsFormer: flags.has('prev-kv') }
}

// ---------- what is done ----------

/** @throws Failure for what etcd refuses, before anything is done */
export function checkOperations({ store, leases }: Call['etcd'], operations: readonly Operation[]): void {
  const written = new Set<string>()
  for (const operation of operations) {
    if (operation.do !== 'put') continue
    const { key, lease, value } = operation
    if (key.startsWith('/registry/')) throw new Failure('podium keeps objects there, which the API server writes')
    if (written.has(key)) throw new Failure('etcdserver: duplicate key given in txn request')
    written.add(key)
    if (lease && !leases.get(lease)) throw new Failure(LEASE_NOT_FOUND)
    if (value === undefined && !find(store, key)) throw new Failure('etcdserver: key not found')
  }
}

const find = (store: ObjectStore, key: string): EtcdKey | undefined => rangeOfKeys(store, (text) => text === key)[0]

export function keyValueOf(
  store: ObjectStore,
  key: EtcdKey,
  revision = store.etcd.revision,
  hasValue = true,
): KeyValue {
  const { createRevision, version, revision: modRevision } = versionOfKey(store, key, revision)
  return {
    key: key.text,
    value: hasValue ? valueText(key) : '',
    createRevision,
    modRevision,
    version,
    lease: leaseOf(key),
  }
}

/** What is compared of it in a transaction. */
export function valueAt(store: ObjectStore, text: string): KeyValue | undefined {
  const key = find(store, text)
  return key && keyValueOf(store, key)
}

/** @param revision as of which the member that is asked tells of it @throws Failure for one that is not there any more, or not yet */
export function perform(store: ObjectStore, operation: Operation, revision: number): Outcome {
  switch (operation.do) {
    case 'get': {
      const at = operation.revision ?? revision
      if (at > store.etcd.revision) throw new Failure('etcdserver: mvcc: required revision is a future revision')
      if (operation.revision !== undefined && at < store.oldestRevision)
        throw new Failure(new CompactedError(store.oldestRevision).message)
      const found = rangeOfKeys(store, (text) => isIn(operation.range, text), at)
      const { sort, countOnly, keysOnly, limit } = operation
      // Values of what is not shown are not made, unless they are compared.
      const sorted = sort && found.map((key) => keyValueOf(store, key, at)).sort(sort)
      const shown = countOnly
        ? []
        : (sorted ?? found.slice(0, limit).map((key) => keyValueOf(store, key, at, !keysOnly)))
      const kvs = shown.slice(0, limit).map((kv) => (keysOnly ? { ...kv, value: '' } : kv))
      return { did: 'get', kvs, count: found.length, more: !countOnly && found.length > kvs.length }
    }
    case 'put': {
      const there = find(store, operation.key)
      const former = there && keyValueOf(store, there)
      putKey(store, operation.key, operation.value ?? former!.value, operation.lease ?? former?.lease)
      return { did: 'put', former: operation.tellsFormer ? former : undefined }
    }
    case 'del': {
      const found = rangeOfKeys(store, (text) => isIn(operation.range, text))
      const former = operation.tellsFormer ? found.map((key) => keyValueOf(store, key)) : []
      for (const key of found) removeKey(store, key)
      return { did: 'del', deleted: found.length, former }
    }
  }
}
