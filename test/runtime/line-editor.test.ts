import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LineEditor } from '../../sim/runtime/line-editor.ts'

/** What stands in the terminal's line in the end: enough of a terminal for what the editor sends. */
function screen(text: string): string {
  const cells: string[] = []
  let at = 0
  for (const [part, count, command] of text.replaceAll('\x1b', '␛').matchAll(/␛\[(\d*)([A-Z])|[\s\S]/g)) {
    if (command === 'J') cells.length = at
    else if (command === 'D') at -= Number(count)
    else if (command === 'C') at += Number(count)
    else if (command === 'H') at = 0
    else if (part === '\r') at = 0
    else if (part === '\b') at--
    else if (part !== '\n') cells[at++] = part
  }
  return cells.join('')
}

const up = '\x1b[A'
const down = '\x1b[B'
const left = '\x1b[D'
const right = '\x1b[C'
const cases = [
  { name: 'takes keys as they come', keys: 'ls -l', line: 'ls -l' },
  { name: 'inserts in the middle', keys: `ls${left}${left}x${right}y`, line: 'xlys' },
  { name: 'removes before and behind the cursor', keys: `abcd${left}${left}\x7f\x1b[3~`, line: 'ad' },
  { name: 'jumps to both ends', keys: 'bc\x01a\x05d\x1b[H.\x1b[F.', line: '.abcd.' },
  { name: 'kills words and rests', keys: `one two three\x17${left.repeat(4)}\x0b`, line: 'one ' },
  { name: 'kills what stands before the cursor', keys: `one two${left.repeat(3)}\x15`, line: 'two' },
  { name: 'recalls older lines, and the one that was begun', keys: `ne${up}${up}${down}${down}w`, line: 'new' },
  { name: 'edits a recalled line', keys: `${up}${up}\x01\x1b[3~X`, line: 'Xirst' },
  { name: 'stays at the oldest', keys: up.repeat(9), line: 'first' },
  { name: 'clears the screen and keeps the line', keys: 'abc\x0cd', line: 'abcd' },
  { name: 'leaves out keys that mean nothing to it', keys: `a\x1b[15~b\x1bOPc\td${down}`, line: 'abcd' },
]
for (const { name, keys, line } of cases)
  test(`the line editor ${name}`, () => {
    let echo = '$ '
    const editor = new LineEditor('$ ', ['first', 'second'], (text) => {
      echo += text
    })
    for (const key of keys) assert.equal(editor.press(key), undefined)
    assert.equal(screen(echo), `$ ${line}`)
    assert.equal(editor.press('\n'), `${line}\n`)
  })

test('Ctrl-D ends the input on an empty line only', () => {
  const editor = new LineEditor('', [], () => undefined)
  editor.press('a')
  assert.equal(editor.press('\x04'), undefined)
  editor.press('\x7f')
  assert.equal(editor.press('\x04'), '')
})
