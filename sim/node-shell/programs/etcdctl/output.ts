/** How etcdctl prints what etcd answers. Sources: etcdctl/ctlv3/command/printer_simple.go, printer_fields.go, printer_json.go */
import { encodeBase64Text } from '../../../api/meta/base64.ts'
import type { MemberStatus } from '../../../etcd/members.ts'
import { goQuote } from '../../../text/go-quote.ts'
import { printTable } from '../../etcd-table.ts'
import { type Call, exit, Failure } from './call.ts'

/** Of a response: from whom it is, and as of when. */
export interface Header {
  readonly cluster_id: bigint
  readonly member_id: bigint
  readonly revision?: number
  readonly raft_term: number
}

export interface KeyValue {
  readonly key: string
  readonly value: string
  readonly createRevision: number
  readonly modRevision: number
  readonly version: number
  readonly lease: bigint
}

export const idOf = (hex: string): bigint => BigInt(`0x${hex}`)

export const headerOf = ({ etcd }: Call, { id, term }: MemberStatus, revision?: number): Header => ({
  cluster_id: idOf(etcd.members.clusterId),
  member_id: idOf(id),
  ...(revision === undefined ? {} : { revision }),
  raft_term: term,
})

/** @throws Failure for a form that this answer has not */
export function unsupported({ output }: Call): never {
  throw new Failure(`${output} not supported as output format`, { code: exit.badFeature })
}

/** JSON in one line, with integers of any size. */
export function sayJson({ process }: Call, value: unknown): void {
  process.stdout.write(`${json(value)}\n`)
}

function json(value: unknown): string {
  if (typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) return `[${value.map(json).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${json(member)}`).join(',')}}`
}

/** Members that a Go struct leaves out when they are empty. */
export const given = (members: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== 0 && value !== 0n && value !== '' && value !== false),
  )

export const jsonOf = ({ key, value, createRevision, modRevision, version, lease }: KeyValue): object =>
  given({
    key: encodeBase64Text(key),
    create_revision: createRevision,
    mod_revision: modRevision,
    version,
    value: encodeBase64Text(value),
    lease,
  })

/** Lines of `"Name" : value`. */
export function sayFields({ process }: Call, fields: readonly (readonly [string, unknown])[]): void {
  process.stdout.write(fields.map(([name, value]) => `"${name}" : ${value}\n`).join(''))
}

/** The same, with an empty line behind them: one of several things. */
export function sayBlock(call: Call, fields: readonly (readonly [string, unknown])[]): void {
  sayFields(call, fields)
  call.process.stdout.write('\n')
}

export const headerFields = ({ cluster_id, member_id, revision, raft_term }: Header): [string, unknown][] => [
  ['ClusterID', cluster_id],
  ['MemberID', member_id],
  ...(revision === undefined ? [] : [['Revision', revision] as [string, unknown]]),
  ['RaftTerm', raft_term],
]

export const fieldsOf = (kv: KeyValue, prefix = ''): [string, unknown][] => [
  [`${prefix}Key`, goQuote(kv.key)],
  [`${prefix}CreateRevision`, kv.createRevision],
  [`${prefix}ModRevision`, kv.modRevision],
  [`${prefix}Version`, kv.version],
  [`${prefix}Value`, goQuote(kv.value)],
  [`${prefix}Lease`, kv.lease],
]

export const simpleOf = ({ key, value }: KeyValue, isValueOnly = false): string =>
  `${isValueOnly ? '' : `${key}\n`}${value}\n`

/** A table, or a line for each row. */
export function sayRows(call: Call, titles: readonly string[], rows: readonly (readonly string[])[]): void {
  const { output, process } = call
  const isTable = output === 'table'
  process.stdout.write(isTable ? printTable(titles, rows) : rows.map((row) => `${row.join(', ')}\n`).join(''))
}
