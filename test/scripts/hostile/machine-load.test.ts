import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { besideOthers, busyMsOf } from '../../../scripts/hostile/machine-load.ts'

test('what a machine was busy with is all but idle and waiting, in milliseconds', () => {
  const stat = 'cpu  100 20 30 5000 700 1 2 3 50 0\ncpu0 50 10 15 2500 350 1 1 1 25 0\nintr 1\n'
  assert.equal(busyMsOf(stat), (100 + 20 + 30 + 1 + 2 + 3) * 10)
})

for (const stat of ['', 'cpu\n', 'cpu  a b c d e f g h\n', 'cpu0 1 2 3 4 5 6 7 8\n'])
  test(`from ${JSON.stringify(stat)} nothing is read`, () => assert.equal(busyMsOf(stat), undefined))

test('what another process takes is others; what those take that are measured is not', {
  skip: !existsSync('/proc/stat') && 'this system has no /proc/stat',
}, async () => {
  const busy = spawn(process.execPath, ['-e', 'for (;;);'])
  try {
    const own = async () => process.cpuUsage().user / 1000
    const pause = () => new Promise<string>((done) => setTimeout(() => done('done'), 1000))
    const { done, others } = await besideOthers(own, pause)
    assert.equal(done, 'done')
    assert.ok(others > 0.3, `${others} processors`)
    let ownMs = 0
    const counted = await besideOthers(async () => (ownMs += 1_000_000), pause)
    assert.equal(counted.others, 0)
  } finally {
    busy.kill()
  }
})
