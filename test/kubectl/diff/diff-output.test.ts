/** Hunks are those of GNU diff, whose own program is asked where there is one. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { normalChanges, unifiedHunks } from '../../../sim/kubectl/diff/diff-output.ts'

const program = 'diff'
const isGnu = /GNU diffutils/.test(spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout ?? '')
const needsDiff = isGnu ? {} : { skip: 'there is no GNU diff here' }
const folder = mkdtempSync(join(tmpdir(), 'diff-'))
after(() => rmSync(folder, { recursive: true }))

function gnuDiff(old: string, now: string, ...options: string[]): string {
  writeFileSync(join(folder, 'old'), old)
  writeFileSync(join(folder, 'new'), now)
  const { stdout } = spawnSync(program, [...options, 'old', 'new'], { cwd: folder, encoding: 'utf8' })
  return stdout.replace(/^---.*\n\+\+\+.*\n/, '')
}

const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')

test('a change is shown with three lines around it, and two that are near in one hunk', () => {
  const old = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n']
  const now = ['a', 'B', 'c', 'd', 'e', 'f', 'g', 'h', 'I', 'j', 'k', 'l', 'm', 'n']
  const text = '@@ -1,12 +1,12 @@\n a\n-b\n+B\n c\n d\n e\n f\n g\n h\n-i\n+I\n j\n k\n l\n'
  assert.equal(unifiedHunks(textOf(old), textOf(now), 3), text)
})

test('what is new or gone as a whole counts from zero', () => {
  assert.equal(unifiedHunks('', 'a\nb\n', 3), '@@ -0,0 +1,2 @@\n+a\n+b\n')
  assert.equal(unifiedHunks('a\n', '', 3), '@@ -1 +0,0 @@\n-a\n')
  assert.equal(unifiedHunks('a\n', 'a\n', 3), '')
})

test('the normal form has a command for each change', () => {
  assert.equal(normalChanges('a\nb\nc\n', 'x\na\nc\nd\ne\n'), '0a1\n> x\n2d2\n< b\n3a4,5\n> d\n> e\n')
})

/** Lines of manifests: many stand several times, some only once. */
const line = fc.oneof(
  fc.constantFrom(
    '- name: a',
    '  image: x',
    'metadata:',
    '  labels:',
    '    app: web',
    'spec:',
    '',
    '  ports:',
    '- port: 80',
  ),
  fc.nat(40).map((n) => `  key-${n}: v`),
)
const lines = fc.array(line, { maxLength: 90 })

/** A text and what some edits make of it. */
const edited = fc
  .tuple(lines, fc.array(fc.tuple(fc.nat(100), fc.nat(4), fc.array(line, { maxLength: 5 })), { maxLength: 6 }))
  .map(([old, edits]) => {
    const now = [...old]
    for (const [at, gone, fresh] of edits) now.splice(Math.min(at, now.length), gone, ...fresh)
    return [old, now] as const
  })

for (const [name, pairs, numRuns] of [
  ['edited manifests', edited, 250],
  ['any two texts', fc.tuple(lines, lines), 250],
] as const)
  test(`hunks of ${name} are GNU diff's`, needsDiff, () => {
    fc.assert(
      fc.property(pairs as fc.Arbitrary<readonly [string[], string[]]>, fc.nat(4), ([a, b], context) => {
        const [old, now] = [textOf(a), textOf(b)]
        assert.equal(unifiedHunks(old, now, context), gnuDiff(old, now, `-U${context}`))
        assert.equal(normalChanges(old, now), gnuDiff(old, now))
      }),
      { seed: 7, numRuns },
    )
  })
