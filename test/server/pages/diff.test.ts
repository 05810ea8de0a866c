import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { diffLines } from '../../../server/pages/diff.ts'

const told = (older: string, newer: string) => diffLines(older, newer).map(({ kind, text }) => `${kind}: ${text}`)

test('a changed line is told as removed and added, with three lines around it', () => {
  const older = 'a\nb\nc\nd\nphase: Pending\ne\nf\ng\nh\ni\n'
  assert.deepEqual(told(older, older.replace('Pending', 'Running')), [
    'left out: 1 equal line',
    'same: b',
    'same: c',
    'same: d',
    'removed: phase: Pending',
    'added: phase: Running',
    'same: e',
    'same: f',
    'same: g',
    'left out: 2 equal lines',
  ])
})

test('equal texts differ in no line', () => {
  assert.deepEqual(told('a\nb\n', 'a\nb\n'), ['left out: 2 equal lines'])
  assert.deepEqual(told('', ''), [])
})

const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 30 }).map((lines) => lines.join('\n'))

test('what is removed and the same makes the older text, what is added and the same the newer', () => {
  fc.assert(
    fc.property(text, text, (older, newer) => {
      const diff = diffLines(older, newer)
      const left = (side: 'removed' | 'added') =>
        diff.flatMap(({ kind, text }) => (kind === 'left out' ? ['…'] : kind === 'same' || kind === side ? [text] : []))
      const isFound = (shown: string[], whole: string) => {
        const lines = whole === '' ? [] : whole.replace(/\n$/, '').split('\n')
        let at = 0
        for (const [n, line] of shown.entries()) {
          if (line === '…') {
            const gap = Number(
              /\d+/.exec(
                diff.filter(({ kind }) => kind === 'left out')[shown.slice(0, n).filter((l) => l === '…').length]!.text,
              )![0],
            )
            at += gap
          } else if (lines[at++] !== line) return false
        }
        return at === lines.length
      }
      return isFound(left('removed'), older) && isFound(left('added'), newer)
    }),
    { seed: 7 },
  )
})
