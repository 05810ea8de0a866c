import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FeedRunner, feedLines } from '../../../server/terminal/feed.ts'
import { shellLimits } from '../../../server/terminal/limits.ts'
import { ShellFiles } from '../../../server/terminal/shell-files.ts'

test('a pipeline that is fed without end ends, and says why', async () => {
  const printed = { stdout: '', stderr: '' }
  const runner: FeedRunner = {
    write: (stream, text) => {
      printed[stream] += text
    },
    run: async (_, stdin = '') => ({ stdout: stdin.slice(0, 4), stderr: '', exitCode: 0 }),
  }
  const feed = feedLines({ filters: ['grep abc'] }, new ShellFiles(1 << 20), runner)
  feed.write('abc\n')
  for (let length = 0; length <= shellLimits.maxOutputSize; length += 1 << 20) feed.write('x'.repeat(1 << 20))
  await feed.isEnough
  assert.equal(await feed.end(), 1)
  assert.deepEqual(printed, { stdout: 'abc\n', stderr: 'bash: a pipeline takes 8388608 characters\n' })
})
