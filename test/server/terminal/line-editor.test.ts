/** Keys in a terminal and the line that they make. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { emptyLine, keysOf, type LineEvent, type LineState, pressKey } from '../../../server/terminal/line-editor.ts'

function type(input: string, state: LineState = emptyLine()) {
  const events: LineEvent[] = []
  for (const key of keysOf(input)) {
    const step = pressKey(state, key)
    state = step.state
    if (step.event) events.push(step.event)
  }
  return { state, events, text: state.text.join('') }
}

const left = '\x1b[D'
const up = '\x1b[A'
const down = '\x1b[B'

for (const [name, input, text, cursor] of [
  ['letters stand where the cursor is', `ac${left}b`, 'abc', 2],
  ['backspace takes the one before', 'abc\x7f', 'ab', 2],
  ['delete takes the one under the cursor', `abc${left}\x1b[3~`, 'ab', 2],
  ['Ctrl-A and Ctrl-E go to the ends', 'bc\x01a\x05d', 'abcd', 4],
  ['Ctrl-U takes all before the cursor, and Ctrl-Y puts it back', 'abc\x15x\x19', 'xabc', 4],
  ['Ctrl-K takes all behind the cursor', `abc${left}${left}\x0b`, 'a', 1],
  ['Ctrl-W takes a word', 'get pods web\x17', 'get pods ', 9],
  ['Ctrl-left goes a word back', 'get pods\x1b[1;5Dx', 'get xpods', 5],
  ['a letter of two units is one', 'a😀\x7fb', 'ab', 2],
  ['a sequence without a meaning is dropped', 'a\x1b[99zb', 'ab', 2],
] as const)
  test(name, () => {
    const typed = type(input)
    assert.equal(typed.text, text)
    assert.equal(typed.state.cursor, cursor)
  })

test('Enter gives the line and keeps it; pasted lines come one after the other', () => {
  const { events, state } = type('one\rtwo\r two\r')
  assert.deepEqual(events, [
    { kind: 'line', text: 'one' },
    { kind: 'line', text: 'two' },
    { kind: 'line', text: ' two' },
  ])
  // What begins with a space is not kept.
  assert.deepEqual(state.history, ['one', 'two'])
})

test('arrows walk through the history and come back to what was being typed', () => {
  const typed = type('one\rtwo\rthr')
  assert.equal(type(up, typed.state).text, 'two')
  assert.equal(type(up + up + up, typed.state).text, 'one')
  assert.equal(type(up + up + down + down, typed.state).text, 'thr')
})

test('Ctrl-R searches backwards, and Enter runs what was found', () => {
  const { state } = type('get pods\rget nodes\rapply\r')
  assert.equal(type('\x12get', state).text, 'get nodes')
  assert.equal(type('\x12get\x12', state).text, 'get pods')
  assert.deepEqual(type('\x12pods\r', state).events, [{ kind: 'line', text: 'get pods' }])
})

test('Ctrl-C, Ctrl-D, Ctrl-L and Tab are told', () => {
  assert.deepEqual(type('abc\x03').events, [{ kind: 'interrupt' }])
  assert.equal(type('abc\x03').text, '')
  assert.deepEqual(type('\x04').events, [{ kind: 'end' }])
  assert.deepEqual(type('a\x04').events, [])
  assert.deepEqual(type('\x0c').events, [{ kind: 'clear' }])
  assert.deepEqual(type('get po\t').events, [{ kind: 'complete', text: 'get po', cursor: 6 }])
})

test('whatever is typed, the cursor stands in the line', () => {
  const keys = [
    'a',
    ' ',
    left,
    '\x1b[C',
    up,
    down,
    '\x7f',
    '\x1b[3~',
    '\x17',
    '\x15',
    '\x0b',
    '\x19',
    '\r',
    '\x12',
    '\x04',
    '\x1b[1;5D',
    '\x1bf',
    '😀',
  ]
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...keys), { maxLength: 60 }), (typed) => {
      const { state } = type(typed.join(''))
      assert.ok(state.cursor >= 0 && state.cursor <= state.text.length)
      assert.ok(state.place >= 0 && state.place <= state.history.length)
    }),
  )
})
