import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Flag, parseFlags } from '../../sim/kubectl/flags.ts'

const flags: Flag[] = [
  { name: 'namespace', short: 'n', type: 'string', help: '' },
  { name: 'all-namespaces', short: 'A', type: 'bool', help: '' },
  { name: 'watch', short: 'w', type: 'bool', help: '' },
  { name: 'replicas', short: 'r', type: 'int', default: -1, help: '' },
  { name: 'timeout', type: 'duration', default: 30_000, help: '' },
  { name: 'label-columns', short: 'L', type: 'list', help: '' },
  { name: 'from-literal', type: 'array', help: '' },
  { name: 'dry-run', type: 'string', default: 'none', bare: 'unchanged', help: '' },
]
const parse = (...words: string[]) => parseFlags(words, flags, 'kubectl x')

test('flags and arguments may be mixed, and what follows -- is kept apart', () => {
  const { flags: values, args, afterDash } = parse('pods', '-n', 'scn', 'web', '--', 'sh', '-c', 'x')
  assert.equal(values.string('namespace'), 'scn')
  assert.deepEqual(args, ['pods', 'web'])
  assert.deepEqual(afterDash, ['sh', '-c', 'x'])
})

test('a value may be joined by =, and to a short flag directly', () => {
  assert.equal(parse('--namespace=a=b').flags.string('namespace'), 'a=b')
  assert.equal(parse('-nscn').flags.string('namespace'), 'scn')
  assert.equal(parse('-n=scn').flags.string('namespace'), 'scn')
})

test('short switches may be written together, the last with its value', () => {
  const { flags: values } = parse('-Awn', 'scn')
  assert.ok(values.bool('all-namespaces') && values.bool('watch'))
  assert.equal(values.string('namespace'), 'scn')
})

test('lists split at commas and add up, arrays only add up', () => {
  const { flags: values } = parse('-L', 'a,b', '-L', 'c', '--from-literal=a=1,2', '--from-literal', 'b=3')
  assert.deepEqual(values.list('label-columns'), ['a', 'b', 'c'])
  assert.deepEqual(values.list('from-literal'), ['a=1,2', 'b=3'])
})

test('a flag with a bare value takes another only after =', () => {
  const { flags: values, args } = parse('--dry-run', 'client')
  assert.equal(values.string('dry-run'), 'unchanged')
  assert.deepEqual(args, ['client'])
  assert.equal(parse('--dry-run=client').flags.string('dry-run'), 'client')
})

test('defaults count until a flag is given', () => {
  assert.equal(parse().flags.number('timeout'), 30_000)
  assert.equal(parse('--timeout=1m30s').flags.number('timeout'), 90_000)
  assert.equal(parse().flags.has('replicas'), false)
})

const errors = [
  { words: ['--foo'], want: 'unknown flag: --foo' },
  { words: ['-wZ'], want: "unknown shorthand flag: 'Z' in -wZ" },
  { words: ['--namespace'], want: 'flag needs an argument: --namespace' },
  { words: ['-n'], want: "flag needs an argument: 'n' in -n" },
  {
    words: ['--replicas=x'],
    want: 'invalid argument "x" for "-r, --replicas" flag: strconv.ParseInt: parsing "x": invalid syntax',
  },
  {
    words: ['--watch=maybe'],
    want: 'invalid argument "maybe" for "-w, --watch" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
  },
  { words: ['--timeout=5'], want: 'invalid argument "5" for "--timeout" flag: time: missing unit in duration "5"' },
]
for (const { words, want } of errors) {
  test(`${words.join(' ')} is refused as kubectl refuses it`, () => {
    assert.throws(
      () => parse(...words),
      (error: Error) => error.message === `${want}\nSee 'kubectl x --help' for usage.`,
    )
  })
}
