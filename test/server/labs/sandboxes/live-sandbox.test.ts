/** A live sandbox by itself: how its clock goes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LiveSandbox, realWall } from '../../../../server/labs/sandboxes/live-sandbox.ts'

test('a paused clock goes on while a line runs, and stands again after it', async () => {
  const sandbox = new LiveSandbox(
    {
      options: { seed: 'paused', shape: { nodes: [{ name: 'node-1' }] } },
      log: [],
      clock: { speed: 0, wallMs: Date.now(), virtualMs: 0 },
    },
    realWall,
  )
  // The sandbox's own alarms keep no process alive.
  const alive = setInterval(() => undefined, 1000)
  try {
    const result = await new Promise<{ stdout: string }>((done) => {
      sandbox.begin({ op: 'kubectl', line: 'kubectl get nodes' }, done, () => undefined)
    })
    assert.match(result.stdout, /node-1 +Ready/)
    const stoodAt = sandbox.cluster.nowMs
    assert.ok(stoodAt >= 80)
    await new Promise((done) => setTimeout(done, 50))
    sandbox.catchUp()
    assert.equal(Math.floor(sandbox.cluster.nowMs), Math.floor(stoodAt))
  } finally {
    clearInterval(alive)
    sandbox.close()
  }
})

test('a paused clock that is put ahead while a line runs stands there afterwards', async () => {
  const sandbox = new LiveSandbox(
    {
      options: { seed: 'paused', shape: { nodes: [{ name: 'node-1' }] } },
      log: [],
      clock: { speed: 0, wallMs: Date.now(), virtualMs: 0 },
    },
    realWall,
  )
  const alive = setInterval(() => undefined, 1000)
  try {
    const ended = new Promise((done) => {
      sandbox.begin({ op: 'kubectl', line: 'kubectl get nodes' }, done, () => undefined)
    })
    sandbox.skip(60_000)
    await ended
    while (!sandbox.catchUp());
    assert.ok(sandbox.cluster.nowMs >= 60_000)
  } finally {
    clearInterval(alive)
    sandbox.close()
  }
})

test('a line that runs when a budget is used up ends, and says why', async () => {
  const sandbox = new LiveSandbox(
    {
      options: { seed: 'budget', shape: { nodes: [{ name: 'node-1' }] }, limits: { virtualMs: 30_000 } },
      log: [],
      clock: { speed: 1, wallMs: Date.now(), virtualMs: 0 },
    },
    realWall,
  )
  const alive = setInterval(() => undefined, 1000)
  try {
    let printed = ''
    const result = await new Promise<{ exit: number }>((done) => {
      sandbox.begin({ op: 'kubectl', line: 'kubectl get pods -w' }, done, (_, text) => {
        printed += text
      })
      sandbox.setSpeed(3600)
    })
    assert.equal(result.exit, 1)
    assert.match(printed, /error: .*Branch it at an earlier moment, or reset it/)
  } finally {
    clearInterval(alive)
    sandbox.close()
  }
})
