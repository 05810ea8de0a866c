import assert from 'node:assert/strict'
import { test } from 'node:test'
import { processTimeMs, watchProcessTime } from '../../server/process-time.ts'

const isLinux = process.platform === 'linux'

function compute(untilMs: number): void {
  const number = process.pid
  const before = processTimeMs(number)!
  while (processTimeMs(number)! - before < untilMs);
}

test('the computing time of a process is told, and not that of waiting', { skip: !isLinux }, async () => {
  const number = process.pid
  const before = processTimeMs(number)!
  compute(50)
  const after = processTimeMs(number)!
  assert.ok(after - before >= 50)
  await new Promise((go) => setTimeout(go, 200))
  assert.ok(processTimeMs(number)! - after < 150, 'sleeping is not computing')
})

test('nobody tells of a process that is not there', () => {
  assert.equal(processTimeMs(0), undefined)
  assert.equal(processTimeMs(2 ** 30), undefined)
})

test('a watch calls when the computing time is used up', { skip: !isLinux }, async () => {
  const overdue = new Promise<void>((resolve) => {
    watchProcessTime(process.pid, { cpuMs: 40, wallMs: 600_000 }, () => resolve())
  })
  compute(80)
  await overdue
})

test('a watch calls by the wall clock where nothing is computed, or nobody tells', async () => {
  const calls: string[] = []
  await Promise.all([
    new Promise<void>((resolve) => {
      watchProcessTime(process.pid, { cpuMs: 600_000, wallMs: 30 }, () => {
        calls.push('wall')
        resolve()
      })
    }),
    new Promise<void>((resolve) => {
      watchProcessTime(0, { cpuMs: 30, wallMs: 600_000 }, () => {
        calls.push('nobody')
        resolve()
      })
    }),
  ])
  assert.deepEqual(calls.sort(), ['nobody', 'wall'])
  const stop = watchProcessTime(0, { cpuMs: 1, wallMs: 1 }, () => calls.push('stopped'))
  stop()
  await new Promise((go) => setTimeout(go, 60))
  assert.equal(calls.length, 2)
})
