/**
 * A transaction: what is compared, and what is done when all of it holds or not, in lines with an empty one behind each part. Simplified:
 * each write makes a revision of its own. Source: etcdctl/ctlv3/command/txn_command.go; etcd server/etcdserver/txn
 */
import { type Process, type Wait, waitFor } from '../../../runtime/process.ts'
import { goQuote, goUnquote } from '../../../text/go-quote.ts'
import { AGREED_MS, answering, type Call, exit, Failure, type Run, refuseArgs } from './call.ts'
import { readFlags } from './flags.ts'
import { checkOperations, type Operation, perform, readDelete, readGet, readPut, valueAt } from './operations.ts'
import { tellTransaction } from './outcomes.ts'
import { headerOf, type KeyValue } from './output.ts'

type Compare = (find: (key: string) => KeyValue | undefined) => boolean

export function* txn(call: Call): Run {
  const { args, flags, etcd, process } = call
  if (args.length > 0) refuseArgs('txn command does not accept argument')
  const prompt = (text: string): void => {
    if (flags.has('i') || flags.has('interactive')) process.stdout.write(`${text}\n`)
  }
  prompt('compares:')
  const compares = yield* readPart(process, readCompare)
  prompt('success requests (get, put, del):')
  const success = yield* readPart(process, readOperation)
  prompt('failure requests (get, put, del):')
  const failure = yield* readPart(process, readOperation)
  const member = answering(call, true)
  checkOperations(etcd, success)
  checkOperations(etcd, failure)
  const succeeded = compares.every((holds) => holds((key) => valueAt(etcd.store, key)))
  const done = (succeeded ? success : failure).map((operation) => {
    const outcome = perform(etcd.store, operation, etcd.store.etcd.revision)
    return { outcome, revision: etcd.store.etcd.revision }
  })
  const { revision } = etcd.store.etcd
  yield* waitFor(process.sleep(AGREED_MS))
  tellTransaction(call, headerOf(call, member, revision), succeeded, done)
  return 0
}

function* readPart<T>(process: Process, read: (line: string) => T): Generator<Wait, T[], unknown> {
  const found: T[] = []
  for (;;) {
    const line = yield* waitFor(process.stdin.readLine())
    if (!line?.endsWith('\n')) throw new Failure('EOF', { code: exit.invalidInput })
    const text = line.trim()
    if (text === '') return found
    found.push(read(text))
  }
}

const malformed = (message: string): never => {
  throw new Failure(message, { code: exit.invalidInput })
}

const numbers: Readonly<Record<string, (kv: KeyValue | undefined) => bigint>> = {
  version: (kv) => BigInt(kv?.version ?? 0),
  create: (kv) => BigInt(kv?.createRevision ?? 0),
  mod: (kv) => BigInt(kv?.modRevision ?? 0),
  lease: (kv) => kv?.lease ?? 0n,
}
const shortNames: Readonly<Record<string, string>> = { ver: 'version', c: 'create', m: 'mod', val: 'value' }

/** `mod("key1") > "0"` */
function readCompare(line: string): Compare {
  if (!line.includes('(')) malformed(`malformed comparison: ${line}`)
  const target = line.slice(0, line.indexOf('('))
  const literal = '("(?:[^"\\\\]|\\\\.)*")'
  const match = new RegExp(`^\\(${literal}\\) +(\\S+) +${literal}`).exec(line.slice(target.length))
  const [key, value] = [match?.[1], match?.[3]].map((text) => (text === undefined ? undefined : goUnquote(text)))
  if (!match || key === undefined || value === undefined)
    return malformed(`malformed comparison: ${line}; got ${target}(${goQuote(key ?? '')}) ${match?.[2] ?? ''} ""`)
  const name = shortNames[target] ?? target
  const holds = comparisons[match[2]]
  if (!holds) throw new Failure('podium knows the comparisons =, !=, > and <', { code: exit.invalidInput })
  // What is not there has no value, not an empty one.
  if (name === 'value')
    return (find) => {
      const there = find(key)
      return there !== undefined && holds(there.value, value)
    }
  const of = Object.hasOwn(numbers, name) ? numbers[name] : undefined
  if (!of) return malformed(`malformed comparison: ${line} (unknown target ${target})`)
  if (!(name === 'lease' ? /^[0-9a-fA-F]{1,16}$/ : /^[+-]?\d{1,19}$/).test(value))
    return malformed(`invalid txn compare request: ${line}`)
  const number = BigInt(name === 'lease' ? `0x${value}` : value.replace('+', ''))
  return (find) => holds(of(find(key)), number)
}

type Ordered = string | bigint
const comparisons: Readonly<Record<string, (a: Ordered, b: Ordered) => boolean>> = {
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
}

/** `put key1 "some words"` */
function readOperation(line: string): Operation {
  const words = (line.match(/"(?:[^"\\]|\\.)*"|'[^']*'|[^'"\s]\S*/g) ?? []).map((word) => {
    if (word.startsWith("'")) return word.slice(1, -1)
    return word.startsWith('"') ? (goUnquote(word) ?? word) : word
  })
  if (words.length < 2) malformed(`invalid txn compare request: ${line}`)
  const { flags, args } = readFlags(words.slice(1), {})
  switch (words[0]) {
    case 'put':
      return readPut(flags, args, '')
    case 'get':
      return readGet(flags, args)
    case 'del':
      return readDelete(flags, args)
    default:
      return malformed(`invalid txn request: ${line}`)
  }
}
