/** The command that proves content, as authors call it. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

test('a word that no id holds is refused: nothing would be proven, and all would look well', () => {
  const run = (...words: string[]) =>
    spawnSync(process.execPath, ['--import', 'tsx', 'scripts/content-check.ts', '--runs', ...words], {
      cwd: root,
      encoding: 'utf8',
    })
  const { status, stderr, stdout } = run('crash-loop', 'challenges/crash-loop')
  assert.equal(status, 2)
  assert.match(stderr, /no challenge, lesson or question has challenges\/crash-loop in its id/)
  assert.equal(stdout, '')
})
