/** What an operation or a transaction did, as etcdctl prints it. Sources: its printers, see `output.ts` */
import type { Call } from './call.ts'
import type { Outcome } from './operations.ts'
import {
  fieldsOf,
  given,
  type Header,
  headerFields,
  jsonOf,
  type KeyValue,
  sayFields,
  sayJson,
  simpleOf,
  unsupported,
} from './output.ts'

/** What an operation did. */
export function tellOutcome(call: Call, header: Header, outcome: Outcome): void {
  const { output } = call
  if (output === 'table') unsupported(call)
  else if (output === 'json') sayJson(call, answerOf(header, outcome))
  else if (output === 'fields') sayFields(call, [...headerFields(header), ...fieldsOfOutcome(outcome)])
  else call.process.stdout.write(simpleOutcome(outcome, call.flags.has('print-value-only')))
}

function simpleOutcome(outcome: Outcome, isValueOnly = false): string {
  const print = (kvs: readonly KeyValue[]): string => kvs.map((kv) => simpleOf(kv, isValueOnly)).join('')
  if (outcome.did === 'get') return print(outcome.kvs)
  if (outcome.did === 'put') return `OK\n${print(outcome.former ? [outcome.former] : [])}`
  return `${outcome.deleted}\n${print(outcome.former)}`
}

function answerOf(header: Header | { revision: number }, outcome: Outcome): object {
  if (outcome.did === 'get') {
    const { kvs, count, more } = outcome
    return { header, ...(kvs.length > 0 ? { kvs: kvs.map(jsonOf) } : {}), ...given({ more, count }) }
  }
  if (outcome.did === 'put') return { header, ...(outcome.former ? { prev_kv: jsonOf(outcome.former) } : {}) }
  const { deleted, former } = outcome
  return { header, ...given({ deleted }), ...(former.length > 0 ? { prev_kvs: former.map(jsonOf) } : {}) }
}

function fieldsOfOutcome(outcome: Outcome): [string, unknown][] {
  if (outcome.did === 'get')
    return [...outcome.kvs.flatMap((kv) => fieldsOf(kv)), ['More', outcome.more], ['Count', outcome.count]]
  if (outcome.did === 'put') return outcome.former ? fieldsOf(outcome.former, 'Prev') : []
  return [['Deleted', outcome.deleted], ...outcome.former.flatMap((kv) => fieldsOf(kv, 'Prev'))]
}

/** What a transaction did, each answer with the revision that it led to. */
export function tellTransaction(
  call: Call,
  header: Header,
  succeeded: boolean,
  done: readonly { outcome: Outcome; revision: number }[],
): void {
  const { output, process } = call
  const nameOf = { get: 'response_range', put: 'response_put', del: 'response_delete_range' }
  if (output === 'table') unsupported(call)
  else if (output === 'json') {
    const responses = done.map(({ outcome, revision }) => ({
      Response: { [nameOf[outcome.did]]: answerOf({ revision }, outcome) },
    }))
    sayJson(call, { header, ...given({ succeeded }), ...(responses.length > 0 ? { responses } : {}) })
  } else if (output === 'fields') {
    const inner = done.flatMap(({ outcome, revision }) => [
      ...headerFields({ cluster_id: 0n, member_id: 0n, revision, raft_term: 0 }),
      ...fieldsOfOutcome(outcome),
    ])
    sayFields(call, [...headerFields(header), ['Succeeded', succeeded], ...inner])
  } else
    process.stdout.write(
      `${succeeded ? 'SUCCESS' : 'FAILURE'}\n${done.map(({ outcome }) => `\n${simpleOutcome(outcome)}`).join('')}`,
    )
}
