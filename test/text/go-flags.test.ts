/** What the real programs of v1.36.2 and etcd say of flags like these. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { knownFlags } from '../../sim/components/known-flags.ts'
import { type FlagNames, goFlagStyle, pflagStyle, readFlags } from '../../sim/text/go-flags.ts'

const known: FlagNames = knownFlags['kube-apiserver']

const read = (...words: string[]) => {
  const found = readFlags(words, known, pflagStyle)
  return 'error' in found ? found.error : { ...Object.fromEntries(found.flags), _: found.positional.join(' ') }
}

const cases: readonly { name: string; words: string[]; gives: unknown }[] = [
  { name: 'a value behind =', words: ['--secure-port=6443'], gives: { 'secure-port': '6443', _: '' } },
  { name: 'a value in the next word', words: ['--secure-port', '6443'], gives: { 'secure-port': '6443', _: '' } },
  { name: 'true without a value', words: ['--allow-privileged', 'x'], gives: { 'allow-privileged': 'true', _: 'x' } },
  { name: 'the last one wins', words: ['--v=1', '--v=2'], gives: { v: '2', _: '' } },
  { name: 'a short one', words: ['-v', '4'], gives: { v: '4', _: '' } },
  { name: 'underscores', words: ['--secure_port=1'], gives: { 'secure-port': '1', _: '' } },
  { name: 'an empty value', words: ['--etcd-servers='], gives: { 'etcd-servers': '', _: '' } },
  { name: 'what comes after --', words: ['--', '--nosuch'], gives: { _: '--nosuch' } },
  { name: 'one that is not known', words: ['--nosuch=1'], gives: 'unknown flag: --nosuch' },
  {
    name: 'a long one behind a single dash',
    words: ['-secure-port=1'],
    gives: "unknown shorthand flag: 's' in -secure-port=1",
  },
  { name: 'help', words: ['-h'], gives: { help: 'true', _: '' } },
  { name: 'one without its value', words: ['--secure-port'], gives: 'flag needs an argument: --secure-port' },
  {
    name: 'no bool',
    words: ['--allow-privileged=ture'],
    gives: 'invalid argument "ture" for "--allow-privileged" flag: strconv.ParseBool: parsing "ture": invalid syntax',
  },
  {
    name: 'no number',
    words: ['--secure-port=abc'],
    gives: 'invalid argument "abc" for "--secure-port" flag: strconv.ParseInt: parsing "abc": invalid syntax',
  },
  {
    name: 'no address',
    words: ['--advertise-address=999'],
    gives: 'invalid argument "999" for "--advertise-address" flag: failed to parse IP: "999"',
  },
  { name: 'a name that every object has', words: ['--constructor=1'], gives: 'unknown flag: --constructor' },
]
for (const { name, words, gives } of cases) test(`flags: ${name}`, () => assert.deepEqual(read(...words), gives))

const ofEtcd: readonly [string, string][] = [
  ['--nosuch=1', 'flag provided but not defined: -nosuch'],
  ['--client-cert-auth=ture', 'invalid boolean value "ture" for -client-cert-auth: parse error'],
  ['--snapshot-count=abc', 'invalid value "abc" for flag -snapshot-count: parse error'],
]
for (const [word, gives] of ofEtcd)
  test(`flags of etcd: ${word}`, () =>
    assert.deepEqual(readFlags([word], knownFlags.etcd, goFlagStyle), { error: gives }))

test('every flag is listed once', () => {
  for (const [program, types] of Object.entries(knownFlags)) {
    const names = Object.values(types).flat()
    assert.equal(new Set(names).size, names.length, program)
  }
})
