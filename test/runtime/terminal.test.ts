import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Wait } from '../../sim/runtime/process.ts'
import { Terminal } from '../../sim/runtime/terminal.ts'

interface Rig {
  terminal: Terminal
  echo(): string
  signals: string[]
  read<T>(wait: Wait<T>): T[]
}

function aTerminal(): Rig {
  let echo = ''
  const signals: string[] = []
  const terminal = new Terminal({
    echo(text) {
      echo += text
    },
    signal: (signal) => signals.push(signal),
  })
  return {
    terminal,
    signals,
    echo: () => echo,
    read(wait) {
      const got: never[] = []
      wait.start((value) => got.push(value as never))
      return got
    },
  }
}

const lines = [
  { name: 'hands over a line at its end', keys: 'ls\r', line: 'ls\n', echo: 'ls\n' },
  { name: 'rubs out the last character', keys: 'lx\x7fs\r', line: 'ls\n', echo: 'lx\b \bs\n' },
  { name: 'rubs out the line', keys: 'abc\x15ls\r', line: 'ls\n', echo: `abc${'\b \b'.repeat(3)}ls\n` },
  { name: 'rubs out a word', keys: 'a bc \x17d\r', line: 'a d\n', echo: `a bc ${'\b \b'.repeat(3)}d\n` },
  { name: 'does not rub out what is not there', keys: '\x7f\x7fa\r', line: 'a\n', echo: 'a\n' },
  { name: 'hands over without newline at Ctrl-D', keys: 'ab\x04', line: 'ab', echo: 'ab' },
  { name: 'finds the end at Ctrl-D on an empty line', keys: '\x04', line: undefined, echo: '' },
  { name: 'shows control characters with a caret', keys: '\x1b[A\r', line: '\x1b[A\n', echo: '^[[A\n' },
]

for (const { name, keys, line, echo } of lines)
  test(`a terminal ${name}`, () => {
    const rig = aTerminal()
    const got = rig.read(rig.terminal.input.readLine())
    rig.terminal.type(keys)
    assert.deepEqual(got, [line])
    assert.equal(rig.echo(), echo)
  })

test('Ctrl-C is a signal and takes back what was typed', () => {
  const rig = aTerminal()
  rig.terminal.type('rm -r /\x03ls\r')
  assert.deepEqual(rig.signals, ['SIGINT'])
  assert.deepEqual(rig.read(rig.terminal.input.readLine()), ['ls\n'])
  assert.equal(rig.echo(), 'rm -r /^Cls\n')
})

test('the end at Ctrl-D is one end: who reads again may read on', () => {
  const rig = aTerminal()
  rig.terminal.type('a\rb\r\x04c\r')
  assert.deepEqual(rig.read(rig.terminal.input.readAll()), ['a\nb\n'])
  assert.deepEqual(rig.read(rig.terminal.input.readLine()), ['c\n'])
})

test('a terminal that nobody types at is at its end for good', () => {
  const rig = aTerminal()
  rig.terminal.hangUp()
  assert.deepEqual(rig.read(rig.terminal.input.readLine()), [undefined])
  assert.deepEqual(rig.read(rig.terminal.input.readLine()), [undefined])
})

test('another size is told by SIGWINCH', () => {
  const rig = aTerminal()
  rig.terminal.resize({ columns: 80, rows: 24 })
  rig.terminal.resize({ columns: 80, rows: 24 })
  assert.deepEqual(rig.signals, ['SIGWINCH'])
  assert.deepEqual(rig.terminal.input.size, { columns: 80, rows: 24 })
})
